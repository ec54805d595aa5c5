"""Fixtures for the client's tests: no Home Assistant, a plain aiohttp session, short pauses."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
from hypothesis import settings
import pytest
from yarl import URL

from custom_components.immich_plus.api import Immich, transport
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich

from .wire import Head, Respond, WireServer

type MakeClient = Callable[..., Immich]
type MakeWire = Callable[[Respond], Awaitable[WireServer]]

# Machines that run tests are busy.
settings.register_profile("api", deadline=None, max_examples=150, database=None)
settings.load_profile("api")

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0.001)


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def make_client(session: aiohttp.ClientSession) -> MakeClient:
    """Give a function that makes a client for a fake, a wire or an address."""

    def _make(server: FakeImmich | WireServer | str, key: str = "admin-key", **options: Any) -> Immich:
        address = server if isinstance(server, str) else server.url
        return Immich(options.pop("session", session), URL(address), key, **options)

    return _make


@pytest.fixture
def client(immich: FakeImmich, make_client: MakeClient) -> Immich:
    """Give a client of the fake's administrator; it has not connected yet."""
    return make_client(immich)


@pytest.fixture(params=VERSIONS)
async def each(request: pytest.FixtureRequest, make_immich: MakeImmich) -> FakeImmich:
    """Give a fake of each version in turn."""
    return await make_immich(version=request.param)


@pytest.fixture
async def make_wire(socket_enabled: None) -> AsyncGenerator[MakeWire]:
    """Give a function that starts a server of raw bytes; all are stopped at the end."""
    running: list[WireServer] = []

    async def _make(respond: Respond) -> WireServer:
        server = WireServer(respond)
        await server.start()
        running.append(server)
        return server

    yield _make
    for server in running:
        await server.stop()


@pytest.fixture
async def stranger(make_wire: MakeWire) -> WireServer:
    """Give a second server, which only notes what it gets: nothing of ours may come here."""

    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

    return await make_wire(_respond)
