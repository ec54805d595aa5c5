"""Downloads: pictures and films of the library as files on Home Assistant's disk."""
