"""Albums that have a device of their own: a repair for each that is gone, and tidying up after those removed."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import CONF_ALBUM_ID, DOMAIN, SUBENTRY_ALBUM
from .live.watches import is_album_watched
from .news.news import GoneAlbum
from .runtime import ImmichPlusConfigEntry

_ISSUE: Final = "album_gone_"


@callback
def async_follow_albums(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
    """Raise a repair for each album with a device that can't be opened any more, until it is there again."""
    albums = entry.runtime_data.albums

    @callback
    def _compare() -> None:
        if albums.data is None:
            # Nobody knows: the list couldn't be read.
            return
        for subentry in entry.get_subentries_of_type(SUBENTRY_ALBUM):
            issue_id = _ISSUE + subentry.subentry_id
            if subentry.data[CONF_ALBUM_ID] in albums.data:
                ir.async_delete_issue(hass, DOMAIN, issue_id)
                continue
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue_id,
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key="album_gone",
                translation_placeholders={"album": subentry.title, "account": entry.title},
            )

    entry.async_on_unload(albums.async_add_listener(_compare))


@callback
def async_forget_unwatched(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
    """Forget what lies in the albums that nobody watches any more, as a device or an account's option went."""
    albums = entry.runtime_data.albums
    known = entry.runtime_data.memory.known
    for album_id in list(known.watched):
        mark = (known.albums or {}).get(album_id)
        if not is_album_watched(hass, entry, GoneAlbum(album_id, mark.name if mark else "")):
            albums.contents.forget(album_id)


@callback
def async_tidy_repairs(hass: HomeAssistant) -> None:
    """Remove the repairs of albums whose device was removed, also while their account didn't run."""
    known = {
        _ISSUE + subentry_id
        for entry in hass.config_entries.async_entries(DOMAIN, include_disabled=False)
        for subentry_id in entry.subentries
    }
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(_ISSUE) and issue_id not in known:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
