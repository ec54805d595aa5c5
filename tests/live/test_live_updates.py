"""Live updates on a real server: what it announces is told within two seconds, the rest by the next look."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import timedelta
import os
import statistics
import sys
import time

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.immich_plus.live import deletions
from custom_components.immich_plus.news import ledger

from .conftest import Connect
from .listening import (
    CLOCK_SECONDS,
    LIVE_SECONDS,
    Road,
    announces_albums,
    listen,
    ready,
    road_to,
    settled,
    upload,
)
from .server import LiveServer

UPLOADS = 50
# A command that restarts the server, where the machine of the tests has one.
RESTART = os.environ.get("IMMICH_PLUS_LIVE_RESTART", "")
# From the cut of a young connection until the next one is made: the second pause, half as much again, a handshake.
RECONNECTED_SECONDS = 25.0

pytestmark = pytest.mark.usefixtures("hass_storage")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let changes of what was added a moment ago be news: the tests can't wait until it is old."""
    monkeypatch.setattr(ledger, "SETTLING", timedelta(seconds=CLOCK_SECONDS))


@pytest.fixture
async def road(full: LiveServer) -> AsyncGenerator[Road]:
    """Give a road to the server that can be cut."""
    async with road_to(full.url) as road:
        try:
            async with full.session.get(f"{road.url}/api/server/ping") as answer:
                if answer.status != 200:
                    pytest.skip("the server doesn't answer at another address than its own")
        except OSError:
            pytest.skip("the server doesn't answer at another address than its own")
        yield road


