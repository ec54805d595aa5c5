"""Listening to what Immich announces, and looking for what it doesn't while somebody wants to know."""
