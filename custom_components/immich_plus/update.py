"""The update entity: which release of Immich runs, and which is the newest."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.update import UpdateEntity, UpdateEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator.facts import Fact
from .coordinator.server import ReleaseCoordinator, ServerCoordinator
from .entity import ImmichEntity, ImmichEntityDescription, server_device
from .runtime import ImmichPlusConfigEntry

# All values come from coordinators.
PARALLEL_UPDATES = 0

_RELEASE_PAGE = "https://github.com/immich-app/immich/releases/tag/v{version}"


@dataclass(frozen=True, kw_only=True)
class ImmichUpdateDescription(UpdateEntityDescription, ImmichEntityDescription):
    """The description of an update entity."""


SERVER_UPDATE = ImmichUpdateDescription(key="server", translation_key="server", fact=Fact.RELEASE)


async def async_setup_entry(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the update entity of the server, where this account carries it and its key may ask for releases."""
    runtime = entry.runtime_data
    if (coordinators := runtime.server) is not None and Fact.RELEASE.is_readable(runtime.client):
        async_add_entities([ServerUpdate(entry, coordinators.release, coordinators.server)])


class ServerUpdate(ImmichEntity[ReleaseCoordinator], UpdateEntity):
    """Says when a newer Immich is out; how it is installed is up to the server's owner."""

    entity_description: ImmichUpdateDescription
    _attr_title = "Immich"

    def __init__(
        self, entry: ImmichPlusConfigEntry, release: ReleaseCoordinator, server: ServerCoordinator
    ) -> None:
        """Compare what `server` runs with what `release` found."""
        super().__init__(release, SERVER_UPDATE, entry.runtime_data.server_id, server_device(entry))
        self._server = server

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self._server.async_add_listener(self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        return super().available and self._server.last_update_success

    @property
    @override
    def installed_version(self) -> str:
        return str(self._server.data.version)

    @property
    @override
    def latest_version(self) -> str:
        """The newest release known, or what runs where the server never looked (its check may be off)."""
        running = self._server.data.version
        found = self.coordinator.data
        if found is None or found.release is None:
            return str(running)
        # A server that was just upgraded may still remember an older one.
        return str(max(found.release, running))

    @property
    @override
    def release_url(self) -> str:
        return _RELEASE_PAGE.format(version=self.latest_version)
