"""What all actions share: which account is meant, and what becomes of the client's errors."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import script_stack_cv
from homeassistant.helpers.service import async_get_config_entry
import voluptuous as vol

from ..api import Immich
from ..api.errors import ImmichAuthenticationError, ImmichError, ImmichPermissionError
from ..api.merge import LARGEST_PAGE
from ..asset_filters import whole_number
from ..asset_reference import asset_id_of
from ..const import ASSETS_PER_CALL, DOMAIN, SUBENTRY_ALBUM
from ..errors import action_failed, mistake
from ..responses import Responses
from ..runtime import ImmichPlusConfigEntry, Runtime
from ..scopes import async_report_missing_scopes

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"

ATTR_ASSETS: Final = "assets"
ATTR_PAGE_SIZE: Final = "page_size"
ATTR_CURSOR: Final = "cursor"

# Every action takes this.
ACCOUNT_FIELD: Final = {vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}


def _assets(value: Any) -> list[str]:
    """Accept ids, media content ids, and assets or whole responses as other actions gave them."""
    if isinstance(value, dict) and isinstance(value.get(ATTR_ASSETS), list):
        value = value[ATTR_ASSETS]
    found: list[str] = []
    for entry in cv.ensure_list(value):
        given = entry.get("id") if isinstance(entry, dict) else entry
        if given is None and isinstance(entry, dict):
            # What `upload` could not send has no id; the others of its response are meant all the same.
            continue
        found.append(cv.string(given))
    return found


ASSETS: Final = vol.All(_assets, vol.Length(max=ASSETS_PER_CALL))
ASSETS_FIELD: Final = {vol.Required(ATTR_ASSETS): ASSETS}


def page_fields(default: int) -> dict[vol.Marker, Any]:
    """Return the fields of actions that answer page by page."""
    return {
        vol.Optional(ATTR_PAGE_SIZE, default=default): whole_number(1, LARGEST_PAGE),
        vol.Optional(ATTR_CURSOR): vol.Any(None, cv.string),
    }


def asset_ids(data: Mapping[str, Any], what: str = ATTR_ASSETS) -> list[str]:
    """Return the ids that a call names, each once; raises ServiceValidationError for anything else."""
    found: dict[str, None] = {}
    for given in data.get(what, []):
        if (asset_id := asset_id_of(given)) is None:
            raise mistake("not_an_asset", asset=given[:_LONGEST_SHOWN])
        found[asset_id] = None
    return list(found)


# Something long that is no asset isn't repeated whole.
_LONGEST_SHOWN: Final = 200


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

    @property
    def responses(self) -> Responses:
        """What writes the account's assets and albums into responses."""
        return Responses(self.entry.entry_id, self.user_id, self.client.url)

    def count_again(self, hass: HomeAssistant) -> None:
        """Let counts, albums and folders follow what a call did; the call doesn't wait for that."""
        self.runtime.listings.clear()
        counting = self.runtime.library.async_request_refresh()
        _ = self.entry.async_create_task(hass, counting, "count the library")
        if self.entry.get_subentries_of_type(SUBENTRY_ALBUM):
            looking = self.runtime.albums.async_request_refresh()
            _ = self.entry.async_create_task(hass, looking, "look at the albums")


async def async_need_administrator(hass: HomeAssistant, call: ServiceCall) -> None:
    """Refuse a call that a person makes who is no administrator of Home Assistant.

    Automations and scripts may do what whoever wrote them could, whoever sets them off.
    """
    user_id = call.context.user_id
    if user_id is None or script_stack_cv.get():
        return
    user = await hass.auth.async_get_user(user_id)
    if user is None or not user.is_admin:
        raise mistake("administrators_only")


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
