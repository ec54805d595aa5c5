"""Albums by name or id, as actions take them."""

from collections.abc import Sequence
from dataclasses import dataclass
import difflib
from typing import Final

from homeassistant.util.json import JsonObjectType

from ..api import Immich
from ..api.albums import Album
from ..api.ids import as_id
from ..errors import mistake

# Candidates that an error lists.
_CANDIDATES: Final = 5


@dataclass(slots=True, kw_only=True)
class Target:
    """The album that a call wants to fill: found, or to be made once there is something to put in."""

    name: str
    album: Album | None
    created: bool = False

    async def resolve(self, client: Immich) -> Album:
        """Return the album, made now if it doesn't exist yet."""
        if self.album is None:
            self.album = await client.albums.create(self.name)
            self.created = True
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
    matches = [album for album in albums if album.name == wanted] or [
        album for album in albums if album.name.casefold() == wanted.casefold()
    ]
    if len(matches) > 1:
        ids = "; ".join(f"{album.name}: {album.id}" for album in matches[:_CANDIDATES])
        raise mistake("album_ambiguous", album=wanted, candidates=ids)
    if not matches and not create:
        raise mistake("album_unknown", album=wanted, candidates=_listed(albums, wanted))
    return Target(name=wanted, album=matches[0] if matches else None)


def _listed(albums: Sequence[Album], wanted: str) -> str:
    """Return the names nearest to what was wanted, else some of those there are."""
    names = sorted({album.name for album in albums if album.name})
    near = difflib.get_close_matches(wanted, names, n=_CANDIDATES, cutoff=0.4) or names[:_CANDIDATES]
    return ", ".join(near) or "–"
