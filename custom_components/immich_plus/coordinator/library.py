"""The account's library: how many albums and assets of each kind, and when the newest was added."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, override

from homeassistant.core import HomeAssistant

from ..api import Immich
from ..api.albums import AlbumStatistics
from ..api.assets import AssetCounts, Visibility
from ..api.permissions import Ability
from ..api.together import together
from ..const import AWAY_RETRY_SECONDS, LAST_ADDED_PAGE_SIZE, LAST_ADDED_PAGES, LIBRARY_INTERVAL
from .base import ImmichCoordinator, Line

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryCounts:
    """Counts of one account; None where the key may not count or the answer made no sense."""

    albums: AlbumStatistics | None
    timeline: AssetCounts | None
    favorites: AssetCounts | None
    archived: AssetCounts | None
    trashed: AssetCounts | None
    last_added: datetime | None


class LibraryCoordinator(ImmichCoordinator[LibraryCounts]):
    """Counts the library through statistics routes, which cost the same at any size."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line) -> None:
        """Poll every five minutes; being the quickest, this one also asks whether a lost server is back."""
        super().__init__(hass, entry, client, line, LIBRARY_INTERVAL, away_retry=AWAY_RETRY_SECONDS)
        self._last_added: datetime | None = None

    @override
    async def _fetch(self) -> LibraryCounts:
        counts = self.client.assets.counts
        ask = self._ask
        async with together() as tasks:
            albums = tasks.create_task(ask(Ability.ALBUM_COUNTS, self.client.albums.statistics))
            timeline, favorites, archived, trashed = (
                tasks.create_task(ask(Ability.ASSET_COUNTS, call))
                for call in (
                    lambda: counts(visibility=Visibility.TIMELINE),
                    lambda: counts(favorite=True),
                    lambda: counts(visibility=Visibility.ARCHIVE),
                    lambda: counts(trashed=True),
                )
            )
            last_added = tasks.create_task(ask(Ability.LAST_ADDED, self._find_last_added))
        return LibraryCounts(
            albums=albums.result(),
            timeline=timeline.result(),
            favorites=favorites.result(),
            archived=archived.result(),
            trashed=trashed.result(),
            last_added=last_added.result(),
        )

    async def _find_last_added(self) -> datetime | None:
        """Find when the newest addition came.

        Immich can't sort by that. The first refresh takes the newest of a page of recent pictures; each later
        one asks only for what was added since, so that it soon is exact and then costs one small request.
        """
        if not self.client.version.tells_when_added:
            return None
        pages = 1 if self._last_added is None else LAST_ADDED_PAGES
        for _ in range(pages):
            page = await self.client.search.page(size=LAST_ADDED_PAGE_SIZE, added_after=self._last_added)
            added = [asset.added_at for asset in page.assets if asset.added_at is not None]
            newest = max(added, default=None)
            if newest is None or (self._last_added is not None and newest <= self._last_added):
                break
            self._last_added = newest
            if page.next_page is None:
                break
        return self._last_added
