"""Albums by name or id, as actions take them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import difflib
from typing import Final
from weakref import WeakKeyDictionary

from homeassistant.util.json import JsonObjectType

from ..api import Immich
from ..api.albums import AddResult, Album
from ..api.errors import ImmichNotFoundError
from ..api.ids import as_id
from ..errors import failure, mistake

# Candidates that an error lists.
_CANDIDATES: Final = 5
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

    def response(self) -> JsonObjectType | None:
        """Return the album for a response; None if it was never needed."""
        if self.album is None:
            return None
        return {"id": self.album.id, "name": self.album.name, "created": self.created}


async def async_find_target(client: Immich, name_or_id: str, *, create: bool) -> Target:
    """Find the album that is meant by a name or an id.

    A name counts as written, else in any letter case. Two albums of one name, or none (unless it may be
    made), are the caller's mistake, and the error lists what there is.
    """
    wanted = name_or_id.strip()
    if not wanted:
        raise mistake("album_empty")
    albums = await client.albums.list()
    if (album_id := as_id(wanted)) is not None:
        if (found := next((album for album in albums if album.id == album_id), None)) is None:
            raise mistake("album_unknown", album=wanted, candidates=_listed(albums, wanted))
        return Target(name=found.name, album=found)
    matches = _named(albums, wanted)
    if len(matches) > 1:
        ids = "; ".join(f"{album.name}: {album.id}" for album in matches[:_CANDIDATES])
        raise mistake("album_ambiguous", album=wanted, candidates=ids)
    if not matches and not create:
        raise mistake("album_unknown", album=wanted, candidates=_listed(albums, wanted))
    return Target(name=wanted, album=matches[0] if matches else None)


def _named(albums: Sequence[Album], wanted: str) -> list[Album]:
    """Return the albums of a name as written, else in any letter case."""
    return [album for album in albums if album.name == wanted] or [
        album for album in albums if album.name.casefold() == wanted.casefold()
    ]


def _listed(albums: Sequence[Album], wanted: str) -> str:
    """Return the names nearest to what was wanted, else some of those there are."""
    names = sorted({album.name for album in albums if album.name})
    near = difflib.get_close_matches(wanted, names, n=_CANDIDATES, cutoff=0.4) or names[:_CANDIDATES]
    return ", ".join(near) or "–"
