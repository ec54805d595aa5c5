"""The journeys of the other tests, on a real Immich: see scripts/test --live."""
