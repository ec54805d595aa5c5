"""The account's albums, and what happens to them: looked at every five minutes, and as soon as Immich says so."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
import logging
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..api import Immich
from ..api.album import Album
from ..api.errors import ImmichAuthenticationError, ImmichConnectionError, ImmichError, ImmichPermissionError
from ..api.permissions import Ability
from ..const import CHANGES_INTERVAL
from ..news.album_contents import AlbumContents, ContentChange
from ..news.album_marks import AlbumMark
from ..news.memory import Memory
from ..news.news import GoneAlbum, News, NewsType
from ..news.teller import MOST_AT_ONCE, Teller
from ..scopes import async_report_missing_scopes
from .base import Line
from .facts import Fact
from .looking import FORGOTTEN_AFTER, LookingCoordinator

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

_LOGGER = logging.getLogger(__name__)

# Albums that Immich names are read so soon; what is filled asset by asset is named again and again, and then
# read in this rhythm.
GATHER_SECONDS: Final = 0.5
AGAIN_SECONDS: Final = 1.5
# More albums at once are read as one list.
MOST_SINGLE: Final = 5
# Albums whose contents one look reads for the first time, and ids that are remembered of all of them.
MOST_BEGUN: Final = 25
MOST_IDS: Final = 100_000
# The server's clock is known to a second or two.
_ABOUT: Final = timedelta(seconds=5)


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
        self._named_at = -AGAIN_SECONDS
        # Albums whose contents were compared since the start, or since the server was back.
        self._compared: set[str] = set()
        self._unreadable: set[str] = set()
        self._unwatched: dict[str, datetime] = {}
        entry.async_on_unload(self._stop)

    @override
    def on_lost(self) -> None:
        super().on_lost()
        self._compared.clear()

    @override
    async def _fetch(self) -> Mapping[str, Album] | None:
        return await self._ask(Fact.ALBUM_LIST, self._look)

    async def _look(self) -> Mapping[str, Album]:
        async with self._comparing:
            now = self.client.transport.now()
            albums = {album.id: album for album in await self.client.albums.list()}
            self._tell_albums(albums.values(), missed=self.missing)
            for gone in (self._known.albums or {}).keys() - albums.keys():
                self._tell_gone(gone, missed=self.missing)
            self._known.albums_at = now
            self._looked()
            self._forget_unwatched(albums)
            await self._compare_contents(albums.values(), thorough=True)
            return albums

    # -- albums that Immich names

    @callback
    def hear_changed(self, album_id: str) -> None:
        """Look at an album soon, as Immich says that something went into it or out of it."""
        self._named.add(album_id)
        if self._cancel is None:
            due = max(self.hass.loop.time() + GATHER_SECONDS, self._named_at + AGAIN_SECONDS)
            self._cancel = async_call_later(self.hass, due - self.hass.loop.time(), self._look_at_named)

    @callback
    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    async def _look_at_named(self, _now: object) -> None:
        self._cancel = None
        self._named_at = self.hass.loop.time()
        named, self._named = self._named, set()
        try:
            enough = await self._read_named(named)
        except ImmichError:
            # The list tells what is wrong.
            enough = False
        if not enough:
            await self.async_request_refresh()

    async def _read_named(self, named: Collection[str]) -> bool:
        """Read single albums; return whether that was all there is to do."""
        async with self._comparing:
            # What was missed has to be found before what happens now.
            if self.data is None or self.missing or len(named) > MOST_SINGLE:
                return False
            found: dict[str, Album] = {}
            for album_id in named:
                try:
                    found[album_id] = await self.client.albums.get(album_id)
                except ImmichError:
                    # Gone, or the line is: the list tells.
                    continue
            self._tell_albums(found.values(), missed=False)
            await self._compare_contents(found.values(), thorough=False)
            # Not `async_set_updated_data`, which would put off the next look at all albums.
            self.data = {**(self.data or {}), **found}
            self.async_update_listeners()
            return len(found) == len(named)

    # -- what becomes of albums

    def _tell_albums(self, albums: Iterable[Album], *, missed: bool) -> None:
        """Compare how albums are with how they were; the first time there is nothing to compare with."""
        if self._known.albums is None:
            self._known.albums = {album.id: AlbumMark.of(album) for album in albums}
            return
        for album in albums:
            before, now = self._known.albums.get(album.id), AlbumMark.of(album)
            self._known.albums[album.id] = now
            if before is None:
                if self._is_watched(album) and self._was_made_since(album):
                    self.contents.begin(album.id)
                    if not missed:
                        self._compared.add(album.id)
                self._teller.news(News(type=NewsType.ALBUM_CREATED, album=album, missed=missed))
            elif before != now:
                self._teller.news(
                    News(
                        type=NewsType.ALBUM_UPDATED,
                        album=album,
                        renamed_from=before.name if before.name != now.name else None,
                        more=((now.asset_count or 0) - (before.asset_count or 0)) or None,
                        missed=missed,
                    )
                )

    def _was_made_since(self, album: Album) -> bool:
        """Whether an album was made since the last look. Others may have had it for long before they shared it."""
        looked_at, made_at = self._known.albums_at, album.created_at
        return looked_at is not None and made_at is not None and made_at >= looked_at - _ABOUT

    def _tell_gone(self, album_id: str, *, missed: bool) -> None:
        marks = self._known.albums or {}
        mark = marks.pop(album_id)
        self.contents.forget(album_id)
        self._compared.discard(album_id)
        self._unreadable.discard(album_id)
        self._teller.news(
            News(type=NewsType.ALBUM_DELETED, album=GoneAlbum(album_id, mark.name), missed=missed)
        )

    # -- what is in them

    async def _compare_contents(self, albums: Iterable[Album], *, thorough: bool) -> None:
        """Tell what came into watched albums and what left them; what can't be read now is compared later."""
        begun = 0
        for album in albums:
            if not (self._is_watched(album) and self.client.scopes.can(Ability.FIND_ASSETS)):
                continue
            if not self.contents.is_known(album.id):
                begun += 1
                if begun > MOST_BEGUN or self.contents.size + (album.asset_count or 0) > MOST_IDS:
                    continue
            try:
                change = await self.contents.compare(album, thorough=thorough)
            except ImmichAuthenticationError:
                raise
            except ImmichError as error:
                self._note_unreadable(album, error)
                if isinstance(error, ImmichConnectionError):
                    return
                continue
            self._unreadable.discard(album.id)
            self._tell_contents(album, change, missed=album.id not in self._compared)
            self._compared.add(album.id)

    def _tell_contents(self, album: Album, change: ContentChange, *, missed: bool) -> None:
        if change.added:
            self._teller.news(
                News(
                    type=NewsType.ASSET_ADDED_TO_ALBUM,
                    count=len(change.added),
                    ids=tuple(asset.id for asset in change.added),
                    assets=tuple(change.added[:MOST_AT_ONCE]),
                    album=album,
                    missed=missed,
                )
            )
        if change.removed:
            self._teller.news(
                News(
                    type=NewsType.ASSET_REMOVED_FROM_ALBUM,
                    count=len(change.removed),
                    ids=tuple(change.removed),
                    album=album,
                    missed=missed,
                )
            )
        self._memory.save()

    def _note_unreadable(self, album: Album, error: ImmichError) -> None:
        if isinstance(error, ImmichPermissionError) and error.scope is not None:
            self.client.scopes.refuse(error.scope)
            async_report_missing_scopes(self.hass, self.config_entry, self.client)
        elif album.id not in self._unreadable:
            self._unreadable.add(album.id)
            _LOGGER.warning("%s: what is in album %s can't be read: %s", self.name, album.id, error)

    def _forget_unwatched(self, albums: Mapping[str, Album]) -> None:
        """Forget what is in albums that nobody watches any more."""
        now = dt_util.utcnow()
        for album_id in list(self._known.watched):
            if (album := albums.get(album_id)) is not None and self._is_watched(album):
                self._unwatched.pop(album_id, None)
            elif now - self._unwatched.setdefault(album_id, now) >= FORGOTTEN_AFTER:
                del self._unwatched[album_id]
                self.contents.forget(album_id)
