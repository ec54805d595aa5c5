"""Tests of the fake Immich itself."""
