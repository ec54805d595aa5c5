"""Actions: one module for each family, one table that registers them all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers.typing import VolSchemaType

from ..const import DOMAIN
from .album_assets import (
    ADD_TO_ALBUM_SCHEMA,
    REMOVE_FROM_ALBUM_SCHEMA,
    async_add_to_album,
    async_remove_from_album,
)
from .albums import (
    CREATE_ALBUM_SCHEMA,
    DELETE_ALBUM_SCHEMA,
    GET_ALBUM_SCHEMA,
    GET_ALBUMS_SCHEMA,
    UPDATE_ALBUM_SCHEMA,
    async_create_album,
    async_delete_album,
    async_get_album,
    async_get_albums,
    async_update_album,
)
from .assets import (
    DELETE_ASSETS_SCHEMA,
    GET_ASSET_SCHEMA,
    RESTORE_ASSETS_SCHEMA,
    TRASH_ASSETS_SCHEMA,
    UPDATE_ASSETS_SCHEMA,
    async_delete_assets,
    async_get_asset,
    async_restore_assets,
    async_trash_assets,
    async_update_assets,
)
from .common import Account, async_need_administrator, async_with_account
from .download import DOWNLOAD_ASSETS_SCHEMA, async_download_assets
from .library import (
    CREATE_TAGS_SCHEMA,
    GET_PEOPLE_SCHEMA,
    GET_PLACES_SCHEMA,
    GET_TAGS_SCHEMA,
    async_create_tags,
    async_get_people,
    async_get_places,
    async_get_tags,
)
from .memories import GET_MEMORIES_SCHEMA, async_get_memories
from .search import (
    GET_RANDOM_ASSETS_SCHEMA,
    SEARCH_ASSETS_SCHEMA,
    SMART_SEARCH_SCHEMA,
    async_get_random_assets,
    async_search_assets,
    async_smart_search,
)
from .server_info import GET_SERVER_INFO_SCHEMA, async_get_server_info
from .shared_links import (
    CREATE_SHARED_LINK_SCHEMA,
    DELETE_SHARED_LINK_SCHEMA,
    async_create_shared_link,
    async_delete_shared_link,
)
from .upload import UPLOAD_SCHEMA, async_upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action: its schema, which always has `config_entry_id`, and what it does with an account.

    `only_asks`: it changes nothing, so a call without a response would be for nothing.
    `administrators`: a person who calls it has to be an administrator of Home Assistant.
    """

    schema: VolSchemaType
    handler: Callable[[HomeAssistant, Account, dict[str, Any]], Awaitable[ServiceResponse]]
    only_asks: bool = False
    administrators: bool = False


ACTIONS: Final[dict[str, Action]] = {
    "upload": Action(schema=UPLOAD_SCHEMA, handler=async_upload),
    "add_to_album": Action(schema=ADD_TO_ALBUM_SCHEMA, handler=async_add_to_album),
    "remove_from_album": Action(schema=REMOVE_FROM_ALBUM_SCHEMA, handler=async_remove_from_album),
    "get_albums": Action(schema=GET_ALBUMS_SCHEMA, handler=async_get_albums, only_asks=True),
    "get_album": Action(schema=GET_ALBUM_SCHEMA, handler=async_get_album, only_asks=True),
    "create_album": Action(schema=CREATE_ALBUM_SCHEMA, handler=async_create_album),
    "update_album": Action(schema=UPDATE_ALBUM_SCHEMA, handler=async_update_album),
    "delete_album": Action(schema=DELETE_ALBUM_SCHEMA, handler=async_delete_album),
    "search_assets": Action(schema=SEARCH_ASSETS_SCHEMA, handler=async_search_assets, only_asks=True),
    "smart_search": Action(schema=SMART_SEARCH_SCHEMA, handler=async_smart_search, only_asks=True),
    "get_random_assets": Action(
        schema=GET_RANDOM_ASSETS_SCHEMA, handler=async_get_random_assets, only_asks=True
    ),
    "get_memories": Action(schema=GET_MEMORIES_SCHEMA, handler=async_get_memories, only_asks=True),
    "get_asset": Action(schema=GET_ASSET_SCHEMA, handler=async_get_asset, only_asks=True),
    "update_assets": Action(schema=UPDATE_ASSETS_SCHEMA, handler=async_update_assets),
    "trash_assets": Action(schema=TRASH_ASSETS_SCHEMA, handler=async_trash_assets),
    "restore_assets": Action(schema=RESTORE_ASSETS_SCHEMA, handler=async_restore_assets),
    "delete_assets": Action(schema=DELETE_ASSETS_SCHEMA, handler=async_delete_assets, administrators=True),
    "download_assets": Action(
        schema=DOWNLOAD_ASSETS_SCHEMA, handler=async_download_assets, administrators=True
    ),
    "get_people": Action(schema=GET_PEOPLE_SCHEMA, handler=async_get_people, only_asks=True),
    "get_tags": Action(schema=GET_TAGS_SCHEMA, handler=async_get_tags, only_asks=True),
    "create_tags": Action(schema=CREATE_TAGS_SCHEMA, handler=async_create_tags),
    "get_places": Action(schema=GET_PLACES_SCHEMA, handler=async_get_places, only_asks=True),
    "create_shared_link": Action(
        schema=CREATE_SHARED_LINK_SCHEMA, handler=async_create_shared_link, administrators=True
    ),
    "delete_shared_link": Action(
        schema=DELETE_SHARED_LINK_SCHEMA, handler=async_delete_shared_link, administrators=True
    ),
    "get_server_info": Action(schema=GET_SERVER_INFO_SCHEMA, handler=async_get_server_info, only_asks=True),
}


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register all actions; they exist as long as the integration does, with or without a loaded account."""

    async def _call(action: Action, call: ServiceCall) -> ServiceResponse:
        if action.administrators:
            await async_need_administrator(hass, call)
        response = await async_with_account(hass, call, action.handler)
        return response if call.return_response else None

    for name, action in ACTIONS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            partial(_call, action),
            schema=action.schema,
            supports_response=SupportsResponse.ONLY if action.only_asks else SupportsResponse.OPTIONAL,
        )
