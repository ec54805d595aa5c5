"""The socket through which Immich announces what happens (socket.io at `/api/socket.io`).

Only a key with the scope `all` is let in, from 1.136 on. Immich doesn't say so with a status: a refused client
is connected, hears `error "unauthorized"` and is sent away; in maintenance mode everybody is connected and
nobody is told anything (both seen on 3.1.0). So only the first `on_server_version` proves that it works.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
import contextlib
import logging
from typing import TYPE_CHECKING, Final, Self

import aiohttp
import orjson
import socketio

from .errors import (
    ImmichConnectionError,
    ImmichError,
    ImmichMaintenanceError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichTimeoutError,
    ImmichUnavailableError,
)
from .live_events import EventsLost, LiveEvent, ServerReady, read_event
from .permissions import ALL
from .sockets import LARGEST_MESSAGE_BYTES
from .transport import connection_error

if TYPE_CHECKING:
    from .transport import Transport

# From the first byte to `on_server_version`.
READY_SECONDS: Final = 20.0
# Events that wait for whoever listens; an asset takes about 6 KB.
MOST_WAITING: Final = 2000
# How long the library may take to notice that its line was cut.
GOODBYE_SECONDS: Final = 2.0

# A proxy speaks for a server that is away, or that shall be left in peace for now.
_NOT_NOW: Final = frozenset({408, 429, *range(500, 600)})

# The library logs whole packets with tracebacks where a server sends nonsense; what matters is logged by us.
_SILENT: Final = logging.getLogger(f"{__name__}.library")
_SILENT.disabled = True


class LiveConnection:
    """A connection that the server has let in; iterate over it to hear what happens."""

    def __init__(self) -> None:
        """Start with nothing heard."""
        self._waiting: deque[LiveEvent] = deque()
        self._stirred = asyncio.Event()
        self._ended = False
        self._refused = False

    def __aiter__(self) -> Self:
        """Give the events as they come."""
        return self

    async def __anext__(self) -> LiveEvent:
        """Return the next event; raises what ended the connection, and never stops otherwise.

        That is ImmichPermissionError if the key may not listen, else ImmichConnectionError.
        """
        while not self._waiting:
            if self._refused:
                raise ImmichPermissionError("live updates are refused", scope=ALL)
            if self._ended:
                raise ImmichConnectionError("the live connection was closed")
            self._stirred.clear()
            await self._stirred.wait()
        return self._waiting.popleft()

    async def ready(self) -> None:
        """Wait until the server has let us in; that event will be the first one again."""
        while not isinstance(event := await anext(self), ServerReady):
            pass
        self._waiting.appendleft(event)

    def take(self, message: str) -> None:
        """Take an event from the wire: a list of its name and what it says, in JSON."""
        try:
            said = orjson.loads(message)
        except orjson.JSONDecodeError:
            return
        match said:
            case ["error", "unauthorized", *_]:
                self._refused = True
            case [str(name), *payload] if (event := read_event(name, payload)) is not None:
                if len(self._waiting) >= MOST_WAITING:
                    self._waiting.clear()
                    event = EventsLost()
                self._waiting.append(event)
        self._stirred.set()

    def end(self, *_reason: object) -> None:
        """Note that nothing will come any more."""
        self._ended = True
        self._stirred.set()


class Live:
    """Listening to what Immich announces (scope `all`)."""

    def __init__(self, transport: Transport) -> None:
        """Listen with the address, key and TLS settings of `transport`."""
        self._transport = transport

    @contextlib.asynccontextmanager
    async def connect(self) -> AsyncIterator[LiveConnection]:
        """Open a connection and give it once the server has let us in; its first event is `ServerReady`.

        Raises ImmichPermissionError (scope `all`) if the key may not listen, ImmichMaintenanceError,
        ImmichNotImmichError where something before the server lets no such connection through, and
        connection errors.
        """
        line = LiveConnection()
        async with self._transport.socket_session() as (session, cut):
            library = socketio.AsyncClient(
                reconnection=False,
                handle_sigint=False,
                logger=_SILENT,
                engineio_logger=_SILENT,
                http_session=session,
                websocket_extra_options={"ssl": self._transport.ssl, "max_msg_size": LARGEST_MESSAGE_BYTES},
            )
            _listen(library, line)
            try:
                await self._open(library, line)
                yield line
            except ImmichConnectionError:
                # Whoever asks for anything next has to find out whether the server is there, and which version.
                self._transport.on_lost()
                raise
            finally:
                cut()
                await _ended(library)

    async def _open(self, library: socketio.AsyncClient, line: LiveConnection) -> None:
        address = self._transport.url("socket.io")
        try:
            async with asyncio.timeout(READY_SECONDS):
                await library.connect(
                    str(address),
                    headers=self._transport.credentials(),
                    transports=["websocket"],
                    # Of the address the library takes only scheme, host and port.
                    socketio_path=address.raw_path,
                    wait=False,
                )
                await line.ready()
        except ImmichError:
            raise
        except TimeoutError:
            if await self._transport.in_maintenance():
                raise ImmichMaintenanceError("the server is in maintenance mode") from None
            raise ImmichTimeoutError("the live connection says nothing") from None
        except Exception as error:  # noqa: BLE001 (the library lets through whatever nonsense leads to)
            # Not "from" it, as it carries the request with the key.
            raise _trouble(error) from None


def _listen(library: socketio.AsyncClient, line: LiveConnection) -> None:
    """Have `line` told what `library` hears.

    Events are read here, as the library fails at odd ones, and after a binary one, which Immich never sends,
    takes those that follow for its attachments.
    """
    handle = library.eio.handlers["message"]

    async def _hear(packet: object) -> None:
        if isinstance(packet, str) and packet.startswith("2["):
            line.take(packet[1:])
        elif isinstance(packet, str) and not packet.startswith(("5", "6")):
            with contextlib.suppress(Exception):
                await handle(packet)

    library.eio.on("message", _hear)
    library.eio.on("disconnect", line.end)
    library.on("connect_error", line.end)


async def _ended(library: socketio.AsyncClient) -> None:
    """Wait until the library has noticed that its line was cut; it stops what it runs then."""
    if (writing := library.eio.write_loop_task) is not None:
        writing.cancel()
    if (reading := library.eio.read_loop_task) is not None:
        await asyncio.wait([reading], timeout=GOODBYE_SECONDS)


def _trouble(error: Exception) -> ImmichError:
    """Name what went wrong while connecting; the library tells the reason only through its chain of errors."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.WSServerHandshakeError):
            if cause.status in _NOT_NOW:
                return ImmichUnavailableError(f"the server answers {cause.status}", status=cause.status)
            return ImmichNotImmichError("live connections don't get through", status=cause.status)
        if isinstance(cause, aiohttp.ClientError | OSError):
            return connection_error(cause)
        cause = cause.__cause__ or cause.__context__
    return ImmichConnectionError("the live connection broke")
