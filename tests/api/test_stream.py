"""Pictures and films on their way to us: passed on as they come, never held."""

import asyncio
import tracemalloc

import aiohttp
import pytest

from custom_components.immich_plus.api import transport
from custom_components.immich_plus.api.asset import ThumbnailSize
from custom_components.immich_plus.api.errors import (
    ImmichAuthenticationError,
    ImmichBadAnswerError,
    ImmichConnectionError,
    ImmichNotFoundError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichRangeError,
    ImmichTimeoutError,
    ImmichUnavailableError,
)
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import CloseReused, Delay, Drop, Redirect, Status, Trickle
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient, MakeWire
from .wire import Head, WireServer, always, answer

FILM = stable_id("tiny film.mp4")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n"


async def test_a_whole_file(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    async with client.assets.open_original(FILM) as response:
        assert response.status == 200
        assert response.content_type == "video/mp4"
        content = await response.read()
    assert content == each.state.assets[FILM].media.original()  # type: ignore[union-attr]
    assert response.content_length == len(content)
    entry = each.requests.entries[0]
    assert entry.path == f"/api/assets/{FILM}/original"
    assert entry.headers["accept-encoding"] == "identity"


async def test_a_range(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    async with client.assets.open_original(FILM, headers={"Range": "bytes=4-11"}) as response:
        assert response.status == 206
        assert response.headers["Content-Range"].startswith("bytes 4-11/")
        assert await response.read() == b"ftypmp42"
    etag = response.headers["ETag"]
    async with client.assets.open_original(FILM, headers={"If-None-Match": etag}) as response:
        assert response.status == 304
        assert await response.read() == b""
        assert response.headers["ETag"] == etag


async def test_an_impossible_range_is_not_somebody_in_front(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    with pytest.raises(ImmichRangeError) as caught:
        async with make_client(immich).assets.open_original(FILM, headers={"Range": "bytes=999999-"}):
            pass
    assert caught.value.status == 404
    assert caught.value.size == 20_020


async def test_the_key_cannot_be_replaced_by_passed_headers(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    async with make_client(immich).assets.open_original(FILM, headers={"x-api-key": "mine"}):
        pass
    assert immich.requests.entries[0].headers["x-api-key"] == "admin-key"


async def test_errors_are_named(immich: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichNotFoundError):
        async with make_client(immich).assets.open_original("00000000-0000-4000-8000-000000000000"):
            pass
    with pytest.raises(ImmichPermissionError) as refused:
        async with make_client(immich, "read-key").assets.open_original(FILM):
            pass
    assert refused.value.scope == "asset.download"
    with pytest.raises(ImmichAuthenticationError):
        async with make_client(immich, "nobody").assets.open_original(FILM):
            pass
    immich.faults.add("GET assets/*", Status(503, html=True, retry_after=7), times=1)
    with pytest.raises(ImmichUnavailableError) as away:
        async with make_client(immich).assets.open_original(FILM):
            pass
    assert away.value.retry_after == 7
    immich.faults.add("GET assets/*", Status(403, html=True), times=1)
    with pytest.raises(ImmichNotImmichError):
        async with make_client(immich).assets.open_original(FILM):
            pass


async def test_redirects_on_the_same_origin_are_followed(
    immich: FakeImmich, make_client: MakeClient, stranger: WireServer
) -> None:
    client = make_client(immich)
    immich.faults.add("GET assets/*", Redirect("original?"), times=1)
    async with client.assets.open_original(FILM) as response:
        assert response.status == 200
    immich.faults.add("GET assets/*", Redirect(f"{stranger.url}/film"))
    with pytest.raises(ImmichNotImmichError, match="another server"):
        async with client.assets.open_original(FILM):
            pass
    assert stranger.connections == 0


async def test_leaving_early_closes_the_connection(make_client: MakeClient, make_wire: MakeWire) -> None:
    sent = 0
    closed = asyncio.Event()

    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(HEAD + b"Content-Length: 1000000000\r\n\r\n")
        try:
            while True:
                writer.write(bytes(65536))
                await writer.drain()
                sent += 65536
        except ConnectionError:
            closed.set()
            raise

    wire = await make_wire(_respond)
    async with make_client(wire).assets.open_original(FILM) as response:
        await response.content.read(10)
    async with asyncio.timeout(2):
        await closed.wait()
    assert sent < 50_000_000


async def test_memory_stays_flat_while_a_receiver_is_slow(
    make_client: MakeClient, make_wire: MakeWire
) -> None:
    block = bytes(256 * 1024)

    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % (len(block) * 256))
        for _ in range(256):
            writer.write(block)
            await writer.drain()

    wire = await make_wire(_respond)
    received = 0
    tracemalloc.start()
    try:
        async with make_client(wire).assets.open_original(FILM) as response:
            await asyncio.sleep(0.1)
            async for piece in response.content.iter_chunked(65536):
                received += len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert received == len(block) * 256
    assert peak < 8 * 1024 * 1024


async def test_a_film_that_stops_moving(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_STREAM", aiohttp.ClientTimeout(total=None, sock_read=0.1))
    client = make_client(immich)
    immich.faults.add("GET assets/*", Delay(0.3), times=1)
    with pytest.raises(ImmichTimeoutError):
        async with client.assets.open_original(FILM):
            pass
    immich.faults.add("GET assets/*", Trickle(step=15_000, pause=0.3), times=1)
    with pytest.raises(ImmichTimeoutError):
        async with client.assets.open_original(FILM) as response:
            await response.read()


async def test_a_slow_film_may_take_longer_than_any_limit(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_STREAM", aiohttp.ClientTimeout(total=None, sock_read=0.3))
    immich.faults.add("GET assets/*", Trickle(step=2_000, pause=0.04))
    async with make_client(immich).assets.open_original(FILM) as response:
        assert len(await response.read()) > 20_000


async def test_a_film_that_breaks_off(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.ensure_version()
    immich.faults.add("GET assets/*", Drop(at="body", after=5000))
    with pytest.raises(ImmichConnectionError, match="broke off"):
        async with client.assets.open_original(FILM) as response:
            await response.read()
    assert client._version_known is False


@pytest.mark.parametrize(
    "trouble",
    [
        aiohttp.ClientConnectionResetError("Cannot write to closing transport"),
        TimeoutError(),
        ValueError("mine"),
    ],
)
async def test_the_receivers_own_trouble_is_not_the_servers(
    immich: FakeImmich, make_client: MakeClient, trouble: Exception
) -> None:
    client = make_client(immich)
    await client.ensure_version()
    with pytest.raises(type(trouble)) as caught:  # noqa: PT012 (it is raised inside the stream)
        async with client.assets.open_original(FILM) as response:
            await response.content.read(10)
            raise trouble
    assert caught.value is trouble
    assert client._version_known is True


async def test_places_come_back(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "STREAMS_AT_ONCE", 2)
    client = make_client(immich)

    async def _watch(number: int) -> None:
        async with client.assets.open_original(FILM) as response:
            await response.content.read(10)
            if number % 2:
                raise RuntimeError

    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*(_watch(number) for number in range(10)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), RuntimeError] * 5


async def test_a_place_is_not_waited_for_without_end(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "STREAMS_AT_ONCE", 1)
    monkeypatch.setattr(transport, "PLACE_WAIT_SECONDS", 0.05)
    client = make_client(immich)
    async with client.assets.open_original(FILM):
        with pytest.raises(ImmichUnavailableError) as caught:
            async with client.assets.open_video(FILM):
                pass
        assert caught.value.retry_after == transport.PLACE_RETRY_SECONDS
        # Small pictures have places of their own.
        async with (
            client.assets.open_thumbnail(FILM, ThumbnailSize.PREVIEW),
            client.people.open_face(stable_id("tiny person Alice")) as face,
        ):
            assert face.content_type == "image/jpeg"
    async with client.assets.open_video(FILM) as response:
        assert response.status == 200


async def test_a_compressed_answer_is_refused(make_client: MakeClient, make_wire: MakeWire) -> None:
    wire = await make_wire(always(answer(b"x", "Content-Encoding: gzip", kind="video/mp4")))
    with pytest.raises(ImmichBadAnswerError, match="compressed"):
        async with make_client(wire).assets.open_original(FILM):
            pass


@pytest.mark.parametrize(
    ("status", "told", "size"),
    [
        ("416 Odd", "Content-Range: bytes */12", 12),
        ("416 Odd", "X: y", None),
        ("404 Odd", "Content-Range: bytes */0", 0),
    ],
)
async def test_ways_to_refuse_a_range(
    make_client: MakeClient, make_wire: MakeWire, status: str, told: str, size: int | None
) -> None:
    wire = await make_wire(always(answer(b"no", told, status=status, kind="video/mp4")))
    with pytest.raises(ImmichRangeError) as caught:
        async with make_client(wire).assets.open_original(FILM, headers={"Range": "bytes=99-"}):
            pass
    assert caught.value.size == size


async def test_a_refusal_without_end(
    make_client: MakeClient, make_wire: MakeWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "REFUSAL_SECONDS", 0.05)
    wire = await make_wire(always(b"HTTP/1.1 502 Odd\r\nContent-Length: 99\r\n\r\nwait"))
    with pytest.raises(ImmichUnavailableError) as caught:
        async with make_client(wire).assets.open_original(FILM):
            pass
    assert caught.value.status == 502


async def test_pieces(each: FakeImmich, make_client: MakeClient) -> None:
    content = b""
    async with make_client(each).assets.open_video(FILM) as response:
        while piece := await transport.next_piece(response):
            content += piece
    assert content == each.state.assets[FILM].media.playback()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "first",
    [b"Content-Length: 99\r\n\r\nsome", b"Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\nnonsense\r\n"],
)
async def test_nothing_comes_any_more(
    make_client: MakeClient, make_wire: MakeWire, monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    monkeypatch.setattr(transport, "DEAD_SECONDS", 0.1)
    wire = await make_wire(always(HEAD, first[:-10], first[-10:], pause=0.01))

    async def _watch() -> None:
        async with make_client(wire).assets.open_original(FILM) as response:
            while await transport.next_piece(response):
                pass

    with pytest.raises(ImmichConnectionError):
        await _watch()


async def test_the_edited_original(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    for edited, query in ((True, {"edited": "true"}), (False, {})):
        async with client.assets.open_original(FILM, edited=edited) as response:
            assert response.status == 200
        assert each.requests.entries[-1].query == query


async def test_films_take_no_places_from_calls(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "STREAMS_AT_ONCE", 1)
    monkeypatch.setattr(transport, "CALLS_AT_ONCE", 1)
    client = make_client(immich)
    async with client.assets.open_original(FILM), asyncio.timeout(2):
        assert (await client.users.me()).name == "Admin"


async def test_a_connection_closed_while_idle(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.users.me()
    immich.faults.add("GET assets/*", CloseReused())
    async with client.assets.open_original(FILM) as response:
        assert len(await response.read()) > 20_000
    assert immich.faults.hits == 1
