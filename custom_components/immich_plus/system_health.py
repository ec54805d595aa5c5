"""System health: how many accounts there are, and whether their servers answer."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .runtime import ImmichPlusConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the information for Settings → System → Repairs → System information."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    loaded: list[ImmichPlusConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    servers = {entry.runtime_data.server_id: entry for entry in loaded}
    reachable = [entry for entry in servers.values() if entry.runtime_data.library.last_update_success]
    versions = sorted({str(entry.runtime_data.client.version) for entry in loaded})
    return {
        "accounts": len(hass.config_entries.async_entries(DOMAIN)),
        "servers": f"{len(reachable)} / {len(servers)}",
        "versions": ", ".join(versions) or "–",
    }
