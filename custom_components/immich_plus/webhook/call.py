"""One call of Immich's, as anybody could send it: who may, how much of it is read, and what it has to look like.

Nothing of a call is believed but that the library of an account changed. It is a description of one asset that holds
more than others should see (paths on the server, places, assets of the locked folder): none of it is kept.
"""

import asyncio
from dataclasses import dataclass
import hmac
from http import HTTPStatus
from time import monotonic
from typing import Any, Final

from aiohttp import ClientError, web
import orjson

from ..api.ids import as_id
from .secrets import HEADER

# Immich sends about 1,500 bytes (seen on 3.1.0); long descriptions and tags come on top.
LARGEST_BODY_BYTES: Final = 64 * 1024
BODY_SECONDS: Final = 10
# Immich makes five calls at once.
MOST_AT_ONCE: Final = 10
# Calls that are read: so many after a rest, and so many a second in the long run.
MOST_IN_A_ROW: Final = 300
MOST_PER_SECOND: Final = 30
# Assets that people don't see in their library: nothing is told of them.
_UNSEEN: Final = frozenset({"hidden", "locked"})


class RefusedCallError(Exception):
    """A call that isn't taken, and the status that says so; nothing else is said."""

    def __init__(self, status: HTTPStatus) -> None:
        """Keep the status."""
        super().__init__(status.phrase)
        self.status = status


@dataclass(slots=True)
class Budget:
    """How many calls may still be read."""

    left: float = MOST_IN_A_ROW
    seen_at: float = 0.0

    def take(self) -> bool:
        """Take one, if there is one left."""
        now = monotonic()
        self.left = min(MOST_IN_A_ROW, self.left + (now - self.seen_at) * MOST_PER_SECOND)
        self.seen_at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


def knows_token(request: web.Request, token: str) -> bool:
    """Whether a caller knows the second secret; takes as long for each wrong one."""
    given = request.headers.get(HEADER, "").encode(errors="surrogateescape")
    return hmac.compare_digest(given, token.encode())


async def async_is_hint(request: web.Request, user_id: str) -> bool:
    """Read a call, and return whether it is about an asset that its owner sees; raises RefusedCallError.

    The kinds of triggers and bodies differ between versions of Immich and grow: any will do, if it names an asset of
    the account.
    """
    try:
        call = orjson.loads(await _read(request))
    except orjson.JSONDecodeError:
        raise RefusedCallError(HTTPStatus.BAD_REQUEST) from None
    match call:
        case {
            "type": str(),
            "trigger": str(),
            "data": {"asset": {"id": str(asset_id), "ownerId": str(owner)} as asset},
        }:
            if as_id(asset_id) is None:
                raise RefusedCallError(HTTPStatus.BAD_REQUEST)
            if owner != user_id:
                raise RefusedCallError(HTTPStatus.FORBIDDEN)
            return not _is_unseen(asset)
    raise RefusedCallError(HTTPStatus.BAD_REQUEST)


def _is_unseen(asset: dict[str, Any]) -> bool:
    visibility = asset.get("visibility")
    return isinstance(visibility, str) and visibility in _UNSEEN


async def _read(request: web.Request) -> bytes:
    """Read the body, which may come slowly, compressed, in pieces or never."""
    body = bytearray()
    # Calls that come through Home Assistant's websocket begin afresh each time they are asked for their content.
    content = request.content
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while piece := await content.read(LARGEST_BODY_BYTES):
                body += piece
                if len(body) > LARGEST_BODY_BYTES:
                    raise RefusedCallError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TimeoutError:
        raise RefusedCallError(HTTPStatus.REQUEST_TIMEOUT) from None
    except ClientError, web.RequestPayloadError, OSError:
        raise RefusedCallError(HTTPStatus.BAD_REQUEST) from None
    return bytes(body)
