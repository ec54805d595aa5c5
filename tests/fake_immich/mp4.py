"""The few facts of a video that an upload needs, read from its MP4 boxes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import struct

_CONTAINERS = {b"moov", b"trak"}
_HEAD_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """Length in milliseconds and size in pixels; ``None`` where unknown."""

    duration: int | None = None
    width: int | None = None
    height: int | None = None


def read_facts(path: Path) -> VideoFacts:
    """Read a video's facts; nothing is known of files that are no MP4 or MOV."""
    duration: int | None = None
    width = height = 0
    try:
        for kind, body in _boxes(path.read_bytes()[:_HEAD_LIMIT]):
            if kind == b"mvhd":
                scale, length = _times(body)
                duration = round(1000 * length / scale) if scale else None
            elif kind == b"tkhd":
                across, down = struct.unpack(">II", body[-8:])
                width, height = max(width, across >> 16), max(height, down >> 16)
    except struct.error, IndexError:
        return VideoFacts()
    return VideoFacts(duration, width or None, height or None)


def _times(body: bytes) -> tuple[int, int]:
    if body[0] == 1:
        scale, length = struct.unpack_from(">IQ", body, 20)
    else:
        scale, length = struct.unpack_from(">II", body, 12)
    return int(scale), int(length)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 0
    while offset + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, offset)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, offset + 8)
            head = 16
        if size == 0:
            size = len(data) - offset
        if size < head:
            return
        body = data[offset + head : offset + size]
        if kind in _CONTAINERS:
            yield from _boxes(body)
        elif kind in (b"mvhd", b"tkhd"):
            yield kind, body
        offset += size
