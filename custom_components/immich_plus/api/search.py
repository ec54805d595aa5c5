"""Searching assets (`search`): so far what the newest addition is found by."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from .assets import Asset, Visibility
from .errors import ImmichBadAnswerError
from .parse import Json, integer, many_rows, need_dict, rows, text
from .transport import LISTING

if TYPE_CHECKING:
    from .transport import Transport

# Immich refuses more than 1,000 assets a page.
LARGEST_PAGE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPage:
    """A page of found assets; `next_page` is the number of the next one, None on the last."""

    assets: list[Asset]
    next_page: int | None


class Search:
    """Calls that search."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def page(
        self, *, size: int = LARGEST_PAGE, page: int = 1, added_after: datetime | None = None
    ) -> AssetPage:
        """Give a page of the timeline's assets, newest taken first (scope `asset.read`; size 1 to 1,000).

        The visibility is always sent: without it 3.x adds the archive and the hidden parts of live photos.
        """
        body: Json = {"size": size, "page": page, "visibility": Visibility.TIMELINE, "order": "desc"}
        if added_after is not None:
            body["createdAfter"] = added_after.isoformat()
        answer = await self._transport.send("POST", "search/metadata", body, timeout=LISTING)
        found = need_dict(need_dict(answer, "search/metadata").get("assets"), "search/metadata")
        items = found.get("items")
        if items is None:
            raise ImmichBadAnswerError("search/metadata: field items is missing")
        return AssetPage(
            assets=await many_rows(items, Asset.from_json, "search/metadata"),
            next_page=integer(found, "nextPage"),
        )

    async def latest_additions(self) -> list[Asset]:
        """Give the account's own latest additions, newest first, a dozen at most (scope `asset.read`).

        A part of what Immich shows under "Explore" from 3.0 on; empty before.
        """
        answer = await self._transport.get("search/explore", timeout=LISTING)
        groups = rows(answer, lambda group: (text(group, "fieldName"), group.get("items")), "search/explore")
        items: object = next((items for name, items in groups if name == "createdAt"), [])
        return rows(
            items, lambda row: Asset.from_json(need_dict(row.get("data"), "search/explore")), "search/explore"
        )
