"""The media browser: how folders are named, what is in them, and how large ones are divided."""
