"""Smart search (`search/smart`): assets by what they show, in plain words or by an example."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final

from .asset import Asset
from .errors import ImmichBadRequestError, ImmichRouteMissingError
from .ids import need_id
from .parse import Json
from .query import AssetQuery
from .search import AssetPage
from .together import together

if TYPE_CHECKING:
    from .client import Immich

# Assets that are listed where smart search doesn't know a filter, or something is to be left out.
MOST_LISTED: Final = 20_000
# Digits of the longest page number: Immich stops long before.
_LONGEST_NUMBER: Final = 6


class SmartSearch:
    """Calls that search by meaning (scope `asset.read`)."""

    def __init__(self, client: Immich) -> None:
        """Speak through the client, as searching by example depends on the version."""
        self._client = client

    async def page(
        self,
        query: AssetQuery,
        *,
        words: str | None = None,
        like: str | None = None,
        size: int,
        cursor: str | None = None,
        language: str | None = None,
    ) -> AssetPage:
        """Find what looks like `words` (in `language`, such as `en`) or like the asset `like`, the best first.

        At most `size` (1 to 1,000) for each search that the query takes; their results alternate, and what
        several of them find may come again on a later page. Searching sees own and partners' assets only, also
        in shared albums (immich#30585). Raises ImmichBadRequestError if machine learning is switched off or too
        much would have to be listed, ImmichRouteMissingError for `like` before 1.141.
        """
        if like is not None and not self._client.version.searches_by_example:
            raise ImmichRouteMissingError("this version can't search by example")
        number = _page_number(cursor)
        wanted: Json = {"query": words} if like is None else {"queryAssetId": need_id(like)}
        if language and like is None:
            wanted["language"] = language
        fits = await self._listed(query)
        unwanted = await self._left_out(query)
        # Unknown filters are dropped without a word, which would widen the search.
        plain = replace(query, filename=None, description=None)
        bodies = plain.searches(self._client.version, await self._client.search.days(query))
        async with together() as tasks:
            asked = [
                tasks.create_task(
                    self._client.search.numbered("search/smart", body | wanted, size=size, page=number)
                )
                for body in bodies
            ]
        pages = [task.result() for task in asked]
        found = [
            asset
            for asset in _alternating([page.assets for page in pages])
            if asset.id not in unwanted
            and (fits is None or asset.id in fits)
            and query.keeps(asset, self._client.user_id)
        ]
        more = any(page.next_page is not None for page in pages)
        return AssetPage(assets=found, next_cursor=str(number + 1) if more else None)

    async def _listed(self, query: AssetQuery) -> set[str] | None:
        """Return the ids that fit the filters that smart search lacks; None if there are none of those."""
        if query.filename is None and query.description is None:
            return None
        assets, complete = await self._client.search.gather(query, MOST_LISTED)
        if not complete:
            raise ImmichBadRequestError(f"more than {MOST_LISTED} assets have that name or description")
        return {asset.id for asset in assets}

    async def _left_out(self, query: AssetQuery) -> set[str]:
        found = await self._client.search.ids_left_out(query, MOST_LISTED)
        if found is None:
            raise ImmichBadRequestError(f"more than {MOST_LISTED} assets would have to be left out")
        return found


def _page_number(cursor: str | None) -> int:
    if not cursor:
        return 1
    known = cursor.isascii() and cursor.isdigit() and len(cursor) <= _LONGEST_NUMBER
    if not known or (number := int(cursor)) < 1:
        raise ImmichBadRequestError("this is no cursor of an earlier page")
    return number


def _alternating(lists: Sequence[Sequence[Asset]]) -> Iterator[Asset]:
    """Give the first of each list, then the seconds, each asset once."""
    seen: set[str] = set()
    for asset in chain.from_iterable(zip_longest(*lists)):
        if asset is not None and asset.id not in seen:
            seen.add(asset.id)
            yield asset
