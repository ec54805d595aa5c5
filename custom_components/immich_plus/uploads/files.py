"""Files on this machine as upload sources, with the files that belong to them: sidecars, films of live photos.

Everything here that touches the disk runs in the executor, never on the event loop.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
import hashlib
from io import BufferedReader
import os
from pathlib import Path
import stat
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from ..const import LARGEST_SIDECAR_BYTES, READ_BYTES
from ..errors import failure, mistake
from .source import UploadSource

# Phones write the moving part of a live photo as a QuickTime film of the same name.
_STILL_EXTENSIONS: Final = frozenset({".heic", ".heif", ".jpg", ".jpeg"})
_LIVE_EXTENSION: Final = ".mov"
_SIDECAR_EXTENSION: Final = ".xmp"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What one look at a file and its neighbours finds."""

    size: int
    modified_ns: int
    sha1: str
    sidecar: bytes | None
    live_video: Path | None


async def async_open_path(hass: HomeAssistant, given: str) -> UploadSource:
    """Return the file at `given` (relative paths start in the configuration folder), if Home Assistant allows it.

    Raises a translated error if it lies outside the allowed folders, is missing, empty or no plain file.
    """
    path = await hass.async_add_executor_job(_allowed_path, hass, given)
    return await async_open_file(hass, path)


async def async_open_file(hass: HomeAssistant, path: Path, *, with_neighbours: bool = True) -> UploadSource:
    """Return the file at `path`, which the caller found allowed, with its sidecar and live film."""
    facts = await hass.async_add_executor_job(partial(_look_at, path, with_neighbours=with_neighbours))
    live_video = None
    if facts.live_video is not None:
        live_video = await async_open_file(hass, facts.live_video, with_neighbours=False)
    modified = datetime.fromtimestamp(facts.modified_ns / 1e9, UTC)
    return UploadSource(
        filename=path.name,
        size=facts.size,
        sha1=facts.sha1,
        # Immich takes the date in the picture where there is one; this is for those without.
        created_at=modified,
        modified_at=modified,
        open=partial(_read, hass, path, facts),
        sidecar=facts.sidecar,
        live_video=live_video,
    )


def _allowed_path(hass: HomeAssistant, given: str) -> Path:
    """Return where a path leads, if Home Assistant may read there. Blocking.

    The folder in the error is the one to allow: Home Assistant compares real folders, so links in the way to
    it are followed. Whether the file exists is told in allowed folders only.
    """
    if "\0" in given:
        raise mistake("file_missing", filename=given.replace("\0", ""))
    path = Path(hass.config.path(given))
    try:
        resolved = path.resolve(strict=True)
    except OSError as error:
        if not hass.config.is_allowed_path(str(path.parent)):
            raise _not_allowed(path.parent) from error
        raise mistake("file_missing", filename=path.name) from error
    if hass.config.is_allowed_path(str(resolved)):
        return resolved
    # A link in an allowed folder may lead out of it.
    raise _not_allowed(resolved.parent if hass.config.is_allowed_path(str(path.parent)) else path.parent)


def _not_allowed(folder: Path) -> ServiceValidationError:
    return mistake("path_not_allowed", folder=os.path.realpath(folder))


def _look_at(path: Path, *, with_neighbours: bool) -> _Facts:
    """Measure and hash a file, and find what belongs to it. Blocking."""
    try:
        with _open_plain(path) as file:
            before = os.fstat(file.fileno())
            sha1 = hashlib.file_digest(file, partial(hashlib.sha1, usedforsecurity=False)).hexdigest()
            after = os.fstat(file.fileno())
    except OSError as error:
        raise failure("file_unreadable", filename=path.name) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise failure("file_changing", filename=path.name)
    if after.st_size == 0:
        raise mistake("file_empty", filename=path.name)
    is_still = with_neighbours and path.suffix.lower() in _STILL_EXTENSIONS
    return _Facts(
        size=after.st_size,
        modified_ns=after.st_mtime_ns,
        sha1=sha1,
        sidecar=_sidecar(path) if with_neighbours else None,
        live_video=_neighbour(path.stem, _LIVE_EXTENSION, path) if is_still else None,
    )


def _open_plain(path: Path) -> BufferedReader:
    """Open a plain file, and nothing else: a pipe would wait for a writer, a device never end. Blocking."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise mistake("not_a_file", filename=path.name)


def _neighbour(stem: str, extension: str, path: Path) -> Path | None:
    """Return the plain file beside `path` of that name, in the usual spellings.

    Asked for by name: a folder may hold a hundred thousand files. A link is no neighbour, it may lead anywhere.
    """
    for spelling in (extension, extension.upper()):
        found = path.with_name(stem + spelling)
        if found.is_file() and not found.is_symlink():
            return found
    return None


def _sidecar(path: Path) -> bytes | None:
    """Return the sidecar's bytes: `a.jpg.xmp` counts before `a.xmp`; an empty or huge one is none."""
    for stem in (path.name, path.stem):
        if (found := _neighbour(stem, _SIDECAR_EXTENSION, path)) is None:
            continue
        try:
            with _open_plain(found) as file:
                content = file.read(LARGEST_SIDECAR_BYTES + 1)
        except OSError as error:
            raise failure("file_unreadable", filename=found.name) from error
        if 0 < len(content) <= LARGEST_SIDECAR_BYTES:
            return content
    return None


async def _read(hass: HomeAssistant, path: Path, facts: _Facts) -> AsyncGenerator[bytes]:
    """Give the file in pieces of a megabyte, as long as it is the one that was hashed."""
    file = await hass.async_add_executor_job(_open_unchanged, path, facts)
    try:
        left = facts.size
        while left:
            piece = await hass.async_add_executor_job(_piece, file, left, path, facts)
            left -= len(piece)
            yield piece
    finally:
        await hass.async_add_executor_job(file.close)


def _open_unchanged(path: Path, facts: _Facts) -> BufferedReader:
    try:
        file = _open_plain(path)
    except OSError as error:
        raise failure("file_unreadable", filename=path.name) from error
    try:
        _check_unchanged(file, path, facts)
    except BaseException:
        file.close()
        raise
    return file


def _piece(file: BufferedReader, left: int, path: Path, facts: _Facts) -> bytes:
    """Read the next piece, and look once more at the file before its last one is given. Blocking."""
    try:
        piece = file.read(min(READ_BYTES, left))
        if len(piece) == left:
            _check_unchanged(file, path, facts)
    except OSError as error:
        raise failure("file_unreadable", filename=path.name) from error
    if not piece:
        raise failure("file_changing", filename=path.name)
    return piece


def _check_unchanged(file: BufferedReader, path: Path, facts: _Facts) -> None:
    now = os.fstat(file.fileno())
    if (now.st_size, now.st_mtime_ns) != (facts.size, facts.modified_ns):
        raise failure("file_changing", filename=path.name)
