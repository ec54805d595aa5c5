"""Devices: one for the account, the server and each other user, named so that people tell them apart."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.passing import let_pass


def devices(hass: HomeAssistant, account: MockConfigEntry) -> dict[str, dr.DeviceEntry]:
    """Return the devices of an entry by their identifier."""
    found = {}
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), account.entry_id):
        ((domain, key),) = device.identifiers
        assert domain == DOMAIN
        found[key] = device
    return found


async def test_devices(hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry) -> None:
    found = devices(hass, account)
    server_id = account.runtime_data.server_id
    names = {user.name: user.id for user in immich.state.users.values()}
    user, guest = (f"{server_id}_{names[name]}" for name in ("User", "Guest"))
    assert {key: device.name for key, device in found.items()} == {
        account.unique_id: "Immich Admin",
        server_id: "Immich server 127.0.0.1",
        user: "Immich user User",
        guest: "Immich user Guest",
    }
    assert server_id == immich.state.version_history[-1][0]
    server = found[server_id]
    for key, device in found.items():
        assert device.via_device_id == (None if key == server_id else server.id)
        assert device.manufacturer == "Immich"
        assert device.entry_type is dr.DeviceEntryType.SERVICE
        assert device.sw_version == ("3.1.0" if key == server_id else None)
        # Only what can be opened in a browser has an address: users can't be.
        assert device.configuration_url == (immich.url if key in {server_id, account.unique_id} else None)


async def test_second_account(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> None:
    """The server's device stays where it is; the second account has its own device only."""
    second = await add_account(immich, key="user-key")
    assert [device.name for device in devices(hass, second).values()] == ["Immich User"]
    assert len(devices(hass, account)) == 4


async def test_sub_path(hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount) -> None:
    immich = await make_immich(sub_path="/photos-app/immich")
    account = await add_account(immich)
    assert {device.configuration_url for device in devices(hass, account).values()} == {immich.url, None}


async def test_no_secret_in_addresses(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """An entry whose address was edited by hand: a name and a password in it aren't shown."""
    url = immich.url.replace("://", "://anna:secret@")
    account = await add_account(immich, data={"url": url})
    for device in devices(hass, account).values():
        assert "secret" not in str(device)
        assert "admin-key" not in str(device)


@pytest.mark.parametrize("version", ["1.137.3", "3.3.5"])
async def test_version_of_the_server(
    hass: HomeAssistant,
    still_clock: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    version: str,
) -> None:
    """The device tells what runs, also after an upgrade, without a reload."""
    immich = await make_immich(version=version)
    account = await add_account(immich)
    server_id = account.runtime_data.server_id
    assert devices(hass, account)[server_id].sw_version == version
    immich.set_version("3.3.6")
    await let_pass(hass, still_clock, minutes=10)
    assert devices(hass, account)[server_id].sw_version == "3.3.6"
