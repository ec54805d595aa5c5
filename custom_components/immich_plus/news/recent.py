"""Ids of what happened lately, each with its moment."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

# Ids that are remembered: an upload of so many at once fits between two looks.
MOST_REMEMBERED: Final = 50_000


class Recent:
    """Ids with a moment each, by the server's clock, as long as they may come into sight again."""

    def __init__(self, known: Mapping[str, datetime] | None = None) -> None:
        """Start with what is `known`."""
        self._known = dict(known or {})

    def __contains__(self, each: str) -> bool:
        """Whether an id is remembered."""
        return each in self._known

    def __len__(self) -> int:
        """Return how many ids are remembered."""
        return len(self._known)

    def get(self, each: str) -> datetime | None:
        """Return the moment of an id, None if it isn't remembered."""
        return self._known.get(each)

    def note(self, each: str, moment: datetime) -> datetime | None:
        """Remember an id.

        There is an end to it: of too many, the older half is forgotten, and the last moment of those is returned.
        """
        self._known[each] = moment
        if len(self._known) <= MOST_REMEMBERED:
            return None
        moments = sorted(self._known.values())
        last = moments[len(moments) // 2]
        self._known = {each: moment for each, moment in self._known.items() if moment > last}
        return last

    def forget(self, before: datetime) -> None:
        """Forget what happened before a moment."""
        self._known = {each: moment for each, moment in self._known.items() if moment >= before}

    def between(self, start: datetime, end: datetime) -> int:
        """Count the ids of a stretch of time, both ends included."""
        return sum(start <= moment <= end for moment in self._known.values())

    def to_json(self) -> dict[str, datetime]:
        """Write it for the disk; a copy, which is quick. Moments are turned into text by the encoder."""
        return self._known.copy()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recent:
        """Read what `to_json` wrote; raises AttributeError, TypeError or ValueError for anything else."""
        return cls({each: as_moment(moment) for each, moment in data.items()})


def as_moment(text: str) -> datetime:
    """Read a moment with its zone; raises TypeError or ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment
