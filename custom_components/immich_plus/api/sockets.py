"""Sessions for websockets, as careful as the transport is with calls."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Literal, override

import aiohttp

from .errors import ImmichNotImmichError

# Messages that are handed out before the event loop gets its turn again.
_MESSAGES_PER_TURN: Final = 20
# A larger message closes the socket: what it said is found by looking for it. Assets take about 6 KB, and the ids
# of 25,000 assets that are trashed at once fit, which take 10 ms to read.
LARGEST_MESSAGE_BYTES: Final = 1024 * 1024


@asynccontextmanager
async def socket_session(
    shared: aiohttp.ClientSession,
) -> AsyncIterator[tuple[aiohttp.ClientSession, Callable[[], None]]]:
    """Give a session for one websocket over the connections of `shared`, and what cuts its line at once.

    aiohttp follows redirects before it opens a websocket, and takes the key along to any server: this session
    raises ImmichNotImmichError instead.
    """
    opened: list[aiohttp.ClientResponse] = []

    async def _stay(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        response = await handler(request)
        opened.append(response)
        if response.status in range(300, 400):
            raise ImmichNotImmichError("live connections are redirected", status=response.status)
        return response

    def _cut() -> None:
        for response in opened:
            response.close()

    session = aiohttp.ClientSession(
        connector=shared.connector,
        connector_owner=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=shared.headers,
        middlewares=(_stay,),
        ws_response_class=_PacedSocket,
    )
    try:
        yield session, _cut
    finally:
        _cut()
        await session.close()


class _PacedSocket(aiohttp.ClientWebSocketResponse[Literal[True]]):
    """A websocket that hands a burst out in portions: reading what has come already never waits by itself."""

    _received = 0

    @override
    async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:
        self._received += 1
        if self._received % _MESSAGES_PER_TURN == 0:
            await asyncio.sleep(0)
        return await super().receive(timeout)
