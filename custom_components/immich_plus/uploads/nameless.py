"""What is fetched before it is uploaded waits in a file without a name.

Its checksum must be known before the first byte is sent on, and memory is too small for films. Such a file is gone
as soon as it is closed, however Home Assistant ends.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
import os
import tempfile
from typing import IO, Final

import aiohttp
from homeassistant.core import HomeAssistant

from ..const import LARGEST_DOWNLOAD_BYTES, READ_BYTES
from ..downloads.writing import DiskError, async_write
from ..errors import failure
from .source import UploadSource

LONGEST_NAME: Final = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was written: `size` in bytes, `sha1` in hex."""

    filename: str
    size: int
    sha1: str


async def async_keep(hass: HomeAssistant, fetch: Callable[[IO[bytes]], Awaitable[Fetched]]) -> UploadSource:
    """Let `fetch` write into a nameless file, and return it as a source that gives the room back when closed."""
    try:
        file = await hass.async_add_executor_job(_nameless_file, hass.config.config_dir)
    except OSError as error:
        raise failure("no_space") from error
    try:
        fetched = await fetch(file)
    except BaseException:
        await hass.async_add_executor_job(file.close)
        raise
    now = datetime.now(UTC)
    return UploadSource(
        filename=fetched.filename,
        size=fetched.size,
        sha1=fetched.sha1,
        created_at=now,
        modified_at=now,
        open=partial(_read, hass, file),
        close=partial(_async_close, hass, file),
    )


async def async_save(
    hass: HomeAssistant,
    response: aiohttp.ClientResponse,
    file: IO[bytes],
    next_piece: Callable[[], Awaitable[bytes]],
) -> tuple[int, str]:
    """Write the body of a response, which comes through `next_piece`; return its size in bytes and SHA-1 in hex."""
    if (response.content_length or 0) > LARGEST_DOWNLOAD_BYTES:
        raise failure("download_too_large")
    try:
        written = await async_write(hass, next_piece, file.write, most=LARGEST_DOWNLOAD_BYTES)
    except DiskError as error:
        raise failure("no_space") from error
    try:
        await hass.async_add_executor_job(file.flush)
    except OSError as error:
        raise failure("no_space") from error
    return written


def _nameless_file(folder: str) -> IO[bytes]:
    """Make a file on disk; the usual place for such files is memory in Home Assistant's container. Blocking."""
    return tempfile.TemporaryFile(dir=folder)


async def _async_close(hass: HomeAssistant, file: IO[bytes]) -> None:
    await hass.async_add_executor_job(file.close)


async def _read(hass: HomeAssistant, file: IO[bytes]) -> AsyncGenerator[bytes]:
    """Give the file in pieces from its start, whoever else reads it at the same time."""

    def _piece(offset: int) -> bytes:
        return os.pread(file.fileno(), READ_BYTES, offset)

    offset = 0
    while piece := await hass.async_add_executor_job(_piece, offset):
        yield piece
        offset += len(piece)
