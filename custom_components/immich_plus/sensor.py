"""Sensors of the account, the server and its other users: tables, hardly any logic."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfInformation
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api.permissions import Ability
from .api.server import ServerStatistics, UserUsage
from .const import DOMAIN
from .coordinator.account import AccountCounts
from .coordinator.base import ImmichCoordinator
from .coordinator.library import LibraryCounts
from .coordinator.server import ServerState, StatisticsCoordinator
from .entity import ImmichEntity, ImmichEntityDescription, account_device, server_device, user_device
from .runtime import ImmichPlusConfigEntry

# All values come from coordinators.
PARALLEL_UPDATES = 0

type Value = int | float | str | datetime | None


@dataclass(frozen=True, kw_only=True)
class ImmichSensorDescription[T](SensorEntityDescription, ImmichEntityDescription):
    """A sensor and how its value is read from a coordinator's data."""

    value_fn: Callable[[T], Value]


def _count[T](
    key: str, ability: Ability | None, value_fn: Callable[[T], Value], *, enabled: bool = True
) -> ImmichSensorDescription[T]:
    """Describe a number of things."""
    return ImmichSensorDescription(
        key=key,
        translation_key=key,
        ability=ability,
        value_fn=value_fn,
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=enabled,
    )


def _size[T](
    key: str, ability: Ability | None, value_fn: Callable[[T], Value], *, enabled: bool = True
) -> ImmichSensorDescription[T]:
    """Describe an amount of bytes, shown in GiB as Immich does."""
    return ImmichSensorDescription(
        key=key,
        translation_key=key,
        ability=ability,
        value_fn=value_fn,
        device_class=SensorDeviceClass.DATA_SIZE,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIBIBYTES,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
    )


def _share[T](
    key: str, ability: Ability | None, value_fn: Callable[[T], Value], *, enabled: bool = True
) -> ImmichSensorDescription[T]:
    """Describe a share in percent."""
    return ImmichSensorDescription(
        key=key,
        translation_key=key,
        ability=ability,
        value_fn=value_fn,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
    )


def _percent(used: int | None, size: int | None) -> float | None:
    return None if used is None or not size else used / size * 100


LIBRARY_SENSORS: tuple[ImmichSensorDescription[LibraryCounts], ...] = (
    _count("albums", Ability.ALBUM_COUNTS, lambda data: data.albums.total if data.albums else None),
    _count(
        "albums_owned",
        Ability.ALBUM_COUNTS,
        lambda data: data.albums.owned if data.albums else None,
        enabled=False,
    ),
    _count(
        "albums_shared",
        Ability.ALBUM_COUNTS,
        lambda data: data.albums.shared if data.albums else None,
        enabled=False,
    ),
    _count("photos", Ability.ASSET_COUNTS, lambda data: data.timeline.images if data.timeline else None),
    _count("videos", Ability.ASSET_COUNTS, lambda data: data.timeline.videos if data.timeline else None),
    _count("favorites", Ability.ASSET_COUNTS, lambda data: data.favorites.total if data.favorites else None),
    _count(
        "archived",
        Ability.ASSET_COUNTS,
        lambda data: data.archived.total if data.archived else None,
        enabled=False,
    ),
    _count("trashed", Ability.ASSET_COUNTS, lambda data: data.trashed.total if data.trashed else None),
    ImmichSensorDescription(
        key="last_added",
        translation_key="last_added",
        ability=Ability.LAST_ADDED,
        value_fn=lambda data: data.last_added,
        device_class=SensorDeviceClass.TIMESTAMP,
    ),
)

ACCOUNT_SENSORS: tuple[ImmichSensorDescription[AccountCounts], ...] = (
    _count("people", Ability.PEOPLE, lambda data: data.people),
    _count("tags", Ability.TAGS, lambda data: data.tags, enabled=False),
    _count("memories_today", Ability.MEMORIES, lambda data: data.memories_today),
    _size("quota_used", None, lambda data: data.account.quota_usage),
    _size("quota_size", None, lambda data: data.account.quota_size, enabled=False),
    _share(
        "quota_usage",
        None,
        lambda data: _percent(data.account.quota_usage, data.account.quota_size),
        enabled=False,
    ),
)

