"""The bases of entities: which device they sit on, and when they are available."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import (
    DeviceEntryType,
    DeviceInfo,
    async_get_device_id_by_identifier,
)
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from yarl import URL

from .api.album import Album
from .asset_reference import album_page
from .const import CONF_ALBUM_ID, DOMAIN
from .coordinator.albums import AlbumsCoordinator
from .coordinator.base import ImmichCoordinator
from .coordinator.facts import Fact

if TYPE_CHECKING:
    from .runtime import ImmichPlusConfigEntry, Runtime

MANUFACTURER = "Immich"


@dataclass(frozen=True, kw_only=True)
class ImmichEntityDescription(EntityDescription):
    """A description that names the fact behind the value, which may be refused or fail; None: it is always there."""

    fact: Fact | None = None


def _address(runtime: Runtime) -> URL:
    """Return what to open in a browser, without a name and password that somebody may have put into it."""
    return runtime.client.url.with_user(None)


def account_device(entry: ImmichPlusConfigEntry) -> DeviceInfo:
    """Describe the account's device."""
    runtime = entry.runtime_data
    return DeviceInfo(
        identifiers={(DOMAIN, runtime.account.id)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        translation_key="account",
        translation_placeholders={"name": runtime.account.name},
        configuration_url=str(_address(runtime)),
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
        configuration_url=str(_address(runtime)),
        sw_version=str(runtime.client.version),
    )


def user_device(hass: HomeAssistant, entry: ImmichPlusConfigEntry, user_id: str, name: str) -> DeviceInfo:
    """Describe the device of another user; the server's device, on which it hangs, must be there."""
    server_id = entry.runtime_data.server_id
    return DeviceInfo(
        identifiers={(DOMAIN, f"{server_id}_{user_id}")},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        translation_key="user",
        translation_placeholders={"name": name},
        via_device_id=async_get_device_id_by_identifier(
            hass, (DOMAIN, server_id), config_entry_id=entry.entry_id
        ),
    )


def album_device(hass: HomeAssistant, entry: ImmichPlusConfigEntry, subentry: ConfigSubentry) -> DeviceInfo:
    """Describe the device of an album, named as its subentry; the account's device must be there."""
    runtime = entry.runtime_data
    return DeviceInfo(
        identifiers={(DOMAIN, subentry.subentry_id)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        translation_key="album",
        translation_placeholders={"name": subentry.title},
        configuration_url=album_page(_address(runtime), subentry.data[CONF_ALBUM_ID]),
        via_device_id=async_get_device_id_by_identifier(
            hass, (DOMAIN, runtime.account.id), config_entry_id=entry.entry_id
        ),
    )


class ImmichEntity[C: ImmichCoordinator[Any]](CoordinatorEntity[C]):
    """An entity that shows something of a coordinator."""

    _attr_has_entity_name = True
    entity_description: ImmichEntityDescription

    def __init__(
        self, coordinator: C, description: ImmichEntityDescription, prefix: str, device: DeviceInfo
    ) -> None:
        """Take `{prefix}_{key}` as unique id and sit on `device`; tell the coordinator which fact is shown."""
        super().__init__(coordinator, context=description.fact)
        self.entity_description = description
        self._attr_unique_id = f"{prefix}_{description.key}"
        self._attr_device_info = device

    @property
    @override
    def available(self) -> bool:
        """Whether the server answers, and answers this: the key may lose a scope, a call may fail alone."""
        fact = self.entity_description.fact
        return super().available and (
            fact is None
            or (fact not in self.coordinator.troubled and fact.is_readable(self.coordinator.client))
        )


class AlbumEntity(ImmichEntity[AlbumsCoordinator]):
    """An entity of an album that has a device of its own."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ImmichPlusConfigEntry,
        subentry: ConfigSubentry,
        description: ImmichEntityDescription,
    ) -> None:
        """Show the album that `subentry` names."""
        device = album_device(hass, entry, subentry)
        super().__init__(entry.runtime_data.albums, description, subentry.subentry_id, device)
        self._entry = entry
        self._album_id: str = subentry.data[CONF_ALBUM_ID]

    @property
    def _album(self) -> Album | None:
        """The album as it was seen last; None before the first look, and if it is gone."""
        return None if self.coordinator.data is None else self.coordinator.data.get(self._album_id)

    @property
    @override
    def available(self) -> bool:
        """Whether the album is there, as far as is known: somebody may delete it, or share it no longer."""
        return super().available and (self.coordinator.data is None or self._album is not None)
