"""Which assets came into an album somebody watches, and which went: Immich tells neither.

For that, the ids of what is in it are remembered. An album is only read again when its own figures changed,
and as a rule one search for what was uploaded lately finds what is new in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..api import Immich
from ..api.album import Album
from ..api.asset import Asset
from ..api.query import AssetQuery, Choice, Shown, Span
from .memory import AlbumWatch, Remembered

# Larger albums are not compared asset by asset: only what was uploaded since is found in them.
MOST_COMPARED: Final = 20_000


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

    def forget(self, album_id: str) -> None:
        """Forget an album that is gone or that nobody watches any more."""
        self._known.watched.pop(album_id, None)

    async def compare(self, album: Album, *, is_new: bool = False) -> ContentChange:
        """Return what changed in an album since it was compared last; nothing the first time, unless it `is_new`.

        Raises what searching raises; then nothing is remembered and the same can be asked again.
        """
        watch = self._known.watched.get(album.id)
        if watch is None and not is_new:
            found, _ = await self._read(album)
            added_at = max((asset.added_at for asset in found if asset.added_at), default=None)
            self._known.watched[album.id] = AlbumWatch([asset.id for asset in found], added_at)
            return ContentChange()
        watch = watch or AlbumWatch([], None)
        before = set(watch.ids)
        news = await self._lately_uploaded(album, watch, before)
        after = before | {asset.id for asset in news}
        removed: list[str] = []
        if album.asset_count is None or len(after) != album.asset_count:
            # Old pictures were put in, or some were taken out.
            found, complete = await self._read(album)
            news = [asset for asset in found if asset.id not in before]
            if complete:
                here = {asset.id for asset in found}
                removed = [each for each in watch.ids if each not in here]
                after = here
            else:
                after |= {asset.id for asset in news}
        last_added = album.updated_at if news else watch.last_added
        self._known.watched[album.id] = AlbumWatch(list(after), last_added or watch.last_added)
        return ContentChange(news, removed)

    async def _lately_uploaded(self, album: Album, watch: AlbumWatch, before: set[str]) -> list[Asset]:
        query = AssetQuery(
            albums=Choice(ids=(album.id,)), added=Span(after=watch.last_added), visibility=Shown.ANY
        )
        found, _ = await self._client.search.gather(query, MOST_COMPARED)
        return [asset for asset in found if asset.id not in before]

    async def _read(self, album: Album) -> tuple[list[Asset], bool]:
        query = AssetQuery(albums=Choice(ids=(album.id,)), visibility=Shown.ANY)
        return await self._client.search.gather(query, MOST_COMPARED)
