"""What all coordinators share: errors mapped once, failures kept apart, one line of log for a lost server."""

from abc import abstractmethod
import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
import logging
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from ..api import Immich
from ..api.errors import (
    ImmichAuthenticationError,
    ImmichConnectionError,
    ImmichError,
    ImmichMaintenanceError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichTooOldError,
    ImmichUnavailableError,
)
from ..const import AWAY_RETRY_SECONDS, LONGEST_AWAY_SECONDS
from ..errors import auth_failed, update_failed
from ..scopes import async_report_missing_scopes
from .facts import Fact

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

_LOGGER = logging.getLogger(__name__.rpartition(".")[0])

# What a server that is gone leads to. A single route can fail in these ways, too: a proxy gives up on a slow one.
_LOST: Final = (ImmichConnectionError, ImmichNotImmichError, ImmichTooOldError)


class Line:
    """The line to one server, shared by the coordinators of an entry.

    The first that finds the server gone, or the key refused, tells the others: all entities go at once, and one
    line is logged. From then on only that one asks, until the server is back and the others are woken.
    """

    def __init__(self) -> None:
        """Start with a line that is up."""
        self.coordinators: list[ImmichCoordinator[Any]] = []
        self._lost: tuple[ImmichCoordinator[Any], ImmichError] | None = None
        self._listeners: list[Callable[[], None]] = []

    @callback
    def async_add_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `listener` when the line is lost and when it is back; give what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def trouble(self) -> ImmichError | None:
        """How the line was lost; None while it is up."""
        return None if self._lost is None else self._lost[1]

    @property
    def is_up(self) -> bool:
        """Whether the server answered last time."""
        return self._lost is None

    @property
    def finder(self) -> ImmichCoordinator[Any] | None:
        """Who found the server gone, and asks whether it is back; None while the line is up."""
        return None if self._lost is None else self._lost[0]

    def lost_to_another(self, coordinator: ImmichCoordinator[Any]) -> ImmichError | None:
        """Return how the line was lost, if another coordinator asks whether the server is back."""
        if self._lost is None:
            return None
        finder, error = self._lost
        return error if finder is not coordinator and finder.asks_again else None

    def down(self, finder: ImmichCoordinator[Any], error: ImmichError) -> None:
        """Note that `finder` could not reach the server; it logs that itself."""
        self._lost = finder, error
        for other in self.coordinators:
            other.on_lost()
            if other is not finder and other.last_update_success:
                other.last_update_success = False
                other.async_update_listeners()
        self._tell()

    def up(self, finder: ImmichCoordinator[Any]) -> None:
        """Note that `finder` reached the server; the others read afresh if it was lost."""
        if self._lost is None:
            return
        self._lost = None
        for other in self.coordinators:
            if other is not finder and not other.last_update_success:
                _task = other.config_entry.async_create_background_task(
                    other.hass, other.async_wake(), f"refresh {other.name}"
                )
        self._tell()

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()


class ImmichCoordinator[T](DataUpdateCoordinator[T]):
    """Reads one group of facts in its own rhythm."""

    config_entry: ImmichPlusConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ImmichPlusConfigEntry,
        client: Immich,
        line: Line,
        rhythm: timedelta,
        *,
        live_rhythm: timedelta | None = None,
    ) -> None:
        """Read through `client` every `rhythm`, as long as `line` is up.

        While Immich announces what happens, `live_rhythm` is enough; None: the same.
        """
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"Immich at {client.url.host}",
            update_interval=rhythm,
            always_update=False,
        )
        self.client = client
        self._line = line
        self._rhythms = {False: rhythm, True: live_rhythm or rhythm}
        self._hearing = asyncio.Lock()
        self._heard = False
        # Facts whose last call failed, for another reason than a refusal.
        self.troubled: set[Fact] = set()
        line.coordinators.append(self)

    def on_lost(self) -> None:
        """Hear that the server can't be reached, which it can be for a while."""

    @property
    def asks_again(self) -> bool:
        """Whether it goes on asking by itself: somebody listens, and polling isn't switched off."""
        return bool(self._listeners) and not self.config_entry.pref_disable_polling

    @callback
    def set_live(self, live: bool) -> None:  # noqa: FBT001 (it is all that there is to say)
        """Ask in the rhythm that fits: from the next refresh on, which a quicker rhythm brings nearer."""
        self.update_interval = self._rhythms[live]
        # A server that is gone is asked in a rhythm of its own.
        if not live and self._listeners and self._line.is_up:
            self._schedule_refresh()

    async def async_wake(self) -> None:
        """Read afresh as the server is back; the coordinator that found that out logs it, this one doesn't."""
        self.last_update_success = True
        await self.async_refresh()
        # Home Assistant itself tells entities nothing if the data is the same as before.
        self.async_update_listeners()

    @abstractmethod
    async def _fetch(self) -> T:
        """Read the facts; raises ImmichError only if nothing could be read."""

    @override
    async def _async_update_data(self) -> T:
        if (lost := self._line.lost_to_another(self)) is not None:
            raise update_failed(lost)
        self._heard = False
        try:
            if self._line.is_up:
                await self.client.ensure_version()
            else:
                await self._hear()
            data = await self._fetch()
        except ImmichAuthenticationError as error:
            self._line.down(self, error)
            raise auth_failed(error) from error
        except _LOST as error:
            self._line.down(self, error)
            raise update_failed(error, self._pause(error)) from error
        except ImmichError as error:
            raise update_failed(error) from error
        self._line.up(self)
        return data

    async def _hear(self) -> None:
        """Ask the server for its version, once in a refresh; raises what tells that it is gone."""
        async with self._hearing:
            if not self._heard:
                await self.client.refresh_version()
                self._heard = True

    async def _ask[R](self, fact: Fact, call: Callable[[], Awaitable[R]]) -> R | None:
        """Make a call that may fail alone: None if the key may not, if it fails, or if nobody wants to know.

        What concerns everything (lost server, bad key) goes through. A refusal is remembered, so that it is
        not asked for again; other trouble is logged once until it is over.
        """
        if not (fact.is_readable(self.client) and self._is_wanted(fact)):
            return None
        try:
            result = await call()
        except ImmichAuthenticationError, ImmichMaintenanceError:
            raise
        except ImmichError as error:
            if isinstance(error, ImmichPermissionError) and error.scope is not None:
                if self.client.scopes.refuse(error.scope):
                    async_report_missing_scopes(self.hass, self.config_entry, self.client)
                return None
            if isinstance(error, ImmichUnavailableError) and error.retry_after is not None:
                raise
            if isinstance(error, _LOST):
                await self._hear()
            if fact not in self.troubled:
                self.troubled.add(fact)
                _LOGGER.warning("%s: %s can't be read: %s", self.name, fact, error)
            return None
        if fact in self.troubled:
            self.troubled.discard(fact)
            _LOGGER.info("%s: %s can be read again", self.name, fact)
        return result

    def _is_wanted(self, fact: Fact) -> bool:
        """Whether an enabled entity shows it. The first refresh comes before the entities and reads all."""
        return self.data is None or fact in set(self.async_contexts())

    def _pause(self, error: ImmichError) -> float | None:
        """Return the seconds until a lost server is asked again; None leaves that to Home Assistant, at set-up."""
        asked = error.retry_after if isinstance(error, ImmichUnavailableError) else None
        if not self.asks_again:
            return asked
        return min(max(asked or 0, AWAY_RETRY_SECONDS), LONGEST_AWAY_SECONDS)
