"""Listening to what Immich announces: the connection is kept up, and what it says reaches those it concerns."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
import logging
import random
from typing import TYPE_CHECKING, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .api import Immich
from .api.errors import ImmichAuthenticationError, ImmichError, ImmichNotImmichError, ImmichPermissionError
from .api.live_events import LiveEvent
from .api.permissions import ALL

if TYPE_CHECKING:
    from .runtime import ImmichPlusConfigEntry

_LOGGER = logging.getLogger(__name__)

# Pauses between attempts: they double up to the longest, each is drawn from half to one and a half of it.
FIRST_PAUSE_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 300.0
# Where a key or a proxy is in the way, somebody has to mend that first.
HINDERED_PAUSE_SECONDS: Final = 3600.0
# A connection that lasted so long was a good one: the next pause is a short one again.
GOOD_SECONDS: Final = 60.0
# Events that are handled before the event loop gets its turn again.
_EVENTS_PER_TURN: Final = 20


class LiveState(StrEnum):
    """Whether Immich announces what happens, and if not, why; the values are translated."""

    CONNECTED = "connected"
    CONNECTING = "connecting"
    SWITCHED_OFF = "switched_off"
    KEY_LACKS_ALL = "key_lacks_all"
    BLOCKED = "blocked"


class LiveUpdates:
    """The live connection of one account."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich) -> None:
        """Do nothing until it is started."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._listeners: list[Callable[[], None]] = []
        self._hurry = asyncio.Event()
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
    def start(self, hear: Callable[[LiveEvent], None]) -> None:
        """Connect, now and again whenever the connection is lost, and hand each event to `hear`.

        Ends by itself when the entry is unloaded.
        """
        _task = self._entry.async_create_background_task(
            self._hass, self._run(hear), f"live updates of {self._entry.entry_id}"
        )

    @callback
    def hurry(self) -> None:
        """Try now: the server is back, or the key may do more than before."""
        self._hurry.set()

    async def _run(self, hear: Callable[[LiveEvent], None]) -> None:
        pause = FIRST_PAUSE_SECONDS
        loop = self._hass.loop
        while True:
            started = loop.time()
            state = LiveState.CONNECTING
            if self._may_listen:
                if not self._is_hindered:
                    self._set(state)
                try:
                    await self._listen(hear)
                except ImmichPermissionError, ImmichAuthenticationError:
                    state = LiveState.KEY_LACKS_ALL
                except ImmichNotImmichError:
                    state = LiveState.BLOCKED
                except ImmichError as error:
                    _LOGGER.debug("No live updates from %s: %s", self._client.url.host, error)
            else:
                state = LiveState.KEY_LACKS_ALL
            self._set(state)
            if loop.time() - started > GOOD_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            await self._pause(HINDERED_PAUSE_SECONDS if self._is_hindered else pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    @property
    def _may_listen(self) -> bool:
        """Whether the key may be let in; before 1.139 only trying tells."""
        told = self._client.scopes.told
        return told is None or ALL in told

    @property
    def _is_hindered(self) -> bool:
        return self.state in (LiveState.KEY_LACKS_ALL, LiveState.BLOCKED)

    async def _listen(self, hear: Callable[[LiveEvent], None]) -> None:
        """Hand events on until the connection is lost, which is raised."""
        async with self._client.live.connect() as line:
            self._set(LiveState.CONNECTED)
            heard = 0
            async for event in line:
                hear(event)
                heard += 1
                if heard % _EVENTS_PER_TURN == 0:
                    await asyncio.sleep(0)

    async def _pause(self, seconds: float) -> None:
        self._hurry.clear()
        try:
            async with asyncio.timeout(seconds * random.uniform(0.5, 1.5)):  # noqa: S311 (jitter)
                await self._hurry.wait()
        except TimeoutError:
            return

    @callback
    def _set(self, state: LiveState) -> None:
        before, self.state = self.state, state
        if before is state:
            return
        if state is LiveState.CONNECTED:
            _LOGGER.info("Live updates from %s are on", self._client.url.host)
        elif before is LiveState.CONNECTED:
            _LOGGER.info(
                "Live updates from %s stopped: it is asked every few minutes instead", self._client.url.host
            )
        elif state is LiveState.KEY_LACKS_ALL:
            _LOGGER.info(
                "%s announces nothing to this API key, which lacks the permission “all”: it is asked every few"
                " minutes instead",
                self._client.url.host,
            )
        elif state is LiveState.BLOCKED:
            _LOGGER.info(
                "Live updates from %s don't get through, as a proxy before it lets no websockets pass: it is asked"
                " every few minutes instead",
                self._client.url.host,
            )
        for listener in list(self._listeners):
            listener()
