"""What Immich announces: told at once, and those who count or look are nudged, however much comes."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed_exact

from custom_components.immich_plus.api import live as live_api, transport
from custom_components.immich_plus.const import (
    ACCOUNT_INTERVAL,
    CONF_LIVE_UPDATES,
    LIBRARY_INTERVAL,
    LIVE_LIBRARY_INTERVAL,
    SERVER_INTERVAL,
)
from custom_components.immich_plus.coordinator.base import ImmichCoordinator
from custom_components.immich_plus.coordinator.facts import Fact
from custom_components.immich_plus.live import connection as live, hearing
from custom_components.immich_plus.news.news import NewsType
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.burst import upload_burst
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.models import Album, Asset, User
from tests.passing import settle
from tests.talking import live_of, until
from tests.telling import Told

ID = "11111111-2222-4333-8444-555555555555"
# What one reading of each asks for and nobody else does.
LIBRARY = "GET albums/statistics"
STATISTICS = "GET server/statistics"
STORAGE = "GET server/storage"
RELEASE = "GET server/version-check"
ACCOUNT = "GET people"
CHANGES = "POST search/metadata"
ALBUMS = "GET albums"
QUEUES = "GET jobs"
COUNTS = {LIBRARY, STORAGE, STATISTICS}
ALL = (LIBRARY, STATISTICS, STORAGE, RELEASE, ACCOUNT, ALBUMS, QUEUES)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(live, "FIRST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(hearing, "NUDGE_SECONDS", 0.02)


@pytest.fixture
async def entry(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> AsyncGenerator[MockConfigEntry]:
    """Give the administrator's account with a live connection that works, everything looked for, and no log."""
    entry = await add_account(immich, live=True)
    await connected(hass, entry)
    immich.requests.clear()
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
def owner(immich: FakeImmich, entry: MockConfigEntry) -> User:
    return immich.state.users[str(entry.unique_id)]


@pytest.fixture
def asset(immich: FakeImmich, owner: User) -> Asset:
    return next(
        found for found in immich.state.assets.values() if found.owner_id == owner.id and not found.is_trashed
    )


@pytest.fixture
def album(immich: FakeImmich, owner: User) -> Album:
    return next(found for found in immich.state.albums.values() if found.owner_id == owner.id)


