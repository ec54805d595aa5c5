"""Hints that something was added: the library is looked at soon, and again while pictures aren't ready.

A hint says nothing that is believed. A thousand of them cost a handful of searches.
"""

from datetime import datetime
import math
from typing import TYPE_CHECKING, Final

from homeassistant.core import CALLBACK_TYPE, CoreState, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..coordinator.changes import PATIENCE

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

# A hint is followed by a look after this time.
SOON_SECONDS: Final = 0.5
# Looks after hints that don't end keep a distance, which doubles from the first to the last of these.
FIRST_GAP_SECONDS: Final = 1.0
LONGEST_GAP_SECONDS: Final = 5.0
# So do those that only wait for pictures; the time that Immich takes for one is a matter of its machine.
LONGEST_WAIT_SECONDS: Final = 30.0


class Hints:
    """Turns hints about one account's library into looks at it."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
        """Do nothing until there is a hint."""
        self._hass = hass
        self._entry = entry
        self._hinted = False
        self._looking = False
        self._gap = self._wait = FIRST_GAP_SECONDS
        # By the event loop's clock: the next look, the end of the last one, and the end of all waiting for pictures.
        self._due = 0.0
        self._looked_at = -math.inf
        self._patient_until = 0.0
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def hear(self) -> None:
        """Take a hint; while Home Assistant starts nobody listens, and what happened is looked for after that."""
        if self._hass.state is not CoreState.running:
            return
        self._hinted = True
        self._patient_until = self._hass.loop.time() + PATIENCE.total_seconds()
        if not self._looking:
            self._look_soon()

    @callback
    def stop(self) -> None:
        """Look no more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _look_soon(self) -> None:
        now = self._hass.loop.time()
        if now - self._looked_at > 2 * self._gap:
            self._gap = FIRST_GAP_SECONDS
        self._look_at(max(now + SOON_SECONDS, self._looked_at + self._gap))

    def _look_at(self, due: float) -> None:
        """Look at a moment, or earlier if that is planned."""
        if self._cancel is not None and self._due <= due:
            return
        self.stop()
        self._due = due
        self._cancel = async_call_later(self._hass, max(0, due - self._hass.loop.time()), self._start)

    @callback
    def _start(self, _now: datetime) -> None:
        self._cancel = None
        self._looking = True
        # Ends with the entry: a look that hangs must not keep it from being unloaded.
        _task = self._entry.async_create_background_task(self._hass, self._look(), "look after a hint")

    async def _look(self) -> None:
        if self._hinted:
            self._gap = min(2 * self._gap, LONGEST_GAP_SECONDS)
            self._wait = FIRST_GAP_SECONDS
        self._hinted = False
        runtime = self._entry.runtime_data
        changes = runtime.changes
        await changes.async_refresh()
        self._looking = False
        self._looked_at = self._hass.loop.time()
        if self._hinted:
            self._look_soon()
        elif changes.is_waiting and self._looked_at < self._patient_until:
            self._look_at(self._looked_at + self._wait)
            self._wait = min(2 * self._wait, LONGEST_WAIT_SECONDS)
        if changes.last_update_success and changes.data is not None and changes.data.added:
            # What is shown of the library is out of date, and what was uploaded is often put into an album.
            runtime.listings.clear()
            await runtime.library.async_request_refresh()
            await runtime.albums.async_request_refresh()
