"""The account's albums, and what happens to them: looked at every five minutes, and as soon as Immich says so."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..api import Immich
from ..api.album import Album
from ..api.errors import ImmichError
from ..const import CHANGES_INTERVAL
from ..news.album_contents import AlbumContents
from ..news.memory import AlbumMark, Memory
from ..news.news import GoneAlbum, News, NewsType
from ..news.teller import MOST_AT_ONCE, Teller
from .base import Line
from .facts import Fact
from .looking import LookingCoordinator

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

# Albums that Immich names are read so soon: what is filled asset by asset is named again and again.
GATHER_SECONDS: Final = 0.5
# More albums at once are read as one list.
MOST_SINGLE: Final = 5


class AlbumsCoordinator(LookingCoordinator[Mapping[str, Album] | None]):
    """Knows all albums that the account can open, and tells what becomes of them."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ImmichPlusConfigEntry,
        client: Immich,
        line: Line,
        *,
        memory: Memory,
        teller: Teller,
        is_watched: Callable[[Album], bool],
    ) -> None:
        """Look every five minutes; in albums for which `is_watched` says so, each asset counts."""
        super().__init__(hass, entry, client, line, CHANGES_INTERVAL, memory=memory, teller=teller)
        self.contents = AlbumContents(client, memory.known)
        self._is_watched = is_watched
        self._comparing = asyncio.Lock()
        self._named: set[str] = set()
        self._cancel: CALLBACK_TYPE | None = None

    @override
    async def _fetch(self) -> Mapping[str, Album] | None:
        return await self._ask(Fact.ALBUM_LIST, self._look)

    async def _look(self) -> Mapping[str, Album]:
        async with self._comparing:
            albums = {album.id: album for album in await self.client.albums.list()}
            missed = self.missing
            if self._known.albums is None:
                self._known.albums = {album.id: AlbumMark.of(album) for album in albums.values()}
            await self._compare(list(albums.values()), missed=missed)
            for album_id in self._known.albums.keys() - albums.keys():
                self._tell_gone(album_id, missed=missed)
            self._looked()
            return albums

    @callback
    def hear_changed(self, album_id: str) -> None:
        """Look at an album soon, as Immich says that something went into it or out of it."""
        self._named.add(album_id)
        if self._cancel is None:
            self._cancel = async_call_later(self.hass, GATHER_SECONDS, self._look_at_named)
            self.config_entry.async_on_unload(self._stop)

    @callback
    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    async def _look_at_named(self, _now: object) -> None:
        self._cancel = None
        named, self._named = self._named, set()
        if self.data is None or len(named) > MOST_SINGLE:
            await self.async_request_refresh()
            return
        try:
            async with self._comparing:
                albums = [await self.client.albums.get(album_id) for album_id in named]
                await self._compare(albums, missed=False)
        except ImmichError:
            # Gone, or the line is: the list tells.
            await self.async_request_refresh()
            return
        self._memory.save()
        # Not `async_set_updated_data`, which would put off the next look at all albums.
        self.data = {**self.data, **{album.id: album for album in albums}}
        self.async_update_listeners()

    async def _compare(self, albums: Sequence[Album], *, missed: bool) -> None:
        """Tell what changed in each of `albums`; one that can't be read now is compared the next time."""
        marks = self._known.albums or {}
        trouble: ImmichError | None = None
        for album in albums:
            before, now = marks.get(album.id), AlbumMark.of(album)
            watched = self._is_watched(album)
            if before == now and (not watched or self.contents.is_known(album.id)):
                continue
            try:
                changed = await self.contents.compare(album, is_new=before is None) if watched else None
            except ImmichError as error:
                trouble = error
                continue
            marks[album.id] = now
            if before is None:
                self._teller.news(News(type=NewsType.ALBUM_CREATED, album=album, missed=missed))
            elif before != now:
                self._teller.news(News(type=NewsType.ALBUM_UPDATED, album=album, missed=missed))
            if changed is not None and changed.added:
                self._teller.news(
                    News(
                        type=NewsType.ASSET_ADDED_TO_ALBUM,
                        count=len(changed.added),
                        ids=tuple(asset.id for asset in changed.added),
                        assets=tuple(changed.added[:MOST_AT_ONCE]),
                        album=album,
                        missed=missed,
                    )
                )
            if changed is not None and changed.removed:
                self._teller.news(
                    News(
                        type=NewsType.ASSET_REMOVED_FROM_ALBUM,
                        count=len(changed.removed),
                        ids=tuple(changed.removed),
                        album=album,
                        missed=missed,
                    )
                )
        if trouble is not None:
            raise trouble

    def _tell_gone(self, album_id: str, *, missed: bool) -> None:
        marks = self._known.albums or {}
        mark = marks.pop(album_id)
        self.contents.forget(album_id)
        self._teller.news(
            News(type=NewsType.ALBUM_DELETED, album=GoneAlbum(album_id, mark.name), missed=missed)
        )
