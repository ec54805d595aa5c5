"""Long streams through Home Assistant: never held, never longer than wanted, never passed off as whole."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import tracemalloc

import aiohttp
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus import http
from custom_components.immich_plus.api import transport
from tests.api.wire import Head, always, answer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Drop, Trickle
from tests.pace import Silence

from .looking import Browser, browser_fixture, view, wire_instead

__all__ = ["browser_fixture"]

PIECE = bytes(256 * 1024)
MEGABYTE = 1024 * 1024
FILM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n"


@dataclass(slots=True)
class Film:
    """A film that goes on until whoever watches it leaves; `chunked` ones don't even say how long they are."""

    chunked: bool = False
    sent: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send it."""
        length = b"Transfer-Encoding: chunked" if self.chunked else b"Content-Length: 100000000000"
        writer.write(FILM_HEAD + length + b"\r\n\r\n")
        try:
            while True:
                writer.write(b"%x\r\n%s\r\n" % (len(PIECE), PIECE) if self.chunked else PIECE)
                await writer.drain()
                self.sent += len(PIECE)
                self.begun.set()
        except ConnectionError:
            self.left.set()
            raise


@dataclass(slots=True)
class Quiet:
    """Sends `first`, and then nothing; `left` tells when its client has gone."""

    first: bytes
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send, and wait for the end."""
        writer.write(self.first)
        await writer.drain()
        self.begun.set()
        assert await reader.read() == b""
        self.left.set()


def places(account: MockConfigEntry) -> int:
    """Return how many streams could begin now."""
    free: int = account.runtime_data.client.transport._streams._value
    return free


@pytest.mark.parametrize("chunked", [False, True])
async def test_leaving_in_the_middle(account: MockConfigEntry, browser: Browser, *, chunked: bool) -> None:
    """The server's stream ends within a second when the browser leaves, and its place is free."""
    film = Film(chunked=chunked)
    async with wire_instead(account, film):
        reply = await browser.get(view(account, "video"))
        await reply.content.readexactly(5 * MEGABYTE)
        reply.close()
        async with asyncio.timeout(1):
            await film.left.wait()
    assert places(account) == transport.STREAMS_AT_ONCE


async def test_leaving_a_server_that_goes_on(account: MockConfigEntry, browser: Browser) -> None:
    """Where nobody stops the handler, it notices by itself."""
    server = browser.server.runner.server  # type: ignore[attr-defined]
    server.handler_cancellation = False
    film = Film()
    async with wire_instead(account, film):
        reply = await browser.get(view(account, "video"))
        await reply.content.readexactly(5 * MEGABYTE)
        reply.close()
        async with asyncio.timeout(1):
            await film.left.wait()


@pytest.mark.parametrize("first", [b"", FILM_HEAD + b"Content-Length: 1000\r\n\r\nsome"])
async def test_leaving_while_the_server_is_silent(
    account: MockConfigEntry, browser: Browser, first: bytes
) -> None:
    """It ends as well while nothing comes from the server, before its answer or in its body."""
    quiet = Quiet(first)
    async with wire_instead(account, quiet):
        looking = asyncio.ensure_future(browser.get(view(account, "video")))
        await quiet.begun.wait()
        await asyncio.sleep(0.05)
        if looking.done():
            looking.result().close()
        looking.cancel()
        async with asyncio.timeout(1):
            await quiet.left.wait()
    assert places(account) == transport.STREAMS_AT_ONCE


async def test_leaving_while_waiting_for_a_place(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser
) -> None:
    """Who leaves the queue is never asked for."""
    line = account.runtime_data.client.transport
    line._streams = asyncio.Semaphore(1)
    silence = Silence()
    immich.faults.add("GET assets/*", silence, times=1)
    first = asyncio.ensure_future(browser.get(view(account, "video")))
    await silence.asked.wait()
    immich.requests.clear()
    second = asyncio.ensure_future(browser.get(view(account, "video")))
    await asyncio.sleep(0.05)
    second.cancel()
    first.cancel()
    await asyncio.sleep(0.05)
    assert line._streams._value == 1
    assert immich.requests.count() == 0
    assert (await browser.get(view(account, "video"))).status == 200


async def test_a_slow_browser_slows_the_server(account: MockConfigEntry, browser: Browser) -> None:
    """What the browser doesn't take isn't fetched: little is on its way, and less is in memory."""
    film = Film()
    async with wire_instead(account, film):
        tracemalloc.start()
        try:
            reply = await browser.get(view(account, "video"))
            await film.begun.wait()
            await asyncio.sleep(0.3)
            before = film.sent
            await asyncio.sleep(0.2)
            assert film.sent == before
            # Most of it waits in the system's own buffers.
            assert before < 64 * MEGABYTE
            for _ in range(100):
                await reply.content.readexactly(MEGABYTE)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 16 * MEGABYTE
        reply.close()


async def test_a_pause_without_end(
    account: MockConfigEntry,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    log_of: Callable[[], list[str]],
) -> None:
    """A browser that takes nothing for very long gives its place back; it can ask for the rest."""
    monkeypatch.setattr(http, "LONGEST_PAUSE_SECONDS", 0.3)
    film = Film()
    async with wire_instead(account, film):
        reply = await browser.get(view(account, "video"))
        async with asyncio.timeout(3):
            await film.left.wait()
        assert places(account) == transport.STREAMS_AT_ONCE
        with pytest.raises(aiohttp.ClientError):
            await reply.read()
    assert log_of() == []


