"""Sensors of the account, the server, its other users and albums: tables, hardly any logic."""

from collections.abc import Callable
from dataclasses import dataclass, replace
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

from .api.album import Album
from .api.server import ServerStatistics, UserUsage
from .const import DOMAIN, SUBENTRY_ALBUM
from .coordinator.account import AccountCounts
from .coordinator.albums import AlbumsCoordinator
from .coordinator.base import ImmichCoordinator
from .coordinator.facts import Fact
from .coordinator.library import LibraryCounts
from .coordinator.server import ServerState, StatisticsCoordinator
from .entity import (
    AlbumEntity,
    ImmichEntity,
    ImmichEntityDescription,
    account_device,
    server_device,
    user_device,
)
from .runtime import ImmichPlusConfigEntry

# All values come from coordinators.
PARALLEL_UPDATES = 0

type Value = int | float | str | datetime | None


@dataclass(frozen=True, kw_only=True)
class ImmichSensorDescription[T](SensorEntityDescription, ImmichEntityDescription):
    """A sensor and how its value is read from a coordinator's data."""

    value_fn: Callable[[T], Value]


@dataclass(frozen=True, kw_only=True)
class AlbumSensorDescription(SensorEntityDescription, ImmichEntityDescription):
    """A sensor of an album, and how its value is read from what is known of albums."""

    value_fn: Callable[[AlbumsCoordinator, Album], Value]


def _count[T](
    key: str, fact: Fact | None, value_fn: Callable[[T], Value], *, enabled: bool = True
) -> ImmichSensorDescription[T]:
    """Describe a number of things."""
    return ImmichSensorDescription(
        key=key,
        translation_key=key,
        fact=fact,
        value_fn=value_fn,
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=enabled,
    )


def _size[T](
    key: str, fact: Fact | None, value_fn: Callable[[T], Value], *, enabled: bool = True
) -> ImmichSensorDescription[T]:
    """Describe an amount of bytes, shown in GiB as Immich does."""
    return replace(
        _count(key, fact, value_fn, enabled=enabled),
        device_class=SensorDeviceClass.DATA_SIZE,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIBIBYTES,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
    )


def _share[T](
    key: str, fact: Fact | None, value_fn: Callable[[T], Value], *, enabled: bool = True
) -> ImmichSensorDescription[T]:
    """Describe a share in percent."""
    return replace(
        _count(key, fact, value_fn, enabled=enabled),
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
    )


def _percent(used: int | None, size: int | None) -> float | None:
    return None if used is None or not size else used / size * 100


LIBRARY_SENSORS: tuple[ImmichSensorDescription[LibraryCounts], ...] = (
    _count("albums", Fact.ALBUMS, lambda data: data.albums.total if data.albums else None),
    _count(
        "albums_owned",
        Fact.ALBUMS,
        lambda data: data.albums.owned if data.albums else None,
        enabled=False,
    ),
    _count(
        "albums_shared",
        Fact.ALBUMS,
        lambda data: data.albums.shared if data.albums else None,
        enabled=False,
    ),
    _count("photos", Fact.TIMELINE, lambda data: data.timeline.images if data.timeline else None),
    _count("videos", Fact.TIMELINE, lambda data: data.timeline.videos if data.timeline else None),
    _count("favorites", Fact.FAVORITES, lambda data: data.favorites.total if data.favorites else None),
    _count(
        "archived",
        Fact.ARCHIVED,
        lambda data: data.archived.total if data.archived else None,
        enabled=False,
    ),
    _count("trashed", Fact.TRASHED, lambda data: data.trashed.total if data.trashed else None),
    ImmichSensorDescription(
        key="last_added",
        translation_key="last_added",
        fact=Fact.LAST_ADDED,
        value_fn=lambda data: data.last_added,
        device_class=SensorDeviceClass.TIMESTAMP,
    ),
)

ACCOUNT_SENSORS: tuple[ImmichSensorDescription[AccountCounts], ...] = (
    _count("people", Fact.PEOPLE, lambda data: data.people),
    _count("tags", Fact.TAGS, lambda data: data.tags, enabled=False),
    _count("memories_today", Fact.MEMORIES, lambda data: data.memories_today),
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
    _size("disk_size", Fact.STORAGE, lambda data: data.storage.size if data.storage else None, enabled=False),
    _size("disk_available", Fact.STORAGE, lambda data: data.storage.available if data.storage else None),
    _size("disk_used", Fact.STORAGE, lambda data: data.storage.used if data.storage else None, enabled=False),
    _share("disk_usage", Fact.STORAGE, lambda data: data.storage.usage if data.storage else None),
)

