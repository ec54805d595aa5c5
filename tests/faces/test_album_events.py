"""The event entity of an album: what came in, what went, what changed."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.event import ATTR_EVENT_TYPE
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.immich_plus.event import AlbumEvent
from tests.conftest import MakeImmich
from tests.fake_immich.models import Role
from tests.passing import let_pass

from .acting import tiny
from .albums import (
    HOLIDAY,
    THEIRS,
    VERSIONS,
    MakeWatching,
    Watching,
    make_watching_fixture,
    watched,
    watching_fixture,
)

__all__ = ["make_watching_fixture", "watching_fixture"]

EVENT = "event.our_holiday_album"

type Told = Callable[[], list[dict[str, Any]]]


@pytest.fixture(name="told")
async def told_fixture(hass: HomeAssistant) -> Told:
    """Give a function that returns the data of what the event entity has told, as automations hear it."""
    found: list[dict[str, Any]] = []

    def _hear(event: Event[EventStateChangedData]) -> None:
        before, after = event.data["old_state"], event.data["new_state"]
        if event.data["entity_id"] != EVENT or before is None or after is None:
            return
        if before.state != STATE_UNAVAILABLE and after.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            found.append(dict(after.attributes))

    hass.bus.async_listen(EVENT_STATE_CHANGED, _hear)
    return lambda: found


def _kinds(told: Told) -> list[str]:
    return [data[ATTR_EVENT_TYPE] for data in told()]


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_comes_and_goes(make_watching: MakeWatching, told: Told, version: str) -> None:
    watching = await make_watching(version=version)
    await watching.look()
    assert told() == []
    assert watching.state("album", Platform.EVENT).state == STATE_UNKNOWN
    assert watching.state("album", Platform.EVENT).attributes["event_types"] == [
        "asset_added",
        "asset_removed",
        "album_updated",
    ]

    await watching.change(add=["party.jpg"])
    await watching.look()
    assert set(_kinds(told)) == {"asset_added", "album_updated"}
    (added,) = [data for data in told() if data[ATTR_EVENT_TYPE] == "asset_added"]
    assert (added["count"], added["ids"], added["missed"]) == (1, [tiny("party.jpg")], False)
    assert added["uploader"] == "Admin"
    assert added["asset"]["filename"] == "party.jpg"
    assert added["asset"]["media_content_id"].endswith(f"/asset/{tiny('party.jpg')}")
    assert added["album"]["id"] == HOLIDAY

    told().clear()
    await watching.change(remove=["party.jpg", "rome.jpg"])
    await watching.look()
    (removed,) = [data for data in told() if data[ATTR_EVENT_TYPE] == "asset_removed"]
    assert removed["count"] == 2
    assert set(removed["ids"]) == {tiny("party.jpg"), tiny("rome.jpg")}


async def test_another_name(watching: Watching, told: Told) -> None:
    watching.freezer.tick(1)
    await watching.account.runtime_data.client.albums.update(HOLIDAY, name="Italy")
    await watching.look()
    assert _kinds(told) == ["album_updated"]
    assert told()[0]["album"]["name"] == "Italy"
    assert watching.device is not None
    assert watching.device.name == "Our holiday"


async def test_somebody_else_adds(make_watching: MakeWatching, make_immich: MakeImmich, told: Told) -> None:
    """Who it was is told."""
    immich = await make_immich()
    watching = await make_watching(immich=immich)
    watching.freezer.tick(1)
    watching.album.members[tiny("user")] = Role.EDITOR
    immich.state.put_in_album(watching.album, tiny("user1.jpg"))
    watching.album.updated_at = immich.state.now()
    await watching.look()
    (added,) = [data for data in told() if data[ATTR_EVENT_TYPE] == "asset_added"]
    assert (added["uploader"], added["ids"]) == ("User", [tiny("user1.jpg")])


async def test_other_albums_are_no_news(
    hass: HomeAssistant, make_watching: MakeWatching, make_immich: MakeImmich, told: Told
) -> None:
    """Neither of the same account, nor of another one on the same server."""
    watching = await make_watching(albums=[watched(), watched(THEIRS, "Theirs")])
    watching.freezer.tick(1)
    await watching.account.runtime_data.client.albums.update(tiny("empty"), name="Full")
    await watching.account.runtime_data.client.albums.add_assets(THEIRS, [tiny("party.jpg")])
    await watching.look()
    assert told() == []


async def test_while_the_server_was_away(watching: Watching, told: Told) -> None:
    """Automations hear of it, though the entity was unavailable until the same moment."""
    await watching.immich.stop()
    await watching.look()
    assert watching.state("album", Platform.EVENT).state == STATE_UNAVAILABLE
    watching.freezer.tick(1)
    watching.immich.state.put_in_album(watching.album, tiny("party.jpg"))
    watching.album.updated_at = watching.immich.state.now()
    await watching.immich.start()
    await watching.look()

    assert set(_kinds(told)) == {"asset_added", "album_updated"}
    assert all(data["missed"] for data in told())


async def test_while_home_assistant_was_off(watching: Watching, told: Told) -> None:
    await watching.hass.config_entries.async_unload(watching.account.entry_id)
    watching.freezer.tick(1)
    watching.immich.state.put_in_album(watching.album, tiny("party.jpg"))
    watching.album.updated_at = watching.immich.state.now()
    await watching.hass.config_entries.async_setup(watching.account.entry_id)
    await let_pass(watching.hass, watching.freezer, seconds=1)

    assert set(_kinds(told)) == {"asset_added", "album_updated"}
    assert all(data["missed"] for data in told())


async def test_last_event_outlives_new_starts(watching: Watching) -> None:
    """Also two in a row, and it is shown before the next look."""
    await watching.change(add=["party.jpg"])
    await watching.look()
    before = watching.state("album", Platform.EVENT)
    assert before.attributes[ATTR_EVENT_TYPE] == "asset_added"
    for _ in range(2):
        await watching.hass.config_entries.async_reload(watching.account.entry_id)
        after = watching.state("album", Platform.EVENT)
        assert (after.state, after.attributes["ids"]) == (before.state, before.attributes["ids"])


async def test_core_trigger(hass: HomeAssistant, watching: Watching) -> None:
    """Home Assistant's own trigger for events hears it, also what was missed."""
    heard: list[int] = []
    hass.services.async_register("test", "note", lambda call: heard.append(call.data["count"]))
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "triggers": {
                    "trigger": "event.received",
                    "target": {"entity_id": EVENT},
                    "options": {"event_type": "asset_added"},
                },
                "actions": {
                    "action": "test.note",
                    "data": {"count": "{{ state_attr('" + EVENT + "', 'count') }}"},
                },
            }
        },
    )
    await watching.change(add=["party.jpg"])
    await watching.look()
    assert heard == [1]

    await watching.immich.stop()
    await watching.look()
    watching.freezer.tick(1)
    for name in ("film.mp4", "memory.jpg"):
        watching.immich.state.put_in_album(watching.album, tiny(name))
    watching.album.updated_at = watching.immich.state.now()
    await watching.immich.start()
    await watching.look()
    assert heard == [1, 2]


def test_long_data_stays_out_of_the_database() -> None:
    """Automations get it; a history of lists would only cost space."""
    assert AlbumEvent._unrecorded_attributes == {"ids", "asset", "album"}