async def test_a_slow_film_may_last(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as something moves no limit ends a stream."""
    monkeypatch.setattr(transport, "_STREAM", aiohttp.ClientTimeout(total=None, sock_read=0.3))
    monkeypatch.setattr(http, "LONGEST_PAUSE_SECONDS", 0.3)
    immich.faults.add("GET assets/*", Trickle(step=2_000, pause=0.04))
    reply = await browser.get(view(account, "video"))
    assert len(await reply.read()) == 20_020


async def test_a_server_that_stops(
    account: MockConfigEntry,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    log_of: Callable[[], list[str]],
) -> None:
    """A film that stops on the server's side ends for the browser, too, and not as if it were whole."""
    monkeypatch.setattr(transport, "_STREAM", aiohttp.ClientTimeout(total=None, sock_read=0.2))
    async with wire_instead(account, Quiet(FILM_HEAD + b"Content-Length: 1000\r\n\r\nsome")):
        reply = await browser.get(view(account, "video"))
        assert reply.status == 200
        with pytest.raises(aiohttp.ClientError):
            await reply.read()
    async with wire_instead(account, Quiet(b"")):
        assert (await browser.get(view(account, "video"))).status == 502
    assert log_of() == []


@pytest.mark.parametrize(
    "pieces",
    [
        [FILM_HEAD + b"Content-Length: 1000\r\n\r\n", b"some"],
        [FILM_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"4\r\nsome\r\n"],
        [FILM_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"4\r\nsome\r\nnonsense\r\n"],
        [FILM_HEAD + b"Content-Length: 1000\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n0\r\n\r\n"],
    ],
)
async def test_half_a_film_is_not_passed_off_as_whole(
    account: MockConfigEntry,
    browser: Browser,
    caplog: pytest.LogCaptureFixture,
    log_of: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    pieces: list[bytes],
) -> None:
    """A body that breaks off, or is shorter than was said, breaks off for the browser."""
    monkeypatch.setattr(transport, "DEAD_SECONDS", 0.3)
    async with wire_instead(account, always(*pieces, close=True, pause=0.05)):
        with pytest.raises(aiohttp.ClientError):
            await _read(browser, view(account, "video"))
    assert log_of() == []
    assert not [record for record in caplog.records if record.exc_info]


async def _read(browser: Browser, path: str) -> None:
    """Read a whole reply, or raise as for a reply that says so at once."""
    reply = await browser.get(path)
    if reply.status == 502:
        raise aiohttp.ClientError
    await reply.read()


async def test_a_part_that_breaks_off(
    account: MockConfigEntry, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """A part without a length of its own that is shorter than its place is not whole either."""
    head = b"HTTP/1.1 206 Partial Content\r\nContent-Type: video/mp4\r\nContent-Range: bytes 0-99/100\r\n"
    body = b"Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n0\r\n\r\n"
    async with wire_instead(account, always(head + body)):
        reply = await browser.get(view(account, "video"), headers={"Range": "bytes=0-"})
        assert (reply.status, reply.headers["Content-Length"]) == (206, "100")
        with pytest.raises(aiohttp.ClientError):
            await reply.read()
    assert not [record for record in caplog.records if record.exc_info]


async def test_more_than_was_said(account: MockConfigEntry, browser: Browser) -> None:
    """What comes after the end of a body never becomes another answer."""
    evil = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nevil"
    async with wire_instead(account, always(answer(b"film", kind="video/mp4") + evil)) as wire:
        for _ in range(3):
            reply = await browser.get(view(account, "video"))
            assert (reply.headers["Content-Type"], await reply.read()) == ("video/mp4", b"film")
        assert wire.connections == 3


async def test_the_servers_connection_is_used_again(account: MockConfigEntry, browser: Browser) -> None:
    """Picture after picture comes over one connection, if each was read to its end."""
    async with wire_instead(account, always(answer(bytes(MEGABYTE), kind="image/jpeg"))) as wire:
        for version in ("thumbnail", "preview", "thumbnail"):
            assert len(await (await browser.get(view(account, version))).read()) == MEGABYTE
        assert wire.connections == 1


async def test_a_head_opens_no_body(account: MockConfigEntry, browser: Browser) -> None:
    """HEAD leaves the server as soon as its headers are there."""
    film = Film()
    async with wire_instead(account, film):
        reply = await browser.head(view(account, "video"))
        assert (reply.status, reply.headers["Content-Length"]) == (200, "100000000000")
        async with asyncio.timeout(1):
            await film.left.wait()


async def test_an_error_page_without_end(
    account: MockConfigEntry, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal is not listened to for long."""
    monkeypatch.setattr(transport, "REFUSAL_SECONDS", 0.1)
    quiet = Quiet(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\nsome")
    async with wire_instead(account, quiet):
        async with asyncio.timeout(1):
            assert (await browser.get(view(account, "preview"))).status == 502
            await quiet.left.wait()


async def test_a_lost_server_is_noticed(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser
) -> None:
    """A server that breaks off may come back as another version; a browser that leaves says nothing about it."""
    client = account.runtime_data.client
    await client.ensure_version()
    reply = await browser.get(view(account, "video"))
    reply.close()
    await asyncio.sleep(0.05)
    assert client._version_known is True
    immich.faults.add("GET assets/*", Drop(at="body", after=5000))
    reply = await browser.get(view(account, "video"))
    with pytest.raises(aiohttp.ClientError):
        await reply.read()
    assert client._version_known is False


async def test_many_at_once(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """Twenty people can watch at once."""
    immich.faults.add("GET assets/*", Trickle(step=5_000, pause=0.02))
    replies = await asyncio.gather(*(browser.get(view(account, "video")) for _ in range(20)))
    contents = await asyncio.gather(*(reply.read() for reply in replies))
    assert {len(content) for content in contents} == {20_020}
