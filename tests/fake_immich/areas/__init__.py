"""The areas of Immich, one module each; every module here is loaded by itself."""
