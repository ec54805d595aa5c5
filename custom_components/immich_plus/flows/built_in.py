"""Home Assistant's own `immich` entries: their connection can be copied, they themselves stay untouched."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_KEY, CONF_HOST, CONF_PORT, CONF_SSL, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant, callback
from yarl import URL

from ..const import BUILT_IN_DOMAIN, DOMAIN


@callback
def async_built_in_entries(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """Return the built-in entries whose account is not set up here yet; disabled ones count, too."""
    known = {entry.unique_id for entry in hass.config_entries.async_entries(DOMAIN)}
    return [
        entry
        for entry in hass.config_entries.async_entries(BUILT_IN_DOMAIN)
        if entry.unique_id not in known and connection_of(entry.data)
    ]


def connection_of(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a built-in entry's data (host, port, ssl, verify_ssl, api_key) as ours, None if it has none."""
    try:
        scheme = "https" if data[CONF_SSL] else "http"
        url = URL.build(scheme=scheme, host=data[CONF_HOST], port=int(data[CONF_PORT]))
        return {
            CONF_URL: str(url),
            CONF_API_KEY: str(data[CONF_API_KEY]),
            CONF_VERIFY_SSL: bool(data.get(CONF_VERIFY_SSL, True)),
        }
    except KeyError, TypeError, ValueError:
        return None
