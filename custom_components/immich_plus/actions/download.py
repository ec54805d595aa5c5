"""The action `download_assets`: originals, previews or thumbnails as files in an allowed folder."""

import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..const import DOWNLOADS_PER_CALL
from ..downloads.folder import async_open_folder
from ..downloads.names import NameTemplate
from ..downloads.saver import Saved, Version, Wishes, async_download
from ..errors import mistake
from .common import ACCOUNT_FIELD, ASSETS, ATTR_ASSETS, Account, asset_ids, note_refusal

_LOGGER = logging.getLogger(__name__)

ATTR_VERSION: Final = "version"
ATTR_FOLDER: Final = "folder"
ATTR_FILENAME: Final = "filename"
ATTR_OVERWRITE: Final = "overwrite"

DOWNLOAD_ASSETS_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        vol.Required(ATTR_ASSETS): ASSETS,
        vol.Required(ATTR_FOLDER): cv.string,
        vol.Optional(ATTR_VERSION, default=Version.ORIGINAL.value): vol.Coerce(Version),
        vol.Optional(ATTR_FILENAME, default="{filename}"): cv.string,
        vol.Optional(ATTR_OVERWRITE, default=False): cv.boolean,
    }
)


async def async_download_assets(
    hass: HomeAssistant, account: Account, data: dict[str, Any]
) -> ServiceResponse:
    """Save the assets of a call; it fails only if none of them is in the folder afterwards."""
    ids = asset_ids(data)
    if len(ids) > DOWNLOADS_PER_CALL:
        raise mistake("too_many_downloads", most=str(DOWNLOADS_PER_CALL))
    template = NameTemplate.parse(data[ATTR_FILENAME])
    wishes = Wishes(
        version=data[ATTR_VERSION],
        folder=await async_open_folder(hass, data[ATTR_FOLDER]),
        template=template,
        overwrite=data[ATTR_OVERWRITE],
    )
    outcomes = await async_download(hass, account.client, ids, wishes)
    for saved in outcomes.values():
        if saved.cause is not None:
            note_refusal(hass, account, saved.cause)
    errors = [saved.error for saved in outcomes.values() if saved.error is not None]
    if errors:
        if len(errors) == len(outcomes):
            raise errors[0]
        # An automation may never look at the response. Names of files don't belong into logs.
        _LOGGER.warning(
            "%s of %s downloads failed: the action's response tells which and why", len(errors), len(outcomes)
        )
    return {"files": [_response(asset_id, saved) for asset_id, saved in outcomes.items()]}


def _response(asset_id: str, saved: Saved) -> JsonObjectType:
    return {
        "id": asset_id,
        "status": str(saved.status),
        "path": str(saved.path) if saved.path else None,
        "bytes": saved.size,
        "error": str(saved.error) if saved.error else None,
    }
