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
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp
import socketio

from .errors import (
    ImmichBadAnswerError,
    ImmichConnectionError,
    ImmichError,
    ImmichMaintenanceError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichTimeoutError,
)
from .live_events import EventsLost, LiveEvent, ServerReady, read_event
from .permissions import ALL
from .transport import connection_error

if TYPE_CHECKING:
    from .transport import Transport

# From the first byte to `on_server_version`.
READY_SECONDS: Final = 20.0
# Events that wait for whoever listens; an asset takes about 6 KB.
MOST_WAITING: Final = 2000
# How long a goodbye may take: a server that is gone hears none.
GOODBYE_SECONDS: Final = 2.0

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

    def take(self, name: str, *payload: Any) -> None:
        """Take what came over the wire."""
        if name == "error":
            self._refused = self._refused or payload[:1] == ("unauthorized",)
        elif (event := read_event(name, payload)) is not None:
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
        async with self._transport.socket_session() as session:
            client = socketio.AsyncClient(
                reconnection=False,
                handle_sigint=False,
                logger=_SILENT,
                engineio_logger=_SILENT,
                http_session=session,
                websocket_extra_options={"ssl": self._transport.ssl},
            )
            client.on("*", line.take)
            client.on("disconnect", line.end)
            try:
                await self._open(client, line)
                yield line
            finally:
                await _goodbye(client)

    async def _open(self, client: socketio.AsyncClient, line: LiveConnection) -> None:
        address = self._transport.url("socket.io")
        try:
            async with asyncio.timeout(READY_SECONDS):
                await client.connect(
                    str(address),
                    headers=self._transport.credentials(),
                    transports=["websocket"],
                    # Of the address the library takes only scheme, host and port.
                    socketio_path=address.raw_path,
                    wait_timeout=READY_SECONDS,
                )
                await line.ready()
        except ImmichError:
            raise
        except TimeoutError as error:
            if await self._transport.in_maintenance():
                raise ImmichMaintenanceError("the server is in maintenance mode") from error
            raise ImmichTimeoutError("the live connection says nothing") from error
        except Exception as error:
            # The library lets anything through that a server can cause with nonsense.
            raise _trouble(error) from error


async def _goodbye(client: socketio.AsyncClient) -> None:
    """Close a connection in whatever state it is, and end what the library left running."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(GOODBYE_SECONDS):
            await client.disconnect()
    for task in (client.eio.read_loop_task, client.eio.write_loop_task):
        if task is not None:
            task.cancel()


def _trouble(error: Exception) -> ImmichError:
    """Name what went wrong while connecting; the library tells the reason only through its chain of errors."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.WSServerHandshakeError):
            return ImmichNotImmichError("live connections don't get through", status=cause.status)
        if isinstance(cause, aiohttp.ClientError | OSError):
            return connection_error(cause)
        cause = cause.__cause__ or cause.__context__
    return ImmichBadAnswerError("the live connection talks nonsense")
