"""The webhook that Immich's own workflows call, for those who switched it on."""
