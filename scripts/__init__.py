"""Programs for people who work on Immich Plus."""
