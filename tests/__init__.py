"""Tests of Immich Plus."""
