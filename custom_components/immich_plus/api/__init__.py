"""Immich over HTTP: typed, asynchronous, knows nothing of Home Assistant."""

from .client import Immich

__all__ = ["Immich"]
