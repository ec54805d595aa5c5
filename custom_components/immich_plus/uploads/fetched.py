"""Pictures and films that are fetched first: from a URL, from another integration's media, from an entity.

A fetched film waits in a temporary file, as its checksum must be known before the first byte is sent on.
"""

from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
import hashlib
import mimetypes
from pathlib import Path, PurePosixPath
import tempfile
from typing import Final

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util
from yarl import URL

from ..const import DOWNLOAD_STALL_SECONDS, LARGEST_DOWNLOAD_BYTES, READ_BYTES, SNAPSHOT_SECONDS
from ..errors import failure, mistake
from .files import async_open_file
from .source import UploadSource

_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=DOWNLOAD_STALL_SECONDS)
_REDIRECTS: Final = 5
_REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
# Endings that people expect where the standard library would choose another.
_EXTENSIONS: Final = {
    "image/jpeg": ".jpg",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/avif": ".avif",
    "image/webp": ".webp",
    "video/quicktime": ".mov",
    "video/x-matroska": ".mkv",
}


def extension_of(content_type: str) -> str:
    """Return the file name ending for a content type, empty if it says nothing."""
    kind = content_type.partition(";")[0].strip().lower()
    return _EXTENSIONS.get(kind) or mimetypes.guess_extension(kind) or ""


async def async_open_url(hass: HomeAssistant, url: str) -> UploadSource:
    """Fetch what lies at `url`, if it and each address that it redirects to is allowed.

    An entry of `allowlist_external_urls` is an explicit permission, also for an address in the own network.
    """
    return await _fetch(hass, url, check=True)


async def async_open_resolved(hass: HomeAssistant, url: str, content_type: str) -> UploadSource:
    """Fetch the URL that a media source of Home Assistant resolved to: relative ones are its own."""
    if url.startswith("/"):
        from homeassistant.components.http.auth import async_sign_path

        if hass.config.api is None:
            raise failure("media_unavailable")
        scheme = "https" if hass.config.api.use_ssl else "http"
        path = url if "authSig=" in url else async_sign_path(hass, url, timedelta(minutes=5))
        url = f"{scheme}://{_literal(hass.config.api.host)}:{hass.config.api.port}{path}"
    return await _fetch(hass, url, check=False, content_type=content_type)


