"""What all coordinators share: errors mapped once, refusals kept apart, one line of log for a lost server."""

from abc import abstractmethod
from asyncio import Task
from collections.abc import Awaitable, Callable
from datetime import timedelta
import logging
from typing import TYPE_CHECKING, Any, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from ..api import Immich
from ..api.errors import (
    ImmichAuthenticationError,
    ImmichConnectionError,
    ImmichError,
    ImmichPermissionError,
    ImmichTooOldError,
)
from ..api.permissions import Ability
from ..errors import auth_failed, update_failed
from ..scopes import async_report_missing_scopes

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

_LOGGER = logging.getLogger(__name__.rpartition(".")[0])


class Line:
    """The line to one server, shared by the coordinators of an entry.

    The first that finds the server gone tells the others, so that all entities go at once and one line is
    logged; the first that finds it back wakes the others.
    """

    def __init__(self) -> None:
        """Start with a line that is up."""
        self.coordinators: list[ImmichCoordinator[Any]] = []
        self.is_up = True
        self._waking: set[Task[None]] = set()

    def down(self, finder: ImmichCoordinator[Any]) -> None:
        """Note that `finder` could not reach the server; it logs that itself."""
        if not self.is_up:
            return
        self.is_up = False
        for other in self.coordinators:
            if other is not finder and other.last_update_success:
                other.last_update_success = False
                other.async_update_listeners()

    def up(self, finder: ImmichCoordinator[Any]) -> None:
        """Note that `finder` reached the server again; the others read afresh."""
        if self.is_up:
            return
        self.is_up = True
        for other in self.coordinators:
            if other is not finder and not other.last_update_success:
                # Set here, so that it doesn't log its own recovery as well.
                other.last_update_success = True
                task = other.config_entry.async_create_task(
                    other.hass, other.async_refresh(), f"refresh {other.name}"
                )
                self._waking.add(task)
                task.add_done_callback(self._waking.discard)


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
        away_retry: float | None = None,
    ) -> None:
        """Read through `client` every `rhythm`; while the server is away every `away_retry` seconds, if given."""
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
        self._away_retry = away_retry
        self.troubled: set[Ability] = set()
        line.coordinators.append(self)

    @abstractmethod
    async def _fetch(self) -> T:
        """Read the facts; raises ImmichError only if nothing could be read."""

    @override
    async def _async_update_data(self) -> T:
        try:
            await self.client.ensure_version()
            data = await self._fetch()
        except ImmichAuthenticationError as error:
            raise auth_failed(error) from error
        except (ImmichConnectionError, ImmichTooOldError) as error:
            self._line.down(self)
            asked = getattr(error, "retry_after", None)
            raise update_failed(error, asked or self._away_retry) from error
        except ImmichError as error:
            raise update_failed(error) from error
        self._line.up(self)
        return data

    async def _ask[R](self, ability: Ability, call: Callable[[], Awaitable[R]]) -> R | None:
        """Make a call that may fail alone: None if the key may not, or if its answer can't be used.

        What concerns everything (lost line, bad key) goes through. A refusal is remembered, so that it is
        not asked for again; other trouble is logged once until it is over.
        """
        if not self.client.scopes.can(ability):
            return None
        try:
            result = await call()
        except ImmichAuthenticationError, ImmichConnectionError:
            raise
        except ImmichPermissionError as error:
            if error.scope is not None and self.client.scopes.refuse(error.scope):
                async_report_missing_scopes(self.hass, self.config_entry, self.client)
            return None
        except ImmichError as error:
            if ability not in self.troubled:
                self.troubled.add(ability)
                _LOGGER.warning("%s: %s can't be read: %s", self.name, ability, error)
            return None
        if ability in self.troubled:
            self.troubled.discard(ability)
            _LOGGER.info("%s: %s can be read again", self.name, ability)
        return result
