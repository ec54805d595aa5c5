"""The actions about assets themselves: `get_asset`, `update_assets`, `trash_assets`, `restore_assets`, `delete_assets`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..api import Immich
from ..api.asset import Visibility
from ..api.assets import AssetChange
from ..api.bulk import Changed
from ..api.errors import ImmichError, ImmichNotFoundError
from ..asset_filters import local_moment, names, when, whole_number
from ..errors import action_failed, mistake
from ..names import async_tag_paths, async_tags
from .common import ACCOUNT_FIELD, ASSETS, ASSETS_FIELD, Account, asset_ids, note_refusal
from .retag import async_retag

ATTR_ARCHIVED: Final = "archived"
ATTR_ASSET: Final = "asset"
ATTR_DESCRIPTION: Final = "description"
ATTR_FAVORITE: Final = "favorite"
ATTR_LATITUDE: Final = "latitude"
ATTR_LONGITUDE: Final = "longitude"
ATTR_PERMANENT: Final = "permanent"
ATTR_RATING: Final = "rating"
ATTR_TAGS_ADD: Final = "tags_add"
ATTR_TAGS_REMOVE: Final = "tags_remove"
ATTR_TAKEN_AT: Final = "taken_at"

GET_ASSET_SCHEMA: Final = vol.Schema({**ACCOUNT_FIELD, vol.Required(ATTR_ASSET): ASSETS})
UPDATE_ASSETS_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        **ASSETS_FIELD,
        vol.Optional(ATTR_FAVORITE): cv.boolean,
        vol.Optional(ATTR_ARCHIVED): cv.boolean,
        vol.Optional(ATTR_DESCRIPTION): cv.string,
        vol.Optional(ATTR_TAKEN_AT): when,
        vol.Optional(ATTR_RATING): whole_number(0, 5),
        vol.Inclusive(ATTR_LATITUDE, "place"): cv.latitude,
        vol.Inclusive(ATTR_LONGITUDE, "place"): cv.longitude,
        vol.Optional(ATTR_TAGS_ADD): names,
        vol.Optional(ATTR_TAGS_REMOVE): names,
    }
)
TRASH_ASSETS_SCHEMA: Final = vol.Schema({**ACCOUNT_FIELD, **ASSETS_FIELD})
RESTORE_ASSETS_SCHEMA: Final = TRASH_ASSETS_SCHEMA
DELETE_ASSETS_SCHEMA: Final = vol.Schema(
    {**ACCOUNT_FIELD, **ASSETS_FIELD, vol.Required(ATTR_PERMANENT): cv.boolean}
)


async def async_get_asset(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Tell everything about one asset: camera, place, people, tags."""
    ids = asset_ids(data, ATTR_ASSET)
    if len(ids) != 1:
        raise mistake("one_asset_only")
    asset = await account.client.assets.get(ids[0])
    return {"asset": account.responses.asset_details(asset)}


async def async_update_assets(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Change assets; those that can't be changed tell why, the others are."""
    client = account.client
    ids = asset_ids(data)
    change = AssetChange(
        favorite=data.get(ATTR_FAVORITE),
        visibility=_visibility(data),
        description=data.get(ATTR_DESCRIPTION),
        taken_at=local_moment(data[ATTR_TAKEN_AT]) if ATTR_TAKEN_AT in data else None,
        rating=data.get(ATTR_RATING),
        latitude=data.get(ATTR_LATITUDE),
        longitude=data.get(ATTR_LONGITUDE),
    )
    add, remove = data.get(ATTR_TAGS_ADD, []), data.get(ATTR_TAGS_REMOVE, [])
    if not (add or remove or change != AssetChange()):
        raise mistake("nothing_to_change")
    # Before anything is made or changed: a name that is unknown ends the call.
    removed = await async_tags(client, remove)
    paths = await async_tag_paths(client, add)
    added = await client.tags.upsert(paths) if paths and ids else []
    changed: Changed[None] = Changed(results=dict.fromkeys(ids))
    if not ids:
        return _answer(hass, account, ids, changed, "updated")
    # Tags go first: a change of the rest always has something to be read back, which could undo them.
    trouble: ImmichError | None = None
    try:
        await async_retag(client, ids, remove=removed, add=added, wait=change.goes_into_sidecar)
    except ImmichError as error:
        if change == AssetChange():
            raise
        trouble = error
    if change != AssetChange():
        changed = await _update(client, ids, change, tagged=bool(added or removed) and trouble is None)
    elif added:
        # Tags for many at once don't tell which can't have them; those that have one now stay as they are.
        changed = await client.tags.assign_each(added[0].id, ids)
    if trouble is not None:
        # The rest of it is done: what isn't is told with each asset.
        changed.failed |= dict.fromkeys(changed.results, trouble)
    return _answer(hass, account, ids, changed, "updated")


async def _update(client: Immich, ids: Sequence[str], change: AssetChange, *, tagged: bool) -> Changed[None]:
    """Change assets; after `tagged`, an error that isn't about the assets is told with each of them."""
    try:
        return await client.assets.update(ids, change)
    except ImmichNotFoundError:
        raise
    except ImmichError as error:
        if not tagged:
            raise
        return Changed(failed=dict.fromkeys(ids, error))


async def async_trash_assets(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Put assets into Immich's trash, from where they can be restored."""
    client = account.client
    if not (await client.server.features()).trash:
        # What is put there would be gone at the server's next nightly check.
        raise mistake("trash_off")
    return await _each(hass, account, data, client.assets.delete, "trashed")


async def async_restore_assets(
    hass: HomeAssistant, account: Account, data: dict[str, Any]
) -> ServiceResponse:
    """Bring assets back from Immich's trash."""
    return await _each(hass, account, data, account.client.assets.restore, "restored")


async def async_delete_assets(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Delete assets for good; the call has to say that this is meant."""
    if not data[ATTR_PERMANENT]:
        raise mistake("permanent_required")
    return await _each(hass, account, data, _deleting(account.client), "deleted")


def _deleting(client: Immich) -> Callable[[Sequence[str]], Awaitable[Changed[None]]]:
    async def _delete(ids: Sequence[str]) -> Changed[None]:
        return await client.assets.delete(ids, permanently=True)

    return _delete


async def _each(
    hass: HomeAssistant,
    account: Account,
    data: dict[str, Any],
    change: Callable[[Sequence[str]], Awaitable[Changed[None]]],
    done: str,
) -> ServiceResponse:
    ids = asset_ids(data)
    changed = await change(ids) if ids else Changed[None]()
    return _answer(hass, account, ids, changed, done)


def _answer(
    hass: HomeAssistant, account: Account, ids: Sequence[str], changed: Changed[None], done: str
) -> ServiceResponse:
    """Tell for each asset what became of it; `done` is the word for success."""
    for error in set(changed.failed.values()):
        note_refusal(hass, account, error)
    account.count_again(hass)
    return {"assets": [_outcome(asset_id, changed.failed.get(asset_id), done) for asset_id in ids]}


def _outcome(asset_id: str, error: ImmichError | None, done: str) -> JsonObjectType:
    if error is None:
        return {"id": asset_id, "result": done, "error": None}
    result = "not_found" if isinstance(error, ImmichNotFoundError) else "failed"
    return {"id": asset_id, "result": result, "error": str(action_failed(error))}


def _visibility(data: Mapping[str, Any]) -> Visibility | None:
    if ATTR_ARCHIVED not in data:
        return None
    return Visibility.ARCHIVE if data[ATTR_ARCHIVED] else Visibility.TIMELINE