def _literal(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def snapshot(content: bytes, content_type: str, name: str, taken: datetime) -> UploadSource:
    """Return the current picture of an entity, named after it and the moment."""
    if not content:
        raise failure("snapshot_empty", entity=name)
    stamp = dt_util.as_local(taken).strftime("%Y-%m-%d_%H-%M-%S")

    async def _open() -> AsyncGenerator[bytes]:
        yield content

    return UploadSource(
        filename=f"{name}_{stamp}{extension_of(content_type)}",
        size=len(content),
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        created_at=taken,
        modified_at=taken,
        open=_open,
    )


async def async_open_entity(hass: HomeAssistant, entity_id: str) -> UploadSource:
    """Take the current picture of a camera or image entity."""
    domain, _, name = entity_id.partition(".")
    taken = dt_util.utcnow()
    if domain not in ("camera", "image") or domain not in hass.config.components:
        raise mistake("no_picture_entity", entity=entity_id)
    try:
        if domain == "camera":
            from homeassistant.components.camera import async_get_image

            picture = await async_get_image(hass, entity_id, timeout=SNAPSHOT_SECONDS)
            content, content_type = picture.content, picture.content_type
        else:
            from homeassistant.components.image import async_get_image as image_of

            found = await image_of(hass, entity_id, timeout=SNAPSHOT_SECONDS)
            content, content_type = found.content, found.content_type
            if (state := hass.states.get(entity_id)) and (updated := dt_util.parse_datetime(state.state)):
                taken = updated
    except HomeAssistantError as error:
        raise failure("snapshot_failed", entity=entity_id) from error
    return await hass.async_add_executor_job(snapshot, content, content_type, name, taken)


async def _fetch(hass: HomeAssistant, url: str, *, check: bool, content_type: str = "") -> UploadSource:
    """Fetch into a temporary file and return it as a source that removes the file when closed."""
    folder = Path(await hass.async_add_executor_job(partial(tempfile.mkdtemp, prefix="immich_plus_")))
    try:
        path = await _download(hass, url, folder, check=check, content_type=content_type)
        source = await async_open_file(hass, path, with_neighbours=False)
    except BaseException:
        await hass.async_add_executor_job(_remove, folder)
        raise
    fetched = datetime.now(UTC)
    return UploadSource(
        filename=source.filename,
        size=source.size,
        sha1=source.sha1,
        created_at=fetched,
        modified_at=fetched,
        open=source.open,
        close=partial(_async_remove, hass, folder),
    )


async def _async_remove(hass: HomeAssistant, folder: Path) -> None:
    await hass.async_add_executor_job(_remove, folder)


def _remove(folder: Path) -> None:
    """Remove a temporary folder of ours and the one file in it. Blocking."""
    with suppress(OSError):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


async def _download(hass: HomeAssistant, url: str, folder: Path, *, check: bool, content_type: str) -> Path:
    try:
        address = URL(url)
    except ValueError as error:
        raise mistake("url_invalid") from error
    own = not check and hass.config.api is not None and address.port == hass.config.api.port
    # Home Assistant's own certificate names its outside address, not this one.
    session = async_get_clientsession(hass, verify_ssl=not own)
    try:
        for _ in range(_REDIRECTS + 1):
            if check and not (address.scheme in ("http", "https") and _is_allowed(hass, address)):
                raise mistake("url_not_allowed", url=_shown(address))
            async with session.get(address, timeout=_TIMEOUT, allow_redirects=False) as response:
                if response.status in _REDIRECT_STATUSES:
                    address = address.join(URL(response.headers.get("Location", "")))
                    continue
                if response.status != 200:
                    raise failure("url_status", url=_shown(address), status=str(response.status))
                path = folder / _name(response, address, content_type)
                await _save(hass, response, path)
                return path
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise failure("url_failed", url=_shown(address)) from error
    except OSError as error:
        raise failure("no_space") from error
    raise failure("url_failed", url=_shown(address))


async def _save(hass: HomeAssistant, response: aiohttp.ClientResponse, path: Path) -> None:
    file = await hass.async_add_executor_job(path.open, "wb")
    try:
        size = 0
        async for piece in response.content.iter_chunked(READ_BYTES):
            size += len(piece)
            if size > LARGEST_DOWNLOAD_BYTES:
                raise failure("download_too_large")
            await hass.async_add_executor_job(file.write, piece)
    finally:
        await hass.async_add_executor_job(file.close)


def _is_allowed(hass: HomeAssistant, address: URL) -> bool:
    return hass.config.is_allowed_external_url(str(address))


def _shown(address: URL) -> str:
    """Return an address without user, password, query and fragment: those may hold secrets."""
    try:
        return str(address.origin().with_path(address.path))
    except ValueError:
        return address.path


def _name(response: aiohttp.ClientResponse, address: URL, content_type: str) -> str:
    """Return a file name: what the server calls it, else the end of the address, with an ending that fits."""
    disposition = response.content_disposition
    named = (disposition.filename if disposition is not None else None) or PurePosixPath(address.path).name
    # Only the last part, and nothing that would hide it or lead elsewhere.
    name = PurePosixPath(named.replace("\\", "/").replace("\0", "")).name.lstrip(".")[-150:] or "picture"
    told = extension_of(response.content_type if "Content-Type" in response.headers else content_type)
    suffix = PurePosixPath(name).suffix.lower()
    if told and (not suffix or mimetypes.guess_file_type(f"x{suffix}")[0] is None):
        name += told
    return name
