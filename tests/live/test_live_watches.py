"""Albums with a device of their own, and automations that wait for something, on a real server."""

from functools import partial
import sys
import time
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.immich_plus.const import DOMAIN

from .conftest import Connect
from .listening import LIVE_SECONDS, Listening, announces_albums, listen, ready, upload
from .server import LiveServer

# After an upload it is looked for people a few times; by the second time this one is found for sure.
RECOGNIZED_SECONDS = 60.0

pytestmark = pytest.mark.usefixtures("hass_storage")


async def give_device(hass: HomeAssistant, account: Any, album_id: str) -> str:
    """Give an album a device through its dialog, and return the subentry's id."""
    flow = await hass.config_entries.subentries.async_init(
        (account.entry_id, "album"), context={"source": SOURCE_USER}
    )
    assert flow["type"] is FlowResultType.FORM, flow
    done = await hass.config_entries.subentries.async_configure(flow["flow_id"], {"album_id": album_id})
    assert done["type"] is FlowResultType.CREATE_ENTRY, done
    # The account is loaded afresh.
    await hass.async_block_till_done()
    subentry_id: str = next(iter(account.subentries))
    return subentry_id


def state(hass: HomeAssistant, platform: str, unique_id: str) -> Any:
    """Return the state of an entity."""
    entity_id = er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)
    assert entity_id is not None, unique_id
    return hass.states.get(entity_id)


async def shown(listening: Listening, platform: str, unique_id: str, wanted: str) -> None:
    """Wait until an entity shows a value."""
    await listening.until(
        lambda: state(listening.hass, platform, unique_id).state == wanted, f"{unique_id} {wanted}"
    )


