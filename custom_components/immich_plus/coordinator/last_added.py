"""Finding when the newest asset came into the library, which Immich can't sort by."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from ..api import Immich
from ..api.asset import Asset
from ..const import LAST_ADDED_PAGE_SIZE, LAST_ADDED_PAGES

# Immich's answers name moments in milliseconds. Filters include their ends, and an import can give thousands of
# assets one moment: those that are known must not come again.
_STEP: Final = timedelta(milliseconds=1)


class LastAdded:
    """Remembers the newest addition to one account and asks only for what came after it.

    The first look is one request: from Immich 3.0 on for its latest additions, which is exact; before for the
    pictures that were taken last, of which one most often is the newest addition. Each later look asks for what
    was added since, so that the second one is exact there, too; it costs one small request if there is nothing
    new, and at most three.
    """

    def __init__(self, client: Immich, account_id: str) -> None:
        """Look through `client` at what the user `account_id` owns: searches show partners' assets as well."""
        self._client = client
        self._account_id = account_id
        self._is_first = True
        self._newest: datetime | None = None
        # Whether nothing was added lately that the last look didn't see.
        self.is_exact = False

    async def look(self) -> datetime | None:
        """Return when the newest asset was added, as far as is known; None if none was found."""
        first, self._is_first = self._is_first, False
        if first and self._client.version.tells_latest_additions:
            self.is_exact = self._take(await self._client.search.latest_additions())
        else:
            self.is_exact = await self._search(1 if first else LAST_ADDED_PAGES)
        return self._newest

    async def _search(self, requests: int) -> bool:
        """Search for what came after the newest; return whether all of it was seen."""
        number = 1
        for _ in range(requests):
            after = None if self._newest is None else self._newest + _STEP
            page = await self._client.search.added(size=LAST_ADDED_PAGE_SIZE, page=number, added_after=after)
            news = self._take(page.assets)
            if page.next_page is None:
                return True
            # News narrow the search, which then starts over.
            number = 1 if news else page.next_page
        return False

    def note(self, added_at: datetime | None) -> datetime | None:
        """Take what somebody else found; return when the newest asset was added."""
        if added_at is not None and (self._newest is None or added_at > self._newest):
            self._newest = added_at
        return self._newest

    def _take(self, assets: Iterable[Asset]) -> bool:
        """Take the newest of `assets` if it is newer than what is known; return whether it is."""
        added = [
            asset.added_at
            for asset in assets
            if asset.added_at is not None and asset.owner_id == self._account_id
        ]
        newest = max(added, default=None)
        if newest is None or (self._newest is not None and newest <= self._newest):
            return False
        self._newest = newest
        return True
