"""Event entities: what happens in an account's library, and in watched albums."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_ALBUM
from .coordinator.albums import AlbumsCoordinator
from .coordinator.base import ImmichCoordinator
from .coordinator.changes import ChangesCoordinator
from .coordinator.facts import Fact
from .entity import AlbumEntity, ImmichEntity, ImmichEntityDescription, account_device
from .news.news import SIGNAL_NEWS, News, NewsType
from .news_data import NewsData
from .runtime import ImmichPlusConfigEntry

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry

# All values come from coordinators.
PARALLEL_UPDATES = 0

# News -> event type.
LIBRARY_EVENTS: Final = {
    kind: str(kind)
    for kind in (
        NewsType.ASSET_ADDED,
        NewsType.ASSET_UPDATED,
        NewsType.ASSET_TRASHED,
        NewsType.ASSET_RESTORED,
        NewsType.ASSET_DELETED,
        NewsType.ALBUM_CREATED,
        NewsType.ALBUM_UPDATED,
        NewsType.ALBUM_DELETED,
        NewsType.PERSON_RECOGNIZED,
    )
}
ALBUM_EVENTS: Final = {
    NewsType.ASSET_ADDED_TO_ALBUM: "asset_added",
    NewsType.ASSET_REMOVED_FROM_ALBUM: "asset_removed",
    NewsType.ALBUM_UPDATED: "album_updated",
}
# Each is a batch already.
MOST_WAITING: Final = 100


@dataclass(frozen=True, kw_only=True)
class ImmichEventDescription(EventEntityDescription, ImmichEntityDescription):
    """An event entity."""


LIBRARY: Final = ImmichEventDescription(
    key="library", translation_key="library", event_types=list(LIBRARY_EVENTS.values())
)
ALBUM: Final = ImmichEventDescription(
    key="album",
    translation_key="album",
    fact=Fact.ALBUM_LIST,
    event_types=list(ALBUM_EVENTS.values()),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entities of an account, and of its albums that have a device."""
    async_add_entities([LibraryEvent(entry)])
    for subentry in entry.get_subentries_of_type(SUBENTRY_ALBUM):
        async_add_entities([AlbumEvent(hass, entry, subentry)], config_subentry_id=subentry.subentry_id)


class NewsEvent[C: ImmichCoordinator[Any]](ImmichEntity[C], EventEntity):
    """An event entity that hears the news of an account."""

    entity_description: ImmichEventDescription
    _entry: ImmichPlusConfigEntry
    _types: Mapping[NewsType, str]
    _unrecorded_attributes = frozenset({"ids", "asset"})

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._data = NewsData(self._entry)
        # What is heard before the entity is back: automations take no event of what is unavailable.
        self._waiting: deque[News] = deque(maxlen=MOST_WAITING)
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_NEWS, self._hear))

    def _is_ours(self, news: News) -> bool:
        """Whether news of one of our types belong here."""
        return True

    @callback
    def _hear(self, entry_id: str, news: News) -> None:
        if entry_id == self._entry.entry_id and news.type in self._types and self._is_ours(news):
            self._waiting.append(news)
            self._show_waiting()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        super()._handle_coordinator_update()
        self._show_waiting()

    def _show_waiting(self) -> None:
        if not (self._waiting and self.available):
            return
        # That it is back may not have been said yet.
        self.async_write_ha_state()
        while self._waiting:
            news = self._waiting.popleft()
            self._trigger_event(self._types[news.type], self._data.of(news))
            self.async_write_ha_state()


class LibraryEvent(NewsEvent[ChangesCoordinator]):
    """What happens in the library of an account."""

    _types = LIBRARY_EVENTS

    def __init__(self, entry: ImmichPlusConfigEntry) -> None:
        """Hear the news of an account."""
        runtime = entry.runtime_data
        super().__init__(runtime.changes, LIBRARY, runtime.account.id, account_device(entry))
        self._entry = entry


class AlbumEvent(AlbumEntity, NewsEvent[AlbumsCoordinator]):
    """What happens in an album."""

    _types = ALBUM_EVENTS
    _unrecorded_attributes = frozenset({"ids", "asset", "album"})

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, subentry: ConfigSubentry) -> None:
        """Hear the news of the album that `subentry` names."""
        super().__init__(hass, entry, subentry, ALBUM)

    @override
    def _is_ours(self, news: News) -> bool:
        return news.album is not None and news.album.id == self._album_id
