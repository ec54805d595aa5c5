"""The actions about albums themselves: `get_albums`, `get_album`, `create_album`, `update_album`, `delete_album`."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from ..api import Immich
from ..api.album import Album, AlbumOrder, AlbumRole
from ..api.albums import AddResult
from ..api.errors import ImmichError
from ..api.query import AssetQuery, Choice, Order, Shown
from ..asset_filters import names
from ..errors import mistake
from ..names import async_albums, async_users
from .common import (
    ACCOUNT_FIELD,
    ASSETS,
    ATTR_ASSETS,
    ATTR_CURSOR,
    ATTR_PAGE_SIZE,
    Account,
    asset_ids,
    page_fields,
)

ATTR_ALBUM: Final = "album"
ATTR_ASSET: Final = "asset"
ATTR_COVER: Final = "cover"
ATTR_DESCRIPTION: Final = "description"
ATTR_NAME: Final = "name"
ATTR_ORDER: Final = "order"
ATTR_OWNED: Final = "owned"
ATTR_ROLE: Final = "role"
ATTR_SHARED: Final = "shared"
ATTR_USERS: Final = "users"

_CHANGES: Final = {ATTR_NAME, ATTR_DESCRIPTION, ATTR_COVER, ATTR_ORDER}
_NAME: Final = vol.All(cv.string, vol.Strip, vol.Length(min=1, max=500))
_ORDERS: Final = {"newest": AlbumOrder.NEWEST, "oldest": AlbumOrder.OLDEST}
_SHARING: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_USERS): names,
    vol.Optional(ATTR_ROLE, default=str(AlbumRole.VIEWER)): vol.In([str(role) for role in AlbumRole]),
}

GET_ALBUMS_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        vol.Optional(ATTR_OWNED): cv.boolean,
        vol.Optional(ATTR_SHARED): cv.boolean,
        vol.Optional(ATTR_ASSET): cv.string,
    }
)
GET_ALBUM_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        vol.Required(ATTR_ALBUM): cv.string,
        vol.Optional(ATTR_ORDER): vol.In(list(_ORDERS)),
        **page_fields(250),
    }
)
CREATE_ALBUM_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        vol.Required(ATTR_NAME): _NAME,
        vol.Optional(ATTR_DESCRIPTION): cv.string,
        vol.Optional(ATTR_ASSETS): ASSETS,
        **_SHARING,
    }
)
UPDATE_ALBUM_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        vol.Required(ATTR_ALBUM): cv.string,
        vol.Optional(ATTR_NAME): _NAME,
        vol.Optional(ATTR_DESCRIPTION): cv.string,
        vol.Optional(ATTR_COVER): cv.string,
        vol.Optional(ATTR_ORDER): vol.In(list(_ORDERS)),
        **_SHARING,
    }
)
DELETE_ALBUM_SCHEMA: Final = vol.Schema({**ACCOUNT_FIELD, vol.Required(ATTR_ALBUM): cv.string})


async def async_get_albums(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """List albums, by name: own ones and those shared with the account, or only some of them."""
    client = account.client
    found: Sequence[Album]
    if (given := data.get(ATTR_ASSET)) is not None:
        found = await client.albums.containing(_asset(given))
    else:
        found = await client.albums.list()
    owned, shared = data.get(ATTR_OWNED), data.get(ATTR_SHARED)
    albums = [
        album
        for album in sorted(found, key=lambda album: (album.name.casefold(), album.id))
        if owned in (None, album.owner_id == account.user_id) and shared in (None, album.shared)
    ]
    return {"albums": [account.responses.album(album) for album in albums]}


async def async_get_album(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Describe an album and list its assets page by page, everybody's, as Immich shows them there."""
    (named,) = await async_albums(account.client, [data[ATTR_ALBUM]])
    # Lists lack some of it, and their counts may be older.
    album = await account.client.albums.get(named.id)
    oldest_first = data.get(ATTR_ORDER) == "oldest" or (
        ATTR_ORDER not in data and album.order == AlbumOrder.OLDEST
    )
    page = await account.client.search.page(
        AssetQuery(albums=Choice(ids=(album.id,)), visibility=Shown.ANY),
        order=Order.OLDEST if oldest_first else Order.NEWEST,
        size=data[ATTR_PAGE_SIZE],
        cursor=data.get(ATTR_CURSOR),
    )
    return {
        "album": account.responses.album(album),
        "assets": await account.responses.assets(page.assets),
        "next_cursor": page.next_cursor,
    }


async def async_create_album(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Make an album, share it and put its first assets in; each of these tells its own result."""
    client = account.client
    ids = asset_ids(data)
    users = await _users(client, data)
    made = await client.albums.create(
        data[ATTR_NAME],
        description=data.get(ATTR_DESCRIPTION),
        users=users,
        role=AlbumRole(data[ATTR_ROLE]),
    )
    results: dict[str, AddResult] = {}
    if ids:
        try:
            results = await client.albums.add_assets(made.id, ids)
        except ImmichError:
            # Nobody knows of the empty album yet: the next try would make a second one.
            with suppress(ImmichError):
                await client.albums.delete(made.id)
            raise
        # How it is now; it was made all the same if that can't be read.
        with suppress(ImmichError):
            made = await client.albums.get(made.id)
    account.count_again(hass)
    assets: list[JsonValueType] = [
        {"id": asset_id, "result": str(results.get(asset_id, AddResult.NOT_FOUND))} for asset_id in ids
    ]
    return {"album": account.responses.album(made), "assets": assets}


async def async_update_album(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Change an album's name, description, cover or order, or share it with more users."""
    client = account.client
    order = data.get(ATTR_ORDER)
    if not (data.get(ATTR_USERS) or data.keys() & _CHANGES):
        raise mistake("nothing_to_change")
    cover_id = _asset(data[ATTR_COVER]) if ATTR_COVER in data else None
    (album,) = await async_albums(client, [data[ATTR_ALBUM]])
    users = await _users(client, data)
    if data.keys() & _CHANGES:
        await client.albums.update(
            album.id,
            name=data.get(ATTR_NAME),
            description=data.get(ATTR_DESCRIPTION),
            cover_id=cover_id,
            order=None if order is None else _ORDERS[order],
        )
    # Before 3.0 Immich refuses all of them if one has it already; later who has it keeps the role.
    members = {album.owner_id, *(user.id for user in album.users)}
    if new := [user_id for user_id in users if user_id not in members]:
        await client.albums.share(album.id, new, AlbumRole(data[ATTR_ROLE]))
        account.count_again(hass)
    return {"album": account.responses.album(await client.albums.get(album.id))}


async def async_delete_album(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Delete an album; its assets stay in the library."""
    (album,) = await async_albums(account.client, [data[ATTR_ALBUM]])
    await account.client.albums.delete(album.id)
    account.count_again(hass)
    return {"album": account.responses.album(album)}


async def _users(client: Immich, data: Mapping[str, Any]) -> list[str]:
    """Return the ids of the users whom an album is to be shared with, each once."""
    return list(dict.fromkeys(user.id for user in await async_users(client, data.get(ATTR_USERS, []))))


def _asset(given: str) -> str:
    (asset_id,) = asset_ids({ATTR_ASSETS: [given]})
    return asset_id
