"""Automations with triggers, from a change on the server to the action: also over reloads and restarts."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.coordinator.recognition import PAUSES_SECONDS
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.memory_maker import make_memories
from tests.fake_immich.models import Asset
from tests.passing import let_pass, settle

pytestmark = pytest.mark.usefixtures("still_clock")

ALICE = stable_id("tiny person Alice")


@pytest.fixture(name="calls")
def calls_fixture(hass: HomeAssistant) -> list[ServiceCall]:
    """Collect what automations do."""
    return async_mock_service(hass, "test", "note")


async def automate(hass: HomeAssistant, *triggers: dict[str, Any], **more: Any) -> None:
    """Set up an automation as from YAML; its action notes what happened."""
    config = {
        "alias": "Test",
        "mode": "queued",
        "max": 100,
        "triggers": list(triggers),
        "actions": {
            "action": "test.note",
            "data": {
                "what": "{{ trigger.platform.split('.')[1] }}",
                "file": "{{ trigger.get('asset', {}).get('filename', '') }}",
                "media": "{{ trigger.get('asset', {}).get('media_content_id', '') }}",
                "album": "{{ trigger.get('album', {}).get('name', '') }}",
                "person": "{{ trigger.get('person', {}).get('name', '') }}",
                "missed": "{{ trigger.missed }}",
            },
        },
        **more,
    }
    assert await async_setup_component(hass, "automation", {"automation": config})
    await hass.async_block_till_done()
    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "on"


def trigger(kind: str, **options: Any) -> dict[str, Any]:
    """Return a trigger as people write it."""
    return {"trigger": f"{DOMAIN}.{kind}"} | ({"options": options} if options else {})


def upload(immich: FakeImmich, name: str = "new.jpg", album: str | None = None) -> Asset:
    """Add a photo of the administrator's, into an album if one is named."""
    owner = immich.state.users[stable_id("tiny admin")]
    asset = immich.state.add_asset(owner, name, taken=immich.state.now(), thumbhash="x")
    if album is not None:
        into = immich.state.albums[stable_id(f"tiny {album}")]
        immich.state.put_in_album(into, asset.id)
        into.updated_at = immich.state.now()
    return asset


async def look(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the next look come, and what it found be told."""
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, seconds=1)


def noted(calls: list[ServiceCall], *words: str) -> list[tuple[Any, ...]]:
    """Return some words of what was noted."""
    return [tuple(call.data[word] for word in words) for call in calls]


async def test_added(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    calls: list[ServiceCall],
) -> None:
    """Uploads, and what goes into a watched album."""
    await automate(hass, trigger("asset_added"), trigger("asset_added_to_album", album="Holiday"))
    await settle(hass)
    await let_pass(hass, freezer, seconds=1)
    asset = upload(immich, album="holiday")
    await look(hass, freezer)
    assert sorted(noted(calls, "what", "file", "album", "missed")) == [
        ("asset_added", "new.jpg", "", False),
        ("asset_added_to_album", "new.jpg", "Holiday", False),
    ]
    media = f"media-source://{DOMAIN}/{account.unique_id}/asset/{asset.id}"
    assert set(noted(calls, "media")) == {(media,)}
    await look(hass, freezer)
    assert len(calls) == 2


async def test_person(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    calls: list[ServiceCall],
) -> None:
    """A watched person is found in what was uploaded lately."""
    await automate(hass, trigger("person_recognized", person="Alice"))
    await settle(hass)
    await let_pass(hass, freezer, seconds=1)
    asset = upload(immich)
    await look(hass, freezer)
    assert not calls
    immich.state.add_face(asset, immich.state.people[ALICE], (0, 0, 10, 10))
    for seconds in PAUSES_SECONDS:
        await let_pass(hass, freezer, seconds=seconds)
    assert noted(calls, "what", "file", "person") == [("person_recognized", "new.jpg", "Alice")]


async def test_jobs(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    calls: list[ServiceCall],
) -> None:
    """Jobs that fail."""
    await automate(hass, trigger("job_failed", queue="thumbnail_generation"))
    await settle(hass)
    immich.state.queues["thumbnailGeneration"].failed = 2
    immich.state.queues["ocr"].failed = 2
    await look(hass, freezer)
    assert noted(calls, "what", "missed") == [("job_failed", False)]


async def test_memories(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    calls: list[ServiceCall],
) -> None:
    """Memories of a new day."""
    await automate(hass, trigger("memories_became_available"))
    tomorrow = dt_util.now() + timedelta(days=1)
    taken = dt_util.as_utc(tomorrow.replace(year=tomorrow.year - 1, hour=12))
    owner = immich.state.users[account.unique_id or ""]
    immich.state.add_asset(owner, "year_ago.jpg", taken=taken, local_date_time=taken, thumbhash="x")
    make_memories(immich.state)
    freezer.move_to(dt_util.start_of_local_day(tomorrow) + timedelta(seconds=11))
    await let_pass(hass, freezer, seconds=1)
    assert noted(calls, "what", "file") == [("memories_became_available", "year_ago.jpg")]


async def test_before_the_account_and_over_reloads(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    add_account: AddAccount,
    calls: list[ServiceCall],
) -> None:
    """Automations that were there first hear an account that is loaded later, and again after a reload."""
    account = await add_account(immich, set_up=False)
    picked = {
        "media_content_id": f"media-source://{DOMAIN}/{account.unique_id}/albums/{stable_id('tiny holiday')}"
    }
    await automate(
        hass,
        trigger("asset_added", config_entry_id=account.entry_id),
        trigger("asset_added_to_album", album=picked),
    )
    await hass.config_entries.async_setup(account.entry_id)
    await settle(hass)
    await let_pass(hass, freezer, seconds=1)
    upload(immich, "first.jpg", "holiday")
    await look(hass, freezer)
    assert len(calls) == 2
    await hass.config_entries.async_reload(account.entry_id)
    await settle(hass)
    upload(immich, "second.jpg", "holiday")
    await look(hass, freezer)
    assert sorted(noted(calls[2:], "what", "file")) == [
        ("asset_added", "second.jpg"),
        ("asset_added_to_album", "second.jpg"),
    ]


@pytest.mark.parametrize("include", [True, False])
async def test_restart(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    add_account: AddAccount,
    calls: list[ServiceCall],
    *,
    include: bool,
) -> None:
    """What was missed waits for automations, which only listen once Home Assistant has started."""
    account = await add_account(immich, set_up=False)
    options = {"include_missed": include}
    triggers = (
        trigger("asset_added", **options),
        trigger("asset_added_to_album", album="Holiday", **options),
    )
    hass.set_state(CoreState.not_running)
    await automate(hass, *triggers)
    await hass.config_entries.async_setup(account.entry_id)
    await hass.async_start()
    await settle(hass)
    await let_pass(hass, freezer, seconds=1)
    # Home Assistant stops, something happens, and it starts again with all that it had.
    await hass.services.async_call("automation", "turn_off", {"entity_id": "automation.test"}, blocking=True)
    await hass.config_entries.async_unload(account.entry_id)
    upload(immich, album="holiday")
    hass.set_state(CoreState.not_running)
    await hass.config_entries.async_setup(account.entry_id)
    await hass.services.async_call("automation", "turn_on", {"entity_id": "automation.test"}, blocking=True)
    await settle(hass)
    await let_pass(hass, freezer, seconds=2)
    assert not calls
    await hass.async_start()
    await settle(hass)
    await let_pass(hass, freezer, seconds=1)
    assert sorted(noted(calls, "what", "missed")) == (
        [("asset_added", True), ("asset_added_to_album", True)] if include else []
    )
