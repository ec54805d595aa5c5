"""The device of an album and its sensors."""

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.diagnostics import async_get_config_entry_diagnostics
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.faults import Status, missing
from tests.fake_immich.models import Role
from tests.passing import entity_id, let_pass, settle

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


async def test_device(watching: Watching) -> None:
    """Named by the person, beside the account, with the album's page behind it."""
    device = watching.device
    assert device is not None
    assert device.name == "Our holiday"
    assert device.config_subentry_id == watching.subentry_id
    assert device.entry_type is dr.DeviceEntryType.SERVICE
    assert device.manufacturer == "Immich"
    assert device.configuration_url == f"{watching.immich.url}/albums/{HOLIDAY}"
    registry = dr.async_get(watching.hass)
    account = registry.async_get_device_by_identifier(
        (DOMAIN, watching.account.unique_id or ""), watching.account.entry_id
    )
    assert account is not None
    assert device.via_device_id == account.id
    assert account.config_subentry_id is None


async def test_no_secret_in_the_address(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    immich = await make_immich(sub_path="/photos-app")
    url = immich.url.replace("://", "://anna:secret@")
    account = await add_account(immich, data={"url": url}, subentries_data=[watched()])
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(
        (DOMAIN, next(iter(account.subentries))), account.entry_id
    )
    assert device is not None
    assert device.configuration_url == f"{immich.url}/albums/{HOLIDAY}"


async def test_entities(hass: HomeAssistant, watching: Watching) -> None:
    """All of an album's entities are on its device, belong to its subentry, and are named after it."""
    assert watching.device is not None
    rows = er.async_entries_for_device(er.async_get(hass), watching.device.id)
    assert {row.entity_id: row.config_subentry_id for row in rows} == dict.fromkeys(
        [
            "event.our_holiday_album",
            "image.our_holiday_cover",
            "sensor.our_holiday_last_added",
            "sensor.our_holiday_photos_and_videos",
        ],
        watching.subentry_id,
    )


@pytest.mark.parametrize("version", VERSIONS)
async def test_sensors(make_watching: MakeWatching, version: str) -> None:
    watching = await make_watching(version=version)
    photos = watching.state("photos")
    assert photos.state == "3"
    assert photos.attributes["state_class"] == "measurement"
    assert photos.attributes["unit_of_measurement"] == "items"
    last_added = watching.state("last_added")
    assert last_added.attributes["device_class"] == "timestamp"
    if version == "1.137.3":
        # It doesn't tell when assets were added.
        assert last_added.state == STATE_UNKNOWN
    else:
        newest = watching.immich.state.assets[tiny("paris.jpg")].created_at
        assert dt_util.parse_datetime(last_added.state) == newest

    await watching.change(add=["party.jpg"])
    await watching.look()

    assert watching.state("photos").state == "4"
    added_at = watching.album.updated_at.replace(microsecond=0)
    assert dt_util.parse_datetime(watching.state("last_added").state) == added_at


async def test_album_without_photos(make_watching: MakeWatching) -> None:
    watching = await make_watching(albums=[watched(tiny("empty"), "Nothing yet")])
    assert watching.state("photos").state == "0"
    assert watching.state("last_added").state == STATE_UNKNOWN


async def test_number_that_is_not_told(make_watching: MakeWatching, make_immich: MakeImmich) -> None:
    immich = await make_immich()
    first = immich.state.albums_of(tiny("admin"))[0]
    immich.faults.add("GET albums", missing(0, "assetCount"))
    watching = await make_watching(immich=immich, albums=[watched(first.id, "First")])
    assert watching.state("photos").state == STATE_UNKNOWN


async def test_album_of_somebody_else(make_watching: MakeWatching) -> None:
    watching = await make_watching(albums=[watched(THEIRS, "Theirs")])
    assert watching.state("photos").state == "2"


async def test_two_albums(hass: HomeAssistant, make_watching: MakeWatching) -> None:
    """Each has its own device and entities, whatever their names."""
    watching = await make_watching(albums=[watched(), watched(THEIRS)])
    first, second = watching.account.subentries
    assert {entity_id(hass, f"{each}_photos") for each in (first, second)} == {
        "sensor.our_holiday_photos_and_videos",
        "sensor.our_holiday_photos_and_videos_2",
    }


async def test_server_away(hass: HomeAssistant, watching: Watching) -> None:
    await watching.immich.stop()
    await watching.look()
    assert watching.states == {STATE_UNAVAILABLE}
    assert watching.issue() is None

    await watching.immich.start()
    await watching.look()
    assert watching.state("photos").state == "3"
    assert STATE_UNAVAILABLE not in watching.states


async def test_before_the_first_look(hass: HomeAssistant, watching: Watching) -> None:
    """Nothing is known of the album, so nothing is shown that could be taken for a number."""
    await hass.config_entries.async_reload(watching.account.entry_id)
    assert watching.state("photos").state == STATE_UNAVAILABLE
    assert watching.state("last_added").state == STATE_UNAVAILABLE
    await let_pass(hass, watching.freezer, seconds=1)
    assert watching.state("photos").state == "3"


async def test_list_that_fails_alone(hass: HomeAssistant, watching: Watching) -> None:
    """Albums are unavailable, the rest stays; that they are gone isn't said."""
    watching.immich.faults.add("GET albums", Status(500))
    await watching.look()
    assert watching.states == {STATE_UNAVAILABLE}
    assert watching.issue() is None

    watching.immich.faults.clear()
    await watching.look()
    assert STATE_UNAVAILABLE not in watching.states


async def test_key_that_may_not_read_albums(make_watching: MakeWatching, make_immich: MakeImmich) -> None:
    """The entities wait, and the repair names what is missing, for the pictures as well."""
    immich = await make_immich()
    immich.state.add_api_key(
        immich.state.users[tiny("admin")], ["user.read", "asset.read"], secret="little-key"
    )
    watching = await make_watching(immich=immich, key="little-key")
    assert watching.states == {STATE_UNAVAILABLE}
    assert watching.issue() is None
    issue = ir.async_get(watching.hass).async_get_issue(DOMAIN, f"missing_scopes_{watching.account.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert {"- `album.read`", "- `asset.view`"} <= set(issue.translation_placeholders["scopes"].split("\n"))


async def test_key_that_may_not_search(make_watching: MakeWatching, make_immich: MakeImmich) -> None:
    """What the list of albums tells is shown; what comes and goes can't be found."""
    immich = await make_immich()
    immich.state.add_api_key(
        immich.state.users[tiny("admin")], ["user.read", "album.read", "asset.view"], secret="little-key"
    )
    watching = await make_watching(immich=immich, key="little-key")
    assert watching.state("photos").state == "3"
    await watching.look()
    assert watching.state("photos").state == "3"


async def test_album_devices_stay_when_the_server_moves(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    """An administrator's account takes the server's device over, and nothing of another account's albums."""
    immich = await make_immich()
    immich.state.albums[HOLIDAY].members[tiny("user")] = Role.VIEWER
    user = await add_account(immich, key="user-key", subentries_data=[watched()])
    (subentry_id,) = user.subentries
    admin = await add_account(immich, key="admin-key", subentries_data=[watched()])
    await settle(hass)

    registry = dr.async_get(hass)
    assert registry.async_get_device_by_identifier((DOMAIN, subentry_id), user.entry_id) is not None
    assert registry.async_get_device_by_identifier((DOMAIN, subentry_id), admin.entry_id) is None
    (theirs,) = admin.subentries
    assert registry.async_get_device_by_identifier((DOMAIN, theirs), admin.entry_id) is not None
    assert entity_id(hass, f"{subentry_id}_photos") == "sensor.our_holiday_photos_and_videos"


async def test_device_is_deleted_with_its_subentry_only(
    hass: HomeAssistant, watching: Watching, hass_ws_client: WebSocketGenerator
) -> None:
    """The device's own delete button refuses: the album would be back at the next start."""
    assert await async_setup_component(hass, "config", {})
    assert watching.device is not None
    device_id, subentry_id = watching.device.id, watching.subentry_id
    client = await hass_ws_client(hass)
    command = {
        "type": "config/device_registry/remove_config_entry",
        "config_entry_id": watching.account.entry_id,
        "device_id": device_id,
    }
    await client.send_json_auto_id(command)
    assert not (await client.receive_json())["success"]

    hass.config_entries.async_remove_subentry(watching.account, subentry_id)
    await hass.async_block_till_done()

    assert dr.async_get(hass).async_get(device_id) is None
    for key, platform in (("photos", Platform.SENSOR), ("cover", Platform.IMAGE), ("album", Platform.EVENT)):
        assert entity_id(hass, f"{subentry_id}_{key}", platform) is None


async def test_diagnostics_tell_no_names(hass: HomeAssistant, watching: Watching) -> None:
    found = await async_get_config_entry_diagnostics(hass, watching.account)
    assert found["subentries"] == {"album": 1}
    assert found["entities"]["image"] == 1
    assert "holiday" not in str(found).lower()
    assert HOLIDAY not in str(found)
    assert watching.subentry_id not in str(found)


async def test_album_follows_actions(hass: HomeAssistant, watching: Watching) -> None:
    """What Home Assistant itself did is shown without waiting for the next look."""
    await let_pass(hass, watching.freezer, minutes=1)
    await hass.services.async_call(
        DOMAIN, "add_to_album", {"album": "Holiday", "assets": [tiny("party.jpg")]}, blocking=True
    )
    await settle(hass)
    assert watching.state("photos").state == "4"
    event = watching.state("album", Platform.EVENT)
    assert event.attributes["ids"] == [tiny("party.jpg")]

    await let_pass(hass, watching.freezer, minutes=1)
    await hass.services.async_call(DOMAIN, "delete_album", {"album": "Holiday"}, blocking=True)
    await settle(hass)
    assert watching.issue() is not None


async def test_nothing_is_read_for_albums_twice(hass: HomeAssistant, watching: Watching) -> None:
    """Albums with a device cost no more than the look that is there anyway."""
    watching.immich.requests.clear()
    await let_pass(hass, watching.freezer, hours=1)
    without = [
        entry.route for entry in watching.immich.requests.entries if entry.route.startswith("GET albums/")
    ]
    assert [route for route in without if "statistics" not in route] == []
    assert watching.immich.requests.count("GET albums") == 1
