"""What changed in the library since a moment: found by search, as Immich announces but a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from .asset import Asset
from .query import AssetQuery, Shown, Span

if TYPE_CHECKING:
    from .client import Immich

CHANGES_PER_PAGE: Final = 1000
# Pages that one look reads: after a bulk change of a whole library there would be hundreds.
MOST_PAGES: Final = 10


@dataclass(frozen=True, slots=True)
class FoundChanges:
    """Assets that changed, in no order, and whether these are all."""

    assets: Sequence[Asset]
    complete: bool


class Changes:
    """Searches for what changed (scope `asset.read`), over timeline, archive and trash, own and partners' assets."""

    def __init__(self, client: Immich) -> None:
        """Search through the client, as what a search covers differs between versions."""
        self._client = client

    async def since(self, updated_after: datetime, added_after: datetime) -> FoundChanges:
        """Give what changed, in whatever way, since `updated_after`: new assets among it, and what was trashed.

        `added_at` tells the new ones from others, on every version: before 1.140, where Immich doesn't tell it,
        it is set for what was added since `added_after`, to the moment of the last change.
        """
        found = await self._search(AssetQuery(updated=Span(after=updated_after), visibility=Shown.ANY))
        if self._client.version.tells_when_added:
            return found
        added = await self.added(added_after)
        rows = {asset.id: asset for asset in (*found.assets, *added.assets)}
        return FoundChanges(list(rows.values()), found.complete and added.complete)

    async def added(self, after: datetime) -> FoundChanges:
        """Give what was added since a moment."""
        found = await self._search(AssetQuery(added=Span(after=after), visibility=Shown.ANY))
        for asset in found.assets:
            asset.added_at = asset.added_at or asset.updated_at
        return found

    async def count(self, *, added: Span | None = None, updated: Span | None = None) -> int | None:
        """Count what was added or changed in a span; None where the key may not count (`asset.statistics`)."""
        query = AssetQuery(added=added or Span(), updated=updated or Span(), visibility=Shown.ANY)
        bodies = query.searches(self._client.version, split=True)
        counts = await self._client.search.counts([body | {"withDeleted": True} for body in bodies])
        return None if counts is None else sum(counts)

    async def _search(self, query: AssetQuery) -> FoundChanges:
        assets: dict[str, Asset] = {}
        complete = True
        for body in query.searches(self._client.version):
            page: int | None = 1
            pages = 0
            while page is not None and pages < MOST_PAGES:
                found = await self._client.search.numbered(
                    "search/metadata", body | {"withDeleted": True}, size=CHANGES_PER_PAGE, page=page
                )
                assets |= {asset.id: asset for asset in found.assets}
                page = found.next_page
                pages += 1
            complete = complete and page is None
        kept = [asset for asset in assets.values() if query.keeps(asset, self._client.user_id)]
        return FoundChanges(kept, complete)
