"""The forms of the flows, written once for all steps that show them."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import BooleanSelector, TextSelector, TextSelectorConfig, TextSelectorType
import voluptuous as vol

from ..const import CONF_CA_CERTIFICATE

# The section of the form that few people need.
SECTION_TLS: Final = "tls"

_URL = TextSelector(TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url"))
_KEY = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
_PEM = TextSelector(TextSelectorConfig(multiline=True))


def connection_schema(known: Mapping[str, Any], *, key_required: bool = True) -> vol.Schema:
    """Return the form for address, key and TLS, filled with what is `known`; a key is never shown again."""
    key = vol.Required(CONF_API_KEY) if key_required else vol.Optional(CONF_API_KEY)
    url = known.get(CONF_URL)
    return vol.Schema(
        {
            vol.Required(CONF_URL, default=url) if url else vol.Required(CONF_URL): _URL,
            key: _KEY,
            vol.Required(SECTION_TLS): section(
                vol.Schema(
                    {
                        vol.Required(
                            CONF_VERIFY_SSL, default=known.get(CONF_VERIFY_SSL, True)
                        ): BooleanSelector(),
                        vol.Optional(
                            CONF_CA_CERTIFICATE,
                            description={"suggested_value": known.get(CONF_CA_CERTIFICATE, "")},
                        ): _PEM,
                    }
                ),
                {"collapsed": known.get(CONF_VERIFY_SSL, True) and not known.get(CONF_CA_CERTIFICATE)},
            ),
        }
    )


def key_schema() -> vol.Schema:
    """Return the form for a new key."""
    return vol.Schema({vol.Required(CONF_API_KEY): _KEY})


def flatten(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed into the connection form without its section."""
    return {
        **{key: value for key, value in typed.items() if key != SECTION_TLS},
        **typed.get(SECTION_TLS, {}),
    }