STATISTICS_SENSORS: tuple[ImmichSensorDescription[ServerStatistics | None], ...] = (
    _count("users", Fact.STATISTICS, lambda data: len(data.users) if data else None),
    _count("photos_total", Fact.STATISTICS, lambda data: data.photos if data else None),
    _count("videos_total", Fact.STATISTICS, lambda data: data.videos if data else None),
    _size("usage_photos", Fact.STATISTICS, lambda data: data.usage_photos if data else None),
    _size("usage_videos", Fact.STATISTICS, lambda data: data.usage_videos if data else None),
)

USER_SENSORS: tuple[ImmichSensorDescription[UserUsage], ...] = (
    _count("photos", Fact.STATISTICS, lambda user: user.photos),
    _count("videos", Fact.STATISTICS, lambda user: user.videos),
    _size("usage", Fact.STATISTICS, lambda user: user.usage),
    _share("quota_usage", Fact.STATISTICS, lambda user: _percent(user.usage, user.quota), enabled=False),
)

ALBUM_SENSORS: tuple[AlbumSensorDescription, ...] = (
    AlbumSensorDescription(
        key="photos",
        translation_key="album_photos",
        fact=Fact.ALBUM_LIST,
        value_fn=lambda _albums, album: album.asset_count,
        state_class=SensorStateClass.MEASUREMENT,
    ),
    AlbumSensorDescription(
        key="last_added",
        translation_key="last_added",
        fact=Fact.ALBUM_LIST,
        value_fn=lambda albums, album: albums.contents.last_added(album.id),
        device_class=SensorDeviceClass.TIMESTAMP,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors that the key can fill."""
    runtime = entry.runtime_data
    account = account_device(entry)
    entities: list[SensorEntity] = [
        *_sensors(runtime.library, LIBRARY_SENSORS, runtime.account.id, account),
        *_sensors(runtime.account_counts, ACCOUNT_SENSORS, runtime.account.id, account),
    ]
    if (coordinators := runtime.server) is not None:
        server = server_device(entry)
        entities += _sensors(coordinators.server, SERVER_SENSORS, runtime.server_id, server)
        if coordinators.statistics is not None and Fact.STATISTICS.is_readable(runtime.client):
            entities += _sensors(coordinators.statistics, STATISTICS_SENSORS, runtime.server_id, server)
            _follow_users(hass, entry, coordinators.statistics, async_add_entities)
    async_add_entities(entities)
    for subentry in entry.get_subentries_of_type(SUBENTRY_ALBUM):
        async_add_entities(
            [AlbumSensor(hass, entry, subentry, description) for description in ALBUM_SENSORS],
            config_subentry_id=subentry.subentry_id,
        )


def _sensors[T](
    coordinator: ImmichCoordinator[T],
    descriptions: tuple[ImmichSensorDescription[T], ...],
    prefix: str,
    device: dr.DeviceInfo,
) -> list[SensorEntity]:
    """Make those of the described sensors that the key and the server's version can fill."""
    return [
        ImmichSensor(coordinator, description, prefix, device)
        for description in descriptions
        if description.fact is None or description.fact.is_readable(coordinator.client)
    ]


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
        users = {} if coordinator.data is None else {user.user_id: user for user in coordinator.data.users}
        if users.pop(runtime.account.id, None) is None:
            # A list without the account itself is no list of all users: nothing is concluded from it.
            return
        async_add_entities(
            UserSensor(
                coordinator,
                description,
                f"{runtime.server_id}_{user_id}",
                user_device(hass, entry, user_id, users[user_id].name),
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
    entry.async_on_unload(coordinator.async_add_listener(_update, Fact.STATISTICS))


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


class AlbumSensor(AlbumEntity, SensorEntity):
    """A value of an album."""

    entity_description: AlbumSensorDescription

    @property
    @override
    def available(self) -> bool:
        return super().available and self._album is not None

    @property
    @override
    def native_value(self) -> Value:
        album = self._album
        return None if album is None else self.entity_description.value_fn(self.coordinator, album)
