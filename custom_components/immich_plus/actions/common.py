"""What all actions share: which account is meant, and what becomes of the client's errors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
import voluptuous as vol

from ..api import Immich
from ..api.errors import ImmichAuthenticationError, ImmichError, ImmichPermissionError
from ..const import DOMAIN
from ..errors import action_failed
from ..runtime import ImmichPlusConfigEntry, Runtime
from ..scopes import async_report_missing_scopes

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"

# Every action takes this.
ACCOUNT_FIELD: Final = {vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}


@dataclass(frozen=True, slots=True)
class Account:
    """The account that a call is about; `runtime` as it was at the start, as the entry may be reloaded meanwhile."""

    entry: ImmichPlusConfigEntry
    runtime: Runtime

    @property
    def client(self) -> Immich:
        """The account's client."""
        return self.runtime.client

    @property
    def user_id(self) -> str:
        """Immich's id of the user."""
        return self.runtime.account.id

    def count_again(self, hass: HomeAssistant) -> None:
        """Let the counts follow what a call did; the call doesn't wait for that."""
        counting = self.runtime.library.async_request_refresh()
        _ = self.entry.async_create_task(hass, counting, "count the library")


async def async_with_account(
    hass: HomeAssistant,
    call: ServiceCall,
    handler: Callable[[HomeAssistant, Account, dict[str, Any]], Awaitable[ServiceResponse]],
) -> ServiceResponse:
    """Find the account, run the handler, and turn the client's errors into translated ones.

    A refused key asks for a new one, a missing scope shows up as a repair. The account may be left out where
    there is one.
    """
    entry: ImmichPlusConfigEntry = async_get_config_entry(hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID))
    account = Account(entry, entry.runtime_data)
    try:
        await account.client.ensure_version()
        return await handler(hass, account, dict(call.data))
    except ImmichError as error:
        note_refusal(hass, account, error)
        raise action_failed(error) from error


def note_refusal(hass: HomeAssistant, account: Account, error: ImmichError) -> None:
    """Ask for a new key if this one is no longer good; show a scope that it lacks as a repair."""
    if isinstance(error, ImmichAuthenticationError):
        account.entry.async_start_reauth(hass)
    elif (
        isinstance(error, ImmichPermissionError)
        and error.scope is not None
        and account.client.scopes.refuse(error.scope)
    ):
        async_report_missing_scopes(hass, account.entry, account.client)
