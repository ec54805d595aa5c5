"""The options of an account: what `upload` does where a call says nothing else."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import BooleanSelector, TextSelector, TextSelectorConfig
import voluptuous as vol

from ..const import CONF_UPLOAD_ALBUM, CONF_UPLOAD_ARCHIVED, CONF_UPLOAD_TAGS

_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_UPLOAD_ALBUM): TextSelector(),
        vol.Optional(CONF_UPLOAD_TAGS): TextSelector(TextSelectorConfig(multiple=True)),
        vol.Required(CONF_UPLOAD_ARCHIVED, default=False): BooleanSelector(),
    }
)


class ImmichPlusOptionsFlow(OptionsFlow):
    """Asks for the defaults of uploads. The update listener reloads the account afterwards."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the one form, and keep what was typed."""
        if user_input is not None:
            options = {
                **user_input,
                CONF_UPLOAD_ALBUM: user_input.get(CONF_UPLOAD_ALBUM, "").strip(),
                CONF_UPLOAD_TAGS: [
                    tag.strip() for tag in user_input.get(CONF_UPLOAD_TAGS, []) if tag.strip()
                ],
            }
            return self.async_create_entry(data={key: value for key, value in options.items() if value})
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(_SCHEMA, self.config_entry.options),
        )
