"""Copying the connection of Home Assistant's own Immich integration."""

from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockModule, mock_integration

from custom_components.immich_plus.const import BUILT_IN_DOMAIN, DOMAIN
from tests.fake_immich.fake import FakeImmich

from .connecting import ADMIN_ID, USER_ID, built_in, good, opened, submitted

pytestmark = pytest.mark.usefixtures("no_pauses")


async def _menu(hass: HomeAssistant, choice: str) -> Any:
    result = await opened(hass)
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["take_over", "connect"]
    return await submitted(hass, result, {"next_step_id": choice})


def _as_it_was(entry: MockConfigEntry) -> tuple[Any, ...]:
    return dict(entry.data), dict(entry.options), entry.title, entry.unique_id, entry.disabled_by, entry.state


async def test_one_entry_is_copied_at_once(hass: HomeAssistant, immich: FakeImmich) -> None:
    original = built_in(hass, immich.url)
    before = _as_it_was(original)

    result = await _menu(hass, "take_over")

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"url": immich.url, "api_key": "admin-key", "verify_ssl": True}
    assert result["title"] == "Admin (127.0.0.1)"
    assert hass.config_entries.async_entries(DOMAIN)[0].unique_id == ADMIN_ID
    assert hass.config_entries.async_entries(DOMAIN)[0].state is ConfigEntryState.LOADED
    assert _as_it_was(original) == before


async def test_certificate_that_nobody_checks_stays_so(hass: HomeAssistant, make_immich: Any) -> None:
    immich = await make_immich(tls=True)
    built_in(hass, immich.url, data={"verify_ssl": False})

    result = await _menu(hass, "take_over")

    assert result["data"] == {"url": immich.url, "api_key": "admin-key", "verify_ssl": False}


async def test_one_of_several_is_chosen(hass: HomeAssistant, immich: FakeImmich) -> None:
    built_in(hass, immich.url, title="One")
    second = built_in(hass, immich.url, title="Two", unique_id=USER_ID, data={"api_key": "user-key"})

    result = await _menu(hass, "take_over")
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "take_over"
    selector = result["data_schema"].schema["entry"]
    assert [option["label"] for option in selector.config["options"]] == ["One", "Two"]
    result = await submitted(hass, result, {"entry": second.entry_id})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["api_key"] == "user-key"
    assert hass.config_entries.async_entries(DOMAIN)[0].unique_id == USER_ID


async def test_disabled_entries_can_be_copied(hass: HomeAssistant, immich: FakeImmich) -> None:
    original = built_in(hass, immich.url, disabled_by=ConfigEntryDisabler.USER)

    result = await _menu(hass, "take_over")

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert original.disabled_by is ConfigEntryDisabler.USER


async def test_entries_that_are_here_already_are_left_out(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    built_in(hass, immich.url)
    built_in(hass, immich.url, title="Two", unique_id=USER_ID, data={"api_key": "user-key"})

    # One is left, so there is nothing to choose.
    result = await _menu(hass, "take_over")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["api_key"] == "user-key"

    # None is left, so there is no menu.
    result = await opened(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"


@pytest.mark.parametrize(
    "data", [{"host": None}, {"host": ""}, {"port": "none"}, {"port": None}, {"port": 99999}]
)
async def test_entries_that_make_no_sense_are_left_out(hass: HomeAssistant, data: dict[str, Any]) -> None:
    built_in(hass, "http://127.0.0.1:1", data=data)

    assert (await opened(hass))["type"] is FlowResultType.FORM


async def test_entries_of_another_make_are_left_out(hass: HomeAssistant) -> None:
    MockConfigEntry(domain=BUILT_IN_DOMAIN, data={"something": "else"}).add_to_hass(hass)

    assert (await opened(hass))["type"] is FlowResultType.FORM


async def test_connection_that_does_not_work_is_shown_to_be_mended(
    hass: HomeAssistant, immich: FakeImmich
) -> None:
    original = built_in(hass, immich.url, data={"api_key": "gone"})
    before = _as_it_was(original)

    result = await _menu(hass, "take_over")

    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "connect")
    assert result["errors"] == {"api_key": "invalid_auth"}
    fields = {str(marker): marker for marker in result["data_schema"].schema}
    assert fields["url"].default() == immich.url
    result = await submitted(hass, result, good(immich).form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert _as_it_was(original) == before


async def test_entry_whose_key_is_anothers(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    built_in(hass, immich.url, unique_id=USER_ID, data={"api_key": "read-key"})

    result = await _menu(hass, "take_over")

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_only_entry_vanishes_meanwhile(hass: HomeAssistant, immich: FakeImmich) -> None:
    mock_integration(hass, MockModule(BUILT_IN_DOMAIN))
    original = built_in(hass, immich.url)
    result = await opened(hass)
    await hass.config_entries.async_remove(original.entry_id)

    result = await submitted(hass, result, {"next_step_id": "take_over"})

    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "connect")
    assert not result["errors"]


async def test_chosen_entry_vanishes_meanwhile(hass: HomeAssistant, immich: FakeImmich) -> None:
    mock_integration(hass, MockModule(BUILT_IN_DOMAIN))
    built_in(hass, immich.url)
    second = built_in(hass, immich.url, unique_id=USER_ID)
    result = await _menu(hass, "take_over")
    await hass.config_entries.async_remove(second.entry_id)

    result = await submitted(hass, result, {"entry": second.entry_id})

    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "connect")
    assert not result["errors"]
