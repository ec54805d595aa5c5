"""The bases of entities: which device they sit on, and when they are available."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .api.permissions import Ability
from .const import DOMAIN
from .coordinator.base import ImmichCoordinator

if TYPE_CHECKING:
    from .runtime import ImmichPlusConfigEntry

MANUFACTURER = "Immich"


@dataclass(frozen=True, kw_only=True)
class ImmichEntityDescription(EntityDescription):
    """A description that names the ability its value comes from: without it there is no such entity."""

    ability: Ability | None = None


def account_device(entry: ImmichPlusConfigEntry) -> DeviceInfo:
    """Describe the account's device."""
    runtime = entry.runtime_data
    return DeviceInfo(
        identifiers={(DOMAIN, runtime.account.id)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        translation_key="account",
        translation_placeholders={"name": runtime.account.name},
        configuration_url=str(runtime.client.url),
    )


def server_device(entry: ImmichPlusConfigEntry) -> DeviceInfo:
    """Describe the server's device."""
    runtime = entry.runtime_data
    return DeviceInfo(
        identifiers={(DOMAIN, runtime.server_id)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        translation_key="server",
        translation_placeholders={"host": runtime.client.url.host or ""},
        configuration_url=str(runtime.client.url),
        sw_version=str(runtime.client.version),
    )


def user_device(entry: ImmichPlusConfigEntry, user_id: str, name: str) -> DeviceInfo:
    """Describe the device of another user of the server."""
    runtime = entry.runtime_data
    return DeviceInfo(
        identifiers={(DOMAIN, f"{runtime.server_id}_{user_id}")},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        translation_key="user",
        translation_placeholders={"name": name},
    )


class ImmichEntity[C: ImmichCoordinator[Any]](CoordinatorEntity[C]):
    """An entity that shows something of a coordinator."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: C, description: ImmichEntityDescription, prefix: str, device: DeviceInfo
    ) -> None:
        """Take `{prefix}_{key}` as unique id and sit on `device`."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_unique_id = f"{prefix}_{description.key}"
        self._attr_device_info = device
