"""Which assets came into an album somebody watches, and which went: Immich tells neither.

For that, the ids of what is in it are remembered, and read again when the album's own figures changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..api import Immich
from ..api.album import Album
from ..api.asset import Asset
from ..api.query import AssetQuery, Choice, Shown, Span
from .album_marks import AlbumWatch, figures
from .memory import Remembered

# An album is read in one request up to here. In a larger one, what was uploaded lately is looked for first.
SMALL: Final = 1000
# In larger albums only what was uploaded lately is found.
MOST_COMPARED: Final = 20_000
# How late an asset may come into an album and still be one of the lately uploaded.
LATELY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ContentChange:
    """What came into an album, and the ids of what left it."""

    added: Sequence[Asset] = ()
    removed: Sequence[str] = ()


class AlbumContents:
    """Remembers the contents of the watched albums of one account."""

    def __init__(self, client: Immich, known: Remembered) -> None:
        """Read through `client`; remember in `known`."""
        self._client = client
        self._known = known

    def is_known(self, album_id: str) -> bool:
        """Whether it is remembered what is in an album."""
        return album_id in self._known.watched

    def last_added(self, album_id: str) -> datetime | None:
        """Return when something came into a watched album last, as far as is known."""
        watch = self._known.watched.get(album_id)
        return None if watch is None else watch.last_added

    @property
    def size(self) -> int:
        """How many ids are remembered in all."""
        return sum(len(watch.ids) for watch in self._known.watched.values())

    def begin(self, album_id: str) -> None:
        """Take an album as empty so far: it was made just now, and all that is in it came into it."""
        self._known.watched[album_id] = AlbumWatch()

    def forget(self, album_id: str) -> None:
        """Forget an album that is gone or that nobody watches any more."""
        self._known.watched.pop(album_id, None)

    async def compare(self, album: Album, *, thorough: bool) -> ContentChange:
        """Return what changed in an album since it was compared last; nothing the first time.

        Unless it is `thorough`, what was only put into a large album may be missed, if something else went at the
        same time; the next thorough comparison finds it. Raises what searching raises; then nothing is remembered
        and the same can be asked again.
        """
        now, watch = figures(album), self._known.watched.get(album.id)
        if watch is None:
            found = await self._read(album)
            last_added = max((asset.added_at for asset in found if asset.added_at), default=None)
            self._remember(album, AlbumWatch(last_added=last_added), found, _ids(found), seen=now)
            return ContentChange()
        if watch.seen == now:
            return ContentChange()
        before = set(watch.ids)
        huge = (album.asset_count or 0) > MOST_COMPARED
        if huge or (len(before) > SMALL and not thorough):
            found = await self._read(album, since=watch.newest)
            added = [asset for asset in found if asset.id not in before]
            if huge or len(before) + len(added) == album.asset_count:
                ids = [*watch.ids, *_ids(added)][-MOST_COMPARED:]
                self._remember(album, _grown(watch, added, album), added, ids, seen=now if huge else None)
                return ContentChange(added)
        found = await self._read(album)
        added = [asset for asset in found if asset.id not in before]
        self._remember(album, _grown(watch, added, album), added, _ids(found), seen=now)
        return ContentChange(added, sorted(before.difference(_ids(found))))

    def _remember(
        self, album: Album, watch: AlbumWatch, added: Sequence[Asset], ids: Sequence[str], *, seen: str | None
    ) -> None:
        # Before 1.140 nobody tells when an asset was uploaded; it was before it changed last.
        uploads = [moment for asset in added if (moment := asset.added_at or asset.updated_at)]
        newest = max([*uploads, *([watch.newest] if watch.newest else [])], default=None)
        self._known.watched[album.id] = replace(watch, ids=ids, newest=newest, seen=seen)

    async def _read(self, album: Album, *, since: datetime | None = None) -> list[Asset]:
        uploaded = Span(after=None if since is None else since - LATELY)
        query = AssetQuery(albums=Choice(ids=(album.id,)), added=uploaded, visibility=Shown.ANY)
        found, _ = await self._client.search.gather(query, MOST_COMPARED)
        return found


def _grown(watch: AlbumWatch, added: Sequence[Asset], album: Album) -> AlbumWatch:
    return replace(watch, last_added=album.updated_at) if added and album.updated_at else watch


def _ids(assets: Sequence[Asset]) -> list[str]:
    return [asset.id for asset in assets]
