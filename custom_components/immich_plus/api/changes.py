"""What changed in the library since a moment: found by search, as Immich announces but a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from .asset import Asset
from .query import AssetQuery, Shown, Span

if TYPE_CHECKING:
    from .client import Immich

# Assets that one look reads: after a bulk change of a whole library there would be hundreds of thousands.
MOST_FOUND: Final = 10_000


@dataclass(frozen=True, slots=True)
class FoundChanges:
    """Assets that changed, in no order, and whether these are all."""

    assets: Sequence[Asset]
    complete: bool


class Changes:
    """Searches for what changed (scope `asset.read`), over timeline, archive and trash, own and partners' assets.

    What was there all the time while it is read page by page is found for sure, as pages are read by moments.
    What changes meanwhile may be missed: it has to be looked for again.
    """

    def __init__(self, client: Immich) -> None:
        """Search through the client, as what a search covers differs between versions."""
        self._client = client

    async def since(self, moment: datetime) -> FoundChanges:
        """Give what changed, in whatever way, at `moment` or later: new assets among it, and what was trashed.

        `added_at` tells the new ones from others, on every version: before 1.140, where Immich doesn't tell it,
        it is set for those that were added at `moment` or later, to the moment of their last change.
        """
        found = await self._search(updated=Span(after=moment))
        if self._client.version.tells_when_added:
            return found
        added = await self.added(moment)
        rows = {asset.id: asset for asset in (*found.assets, *added.assets)}
        return FoundChanges(list(rows.values()), found.complete and added.complete)

    async def added(self, moment: datetime) -> FoundChanges:
        """Give what was added at `moment` or later, with `added_at` as `since` does."""
        found = await self._search(added=Span(after=moment))
        for asset in found.assets:
            asset.added_at = asset.added_at or asset.updated_at
        return found

    async def count(self, *, added: Span | None = None, updated: Span | None = None) -> int | None:
        """Count what was added or changed in a span; None where the key may not count (`asset.statistics`)."""
        query = _query(added or Span(), updated or Span())
        # Hidden parts of live photos can't be left out of a count otherwise.
        bodies = query.searches(self._client.version, split=True)
        counts = await self._client.search.counts(bodies)
        return None if counts is None else sum(counts)

    async def _search(self, *, added: Span | None = None, updated: Span | None = None) -> FoundChanges:
        query = _query(added or Span(), updated or Span())
        return FoundChanges(*await self._client.search.gather(query, MOST_FOUND))


def _query(added: Span, updated: Span) -> AssetQuery:
    return AssetQuery(added=added, updated=updated, visibility=Shown.ANY, with_trash=True)
