"""The life of an account: started, interrupted, brought back, ended."""

import asyncio
from collections.abc import Callable
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus import async_remove_config_entry_device
from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status, replaced
from tests.pace import later
from tests.passing import first_look

from .set_ups import SetUps

pytestmark = pytest.mark.usefixtures("no_pauses")

type LogOf = Callable[[], list[str]]

ALBUMS = "sensor.immich_admin_albums"
VERSION = "sensor.immich_server_127_0_0_1_version"
UPDATE = "update.immich_server_127_0_0_1_update"


def _state(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None, f"{entity_id} of {sorted(hass.states.async_entity_ids())}"
    return state.state


def _values(hass: HomeAssistant) -> set[str]:
    """Return the states of everything that the integration shows but how the connection is."""
    rows = er.async_get(hass).entities.values()
    return {
        _state(hass, row.entity_id)
        for row in rows
        if row.platform == DOMAIN and row.domain != Platform.BINARY_SENSOR and row.disabled_by is None
    }


def _server_device(hass: HomeAssistant, entry: MockConfigEntry) -> dr.DeviceEntry:
    server_id = entry.runtime_data.server_id
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, server_id), entry.entry_id)
    assert device is not None
    return device


async def test_away_at_start_then_back(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_account: AddAccount,
    caplog: pytest.LogCaptureFixture,
    log_of: LogOf,
) -> None:
    await immich.stop()

    entry = await add_account(immich)
    for _ in range(5):
        await later(hass, minutes=10)

    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cannot_connect"
    # Home Assistant tells of it in its own words, at most once above info.
    told = [record for record in caplog.records if "not ready yet" in record.getMessage()]
    assert told
    assert len([record for record in told if record.levelno >= logging.WARNING]) <= 1
    assert not [line for line in log_of() if "not ready yet" not in line]
    assert not hass.config_entries.flow.async_progress()

    await immich.start()
    await later(hass, minutes=10)

    assert entry.state is ConfigEntryState.LOADED
    assert _state(hass, ALBUMS) == "5"
    assert not [line for line in log_of() if "not ready yet" not in line]


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Status(502, html=True), "unavailable"),
        (Status(403, "Missing required permission: user.read"), "missing_scope"),
        (Status(401, "Elevated permission is required"), "not_allowed"),
        (Status(500, "Internal Server Error"), "server_error"),
        (replaced([]), "bad_answer"),
    ],
)
async def test_set_up_that_fails_is_tried_again_without_asking_for_a_key(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, fault: Any, key: str
) -> None:
    immich.faults.add("GET users/me", fault)

    entry = await add_account(immich)

    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == key
    assert not hass.config_entries.flow.async_progress()
    immich.faults.clear()
    await later(hass, minutes=1)
    assert entry.state is ConfigEntryState.LOADED


