"""Ids of what happened lately, above a floor below which everything is done."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

# How late something may come into sight, after what happened later.
OVERLAP: Final = timedelta(minutes=2)
# Ids that are remembered: more than come in the overlap, short of a mass import.
MOST_REMEMBERED: Final = 20_000
# Forgetting is work; it waits until there are twice as many as were left the last time.
_FEW: Final = 500
_STEP: Final = timedelta(microseconds=1)


class Recent:
    """Ids with a moment each, by the server's clock; everything before `floor` counts as known."""

    def __init__(self, floor: datetime, known: Mapping[str, datetime] | None = None) -> None:
        """Start with what is `known` at and above the floor."""
        self.floor = floor
        self._known = dict(known or {})
        self._newest = max(self._known.values(), default=floor)
        self._forget_at = _FEW

    def __contains__(self, each: str) -> bool:
        """Whether an id is remembered."""
        return each in self._known

    def __len__(self) -> int:
        """Return how many ids are remembered."""
        return len(self._known)

    def get(self, each: str) -> datetime | None:
        """Return the moment of an id, None if it isn't remembered."""
        return self._known.get(each)

    def note(self, each: str, moment: datetime) -> None:
        """Remember an id."""
        self._known[each] = moment
        self._newest = max(self._newest, moment)

    def rise(self, limit: datetime | None = None) -> None:
        """Raise the floor behind what is newest, not above `limit`, and forget what gets below it."""
        target = self._newest - OVERLAP
        self.floor = max(self.floor, target if limit is None else min(target, limit))
        if len(self._known) >= self._forget_at:
            self._forget()

    def skip_to(self, moment: datetime) -> None:
        """Take everything up to a moment as known."""
        self.floor = max(self.floor, moment + _STEP)
        self._forget()

    def between(self, start: datetime, end: datetime) -> int:
        """Count the ids of a stretch of time, both ends included."""
        return sum(start <= moment <= end for moment in self._known.values())

    def _forget(self) -> None:
        self._known = {each: moment for each, moment in self._known.items() if moment >= self.floor}
        if len(self._known) >= MOST_REMEMBERED:
            # What is forgotten has to lie below the floor, or it would be told again.
            moments = sorted(self._known.values())
            self.floor = moments[len(moments) // 2] + _STEP
            self._known = {each: moment for each, moment in self._known.items() if moment >= self.floor}
        self._forget_at = min(max(_FEW, 2 * len(self._known)), MOST_REMEMBERED)

    def to_json(self) -> dict[str, Any]:
        """Write it for the disk."""
        known = {each: moment.isoformat() for each, moment in self._known.items() if moment >= self.floor}
        return {"floor": self.floor.isoformat(), "known": known}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recent:
        """Read what `to_json` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(_moment(data["floor"]), {each: _moment(moment) for each, moment in data["known"].items()})


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment
