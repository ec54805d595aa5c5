"""Deletions that nobody announced: Immich keeps no trace of them, so they are found by counting.

The ledger knows how many assets there should be. A count alone proves nothing, as uploads go on meanwhile: it
is believed only if a look before it and a look after it find nothing else.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..coordinator.facts import Fact
from ..news.news import News, NewsType

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry, Runtime

# A difference is looked into this often: where assets seem to be gone, and where there are more than are known of,
# which as a rule somebody is about to tell.
GONE_AGAIN: Final = timedelta(minutes=1)
MORE_AGAIN: Final = timedelta(minutes=30)
_ATTEMPTS: Final = 3
_COUNTED: Final = (Fact.TIMELINE, Fact.ARCHIVED, Fact.TRASHED)


class Deletions:
    """Finds how many assets of an account went without a word."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
        """Do nothing until somebody wants to know."""
        self._hass = hass
        self._entry = entry
        self._looking = False
        self._looked_at: datetime | None = None
        self._waiting: CALLBACK_TYPE | None = None
        # What went while Home Assistant didn't run, or couldn't reach the server, is told as missed.
        self._missed = True

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Begin to count; give what ends that."""
        runtime = self._entry.runtime_data
        ends = [runtime.library.async_add_listener(self.compare, fact) for fact in _COUNTED]
        ends.append(runtime.changes.async_add_listener(self.compare, Fact.CHANGES))
        ends.append(self._stop_waiting)
        ends.append(runtime.line.async_add_listener(self._line_changed))

        @callback
        def _end() -> None:
            for end in ends:
                end()

        return _end

    @callback
    def _line_changed(self) -> None:
        self._missed = True

    @callback
    def compare(self) -> None:
        """Look into it if there are more or fewer assets than there should be."""
        runtime = self._entry.runtime_data
        total, ledger = _total(runtime), runtime.changes.ledger
        if self._looking or total is None or ledger is None:
            return
        if total == ledger.total:
            self._missed = False
            return
        now = dt_util.utcnow()
        pause = GONE_AGAIN if ledger.total is None or total < ledger.total else MORE_AGAIN
        if self._looked_at is not None and (wait := pause - (now - self._looked_at)) > timedelta():
            # While Immich announces what happens, nobody else may count again for hours.
            self._stop_waiting()
            self._waiting = async_call_later(self._hass, wait, self._compare_again)
            return
        self._looking, self._looked_at = True, now
        _task = self._entry.async_create_background_task(
            self._hass, self._look_into_it(runtime), "count of the library"
        )

    @callback
    def _compare_again(self, _now: datetime) -> None:
        self._waiting = None
        self.compare()

    @callback
    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting()
            self._waiting = None

    async def _look_into_it(self, runtime: Runtime) -> None:
        try:
            for _ in range(_ATTEMPTS):
                if await self._count(runtime):
                    return
        finally:
            self._looking = False

    async def _count(self, runtime: Runtime) -> bool:
        """Count between two looks, and tell what is missing; return whether the count could be believed."""
        changes, library = runtime.changes, runtime.library
        await changes.async_refresh()
        if not _reads(runtime) or (ledger := changes.ledger) is None:
            return False
        moves = ledger.moves
        await library.async_refresh()
        total = _total(runtime)
        await changes.async_refresh()
        believed = _reads(runtime) and ledger.moves == moves
        if not believed or total is None:
            return False
        gone = 0 if ledger.total is None else ledger.total - total
        ledger.total = total
        if gone > 0:
            runtime.teller.news(News(type=NewsType.ASSET_DELETED, count=gone, missed=self._missed))
        self._missed = False
        runtime.memory.save()
        return True


def _reads(runtime: Runtime) -> bool:
    """Whether the last look and the last count both worked."""
    return runtime.changes.is_up_to_date and runtime.library.last_update_success


def _total(runtime: Runtime) -> int | None:
    """Return how many own assets there are, the archive and the trash included; None where that isn't known."""
    counts = runtime.library.data
    parts = (counts.timeline, counts.archived, counts.trashed)
    known = [part.total for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
