"""The account's library: how many albums and assets of each kind, and when the newest was added."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, override

from homeassistant.core import HomeAssistant, callback

from ..api import Immich
from ..api.albums import AlbumStatistics
from ..api.asset import Visibility
from ..api.assets import AssetCounts
from ..api.together import together
from ..const import LIBRARY_INTERVAL, LIVE_LIBRARY_INTERVAL
from .base import ImmichCoordinator, Line
from .changes import ChangesCoordinator
from .facts import Fact
from .last_added import LastAdded

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryCounts:
    """Counts of one account; None where nothing is known."""

    albums: AlbumStatistics | None
    timeline: AssetCounts | None
    favorites: AssetCounts | None
    archived: AssetCounts | None
    trashed: AssetCounts | None
    last_added: datetime | None


class LibraryCoordinator(ImmichCoordinator[LibraryCounts]):
    """Counts the library through statistics routes, which cost the same at any size."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line) -> None:
        """Poll every five minutes."""
        super().__init__(hass, entry, client, line, LIBRARY_INTERVAL, live_rhythm=LIVE_LIBRARY_INTERVAL)
        self._last_added = LastAdded(client, entry.unique_id or "")
        # Whoever looks for changes finds new assets anyway: then nobody else has to.
        self.changes: ChangesCoordinator | None = None

    @override
    async def _fetch(self) -> LibraryCounts:
        counts = self.client.assets.counts
        async with together() as tasks:
            albums = tasks.create_task(self._ask(Fact.ALBUMS, self.client.albums.statistics))
            timeline, favorites, archived, trashed = (
                tasks.create_task(self._ask(fact, call))
                for fact, call in (
                    (Fact.TIMELINE, lambda: counts(visibility=Visibility.TIMELINE)),
                    (Fact.FAVORITES, lambda: counts(favorite=True)),
                    (Fact.ARCHIVED, lambda: counts(visibility=Visibility.ARCHIVE)),
                    (Fact.TRASHED, lambda: counts(trashed=True)),
                )
            )
            last_added = tasks.create_task(self._ask(Fact.LAST_ADDED, self._find_last_added))
        return LibraryCounts(
            albums=albums.result(),
            timeline=timeline.result(),
            favorites=favorites.result(),
            archived=archived.result(),
            trashed=trashed.result(),
            last_added=last_added.result(),
        )

    async def _find_last_added(self) -> datetime | None:
        if self.changes is not None and self.changes.is_up_to_date and self._last_added.is_exact:
            return self._last_added.note(self.changes.newest)
        return await self._last_added.look()

    @callback
    def hear_added(self) -> None:
        """Show when the newest asset was added as soon as it is found; the counts follow in their rhythm."""
        if self.changes is None or not self._last_added.is_exact:
            return
        if (newest := self._last_added.note(self.changes.newest)) != self.data.last_added:
            self.data = replace(self.data, last_added=newest)
            self.async_update_listeners()
