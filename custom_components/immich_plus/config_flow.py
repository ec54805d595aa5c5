"""The config flow of an account: connect, take over a built-in entry's connection, new key, new address."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import callback
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig
import voluptuous as vol
from yarl import URL

from .const import DOMAIN, SUBENTRY_ALBUM
from .flows.album import AlbumSubentryFlow
from .flows.built_in import async_built_in_entries, connection_of
from .flows.connection import Connection, ConnectionFailedError, async_check_connection
from .flows.forms import connection_schema, flatten, key_schema
from .flows.options import ImmichPlusOptionsFlow

CONF_ENTRY = "entry"

# Texts of errors name these; a form must always give all of them.
_NO_PLACEHOLDERS = {"version": "", "scope": "", "target": "", "reason": ""}


class ImmichPlusConfigFlow(ConfigFlow, domain=DOMAIN):
    """Sets an account up and keeps its connection right."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Start with nothing known and nothing wrong."""
        self._known: dict[str, Any] = {}
        self._errors: dict[str, str] = {}
        self._placeholders = dict(_NO_PLACEHOLDERS)

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return ImmichPlusOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_ALBUM: AlbumSubentryFlow}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the connection, or first whether to copy one from the built-in integration."""
        if user_input is None and async_built_in_entries(self.hass):
            return self.async_show_menu(step_id="user", menu_options=["take_over", "connect"])
        return await self._async_ask_connection("user", user_input)

    async def async_step_connect(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the connection, after the menu."""
        return await self._async_ask_connection("connect", user_input)

    async def _async_ask_connection(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        if user_input is not None:
            self._known = flatten(user_input)
            if (connection := await self._async_check(self._known)) is not None:
                return await self._async_create(connection)
        return self.async_show_form(
            step_id=step_id,
            data_schema=connection_schema(self._known),
            errors=self._errors,
            description_placeholders=self._placeholders,
        )

    async def async_step_take_over(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Copy the connection of a built-in entry: at once if there is one, else of the one that is chosen."""
        entries = {entry.entry_id: entry for entry in async_built_in_entries(self.hass)}
        if not entries:
            return await self.async_step_connect()
        if user_input is None and len(entries) > 1:
            options = [SelectOptionDict(value=key, label=entry.title) for key, entry in entries.items()]
            schema = vol.Schema(
                {vol.Required(CONF_ENTRY): SelectSelector(SelectSelectorConfig(options=options))}
            )
            return self.async_show_form(step_id="take_over", data_schema=schema)
        chosen = user_input[CONF_ENTRY] if user_input is not None else next(iter(entries))
        known = connection_of(entries[chosen].data) if chosen in entries else None
        if known is None:
            return await self.async_step_connect()
        self._known = known
        if (connection := await self._async_check(known)) is not None:
            return await self._async_create(connection)
        # It doesn't work as it stands: show what is known, with the reason.
        return await self.async_step_connect()

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Start to ask for a new key, as the old one was refused."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a key of the same user."""
        entry = self._get_reauth_entry()
        if user_input is not None:
            connection = await self._async_check({**entry.data, **user_input})
            if connection is not None:
                return await self._async_finish(entry, connection, "reauth_successful")
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=key_schema(),
            errors=self._errors,
            description_placeholders={
                **self._placeholders,
                "account": entry.title,
                "host": URL(entry.data[CONF_URL]).host or "",
            },
        )

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for another address, key or TLS settings; a key left empty stays as it is."""
        entry = self._get_reconfigure_entry()
        known = dict(entry.data)
        if user_input is not None:
            known = flatten(user_input)
            known[CONF_API_KEY] = known.get(CONF_API_KEY, "").strip() or entry.data[CONF_API_KEY]
            if (connection := await self._async_check(known)) is not None:
                return await self._async_finish(entry, connection, "reconfigure_successful")
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=connection_schema(known, key_required=False),
            errors=self._errors,
            description_placeholders={**self._placeholders, "account": entry.title},
        )

    async def _async_check(self, typed: Mapping[str, Any]) -> Connection | None:
        """Return the connection if it works, else keep what to tell."""
        self._errors = {}
        self._placeholders = dict(_NO_PLACEHOLDERS)
        try:
            return await async_check_connection(self.hass, typed)
        except ConnectionFailedError as error:
            field = {"invalid_url": CONF_URL, "invalid_auth": CONF_API_KEY}
            self._errors[field.get(error.key, "base")] = error.key
            self._placeholders |= error.placeholders
            return None

    async def _async_create(self, connection: Connection) -> ConfigFlowResult:
        await self.async_set_unique_id(connection.account.id)
        self._abort_if_unique_id_configured()
        return self.async_create_entry(title=connection.title, data=connection.data)

    async def _async_finish(
        self, entry: ConfigEntry, connection: Connection, reason: str
    ) -> ConfigFlowResult:
        """Store a mended connection and see that the account starts afresh, exactly once.

        A loaded entry has our update listener, which reloads on any change; an entry that never loaded has
        none, and without a change the listener isn't called.
        """
        await self.async_set_unique_id(connection.account.id)
        self._abort_if_unique_id_mismatch(reason="wrong_account")
        if entry.update_listeners:
            if connection.data == entry.data:
                self.hass.config_entries.async_schedule_reload(entry.entry_id)
            return self.async_update_and_abort(entry, data=connection.data, reason=reason)
        return self.async_update_reload_and_abort(entry, data=connection.data, reason=reason)
