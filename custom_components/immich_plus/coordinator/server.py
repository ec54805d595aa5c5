"""The server: version and disk, counts over all users, the newest release."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.core import HomeAssistant

from ..api import Immich
from ..api.server import ServerStatistics, Storage, VersionCheck
from ..api.together import together
from ..api.version import ServerVersion
from ..const import (
    LIVE_SERVER_INTERVAL,
    LIVE_STATISTICS_INTERVAL,
    RELEASE_INTERVAL,
    SERVER_INTERVAL,
    STATISTICS_INTERVAL,
)
from .base import ImmichCoordinator, Line
from .facts import Fact

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """The version that runs and the disk below it; None where nothing is known of the disk."""

    version: ServerVersion
    storage: Storage | None


class ServerCoordinator(ImmichCoordinator[ServerState]):
    """Reads version and disk: servers are upgraded while Home Assistant runs."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line) -> None:
        """Poll every ten minutes."""
        super().__init__(hass, entry, client, line, SERVER_INTERVAL, live_rhythm=LIVE_SERVER_INTERVAL)

    @override
    async def _fetch(self) -> ServerState:
        async with together() as tasks:
            storage = tasks.create_task(self._ask(Fact.STORAGE, self.client.server.storage))
            # The set-up has just read the version.
            if self.data is not None:
                tasks.create_task(self._hear())
        return ServerState(version=self.client.version, storage=storage.result())


class StatisticsCoordinator(ImmichCoordinator[ServerStatistics | None]):
    """Counts over all users, for administrators; None where the server doesn't tell."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line) -> None:
        """Poll every quarter of an hour, as the server counts everything for it."""
        super().__init__(hass, entry, client, line, STATISTICS_INTERVAL, live_rhythm=LIVE_STATISTICS_INTERVAL)

    @override
    async def _fetch(self) -> ServerStatistics | None:
        return await self._ask(Fact.STATISTICS, self.client.server.statistics)


class ReleaseCoordinator(ImmichCoordinator[VersionCheck | None]):
    """The newest release, as the server found it; None where the server doesn't tell."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line) -> None:
        """Ask every six hours; the server itself looks for releases that often at the most."""
        super().__init__(hass, entry, client, line, RELEASE_INTERVAL)

    @override
    async def _fetch(self) -> VersionCheck | None:
        return await self._ask(Fact.RELEASE, self.client.server.version_check)
