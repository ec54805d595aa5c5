"""Uploaded files: taking them in as a stream, and the pictures made of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha1
from io import BytesIO
from pathlib import Path
import time
from typing import IO

from PIL import Image, ImageDraw, ImageOps

from .models import AssetType
from .multipart import Part

THUMBNAIL_SIDE = 250
PREVIEW_SIDE = 1440


class Throttle:
    """Lets at most so many bytes a second pass; ``None`` for any number."""

    def __init__(self, rate: int | None) -> None:
        """Start counting now."""
        self._rate = rate
        self._started = time.monotonic()
        self._passed = 0

    async def wait(self, count: int) -> None:
        """Wait until ``count`` more bytes may have come."""
        if self._rate is None:
            return
        self._passed += count
        ahead = self._passed / self._rate - (time.monotonic() - self._started)
        if ahead > 0.002:
            await asyncio.sleep(ahead)


@dataclass(slots=True, kw_only=True)
class TakenFile:
    """A file of a form after it was read: only name, size and hash are sure to be kept."""

    filename: str
    size: int
    checksum: bytes
    path: Path | None


class _Sink:
    """Writes a file as long as it stays small; blocks are small too: no need for a thread."""

    def __init__(self, path: Path, keep_below: int) -> None:
        self._path = path
        self._keep_below = keep_below
        self._file: IO[bytes] | None = path.open("wb")
        self.size = 0

    def write(self, block: bytes) -> None:
        """Write a block; from the limit on, drop the file."""
        self.size += len(block)
        if self._file is not None and self.size >= self._keep_below:
            self._file.close()
            self._file = None
            self._path.unlink()
        if self._file is not None:
            self._file.write(block)

    def close(self) -> Path | None:
        """End; returns the path of the file if it was kept."""
        if self._file is None:
            return None
        self._file.close()
        return self._path


async def take_file(
    part: Part, path: Path, *, keep_below: int, throttle: Throttle, seen: Callable[[int], None]
) -> TakenFile:
    """Read a file, hashing it on the way.

    It is written to ``path`` unless it turns out to have ``keep_below`` bytes or
    more; then only the hash is left of it. ``seen`` hears of every block's size.
    """
    digest = sha1(usedforsecurity=False)
    sink = _Sink(path, keep_below)
    try:
        async for block in part.blocks:
            digest.update(block)
            seen(len(block))
            sink.write(block)
            await throttle.wait(len(block))
    finally:
        kept = sink.close()
    return TakenFile(filename=part.filename, size=sink.size, checksum=digest.digest(), path=kept)


@dataclass(slots=True)
class UploadedFile:
    """The pictures of an uploaded file, made when first asked for."""

    path: Path
    kind: AssetType
    _made: dict[int, bytes | None] = field(default_factory=dict)

    def original(self) -> Path | bytes | None:
        """Return the file itself."""
        return self.path

    def thumbnail(self) -> Path | bytes | None:
        """Return a small WebP; ``None`` if the file cannot be decoded."""
        return self._picture(THUMBNAIL_SIDE, "WEBP", 80)

    def preview(self) -> Path | bytes | None:
        """Return a JPEG for the screen; ``None`` if the file cannot be decoded."""
        return self._picture(PREVIEW_SIDE, "JPEG", 80)

    def playback(self) -> Path | bytes | None:
        """Return the video as it was uploaded: the fake does not transcode."""
        return self.path if self.kind is AssetType.VIDEO else None

    def _picture(self, side: int, kind: str, quality: int) -> bytes | None:
        if side not in self._made:
            try:
                image = self.image()
            except OSError, ValueError:
                self._made[side] = None
            else:
                image.thumbnail((side * 2, side * 2) if side < 500 else (side, side))
                self._made[side] = encode(image, kind, quality)
        return self._made[side]

    def image(self) -> Image.Image:
        """Decode the picture, upright; of a video, a plain still. Raises ``OSError``."""
        if self.kind is AssetType.VIDEO:
            return _still(self.path.name)
        with Image.open(self.path) as opened:
            return ImageOps.exif_transpose(opened).convert("RGB")


def encode(image: Image.Image, kind: str, quality: int) -> bytes:
    """Write a picture as JPEG or WebP."""
    out = BytesIO()
    image.save(out, kind, quality=quality)
    return out.getvalue()


def _still(name: str) -> Image.Image:
    """Paint a frame that stands for a video: its colour follows from the name."""
    red, green, blue = sha1(name.encode(), usedforsecurity=False).digest()[:3]
    image = Image.new("RGB", (640, 360), (red // 2, green // 2, blue // 2))
    ImageDraw.Draw(image).polygon([(270, 120), (270, 240), (380, 180)], fill=(240, 240, 240))
    return image
