"""The action `get_memories`: what Immich shows "on this day"."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from ..asset_filters import day as calendar_day
from .common import ACCOUNT_FIELD, Account

ATTR_DATE: Final = "date"

GET_MEMORIES_SCHEMA: Final = vol.Schema({**ACCOUNT_FIELD, vol.Optional(ATTR_DATE): calendar_day})


async def async_get_memories(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """List the memories of a day, today in Home Assistant's time zone unless the call says another."""
    day = data.get(ATTR_DATE) or dt_util.now().date()
    responses = account.responses
    memories: list[JsonValueType] = [
        {
            "id": memory.id,
            "type": memory.type,
            "year": memory.year,
            "years_ago": None if memory.year is None else day.year - memory.year,
            "saved": memory.saved,
            "assets": await responses.assets(memory.assets),
        }
        for memory in await account.client.memories.list(day)
    ]
    return {"date": day.isoformat(), "memories": memories}
