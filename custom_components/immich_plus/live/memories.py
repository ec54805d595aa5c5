"""Telling that there are memories today, once a day."""

from datetime import date
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..api.errors import ImmichError, ImmichPermissionError
from ..coordinator.facts import Fact
from ..news.news import News, NewsType
from ..news.teller import MOST_AT_ONCE
from ..scopes import async_report_missing_scopes

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


class MemoriesOfToday:
    """Watches whether Immich has something to look back at."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
        """Do nothing until it is started."""
        self._hass = hass
        self._entry = entry
        self._reading = False
        self._missed = True

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Begin to watch the number of memories; give what ends that."""
        known = self._entry.runtime_data.memory.known
        if known.memories_day is None:
            # What was there when the account was added is no news.
            known.memories_day = dt_util.now().date()
        end = self._entry.runtime_data.account_counts.async_add_listener(self.look, Fact.MEMORIES)
        self.look()
        self._missed = False
        return end

    @callback
    def look(self) -> None:
        """Tell if there are memories that weren't told of today."""
        runtime = self._entry.runtime_data
        today = dt_util.now().date()
        if self._reading or runtime.memory.known.memories_day == today:
            return
        if not runtime.account_counts.data.memories_today:
            return
        self._reading = True
        _task = self._entry.async_create_background_task(
            self._hass, self._read(today, missed=self._missed), "memories of today"
        )

    async def _read(self, today: date, *, missed: bool) -> None:
        runtime = self._entry.runtime_data
        try:
            memories = await runtime.client.memories.list(today)
        except ImmichPermissionError as error:
            if error.scope is not None and runtime.client.scopes.refuse(error.scope):
                async_report_missing_scopes(self._hass, self._entry, runtime.client)
            return
        except ImmichError:
            return  # The next look asks again.
        finally:
            self._reading = False
        if not memories:
            return  # All of them lie in the trash; others may still be made.
        runtime.memory.known.memories_day = today
        assets = [asset for memory in memories for asset in memory.assets]
        runtime.teller.news(
            News(
                type=NewsType.MEMORIES_BECAME_AVAILABLE,
                count=len(memories),
                ids=tuple(asset.id for asset in assets),
                assets=tuple(assets[:MOST_AT_ONCE]),
                missed=missed,
            )
        )
