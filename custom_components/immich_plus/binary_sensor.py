"""Binary sensors: whether the server answers, and whether it announces what happens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api.errors import ImmichMaintenanceError
from .entity import account_device, server_device
from .runtime import ImmichPlusConfigEntry, Runtime

# All values are pushed.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ImmichBinarySensorDescription(BinarySensorEntityDescription):
    """A binary sensor, how its value is read from what an account carries, and who tells that it changed."""

    is_on_fn: Callable[[Runtime], bool | None]
    listen_fn: Callable[[Runtime], Callable[[Callable[[], None]], CALLBACK_TYPE]]
    attributes_fn: Callable[[Runtime], dict[str, Any]] = lambda _runtime: {}


def _in_maintenance(runtime: Runtime) -> bool | None:
    """Whether the server says so; None while it says nothing at all."""
    trouble = runtime.line.trouble
    if trouble is None:
        return False
    return True if isinstance(trouble, ImmichMaintenanceError) else None


ACCOUNT_SENSORS = (
    ImmichBinarySensorDescription(
        key="live_updates",
        translation_key="live_updates",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda runtime: runtime.live.is_on,
        listen_fn=lambda runtime: runtime.live.async_add_listener,
        attributes_fn=lambda runtime: {"reason": runtime.live.state},
    ),
)

SERVER_SENSORS = (
    ImmichBinarySensorDescription(
        key="reachable",
        translation_key="reachable",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda runtime: runtime.line.is_up,
        listen_fn=lambda runtime: runtime.line.async_add_listener,
    ),
    ImmichBinarySensorDescription(
        key="maintenance",
        translation_key="maintenance",
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=_in_maintenance,
        listen_fn=lambda runtime: runtime.line.async_add_listener,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of an account, and of the server if this entry carries it."""
    runtime = entry.runtime_data
    entities = [
        ImmichBinarySensor(entry, description, runtime.account.id, account_device(entry))
        for description in ACCOUNT_SENSORS
    ]
    if runtime.server is not None:
        entities += [
            ImmichBinarySensor(entry, description, runtime.server_id, server_device(entry))
            for description in SERVER_SENSORS
        ]
    async_add_entities(entities)


class ImmichBinarySensor(BinarySensorEntity):
    """A fact about the connection; it is there while the server isn't, as it tells just that."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    entity_description: ImmichBinarySensorDescription

    def __init__(
        self,
        entry: ImmichPlusConfigEntry,
        description: ImmichBinarySensorDescription,
        prefix: str,
        device: DeviceInfo,
    ) -> None:
        """Take `{prefix}_{key}` as unique id and sit on `device`."""
        self.entity_description = description
        self._runtime = entry.runtime_data
        self._attr_unique_id = f"{prefix}_{description.key}"
        self._attr_device_info = device

    @override
    async def async_added_to_hass(self) -> None:
        listen = self.entity_description.listen_fn(self._runtime)
        self.async_on_remove(listen(self.async_write_ha_state))

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.is_on_fn(self._runtime)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        return self.entity_description.attributes_fn(self._runtime)
