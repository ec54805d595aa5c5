"""The options of an account: what is told of its library, and what `upload` does where a call says nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
import voluptuous as vol

from ..api import Immich
from ..api.errors import ImmichError, ImmichPermissionError
from ..api.people import MOST_PAGES, Person
from ..const import (
    CONF_LIVE_UPDATES,
    CONF_UPLOAD_ALBUM,
    CONF_UPLOAD_ARCHIVED,
    CONF_UPLOAD_TAGS,
    CONF_WATCHED_PEOPLE,
    CONF_WEBHOOK,
    CONF_WEBHOOK_REMOTE,
)
from ..coordinator.recognition import MOST_PEOPLE
from .webhook import (
    SECTION_WEBHOOK,
    WEBHOOK_DEFAULTS,
    WEBHOOK_SCHEMA,
    async_what_to_paste,
    is_webhook_offered,
    makes_workflow,
)

SECTION_NEWS: Final = "news"
SECTION_UPLOADS: Final = "uploads"

# What holds where nothing is stored; only what differs from it is.
_DEFAULTS: Final[Mapping[str, Any]] = {
    CONF_LIVE_UPDATES: True,
    CONF_WATCHED_PEOPLE: [],
    CONF_UPLOAD_ALBUM: "",
    CONF_UPLOAD_TAGS: [],
    CONF_UPLOAD_ARCHIVED: False,
    **WEBHOOK_DEFAULTS,
}

_UPLOADS: Final = vol.Schema(
    {
        vol.Optional(CONF_UPLOAD_ALBUM): TextSelector(),
        vol.Optional(CONF_UPLOAD_TAGS): TextSelector(TextSelectorConfig(multiple=True)),
        vol.Required(CONF_UPLOAD_ARCHIVED, default=False): BooleanSelector(),
    }
)
# So much of an id tells two people of one name apart.
_ID_START: Final = 8


class ImmichPlusOptionsFlow(OptionsFlow):
    """Asks for the options. The update listener reloads the account afterwards."""

    def __init__(self) -> None:
        """Start with nothing wrong."""
        self._errors: dict[str, str] = {}
        self._placeholders = {"scope": "", "most": str(MOST_PEOPLE)}
        self._chosen: dict[str, Any] = {}

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the one form, and keep what was chosen."""
        stored = self.config_entry.options
        shown: Mapping[str, Any] = dict.fromkeys((SECTION_NEWS, SECTION_UPLOADS, SECTION_WEBHOOK), stored)
        if user_input is not None and self._names_too_many(user_input):
            shown = {**shown, **user_input}
        elif user_input is not None:
            webhook = {**WEBHOOK_DEFAULTS, **user_input.get(SECTION_WEBHOOK, stored)}
            chosen = _tidy(user_input[SECTION_NEWS] | user_input[SECTION_UPLOADS])
            chosen |= {key: webhook[key] for key in WEBHOOK_DEFAULTS}
            others = {key: value for key, value in stored.items() if key not in _DEFAULTS}
            changed = {key: value for key, value in chosen.items() if value != _DEFAULTS[key]}
            self._chosen = others | changed
            if chosen[CONF_WEBHOOK] and not makes_workflow(self.config_entry):
                return await self.async_step_webhook()
            return self.async_create_entry(data=self._chosen)
        people = await self._async_people()
        schema = vol.Schema(
            {
                vol.Required(SECTION_NEWS): section(
                    _news_schema(people, stored.get(CONF_WATCHED_PEOPLE, [])), {"collapsed": False}
                ),
                vol.Required(SECTION_UPLOADS): section(_UPLOADS, {"collapsed": False}),
            }
        )
        if is_webhook_offered(self.config_entry):
            collapsed = not stored.get(CONF_WEBHOOK, False)
            schema = schema.extend(
                {vol.Optional(SECTION_WEBHOOK): section(WEBHOOK_SCHEMA, {"collapsed": collapsed})}
            )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=self._errors,
            description_placeholders=self._placeholders,
        )

    async def async_step_webhook(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what to paste into Immich, as the key can't make the workflow."""
        words = None
        if user_input is None:
            remote = self._chosen.get(CONF_WEBHOOK_REMOTE, False)
            words = await async_what_to_paste(self.hass, self.config_entry.entry_id, remote=remote)
        if words is None:
            # Without an address there is nothing to paste: a repair tells how to set one.
            return self.async_create_entry(data=self._chosen)
        return self.async_show_form(
            step_id="webhook", data_schema=vol.Schema({}), description_placeholders=words
        )

    def _names_too_many(self, user_input: Mapping[str, Any]) -> bool:
        """Whether more people were chosen than are looked for; keep what to tell."""
        if len(user_input[SECTION_NEWS].get(CONF_WATCHED_PEOPLE, [])) <= MOST_PEOPLE:
            return False
        self._errors = {"base": "too_many_people"}
        return True

    async def _async_people(self) -> list[Person]:
        """Return the people who can be chosen, else nobody and keep what to tell."""
        entry = self.config_entry
        if entry.state is ConfigEntryState.LOADED and entry.runtime_data.line.is_up:
            try:
                return await _async_named_people(entry.runtime_data.client)
            except ImmichPermissionError as error:
                if error.scope is not None:
                    self._errors["base"] = "people_not_allowed"
                    self._placeholders["scope"] = error.scope
                    return []
            except ImmichError:
                pass
        self._errors["base"] = "people_unreadable"
        return []


async def _async_named_people(client: Immich) -> list[Person]:
    """Read those who have a name and aren't hidden; Immich lists the nameless after them."""
    found: list[Person] = []
    for number in range(1, MOST_PAGES + 1):
        page = await client.people.page(number)
        found += [person for person in page.people if person.name]
        if not (page.more and page.people and page.people[-1].name):
            break
    return found


def _news_schema(people: Iterable[Person], chosen: Iterable[str]) -> vol.Schema:
    """Return the form about news; who was `chosen` can be chosen again, also where nobody knows their name now."""
    named = {person.id: person.name for person in people}
    doubled = Counter(named.values())
    options = [
        SelectOptionDict(value=each, label=name if doubled[name] == 1 else f"{name} ({each[:_ID_START]})")
        for each, name in named.items()
    ]
    options += [SelectOptionDict(value=each, label=each) for each in chosen if each not in named]
    return vol.Schema(
        {
            vol.Required(CONF_LIVE_UPDATES, default=True): BooleanSelector(),
            vol.Optional(CONF_WATCHED_PEOPLE): SelectSelector(
                SelectSelectorConfig(
                    options=options, multiple=True, sort=True, mode=SelectSelectorMode.DROPDOWN
                )
            ),
        }
    )


def _tidy(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed without blanks around it and without empty tags."""
    return {
        **typed,
        CONF_UPLOAD_ALBUM: typed.get(CONF_UPLOAD_ALBUM, "").strip(),
        CONF_UPLOAD_TAGS: [tag.strip() for tag in typed.get(CONF_UPLOAD_TAGS, []) if tag.strip()],
    }
