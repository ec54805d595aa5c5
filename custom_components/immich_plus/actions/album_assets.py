"""The action `add_to_album`."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..api.albums import AddResult
from ..asset_reference import asset_id_of
from ..errors import failure, mistake
from .albums import async_find_target
from .common import ACCOUNT_FIELD, Account

ATTR_ASSETS: Final = "assets"
ATTR_ALBUM: Final = "album"
ATTR_CREATE_ALBUM: Final = "create_album"

ADD_TO_ALBUM_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        vol.Required(ATTR_ASSETS): vol.All(cv.ensure_list, [cv.string], vol.Length(min=1, max=10_000)),
        vol.Required(ATTR_ALBUM): cv.string,
        vol.Optional(ATTR_CREATE_ALBUM, default=False): cv.boolean,
    }
)


async def async_add_to_album(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Put assets into an album; what is there already counts as done."""
    ids: list[str] = []
    for given in data[ATTR_ASSETS]:
        if (asset_id := asset_id_of(given)) is None:
            raise mistake("not_an_asset", asset=given)
        ids.append(asset_id)
    unique = list(dict.fromkeys(ids))
    target = await async_find_target(account.client, data[ATTR_ALBUM], create=data[ATTR_CREATE_ALBUM])
    results = await target.add(account.client, unique)
    outcomes = {asset_id: results.get(asset_id, AddResult.NOT_FOUND) for asset_id in unique}
    if not any(result in (AddResult.ADDED, AddResult.ALREADY_THERE) for result in outcomes.values()):
        raise failure("nothing_added", album=target.name)
    account.count_again(hass)
    return {
        "assets": [{"id": asset_id, "result": str(result)} for asset_id, result in outcomes.items()],
        "album": target.response(),
    }
