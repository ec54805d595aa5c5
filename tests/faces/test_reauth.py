"""Asking for a new key, as the old one was refused."""

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.pace import later

from .connecting import ADMIN_ID, account_entry, submitted

pytestmark = pytest.mark.usefixtures("no_pauses")


async def test_new_key_of_the_same_user(hass: HomeAssistant, immich: FakeImmich) -> None:
    entry = account_entry(hass, immich.url, title="My photos")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "invalid_auth"
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH

    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reauth_confirm")
    assert result["description_placeholders"]["account"] == "My photos"
    assert result["description_placeholders"]["host"] == "127.0.0.1"
    result = await submitted(hass, result, {"api_key": " admin-key\n"})

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert entry.data == {"url": immich.url, "api_key": "admin-key", "verify_ssl": True}
    assert entry.state is ConfigEntryState.LOADED
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize("key", ["user-key", "guest-key"])
async def test_key_of_another_user_is_refused(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, key: str
) -> None:
    immich.requests.clear()

    result = await submitted(hass, await account.start_reauth_flow(hass), {"api_key": key})

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "wrong_account")
    assert account.data["api_key"] == "admin-key"
    assert account.unique_id == ADMIN_ID
    assert account.state is ConfigEntryState.LOADED


async def test_authority_and_choices_survive(hass: HomeAssistant, immich: FakeImmich) -> None:
    # Without TLS the authority is only carried along.
    extra = {"verify_ssl": False, "ca_certificate": "-----BEGIN CERTIFICATE-----"}
    entry = account_entry(hass, immich.url, data=extra, options={"upload_album": "Door"})

    await submitted(hass, await entry.start_reauth_flow(hass), {"api_key": "read-key"})

    assert entry.data == {"url": immich.url, "api_key": "read-key", **extra}
    assert entry.options == {"upload_album": "Door"}


async def test_key_is_not_shown_again(hass: HomeAssistant, account: MockConfigEntry) -> None:
    result = await account.start_reauth_flow(hass)

    (field,) = result["data_schema"].schema
    assert field.description is None
    assert isinstance(field.default, vol.Undefined)


async def test_revoked_key_asks_once(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> None:
    await add_account(immich, key="user-key")
    key = immich.state.key_by_secret("admin-key")
    assert key is not None
    del immich.state.api_keys[key.id]

    for _ in range(10):
        await later(hass, minutes=31)

    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["context"]["entry_id"] == account.entry_id
    states = {state.entity_id: state.state for state in hass.states.async_all("sensor")}
    assert states["sensor.immich_admin_albums"] == "unavailable"
    assert states["sensor.immich_user_albums"] != "unavailable"


async def test_reconfigure_is_open_to_who_is_asked_for_a_key(hass: HomeAssistant, immich: FakeImmich) -> None:
    entry = account_entry(hass, immich.url)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    form = {"url": immich.url, "api_key": "admin-key", "tls": {"verify_ssl": True}}

    result = await submitted(hass, await entry.start_reconfigure_flow(hass), form)

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.state is ConfigEntryState.LOADED
    assert not hass.config_entries.flow.async_progress()
