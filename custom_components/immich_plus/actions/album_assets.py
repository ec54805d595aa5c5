"""The actions `add_to_album` and `remove_from_album`."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..api.albums import AddResult, RemoveResult
from ..api.errors import ImmichNotFoundError
from ..errors import failure, mistake
from ..names import async_albums
from .common import ACCOUNT_FIELD, ASSETS_FIELD, Account, asset_ids
from .targets import async_find_target

ATTR_ALBUM: Final = "album"
ATTR_CREATE_ALBUM: Final = "create_album"

ADD_TO_ALBUM_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        **ASSETS_FIELD,
        vol.Required(ATTR_ALBUM): cv.string,
        vol.Optional(ATTR_CREATE_ALBUM, default=False): cv.boolean,
    }
)
REMOVE_FROM_ALBUM_SCHEMA: Final = vol.Schema(
    {**ACCOUNT_FIELD, **ASSETS_FIELD, vol.Required(ATTR_ALBUM): cv.string}
)


async def async_add_to_album(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Put assets into an album; what is there already counts as done."""
    ids = asset_ids(data)
    target = await async_find_target(account.client, data[ATTR_ALBUM], create=data[ATTR_CREATE_ALBUM])
    # No assets, as after a search that found none: nothing to do, and no album is made for it.
    results = await target.add(account.client, ids) if ids else {}
    outcomes = {asset_id: results.get(asset_id, AddResult.NOT_FOUND) for asset_id in ids}
    if ids and not any(result in (AddResult.ADDED, AddResult.ALREADY_THERE) for result in outcomes.values()):
        await target.take_back(account.client)
        raise failure("nothing_added", album=target.name)
    account.count_again(hass)
    return {
        "assets": [{"id": asset_id, "result": str(result)} for asset_id, result in outcomes.items()],
        "album": target.response(),
    }


async def async_remove_from_album(
    hass: HomeAssistant, account: Account, data: dict[str, Any]
) -> ServiceResponse:
    """Take assets out of an album; they stay in the library, and what isn't in it counts as done."""
    ids = asset_ids(data)
    if not data[ATTR_ALBUM].strip():
        raise mistake("album_empty")
    (album,) = await async_albums(account.client, [data[ATTR_ALBUM]])
    try:
        results = await account.client.albums.remove_assets(album.id, ids) if ids else {}
    except ImmichNotFoundError as error:
        raise failure("album_read_only", album=album.name) from error
    outcomes = {asset_id: results.get(asset_id, RemoveResult.NOT_THERE) for asset_id in ids}
    if ids and not any(
        result in (RemoveResult.REMOVED, RemoveResult.NOT_THERE) for result in outcomes.values()
    ):
        raise failure("nothing_removed", album=album.name)
    account.count_again(hass)
    return {
        "assets": [{"id": asset_id, "result": str(result)} for asset_id, result in outcomes.items()],
        "album": {"id": album.id, "name": album.name},
    }
