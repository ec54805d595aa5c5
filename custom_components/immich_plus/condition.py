"""Conditions: whether Immich can be reached."""

from typing import Final, Unpack, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_OPTIONS
from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import Condition, ConditionCheckParams, ConditionConfig
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .automation_options import ACCOUNT, CONF_CONFIG_ENTRY_ID, name_account
from .const import DOMAIN
from .runtime import ImmichPlusConfigEntry

_SCHEMA: Final = vol.Schema({vol.Required(CONF_OPTIONS, default=dict): ACCOUNT})


class IsReachable(Condition):
    """Whether the server of an account answers; without an account, whether those of all accounts do."""

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Check the options; raises vol.Invalid in plain words."""
        config = _SCHEMA(config)
        name_account(hass, config[CONF_OPTIONS])
        return config

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Look at the account that the options name, else at all that aren't disabled."""
        super().__init__(hass, config)
        self._account: str | None = (config.options or {}).get(CONF_CONFIG_ENTRY_ID)

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        entries: list[ImmichPlusConfigEntry] = [
            entry
            for entry in self._hass.config_entries.async_entries(
                DOMAIN, include_ignore=False, include_disabled=self._account is not None
            )
            if self._account in (None, entry.entry_id)
        ]
        return bool(entries) and all(
            entry.state is ConfigEntryState.LOADED and entry.runtime_data.line.is_up for entry in entries
        )


CONDITIONS: Final[dict[str, type[Condition]]] = {"is_reachable": IsReachable}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
