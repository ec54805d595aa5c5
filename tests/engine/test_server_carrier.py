"""Several accounts on one server: which of them carries the server's device."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus import server_carrier
from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.pace import later

pytestmark = pytest.mark.usefixtures("no_pauses")

type Sane = Callable[[], None]

DISK = "sensor.immich_server_127_0_0_1_disk_available"
RENAMED = "sensor.nas_room"


def _server_devices(hass: HomeAssistant) -> list[dr.DeviceEntry]:
    """Return the devices of servers: those whose identifier is a server's id alone."""
    registry = dr.async_get(hass)
    server_ids = {entry.runtime_data.server_id for entry in hass.config_entries.async_loaded_entries(DOMAIN)}
    return [
        device
        for entry in hass.config_entries.async_entries(DOMAIN)
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
        if any(key in server_ids for _, key in device.identifiers)
    ]


def _carried_by(hass: HomeAssistant) -> str:
    """Return the id of the entry that carries the one server's device."""
    (device,) = _server_devices(hass)
    return device.config_entry_id


def _state(hass: HomeAssistant, entity_id: str) -> str | None:
    state = hass.states.get(entity_id)
    return None if state is None else state.state


def _users(hass: HomeAssistant) -> str | None:
    """Return the number of users, which only an administrator sees; its name follows the device's."""
    (device,) = _server_devices(hass)
    ((_, server_id),) = device.identifiers
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{server_id}_users")
    return None if entity_id is None else _state(hass, entity_id)


def _personalise(hass: HomeAssistant) -> None:
    """Do to the server's device and entities what people do."""
    area = ar.async_get(hass).async_get_or_create("Cellar")
    (device,) = _server_devices(hass)
    dr.async_get(hass).async_update_device(device.id, name_by_user="NAS", area_id=area.id)
    entities = er.async_get(hass)
    entities.async_update_entity(DISK, new_entity_id=RENAMED, name="Room left", icon="mdi:harddisk")
    entities.async_update_entity(
        "sensor.immich_server_127_0_0_1_version", disabled_by=er.RegistryEntryDisabler.USER
    )


def _is_personal(hass: HomeAssistant) -> None:
    """Check that nothing of that was lost."""
    (device,) = _server_devices(hass)
    assert device.name_by_user == "NAS"
    assert device.area_id == "cellar"
    assert device.disabled_by is None
    entities = er.async_get(hass)
    row = entities.async_get(RENAMED)
    assert row is not None
    assert (row.name, row.icon, row.disabled_by) == ("Room left", "mdi:harddisk", None)
    assert row.device_id == device.id
    assert _state(hass, RENAMED) not in (None, "unavailable")
    assert entities.async_get(DISK) is None
    version = entities.async_get("sensor.immich_server_127_0_0_1_version")
    assert version is not None
    assert version.disabled_by is er.RegistryEntryDisabler.USER


async def _restart(hass: HomeAssistant, *order: MockConfigEntry) -> None:
    """Restart Home Assistant as far as this integration can tell, with accounts that start in an order."""
    for entry in order:
        if entry.state is ConfigEntryState.LOADED:
            await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop(server_carrier._CARRIERS, None)
    for entry in order:
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()


