"""Which assets were told about: what makes sure that nothing is told twice and no addition is lost.

There is one floor, a moment by the server's clock. What was added or changed before it is done. At and above it,
each id is remembered that was told. A look reads everything from the floor on, so it finds all that wasn't told,
in whatever order it came into sight; only then the floor rises, and never above

- what the look may have missed: it rises to a while before the last change that was found, by the moments of the
  assets themselves, so that nobody's clock has to be right;
- what is new and waits for its picture: it stays where it was when that was found.
"""

from collections.abc import Iterable, Mapping, Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ..api.asset import Asset
from .news import NewsType
from .recent import MOST_REMEMBERED, Recent, as_moment

# How late something may come into sight, after what happened later.
OVERLAP: Final = timedelta(minutes=2)
# A change that follows a told one of the same asset so soon is the same one: Immich writes it down in steps.
SAME_CHANGE: Final = timedelta(seconds=10)
# Immich goes on working on a new asset: what changes by that is no news.
SETTLING: Final = timedelta(minutes=5)
# Answers name moments in milliseconds, cut off.
_STEP: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A new asset that waits for its picture: how and when it was found, when the floor was at `floor`."""

    asset: Asset
    floor: datetime
    found_at: datetime
    missed: bool


class Ledger:
    """What was told of one account's assets."""

    def __init__(
        self,
        floor: datetime,
        *,
        told: Recent | None = None,
        changed: Recent | None = None,
        expected: Iterable[str] = (),
        trashed: Iterable[str] = (),
        total: int | None = None,
    ) -> None:
        """Begin at `floor`: what was before is no news. The rest is what was remembered from earlier."""
        self.floor = floor
        # Additions that were told, by when they were added; before 1.140 by a later moment.
        self._told = told or Recent()
        # The last change of each asset that was told.
        self._changed = changed or Recent()
        # Changes that were announced, and told: the next look finds them.
        self._expected = set(expected)
        # In the order in which they were trashed.
        self._trashed = dict.fromkeys(trashed)
        # How many own assets there should be, by what was found so far; None until they were counted.
        self.total = total
        # How often that number moved: a count is only worth something if it stood still meanwhile.
        self.moves = 0
        self.held: dict[str, Held] = {}
        self._own_held: set[str] = set()

    def __len__(self) -> int:
        """Return how much is remembered."""
        return len(self._told) + len(self._changed)

    # -- additions

    def is_new(self, asset: Asset) -> bool:
        """Whether an asset was added since the beginning and never told."""
        return asset.added_at is not None and asset.added_at >= self.floor and asset.id not in self._told

    def hold(self, held: Held, *, own: bool) -> None:
        """Keep in mind what is new but not told yet; `own` ones count."""
        self.held[held.asset.id] = held
        if own:
            self._own_held.add(held.asset.id)
            self.count(1)

    def drop(self, asset_id: str) -> None:
        """Forget an asset that was held and is gone, or hidden: it won't be told."""
        self.held.pop(asset_id, None)
        if asset_id in self._own_held:
            self._own_held.discard(asset_id)
            self.count(-1)

    def remove(self, asset_id: str) -> None:
        """Note that an own asset is gone for good."""
        self.held.pop(asset_id, None)
        self._own_held.discard(asset_id)
        self.count(-1)

    def hide(self, asset_id: str) -> None:
        """Note that an own asset is no picture of its own any more: told or not, it doesn't count."""
        self.drop(asset_id)
        if asset_id in self._told:
            self.count(-1)

    def tell(self, asset: Asset, *, own: bool) -> None:
        """Note that a new asset is told as it is now, unless it lies in the trash; `own` ones count."""
        self.held.pop(asset.id, None)
        if asset.id in self._own_held:
            self._own_held.discard(asset.id)
        elif own:
            self.count(1)
        # Whatever is new has that moment.
        added = asset.added_at or self.floor
        if (last := self._told.note(asset.id, added)) is not None:
            self.floor = max(self.floor, last + _STEP)
        moment = asset.updated_at
        if moment is not None and moment > added + SETTLING and not asset.trashed:
            # It waited long for its picture, which is no change.
            self._changed.note(asset.id, moment)

    def told_between(self, start: datetime, end: datetime) -> int:
        """Count the additions of a stretch of time that were told, both ends included."""
        return self._told.between(start, end)

    def count(self, more: int) -> None:
        """Note that there are more own assets, or fewer."""
        self.moves += 1
        if self.total is not None:
            self.total += more

    # -- changes

    def change(self, asset: Asset, *, announced: bool = False) -> NewsType | None:
        """Take how an asset is now; return what happened to it since it was told of, if that is news.

        What was `announced` is somebody's doing: Immich announces none of its own work on a new asset (seen on
        3.1.0).
        """
        moment = asset.updated_at
        if moment is None or moment == self._changed.get(asset.id):
            return None
        expected = asset.id in self._expected
        kind = self._kind(asset, moment, timedelta() if announced else SETTLING)
        if expected or kind is not None:
            self._expected.discard(asset.id)
            self._changed.note(asset.id, moment)
        return None if expected and kind is NewsType.ASSET_UPDATED else kind

    def _kind(self, asset: Asset, moment: datetime, settling: timedelta) -> NewsType | None:
        if asset.trashed:
            return NewsType.ASSET_TRASHED if self.trash([asset.id]) else None
        if self.restore([asset.id]):
            return NewsType.ASSET_RESTORED
        before = self._changed.get(asset.id)
        added = self._told.get(asset.id) or asset.added_at
        is_news = (
            moment >= self.floor
            and (before is None or moment > before + SAME_CHANGE)
            and (added is None or moment > added + settling)
        )
        return NewsType.ASSET_UPDATED if is_news else None

    def expect(self, ids: Iterable[str]) -> None:
        """Note that changes were announced and told, of which only the ids are known."""
        self._expected.update(ids)

    def trash(self, ids: Iterable[str]) -> list[str]:
        """Note what lies in the trash; return what wasn't known to."""
        news = [each for each in dict.fromkeys(ids) if each not in self._trashed]
        self._trashed |= dict.fromkeys(news)
        while len(self._trashed) > MOST_REMEMBERED:
            del self._trashed[next(iter(self._trashed))]
        return news

    def restore(self, ids: Iterable[str]) -> list[str]:
        """Note what isn't in the trash any more; return what was known to be."""
        return [each for each in ids if self._trashed.pop(each, ...) is None]

    # -- the floor

    def rise(self, seen_until: datetime, heard: AbstractSet[str]) -> None:
        """Raise the floor: a look found all that came into sight up to a moment.

        What was expected it found, too, or it is gone: all but what was `heard` of meanwhile.
        """
        held = (held.floor for held in self.held.values())
        self.floor = max(self.floor, min([seen_until - OVERLAP, *held]))
        self._expected &= heard
        self._forget()

    def skip_to(self, moment: datetime) -> None:
        """Take everything up to a moment as done, told or not."""
        self.floor = max(self.floor, moment + _STEP)
        self.held.clear()
        self._own_held.clear()
        self._expected.clear()
        self.total = None
        self.moves += 1
        self._forget()

    def _forget(self) -> None:
        self._told.forget(self.floor)
        self._changed.forget(self.floor - SAME_CHANGE)

    # -- the disk

    def to_json(self) -> dict[str, Any]:
        """Write what has to survive a restart; what is held will be found again."""
        return {
            "floor": self.floor,
            "told": self._told.to_json(),
            "changed": self._changed.to_json(),
            "expected": list(self._expected),
            "trashed": list(self._trashed),
            "total": None if self.total is None else self.total - len(self._own_held),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Ledger:
        """Read what `to_json` wrote; raises AttributeError, KeyError, TypeError or ValueError for anything else."""
        total = data["total"]
        if not (total is None or isinstance(total, int)):
            raise TypeError("a total that is no number")
        return cls(
            as_moment(data["floor"]),
            told=Recent.from_json(data["told"]),
            changed=Recent.from_json(data["changed"]),
            expected=as_texts(data["expected"]),
            trashed=as_texts(data["trashed"]),
            total=total,
        )


def as_texts(data: object) -> list[str]:
    """Read a list of texts; raises TypeError for anything else."""
    if not isinstance(data, list) or not all(isinstance(each, str) for each in data):
        raise TypeError("no list of texts")
    return data
