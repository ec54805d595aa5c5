"""A small world for tests of what is told: a fake Immich, and the parts of an account that look, hear and tell.

They are the real ones, over real HTTP, with a real file that survives; only entities and the socket are left out, so
that hundreds of histories fit into seconds. Announcements come as the fake makes them: late, out of order or not at
all, as a test wants it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
import copy
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.immich_plus.api import Immich
from custom_components.immich_plus.api.album import Album as SeenAlbum
from custom_components.immich_plus.api.live_events import (
    AlbumChanged,
    AssetDeleted,
    AssetEdited,
    AssetHidden,
    AssetReady,
    AssetsRestored,
    AssetsTrashed,
    AssetUpdated,
    read_event,
)
from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.coordinator.albums import AlbumsCoordinator
from custom_components.immich_plus.coordinator.base import Line
from custom_components.immich_plus.coordinator.changes import ChangesCoordinator
from custom_components.immich_plus.coordinator.facts import Fact
from custom_components.immich_plus.news.ledger import Ledger
from custom_components.immich_plus.news.memory import Memory
from custom_components.immich_plus.news.news import SIGNAL_NEWS, News, NewsType
from custom_components.immich_plus.news.teller import Teller
from tests.conftest import MakeImmich
from tests.fake_immich import processing, views
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Call, Fault, Proceed
from tests.fake_immich.models import Album, Asset, User, Visibility
from tests.passing import let_pass

type Event = tuple[str, tuple[Any, ...]]


class Run:
    """One run of Home Assistant, as far as the news of one account go."""

    def __init__(
        self,
        hass: HomeAssistant,
        immich: FakeImmich,
        entry: MockConfigEntry,
        key: str,
        is_watched: Callable[[SeenAlbum], bool],
    ) -> None:
        """Make the parts; nothing is asked for."""
        self.client = Immich(async_get_clientsession(hass), URL(immich.url), key)
        self.line = Line()
        self.memory = Memory(hass, entry.entry_id)
        self.teller = Teller(hass, entry.entry_id, self.memory)
        self.changes = ChangesCoordinator(
            hass,
            entry,  # type: ignore[arg-type]
            self.client,
            self.line,
            memory=self.memory,
            teller=self.teller,
        )
        self._hass = hass
        self._entry = entry
        self._is_watched = is_watched
        self.albums: AlbumsCoordinator

    async def start(self) -> None:
        """Read the file, log in, and begin to look every five minutes, the first time now."""
        await self.memory.async_load()
        await self.client.connect()
        self.albums = AlbumsCoordinator(
            self._hass,
            self._entry,  # type: ignore[arg-type]
            self.client,
            self.line,
            memory=self.memory,
            teller=self.teller,
            is_watched=self._is_watched,
        )
        self.changes.async_add_listener(_nothing, Fact.CHANGES)
        self.albums.async_add_listener(_nothing, Fact.ALBUM_LIST)
        await self.look()

    async def look(self) -> None:
        """Look now."""
        await self.changes.async_refresh()
        await self.albums.async_refresh()

    def hear(self, event: Event) -> None:
        """Take an announcement."""
        changes = self.changes
        match read_event(event[0], event[1]):
            case AssetReady(asset):
                changes.hear_added([asset])
            case AssetUpdated(asset):
                changes.hear_updated(asset)
            case AssetsTrashed(ids):
                changes.hear_ids(NewsType.ASSET_TRASHED, ids)
            case AssetsRestored(ids):
                changes.hear_ids(NewsType.ASSET_RESTORED, ids)
            case AssetDeleted(each):
                changes.hear_ids(NewsType.ASSET_DELETED, [each])
            case AssetEdited(each):
                changes.hear_ids(NewsType.ASSET_UPDATED, [each])
            case AssetHidden(each):
                changes.hear_gone(each)
            case AlbumChanged(each):
                self.albums.hear_changed(each)

    async def stop(self) -> None:
        """Stop in good order."""
        self.teller.flush()
        await self.memory.async_save()
        # As an unload does, which only entries know that were set up.
        await self._entry._async_process_on_unload(self._hass)


class World:
    """The library and who changes it, the account that looks at it, and all that is told."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        storage: dict[str, Any],
        immich: FakeImmich,
        *,
        key: str = "admin-key",
        is_watched: Callable[[SeenAlbum], bool] = lambda _album: True,
    ) -> None:
        """Begin with an account that was never there."""
        self.hass = hass
        self.freezer = freezer
        self.immich = immich
        self.state = immich.state
        found = self.state.key_by_secret(key)
        assert found is not None
        self.me: User = self.state.users[found.user_id]
        self.other: User = next(user for user in self.state.users.values() if user is not self.me)
        self.entry = MockConfigEntry(
            domain=DOMAIN, unique_id=self.me.id, data={"url": "http://127.0.0.1:1", "api_key": "admin-key"}
        )
        self.entry.add_to_hass(hass)
        self.told: list[News] = []
        self.run: Run | None = None
        #: Whether the socket is up; then announcements wait in `announced` until they are delivered.
        self.live = True
        self.announced: list[Event] = []
        self._key = key
        self._is_watched = is_watched
        self._storage = storage
        self._listening = True
        self._ends = [async_dispatcher_connect(hass, SIGNAL_NEWS, self._hear)]
        self.state.subscribers.append(self._announce)

    @callback
    def _hear(self, entry_id: str, news: News) -> None:
        if self._listening and entry_id == self.entry.entry_id:
            self.told.append(news)

    def _announce(self, event: str, user_id: str | None, payload: tuple[Any, ...]) -> None:
        if event == "on_album_update" and not self.immich.version.at_least("3.1.0"):
            return
        if self.run is not None and self.live and user_id in (None, self.me.id):
            self.announced.append((event, payload))

    def of(self, *kinds: NewsType) -> list[News]:
        """Return the news of some kinds."""
        return [news for news in self.told if news.type in kinds]

    def ids(self, kind: NewsType) -> list[str]:
        """Return all ids that were told of a kind."""
        return [each for news in self.of(kind) for each in news.ids]

    @property
    def ledger(self) -> Ledger:
        """What is known of what was told."""
        assert self.run is not None
        assert self.run.changes.ledger is not None
        return self.run.changes.ledger

    # -- Home Assistant

    async def start(self) -> None:
        """Start Home Assistant."""
        self.run = Run(self.hass, self.immich, self.entry, self._key, self._is_watched)
        await self.run.start()
        await self.wait(0)

    async def stop(self) -> None:
        """Stop Home Assistant in good order."""
        assert self.run is not None
        await self.run.stop()
        self.run = None
        self.announced.clear()

    @property
    def file(self) -> dict[str, Any] | None:
        """What is on disk."""
        found: dict[str, Any] | None = self._storage.get(f"{DOMAIN}.{self.entry.entry_id}")
        return found

    async def kill(self, looking: asyncio.Task[None] | None = None) -> None:
        """End Home Assistant at once, in the middle of `looking`: nothing is told or written any more."""
        file = copy.deepcopy(self.file)
        self._listening = False
        if looking is not None:
            looking.cancel()
            await asyncio.wait([looking])
        await self.stop()
        self._listening = True
        if file is None:
            self._storage.pop(f"{DOMAIN}.{self.entry.entry_id}", None)
        else:
            self._storage[f"{DOMAIN}.{self.entry.entry_id}"] = file

    async def end(self) -> None:
        """Stop whatever runs."""
        if self.run is not None:
            await self.stop()
        self.state.subscribers.remove(self._announce)
        for end in self._ends:
            end()

    async def wait(self, seconds: float) -> None:
        """Let time pass, and what was found then be told."""
        await let_pass(self.hass, self.freezer, seconds=seconds)
        if seconds >= 60:
            await let_pass(self.hass, self.freezer, seconds=1)

    async def deliver(self) -> None:
        """Deliver what was announced."""
        events, self.announced = self.announced, []
        for event in events:
            if self.run is not None:
                self.run.hear(event)
        await self.wait(0)

    # -- the library

    def upload(self, owner: User | None = None, *, ready: bool = True, **more: Any) -> Asset:
        """Upload a photo; if it isn't `ready`, its pictures come later."""
        now = self.state.now()
        # Dates of files have milliseconds, what the database notes has microseconds.
        taken = now.replace(microsecond=now.microsecond // 1000 * 1000)
        asset = self.state.add_asset(owner or self.me, "new.jpg", taken=taken, **more)
        if ready:
            self.process(asset)
        return asset

    def process(self, asset: Asset) -> None:
        """Make the pictures of an upload, and say so."""
        self.state.update_asset(asset, thumbhash="IigSPIqIiHeJiIiAiIiIh4C3CA==")
        processing.announce(self.immich, asset)

    def update(self, *assets: Asset, **changes: Any) -> None:
        """Change assets in bulk, which is announced."""
        for asset in assets:
            self.state.update_asset(asset, **changes)
            body = views.asset(
                self.immich.dialect, self.state, asset, asset.owner_id, exif=True, people="full", tags=True
            )
            self.state.emit("on_asset_update", asset.owner_id, body)

    def favourite(self, asset: Asset) -> None:
        """Change one asset, which isn't announced."""
        self.state.update_asset(asset, is_favorite=not asset.is_favorite)

    def trash(self, *assets: Asset) -> None:
        """Put assets into the trash."""
        for asset in assets:
            self.state.update_asset(asset, trashed_at=self.state.now())
        self.state.emit("on_asset_trash", assets[0].owner_id, [asset.id for asset in assets])

    def restore(self, *assets: Asset, quietly: bool = False) -> None:
        """Take assets out of the trash; `quietly`: by emptying it."""
        for asset in assets:
            self.state.update_asset(asset, trashed_at=None)
        if not quietly:
            self.state.emit("on_asset_restore", assets[0].owner_id, [asset.id for asset in assets])

    def delete(self, asset: Asset) -> None:
        """Delete an asset for good."""
        self.state.remove_asset(asset.id)
        self.state.emit("on_asset_delete", asset.owner_id, asset.id)

    def hide(self, asset: Asset) -> None:
        """Make an asset the moving part of a live photo."""
        self.state.update_asset(asset, visibility=Visibility.HIDDEN)
        self.state.emit("on_asset_hidden", asset.owner_id, asset.id)

    def put(self, album: Album, *assets: Asset) -> None:
        """Put assets into an album."""
        for asset in assets:
            self.state.put_in_album(album, asset.id)
        self._touch(album)

    def take(self, album: Album, *assets: Asset) -> None:
        """Take assets out of an album."""
        for asset in assets:
            self.state.take_from_album(album, asset.id)
        self._touch(album)

    def rename(self, album: Album, name: str) -> None:
        """Give an album another name."""
        album.name = name
        album.updated_at = self.state.now()

    def _touch(self, album: Album) -> None:
        album.updated_at = self.state.now()
        for user_id in album.members:
            self.state.emit("on_album_update", user_id, album.id)

    def shown(self, album: Album) -> set[str]:
        """Return the ids of what an album shows."""
        found = (self.state.assets[each] for each in album.assets)
        return {
            asset.id
            for asset in found
            if not asset.is_trashed and asset.visibility in (Visibility.TIMELINE, Visibility.ARCHIVE)
        }


type MakeWorld = Callable[..., Awaitable[World]]


@pytest.fixture(name="make_world")
async def make_world_fixture(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    make_immich: MakeImmich,
) -> AsyncGenerator[MakeWorld]:
    """Give a function that makes a world with an empty library, and an account that runs in it."""
    made: list[World] = []

    async def _make(*, version: str = "3.1.0", running: bool = True, **options: Any) -> World:
        world = World(
            hass, freezer, hass_storage, await make_immich(version=version, library=None), **options
        )
        made.append(world)
        if running:
            await world.start()
            await world.wait(5)
        return world

    yield _make
    for world in made:
        await world.end()


@pytest.fixture(name="world")
async def world_fixture(make_world: MakeWorld) -> World:
    """Give a world of Immich 3.1.0 in which an account runs."""
    return await make_world()


class During(Fault):
    """Something happens after the server read what a search asks for, and before the answer is there."""

    def __init__(self, happen: Callable[[], Awaitable[None] | None]) -> None:
        self.happen = happen

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        answer = await proceed()
        if (result := self.happen()) is not None:
            await result
        return answer


def _nothing() -> None:
    """Listen without hearing."""
