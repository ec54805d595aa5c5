"""The options of an account."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_schema_suggested_value


async def _opened(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "init")
    return result


async def _set(hass: HomeAssistant, entry: MockConfigEntry, **typed: Any) -> None:
    result = await _opened(hass, entry)
    result = await hass.config_entries.options.async_configure(result["flow_id"], typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_nothing_is_chosen_at_first(hass: HomeAssistant, account: MockConfigEntry) -> None:
    await _set(hass, account)

    assert account.options == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (
            {"upload_album": " Door ", "upload_tags": [" Home/Door", "", "Cam "], "upload_archived": True},
            {"upload_album": "Door", "upload_tags": ["Home/Door", "Cam"], "upload_archived": True},
        ),
        ({"upload_album": "  ", "upload_tags": [" "], "upload_archived": False}, {}),
        ({"upload_tags": ["Cam"]}, {"upload_tags": ["Cam"]}),
    ],
)
async def test_choices_are_kept_tidily(
    hass: HomeAssistant, account: MockConfigEntry, typed: dict[str, Any], kept: dict[str, Any]
) -> None:
    await _set(hass, account, **typed)

    assert account.options == kept


async def test_choices_are_shown_and_can_be_taken_back(hass: HomeAssistant, account: MockConfigEntry) -> None:
    await _set(hass, account, upload_album="Door", upload_tags=["Cam"], upload_archived=True)

    result = await _opened(hass, account)
    shown = {
        key: get_schema_suggested_value(result["data_schema"].schema, key)
        for key in ("upload_album", "upload_tags", "upload_archived")
    }
    assert shown == {"upload_album": "Door", "upload_tags": ["Cam"], "upload_archived": True}

    await _set(hass, account, upload_archived=False)
    assert account.options == {}
