"""Actions: one module for each family, one table that registers them all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers.typing import VolSchemaType

from ..const import DOMAIN
from .album_assets import ADD_TO_ALBUM_SCHEMA, async_add_to_album
from .common import Account, async_with_account
from .upload import UPLOAD_SCHEMA, async_upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action: its schema, which always has `config_entry_id`, and what it does with an account."""

    schema: VolSchemaType
    handler: Callable[[HomeAssistant, Account, dict[str, Any]], Awaitable[ServiceResponse]]


ACTIONS: Final[dict[str, Action]] = {
    "upload": Action(schema=UPLOAD_SCHEMA, handler=async_upload),
    "add_to_album": Action(schema=ADD_TO_ALBUM_SCHEMA, handler=async_add_to_album),
}


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register all actions; they exist as long as the integration does, with or without a loaded account."""

    async def _call(action: Action, call: ServiceCall) -> ServiceResponse:
        response = await async_with_account(hass, call, action.handler)
        return response if call.return_response else None

    for name, action in ACTIONS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            partial(_call, action),
            schema=action.schema,
            supports_response=SupportsResponse.OPTIONAL,
        )
