"""Listening to what Immich announces: the connection is kept up, and what it says is handed on."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
import logging
import random
from typing import TYPE_CHECKING, Final, NoReturn

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..api import Immich
from ..api.errors import (
    ImmichAuthenticationError,
    ImmichError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichUnavailableError,
)
from ..api.live_events import LiveEvent
from ..api.permissions import ALL

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

_LOGGER = logging.getLogger(__name__)

# Pauses between attempts: they double up to the longest, each is drawn from half to one and a half of it.
FIRST_PAUSE_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 300.0
# Where a key or a proxy is in the way, somebody has to mend that first.
HINDERED_PAUSE_SECONDS: Final = 3600.0
# A connection that lasted so long was a good one: the next pause is a short one again. What cuts all connections
# earlier is met once in the longest pause, as much is read afresh after each.
GOOD_SECONDS: Final = 300.0
# A proxy that says "not now" until the pauses are so long, while the server answers calls, always says so.
STUBBORN_SECONDS: Final = 60.0
# Events that are handled before the event loop gets its turn again.
_EVENTS_PER_TURN: Final = 20


class LiveState(StrEnum):
    """Whether Immich announces what happens, and if not, why; the values are translated."""

    CONNECTED = "connected"
    CONNECTING = "connecting"
    SWITCHED_OFF = "switched_off"
    KEY_LACKS_ALL = "key_lacks_all"
    BLOCKED = "blocked"


_HINDERED: Final = (LiveState.KEY_LACKS_ALL, LiveState.BLOCKED)

_POLLING: Final = "it is asked every few minutes instead"
_REPORTS: Final = {
    LiveState.CONNECTED: "Live updates from %s are on",
    LiveState.CONNECTING: f"Live updates from %s stopped: {_POLLING}",
    LiveState.KEY_LACKS_ALL: (
        f"%s announces nothing to this API key, which lacks the permission “all”: {_POLLING}"
    ),
    LiveState.BLOCKED: (
        f"Live updates from %s don't get through, as a proxy before it lets no websockets pass: {_POLLING}"
    ),
}


class LiveUpdates:
    """The live connection of one account."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich) -> None:
        """Do nothing until it is started."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._listeners: list[Callable[[], None]] = []
        self._hurry = asyncio.Event()
        self._pause = FIRST_PAUSE_SECONDS
        self._reported: LiveState | None = None
        self._task: asyncio.Task[None] | None = None
        self.state = LiveState.SWITCHED_OFF

    @property
    def is_on(self) -> bool:
        """Whether Immich announces what happens."""
        return self.state is LiveState.CONNECTED

    @callback
    def async_add_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `listener` when the state changes; give what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def start(self, hear: Callable[[LiveEvent], None], doubt: Callable[[], None]) -> None:
        """Connect, now and again whenever the connection is lost, and hand each event to `hear`.

        `doubt` is called when a connection was lost or could not be made: maybe the server is gone. Ends when
        the entry is unloaded.
        """
        self._task = self._entry.async_create_background_task(
            self._hass, self._run(hear, doubt), f"live updates of {self._entry.entry_id}"
        )

    async def async_stop(self) -> None:
        """Hear nothing any more, before what was heard is put away."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    @callback
    def hurry(self) -> None:
        """Don't wait any longer: the server is back."""
        self._hurry.set()

    async def _run(self, hear: Callable[[LiveEvent], None], doubt: Callable[[], None]) -> NoReturn:
        loop = self._hass.loop
        while True:
            self._hurry.clear()
            started = loop.time()
            self._set(await self._attempt(hear, doubt))
            if loop.time() - started > GOOD_SECONDS:
                self._pause = FIRST_PAUSE_SECONDS
            await self._rest()

    async def _attempt(self, hear: Callable[[LiveEvent], None], doubt: Callable[[], None]) -> LiveState:
        """Listen as long as it lasts; return what it came to."""
        if not self._may_listen:
            return LiveState.KEY_LACKS_ALL
        if self.state not in _HINDERED:
            self._set(LiveState.CONNECTING)
        try:
            await self._listen(hear)
        except ImmichPermissionError, ImmichAuthenticationError:
            return LiveState.KEY_LACKS_ALL
        except ImmichNotImmichError:
            return LiveState.BLOCKED
        except ImmichError as error:
            _LOGGER.debug("No live updates from %s: %s", self._client.url.host, error)
            doubt()
            return LiveState.BLOCKED if self._is_stubborn(error) else LiveState.CONNECTING

    @property
    def _may_listen(self) -> bool:
        """Whether the key may be let in; before 1.139 only trying tells."""
        told = self._client.scopes.told
        return told is None or ALL in told

    def _is_stubborn(self, error: ImmichError) -> bool:
        """Whether a proxy says "not now" to live connections alone."""
        return (
            isinstance(error, ImmichUnavailableError)
            and self._pause > STUBBORN_SECONDS
            and self._entry.runtime_data.line.is_up
        )

    async def _listen(self, hear: Callable[[LiveEvent], None]) -> NoReturn:
        """Hand events on until the connection is lost, which is raised."""
        async with self._client.live.connect() as line:
            self._set(LiveState.CONNECTED)
            self._hurry.clear()
            while True:
                for _ in range(_EVENTS_PER_TURN):
                    hear(await anext(line))
                await asyncio.sleep(0)

    async def _rest(self) -> None:
        """Wait until the next attempt is due, or somebody is in a hurry."""
        longest = HINDERED_PAUSE_SECONDS if self.state in _HINDERED else LONGEST_PAUSE_SECONDS
        pause = longest if self.state is LiveState.KEY_LACKS_ALL else min(self._pause, longest)
        try:
            async with asyncio.timeout(pause * random.uniform(0.5, 1.5)):  # noqa: S311 (jitter)
                await self._hurry.wait()
        except TimeoutError:
            self._pause = 2 * pause
        else:
            self._pause = FIRST_PAUSE_SECONDS

    @callback
    def _set(self, state: LiveState) -> None:
        if self.state is state:
            return
        was_on, self.state = self.is_on, state
        # That an attempt failed is news only if live updates were on before.
        if state is not self._reported and (was_on or state is not LiveState.CONNECTING):
            self._reported = state
            _LOGGER.info(_REPORTS[state], self._client.url.host)
        for listener in list(self._listeners):
            listener()