SERVER_SENSORS: tuple[ImmichSensorDescription[ServerState], ...] = (
    ImmichSensorDescription(
        key="server_version",
        translation_key="server_version",
        value_fn=lambda data: str(data.version),
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    _size(
        "disk_size", Ability.STORAGE, lambda data: data.storage.size if data.storage else None, enabled=False
    ),
    _size("disk_available", Ability.STORAGE, lambda data: data.storage.available if data.storage else None),
    _size(
        "disk_used", Ability.STORAGE, lambda data: data.storage.used if data.storage else None, enabled=False
    ),
    _share("disk_usage", Ability.STORAGE, lambda data: data.storage.usage if data.storage else None),
)

STATISTICS_SENSORS: tuple[ImmichSensorDescription[ServerStatistics | None], ...] = (
    _count("users", Ability.STATISTICS, lambda data: len(data.users) if data else None),
    _count("photos_total", Ability.STATISTICS, lambda data: data.photos if data else None),
    _count("videos_total", Ability.STATISTICS, lambda data: data.videos if data else None),
    _size("usage_photos", Ability.STATISTICS, lambda data: data.usage_photos if data else None),
    _size("usage_videos", Ability.STATISTICS, lambda data: data.usage_videos if data else None),
)

USER_SENSORS: tuple[ImmichSensorDescription[UserUsage], ...] = (
    _count("photos", Ability.STATISTICS, lambda user: user.photos),
    _count("videos", Ability.STATISTICS, lambda user: user.videos),
    _size("usage", Ability.STATISTICS, lambda user: user.usage),
    _share("quota_usage", Ability.STATISTICS, lambda user: _percent(user.usage, user.quota), enabled=False),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors that the key can fill."""
    runtime = entry.runtime_data
    account_id, server_id = runtime.account.id, runtime.server_id

    def _can(description: ImmichEntityDescription) -> bool:
        return description.ability is None or runtime.client.scopes.can(description.ability)

    account = account_device(entry)
    entities: list[SensorEntity] = [
        ImmichSensor(runtime.library, description, account_id, account)
        for description in LIBRARY_SENSORS
        if _can(description)
    ]
    entities += [
        ImmichSensor(runtime.account_counts, description, account_id, account)
        for description in ACCOUNT_SENSORS
        if _can(description)
    ]
    if (coordinators := runtime.server) is not None:
        server = server_device(entry)
        entities += [
            ImmichSensor(coordinators.server, description, server_id, server)
            for description in SERVER_SENSORS
            if _can(description)
        ]
        if coordinators.statistics is not None and runtime.client.scopes.can(Ability.STATISTICS):
            entities += [
                ImmichSensor(coordinators.statistics, description, server_id, server)
                for description in STATISTICS_SENSORS
            ]
            _follow_users(hass, entry, coordinators.statistics, async_add_entities)
    async_add_entities(entities)


def _follow_users(
    hass: HomeAssistant,
    entry: ImmichPlusConfigEntry,
    coordinator: StatisticsCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a device with sensors for each other user of the server, and remove it when the user is gone."""
    runtime = entry.runtime_data
    known: set[str] = set()

    @callback
    def _update() -> None:
        if coordinator.data is None:
            return
        users = {user.user_id: user for user in coordinator.data.users if user.user_id != runtime.account.id}
        async_add_entities(
            UserSensor(
                coordinator,
                description,
                f"{runtime.server_id}_{user_id}",
                user_device(entry, user_id, users[user_id].name),
                user_id,
            )
            for user_id in users.keys() - known
            for description in USER_SENSORS
        )
        known.clear()
        known.update(users)
        registry = dr.async_get(hass)
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            for domain, key in device.identifiers:
                server_id, _, user_id = key.partition("_")
                if domain == DOMAIN and server_id == runtime.server_id and user_id and user_id not in users:
                    registry.async_remove_device(device.id)

    _update()
    entry.async_on_unload(coordinator.async_add_listener(_update))


class ImmichSensor[T](ImmichEntity[ImmichCoordinator[T]], SensorEntity):
    """A value of a coordinator; unknown where Immich gave none that can be used."""

    entity_description: ImmichSensorDescription[T]

    @property
    @override
    def native_value(self) -> Value:
        return self.entity_description.value_fn(self.coordinator.data)


class UserSensor(ImmichEntity[StatisticsCoordinator], SensorEntity):
    """A value of one other user."""

    entity_description: ImmichSensorDescription[UserUsage]

    def __init__(
        self,
        coordinator: StatisticsCoordinator,
        description: ImmichSensorDescription[UserUsage],
        prefix: str,
        device: dr.DeviceInfo,
        user_id: str,
    ) -> None:
        """Follow the user with `user_id` in the server's statistics."""
        super().__init__(coordinator, description, prefix, device)
        self._user_id = user_id

    @property
    def _user(self) -> UserUsage | None:
        users = self.coordinator.data.users if self.coordinator.data is not None else []
        return next((user for user in users if user.user_id == self._user_id), None)

    @property
    @override
    def available(self) -> bool:
        return super().available and self._user is not None

    @property
    @override
    def native_value(self) -> Value:
        user = self._user
        return None if user is None else self.entity_description.value_fn(user)