async def test_an_album_with_a_device_grows_and_shrinks(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    one, two = await ready(full, "one", "two")
    user_id, theirs = await full.make_user()
    body = {
        "albumName": full.mark,
        "assetIds": [one],
        "albumUsers": [{"userId": user_id, "role": "editor"}],
    }
    album_id = (await full.ask("POST", "albums", body))["id"]
    full.albums.add(album_id)
    account = await connect(all_enabled=False)
    subentry_id = await give_device(hass, account, album_id)
    listening = await listen(hass, account, unique_id=f"{subentry_id}_album")
    await shown(listening, "sensor", f"{subentry_id}_photos", "1")
    pushed = await announces_albums(full)

    foreign = await upload(full, "theirs", key=theirs)
    for asset_id, key, count in ((two, full.key, "2"), (foreign, theirs, "3")):
        await full.ask("PUT", f"albums/{album_id}/assets", {"ids": [asset_id]}, key=key)
        answered = time.monotonic()
        if not pushed:
            await listening.look()
        told = await listening.of("asset_added", asset_id)
        sys.stdout.write(f"an album with a device grew: {told.at - answered:.2f} s\n")
        assert told.at - answered <= LIVE_SECONDS or not pushed
        assert (told.data["count"], told.data["missed"], told.album_id) == (1, False, album_id)
        assert told.data["asset"]["id"] == asset_id
        assert (told.data["uploader"] == full.mark) is (asset_id == foreign)
        await shown(listening, "sensor", f"{subentry_id}_photos", count)
    assert state(hass, "sensor", f"{subentry_id}_last_added").state not in ("unknown", "unavailable")

    await full.ask("DELETE", f"albums/{album_id}/assets", {"ids": [two]})
    if not pushed:
        await listening.look()
    await listening.of("asset_removed", two)
    await shown(listening, "sensor", f"{subentry_id}_photos", "2")
    await listening.look()
    # The account was loaded, and what it told is remembered: nothing comes a second time.
    await hass.config_entries.async_reload(account.entry_id)
    await listening.live()
    await listening.look()
    for asset_id, kinds in ((one, []), (two, ["asset_added", "asset_removed"]), (foreign, ["asset_added"])):
        assert [told.kind for told in listening.about(asset_id)] == kinds, listening.summary()


async def automate(hass: HomeAssistant, trigger: str, **options: Any) -> list[ServiceCall]:
    """Set an automation up whose action notes what the trigger gives, and return the list of its calls."""
    calls: list[ServiceCall] = async_mock_service(hass, "test", "note")
    words = {
        "asset": "{{ trigger.asset.id }}",
        "media": "{{ trigger.asset.media_content_id }}",
        "missed": "{{ trigger.missed }}",
        "album": "{{ trigger.get('album', {}).get('name', '') }}",
    }
    config = {
        "alias": trigger,
        "mode": "queued",
        "max": 100,
        "triggers": [{"trigger": f"{DOMAIN}.{trigger}", "options": options}],
        "actions": {"action": "test.note", "data": words},
    }
    assert await async_setup_component(hass, "automation", {"automation": config})
    await hass.async_block_till_done()
    return calls


def has_run(calls: list[ServiceCall], times: int) -> bool:
    """Return whether an automation ran so often."""
    return len(calls) >= times


async def test_an_automation_waits_for_uploads(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    account = await connect(all_enabled=False)
    listening = await listen(hass, account)
    calls = await automate(hass, "asset_added", type="image", config_entry_id=account.entry_id)
    for number in range(3):
        asset_id = await upload(full, str(number))
        answered = time.monotonic()
        await listening.until(partial(has_run, calls, number + 1), "a run")
        sys.stdout.write(
            f"from the end of an upload to an automation's action: {time.monotonic() - answered:.2f} s\n"
        )
        assert time.monotonic() - answered <= LIVE_SECONDS
        assert calls[-1].data == {
            "asset": asset_id,
            "media": f"media-source://{DOMAIN}/{account.unique_id}/asset/{asset_id}",
            "missed": False,
            "album": "",
        }
    await listening.look()
    assert len(calls) == 3


async def test_an_automation_waits_for_an_album(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    one, two = await ready(full, "one", "two")
    album_id = (await full.ask("POST", "albums", {"albumName": full.mark, "assetIds": [one]}))["id"]
    full.albums.add(album_id)
    account = await connect(all_enabled=False)
    calls = await automate(hass, "asset_added_to_album", album=full.mark.upper())
    listening = await listen(hass, account)
    # What is in the album already is read once, as somebody waits for it now.
    await listening.look()
    assert calls == []
    await full.ask("PUT", f"albums/{album_id}/assets", {"ids": [two]})
    if not await announces_albums(full):
        await listening.look()
    await listening.until(lambda: bool(calls), "a run")
    await listening.look()
    assert [(call.data["asset"], call.data["album"]) for call in calls] == [(two, full.mark)]


async def test_an_automation_waits_for_a_person(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    (one,) = await ready(full, "one")
    person_id = (await full.ask("POST", "people", {"name": f"Anna {full.mark}"}))["id"]
    full.people.add(person_id)
    face = {"personId": person_id, "imageWidth": 96, "imageHeight": 64}
    face |= {"x": 1, "y": 1, "width": 20, "height": 20}
    await full.ask("POST", "faces", face | {"assetId": one})
    account = await connect(all_enabled=False)
    calls = await automate(hass, "person_recognized", person=f"anna {full.mark}")
    listening = await listen(hass, account)
    # Whom she is on already is read once, as somebody waits for it now.
    await account.runtime_data.recognition.async_refresh()
    two = await upload(full, "two")
    await listening.of("asset_added", two)
    # As the server does it, a while after it announced the picture.
    await full.ask("POST", "faces", face | {"assetId": two})
    recognized = time.monotonic()
    await listening.until(lambda: bool(calls), "a run", RECOGNIZED_SECONDS)
    sys.stdout.write(f"a person was recognized: {time.monotonic() - recognized:.1f} s\n")
    assert [call.data["asset"] for call in calls] == [two]
    told = await listening.of("person_recognized", two)
    assert told.data["person"] == {"id": person_id, "name": f"Anna {full.mark}"}
    await account.runtime_data.recognition.async_refresh()
    await listening.quiet()
    assert len(calls) == 1
