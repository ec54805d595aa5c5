"""What was added last: Immich can search by that, but not sort.

So a stretch of time is looked for that holds neither too much for one answer nor too little to look at.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from ..api import Immich
from ..api.asset import Asset
from ..api.search import NumberedPage

# What is tried, the best guess first; None is all of time.
_STRETCHES: Final = (
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(days=30),
    timedelta(days=5),
    timedelta(hours=6),
    timedelta(minutes=2),
    None,
)
_MOST_REQUESTS: Final = 3
_ENOUGH: Final = 100
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


async def recent(client: Immich, newest: datetime) -> Sequence[Asset]:
    """Give at most 1,000 of the latest additions, the latest first; `newest` is about when the last one came.

    After an import of thousands within two minutes, or in versions that don't tell when (before 1.140), those
    of one stretch come in the order of taking.
    """
    found: dict[datetime, NumberedPage] = {}
    too_much: datetime | None = None
    too_little: datetime | None = None
    for _ in range(_MOST_REQUESTS):
        starts = (newest - stretch if stretch else _NEVER for stretch in _STRETCHES)
        start = next((each for each in starts if _worth(each, newest, too_much, too_little)), None)
        if start is None:
            break
        page = found[start] = await client.search.added(added_after=None if start == _NEVER else start)
        newest = max([newest, *(asset.added_at for asset in page.assets if asset.added_at)])
        if page.next_page is not None:
            too_much = start
        elif len(page.assets) < _ENOUGH:
            too_little = start
        else:
            break
    return _best(found)


def _worth(start: datetime, newest: datetime, too_much: datetime | None, too_little: datetime | None) -> bool:
    """Whether to look from a start on, when it was too much from another one on and too little from a third."""
    shorter = too_much is None or newest - start <= (newest - too_much) / 2
    return shorter and (too_little is None or start < too_little)


def _best(found: Mapping[datetime, NumberedPage]) -> Sequence[Asset]:
    """Return what the longest stretch holds that is complete, those of shorter ones first."""
    filled = [start for start, page in found.items() if page.assets]
    complete = [start for start in filled if found[start].next_page is None]
    longest = min(complete, default=max(filled, default=_NEVER))
    assets: dict[str, Asset] = {}
    for start in sorted(found, reverse=True):
        if start >= longest:
            latest = sorted(found[start].assets, key=_added, reverse=True)
            assets |= {asset.id: asset for asset in latest if asset.id not in assets}
    return list(assets.values())


def _added(asset: Asset) -> datetime:
    return asset.added_at or asset.taken_at or _NEVER
