"""The album that a call wants to fill: found by name or id, or made once there is something to put in."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from homeassistant.util.json import JsonObjectType

from ..api import Immich
from ..api.album import Album
from ..api.albums import AddResult
from ..api.errors import ImmichError, ImmichNotFoundError
from ..api.ids import as_id
from ..errors import failure, mistake
from ..names import album_named, find

# Two calls at the same moment that want the same new album make one.
_MAKING: Final[WeakKeyDictionary[Immich, asyncio.Lock]] = WeakKeyDictionary()


@dataclass(slots=True, kw_only=True)
class Target:
    """The album that a call wants to fill: found, or to be made once there is something to put in."""

    name: str
    album: Album | None
    created: bool = False

    async def add(self, client: Immich, asset_ids: Sequence[str]) -> dict[str, AddResult]:
        """Put assets in, and tell what became of each; the album is made now if it doesn't exist yet."""
        album = self.album or await self._make(client)
        try:
            return await client.albums.add_assets(album.id, asset_ids)
        except ImmichNotFoundError as error:
            raise failure("album_read_only", album=album.name) from error

    async def _make(self, client: Immich) -> Album:
        async with _MAKING.setdefault(client, asyncio.Lock()):
            found = _named(await client.albums.list(), self.name)
            self.created = not found
            self.album = found[0] if found else await client.albums.create(self.name)
        return self.album

    async def take_back(self, client: Immich) -> None:
        """Delete the album if it was made for this call and nothing came into it."""
        if self.created and self.album is not None:
            # What was asked for has failed already; an empty album is the smaller trouble.
            with suppress(ImmichError):
                await client.albums.delete(self.album.id)

    def response(self) -> JsonObjectType | None:
        """Return the album for a response; None if it was never needed."""
        if self.album is None:
            return None
        return {"id": self.album.id, "name": self.album.name, "created": self.created}


async def async_find_target(client: Immich, name_or_id: str, *, create: bool) -> Target:
    """Find the album that is meant by a name or an id.

    Two albums of one name, or none (unless it may be made), are the caller's mistake, and the error lists
    what there is.
    """
    wanted = name_or_id.strip()
    if not wanted:
        raise mistake("album_empty")
    albums = await client.albums.list()
    if create and as_id(wanted) is None and not _named(albums, wanted):
        return Target(name=wanted, album=None)
    found = album_named(albums, wanted)
    return Target(name=found.name, album=found)


def _named(albums: Sequence[Album], wanted: str) -> list[Album]:
    return find(albums, wanted, lambda album: album.id, lambda album: album.name)