async def connected(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Wait for the live connection, and until what it leads to has been done."""
    await until(lambda: entry.runtime_data.live.is_on)
    await due(hass, seconds=11)


async def due(hass: HomeAssistant, *, seconds: float) -> None:
    """Let time pass for what was nudged."""
    async_fire_time_changed_exact(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await settle(hass)


async def asked(
    hass: HomeAssistant, immich: FakeImmich, event: str, *payload: object, wanted: set[str]
) -> set[str]:
    """Let Immich announce something; return who read afresh because of it, after those that are `wanted`."""

    def _read() -> set[str]:
        return set(immich.requests.by_route()) & set(ALL)

    immich.requests.clear()
    immich.state.emit(event, None, *payload)
    await until(lambda: wanted <= _read())
    await asyncio.sleep(0.15)
    await settle(hass)
    return _read()


# -- each event


async def test_uploads(hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, owner: User) -> None:
    told = Told(hass)
    (made,) = await upload_burst(immich, owner, 1)
    await until(lambda: told.count(NewsType.ASSET_ADDED) == 1)
    (news,) = told.of(NewsType.ASSET_ADDED)
    assert news.ids == (made.id,)
    assert not news.missed
    await until(lambda: immich.requests.count(LIBRARY) == 1)
    await until(lambda: immich.requests.count(STORAGE) == 1)
    await until(lambda: immich.requests.count(STATISTICS) == 1)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("on_asset_trash", NewsType.ASSET_TRASHED),
        ("on_asset_restore", NewsType.ASSET_RESTORED),
        ("on_asset_delete", NewsType.ASSET_DELETED),
        ("AssetEditReadyV2", NewsType.ASSET_UPDATED),
    ],
)
async def test_what_becomes_of_assets(
    hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, asset: Asset, event: str, kind: NewsType
) -> None:
    told = Told(hass)
    immich.state.emit(event, None, {"asset": {"id": asset.id}} if event.startswith("Asset") else asset.id)
    await until(lambda: told.of(kind))
    assert told.of(kind)[0].ids == (asset.id,)
    await until(lambda: immich.requests.count(LIBRARY) == 1)


async def test_updates(hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, asset: Asset) -> None:
    told = Told(hass)
    client = entry.runtime_data.client
    await client.transport.send("PUT", f"assets/{asset.id}", {"description": "seen"})
    await until(lambda: told.of(NewsType.ASSET_UPDATED))
    assert told.of(NewsType.ASSET_UPDATED)[0].assets[0].description == "seen"


async def test_hidden(hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, asset: Asset) -> None:
    """It is no news, but counts change."""
    told = Told(hass)
    assert await asked(hass, immich, "on_asset_hidden", asset.id, wanted=COUNTS) == COUNTS
    assert told.news == []


async def test_albums(hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, album: Album) -> None:
    """Only that album is read; whether it is a new one is counted."""
    immich.state.emit("on_album_update", album.owner_id, album.id)
    await until(lambda: immich.requests.count("GET albums/{id}") == 1)
    await until(lambda: immich.requests.count(LIBRARY) == 1)
    assert immich.requests.count(ALBUMS) == 0


async def test_messages_about_albums(
    hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, album: Album
) -> None:
    immich.state.emit("on_notification", None, {"type": "AlbumInvite", "data": f'{{"albumId":"{album.id}"}}'})
    await until(lambda: immich.requests.count("GET albums/{id}") == 1)


@pytest.mark.parametrize(
    ("event", "payload", "readers"),
    [
        ("on_person_thumbnail", ID, {ACCOUNT}),
        ("on_config_update", None, {ACCOUNT, STATISTICS}),
        ("on_user_delete", ID, {ACCOUNT, STATISTICS}),
        ("on_new_release", {"isAvailable": True}, {RELEASE}),
        ("on_notification", {"type": "JobFailed", "data": None}, set()),
        ("on_notification", {"type": "SystemMessage", "data": None}, set()),
        ("on_server_version", {"major": 3, "minor": 1, "patch": 0}, set()),
        ("on_server_version", {"major": 3, "minor": 1, "patch": 1}, {STORAGE}),
        ("on_server_version", None, set()),
        ("on_session_delete", "x", set()),
        ("AssetUploadReadyV2", {"asset": {}}, set()),
        ("on_asset_stack_update", None, set()),
        ("on_something_new", {"a": 1}, set()),
    ],
)
async def test_who_reads_afresh(
    hass: HomeAssistant,
    immich: FakeImmich,
    entry: MockConfigEntry,
    event: str,
    payload: object,
    readers: set[str],
) -> None:
    assert await asked(hass, immich, event, payload, wanted=readers) == readers


async def test_failed_jobs(hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry) -> None:
    """Those of backups are announced; the queues are read if somebody wants to know."""
    stop = entry.runtime_data.queues.async_add_listener(lambda: None, Fact.QUEUES)
    assert await asked(hass, immich, "on_notification", {"type": "JobFailed"}, wanted={QUEUES}) == {QUEUES}
    stop()


async def test_accounts_without_the_server(
    hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, add_account: AddAccount
) -> None:
    """What is about the server is read by the account that carries its device, and by nobody else."""
    await hass.config_entries.async_unload(entry.entry_id)
    user = await add_account(immich, live=True, key="user-key")
    await connected(hass, user)
    assert user.runtime_data.server is None
    for event, payload in (
        ("on_new_release", {}),
        ("on_server_version", {"major": 3, "minor": 1, "patch": 1}),
        ("on_notification", {"type": "JobFailed"}),
    ):
        assert await asked(hass, immich, event, payload, wanted=set()) == set()
    assert await asked(hass, immich, "on_config_update", wanted={ACCOUNT}) == {ACCOUNT}
    assert await asked(hass, immich, "on_asset_trash", [ID], wanted={LIBRARY}) == {LIBRARY}
    await hass.config_entries.async_unload(user.entry_id)


async def test_a_carrier_that_is_no_administrator(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Nobody counts over all users then."""
    user = await add_account(immich, live=True, key="user-key")
    await connected(hass, user)
    assert await asked(hass, immich, "on_config_update", wanted={ACCOUNT}) == {ACCOUNT}
    counts = {LIBRARY, STORAGE}
    assert await asked(hass, immich, "on_asset_trash", [ID], wanted=counts) == counts
    await hass.config_entries.async_unload(user.entry_id)


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        ("on_asset_trash", False),
        ("on_album_update", False),
        ("on_person_thumbnail", False),
        ("on_config_update", True),
    ],
)
async def test_listings_of_the_media_browser_are_forgotten(
    hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, asset: Asset, event: str, kept: bool
) -> None:
    async def _load() -> int:
        return 1

    await entry.runtime_data.listings.get("what", _load)
    immich.state.emit(event, None, asset.id)
    await until(immich.requests.count)
    assert (len(entry.runtime_data.listings) == 1) is kept


