"""The actions as the code registers them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import Mock

from homeassistant.core import HomeAssistant, SupportsResponse
import voluptuous as vol

from custom_components.immich_plus.actions import async_register_actions

from .project import INTEGRATION


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionSchema:
    """What an action takes: each field with whether it must be given, and the check itself."""

    fields: dict[str, bool]
    schema: Callable[[Any], Any]
    supports_response: SupportsResponse


def _markers(schema: Any) -> Iterator[Any]:
    """Yield the keys of a schema, also where it stands inside a chain of checks."""
    if isinstance(schema, dict):
        yield from schema
    elif isinstance(inner := getattr(schema, "schema", None), dict):
        yield from inner
    else:
        for part in getattr(schema, "validators", ()):
            yield from _markers(part)


@cache
def action_schemas() -> dict[str, ActionSchema]:
    """Return what each registered action takes, by the action's name."""
    hass = Mock(spec=HomeAssistant)
    hass.services = Mock()
    async_register_actions(hass)
    found: dict[str, ActionSchema] = {}
    for call in hass.services.async_register.call_args_list:
        domain, name, _handler = call.args
        assert domain == INTEGRATION.name
        schema = call.kwargs["schema"]
        fields = {str(marker): isinstance(marker, vol.Required) for marker in _markers(schema)}
        assert fields, f"the schema of {name} has no fields that can be found"
        found[name] = ActionSchema(
            fields=fields, schema=schema, supports_response=call.kwargs["supports_response"]
        )
    return found
