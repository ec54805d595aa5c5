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

from ..const import LARGEST_SIDECAR_BYTES, READ_BYTES
from ..errors import failure, mistake
from .source import UploadSource

# Phones write the moving part of a live photo as a QuickTime film of the same name.
_STILL_EXTENSIONS: Final = frozenset({".heic", ".heif", ".jpg", ".jpeg"})
_LIVE_EXTENSION: Final = ".mov"


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
    try:
        facts = await hass.async_add_executor_job(partial(_look_at, path, with_neighbours=with_neighbours))
    except OSError as error:
        raise failure("file_unreadable", filename=path.name) from error
    if facts.size == 0:
        raise mistake("file_empty", filename=path.name)
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
    path = Path(hass.config.path(given))
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        if not hass.config.is_allowed_path(str(path.parent)):
            raise mistake("path_not_allowed", folder=_folder(given)) from error
        raise mistake("file_missing", filename=path.name) from error
    if not hass.config.is_allowed_path(str(resolved)):
        raise mistake("path_not_allowed", folder=_folder(given))
    return resolved


def _folder(given: str) -> str:
    """Return the folder to allow, as the caller wrote it: the caller knows it, so it gives nothing away."""
    return str(Path(given).parent)


def _look_at(path: Path, *, with_neighbours: bool) -> _Facts:
    """Measure and hash a file, and find what belongs to it. Blocking."""
    with _open_plain(path) as file:
        before = os.fstat(file.fileno())
        sha1 = hashlib.file_digest(file, partial(hashlib.sha1, usedforsecurity=False)).hexdigest()
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise failure("file_changing", filename=path.name)
    neighbours = _neighbours(path) if with_neighbours else {}
    return _Facts(
        size=after.st_size,
        modified_ns=after.st_mtime_ns,
        sha1=sha1,
        sidecar=_sidecar(path, neighbours),
        live_video=neighbours.get(f"{path.stem}{_LIVE_EXTENSION}".lower())
        if path.suffix.lower() in _STILL_EXTENSIONS
        else None,
    )


def _open_plain(path: Path) -> BufferedReader:
    """Open a plain file; a pipe or a device would never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise mistake("not_a_file", filename=path.name)
    return path.open("rb")


def _neighbours(path: Path) -> dict[str, Path]:
    """Return the plain files beside `path` that may belong to it, by their name in lower case."""
    wanted = {f"{path.stem}{_LIVE_EXTENSION}".lower(), f"{path.name}.xmp".lower(), f"{path.stem}.xmp".lower()}
    found: dict[str, Path] = {}
    for name in wanted:
        # The usual spellings, asked for by name: a folder may hold a hundred thousand files.
        stem, suffix = (
            (path.name, ".xmp") if name == f"{path.name}.xmp".lower() else (path.stem, Path(name).suffix)
        )
        for spelling in (f"{stem}{suffix}", f"{stem}{suffix.upper()}"):
            neighbour = path.with_name(spelling)
            if neighbour.is_file() and not neighbour.is_symlink():
                found[name] = neighbour
                break
    return found


def _sidecar(path: Path, neighbours: dict[str, Path]) -> bytes | None:
    for name in (f"{path.name}.xmp".lower(), f"{path.stem}.xmp".lower()):
        if (found := neighbours.get(name)) and 0 < found.stat().st_size <= LARGEST_SIDECAR_BYTES:
            return found.read_bytes()
    return None


async def _read(hass: HomeAssistant, path: Path, facts: _Facts) -> AsyncGenerator[bytes]:
    """Give the file in pieces of a megabyte, as long as it is the one that was hashed."""
    try:
        file = await hass.async_add_executor_job(_open_plain, path)
    except OSError as error:
        raise failure("file_unreadable", filename=path.name) from error
    try:
        while piece := await hass.async_add_executor_job(file.read, READ_BYTES):
            yield piece
        now = await hass.async_add_executor_job(os.fstat, file.fileno())
        if (now.st_size, now.st_mtime_ns) != (facts.size, facts.modified_ns):
            raise failure("file_changing", filename=path.name)
    except OSError as error:
        raise failure("file_unreadable", filename=path.name) from error
    finally:
        await hass.async_add_executor_job(file.close)
