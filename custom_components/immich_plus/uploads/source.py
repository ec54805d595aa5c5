"""What is uploaded: a named run of bytes with a known checksum, wherever it comes from."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Self


async def _nothing_to_close() -> None:
    """Do nothing: most sources leave nothing behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSource:
    """A picture or film that is ready to be sent.

    `open` gives the bytes from the start each time it is called; `size` is their number and `sha1` their checksum in
    hex. `live_video` is the film of a live photo, `sidecar` the bytes of an `.xmp` file. `close` removes what was
    kept on disk for it.
    """

    filename: str
    size: int
    sha1: str
    created_at: datetime
    modified_at: datetime
    open: Callable[[], AsyncIterator[bytes]]
    sidecar: bytes | None = None
    live_video: UploadSource | None = None
    close: Callable[[], Awaitable[None]] = _nothing_to_close

    @property
    def extension(self) -> str:
        """The ending of the name, lower case with its dot, by which Immich decides what it is."""
        return PurePosixPath(self.filename).suffix.lower()

    def named(self, filename: str) -> Self:
        """Return the same bytes under another name."""
        return replace(self, filename=filename)

    def taken(self, moment: datetime) -> Self:
        """Return the same bytes with another date, for the film of a live photo, too."""
        video = None if self.live_video is None else self.live_video.taken(moment)
        return replace(self, created_at=moment, live_video=video)
