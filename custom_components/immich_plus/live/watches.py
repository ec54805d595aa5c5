"""What somebody wants to know exactly: albums, people and queues that automations wait for.

Finding out what Immich doesn't announce costs requests, so it is done only for what is watched. Triggers say so
here, and may do it before the account is loaded or while it is reloaded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.signal_type import SignalType

from ..api.album import Album
from ..api.people import Person
from ..const import CONF_ALBUM_ID, CONF_WATCHED_PEOPLE, DOMAIN, SUBENTRY_ALBUM
from ..news.news import GoneAlbum


class Watched(StrEnum):
    """The kinds of things that can be watched."""

    ALBUM = "album"
    PERSON = "person"
    JOBS = "jobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A wish to know. `entry_id` None: on every account. `name` is a name or an id; None: all of that kind."""

    kind: Watched
    entry_id: str | None = None
    name: str | None = None

    def fits(self, each_id: str, name: str) -> bool:
        """Whether the thing with that id and name is meant; names count in any letter case."""
        return self.name is None or self.name == each_id or self.name.casefold() == name.casefold()


# Sent when there are more or fewer watches.
SIGNAL_WATCHES: Final[SignalType[()]] = SignalType(f"{DOMAIN}_watches")
_WATCHES: Final[HassKey[list[Watch]]] = HassKey(f"{DOMAIN}_watches")


@callback
def async_watch(hass: HomeAssistant, watches: Iterable[Watch]) -> CALLBACK_TYPE:
    """Begin to watch; give what ends that."""
    kept = hass.data.setdefault(_WATCHES, [])
    mine = list(watches)
    kept.extend(mine)
    async_dispatcher_send(hass, SIGNAL_WATCHES)

    @callback
    def _end() -> None:
        for watch in mine:
            kept.remove(watch)
        async_dispatcher_send(hass, SIGNAL_WATCHES)

    return _end


@callback
def async_watches(hass: HomeAssistant, kind: Watched, entry_id: str) -> list[Watch]:
    """Return what is watched of a kind on an account."""
    return [
        watch
        for watch in hass.data.get(_WATCHES, [])
        if watch.kind is kind and watch.entry_id in (None, entry_id)
    ]


@callback
def is_album_watched(hass: HomeAssistant, entry: ConfigEntry, album: Album | GoneAlbum) -> bool:
    """Whether somebody waits for what comes into an album: a trigger, or a device of its own."""
    if any(watch.fits(album.id, album.name) for watch in async_watches(hass, Watched.ALBUM, entry.entry_id)):
        return True
    return any(
        subentry.subentry_type == SUBENTRY_ALBUM and subentry.data[CONF_ALBUM_ID] == album.id
        for subentry in entry.subentries.values()
    )


@callback
def is_person_watched(hass: HomeAssistant, entry: ConfigEntry, person: Person) -> bool:
    """Whether somebody waits for new photos of a person: a trigger, or the account's options."""
    if person.id in entry.options.get(CONF_WATCHED_PEOPLE, []):
        return True
    watches = async_watches(hass, Watched.PERSON, entry.entry_id)
    return any(watch.fits(person.id, person.name) for watch in watches)


@callback
def are_people_watched(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Whether somebody waits for new photos of anybody."""
    return bool(entry.options.get(CONF_WATCHED_PEOPLE) or async_watches(hass, Watched.PERSON, entry.entry_id))


@callback
def are_jobs_watched(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Whether somebody wants to know of failed jobs."""
    return bool(async_watches(hass, Watched.JOBS, entry.entry_id))