async def test_uploads_are_told_within_two_seconds(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    listening = await listen(hass, await connect(all_enabled=False))
    assert listening.binary_sensor("live_updates").attributes["reason"] == "connected"
    seconds: list[float] = []
    for number in range(UPLOADS):
        asset_id = await upload(full, f"{number:02}")
        answered = time.monotonic()
        told = await listening.of("asset_added", asset_id)
        seconds.append(told.at - answered)
        assert told.data["missed"] is False
        assert (told.data["count"], told.data["asset"]["id"]) == (1, asset_id)
        assert told.data["asset"]["filename"] == f"{full.mark}-{number:02}.jpg"
    sys.stdout.write(
        f"from the end of an upload to the event entity, {UPLOADS} times: "
        f"median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s (at most {LIVE_SECONDS:g})\n"
    )
    assert max(seconds) <= LIVE_SECONDS
    await listening.look()
    assert {len(listening.about(asset_id)) for asset_id in full.assets} == {1}, listening.summary()


async def test_a_burst_is_told_in_a_few_events(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    listening = await listen(hass, await connect(all_enabled=False))
    ids = await asyncio.gather(*(upload(full, f"{number:03}") for number in range(60)))
    await listening.until(lambda: all(map(listening.about, ids)), "a burst")
    await listening.look()
    # On a server that is in use others' uploads may be among them.
    ours = [told for told in listening.told if full.assets.intersection(told.ids)]
    named = Counter(each for told in ours for each in told.ids)
    assert [named[each] for each in ids] == [1] * len(ids)
    assert {told.kind for told in ours} == {"asset_added"}
    sys.stdout.write(f"a burst of {len(ids)} uploads: {len(ours)} changes of the event entity\n")


async def test_a_narrow_key_is_asked_for_instead(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    _, secret = await full.make_key("user.read", "asset.read", "album.read")
    listening = await listen(hass, await connect(secret, all_enabled=False), live=False)
    await listening.look()
    sensor = listening.binary_sensor("live_updates")
    assert (sensor.state, sensor.attributes["reason"]) == ("off", "key_lacks_all")
    asset_id = await upload(full, "polled")
    await settled(full, asset_id)
    assert listening.about(asset_id) == []
    await listening.look()
    told = await listening.of("asset_added", asset_id)
    assert (told.data["missed"], told.data["asset"]["id"]) == (False, asset_id)
    await full.ask("DELETE", "assets", {"ids": [asset_id], "force": False})
    await listening.look()
    await listening.of("asset_trashed", asset_id)
    await listening.quiet()
    assert len(listening.about(asset_id)) == 2, listening.summary()


@pytest.mark.usefixtures("soon")
async def test_the_life_of_an_asset(hass: HomeAssistant, full: LiveServer, connect: Connect) -> None:
    (asset_id,) = await ready(full, "one")
    listening = await listen(hass, await connect(all_enabled=False))
    for method, path, body, kind in (
        ("PUT", f"assets/{asset_id}", {"description": "Changed by a test"}, "asset_updated"),
        ("DELETE", "assets", {"ids": [asset_id], "force": False}, "asset_trashed"),
        ("POST", "trash/restore/assets", {"ids": [asset_id]}, "asset_restored"),
        ("DELETE", "assets", {"ids": [asset_id], "force": True}, "asset_deleted"),
    ):
        await full.ask(method, path, body)
        answered = time.monotonic()
        told = await listening.of(kind, asset_id)
        sys.stdout.write(f"{kind}: {told.at - answered:.2f} s\n")
        assert (told.data["count"], told.data["missed"]) == (1, False)
        if kind == "asset_updated":
            assert told.data["asset"]["description"] == "Changed by a test"
    full.assets.discard(asset_id)
    await listening.look()
    assert [told.kind for told in listening.about(asset_id)] == [
        "asset_updated",
        "asset_trashed",
        "asset_restored",
        "asset_deleted",
    ], listening.summary()


@pytest.mark.usefixtures("soon")
async def test_a_favorite_is_found_by_the_next_look(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    (asset_id,) = await ready(full, "one")
    listening = await listen(hass, await connect(all_enabled=False))
    await full.ask("PUT", f"assets/{asset_id}", {"isFavorite": True})
    await listening.quiet()
    assert listening.about(asset_id) == [], "Immich announces it now"
    await listening.look()
    told = await listening.of("asset_updated", asset_id)
    assert (told.data["asset"]["favorite"], told.data["missed"]) == (True, False)
    await listening.look()
    assert len(listening.about(asset_id)) == 1, listening.summary()


async def test_the_life_of_an_album(hass: HomeAssistant, full: LiveServer, connect: Connect) -> None:
    one, two = await ready(full, "one", "two")
    listening = await listen(hass, await connect(all_enabled=False))
    album_id = (await full.ask("POST", "albums", {"albumName": full.mark, "assetIds": [one]}))["id"]
    full.albums.add(album_id)
    await listening.look()
    told = await listening.of("album_created", album=album_id)
    assert (told.data["album"]["name"], told.data["album"]["asset_count"]) == (full.mark, 1)
    await full.ask("PATCH", f"albums/{album_id}", {"albumName": f"{full.mark} b"})
    await listening.look()
    told = await listening.of("album_updated", album=album_id)
    assert told.data["album"]["name"] == f"{full.mark} b"
    listening.told.clear()
    await full.ask("PUT", f"albums/{album_id}/assets", {"ids": [two]})
    answered = time.monotonic()
    if not await announces_albums(full):
        await listening.look()
    told = await listening.of("album_updated", album=album_id)
    sys.stdout.write(f"an album grew: {told.at - answered:.2f} s\n")
    assert told.data["album"]["asset_count"] == 2
    await full.ask("DELETE", f"albums/{album_id}")
    full.albums.discard(album_id)
    await listening.look()
    told = await listening.of("album_deleted", album=album_id)
    assert told.data["album"]["name"] == f"{full.mark} b"
    await listening.look()
    kinds = [told.kind for told in listening.about_album(album_id)]
    assert kinds == ["album_updated", "album_deleted"], listening.summary()


async def test_what_another_user_puts_into_a_shared_album(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    user_id, theirs = await full.make_user()
    listening = await listen(hass, await connect(all_enabled=False))
    members = {"albumUsers": [{"userId": user_id, "role": "editor"}]}
    album_id = (await full.ask("POST", "albums", {"albumName": full.mark} | members))["id"]
    full.albums.add(album_id)
    await listening.look()
    await listening.of("album_created", album=album_id)
    asset_id = await upload(full, "theirs", key=theirs)
    await full.ask("PUT", f"albums/{album_id}/assets", {"ids": [asset_id]}, key=theirs)
    if not await announces_albums(full):
        await listening.look()
    told = await listening.of("album_updated", album=album_id)
    assert (told.data["album"]["asset_count"], told.data["missed"]) == (1, False)
    await listening.look()
    assert listening.about(asset_id) == [], "it isn't in this account's library"


async def test_a_connection_that_breaks_is_made_anew(
    hass: HomeAssistant, full: LiveServer, connect: Connect, road: Road
) -> None:
    listening = await listen(hass, await connect(url=road.url, all_enabled=False))
    for number in range(2):
        before = await upload(full, f"before {number}")
        await listening.of("asset_added", before)
        road.cut()
        meanwhile = await upload(full, f"meanwhile {number}")
        broken = time.monotonic()
        told = await listening.of("asset_added", meanwhile, seconds=RECONNECTED_SECONDS)
        # Home Assistant and the server were there: nothing was missed.
        assert told.data["missed"] is False
        await listening.live(RECONNECTED_SECONDS)
        sys.stdout.write(
            f"connection broken: its upload was told after {told.at - broken:.2f} s, live again after "
            f"{time.monotonic() - broken - 1:.2f} s at the most\n"
        )
        after = await upload(full, f"after {number}")
        answered = time.monotonic()
        told = await listening.of("asset_added", after)
        assert told.at - answered <= LIVE_SECONDS
    await listening.look()
    assert {len(listening.about(asset_id)) for asset_id in full.assets} == {1}, listening.summary()


async def test_what_happened_while_the_server_was_away(
    hass: HomeAssistant, full: LiveServer, connect: Connect, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "GONE_AGAIN", timedelta(0))
    old, gone = await ready(full, "old", "gone")
    entry = await connect(url=road.url, all_enabled=False)
    listening = await listen(hass, entry)
    road.close()
    await listening.until(lambda: listening.binary_sensor("live_updates").state == "off", "no live updates")
    await listening.look()
    assert not entry.runtime_data.line.is_up
    new = await upload(full, "new")
    await settled(full, new)
    await full.ask("DELETE", "assets", {"ids": [old], "force": False})
    await full.ask("DELETE", "assets", {"ids": [gone], "force": True})
    full.assets.discard(gone)
    road.open()
    await listening.look()
    for kind, asset_id in (("asset_added", new), ("asset_trashed", old)):
        assert (await listening.of(kind, asset_id)).data["missed"] is True
    await listening.live()
    # Of what was deleted nothing is left with the server but that there is less.
    await entry.runtime_data.library.async_refresh()
    await listening.until(lambda: any(told.kind == "asset_deleted" for told in listening.told), "a deletion")
    deleted = next(told for told in listening.told if told.kind == "asset_deleted")
    assert (deleted.data["count"], deleted.data["missed"], deleted.ids) == (1, True, [])
    await listening.look()
    assert [len(listening.about(each)) for each in (new, old)] == [1, 1], listening.summary()


@pytest.mark.usefixtures("soon")
async def test_what_happened_while_home_assistant_was_away(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    changed, trashed, told_before = await ready(full, "changed", "trashed", "told")
    entry = await connect(all_enabled=False)
    listening = await listen(hass, entry)
    told_before = await upload(full, "told before")
    await listening.of("asset_added", told_before)
    # As at once as it gets: what was told is on disk already or is written now.
    assert await hass.config_entries.async_unload(entry.entry_id)
    new = await upload(full, "new")
    await settled(full, new)
    await full.ask("PUT", f"assets/{changed}", {"isFavorite": True})
    await full.ask("DELETE", "assets", {"ids": [trashed], "force": False})
    album_id = (await full.ask("POST", "albums", {"albumName": full.mark, "assetIds": [new]}))["id"]
    full.albums.add(album_id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    for kind, asset_id in (("asset_added", new), ("asset_updated", changed), ("asset_trashed", trashed)):
        assert (await listening.of(kind, asset_id)).data["missed"] is True
    assert (await listening.of("album_created", album=album_id)).data["missed"] is True
    await listening.live()
    await listening.look()
    for asset_id in (new, changed, trashed, told_before):
        assert len(listening.about(asset_id)) == 1, listening.summary()
    assert len(listening.about_album(album_id)) == 1
    # A second time nothing is left to tell.
    listening.told.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await listening.live()
    await listening.quiet()
    assert not any(full.assets.intersection(told.ids) for told in listening.told), listening.summary()


async def test_a_restart_of_the_server(hass: HomeAssistant, full: LiveServer, connect: Connect) -> None:
    if not RESTART:
        pytest.skip("IMMICH_PLUS_LIVE_RESTART names no command that restarts the server")
    listening = await listen(hass, await connect(all_enabled=False))
    before = await upload(full, "before")
    await listening.of("asset_added", before)
    command = await asyncio.create_subprocess_shell(RESTART)
    assert await command.wait() == 0
    new = await upload(full, "after")
    answered = time.monotonic()
    # A look that came at the wrong moment asks again after a minute.
    await listening.of("asset_added", new, seconds=120)
    sys.stdout.write(
        f"server restarted: an upload right after it was told {time.monotonic() - answered:.1f} s later\n"
    )
    await listening.until(lambda: listening.binary_sensor("live_updates").state == "on", "live updates", 120)
    await listening.look()
    assert {len(listening.about(asset_id)) for asset_id in full.assets} == {1}, listening.summary()
    assert dt_util.utcnow() - listening.account.runtime_data.client.transport.now() < timedelta(minutes=5)
