"""Changing how an account's server is reached."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_schema_suggested_value
import voluptuous as vol

from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich

from .connecting import ADMIN_ID, Typed, good, submitted

pytestmark = pytest.mark.usefixtures("no_pauses")


async def _reconfigured(hass: HomeAssistant, entry: MockConfigEntry, typed: Typed) -> str | None:
    """Submit the form, and return how the dialog ended."""
    result = await submitted(hass, await entry.start_reconfigure_flow(hass), typed.form)
    return result.get("reason")


async def test_server_moved(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, make_immich: MakeImmich
) -> None:
    moved = await make_immich(state=immich.state, library=None, sub_path="/immich")
    await immich.stop()

    # As it is pasted, and with the key left empty.
    reason = await _reconfigured(hass, account, Typed(url=f"{moved.url}/photos", api_key=""))

    assert reason == "reconfigure_successful"
    assert account.data == {"url": moved.url, "api_key": "admin-key", "verify_ssl": True}
    assert account.state is ConfigEntryState.LOADED
    assert hass.states.get("sensor.immich_admin_albums").state != "unavailable"


async def test_key_that_is_left_out(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    result = await account.start_reconfigure_flow(hass)

    result = await submitted(hass, result, {"url": immich.url, "tls": {"verify_ssl": False}})

    assert result["reason"] == "reconfigure_successful"
    assert account.data == {"url": immich.url, "api_key": "admin-key", "verify_ssl": False}


async def test_other_key_of_the_same_user(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    reason = await _reconfigured(hass, account, good(immich).but(api_key="read-key"))

    assert reason == "reconfigure_successful"
    assert account.data["api_key"] == "read-key"
    assert account.unique_id == ADMIN_ID


async def test_key_of_another_user_is_refused(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    before = dict(account.data)

    assert await _reconfigured(hass, account, good(immich).but(api_key="user-key")) == "wrong_account"

    assert account.data == before
    assert account.state is ConfigEntryState.LOADED


async def test_other_server_with_other_users_is_refused(
    hass: HomeAssistant, account: MockConfigEntry, make_immich: MakeImmich
) -> None:
    before = dict(account.data)
    other = await make_immich(library=None)

    assert await _reconfigured(hass, account, good(other)) == "wrong_account"

    assert account.data == before


async def test_authority_comes_and_goes(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    immich = await make_immich(tls=True)
    entry = await add_account(immich, data={"verify_ssl": False})
    assert entry.state is ConfigEntryState.LOADED

    tls = {"verify_ssl": True, "ca_certificate": immich.certificate}
    assert await _reconfigured(hass, entry, Typed(url=immich.url, api_key="", tls=tls))
    assert entry.data["verify_ssl"] is True
    assert entry.data["ca_certificate"].startswith("-----BEGIN")
    assert entry.state is ConfigEntryState.LOADED

    tls = {"verify_ssl": False, "ca_certificate": ""}
    assert await _reconfigured(hass, entry, Typed(url=immich.url, api_key="", tls=tls))
    assert entry.data == {"url": immich.url, "api_key": "admin-key", "verify_ssl": False}
    assert entry.state is ConfigEntryState.LOADED


async def test_form_shows_what_is_stored_but_the_key(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    entry = await add_account(immich, data={"ca_certificate": "pem"}, set_up=False)

    result = await entry.start_reconfigure_flow(hass)

    assert result["description_placeholders"]["account"] == entry.title
    fields = {str(marker): marker for marker in result["data_schema"].schema}
    assert fields["url"].default() == immich.url
    assert isinstance(fields["api_key"], vol.Optional)
    assert isinstance(fields["api_key"].default, vol.Undefined)
    assert fields["api_key"].description is None
    section = result["data_schema"].schema["tls"]
    assert section.options == {"collapsed": False}
    assert get_schema_suggested_value(section.schema.schema, "ca_certificate") == "pem"
