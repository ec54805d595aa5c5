"""The form of `POST assets`: text fields first, then files that are streamed from wherever they come."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
import mimetypes
import re
from typing import Final

import aiohttp
from aiohttp.payload import AsyncIterablePayload, BytesPayload, Payload, StringPayload

from .errors import ImmichBadRequestError
from .progress import ProgressGuard

# Servers before 3.0 want to know a device and the device's name for the file; later ones drop both.
DEVICE_ID: Final = "home-assistant-immich-plus"

# What can't stand in a header of a form, nor in a file name on any system.
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f"\\/]')


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadFile:
    """A file to upload.

    `open` gives its bytes in pieces, from the start each time it is called; `size` is their number, and
    `sha1` their SHA-1 in hex, 40 characters. `created_at` and `modified_at` have a zone. `sidecar` holds the bytes of
    an `.xmp` file that lies beside it, `live_photo_video_id` the id of the film that belongs to a live photo.
    """

    filename: str
    size: int
    sha1: str
    created_at: datetime
    modified_at: datetime
    open: Callable[[], AsyncIterator[bytes]]
    favorite: bool = False
    archived: bool = False
    sidecar: bytes | None = None
    live_photo_video_id: str | None = None


def safe_filename(name: str) -> str:
    """Return the last part of `name` without characters that a form or a file system can't carry."""
    # Names on disk may have bytes that are no text; Python carries them as surrogates.
    name = name.encode(errors="replace").decode()
    return _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip() or "upload"


def build_form(file: UploadFile, guard: ProgressGuard) -> aiohttp.MultipartWriter:
    """Write the form; `guard` sees each piece that goes out.

    Immich looks at the text fields while it filters the file, so they come first. Its `isArchived` is gone
    since 1.133: the archive is a visibility.
    """
    filename = safe_filename(file.filename)
    fields = {
        "deviceAssetId": f"{filename}-{file.size}-{file.sha1[:12]}",
        "deviceId": DEVICE_ID,
        "fileCreatedAt": _moment(file.created_at),
        "fileModifiedAt": _moment(file.modified_at),
    }
    if file.favorite:
        fields["isFavorite"] = "true"
    if file.archived:
        fields["visibility"] = "archive"
    if file.live_photo_video_id is not None:
        fields["livePhotoVideoId"] = file.live_photo_video_id
    form = aiohttp.MultipartWriter("form-data")
    for name, value in fields.items():
        _append(form, StringPayload(value), name)
    if file.sidecar is not None:
        stem = filename.rpartition(".")[0] or filename
        _append(form, BytesPayload(file.sidecar), "sidecarData", f"{stem}.xmp")
    content_type = mimetypes.guess_file_type(filename)[0] or "application/octet-stream"
    pieces = _watched(file, guard)
    _append(form, _SizedPayload(pieces, file.size, content_type), "assetData", filename)
    return form


def _append(form: aiohttp.MultipartWriter, part: Payload, name: str, filename: str | None = None) -> None:
    # Unquoted: Immich takes a percent-encoded name literally, raw UTF-8 is right (seen on 3.1.0).
    named = {"name": name} if filename is None else {"name": name, "filename": filename}
    part.set_content_disposition("form-data", quote_fields=False, **named)
    form.append(part)


class _SizedPayload(AsyncIterablePayload):
    """A streamed part whose size is known, so that the whole form has a Content-Length: proxies like that."""

    def __init__(self, pieces: AsyncIterator[bytes], size: int, content_type: str) -> None:
        super().__init__(pieces, content_type=content_type)
        self._size = size


async def _watched(file: UploadFile, guard: ProgressGuard) -> AsyncGenerator[bytes]:
    """Hand the file on, and tell `guard` what moved and what the source raised."""
    try:
        async for piece in _measured(file):
            yield piece
            guard.moved(len(piece))
    except Exception as error:
        guard.source_error = error
        raise
    guard.finished()


async def _measured(file: UploadFile) -> AsyncGenerator[bytes]:
    """Give the file, piece by piece; one that changes its size meanwhile must not be registered."""
    left = file.size
    async for piece in file.open():
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise ImmichBadRequestError("the file changed while it was being sent")


def _moment(value: datetime) -> str:
    """Write a moment as all versions take it: UTC with milliseconds and `Z`."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
