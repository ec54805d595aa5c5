"""A server of raw bytes: for answers that no proper HTTP server would send."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

type Respond = Callable[[Head, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request; `connection` counts the connections from 1."""

    text: str
    connection: int

    @property
    def first_line(self) -> str:
        return self.text.partition("\r\n")[0]

    def header(self, name: str) -> str | None:
        for line in self.text.split("\r\n")[1:]:
            found, _, value = line.partition(":")
            if found.lower() == name.lower():
                return value.strip()
        return None


@dataclass(slots=True)
class WireServer:
    """Reads the head of each request, notes it, and lets `respond` write whatever it wants."""

    respond: Respond
    url: str = ""
    heads: list[Head] = field(default_factory=list)
    connections: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        connection = self.connections
        try:
            while not writer.is_closing():
                head = Head((await reader.readuntil(b"\r\n\r\n")).decode(), connection)
                self.heads.append(head)
                if (length := head.header("Content-Length")) and "multipart" not in head.text:
                    await reader.readexactly(int(length))
                await self.respond(head, reader, writer)
                await writer.drain()
        except asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError:
            pass
        finally:
            writer.close()
            self._tasks.discard(task)


def answer(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """Write a whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def always(*pieces: bytes, close: bool = False, pause: float = 0.0) -> Respond:
    """Send the same pieces for every request."""

    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            if pause:
                await asyncio.sleep(pause)
        if close:
            writer.close()

    return _respond
