"""Who looks for what: the library always, people and queues only as long as somebody watches them."""

from typing import TYPE_CHECKING, Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..coordinator.base import ImmichCoordinator
from ..coordinator.facts import Fact
from ..news.news import SIGNAL_NEWS, News, NewsType
from .watches import SIGNAL_WATCHES, are_jobs_watched, are_people_watched

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


class Attention:
    """Keeps the coordinators of an account looking, as they do so only while somebody listens."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
        """Do nothing until it is started."""
        self._hass = hass
        self._entry = entry
        self._ends: dict[ImmichCoordinator[Any], CALLBACK_TYPE] = {}

    @callback
    def start(self) -> None:
        """Look for what happens until the entry is unloaded."""
        entry, runtime = self._entry, self._entry.runtime_data
        for end in (
            runtime.changes.async_add_listener(_nothing, Fact.CHANGES),
            runtime.albums.async_add_listener(_nothing, Fact.ALBUM_LIST),
            runtime.deletions.async_start(),
            runtime.memories.async_start(),
            async_dispatcher_connect(self._hass, SIGNAL_NEWS, self._hear),
            async_dispatcher_connect(self._hass, SIGNAL_WATCHES, self._watches_changed),
            runtime.recognition.stop,
            self._stop,
        ):
            entry.async_on_unload(end)
        self._attend()

    @callback
    def _hear(self, entry_id: str, news: News) -> None:
        if entry_id == self._entry.entry_id and news.type is NewsType.ASSET_ADDED:
            self._entry.runtime_data.recognition.hear_added()
            self._entry.runtime_data.library.hear_added()

    @callback
    def _watches_changed(self) -> None:
        self._attend()
        # What lies in an album now is no news for those who watch it from now on.
        self._refresh(self._entry.runtime_data.albums)

    def _attend(self) -> None:
        runtime = self._entry.runtime_data
        people = are_people_watched(self._hass, self._entry)
        if people:
            runtime.recognition.hear_watches()
        self._listen(runtime.recognition, Fact.RECOGNITION, wanted=people)
        if people:
            self._refresh(runtime.recognition)
        if runtime.queues is not None:
            self._listen(runtime.queues, Fact.QUEUES, wanted=are_jobs_watched(self._hass, self._entry))

    def _listen(self, coordinator: ImmichCoordinator[Any], fact: Fact, *, wanted: bool) -> None:
        if wanted and coordinator not in self._ends:
            self._ends[coordinator] = coordinator.async_add_listener(_nothing, fact)
            self._refresh(coordinator)
        elif not wanted and coordinator in self._ends:
            self._ends.pop(coordinator)()

    def _refresh(self, coordinator: ImmichCoordinator[Any]) -> None:
        _task = self._entry.async_create_background_task(
            self._hass, coordinator.async_request_refresh(), f"look of {coordinator.name}"
        )

    @callback
    def _stop(self) -> None:
        for end in self._ends.values():
            end()
        self._ends.clear()


def _nothing() -> None:
    """Listen without hearing: coordinators look only while somebody does."""
