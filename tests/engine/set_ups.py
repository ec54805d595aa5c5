"""Counting how often an entry is set up."""

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect


class SetUps:
    """The number of times that an entry was set up since this began to count."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin to count."""
        self.count = 0
        self._entry = entry
        self._before = entry.state
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._changed)

    @callback
    def _changed(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry is not self._entry:
            return
        # Home Assistant tells of other changes in the same way.
        if entry.state is ConfigEntryState.SETUP_IN_PROGRESS and entry.state is not self._before:
            self.count += 1
        self._before = entry.state
