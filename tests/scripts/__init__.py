"""Tests of what the scripts share."""
