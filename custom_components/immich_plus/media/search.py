"""Searching in the media browser: by what pictures show, else by what is written about them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ..api.asset import Asset
from ..api.errors import ImmichBadRequestError, ImmichPermissionError, ImmichServerError
from ..api.query import AssetQuery, Choice, Match, Names
from ..api.together import together

if TYPE_CHECKING:
    from .browser import Browser

# What a search shows at the most.
MOST_FOUND: Final = 200
# People and places whose names have the words in them.
_MOST_NAMES: Final = 5
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


async def async_search(
    browser: Browser, query: AssetQuery, words: str, *, brief: bool = False
) -> Sequence[Asset]:
    """Find assets of a query by some words, the best or the latest first.

    `brief`: where the server can't see what pictures show, look at file names and descriptions only, so that
    it takes three requests at most.
    """
    if (await browser.features()).smart_search:
        try:
            page = await browser.client.smart_search.page(
                query, words=words, size=MOST_FOUND, language=browser.hass.config.language
            )
        except ImmichBadRequestError, ImmichServerError:
            # Machine learning was switched off since, or doesn't answer the server.
            pass
        else:
            return page.assets[:MOST_FOUND]
    return await _by_words(browser, query, words, brief=brief)


async def _by_words(browser: Browser, query: AssetQuery, words: str, *, brief: bool) -> Sequence[Asset]:
    """Find assets by file name, description, text in the picture, people and places."""
    queries = [replace(query, filename=words), replace(query, description=words)]
    if not brief:
        if browser.client.version.searches_text_in_pictures:
            queries.append(replace(query, ocr=words))
        queries += await _of_people(browser, query, words)
        queries += await _of_cities(browser, query, words)
    async with together() as tasks:
        found = [tasks.create_task(browser.client.search.page(each, size=MOST_FOUND)) for each in queries]
    assets = {asset.id: asset for task in found for asset in task.result().assets}
    return sorted(assets.values(), key=lambda asset: asset.taken_at or _NEVER, reverse=True)[:MOST_FOUND]


async def _of_people(browser: Browser, query: AssetQuery, words: str) -> list[AssetQuery]:
    try:
        page = await browser.people(1)
    except ImmichPermissionError:
        return []
    named = [person.id for person in page.people if _has(person.name, words)]
    wanted = (Choice(ids=(*query.people.ids, each), match=Match.ALL) for each in named[:_MOST_NAMES])
    return [replace(query, people=each) for each in wanted]


async def _of_cities(browser: Browser, query: AssetQuery, words: str) -> list[AssetQuery]:
    if query.city.names:
        return []
    found = [name for name in await browser.cities() if _has(name, words)]
    return [replace(query, city=Names(names=tuple(found[:_MOST_NAMES])))] if found else []


def _has(name: str, words: str) -> bool:
    return words.casefold() in name.casefold()
