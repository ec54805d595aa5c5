"""Reading multipart forms as a stream, without holding files in memory.

Like the parser of the real server it takes file names as they are: percent signs
stay, bytes are read as UTF-8.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.message import Message
import re

from aiohttp import StreamReader, web

from .answers import bad_request

_HEADER_LIMIT = 16 * 1024
_FIELD_LIMIT = 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Part:
    """A file in a form. ``fields`` are the text fields that came before it."""

    name: str
    filename: str
    content_type: str
    blocks: AsyncIterator[bytes]
    fields: Mapping[str, str]


type Taker = Callable[[Part], Awaitable[None]]


async def read_parts(request: web.Request, files: Mapping[str, Taker]) -> dict[str, str]:
    """Read a form: files go to their takers, the text fields are returned.

    A request of another content type counts as an empty form; a file under an
    unknown name is a 400.
    """
    boundary = _boundary(request)
    if boundary is None:
        return {}
    fields: dict[str, str] = {}
    reader = _Reader(request.content, boundary)
    await reader.skip_preamble()
    while (headers := await reader.headers()) is not None:
        disposition = headers.get("content-disposition", "")
        name = _parameter(disposition, "name") or ""
        filename = _parameter(disposition, "filename")
        if filename is None:
            text = b"".join([block async for block in reader.blocks()])
            if len(text) <= _FIELD_LIMIT:
                fields[name] = text.decode(errors="replace")
            continue
        taker = files.get(name)
        if taker is None:
            raise bad_request(f"Unexpected field - {name}")
        part = Part(
            name=name,
            filename=filename,
            content_type=headers.get("content-type", "application/octet-stream"),
            blocks=reader.blocks(),
            fields=dict(fields),
        )
        await taker(part)
        async for _ in part.blocks:
            pass
    return fields


def _boundary(request: web.Request) -> bytes | None:
    if request.content_type != "multipart/form-data":
        return None
    message = Message()
    message["content-type"] = request.headers["Content-Type"]
    boundary = message.get_param("boundary")
    return boundary.encode() if isinstance(boundary, str) else None


def _parameter(disposition: str, name: str) -> str | None:
    match = re.search(rf';\s*{name}="((?:[^"\\]|\\.)*)"', disposition, re.IGNORECASE)
    if match is not None:
        return re.sub(r"\\(.)", r"\1", match[1])
    match = re.search(rf";\s*{name}=([^;\s]+)", disposition, re.IGNORECASE)
    return match[1] if match is not None else None


class _Reader:
    """Cuts a stream at a boundary."""

    def __init__(self, stream: StreamReader, boundary: bytes) -> None:
        self._stream = stream
        self._mark = b"\r\n--" + boundary
        # The first boundary has no line break before it; lend it one.
        self._buffer = b"\r\n"

    async def _more(self) -> bool:
        block = await self._stream.readany()
        if not block:
            return False
        self._buffer = self._buffer + block if self._buffer else block
        return True

    async def skip_preamble(self) -> None:
        """Go to the first boundary."""
        async for _ in self.blocks():
            pass

    async def headers(self) -> dict[str, str] | None:
        """Read the head of the next part; ``None`` at the end of the form."""
        while len(self._buffer) < 2:
            if not await self._more():
                raise bad_request("Multipart: Unexpected end of form")
        if self._buffer.startswith(b"--"):
            while await self._more():
                self._buffer = b""
            return None
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _HEADER_LIMIT or not await self._more():
                raise bad_request("Multipart: Unexpected end of form")
        lines = self._buffer[:end].decode(errors="replace").split("\r\n")
        self._buffer = self._buffer[end + 4 :]
        pairs = (line.partition(":") for line in lines if ":" in line)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    async def blocks(self) -> AsyncIterator[bytes]:
        """Yield the content up to the next boundary, and step over that."""
        keep = len(self._mark) - 1
        while True:
            at = self._buffer.find(self._mark)
            if at >= 0:
                content = self._buffer[:at]
                self._buffer = self._buffer[at + len(self._mark) :]
                if content:
                    yield content
                return
            if len(self._buffer) > keep:
                content = self._buffer[:-keep]
                self._buffer = self._buffer[-keep:]
                yield content
            if not await self._more():
                raise bad_request("Multipart: Unexpected end of form")
