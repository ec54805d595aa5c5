"""Polling: one small coordinator for each rhythm, on one base."""
