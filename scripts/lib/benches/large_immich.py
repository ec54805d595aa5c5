"""A fake Immich in a process of its own: 100,000 assets, films of 200 MB, and a log that can be asked for.

It is in a process of its own so that it takes no time from what is measured. Beside the library of
`tests.fake_immich.libraries.scale` it has an album of as many assets as a month, and two films whose bytes
come from memory: one at the pace of a fast network, one as fast as it goes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
import json
import os
import signal
import sys
import time
from typing import Any

from aiohttp import ClientSession, web
from yarl import URL

from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import AssetType
from tests.fake_immich.scale import fill_scale
from tests.fake_immich.state import State

from ..immich import READY_SECONDS, Account
from ..paths import cache
from ..services import Service
from .home import MEGABYTE

LIBRARY = 100_000
ALBUM_SIZE = 380
FILM_BYTES = 200 * MEGABYTE
PACE = 1250 * MEGABYTE
"""Bytes a second of the paced film: what a network of 10 Gbit/s carries."""
USER_ID = stable_id("scale admin")

_KEY = "scale-key"
_PIECE = 256 * 1024
# A timer is no finer than this; what is sent too early is waited for together.
_AHEAD_SECONDS = 0.003


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the server got it; `path` is with the query, `json` the body, if there was one."""

    method: str
    path: str
    route: str
    headers: dict[str, str]
    json: Any
    body_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeImmich:
    """The running server; the films and the album are ids."""

    account: Account
    paced_film: str
    fast_film: str
    album: str
    _session: ClientSession

    async def asked(self) -> list[Asked]:
        """Return what was asked since the last time."""
        async with self._session.post(f"{self.account.url}/bench/asked") as answer:
            return [Asked(**each) for each in await answer.json()]

    def film_url(self, film: str) -> str:
        """Return the address of a film on the server."""
        return f"{self.account.url}/api/assets/{film}/video/playback"


@asynccontextmanager
async def run_large_immich() -> AsyncIterator[LargeImmich]:
    """Start the server and stop it at the end of the block."""
    service = await Service.start(
        "The large Immich", [sys.executable, "-m", __name__], cache() / "bench" / "immich.log", announces=True
    )
    try:
        said = json.loads(await service.first_line(READY_SECONDS))
        account = Account(url=said.pop("url"), api_key=_KEY)
        async with ClientSession() as session:
            yield LargeImmich(account=account, _session=session, **said)
    finally:
        await service.stop()


class _Film:
    """A film's bytes, sent as Immich does: with a weak ETag, whole or a single range of the form `a-b`."""

    def __init__(self, content: bytes, pace: int | None) -> None:
        self._content = memoryview(content)
        self._pace = pace

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for it."""
        size = len(self._content)
        headers = {"Accept-Ranges": "bytes", "Content-Type": "video/mp4", "ETag": 'W/"film"'}
        start, end, status = 0, size, 200
        if (asked := request.headers.get("Range", "")).startswith("bytes="):
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end, status = int(first), int(last) + 1 if last else size, 206
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        headers["Content-Length"] = str(end - start)
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        began = time.monotonic()
        for at in range(start, end, _PIECE):
            piece = self._content[at : min(at + _PIECE, end)]
            await response.write(piece)
            if self._pace is not None:
                ahead = (at + len(piece) - start) / self._pace - (time.monotonic() - began)
                if ahead > _AHEAD_SECONDS:
                    await asyncio.sleep(ahead)
        await response.write_eof()
        return response


async def _serve() -> None:
    """Serve until the process is told to stop."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    state = State()
    fill_scale(state, LIBRARY, None)
    assets = list(state.assets.values())
    owner = state.users[USER_ID]
    album = state.add_album(owner, "As many as a month", assets[-ALBUM_SIZE:], id=stable_id("scale month"))
    paced, fast = [asset.id for asset in assets if asset.type is AssetType.VIDEO][:2]
    content = os.urandom(MEGABYTE) * (FILM_BYTES // MEGABYTE)

    def extend(fake: FakeImmich, app: web.Application) -> None:
        async def tell(_request: web.Request) -> web.Response:
            entries = [
                Asked(
                    method=entry.method,
                    path=str(URL.build(path=entry.path, query=entry.query)),
                    route=entry.route,
                    headers=entry.headers,
                    json=entry.json,
                    body_size=entry.body_size,
                )
                for entry in fake.requests.entries
            ]
            fake.requests.clear()
            return web.json_response([asdict(each) for each in entries])

        app.router.add_post("/bench/asked", tell)
        for film, pace in ((paced, PACE), (fast, None)):
            app.router.add_get(f"/api/assets/{film}/video/playback", _Film(content, pace).send)

    immich = FakeImmich(state=state)
    immich.extensions.append(extend)
    async with immich:
        said = {"url": immich.url, "paced_film": paced, "fast_film": fast, "album": album.id}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(_serve())
