"""The actions that find assets: `search_assets`, `smart_search`, `get_random_assets`."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..api.merge import LARGEST_PAGE
from ..api.query import Order
from ..api.together import together
from ..asset_filters import FILTERS, async_query, whole_number
from ..errors import mistake
from .common import ACCOUNT_FIELD, ASSETS, ATTR_CURSOR, ATTR_PAGE_SIZE, Account, asset_ids, page_fields

ATTR_COUNT: Final = "count"
ATTR_LIKE: Final = "like"
ATTR_ORDER: Final = "order"
ATTR_QUERY: Final = "query"

SEARCH_ASSETS_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        **FILTERS,
        vol.Optional(ATTR_ORDER, default=str(Order.NEWEST)): vol.In([str(order) for order in Order]),
        **page_fields(250),
    }
)
SMART_SEARCH_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        vol.Optional(ATTR_QUERY): vol.All(cv.string, vol.Strip, vol.Length(max=1000)),
        vol.Optional(ATTR_LIKE): ASSETS,
        **FILTERS,
        **page_fields(100),
    }
)
GET_RANDOM_ASSETS_SCHEMA: Final = vol.Schema(
    {
        **ACCOUNT_FIELD,
        **FILTERS,
        vol.Optional(ATTR_COUNT, default=1): whole_number(1, LARGEST_PAGE),
    }
)


async def async_search_assets(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Find assets by what is known of them, by the moment of taking, and count them where that is possible."""
    search = account.client.search
    query = await async_query(account.client, data)
    async with together() as tasks:
        total = tasks.create_task(search.total(query))
        page = await search.page(
            query, order=Order(data[ATTR_ORDER]), size=data[ATTR_PAGE_SIZE], cursor=data.get(ATTR_CURSOR)
        )
    return {
        "assets": await account.responses.assets(page.assets),
        "next_cursor": page.next_cursor,
        "total": total.result(),
    }


async def async_smart_search(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Find assets by what they show, the best first."""
    words = data.get(ATTR_QUERY)
    like = asset_ids({ATTR_LIKE: [given for given in data.get(ATTR_LIKE, []) if given.strip()]}, ATTR_LIKE)
    if bool(words) == bool(like):
        raise mistake("query_or_like")
    if len(like) > 1:
        raise mistake("one_asset_only")
    if not (await account.client.server.features()).smart_search:
        raise mistake("smart_search_off")
    page = await account.client.smart_search.page(
        await async_query(account.client, data),
        words=words,
        like=like[0] if like else None,
        size=data[ATTR_PAGE_SIZE],
        cursor=data.get(ATTR_CURSOR),
        language=hass.config.language,
    )
    return {"assets": await account.responses.assets(page.assets), "next_cursor": page.next_cursor}


async def async_get_random_assets(
    hass: HomeAssistant, account: Account, data: dict[str, Any]
) -> ServiceResponse:
    """Draw assets at random."""
    query = await async_query(account.client, data)
    drawn = await account.client.random_assets.draw(query, data[ATTR_COUNT])
    return {"assets": await account.responses.assets(drawn)}
