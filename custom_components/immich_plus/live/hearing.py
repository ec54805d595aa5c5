"""What Immich announces: which news that is, and who reads afresh because of it."""

import asyncio
from math import inf
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback

from ..api.live_events import (
    AlbumChanged,
    AssetDeleted,
    AssetEdited,
    AssetHidden,
    AssetReady,
    AssetsRestored,
    AssetsTrashed,
    AssetUpdated,
    EventsLost,
    LiveEvent,
    Notified,
    PersonChanged,
    ReleaseFound,
    ServerReady,
    SettingsChanged,
)
from ..const import CONF_LIVE_UPDATES, SERVER_INTERVAL, STATISTICS_INTERVAL
from ..coordinator.base import ImmichCoordinator
from ..news.news import NewsType

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

# So long a first event waits for others that lead to the same.
NUDGE_SECONDS: Final = 0.3
# However many events come: what they nudge is looked for once in so many seconds, or counted, which costs more.
LOOK_SECONDS: Final = 10.0
COUNT_SECONDS: Final = 30.0
# Importing a library recognises people for hours.
PEOPLE_SECONDS: Final = 120.0

_JOB_FAILED: Final = "JobFailed"


class Hearing:
    """Takes the events of one account."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
        """Serve what the loaded `entry` carries."""
        self._hass = hass
        self._entry = entry
        self._runtime = entry.runtime_data
        self._is_live = False
        self._was_live = False
        self._timers: dict[ImmichCoordinator[Any], asyncio.TimerHandle] = {}
        self._refreshed_at: dict[ImmichCoordinator[Any], float] = {}

    @callback
    def hear(self, event: LiveEvent) -> None:
        """Take an event."""
        if self._tell(event):
            self._runtime.listings.clear()
            self._nudge_counts()
        else:
            self._nudge_readers(event)

    @callback
    def doubt(self) -> None:
        """Find out whether the server is gone, as the live connection is."""
        if self._runtime.line.is_up:
            self._nudge(self._runtime.changes, 0)

    @callback
    def look(self) -> None:
        """Look for everything that nobody announces, or that was announced while nobody listened."""
        self._nudge(self._runtime.changes)
        self._nudge(self._runtime.albums)

    @callback
    def live_changed(self) -> None:
        """Ask less often while Immich announces what happens; what happened before that is looked for."""
        if (live := self._runtime.live.is_on) is self._is_live:
            return
        self._is_live = live
        for coordinator in self._runtime.line.coordinators:
            coordinator.set_live(live)
        if live:
            self._catch_up()
            self._was_live = True

    def _catch_up(self) -> None:
        if (finder := self._runtime.line.finder) is not None:
            # The server is back before anybody asked again; who does that wakes all others.
            self._nudge(finder, 0)
            return
        self.look()
        if self._was_live:
            self._nudge(self._runtime.library)

    @callback
    def stop(self) -> None:
        """Nudge nobody any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _tell(self, event: LiveEvent) -> bool:
        """Tell what happened to assets; return whether the event was about that."""
        changes = self._runtime.changes
        match event:
            case AssetReady(asset):
                changes.hear_added([asset])
            case AssetUpdated(asset):
                changes.hear_updated(asset)
            case AssetsTrashed(ids):
                changes.hear_ids(NewsType.ASSET_TRASHED, ids)
            case AssetsRestored(ids):
                changes.hear_ids(NewsType.ASSET_RESTORED, ids)
            case AssetDeleted(each):
                changes.hear_ids(NewsType.ASSET_DELETED, [each])
            case AssetEdited(each):
                changes.hear_ids(NewsType.ASSET_UPDATED, [each])
            case AssetHidden(each):
                changes.hear_gone(each)
            case _:
                return False
        return True

    def _nudge_readers(self, event: LiveEvent) -> None:
        """Have those read afresh who show what an event is about."""
        runtime, server = self._runtime, self._runtime.server
        match event:
            case AlbumChanged(each) | Notified(album_id=str(each)):
                runtime.albums.hear_changed(each)
                runtime.listings.clear()
                # It may be a new one.
                self._nudge(runtime.library, COUNT_SECONDS)
            case Notified(type=kind) if kind == _JOB_FAILED and runtime.queues is not None:
                self._nudge(runtime.queues)
            case PersonChanged():
                runtime.listings.clear()
                self._nudge(runtime.account_counts, PEOPLE_SECONDS)
            case SettingsChanged():
                self._nudge(runtime.account_counts)
                if server is not None and server.statistics is not None:
                    self._nudge(server.statistics)
            case ServerReady(version) if server is not None and version != server.server.data.version:
                self._nudge(server.server)
            case ReleaseFound() if server is not None:
                self._nudge(server.release)
            case EventsLost():
                runtime.listings.clear()
                self.look()
                self._nudge_counts()

    def _nudge_counts(self) -> None:
        self._nudge(self._runtime.library, COUNT_SECONDS)
        if (server := self._runtime.server) is not None:
            # The disk fills; but asking that often would cost more than it is worth.
            self._nudge(server.server, SERVER_INTERVAL.total_seconds())
            if server.statistics is not None:
                self._nudge(server.statistics, STATISTICS_INTERVAL.total_seconds())

    def _nudge(self, coordinator: ImmichCoordinator[Any], pause: float = LOOK_SECONDS) -> None:
        """Have a coordinator read afresh soon, but not within `pause` seconds of the last time."""
        due = max(self._hass.loop.time() + NUDGE_SECONDS, self._refreshed_at.get(coordinator, -inf) + pause)
        if (timer := self._timers.get(coordinator)) is not None:
            if timer.when() <= due:
                return
            timer.cancel()
        self._timers[coordinator] = self._hass.loop.call_at(due, self._refresh, coordinator)

    @callback
    def _refresh(self, coordinator: ImmichCoordinator[Any]) -> None:
        del self._timers[coordinator]
        self._refreshed_at[coordinator] = self._hass.loop.time()
        # Not merely requested: one that is under way may have asked before the event came.
        _task = self._entry.async_create_background_task(
            self._hass, coordinator.async_refresh(), f"refresh {coordinator.name}"
        )


@callback
def async_start_listening(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
    """Look for what happened while nobody listened, and listen from now on."""
    runtime = entry.runtime_data
    hearing = Hearing(hass, entry)

    @callback
    def _line_changed() -> None:
        if runtime.line.is_up:
            runtime.live.hurry()

    for end in (
        hearing.stop,
        runtime.live.async_add_listener(hearing.live_changed),
        runtime.line.async_add_listener(_line_changed),
    ):
        entry.async_on_unload(end)
    if entry.options.get(CONF_LIVE_UPDATES, True):
        runtime.live.start(hearing.hear, hearing.doubt)
    hearing.look()