@pytest.fixture(name="sane")
def sane_fixture(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> Sane:
    """Give the check that ends each test: the registries are tidy, and nothing was logged against us."""

    def _sane() -> None:
        devices, entities = dr.async_get(hass), er.async_get(hass)
        enabled = {
            entry.entry_id for entry in hass.config_entries.async_entries(DOMAIN) if entry.disabled_by is None
        }
        for entry_id in enabled:
            for device in dr.async_entries_for_config_entry(devices, entry_id):
                assert device.disabled_by is None, device.name
                rows = er.async_entries_for_device(entities, device.id, include_disabled_entities=True)
                assert rows, f"nothing on {device.name}"
                assert {row.config_entry_id for row in rows} == {entry_id}, device.name
            for row in er.async_entries_for_config_entry(entities, entry_id):
                assert row.device_id is not None
                if row.disabled_by is None:
                    assert _state(hass, row.entity_id) not in (None, "unavailable"), row.entity_id
                else:
                    assert row.disabled_by is not er.RegistryEntryDisabler.CONFIG_ENTRY, row.entity_id
        rows = [row for row in entities.entities.values() if row.platform == DOMAIN]
        assert not [row.entity_id for row in rows if row.entity_id.endswith("_2")]
        assert "does not generate unique IDs" not in caplog.text
        assert "already exists" not in caplog.text
        assert not [record for record in caplog.records if record.levelname == "ERROR"]

    return _sane


async def test_administrator_first(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    admin = await add_account(immich)
    user = await add_account(immich, key="user-key")
    guest = await add_account(immich, key="guest-key")

    assert _carried_by(hass) == admin.entry_id
    assert user.runtime_data.server is None
    assert guest.runtime_data.server is None
    assert _users(hass) == "3"
    sane()


async def test_nobody_is_administrator(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    user = await add_account(immich, key="user-key")
    await add_account(immich, key="guest-key")

    assert _carried_by(hass) == user.entry_id
    assert _users(hass) is None
    sane()


async def test_administrator_joins(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    user = await add_account(immich, key="user-key")
    _personalise(hass)

    admin = await add_account(immich)

    assert _carried_by(hass) == admin.entry_id
    assert user.state is ConfigEntryState.LOADED
    assert user.runtime_data.server is None
    assert _users(hass) == "3"
    _is_personal(hass)
    sane()


async def test_second_administrator_joins(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    first = await add_account(immich)
    next(user for user in immich.state.users.values() if user.name == "User").is_admin = True

    second = await add_account(immich, key="user-key")
    assert _carried_by(hass) == first.entry_id

    _personalise(hass)
    await hass.config_entries.async_remove(first.entry_id)
    await hass.async_block_till_done()
    assert _carried_by(hass) == second.entry_id
    _is_personal(hass)
    sane()


async def test_carrier_is_removed(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    admin = await add_account(immich)
    user = await add_account(immich, key="user-key")
    guest = await add_account(immich, key="guest-key")
    _personalise(hass)

    await hass.config_entries.async_remove(admin.entry_id)
    await hass.async_block_till_done()

    assert _carried_by(hass) == user.entry_id
    assert guest.runtime_data.server is None
    assert _users(hass) is None
    _is_personal(hass)
    sane()


async def test_one_that_does_not_carry_is_removed(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    admin = await add_account(immich)
    user = await add_account(immich, key="user-key")
    _personalise(hass)

    await hass.config_entries.async_remove(user.entry_id)
    await hass.async_block_till_done()

    assert _carried_by(hass) == admin.entry_id
    _is_personal(hass)
    sane()


async def test_carrier_is_disabled_and_enabled(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    admin = await add_account(immich)
    user = await add_account(immich, key="user-key")
    _personalise(hass)

    await hass.config_entries.async_set_disabled_by(admin.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()

    assert _carried_by(hass) == user.entry_id
    assert _users(hass) is None
    _is_personal(hass)
    sane()

    await hass.config_entries.async_set_disabled_by(admin.entry_id, None)
    await hass.async_block_till_done()

    assert _carried_by(hass) == admin.entry_id
    assert user.runtime_data.server is None
    assert _users(hass) == "3"
    _is_personal(hass)
    sane()


async def test_carrier_is_disabled_among_administrators(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    """It stays where it went: it moves only when it must."""
    next(user for user in immich.state.users.values() if user.name == "User").is_admin = True
    first = await add_account(immich)
    second = await add_account(immich, key="user-key")
    _personalise(hass)

    await hass.config_entries.async_set_disabled_by(first.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()
    assert _carried_by(hass) == second.entry_id
    sane()

    await hass.config_entries.async_set_disabled_by(first.entry_id, None)
    await hass.async_block_till_done()
    assert _carried_by(hass) == second.entry_id
    _is_personal(hass)
    sane()


async def test_only_account_is_disabled_and_enabled(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    admin = await add_account(immich)
    _personalise(hass)

    await hass.config_entries.async_set_disabled_by(admin.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()
    await hass.config_entries.async_set_disabled_by(admin.entry_id, None)
    await hass.async_block_till_done()

    assert _carried_by(hass) == admin.entry_id
    _is_personal(hass)
    sane()


async def test_account_joins_one_that_is_disabled(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    admin = await add_account(immich)
    _personalise(hass)
    await hass.config_entries.async_set_disabled_by(admin.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()

    user = await add_account(immich, key="user-key")

    assert _carried_by(hass) == user.entry_id
    _is_personal(hass)
    sane()


@pytest.mark.parametrize("admin_starts_first", [True, False])
async def test_restart_keeps_the_carrier(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_account: AddAccount,
    sane: Sane,
    admin_starts_first: bool,
) -> None:
    user = await add_account(immich, key="user-key")
    admin = await add_account(immich)
    _personalise(hass)

    await _restart(hass, *((admin, user) if admin_starts_first else (user, admin)))

    assert _carried_by(hass) == admin.entry_id
    _is_personal(hass)
    sane()


async def test_restart_while_the_carrier_cannot_start(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """A carrier that has trouble keeps the device; when it is given up, the other takes it."""
    admin = await add_account(immich, data={"api_key": "read-key"})
    user = await add_account(immich, key="user-key")
    _personalise(hass)
    key = immich.state.key_by_secret("read-key")
    assert key is not None
    del immich.state.api_keys[key.id]

    await _restart(hass, admin, user)
    assert admin.state is ConfigEntryState.SETUP_ERROR
    assert _carried_by(hass) == admin.entry_id
    assert user.runtime_data.server is None

    await hass.config_entries.async_remove(admin.entry_id)
    await hass.async_block_till_done()
    assert _carried_by(hass) == user.entry_id
    _is_personal(hass)


async def test_carrier_that_cannot_start_is_disabled(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    admin = await add_account(immich, data={"api_key": "read-key"})
    user = await add_account(immich, key="user-key")
    _personalise(hass)
    key = immich.state.key_by_secret("read-key")
    assert key is not None
    del immich.state.api_keys[key.id]
    await _restart(hass, admin, user)

    await hass.config_entries.async_set_disabled_by(admin.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()

    assert _carried_by(hass) == user.entry_id
    _is_personal(hass)


async def test_user_that_carries_comes_back_after_an_administrator_came(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    user = await add_account(immich, key="user-key")
    _personalise(hass)
    await hass.config_entries.async_unload(user.entry_id)
    admin = await add_account(immich)
    # Who can't be asked may be an administrator's.
    assert admin.runtime_data.server is None

    await hass.config_entries.async_setup(user.entry_id)
    await hass.async_block_till_done()

    assert _carried_by(hass) == admin.entry_id
    assert user.runtime_data.server is None
    _is_personal(hass)
    sane()


async def test_user_is_promoted(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    user = await add_account(immich, key="user-key")
    guest = await add_account(immich, key="guest-key")
    assert _carried_by(hass) == user.entry_id
    _personalise(hass)

    immich.state.users[guest.unique_id].is_admin = True
    await later(hass, minutes=31)

    assert _carried_by(hass) == guest.entry_id
    assert _users(hass) == "3"
    _is_personal(hass)
    sane()


async def test_administrator_is_demoted(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, sane: Sane
) -> None:
    admin = await add_account(immich)
    _personalise(hass)

    immich.state.users[admin.unique_id].is_admin = False
    await later(hass, minutes=31)

    assert _carried_by(hass) == admin.entry_id
    assert _users(hass) is None
    _is_personal(hass)
    sane()


async def test_two_servers(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = await make_immich(), await make_immich(library=None)
    # The same seed makes the same ids; real servers don't share them.
    two.state.version_history[:] = [
        ("6a0ad8a4-2d4a-4a4c-8d55-0a8f7a3d9e11", *row[1:]) for row in two.state.version_history
    ]
    first = await add_account(one)
    second = await add_account(two)
    third = await add_account(one, key="user-key")

    devices = {device.config_entry_id: device for device in _server_devices(hass)}
    assert devices.keys() == {first.entry_id, second.entry_id}
    assert len({frozenset(device.identifiers) for device in devices.values()}) == 2

    await hass.config_entries.async_remove(first.entry_id)
    await hass.async_block_till_done()
    assert {device.config_entry_id for device in _server_devices(hass)} == {
        second.entry_id,
        third.entry_id,
    }
    assert "does not generate unique IDs" not in caplog.text


async def test_accounts_hang_on_their_server(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    user = await add_account(immich, key="user-key")
    admin = await add_account(immich)

    registry = dr.async_get(hass)
    (server,) = _server_devices(hass)
    account = registry.async_get_device_by_identifier((DOMAIN, admin.unique_id), admin.entry_id)
    assert account is not None
    assert account.via_device_id == server.id
    assert registry.async_get_device_by_identifier((DOMAIN, user.unique_id), user.entry_id) is not None
