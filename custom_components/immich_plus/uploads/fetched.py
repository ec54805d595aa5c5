"""Pictures and films that are fetched first: from a URL, or from the media of another integration.

What is fetched waits in a file without a name, as its checksum must be known before the first byte is sent on.
Such a file is gone as soon as it is closed, however Home Assistant ends.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
import hashlib
import os
from pathlib import PurePosixPath
import tempfile
from typing import IO, Final

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from ..api.upload_form import safe_filename
from ..const import DOWNLOAD_SECONDS, DOWNLOAD_STALL_SECONDS, LARGEST_DOWNLOAD_BYTES, READ_BYTES
from ..errors import failure, mistake
from .content_types import is_picture_or_film, with_extension
from .source import UploadSource

_TIMEOUT: Final = aiohttp.ClientTimeout(
    total=DOWNLOAD_SECONDS, sock_connect=10, sock_read=DOWNLOAD_STALL_SECONDS
)
_REDIRECTS: Final = 5
_REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
_LONGEST_NAME: Final = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What holds for a download: `check` raises for an address that may not be fetched.

    `own` is Home Assistant's own address: its certificate names the outside one. `content_type` counts where
    the answer has none.
    """

    check: Callable[[URL], None] = lambda _address: None
    own: URL | None = None
    content_type: str = ""


async def async_open_url(hass: HomeAssistant, url: str) -> UploadSource:
    """Fetch what lies at `url`, if it and each address that it redirects to is allowed.

    An entry of `allowlist_external_urls` is an explicit permission, also for an address in the own network.
    """

    def _check(address: URL) -> None:
        if not _is_allowed(hass, address):
            raise mistake("url_not_allowed", url=_entry_for(address))

    try:
        address = URL(url.strip())
    except ValueError as error:
        raise mistake("url_invalid") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise mistake("url_invalid")
    return await _fetch(hass, address, _Rules(check=_check))


async def async_open_resolved(hass: HomeAssistant, url: str, content_type: str) -> UploadSource:
    """Fetch the URL that a media source of Home Assistant resolved to: relative ones are its own."""
    own = None
    if url.startswith("/"):
        from homeassistant.components.http.auth import async_sign_path

        if (api := hass.config.api) is None:
            raise failure("media_unavailable")
        own = URL.build(scheme="https" if api.use_ssl else "http", host=api.host, port=api.port)
        url = f"{own}{url if 'authSig=' in url else async_sign_path(hass, url, timedelta(minutes=5))}"
    try:
        address = URL(url)
    except ValueError as error:
        raise mistake("url_invalid") from error
    return await _fetch(hass, address, _Rules(own=own, content_type=content_type))


def _is_allowed(hass: HomeAssistant, address: URL) -> bool:
    """Ask the allow-list, with and without user and password: an entry needs none to name a device."""
    if address.scheme not in ("http", "https") or not address.host:
        return False
    return hass.config.is_allowed_external_url(
        str(address.with_user(None))
    ) or hass.config.is_allowed_external_url(str(address))


def _entry_for(address: URL) -> str:
    """Return the entry of the allow-list that permits an address, without any secret in it.

    Home Assistant compares beginnings up to a slash: an address with a query is permitted by its folder.
    """
    shown = _shown(address)
    return f"{shown.rpartition('/')[0]}/" if address.raw_query_string else shown


def _shown(address: URL) -> str:
    """Return an address without user, password, query and fragment: those may hold secrets."""
    if not (address.absolute and address.host):
        return address.path
    return str(address.with_user(None).with_query(None).with_fragment(None))


async def _fetch(hass: HomeAssistant, address: URL, rules: _Rules) -> UploadSource:
    """Fetch into a nameless file, and return it as a source that gives the room back when closed."""
    try:
        file = await hass.async_add_executor_job(_nameless_file, hass.config.config_dir)
    except OSError as error:
        raise failure("no_space") from error
    try:
        name, size, sha1 = await _download(hass, address, rules, file)
    except BaseException:
        await hass.async_add_executor_job(file.close)
        raise
    fetched = datetime.now(UTC)
    return UploadSource(
        filename=name,
        size=size,
        sha1=sha1,
        created_at=fetched,
        modified_at=fetched,
        open=partial(_read, hass, file),
        close=partial(_async_close, hass, file),
    )


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


async def _download(
    hass: HomeAssistant, address: URL, rules: _Rules, file: IO[bytes]
) -> tuple[str, int, str]:
    """Write what lies at the address to `file`; return its name, size in bytes and SHA-1 in hex."""
    try:
        for _ in range(_REDIRECTS + 1):
            rules.check(address)
            session = async_get_clientsession(
                hass, verify_ssl=rules.own is None or address.origin() != rules.own
            )
            async with session.get(address, timeout=_TIMEOUT, allow_redirects=False) as response:
                if response.status in _REDIRECT_STATUSES:
                    address = address.join(URL(response.headers.get("Location", "")))
                    continue
                if response.status != 200:
                    raise failure("url_status", url=_shown(address), status=str(response.status))
                told = response.headers.get("Content-Type", rules.content_type)
                if not is_picture_or_film(told):
                    raise failure("url_no_picture", url=_shown(address), kind=told.partition(";")[0])
                size, sha1 = await _save(hass, response, file)
                if size == 0:
                    raise failure("url_empty", url=_shown(address))
                return with_extension(_name(response, address), told), size, sha1
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise failure("url_failed", url=_shown(address)) from error
    raise failure("url_failed", url=_shown(address))


async def _save(hass: HomeAssistant, response: aiohttp.ClientResponse, file: IO[bytes]) -> tuple[int, str]:
    digest = hashlib.sha1(usedforsecurity=False)
    size = 0

    def _write(piece: bytes) -> None:
        digest.update(piece)
        file.write(piece)

    if (response.content_length or 0) > LARGEST_DOWNLOAD_BYTES:
        raise failure("download_too_large")
    async for piece in response.content.iter_chunked(READ_BYTES):
        size += len(piece)
        if size > LARGEST_DOWNLOAD_BYTES:
            raise failure("download_too_large")
        try:
            await hass.async_add_executor_job(_write, piece)
        except OSError as error:
            raise failure("no_space") from error
    try:
        await hass.async_add_executor_job(file.flush)
    except OSError as error:
        raise failure("no_space") from error
    return size, digest.hexdigest()


def _name(response: aiohttp.ClientResponse, address: URL) -> str:
    """Return what the server calls the file, else the end of the address."""
    disposition = response.content_disposition
    named = (disposition.filename if disposition is not None else None) or PurePosixPath(address.path).name
    return safe_filename(named or "picture").lstrip(".")[-_LONGEST_NAME:] or "picture"
