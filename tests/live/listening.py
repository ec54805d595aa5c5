"""What an account hears of a real server, and the road between them, which a test can cut."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import time
from typing import Any, Final

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from yarl import URL

from custom_components.immich_plus.const import DOMAIN

from .acting import moment
from .server import LiveServer, eventually

type Data = dict[str, Any]

# From the end of a request's answer until what Immich announced is told.
LIVE_SECONDS: Final = 2.0
# For what has no figure to keep: a server may be busy.
PATIENT_SECONDS: Final = 30.0
# Not the year of the searches: what is uploaded here must be found by none of them.
UPLOADED_YEAR: Final = 1972
# How exactly the server's clock is known.
CLOCK_SECONDS: Final = 2.0
# What isn't told in this time isn't told.
QUIET_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Told:
    """A change of an event entity: when it was (`time.monotonic`), of which type, and its data."""

    at: float
    kind: str
    data: Data

    @property
    def ids(self) -> list[str]:
        """The ids of the assets that it names."""
        ids: list[str] = self.data.get("ids", [])
        return ids

    @property
    def album_id(self) -> str | None:
        """The id of the album that it is about."""
        return (self.data.get("album") or {}).get("id")


@dataclass(slots=True)
class Listening:
    """Notes all that an event entity of an account tells."""

    hass: HomeAssistant
    account: Any
    told: list[Told] = field(default_factory=list)
    # The moment in which something was told last, which an entity that comes back shows again.
    _last: str = ""
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, unique_id: str = "") -> None:
        """Note what the event entity with a unique id tells, as a rule the library's."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            "event", DOMAIN, unique_id or f"{self.account.unique_id}_library"
        )
        assert entity_id is not None

        if (state := self.hass.states.get(entity_id)) is not None:
            self._last = state.state

        @callback
        def _changed(event: Event[EventStateChangedData]) -> None:
            new = event.data["new_state"]
            if new is None or new.state in ("unknown", "unavailable", self._last):
                return
            self._last = new.state
            data = dict(new.attributes)
            self.told.append(Told(time.monotonic(), data.pop("event_type"), data))
            self._stirred.set()

        async_track_state_change_event(self.hass, entity_id, _changed)

    def binary_sensor(self, key: str) -> Any:
        """Return the state of a binary sensor of the account."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            "binary_sensor", DOMAIN, f"{self.account.unique_id}_{key}"
        )
        assert entity_id is not None
        return self.hass.states.get(entity_id)

    async def until(self, good: Callable[[], bool], what: str, seconds: float = PATIENT_SECONDS) -> None:
        """Wait until something is so, looked at after each event and every now and then."""
        end = time.monotonic() + seconds
        while not good():
            assert time.monotonic() < end, f"{what}: not in {seconds} s; told so far: {self.summary()}"
            self._stirred.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._stirred.wait()

    async def live(self, seconds: float = PATIENT_SECONDS) -> None:
        """Wait until Immich announces what happens, and the first look is over."""
        await self.until(lambda: self.binary_sensor("live_updates").state == "on", "live updates", seconds)
        # The look that follows finds what happened before, and must not be what finds the rest.
        await asyncio.sleep(1)

    async def of(
        self, kind: str, asset_id: str = "", *, album: str = "", seconds: float = PATIENT_SECONDS
    ) -> Told:
        """Wait for an event of a type about an asset or an album."""
        found: list[Told] = []

        def _fits() -> bool:
            found[:] = self.about(asset_id, kind) if asset_id else self.about_album(album, kind)
            return bool(found)

        await self.until(_fits, f"{kind} {asset_id or album}", seconds)
        return found[-1]

    def about(self, asset_id: str, kind: str = "") -> list[Told]:
        """Return what was told of an asset."""
        return [told for told in self.told if asset_id in told.ids and kind in ("", told.kind)]

    def about_album(self, album_id: str, kind: str = "") -> list[Told]:
        """Return what was told of an album."""
        return [told for told in self.told if told.album_id == album_id and kind in ("", told.kind)]

    async def look(self) -> None:
        """Look now, as is done every five minutes, for what nobody announces.

        Letting time pass at once would break the connection as well: nothing would have come over it for so long.
        """
        for coordinator in (self.account.runtime_data.changes, self.account.runtime_data.albums):
            await coordinator.async_refresh()
        await self.quiet()

    async def quiet(self) -> None:
        """Let pass whatever is on its way."""
        await asyncio.sleep(QUIET_SECONDS)

    def summary(self) -> list[tuple[str, Any, Any]]:
        """Write down what was told, for a test's complaint."""
        return [
            (str(told.kind), told.ids or (told.data.get("album") or {}).get("name"), told.data.get("missed"))
            for told in self.told
        ]


async def ready(server: LiveServer, *names: str) -> list[str]:
    """Upload pictures before anybody listens, and return their ids once the server is done with them.

    What changes of an asset that was added a moment ago is no news; of these it is.
    """
    ids = [
        await server.send(f"{server.mark}-{name}.jpg", moment(day + 1, year=UPLOADED_YEAR))
        for day, name in enumerate(names)
    ]
    for asset_id in ids:
        await settled(server, asset_id)
    # The clock of the server is known to a second or two: what was added just before counts as new.
    await asyncio.sleep(CLOCK_SECONDS)
    return ids


async def settled(server: LiveServer, asset_id: str) -> dict[str, Any]:
    """Wait until the server has made thumbnails of an asset."""
    return await eventually(
        lambda: server.ask("GET", f"assets/{asset_id}"), lambda asset: asset["thumbhash"] is not None
    )


async def upload(server: LiveServer, name: str, *, key: str | None = None) -> str:
    """Upload a picture and return its id."""
    return await server.send(f"{server.mark}-{name}.jpg", moment(20, year=UPLOADED_YEAR), key=key)


async def listen(hass: HomeAssistant, account: Any, *, unique_id: str = "", live: bool = True) -> Listening:
    """Note what the library of an account tells, or another event entity of it, from when Immich announces it."""
    listening = Listening(hass, account)
    listening.begin(unique_id)
    if live:
        await listening.live()
    return listening


async def announces_albums(server: LiveServer) -> bool:
    """Whether the server announces what comes into albums."""
    version = await server.ask("GET", "server/version")
    return (version["major"], version["minor"]) >= (3, 1)


class Road:
    """Passes connections on to a server; it can be cut, and closed for a while."""

    def __init__(self, server: URL) -> None:
        """Lead to a server."""
        self._server = server
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = True
        self.url = ""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on until one side ends it."""
        if not self._open:
            writer.transport.abort()
            return
        onward, back = await asyncio.open_connection(self._server.host, self._server.port)
        pair = {writer, back}
        self._writers |= pair
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pass_on(reader, back))
                tasks.create_task(_pass_on(onward, writer))
        finally:
            self._writers -= pair
            for each in pair:
                each.transport.abort()

    def cut(self) -> None:
        """Break all connections that there are, without a goodbye."""
        for writer in self._writers:
            writer.transport.abort()

    def close(self) -> None:
        """Let nobody through until it is opened."""
        self._open = False
        self.cut()

    def open(self) -> None:
        """Let everybody through again."""
        self._open = True


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    with suppress(OSError):
        writer.write_eof()


@asynccontextmanager
async def road_to(url: str) -> AsyncGenerator[Road]:
    """Open a road to a server, on this machine."""
    server = URL(url)
    road = Road(server)
    listener = await asyncio.start_server(road.take, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()[:2]
    road.url = str(server.with_host(host).with_port(port))
    try:
        yield road
    finally:
        road.close()
        listener.close()
