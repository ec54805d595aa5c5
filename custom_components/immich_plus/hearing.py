"""What Immich announces: which news that is, and who reads afresh because of it."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .api.live_events import (
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
from .const import CONF_LIVE_UPDATES, SERVER_INTERVAL, STATISTICS_INTERVAL
from .coordinator.base import ImmichCoordinator
from .news.news import NewsType

if TYPE_CHECKING:
    from .runtime import ImmichPlusConfigEntry, Runtime


# A burst of events nudges each coordinator once in this time, and its own cooldown bounds the rest.
NUDGE_SECONDS: Final = 0.3


class Hearing:
    """Takes the events of one account."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, runtime: Runtime) -> None:
        """Serve what `runtime` carries."""
        self._hass = hass
        self._entry = entry
        self._runtime = runtime
        self._nudged: dict[ImmichCoordinator[Any], None] = {}
        self._cancel: CALLBACK_TYPE | None = None
        self._read_at: dict[ImmichCoordinator[Any], float] = {}

    @callback
    def hear(self, event: LiveEvent) -> None:
        """Take an event."""
        if self._tell(event):
            self._runtime.listings.clear()
            self._nudge_counts()
        else:
            self._nudge_readers(event)

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
        runtime = self._runtime
        match event:
            case AlbumChanged(each):
                runtime.albums.hear_changed(each)
                runtime.listings.clear()
                self._nudge(runtime.library)
            case Notified():
                self._nudge(runtime.albums)
            case PersonChanged() | SettingsChanged():
                self._nudge(runtime.account_counts)
            case ServerReady(version):
                if runtime.server is not None and version != runtime.client.version:
                    self._nudge(runtime.server.server)
            case ReleaseFound():
                if runtime.server is not None:
                    self._nudge(runtime.server.release)
            case EventsLost():
                self.look()

    @callback
    def look(self, *, count: bool = True) -> None:
        """Have everything looked for that nobody announces; `count` the library afresh as well."""
        self._nudge(self._runtime.changes)
        self._nudge(self._runtime.albums)
        if count:
            self._nudge(self._runtime.library)

    def _nudge_counts(self) -> None:
        runtime = self._runtime
        self._nudge(runtime.library)
        if (server := runtime.server) is not None:
            # The disk fills; but asking that often would cost more than it is worth.
            self._nudge(server.server, after=SERVER_INTERVAL.total_seconds())
            if server.statistics is not None:
                self._nudge(server.statistics, after=STATISTICS_INTERVAL.total_seconds())

    @callback
    def stop(self) -> None:
        """Nudge nobody any more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _nudge(self, coordinator: ImmichCoordinator[Any], *, after: float = 0) -> None:
        """Have a coordinator read afresh soon, unless it was nudged less than `after` seconds ago."""
        now = self._hass.loop.time()
        if after and now - self._read_at.get(coordinator, -after) < after:
            return
        self._read_at[coordinator] = now
        self._nudged[coordinator] = None
        if self._cancel is None:
            self._cancel = async_call_later(self._hass, NUDGE_SECONDS, self._refresh)

    async def _refresh(self, _now: object) -> None:
        self._cancel = None
        nudged, self._nudged = self._nudged, {}
        for coordinator in nudged:
            await coordinator.async_request_refresh()


@callback
def async_start_listening(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
    """Look for what happened while nobody listened, and listen from now on."""
    runtime = entry.runtime_data
    hearing = Hearing(hass, entry, runtime)
    entry.async_on_unload(hearing.stop)

    listened = False

    @callback
    def _live_changed() -> None:
        nonlocal listened
        live = runtime.live.is_on
        for coordinator in runtime.line.coordinators:
            coordinator.set_live(live)
        if live or listened:
            # What happened before we listen is announced to nobody; and with the connection maybe the server went.
            hearing.look(count=listened)
        listened = listened or live

    @callback
    def _line_changed() -> None:
        if runtime.line.is_up:
            runtime.live.hurry()

    entry.async_on_unload(runtime.live.async_add_listener(_live_changed))
    entry.async_on_unload(runtime.line.async_add_listener(_line_changed))
    if entry.options.get(CONF_LIVE_UPDATES, True):
        runtime.live.start(hearing.hear)
    hearing.look(count=False)
