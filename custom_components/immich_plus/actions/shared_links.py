"""The actions `create_shared_link` and `delete_shared_link`."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol
from yarl import URL

from ..api.ids import as_id
from ..api.shared_links import SharedLink, address
from ..asset_filters import local_moment, when
from ..errors import mistake
from ..names import async_albums
from ..responses import written
from .common import ACCOUNT_FIELD, ASSETS, ATTR_ASSETS, Account, asset_ids

ATTR_ALBUM: Final = "album"
ATTR_ALLOW_DOWNLOAD: Final = "allow_download"
ATTR_ALLOW_UPLOAD: Final = "allow_upload"
ATTR_EXPIRES_AT: Final = "expires_at"
ATTR_LINK: Final = "link"
ATTR_PASSWORD: Final = "password"  # noqa: S105 (the name of a field)
ATTR_SHOW_METADATA: Final = "show_metadata"

CREATE_SHARED_LINK_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        vol.Exclusive(ATTR_ALBUM, "shared"): cv.string,
        vol.Exclusive(ATTR_ASSETS, "shared"): ASSETS,
        vol.Optional(ATTR_PASSWORD): vol.All(cv.string, vol.Length(max=200)),
        vol.Optional(ATTR_EXPIRES_AT): when,
        vol.Optional(ATTR_ALLOW_DOWNLOAD, default=True): cv.boolean,
        vol.Optional(ATTR_ALLOW_UPLOAD, default=False): cv.boolean,
        vol.Optional(ATTR_SHOW_METADATA, default=True): cv.boolean,
    }
)
DELETE_SHARED_LINK_SCHEMA: Final = vol.Schema({**ACCOUNT_FIELD, vol.Required(ATTR_LINK): cv.string})


async def async_create_shared_link(
    hass: HomeAssistant, account: Account, data: dict[str, Any]
) -> ServiceResponse:
    """Make a link that shows an album or some assets to whoever has it."""
    client = account.client
    ids = asset_ids(data)
    if ATTR_ALBUM not in data and not ids:
        raise mistake("nothing_to_share")
    expires_at = local_moment(data[ATTR_EXPIRES_AT]) if ATTR_EXPIRES_AT in data else None
    if expires_at is not None and expires_at <= dt_util.utcnow():
        raise mistake("expires_in_the_past")
    albums = await async_albums(client, [data[ATTR_ALBUM]] if ATTR_ALBUM in data else [])
    link = await client.shared_links.create(
        album_id=albums[0].id if albums else None,
        asset_ids=ids or None,
        password=data.get(ATTR_PASSWORD) or None,
        expires_at=expires_at,
        allow_download=data[ATTR_ALLOW_DOWNLOAD] and data[ATTR_SHOW_METADATA],
        allow_upload=data[ATTR_ALLOW_UPLOAD],
        show_metadata=data[ATTR_SHOW_METADATA],
    )
    config = await client.server.config()
    return {
        "id": link.id,
        "url": address(link, config.external_domain, client.url),
        "expires_at": written(link.expires_at),
    }


async def async_delete_shared_link(
    hass: HomeAssistant, account: Account, data: dict[str, Any]
) -> ServiceResponse:
    """Delete a link, named by its id or its address; what it showed stays."""
    wanted = data[ATTR_LINK].strip()
    link_id = as_id(wanted)
    if link_id is None:
        links = await account.client.shared_links.list()
        link_id = next((link.id for link in links if _is_at(link, wanted)), None)
    if link_id is None:
        # The address opens the link: it is not repeated.
        raise mistake("link_unknown")
    await account.client.shared_links.delete(link_id)
    return {"id": link_id}


def _is_at(link: SharedLink, text: str) -> bool:
    """Whether an address, as people copy it, is that of a link."""
    try:
        parts = [part for part in URL(text).parts if part not in ("/", "")]
    except ValueError:
        return False
    kind, value = parts[-2:] if len(parts) > 1 else ("", "")
    return (kind == "share" and value == link.key) or (kind == "s" and value == link.slug)
