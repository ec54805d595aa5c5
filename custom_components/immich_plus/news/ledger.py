"""Which assets were told about: what makes sure that nothing is told twice and no addition is lost.

All moments are the server's. A cursor alone can't do it: assets come into sight a little out of order, and are
announced in the order in which their pictures get ready.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ..api.asset import Asset
from .recent import MOST_REMEMBERED, Recent

# A change that follows another one of the same asset so soon is the same one: Immich writes it down in steps.
SAME_CHANGE: Final = timedelta(seconds=10)
# Immich goes on working on a new asset: what changes by that is no news.
SETTLING: Final = timedelta(minutes=5)


class Ledger:
    """What was told of one account's assets."""

    def __init__(
        self, added: Recent, updated: Recent, trashed: Iterable[str] = (), total: int | None = None
    ) -> None:
        """Go on from what was told before."""
        self.added = added
        self.updated = updated
        # In the order in which they were trashed.
        self._trashed = dict.fromkeys(trashed)
        # How many own assets there should be by what was told; None until they were counted.
        self.total = total
        # How often that number moved: a count is only worth something if it stood still meanwhile.
        self.moves = 0
        # New, but not told so far: their picture isn't ready, or they are on their way.
        self.held: dict[str, Asset] = {}
        self._own_held: set[str] = set()

    @classmethod
    def starting(cls, moment: datetime) -> Ledger:
        """Begin at a moment: what was before is no news."""
        return cls(Recent(moment), Recent(moment))

    def is_new(self, asset: Asset) -> bool:
        """Whether an asset was added since the beginning and never told."""
        return (
            asset.added_at is not None and asset.added_at >= self.added.floor and asset.id not in self.added
        )

    def hold(self, asset: Asset, *, own: bool) -> None:
        """Keep a new asset in mind until it is told; no floor rises above it. `own` ones count."""
        if asset.id not in self.held:
            self.held[asset.id] = asset
            if own:
                self._own_held.add(asset.id)
                self.count(1)

    def drop(self, asset_id: str) -> None:
        """Forget an asset that was held and will never be told."""
        self.held.pop(asset_id, None)
        if asset_id in self._own_held:
            self._own_held.discard(asset_id)
            self.count(-1)

    def count(self, more: int) -> None:
        """Note that there are more own assets, or fewer."""
        self.moves += 1
        if self.total is not None:
            self.total += more

    def tell(self, assets: Iterable[Asset]) -> None:
        """Note that new assets are told now."""
        for asset in assets:
            self.held.pop(asset.id, None)
            self._own_held.discard(asset.id)
            if asset.added_at is not None:
                self.added.note(asset.id, asset.added_at)
            self._note_update(asset)
        self.rise()

    def touch(self, asset: Asset) -> bool:
        """Note a change of an asset; return whether that is news."""
        known, added = self.updated.get(asset.id), self.added.get(asset.id)
        self._note_update(asset)
        if asset.id in self.held:
            return False
        if asset.updated_at is None:
            return True
        if asset.updated_at < self.updated.floor or (known and asset.updated_at <= known + SAME_CHANGE):
            return False
        return added is None or asset.updated_at > added + SETTLING

    def _note_update(self, asset: Asset) -> None:
        if asset.updated_at is not None:
            self.updated.note(asset.id, max(asset.updated_at, self.updated.get(asset.id) or asset.updated_at))

    def trash(self, ids: Iterable[str]) -> list[str]:
        """Note what lies in the trash; return what wasn't known to."""
        news = [each for each in ids if each not in self._trashed]
        self._trashed |= dict.fromkeys(news)
        while len(self._trashed) > MOST_REMEMBERED:
            del self._trashed[next(iter(self._trashed))]
        return news

    def restore(self, ids: Iterable[str]) -> list[str]:
        """Note what isn't in the trash any more; return what was known to be."""
        return [each for each in ids if self._trashed.pop(each, ...) is None]

    def rise(self) -> None:
        """Raise the floors, not above what is held."""
        held = self.held.values()
        self.added.rise(min((asset.added_at for asset in held if asset.added_at), default=None))
        self.updated.rise(min((asset.updated_at for asset in held if asset.updated_at), default=None))

    def to_json(self) -> dict[str, Any]:
        """Write what has to survive a restart; what is held will be found again."""
        return {
            "added": self.added.to_json(),
            "updated": self.updated.to_json(),
            "trashed": list(self._trashed),
            "total": None if self.total is None else self.total - len(self._own_held),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Ledger:
        """Read what `to_json` wrote; raises KeyError, TypeError or ValueError for anything else."""
        total = data["total"]
        if not (total is None or isinstance(total, int)):
            raise TypeError("a total that is no number")
        return cls(Recent.from_json(data["added"]), Recent.from_json(data["updated"]), data["trashed"], total)
