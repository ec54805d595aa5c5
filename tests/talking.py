"""What a server says over a live connection, word by word: for servers that say odd things, or nothing."""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.live import Live, Speak

OPEN: Final = '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
# A server that should be heard of ten times a second.
OPEN_IMPATIENT: Final = '0{"sid":"a","upgrades":[],"pingInterval":60,"pingTimeout":40,"maxPayload":1000000}'
CONNECTED: Final = '40{"sid":"b"}'
VERSION: Final = '42["on_server_version",{"major":3,"minor":1,"patch":0}]'
REFUSED: Final = '42["error","unauthorized"]'
SENT_AWAY: Final = "41"


def says(*packets: str | bytes, then_close: bool = False) -> Speak:
    """Say these packets, then nothing more (it doesn't even read), or hang up."""

    async def _speak(socket: web.WebSocketResponse) -> None:
        for packet in packets:
            await (socket.send_str(packet) if isinstance(packet, str) else socket.send_bytes(packet))
        if then_close:
            await socket.close()
        else:
            await asyncio.sleep(3600)

    return _speak


def live_of(immich: FakeImmich) -> Live:
    """Return the live side of a fake that runs."""
    assert immich.live is not None
    return immich.live


async def until(condition: Callable[[], object], *, seconds: float = 5) -> None:
    """Wait until a function says yes."""
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, "waited in vain"
        await asyncio.sleep(0.01)
