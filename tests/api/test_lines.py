"""Bad lines: time-outs of each kind, half answers, garbage, TLS, names and ports that lead nowhere."""

import asyncio
import ssl
from typing import override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest

from custom_components.immich_plus.api import Immich, server, transport
from custom_components.immich_plus.api.errors import (
    ImmichConnectionError,
    ImmichNotImmichError,
    ImmichTimeoutError,
    ImmichTlsError,
)
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Delay, Drop, Trickle

from .conftest import MakeClient, MakeWire
from .wire import Head, always, answer

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ATTEMPTS", 1)


def test_limits_by_kind() -> None:
    assert transport.QUICK.total == 15
    assert transport.LISTING.total == 60
    for kind in (transport.QUICK, transport.LISTING, transport._STREAM, transport._UPLOAD):
        assert kind.sock_connect == 10
    assert transport._STREAM.total is None
    assert transport._STREAM.sock_read == 60
    assert transport._UPLOAD.total is None
    assert transport._UPLOAD.sock_read is None


async def test_a_quick_call_that_hangs(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET users/me", Delay(0.3))
    with pytest.raises(ImmichTimeoutError, match="no answer in time"):
        await make_client(immich).transport.get("users/me", timeout=aiohttp.ClientTimeout(total=0.05))


async def test_a_quick_call_that_trickles(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET users/me", Trickle(step=1, pause=0.02))
    with pytest.raises(ImmichTimeoutError):
        await make_client(immich).transport.get("users/me", timeout=aiohttp.ClientTimeout(total=0.1))


async def test_a_listing_may_take_longer_than_a_quick_call(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[object] = []
    client = make_client(immich)
    request = client.transport._session._request

    async def _noting(*args: object, timeout: object, **options: object) -> aiohttp.ClientResponse:
        limits.append(timeout)
        return await request(*args, timeout=timeout, **options)  # type: ignore[arg-type]

    await client.connect()
    monkeypatch.setattr(client.transport._session, "_request", _noting)
    await client.users.me()
    await client.albums.statistics()
    await client.tags.list()
    await client.albums.list()
    await client.search.added(size=1)
    await client.server.statistics()
    assert limits == [transport.QUICK] * 2 + [transport.LISTING] * 4


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([], "closed"),
        ([b"HTTP/1.1 200 OK\r\nContent-Ty"], "closed"),
        ([OK], "closed"),
        ([OK, b"Content-Length: 50\r\n\r\n{"], "broke off"),
        ([OK, b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"], "broke off"),
        ([OK, b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"], "broke off"),
    ],
)
@pytest.mark.usefixtures("no_retries")
async def test_half_answers(
    make_client: MakeClient, make_wire: MakeWire, pieces: list[bytes], expected: str
) -> None:
    wire = await make_wire(always(*pieces, close=True))
    with pytest.raises(ImmichConnectionError, match=expected) as caught:
        await make_client(wire).users.me()
    assert not isinstance(caught.value, ImmichTimeoutError)


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"HTTP/1.1 abc What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header line\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000 + b"\r\n\r\n{}",
    ],
)
async def test_what_is_no_http(make_client: MakeClient, make_wire: MakeWire, garbage: bytes) -> None:
    wire = await make_wire(always(garbage))
    with pytest.raises(ImmichNotImmichError, match="not proper HTTP"):
        await make_client(wire).users.me()


async def test_silence_in_the_middle_of_headers(make_client: MakeClient, make_wire: MakeWire) -> None:
    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await asyncio.sleep(5)

    wire = await make_wire(_respond)
    with pytest.raises(ImmichTimeoutError):
        await make_client(wire).transport.get("x", timeout=aiohttp.ClientTimeout(total=0.05))


async def test_a_port_where_nothing_listens(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await immich.stop()
    with pytest.raises(ImmichConnectionError, match="nothing accepts connections") as caught:
        await client.users.me()
    assert "127.0.0.1" not in str(caught.value)


class NoNames(AbstractResolver):
    """Knows no host."""

    @override
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:  # type: ignore[override]
        raise OSError(None, f"no such host: {host}")

    @override
    async def close(self) -> None:
        """Keep nothing."""


async def test_an_unknown_host(socket_enabled: None, make_client: MakeClient) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=NoNames())) as nowhere:
        with pytest.raises(ImmichConnectionError, match="host name is unknown") as caught:
            await make_client("http://photos.example", session=nowhere).users.me()
    assert "photos.example" not in str(caught.value)


async def test_a_certificate_that_nobody_trusts(make_immich: MakeImmich, make_client: MakeClient) -> None:
    immich = await make_immich(tls=True)
    with pytest.raises(ImmichTlsError, match="TLS"):
        await make_client(immich).users.me()
    assert immich.requests.count() == 0


async def test_a_private_authority(make_immich: MakeImmich, make_client: MakeClient) -> None:
    immich = await make_immich(tls=True)
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=immich.certificate)
    client = make_client(immich, ssl=context)
    await client.connect()
    # Calls on a connection of their own check the certificate in the same way.
    assert (await client.albums.create("Safe")).name == "Safe"
    with pytest.raises(ImmichTlsError):
        await make_client(immich).albums.create("Unsafe")


async def test_no_check_of_certificates(make_immich: MakeImmich, make_client: MakeClient) -> None:
    immich = await make_immich(tls=True)
    client = make_client(immich, ssl=False)
    await client.connect()
    assert (await client.albums.create("Trusting")).name == "Trusting"


async def test_tls_to_a_server_without_it(immich: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichConnectionError):
        await make_client(immich.url.replace("http:", "https:")).users.me()


async def test_plain_http_to_a_server_with_tls(make_immich: MakeImmich, make_client: MakeClient) -> None:
    immich = await make_immich(tls=True)
    with pytest.raises((ImmichConnectionError, ImmichNotImmichError)):
        await make_client(immich.url.replace("https:", "http:")).users.me()


@pytest.mark.usefixtures("no_retries")
async def test_a_lost_line_is_told(immich: FakeImmich, make_client: MakeClient) -> None:
    lost = 0

    def _lost() -> None:
        nonlocal lost
        lost += 1

    client = make_client(immich)
    client.transport.on_lost = _lost
    await client.users.me()
    assert lost == 0
    for at in ("before", "headers", "body"):
        immich.faults.add("POST search/metadata", Drop(at=at), times=1)  # type: ignore[arg-type]
        with pytest.raises(ImmichConnectionError):
            await client.search.added()
    assert lost == 3


def test_a_plain_transport_tells_nobody(session: aiohttp.ClientSession, client: Immich) -> None:
    assert transport.Transport(session, client.url, "k").on_lost() is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (aiohttp.ClientConnectionError("secret: /var/lib/x"), ImmichConnectionError, "the connection broke"),
        (aiohttp.ClientOSError(5, "a"), ImmichConnectionError, "the connection was closed"),
        (ConnectionResetError("x"), ImmichConnectionError, "the connection was closed"),
        (aiohttp.ServerDisconnectedError(), ImmichConnectionError, "the connection was closed"),
        (aiohttp.SocketTimeoutError(), ImmichTimeoutError, "no answer in time"),
        (aiohttp.ConnectionTimeoutError(), ImmichTimeoutError, "no answer in time"),
        (ssl.SSLCertVerificationError("x"), ImmichTlsError, "the secure connection (TLS) failed"),
        (ssl.SSLError("x"), ImmichTlsError, "the secure connection (TLS) failed"),
    ],
)
def test_errors_of_the_line_are_told_in_our_words(error: Exception, kind: type[Exception], text: str) -> None:
    found = transport.connection_error(error)
    assert type(found) is kind
    assert str(found) == text


@pytest.mark.parametrize("kept", [b"", b"keep"])
async def test_an_answer_that_says_nothing_of_its_length(
    make_client: MakeClient, make_wire: MakeWire, kept: bytes
) -> None:
    body = b'{"total": 4, "hidden": 1}'
    wire = await make_wire(
        always(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n", body, close=True)
    )
    assert await make_client(wire).people.count() == 3


async def test_an_interim_answer_comes_first(make_client: MakeClient, make_wire: MakeWire) -> None:
    wire = await make_wire(always(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", answer(b'{"total": 1}')))
    assert await make_client(wire).people.count() == 1
    assert isinstance(make_client(wire).server, server.Server)
