"""Ids of albums, assets, people and tags: lower-case UUIDs. Nothing else may become part of a URL path."""

import re
from typing import Final

from .errors import ImmichNotFoundError

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def as_id(value: str) -> str | None:
    """Return `value` as Immich writes ids (an upper-case one is "not found" there), or None if it is none."""
    lowered = value.strip().lower()
    return lowered if _UUID.fullmatch(lowered) else None


def need_id(value: str) -> str:
    """Return `value` as an id, or raise ImmichNotFoundError: nothing can be found under anything else."""
    if (found := as_id(value)) is None:
        raise ImmichNotFoundError("not an Immich id")
    return found