# -- bursts


async def test_a_burst_of_uploads(
    hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, owner: User
) -> None:
    """Each is told once; those who count are asked a handful of times, and once more in the end."""
    told = Told(hass)
    made = await upload_burst(immich, owner, 1000)
    await until(lambda: told.count(NewsType.ASSET_ADDED) >= 1000, seconds=20)
    await settle(hass)
    ids = [each for news in told.of(NewsType.ASSET_ADDED) for each in news.ids]
    assert sorted(ids) == sorted(each.id for each in made)
    assert immich.requests.count(LIBRARY) == 1
    assert immich.requests.count(STORAGE) == 1
    assert immich.requests.count() < 15
    await due(hass, seconds=hearing.COUNT_SECONDS)
    assert immich.requests.count(LIBRARY) == 2
    assert immich.requests.count(STORAGE) == 1
    # The disk has filled: that is read when it may be read again, not when its turn comes after hours.
    await due(hass, seconds=SERVER_INTERVAL.total_seconds() + 1)
    assert immich.requests.count(STORAGE) in {2, 3}
    assert immich.requests.count(LIBRARY) in {2, 3}


async def test_more_than_is_kept(
    hass: HomeAssistant,
    immich: FakeImmich,
    entry: MockConfigEntry,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was dropped is searched for, and nothing is told twice."""
    monkeypatch.setattr(live_api, "MOST_WAITING", 5)
    told = Told(hass)
    hear = immich.state.subscribers.pop()
    made = await upload_burst(immich, owner, 300)
    immich.state.subscribers.append(hear)
    live_of(immich).write(*[f'42["on_asset_hidden","{ID}"]'] * 100)
    await asyncio.sleep(0.2)
    await due(hass, seconds=hearing.LOOK_SECONDS + 1)
    await until(lambda: told.count(NewsType.ASSET_ADDED) >= 300)
    ids = [each for news in told.of(NewsType.ASSET_ADDED) for each in news.ids]
    assert sorted(ids) == sorted(each.id for each in made)
    assert immich.requests.count(ALBUMS) >= 1
    assert immich.requests.count(LIBRARY) >= 1


async def test_an_earlier_nudge_wins(
    hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, asset: Asset
) -> None:
    """A reading that waits for its time is brought forward by what can't wait."""
    await asked(hass, immich, "on_asset_trash", [asset.id], wanted=COUNTS)
    # Now the next counting has to wait for a quarter of an hour.
    assert await asked(hass, immich, "on_asset_restore", [asset.id], wanted=set()) == set()
    await asked(hass, immich, "on_user_delete", ID, wanted={ACCOUNT})
    await due(hass, seconds=hearing.LOOK_SECONDS + 1)
    assert immich.requests.count(STATISTICS) == 1


# -- listening begins and ends


def next_at(hass: HomeAssistant, coordinator: ImmichCoordinator[object]) -> float:
    """Return in how many seconds a coordinator reads by itself."""
    refreshes = [
        handle.when() - hass.loop.time()
        for handle in hass.loop._scheduled
        if not handle.cancelled()
        and getattr(handle._callback, "__self__", None) is coordinator
        and "refresh_interval" in handle._callback.__name__
    ]
    return min(refreshes)


async def test_rhythms(hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry) -> None:
    """Slow while live; as soon as it isn't, nobody waits for the end of a slow round."""
    runtime = entry.runtime_data
    await runtime.library.async_refresh()
    await runtime.account_counts.async_refresh()
    assert next_at(hass, runtime.library) > LIVE_LIBRARY_INTERVAL.total_seconds() - 60
    assert next_at(hass, runtime.account_counts) > ACCOUNT_INTERVAL.total_seconds() + 60
    immich.faults.add("GET socket.io", Status(400))
    live_of(immich).close_all()
    await until(lambda: not runtime.live.is_on)
    assert next_at(hass, runtime.library) < LIBRARY_INTERVAL.total_seconds() + 5
    assert next_at(hass, runtime.account_counts) < ACCOUNT_INTERVAL.total_seconds() + 5


async def test_after_a_pause_everything_is_looked_for(
    hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, owner: User
) -> None:
    """What was announced while nobody listened is found and told, not as missed: the server was there."""
    told = Told(hass)
    immich.faults.add("GET socket.io", Status(400), times=2)
    live_of(immich).close_all()
    await until(lambda: not entry.runtime_data.live.is_on)
    (made,) = await upload_burst(immich, owner, 1)
    await until(lambda: entry.runtime_data.live.is_on)
    await due(hass, seconds=hearing.LOOK_SECONDS + 1)
    await until(lambda: told.count(NewsType.ASSET_ADDED) == 1)
    (news,) = told.of(NewsType.ASSET_ADDED)
    assert news.ids == (made.id,)
    assert not news.missed
    assert immich.requests.count(ALBUMS) == 1
    assert immich.requests.count(LIBRARY) == 1


async def test_a_server_that_was_away(
    hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, owner: User
) -> None:
    """The live connection finds it first and wakes all; what happened meanwhile is told as missed."""
    told = Told(hass)
    await immich.stop()
    await until(lambda: not entry.runtime_data.line.is_up)
    # A few more attempts fail, which is no news to anybody.
    await asyncio.sleep(0.3)
    (made,) = await upload_burst(immich, owner, 1)
    immich.requests.clear()
    await immich.start()
    await until(lambda: entry.runtime_data.line.is_up)
    await until(lambda: told.count(NewsType.ASSET_ADDED) == 1)
    (news,) = told.of(NewsType.ASSET_ADDED)
    assert news.ids == (made.id,)
    assert news.missed
    await settle(hass)
    for route in (STATISTICS, STORAGE, RELEASE, ACCOUNT):
        assert immich.requests.count(route) == 1, route
    # Twice if a call found it first, as something may have happened before the live connection was there.
    for route in (LIBRARY, ALBUMS):
        assert immich.requests.count(route) in {1, 2}, route


@pytest.mark.parametrize("version", ["1.137.3", "3.3.5"])
async def test_without_live_updates_it_is_looked_for_at_the_start(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, version: str
) -> None:
    immich = await make_immich(version=version)
    entry = await add_account(immich, options={CONF_LIVE_UPDATES: False})
    await settle(hass)
    assert immich.requests.count("GET socket.io") == 0
    assert immich.requests.count(ALBUMS) >= 1
    assert entry.runtime_data.changes.last_update_success


async def test_nobody_is_nudged_after_the_end(
    hass: HomeAssistant, immich: FakeImmich, entry: MockConfigEntry, owner: User
) -> None:
    """Not even by what was heard just before."""
    immich.state.emit("on_config_update", None)
    immich.state.emit("on_asset_trash", owner.id, [ID])
    await until(live_of(immich)._outbox.empty)
    await hass.config_entries.async_unload(entry.entry_id)
    immich.requests.clear()
    await due(hass, seconds=3600)
    assert immich.requests.count() == 0
