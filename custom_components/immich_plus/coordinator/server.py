"""The server: version and disk, counts over all users, the newest release."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.core import HomeAssistant

from ..api import Immich
from ..api.permissions import Ability
from ..api.server import ServerStatistics, Storage, VersionCheck
from ..api.version import ServerVersion
from ..const import RELEASE_INTERVAL, SERVER_INTERVAL, STATISTICS_INTERVAL
from .base import ImmichCoordinator, Line

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """The version that runs and the disk below it; None where the key may not see the disk."""

    version: ServerVersion
    storage: Storage | None


class ServerCoordinator(ImmichCoordinator[ServerState]):
    """Reads version and disk: servers are upgraded while Home Assistant runs."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line) -> None:
        """Poll every ten minutes."""
        super().__init__(hass, entry, client, line, SERVER_INTERVAL)
        self._first = True

    @override
    async def _fetch(self) -> ServerState:
        # The set-up has just read it.
        version = self.client.version if self._first else await self.client.refresh_version()
        self._first = False
        return ServerState(
            version=version, storage=await self._ask(Ability.STORAGE, self.client.server.storage)
        )


class StatisticsCoordinator(ImmichCoordinator[ServerStatistics | None]):
    """Counts over all users, for administrators; None where the key lacks the scope."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line) -> None:
        """Poll every quarter of an hour, as the server counts everything for it."""
        super().__init__(hass, entry, client, line, STATISTICS_INTERVAL)

    @override
    async def _fetch(self) -> ServerStatistics | None:
        return await self._ask(Ability.STATISTICS, self.client.server.statistics)


class ReleaseCoordinator(ImmichCoordinator[VersionCheck | None]):
    """The newest release, as the server found it; None where the key lacks the scope."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line) -> None:
        """Ask every six hours; the server itself looks for releases that often at the most."""
        super().__init__(hass, entry, client, line, RELEASE_INTERVAL)

    @override
    async def _fetch(self) -> VersionCheck | None:
        return await self._ask(Ability.VERSION_CHECK, self.client.server.version_check)
