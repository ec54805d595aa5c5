"""The actions that tell what names the library has: `get_people`, `get_tags`, `create_tags`, `get_places`."""

from collections.abc import Sequence
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..api.tags import Tag
from ..asset_filters import names
from ..asset_reference import asset_view
from .common import ACCOUNT_FIELD, Account

ATTR_HIDDEN: Final = "hidden"
ATTR_TAGS: Final = "tags"
ATTR_UNNAMED: Final = "unnamed"


def _paths(value: Any) -> list[str]:
    """Accept paths of tags, each once; slashes around them don't count."""
    return list(dict.fromkeys(path for name in names(value) if (path := name.strip("/ "))))


GET_PEOPLE_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        vol.Optional(ATTR_UNNAMED, default=False): cv.boolean,
        vol.Optional(ATTR_HIDDEN, default=False): cv.boolean,
    }
)
GET_TAGS_SCHEMA: Final = vol.Schema(ACCOUNT_FIELD)
CREATE_TAGS_SCHEMA: Final = vol.Schema(
    {**ACCOUNT_FIELD, vol.Required(ATTR_TAGS): vol.All(_paths, vol.Length(min=1))}
)
GET_PLACES_SCHEMA: Final = vol.Schema(ACCOUNT_FIELD)


async def async_get_people(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """List the people whom Immich knows by name, and others if wanted."""
    people = await account.client.people.list(hidden=data[ATTR_HIDDEN])
    return {
        "people": [
            {
                "id": person.id,
                "name": person.name,
                "birth_date": person.birth_date.isoformat() if person.birth_date else None,
                "favorite": person.favorite,
                "hidden": person.hidden,
            }
            for person in people
            if person.name or data[ATTR_UNNAMED]
        ]
    }


async def async_get_tags(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """List the account's tags."""
    return {"tags": [_tag(tag) for tag in _sorted(await account.client.tags.list())]}


async def async_create_tags(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Make tags, nested ones with all that lie above them; those that exist stay as they are."""
    tags = await account.client.tags.upsert(data[ATTR_TAGS])
    account.count_again(hass)
    # Tags are counted with what changes rarely.
    counting = account.runtime.account_counts.async_request_refresh()
    _ = account.entry.async_create_task(hass, counting, "count the tags")
    return {"tags": [_tag(tag) for tag in _sorted(tags)]}


async def async_get_places(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """List the cities of the library, with state and country and a picture of each."""
    return {
        "places": [
            {
                "city": city.name,
                "state": city.state,
                "country": city.country,
                "thumbnail": asset_view(account.entry.entry_id, city.asset_id, "thumbnail"),
            }
            for city in await account.client.places.cities()
        ]
    }


def _sorted(tags: Sequence[Tag]) -> list[Tag]:
    return sorted(tags, key=lambda tag: tag.value.casefold())


def _tag(tag: Tag) -> JsonObjectType:
    return {"id": tag.id, "name": tag.name, "path": tag.value}
