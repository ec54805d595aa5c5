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
    # Accounts that couldn't be set up don't know their server yet: so accounts are counted, not servers.
    accounts = hass.config_entries.async_entries(DOMAIN, include_disabled=False)
    loaded: list[ImmichPlusConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    reached = [entry for entry in loaded if entry.runtime_data.library.last_update_success]
    versions = sorted({entry.runtime_data.client.version for entry in loaded})
    return {
        "accounts": len(accounts),
        "reached": len(reached),
        "versions": ", ".join(map(str, versions)) or "–",
    }
