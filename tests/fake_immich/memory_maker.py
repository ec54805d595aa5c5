"""The nightly job that looks for "on this day" in earlier years."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

from .models import Asset, Memory, Visibility
from .state import State

#: Memories are made this many days ahead, and kept for this many behind.
DAYS_AROUND = 3


def make_memories(state: State, *, days_back: int = 0, days_ahead: int = DAYS_AROUND) -> int:
    """Make the missing memories of the days around now; return how many are new.

    One per owner, day and earlier year that has photos; shown through the whole
    UTC day, as the job of Immich 3.1.0 does.
    """
    by_day: dict[tuple[str, int, int, int], list[Asset]] = defaultdict(list)
    for asset in state.assets.values():
        if asset.visibility is Visibility.TIMELINE and not asset.is_trashed and asset.processed:
            local = asset.local_date_time
            by_day[asset.owner_id, local.year, local.month, local.day].append(asset)
    now = state.now()
    today = now.date()
    known = {(each.owner_id, each.show_at, each.data.get("year")) for each in state.memories.values()}
    made = 0
    for step in range(-days_back, days_ahead + 1):
        day = today + timedelta(days=step)
        show_at = midnight_utc(day)
        for owner_id in state.users:
            for year in range(day.year - 1, 1899, -1):
                assets = by_day.get((owner_id, year, day.month, day.day))
                if not assets or (owner_id, show_at, year) in known:
                    continue
                memory = Memory(
                    id=state.new_id(),
                    owner_id=owner_id,
                    memory_at=midnight_utc(date(year, day.month, day.day)),
                    created_at=now,
                    updated_at=now,
                    data={"year": year},
                    asset_ids=[asset.id for asset in assets],
                    show_at=show_at,
                    hide_at=show_at + timedelta(days=1) - timedelta(milliseconds=1),
                )
                state.memories[memory.id] = memory
                made += 1
    return made


def midnight_utc(day: date) -> datetime:
    """Return the first moment of a day in UTC."""
    return datetime.combine(day, time(), UTC)
