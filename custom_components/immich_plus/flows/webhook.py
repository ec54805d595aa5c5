"""What the options ask about the webhook, and what they show to paste into Immich where the key can't do it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.webhook import async_generate_path
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector
import orjson
import voluptuous as vol

from ..api.permissions import Ability
from ..api.workflows import to_paste
from ..const import CONF_WEBHOOK, CONF_WEBHOOK_REMOTE
from ..webhook.secrets import HEADER, async_need_secrets, base_url
from ..webhook.workflow import WORKFLOW_NAME

SECTION_WEBHOOK: Final = "webhook"

# What holds where nothing is stored.
WEBHOOK_DEFAULTS: Final[Mapping[str, Any]] = {CONF_WEBHOOK: False, CONF_WEBHOOK_REMOTE: False}

WEBHOOK_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_WEBHOOK, default=False): BooleanSelector(),
        vol.Required(CONF_WEBHOOK_REMOTE, default=False): BooleanSelector(),
    }
)


def is_webhook_offered(entry: ConfigEntry[Any]) -> bool:
    """Whether it can be switched on, or off: versions of Immich before 3.0 call nobody."""
    if entry.state is not ConfigEntryState.LOADED or entry.options.get(CONF_WEBHOOK):
        return True
    return bool(entry.runtime_data.client.version.calls_webhooks)


def makes_workflow(entry: ConfigEntry[Any]) -> bool:
    """Whether the key may make the workflow that calls, as far as is known."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    return bool(entry.runtime_data.client.scopes.can(Ability.WORKFLOWS))


async def async_what_to_paste(hass: HomeAssistant, entry_id: str, *, remote: bool) -> dict[str, str] | None:
    """Return the words to type into Immich, and all of them as one text to paste; None if no address fits.

    They are secrets: this is the one place in which they are shown.
    """
    if (base := base_url(hass, remote=remote)) is None:
        return None
    known = await async_need_secrets(hass, entry_id)
    workflow = to_paste(WORKFLOW_NAME, known.call(base))
    return {
        "url": f"{base}{async_generate_path(known.webhook_id)}",
        "header": HEADER,
        "token": known.token,
        "workflow": orjson.dumps(workflow, option=orjson.OPT_INDENT_2).decode(),
    }
