"""Uploads: where bytes come from, and how they reach the server once."""
