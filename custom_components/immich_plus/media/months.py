"""Years and months of a set, and the spans of time that hold their photos.

Months are counted where photos were taken, but searched by the moment of taking: a photo of a month's first or
last hours may belong to its neighbour there. So the spans of the months that are shown touch each other, and
together they are all of time: every photo is in exactly one of them.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from ..api.query import Span
from ..api.timeline import Month

# Clocks of the world differ by 26 hours at the most.
_ZONES: Final = timedelta(hours=26)
_STEP: Final = timedelta(milliseconds=1)


def first_day(place: Sequence[str]) -> date | None:
    """Return the first day of a year or month as identifiers name it (`2024`, `05`); None for anything else."""
    year, month = (*place, "01")[:2] if place else ("", "")
    if len(place) > 2 or not all(word.isascii() and word.isdigit() for word in (year, month)):
        return None
    try:
        return date(int(year), int(month), 1)
    except ValueError:
        return None


def inside(months: Sequence[Month], place: Sequence[str]) -> Sequence[Month]:
    """Return the months of a year, or the one month, that a place names; all of them for no place."""
    wanted = [int(word) for word in place]
    return [month for month in months if [month.first.year, month.first.month][: len(wanted)] == wanted]


def by_year(months: Sequence[Month]) -> dict[int, int]:
    """Count by year."""
    years: dict[int, int] = {}
    for month in months:
        years[month.first.year] = years.get(month.first.year, 0) + month.count
    return years


def span(shown: Sequence[Month], chosen: Sequence[Month], zone: tzinfo) -> Span:
    """Return the span of neighbouring months among all that are shown, both with the latest first."""
    newest, oldest = shown.index(chosen[0]), shown.index(chosen[-1])
    after = _border(shown[oldest + 1], shown[oldest], zone) if oldest + 1 < len(shown) else None
    before = _border(shown[newest], shown[newest - 1], zone) - _STEP if newest > 0 else None
    return Span(after=after, before=before)


def _border(older: Month, newer: Month, zone: tzinfo) -> datetime:
    """Return the moment at which a month begins that is shown after another, with room for what is early there."""
    first = newer.first
    starts = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    adjoining = (first - timedelta(days=1)).replace(day=1) == older.first
    return starts if adjoining else starts - _ZONES
