"""Live events: the socket.io side of the server.

As a real Immich: websocket only, path exactly `/api/socket.io/`, credentials
from request headers alone, the scope `all` needed. A refused client is let in
first, hears `error "unauthorized"` and is then sent away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
import contextlib
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web
import socketio

from .answers import Answer, AnyAnswer, ApiError, TextAnswer
from .auth import Auth, authenticate
from .dates import millis
from .faults import Call, Delivery, HungUpError
from .request_log import LoggedRequest
from .version import Version
from .wire import send

if TYPE_CHECKING:
    from .fake import FakeImmich

PING_INTERVAL = 25
PING_TIMEOUT = 20

#: After the news of a restart the sockets close, so many seconds later.
RESTART_DELAY = 0.05

#: A websocket close frame without a status code.
CLOSE_FRAME = b"\x88\x00"

type Speak = Callable[[web.WebSocketResponse], Awaitable[None]]

#: Events that not every release knows: the first one with it.
_SINCE = {
    "on_album_update": "3.1.0",
    "AssetUploadReadyV2": "3.0.0",
    "AssetEditReadyV1": "2.5.0",
    "AssetEditReadyV2": "3.0.0",
    "AppRestartV1": "2.3.0",
    "MaintenanceStatusV1": "2.5.0",
}


class Live:
    """The sockets of one run of the server."""

    def __init__(self, fake: FakeImmich, app: web.Application) -> None:
        """Hang the socket.io server into an aiohttp application."""
        self.fake = fake
        #: User ids by socket id; of those who were let in.
        self.sockets: dict[str, str] = {}
        #: Speaks with those who connect, in place of socket.io; for nonsense and silence.
        self.speak: Speak | None = None
        self._transports: set[asyncio.WriteTransport] = set()
        self._outbox: asyncio.Queue[tuple[str, str | None, tuple[Any, ...]]] = asyncio.Queue()
        self._sender: asyncio.Task[None] | None = None
        self.server = socketio.AsyncServer(
            async_mode="aiohttp",
            always_connect=True,
            transports=["websocket"],
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            cors_allowed_origins=[],
            http_compression=False,
            logger=False,
            engineio_logger=False,
        )
        self._background: set[asyncio.Task[Any]] = set()
        self.server.eio.start_background_task = self._in_background
        self.server.on("connect", self._connect)
        self.server.on("disconnect", self._disconnect)
        path = f"{fake.sub_path}/api/socket.io"
        app.router.add_route("*", f"{path}/", self._handle)
        app.router.add_route("*", path, _hang_up)
        app.on_startup.append(self._begin)
        app.on_shutdown.append(self._end)

    async def _begin(self, app: web.Application) -> None:
        self.fake.state.subscribers.append(self._hear)
        self._sender = asyncio.get_running_loop().create_task(self._send())

    async def _end(self, app: web.Application) -> None:
        self.fake.state.subscribers.remove(self._hear)
        if self._sender is not None:
            self._sender.cancel()
        self.close_all()
        await self.server.shutdown()
        # Pings of sockets that are gone would sleep on for half a minute.
        for task in self._background:
            task.cancel()

    def _in_background(
        self, work: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **more: Any
    ) -> asyncio.Task[Any]:
        """Run the library's own work, to be ended with the server."""
        task = asyncio.get_running_loop().create_task(work(*args, **more))
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    # -- events

    def _hear(self, event: str, user_id: str | None, payload: tuple[Any, ...]) -> None:
        """Take an event of the library; it goes out in order, from the sender's task."""
        self._outbox.put_nowait((event, user_id, payload))

    async def _send(self) -> None:
        while True:
            event, user_id, payload = await self._outbox.get()
            first = _SINCE.get(event)
            if first is not None and not self.fake.version.at_least(first):
                continue
            room = user_id
            if event == "on_session_delete":
                room = f"session {payload[0]}"
            await self.server.emit(event, payload, room=room)
            if event == "AppRestartV1":
                await asyncio.sleep(RESTART_DELAY)
                self.close_all()

    def close_all(self) -> None:
        """Close every websocket, as a server does that goes down.

        An empty close frame and nothing else: socket.io's own goodbye would tell
        clients not to come back.
        """
        for transport in self._transports:
            transport.write(CLOSE_FRAME)
            transport.close()
        self.sockets.clear()

    # -- sockets

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Answer the handshake; anything but a websocket is refused."""
        if request.query.get("transport") != "websocket":
            return web.json_response({"code": 0, "message": "Transport unknown"}, status=400)
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.json_response({"code": 3, "message": "Bad request"}, status=400)
        entry = LoggedRequest(
            method="GET",
            path="/api/socket.io/",
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            started=time.monotonic(),
            route="GET socket.io",
            status=101,
        )
        self.fake.requests.entries.append(entry)
        if (refusal := await self._refusal(request, entry)) is not None:
            return refusal
        transport = request.transport
        if not isinstance(transport, asyncio.WriteTransport):
            return await self._serve(request)
        self._transports.add(transport)
        try:
            return await self._serve(request)
        finally:
            self._transports.discard(transport)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        """Open the websocket and speak over it until it is closed."""
        if self.speak is None:
            handle: Callable[[web.Request], Awaitable[web.StreamResponse]] = self.server.handle_request
            return await handle(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        speaking = self._in_background(self._say, socket)
        await asyncio.wait([speaking])
        return socket

    async def _say(self, socket: web.WebSocketResponse) -> None:
        if self.speak is not None:
            # Whoever is spoken to may go away in the middle of it.
            with contextlib.suppress(ConnectionError):
                await self.speak(socket)

    async def _refusal(self, request: web.Request, entry: LoggedRequest) -> web.StreamResponse | None:
        """Run into the faults of `GET socket.io`; return what they answer in place of a websocket."""
        delivery = Delivery()
        call = Call(request=request, entry=entry, delivery=delivery, earlier=0)
        try:
            answer = await self.fake.faults.run(call, _switch)
        except HungUpError:
            return web.Response()
        if not isinstance(answer, Answer | TextAnswer) or answer.status == 101:
            return None
        entry.status = answer.status
        return await send(request, answer, {"Connection": "close"}, delivery)

    def write(self, *packets: str | bytes) -> None:
        """Send packets as they are to everybody who is connected, let in or not."""
        for transport in self._transports:
            transport.write(b"".join(map(frame, packets)))

    async def _connect(self, sid: str, environ: dict[str, Any]) -> None:
        """Let a client in, or send it away after the fact."""
        if self.fake.maintenance:
            # Another server answers then: it asks nobody for a key and says nothing.
            return
        auth = self._auth(environ["aiohttp.request"])
        if auth is None:
            await self.server.emit("error", "unauthorized", to=sid)
            await self.server.disconnect(sid)
            return
        self.sockets[sid] = auth.user.id
        await self.server.enter_room(sid, auth.user.id)
        if auth.session is not None:
            await self.server.enter_room(sid, f"session {auth.session.id}")
        version = self._version(self.fake.version)
        await self.server.emit("on_server_version", version, room=auth.user.id)
        if (release := self._release()) is not None:
            await self.server.emit("on_new_release", release, to=sid)

    async def _disconnect(self, sid: str, reason: str | None = None) -> None:
        self.sockets.pop(sid, None)

    def _auth(self, request: web.Request) -> Auth | None:
        """Find out who connects; the query string does not count here."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            auth = authenticate(self.fake.state, headers, {}, dict(request.cookies))
        except ApiError:
            return None
        if auth.shared_link is not None or not auth.may("all"):
            return None
        return auth

    def _version(self, version: Version) -> dict[str, Any]:
        body: dict[str, Any] = {
            "major": version.major,
            "minor": version.minor,
            "patch": version.patch,
        }
        if self.fake.dialect.strict:
            body["prerelease"] = None
        return body

    def _release(self) -> dict[str, Any] | None:
        """Write what the last version check found; nothing if there was none."""
        settings = self.fake.state.settings
        if settings.checked_at is None or settings.release_version is None:
            return None
        latest = Version.parse(settings.release_version)
        body = {
            "isAvailable": latest > self.fake.version,
            "checkedAt": millis(settings.checked_at),
            "serverVersion": self._version(self.fake.version),
            "releaseVersion": self._version(latest),
        }
        if self.fake.dialect.strict:
            body["type"] = "minor" if latest.major == self.fake.version.major else "major"
        return body


async def _switch() -> AnyAnswer:
    """Answer as a server that agrees to speak websocket."""
    return Answer(status=101)


def frame(packet: str | bytes) -> bytes:
    """Write a packet as a websocket frame of a server: text, or binary."""
    content = packet.encode() if isinstance(packet, str) else packet
    kind = b"\x81" if isinstance(packet, str) else b"\x82"
    size = len(content)
    if size < 126:
        return kind + bytes([size]) + content
    if size < 2**16:
        return kind + b"\x7e" + size.to_bytes(2) + content
    return kind + b"\x7f" + size.to_bytes(8) + content


async def _hang_up(request: web.Request) -> web.StreamResponse:
    """Drop a connection to the path without its slash, as Immich does."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


def attach(fake: FakeImmich, app: web.Application) -> Live:
    """Give an application its socket.io side; call before the catch-all route is added."""
    return Live(fake, app)
