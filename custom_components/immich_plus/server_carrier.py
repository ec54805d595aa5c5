"""Which account carries the server's device, when several accounts live on one server.

In Home Assistant a device belongs to one entry. The server's device belongs to an administrator's account if one
is loaded, else to the oldest account, and it stays there until that account is removed or disabled, or
until an administrator's account joins one that isn't. Entities keep their ids when it moves.
"""

from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_RESTORED
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

if TYPE_CHECKING:
    from .runtime import ImmichPlusConfigEntry

# Server id -> id of the entry that carries its device.
_CARRIERS: Final[HassKey[dict[str, str]]] = HassKey(f"{DOMAIN}_server_carriers")


async def async_claim_server(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, server_id: str, *, is_admin: bool
) -> bool:
    """Decide, while `entry` is set up, whether it carries the server's device; move the device if it must."""
    carriers = hass.data.setdefault(_CARRIERS, {})
    current = _carrier(hass, server_id)
    if current is not None and current.entry_id != entry.entry_id:
        if not (is_admin and _is_loaded(current) and not current.runtime_data.account.is_admin):
            # Kept, so that one that never gets loaded is missed when it is removed or disabled.
            carriers[server_id] = current.entry_id
            return False
        carriers[server_id] = entry.entry_id
        # Its entities must be gone before ours come, as they are the same ones.
        await hass.config_entries.async_reload(current.entry_id)
        _move(hass, server_id, entry, with_users=True)
        return True
    if not is_admin and (admin := _loaded_admin(hass, entry, server_id)) is not None:
        carriers[server_id] = admin.entry_id
        _move(hass, server_id, admin, with_users=True)
        hass.config_entries.async_schedule_reload(admin.entry_id)
        return False
    carriers[server_id] = entry.entry_id
    _move(hass, server_id, entry, with_users=is_admin)
    return True


@callback
def async_drop_left_over(hass: HomeAssistant, entry: ImmichPlusConfigEntry, server_id: str) -> None:
    """Remove what an administrator's account filled and this one, which is set up now, can't.

    Home Assistant remembers how people named it, should an administrator's account come back.
    """
    devices = dr.async_get(hass)
    entities = er.async_get(hass)
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        if any(domain == DOMAIN and key.startswith(f"{server_id}_") for domain, key in device.identifiers):
            devices.async_remove_device(device.id)
    for row in er.async_entries_for_config_entry(entities, entry.entry_id):
        state = hass.states.get(row.entity_id)
        is_left_over = state is not None and state.attributes.get(ATTR_RESTORED)
        if is_left_over and row.unique_id.startswith(f"{server_id}_"):
            entities.async_remove(row.entity_id)


@callback
def async_release_server(hass: HomeAssistant, entry_id: str) -> None:
    """Hand the devices that an entry carried on, as it was removed or disabled."""
    carriers = hass.data.get(_CARRIERS, {})
    for server_id in [key for key, carrier_id in carriers.items() if carrier_id == entry_id]:
        del carriers[server_id]
        others = [other for other in _loaded(hass, server_id) if other.entry_id != entry_id]
        if others:
            successor = next((other for other in others if other.runtime_data.account.is_admin), others[0])
            hass.config_entries.async_schedule_reload(successor.entry_id)


def _carrier(hass: HomeAssistant, server_id: str) -> ImmichPlusConfigEntry | None:
    """Return the entry that carries the device: as claimed in this run, else as the registry remembers."""
    entry_id = hass.data.get(_CARRIERS, {}).get(server_id)
    if entry_id is None and (device := _device(hass, server_id)) is not None:
        entry_id = device.config_entry_id
    entry = None if entry_id is None else hass.config_entries.async_get_entry(entry_id)
    return None if entry is None or entry.disabled_by is not None else entry


def _device(hass: HomeAssistant, server_id: str) -> dr.DeviceEntry | None:
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_entries(DOMAIN):
        if device := registry.async_get_device_by_identifier((DOMAIN, server_id), entry.entry_id):
            return device
    return None


def _is_loaded(entry: ImmichPlusConfigEntry) -> bool:
    return entry.state is ConfigEntryState.LOADED


def _loaded(hass: HomeAssistant, server_id: str) -> list[ImmichPlusConfigEntry]:
    """Return the loaded entries of a server, the oldest first."""
    found = [
        entry
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        if entry.runtime_data.server_id == server_id and entry.disabled_by is None
    ]
    return sorted(found, key=lambda entry: entry.created_at)


def _loaded_admin(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, server_id: str
) -> ImmichPlusConfigEntry | None:
    return next(
        (
            other
            for other in _loaded(hass, server_id)
            if other.entry_id != entry.entry_id and other.runtime_data.account.is_admin
        ),
        None,
    )


def _move(hass: HomeAssistant, server_id: str, target: ImmichPlusConfigEntry, *, with_users: bool) -> None:
    """Give the server's device to `target`, and with an administrator's account those of other users.

    Their entities go along, as people named them.
    """

    def _goes_along(key: str) -> bool:
        return key == server_id or (with_users and key.startswith(f"{server_id}_"))

    devices = dr.async_get(hass)
    entities = er.async_get(hass)
    for source in hass.config_entries.async_entries(DOMAIN):
        if source.entry_id == target.entry_id:
            continue
        for device in dr.async_entries_for_config_entry(devices, source.entry_id):
            if any(domain == DOMAIN and _goes_along(key) for domain, key in device.identifiers):
                # First the entities: a device that leaves an entry takes those away that stay in it.
                for row in er.async_entries_for_device(entities, device.id, include_disabled_entities=True):
                    entities.async_update_entity(row.entity_id, config_entry_id=target.entry_id)
                devices.async_update_device(device.id, new_config_entry_id=target.entry_id)
