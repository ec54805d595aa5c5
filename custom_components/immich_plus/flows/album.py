"""A device for an album: which album, and how it is called in Home Assistant."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..actions.common import Account, note_refusal
from ..api.album import Album
from ..api.errors import ImmichAuthenticationError, ImmichError, ImmichMaintenanceError, ImmichPermissionError
from ..const import CONF_ALBUM_ID, SUBENTRY_ALBUM
from ..runtime import ImmichPlusConfigEntry


class AlbumSubentryFlow(ConfigSubentryFlow):
    """Gives an album a device, or changes which album it is. The update listener reloads the account."""

    def __init__(self) -> None:
        """Start with no albums known."""
        self._albums: dict[str, Album] = {}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for an album that has no device yet."""
        if user_input is None:
            return await self._async_ask("user")
        return self.async_create_entry(
            title=self._name(user_input),
            data={CONF_ALBUM_ID: user_input[CONF_ALBUM_ID]},
            unique_id=user_input[CONF_ALBUM_ID],
        )

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for another album or another name."""
        subentry = self._get_reconfigure_subentry()
        if user_input is None:
            return await self._async_ask(
                "reconfigure", album_id=subentry.data[CONF_ALBUM_ID], title=subentry.title
            )
        return self.async_update_and_abort(
            self._get_entry(),
            subentry,
            title=self._name(user_input),
            data={CONF_ALBUM_ID: user_input[CONF_ALBUM_ID]},
            unique_id=user_input[CONF_ALBUM_ID],
        )

    def _name(self, user_input: dict[str, Any]) -> str:
        """Return what was typed, else the album's name."""
        album = self._albums[user_input[CONF_ALBUM_ID]]
        return user_input.get(CONF_NAME, "").strip() or album.name.strip() or album.id

    async def _async_ask(
        self, step_id: str, *, album_id: str | None = None, title: str | None = None
    ) -> SubentryFlowResult:
        """Show the albums to choose from, with the chosen one and its device's name as they are now."""
        entry: ImmichPlusConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="account_not_loaded")
        taken = {
            subentry.data[CONF_ALBUM_ID] for subentry in entry.get_subentries_of_type(SUBENTRY_ALBUM)
        } - {album_id}
        albums = await self._async_albums(entry)
        if not albums:
            return self.async_abort(reason="no_albums")
        self._albums = {album.id: album for album in albums if album.id not in taken}
        if not self._albums:
            return self.async_abort(reason="all_watched")
        chosen = self._albums.get(album_id or "")
        # A name that is the album's own need not be kept when another album is chosen.
        name = "" if chosen is not None and chosen.name.strip() == title else title
        return self.async_show_form(
            step_id=step_id, data_schema=_schema(self._albums.values(), chosen, name or "")
        )

    async def _async_albums(self, entry: ImmichPlusConfigEntry) -> Sequence[Album]:
        """List the account's albums; ends the dialog with the reason if that fails."""
        runtime = entry.runtime_data
        try:
            await runtime.client.ensure_version()
            return await runtime.client.albums.list()
        except ImmichError as error:
            note_refusal(self.hass, Account(entry, runtime), error)
            raise _ending(error) from error


def _ending(error: ImmichError) -> AbortFlow:
    """Return what ends the dialog: the endings name what a person can do."""
    match error:
        case ImmichPermissionError(scope=str(scope)):
            return AbortFlow("missing_scope", {"scope": scope})
        case ImmichAuthenticationError():
            return AbortFlow("invalid_auth")
        case ImmichMaintenanceError():
            return AbortFlow("maintenance")
        case _:
            return AbortFlow("cannot_connect", {"reason": error.text or type(error).__name__})


def _schema(albums: Iterable[Album], chosen: Album | None, name: str) -> vol.Schema:
    album_marker = (
        vol.Required(CONF_ALBUM_ID) if chosen is None else vol.Required(CONF_ALBUM_ID, default=chosen.id)
    )
    options = [SelectOptionDict(value=album.id, label=label) for album, label in labelled(list(albums))]
    return vol.Schema(
        {
            album_marker: SelectSelector(
                # Sorted by the browser, which knows the person's language.
                SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN, sort=True)
            ),
            vol.Optional(CONF_NAME, description={"suggested_value": name}): TextSelector(),
        }
    )


# What tells albums of one name apart, the first that does.
_DETAILS: Final[tuple[Callable[[Album], str], ...]] = (
    lambda album: album.created_at.date().isoformat() if album.created_at else "",
    lambda album: album.id,
)


def labelled(albums: Sequence[Album]) -> list[tuple[Album, str]]:
    """Return albums by name, each with what a person reads: name, number of assets, owner."""
    labels = {album.id: _label(album) for album in albums}
    for detail in _DETAILS:
        times = Counter(labels.values())
        for album in albums:
            if times[labels[album.id]] > 1 and (more := detail(album)):
                labels[album.id] += f" · {more}"
    return sorted(
        ((album, labels[album.id]) for album in albums), key=lambda pair: (pair[1].casefold(), pair[0].id)
    )


def _label(album: Album) -> str:
    count = "" if album.asset_count is None else f" ({album.asset_count})"
    owner = f" · {album.owner.name}" if album.owner and album.owner.name else ""
    return f"{album.name.strip() or '–'}{count}{owner}"
