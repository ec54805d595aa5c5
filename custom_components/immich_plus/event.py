"""Event entities: what happens in an account's library, and in watched albums."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator.changes import ChangesCoordinator
from .entity import ImmichEntity, ImmichEntityDescription, account_device
from .news.news import SIGNAL_NEWS, News, NewsType
from .news_data import NewsData
from .runtime import ImmichPlusConfigEntry

# All values come from coordinators.
PARALLEL_UPDATES = 0

LIBRARY_EVENTS: Final = (
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


@dataclass(frozen=True, kw_only=True)
class ImmichEventDescription(EventEntityDescription, ImmichEntityDescription):
    """An event entity."""


LIBRARY: Final = ImmichEventDescription(
    key="library", translation_key="library", event_types=[str(kind) for kind in LIBRARY_EVENTS]
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entities of an account."""
    async_add_entities([LibraryEvent(entry)])


class LibraryEvent(ImmichEntity[ChangesCoordinator], EventEntity):
    """What happens in the library of an account."""

    entity_description: ImmichEventDescription
    _unrecorded_attributes = frozenset({"ids", "asset"})

    def __init__(self, entry: ImmichPlusConfigEntry) -> None:
        """Hear the news of an account."""
        runtime = entry.runtime_data
        super().__init__(runtime.changes, LIBRARY, runtime.account.id, account_device(entry))
        self._entry = entry
        self._data = NewsData(entry)

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_NEWS, self._hear))

    @callback
    def _hear(self, entry_id: str, news: News) -> None:
        if entry_id == self._entry.entry_id and news.type in LIBRARY_EVENTS:
            self._trigger_event(news.type, self._data.of(news))
            self.async_write_ha_state()
