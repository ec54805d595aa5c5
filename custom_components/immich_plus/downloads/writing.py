"""From a response into a file: hashed and written in the executor, with no more than a piece of it in memory."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
import hashlib

from homeassistant.core import HomeAssistant

from ..api.asset import Asset
from ..errors import failure


class DiskError(Exception):
    """Writing failed, not reading; `cause` tells why."""

    def __init__(self, cause: OSError) -> None:
        """Keep what the system said."""
        super().__init__()
        self.cause = cause


async def async_write(
    hass: HomeAssistant,
    next_piece: Callable[[], Awaitable[bytes]],
    write: Callable[[bytes], object],
    *,
    most: int | None = None,
) -> tuple[int, str]:
    """Hand what `next_piece` gives to `write`, which may block; return its size in bytes and SHA-1 in hex.

    An empty piece is the end. Raises DiskError if `write` fails, a translated error for more than `most` bytes,
    and what reading raises.
    """
    digest = hashlib.sha1(usedforsecurity=False)
    size = 0

    def _write(piece: bytes) -> None:
        digest.update(piece)
        write(piece)

    while piece := await next_piece():
        size += len(piece)
        if most is not None and size > most:
            raise failure("download_too_large")
        try:
            await hass.async_add_executor_job(_write, piece)
        except OSError as error:
            raise DiskError(error) from error
    return size, digest.hexdigest()


def is_whole(asset: Asset, sha1: str) -> bool:
    """Whether these are the bytes that were uploaded, as far as the server tells."""
    return asset.checksum is None or asset.checksum == b64encode(bytes.fromhex(sha1)).decode()