async def test_set_up_fails_in_the_middle(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """What was read already doesn't help when the first readings break off."""
    immich.faults.add("GET albums/statistics", Status(502, html=True))
    immich.faults.add("GET server/version", Status(502, html=True), after=1)

    entry = await add_account(immich)

    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "unavailable"
    immich.faults.clear()
    await later(hass, minutes=1)
    assert entry.state is ConfigEntryState.LOADED


async def test_too_old_at_start_is_noticed_when_upgraded(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    immich = await make_immich(version="1.136.0")
    entry = await add_account(immich)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "too_old"
    assert entry.error_reason_translation_placeholders == {"version": "1.136.0"}

    immich.set_version("3.1.0")
    await later(hass, minutes=1)

    assert entry.state is ConfigEntryState.LOADED


async def test_key_of_another_user_in_storage(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    entry = await add_account(immich, data={"api_key": "user-key"})

    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "wrong_account"


@pytest.mark.parametrize("pem", ["rubbish", "Schlüssel"])
async def test_authority_in_storage_that_is_rubbish(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, pem: str
) -> None:
    entry = await add_account(immich, data={"ca_certificate": pem})

    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "invalid_certificate"


async def test_server_restarts_with_one_line_down_and_one_up(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, log_of: LogOf
) -> None:
    await immich.stop()
    for _ in range(4):
        await later(hass, minutes=40)

    assert _values(hass) == {"unavailable"}
    assert len(log_of()) == 1, log_of()

    await immich.start()
    await later(hass, minutes=6)

    assert "unavailable" not in _values(hass)
    assert _state(hass, ALBUMS) == "5"
    assert len(log_of()) == 2, log_of()

    # And once more: the first time was no exception.
    await immich.stop()
    await later(hass, minutes=40)
    await later(hass, minutes=40)
    await immich.start()
    await later(hass, minutes=6)
    assert len(log_of()) == 4, log_of()


async def test_restart_between_two_readings_is_not_seen(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, log_of: LogOf
) -> None:
    await immich.stop()
    await immich.start()

    await later(hass, minutes=31)

    assert not log_of()
    assert "unavailable" not in _values(hass)


async def test_server_that_is_away_is_asked_rarely(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    immich.faults.add("*", Status(503, html=True))
    await later(hass, minutes=31)
    immich.requests.clear()

    await later(hass, seconds=61)

    assert set(immich.requests.by_route()) == {"GET server/version"} or immich.requests.count() <= 9


@pytest.mark.parametrize(
    "fault",
    [
        Status(403, "Missing required permission: album.statistics"),
        Status(401, "Elevated permission is required"),
        Status(403, "Forbidden"),
        Status(401, html=True),
    ],
    ids=["scope", "locked", "no administrator", "proxy"],
)
async def test_only_a_bad_key_asks_for_a_key(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, fault: Status
) -> None:
    immich.faults.add("GET albums/statistics", fault)

    await later(hass, minutes=31)

    assert not hass.config_entries.flow.async_progress()
    assert account.state is ConfigEntryState.LOADED
    assert _state(hass, ALBUMS) == "unavailable"
    assert _state(hass, "sensor.immich_admin_photos") != "unavailable"


async def test_revoked_key_is_one_line(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, log_of: LogOf
) -> None:
    key = immich.state.key_by_secret("admin-key")
    assert key is not None
    del immich.state.api_keys[key.id]

    for _ in range(5):
        await later(hass, hours=7)

    assert len(log_of()) == 1, log_of()
    assert _values(hass) == {"unavailable"}
    assert len(hass.config_entries.flow.async_progress()) == 1


async def test_server_is_upgraded(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    immich = await make_immich(version="2.7.5")
    entry = await add_account(immich)
    assert _server_device(hass, entry).sw_version == "2.7.5"
    assert _state(hass, VERSION) == "2.7.5"
    before = SetUps(hass, entry)

    immich.set_version("3.3.5")
    await later(hass, minutes=11)

    assert _server_device(hass, entry).sw_version == "3.3.5"
    assert _state(hass, VERSION) == "3.3.5"
    assert hass.states.get(UPDATE).attributes["installed_version"] == "3.3.5"
    assert before.count == 0
    # From now on it is spoken to as what it is.
    immich.requests.clear()
    await later(hass, minutes=31)
    assert {entry.status for entry in immich.requests.entries} == {200}
    asked = immich.requests.matching("GET memories/statistics")
    assert asked[-1].query["for"].count("T") == 0


async def test_upgrade_is_noticed_without_the_servers_device(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    immich = await make_immich(version="2.7.5")
    await add_account(immich)
    other = await add_account(immich, key="user-key")
    assert other.runtime_data.server is None

    immich.set_version("3.3.5")
    await later(hass, minutes=31)

    assert str(other.runtime_data.client.version) == "3.3.5"


async def test_upgrade_during_an_outage(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, log_of: LogOf
) -> None:
    immich = await make_immich(version="1.144.1")
    entry = await add_account(immich)
    await immich.stop()
    await later(hass, minutes=6)

    immich.set_version("3.3.5")
    await immich.start()
    await later(hass, minutes=2)

    assert _state(hass, VERSION) == "3.3.5"
    assert _server_device(hass, entry).sw_version == "3.3.5"
    assert len(log_of()) == 2, log_of()


async def test_server_is_downgraded(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, log_of: LogOf
) -> None:
    immich = await make_immich(version="3.3.5")
    entry = await add_account(immich)

    immich.set_version("2.7.5")
    await later(hass, minutes=31)
    assert _server_device(hass, entry).sw_version == "2.7.5"
    assert _state(hass, UPDATE) == "off"

    await immich.stop()
    await later(hass, minutes=6)
    immich.set_version("1.136.0")
    await immich.start()
    for _ in range(3):
        await later(hass, minutes=31)
    assert _values(hass) == {"unavailable"}
    assert len(log_of()) == 1, log_of()

    immich.set_version("3.3.5")
    await later(hass, minutes=31)
    assert "unavailable" not in _values(hass)
    assert _state(hass, VERSION) == "3.3.5"
    assert len(log_of()) == 2, log_of()


async def test_downgrade_that_nobody_saw(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    immich.set_version("1.136.0")
    for _ in range(3):
        await later(hass, minutes=31)
    assert _values(hass) == {"unavailable"}

    immich.set_version("3.1.0")
    await later(hass, minutes=31)
    assert "unavailable" not in _values(hass)


async def test_maintenance(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, log_of: LogOf
) -> None:
    immich.maintenance = True
    for _ in range(3):
        await later(hass, minutes=31)
    assert _values(hass) == {"unavailable"}
    assert len(log_of()) == 1, log_of()
    assert not hass.config_entries.flow.async_progress()

    immich.maintenance = False
    await later(hass, minutes=31)
    assert "unavailable" not in _values(hass)
    assert len(log_of()) == 2, log_of()


async def test_user_becomes_administrator_and_back(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    entry = await add_account(immich, key="user-key")
    user = immich.state.users[entry.unique_id]
    users = "sensor.immich_server_127_0_0_1_users"
    assert hass.states.get(users) is None

    user.is_admin = True
    await later(hass, minutes=31)
    assert _state(hass, users) == "3"

    user.is_admin = False
    await later(hass, minutes=31)
    assert hass.states.get(users) is None or _state(hass, users) == "unavailable"
    assert entry.state is ConfigEntryState.LOADED


async def test_unloading_and_reloading_leaves_nothing_running(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    before = {task for task in asyncio.all_tasks() if "immich" in repr(task).lower()}
    for _ in range(3):
        assert await hass.config_entries.async_reload(account.entry_id)
        await hass.async_block_till_done()

    assert await hass.config_entries.async_unload(account.entry_id)
    await hass.async_block_till_done()

    assert not account.update_listeners
    immich.requests.clear()
    await later(hass, days=1, hours=1)
    assert immich.requests.count() == 0
    assert _values(hass) == {"unavailable"}
    ours = {task for task in asyncio.all_tasks() if "immich_plus" in repr(task)} - before
    assert not ours


async def test_listeners_do_not_pile_up(hass: HomeAssistant, account: MockConfigEntry) -> None:
    async def _listeners() -> dict[str, int]:
        # Files that wait to be written listen for the end.
        for _ in range(2):
            await later(hass, minutes=2)
        return dict(hass.bus.async_listeners())

    before = await _listeners()

    for _ in range(3):
        await hass.config_entries.async_reload(account.entry_id)
        await first_look(hass)

    assert await _listeners() == before


async def test_home_assistant_restarts_during_an_outage(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, log_of: LogOf
) -> None:
    before = _values(hass)
    ids = sorted(hass.states.async_entity_ids())
    await hass.config_entries.async_unload(account.entry_id)
    await immich.stop()

    await hass.config_entries.async_setup(account.entry_id)
    await hass.async_block_till_done()
    assert account.state is ConfigEntryState.SETUP_RETRY
    assert _values(hass) == {"unavailable"}

    await immich.start()
    await later(hass, minutes=1)
    assert account.state is ConfigEntryState.LOADED
    assert _values(hass) == before
    assert sorted(hass.states.async_entity_ids()) == ids
    assert not [line for line in log_of() if "not ready yet" not in line]


async def test_unloading_while_the_server_is_away(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    await immich.stop()
    await later(hass, minutes=6)

    assert await hass.config_entries.async_unload(account.entry_id)

    assert account.state is ConfigEntryState.NOT_LOADED


async def test_removal_leaves_nothing(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    entry = await add_account(immich, key="read-key")
    issues = ir.async_get(hass).issues
    assert [key for key in issues if key[0] == DOMAIN]

    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()

    assert not [key for key in issues if key[0] == DOMAIN]
    assert not dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert not er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    immich.requests.clear()
    await later(hass, days=1)
    assert immich.requests.count() == 0


async def test_removal_while_the_server_is_away(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    await immich.stop()
    entry = await add_account(immich)

    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()

    assert not hass.config_entries.async_entries(DOMAIN)
    await immich.start()
    immich.requests.clear()
    await later(hass, hours=1)
    assert immich.requests.count() == 0


async def test_removed_and_added_again_has_the_same_entities(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    entry = await add_account(immich)
    before = sorted(hass.states.async_entity_ids())
    await hass.config_entries.async_remove(entry.entry_id)

    await add_account(immich)

    assert sorted(hass.states.async_entity_ids()) == before


async def test_devices_can_be_deleted_only_when_they_are_gone(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    registry = dr.async_get(hass)
    devices = dr.async_entries_for_config_entry(registry, account.entry_id)
    assert len(devices) == 4
    leftover = registry.async_get_or_create(
        config_entry_id=account.entry_id, identifiers={(DOMAIN, f"{account.runtime_data.server_id}_gone")}
    )

    for device in devices:
        assert not await async_remove_config_entry_device(hass, account, device)
    assert await async_remove_config_entry_device(hass, account, leftover)

    await hass.config_entries.async_unload(account.entry_id)
    assert not await async_remove_config_entry_device(hass, account, leftover)


async def test_devices_of_who_is_no_administrator(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    for key in ("user-key", "guest-key"):
        entry = await add_account(immich, key=key)
        devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        assert len(devices) == (2 if key == "user-key" else 1)
        for device in devices:
            assert not await async_remove_config_entry_device(hass, entry, device)


async def test_memories_are_asked_for_just_after_midnight(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, freezer: Any
) -> None:
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-11-23 23:59:00+00:00")
    await hass.config_entries.async_reload(account.entry_id)
    await hass.async_block_till_done()
    immich.requests.clear()

    freezer.move_to("2026-11-24 00:00:11+00:00")
    await later(hass, seconds=0)
    # Requests for a reading are collected for some seconds.
    await later(hass, seconds=30)

    asked = immich.requests.matching("GET memories/statistics")
    assert asked
    assert asked[-1].query["for"].startswith("2026-11-24")
