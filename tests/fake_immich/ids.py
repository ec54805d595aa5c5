"""Ids that stay the same over restarts."""

from hashlib import md5
from uuid import UUID


def stable_id(text: str) -> str:
    """Return the version 4 UUID that a name always gets."""
    return str(UUID(bytes=md5(text.encode(), usedforsecurity=False).digest(), version=4))
