"""The live connection: who is let in, what may go wrong at every step, and that nothing stays behind."""

import asyncio
from collections.abc import Generator
import gc
import logging
import ssl
from typing import Any, Final
import warnings

import aiohttp
from aiohttp import web
from engineio.base_client import connected_clients
import pytest
from yarl import URL

from custom_components.immich_plus.api import Immich, live
from custom_components.immich_plus.api.errors import (
    ImmichAuthenticationError,
    ImmichConnectionError,
    ImmichError,
    ImmichMaintenanceError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichTimeoutError,
    ImmichTlsError,
    ImmichUnavailableError,
)
from custom_components.immich_plus.api.live_events import (
    AssetDeleted,
    AssetsTrashed,
    EventsLost,
    LiveEvent,
    ServerReady,
)
from custom_components.immich_plus.api.version import ServerVersion
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Drop, LoginPage, Redirect, Status
from tests.fake_immich.live import Speak
from tests.talking import CONNECTED, OPEN, OPEN_IMPATIENT, REFUSED, SENT_AWAY, VERSION, live_of, says, until

from .conftest import MakeClient, MakeWire
from .wire import Head, WireServer, always, answer

ID: Final = "11111111-2222-4333-8444-555555555555"
LAST: Final = f'42["on_asset_delete","{ID}"]'


@pytest.fixture(autouse=True)
def _no_trouble(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Nothing lingers, and nothing is said about tracebacks, lost exceptions or open connections."""
    caplog.set_level(logging.DEBUG)
    before = len(connected_clients)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        yield
        gc.collect()
    assert len(connected_clients) == before
    for record in caplog.get_records("call") + caplog.get_records("teardown"):
        if "Error on transport creation" in record.getMessage():
            continue  # The server's side of a certificate that we don't trust.
        assert record.levelno < logging.WARNING, record.getMessage()
        assert "-key" not in record.getMessage()
        # The other end is in this process, too.
        if not record.name.startswith(("asyncio", "aiohttp.server")):
            assert record.exc_info is None, record.getMessage()


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a silent server for a moment only."""
    monkeypatch.setattr(live, "READY_SECONDS", 0.2)


async def heard(immich: FakeImmich, make_client: MakeClient, count: int) -> list[LiveEvent]:
    """Connect and return the first events."""
    async with asyncio.timeout(5), make_client(immich).live.connect() as line:
        return [await anext(line) for _ in range(count)]


async def listen(client: Immich) -> None:
    """Listen until it ends."""
    async with asyncio.timeout(5), client.live.connect() as line:
        async for _ in line:
            pass


def running() -> list[asyncio.Task[Any]]:
    """Return what the library runs."""
    return [task for task in asyncio.all_tasks() if "engineio/async_client" in str(task)]


async def trouble(client: Immich) -> ImmichError:
    """Return what comes of listening until it ends, and see that nothing of it runs on."""
    with pytest.raises(ImmichError) as caught:
        await listen(client)
    await asyncio.sleep(0)
    assert running() == []
    assert caught.value.__cause__ is None
    assert "-key" not in str(caught.value)
    return caught.value


async def test_each_version_says_which_it_is(each: FakeImmich, make_client: MakeClient) -> None:
    (event,) = await heard(each, make_client, 1)
    assert event == ServerReady(ServerVersion(each.version.major, each.version.minor, each.version.patch))


@pytest.mark.parametrize("sub_path", ["", "/photos-app/immich", "/a b/ü"])
async def test_the_key_travels_in_the_header_alone(
    make_immich: MakeImmich, make_client: MakeClient, sub_path: str
) -> None:
    immich = await make_immich(sub_path=sub_path)
    await heard(immich, make_client, 1)
    (entry,) = immich.requests.matching("GET socket.io")
    assert entry.headers["x-api-key"] == "admin-key"
    assert entry.query.keys() == {"transport", "EIO", "t"}
    assert entry.query["transport"] == "websocket"
    assert "admin-key" not in str(entry.query)
    assert immich.requests.count() == 1


async def test_speaks_as_the_calls_do(immich: FakeImmich) -> None:
    async with aiohttp.ClientSession(headers={"User-Agent": "Home"}) as session:
        async with Immich(session, URL(immich.url), "admin-key").live.connect():
            pass
        assert not session.closed
        assert session.connector is not None
        assert not session.connector.closed
    (entry,) = immich.requests.matching("GET socket.io")
    assert entry.headers["user-agent"] == "Home"


async def test_hears_in_order(immich: FakeImmich, make_client: MakeClient) -> None:
    ids = [f"{ID[:-3]}{number:03}" for number in range(300)]
    async with asyncio.timeout(5), make_client(immich).live.connect() as line:
        assert isinstance(await anext(line), ServerReady)
        for each in ids:
            immich.state.emit("on_asset_delete", None, each)
        assert [await anext(line) for _ in ids] == [AssetDeleted(each) for each in ids]


async def test_events_before_the_version_wait_for_it(immich: FakeImmich, make_client: MakeClient) -> None:
    live_of(immich).speak = says(OPEN, CONNECTED, LAST, VERSION, LAST)
    assert await heard(immich, make_client, 2) == [ServerReady(ServerVersion(3, 1, 0)), AssetDeleted(ID)]


@pytest.mark.parametrize("key", ["wrong-key", "read-key", "album-key"])
async def test_a_refused_key(each: FakeImmich, make_client: MakeClient, key: str) -> None:
    error = await trouble(make_client(each, key))
    assert isinstance(error, ImmichPermissionError)
    assert error.scope == "all"
    assert each.requests.count() == 1


async def test_every_permission_but_all_is_refused(immich: FakeImmich, make_client: MakeClient) -> None:
    key = immich.state.key_by_secret("admin-key")
    assert key is not None
    key.permissions = ["asset.read", "album.read", "user.read", "server.about"]
    assert isinstance(await trouble(make_client(immich)), ImmichPermissionError)


async def test_no_key_at_all(immich: FakeImmich, make_client: MakeClient) -> None:
    assert isinstance(await trouble(make_client(immich, "kéy")), ImmichAuthenticationError)
    assert immich.requests.count() == 0


@pytest.mark.parametrize(
    "packets",
    [
        [OPEN, CONNECTED, REFUSED, SENT_AWAY],
        [OPEN, CONNECTED, REFUSED],
        [OPEN, REFUSED],
        [OPEN, CONNECTED, '42["error","unauthorized",{"more":1}]'],
    ],
)
async def test_refused_however_far_it_came(
    immich: FakeImmich, make_client: MakeClient, packets: list[str]
) -> None:
    for then_close in (False, True):
        live_of(immich).speak = says(*packets, then_close=then_close)
        assert isinstance(await trouble(make_client(immich)), ImmichPermissionError)


async def test_refused_later(immich: FakeImmich, make_client: MakeClient) -> None:
    live_of(immich).speak = says(OPEN, CONNECTED, VERSION, REFUSED, SENT_AWAY)
    assert isinstance(await trouble(make_client(immich)), ImmichPermissionError)


async def test_a_deleted_key_keeps_its_connection(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    async with asyncio.timeout(5), client.live.connect() as line:
        await anext(line)
        key = immich.state.key_by_secret("admin-key")
        assert key is not None
        del immich.state.api_keys[key.id]
        immich.state.emit("on_asset_delete", key.user_id, ID)
        assert await anext(line) == AssetDeleted(ID)
    assert isinstance(await trouble(client), ImmichPermissionError)


# -- TLS


async def test_tls_as_the_account_has_it(make_immich: MakeImmich, make_client: MakeClient) -> None:
    immich = await make_immich(tls=True)
    context = ssl.create_default_context()
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=immich.certificate)
    for option in (context, False):
        async with make_client(immich, ssl=option).live.connect() as line:
            assert isinstance(await anext(line), ServerReady)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as unverified,
        make_client(immich, session=unverified).live.connect() as line,
    ):
        assert isinstance(await anext(line), ServerReady)


async def test_a_wrong_certificate(make_immich: MakeImmich, make_client: MakeClient) -> None:
    immich = await make_immich(tls=True)
    assert isinstance(await trouble(make_client(immich)), ImmichTlsError)
    assert immich.requests.count() == 0


async def test_no_tls_where_it_is_expected(immich: FakeImmich, make_client: MakeClient) -> None:
    error = await trouble(make_client(immich.url.replace("http:", "https:")))
    assert isinstance(error, ImmichConnectionError)
    assert immich.requests.count() == 0


# -- proxies


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(
    immich: FakeImmich, make_client: MakeClient, stranger: WireServer, status: int
) -> None:
    immich.faults.add("GET socket.io", Redirect(f"{stranger.url}/api/socket.io/", status=status))
    error = await trouble(make_client(immich))
    assert isinstance(error, ImmichNotImmichError)
    assert error.status == status
    assert stranger.connections == 0
    assert immich.requests.count() == 1


async def test_redirects_on_the_same_server_are_not_followed(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    immich.faults.add("GET socket.io", Redirect())
    assert isinstance(await trouble(make_client(immich)), ImmichNotImmichError)
    assert immich.requests.count() == 1


@pytest.mark.parametrize(
    "fault",
    [
        LoginPage(),
        Status(400, message="Bad request"),
        Status(401, html=True),
        Status(403, html=True),
        Status(404, html=True),
        Status(426),
    ],
    ids=["200", "400", "401", "403", "404", "426"],
)
async def test_a_proxy_that_lets_no_websockets_pass(
    immich: FakeImmich, make_client: MakeClient, fault: Status | LoginPage
) -> None:
    immich.faults.add("GET socket.io", fault)
    error = await trouble(make_client(immich))
    assert isinstance(error, ImmichNotImmichError)
    assert error.status == getattr(fault, "status", 200)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 521])
async def test_a_proxy_before_a_server_that_is_away(
    immich: FakeImmich, make_client: MakeClient, status: int
) -> None:
    immich.faults.add("GET socket.io", Status(status, html=True))
    error = await trouble(make_client(immich))
    assert isinstance(error, ImmichUnavailableError)
    assert error.status == status


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ],
)
async def test_an_answer_that_is_no_websocket(
    make_wire: MakeWire, make_client: MakeClient, head: bytes
) -> None:
    wire = await make_wire(always(head))
    assert isinstance(await trouble(make_client(wire)), ImmichNotImmichError)


@pytest.mark.parametrize("reply", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 101", b"\0" * 5000])
async def test_no_http_at_all(make_wire: MakeWire, make_client: MakeClient, reply: bytes) -> None:
    wire = await make_wire(always(reply, close=True))
    assert isinstance(await trouble(make_client(wire)), ImmichConnectionError | ImmichNotImmichError)


# -- the connection is lost, at every step


async def test_nobody_listens_there(immich: FakeImmich, make_client: MakeClient) -> None:
    await immich.stop()
    assert isinstance(await trouble(make_client(immich)), ImmichConnectionError)


async def test_an_unknown_host(make_client: MakeClient) -> None:
    assert isinstance(await trouble(make_client("http://no-such-host.invalid")), ImmichConnectionError)


@pytest.mark.parametrize("reset", [False, True])
async def test_lost_before_any_answer(immich: FakeImmich, make_client: MakeClient, reset: bool) -> None:
    immich.faults.add("GET socket.io", Drop(reset=reset))
    error = await trouble(make_client(immich))
    assert type(error) is ImmichConnectionError


STEPS: Final = [[], [OPEN], [OPEN, CONNECTED], [OPEN, CONNECTED, VERSION]]


@pytest.mark.parametrize(
    ("packets", "how"),
    [
        *((packets, how) for packets in STEPS for how in ("close", "cut")),
        *(([*packets, "1"], "goodbye") for packets in STEPS),
        *(([*packets, SENT_AWAY], "sent away") for packets in STEPS[2:]),
    ],
)
async def test_lost_at_every_step(
    immich: FakeImmich, make_client: MakeClient, packets: list[str], how: str
) -> None:
    speak = says(*packets, then_close=how == "close")
    live_of(immich).speak = cutting(speak) if how == "cut" else speak
    client = make_client(immich)
    lost: list[bool] = []
    client.transport.on_lost = lambda: lost.append(True)
    assert type(await trouble(client)) is ImmichConnectionError
    assert lost == [True]


def line_of(socket: web.WebSocketResponse) -> asyncio.WriteTransport:
    """Return what is below a websocket."""
    request = socket._req
    assert request is not None
    assert request.transport is not None
    return request.transport


def cutting(speak: Speak) -> Speak:
    """Cut the line after what is said, as when the machine is switched off."""

    async def _speak(socket: web.WebSocketResponse) -> None:
        task = asyncio.ensure_future(speak(socket))
        await asyncio.sleep(0.05)
        task.cancel()
        line_of(socket).abort()

    return _speak


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("packets", [[], [OPEN], [OPEN, CONNECTED]])
async def test_a_server_that_says_nothing_more(
    immich: FakeImmich, make_client: MakeClient, packets: list[str]
) -> None:
    live_of(immich).speak = says(*packets)
    assert isinstance(await trouble(make_client(immich)), ImmichTimeoutError)


@pytest.mark.usefixtures("brief")
async def test_nobody_answers_the_handshake(make_wire: MakeWire, make_client: MakeClient) -> None:
    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if "socket.io" in head.first_line:
            await asyncio.sleep(3600)
        writer.write(answer(b"{}"))

    assert isinstance(await trouble(make_client(await make_wire(_respond))), ImmichTimeoutError)


@pytest.mark.usefixtures("brief")
async def test_maintenance_lets_everybody_in_and_says_nothing(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    immich.maintenance = True
    for key in ("admin-key", "wrong-key"):
        assert isinstance(await trouble(make_client(immich, key)), ImmichMaintenanceError)


async def test_a_half_open_line_is_noticed(immich: FakeImmich, make_client: MakeClient) -> None:
    live_of(immich).speak = says(OPEN_IMPATIENT, CONNECTED, VERSION)
    assert type(await trouble(make_client(immich))) is ImmichConnectionError


async def test_pings_are_answered(immich: FakeImmich, make_client: MakeClient) -> None:
    said: list[str] = []

    async def _speak(socket: web.WebSocketResponse) -> None:
        for packet in (OPEN, CONNECTED, VERSION, "2"):
            await socket.send_str(packet)
        said.extend([await socket.receive_str(), await socket.receive_str()])
        await socket.send_str(LAST)
        await asyncio.sleep(3600)

    live_of(immich).speak = _speak
    await heard(immich, make_client, 2)
    assert said == ["40{}", "3"]


async def test_a_server_that_restarts(immich: FakeImmich, make_client: MakeClient) -> None:
    async with asyncio.timeout(5), make_client(immich).live.connect() as line:
        await anext(line)
        immich.state.emit("AppRestartV1", None, {"isMaintenanceMode": False})
        with pytest.raises(ImmichConnectionError):
            await anext(line)


# -- leaving


async def test_leaving_says_nothing_and_leaves_nothing(immich: FakeImmich, make_client: MakeClient) -> None:
    async with make_client(immich).live.connect():
        assert len(live_of(immich).sockets) == 1
    await until(lambda: not live_of(immich).sockets)


@pytest.mark.parametrize("packets", STEPS)
async def test_leaving_a_server_that_hangs_takes_no_time(
    immich: FakeImmich, make_client: MakeClient, packets: list[str]
) -> None:
    live_of(immich).speak = says(*packets)
    loop = asyncio.get_running_loop()

    task = asyncio.ensure_future(listen(make_client(immich)))
    await asyncio.sleep(0.1)
    before = loop.time()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert loop.time() - before < 0.5
    await asyncio.sleep(0)
    assert running() == []


async def test_leaving_while_the_server_hangs_up_slowly(immich: FakeImmich, make_client: MakeClient) -> None:
    # The library says goodbye by itself then, and waits for an answer that won't come.
    live_of(immich).speak = says(OPEN, CONNECTED, VERSION, "1")
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert isinstance(await trouble(make_client(immich)), ImmichConnectionError)
    assert loop.time() - before < 0.5


# -- nonsense

NONSENSE: Final = [
    "4",
    "42",
    "42[",
    "42[]",
    "42{}",
    "42null",
    "42[null]",
    "42[5]",
    "42[[1]]",
    '42[{"a":1}]',
    '42["error"]',
    '42["error","busy"]',
    '42["error",{"message":"unauthorized"}]',
    '42["connect"]',
    '42["disconnect"]',
    '42["what nobody knows",{"a":[1,2,3]}]',
    '42["on_server_version",null]',
    '42["on_server_version"]',
    '42["on_upload_success"]',
    '42["on_upload_success",{"id":5}]',
    '42["on_upload_success",[[[[]]]],7,8]',
    '42["on_asset_delete"]',
    '42["on_asset_delete","../etc"]',
    '42["on_asset_delete",NaN]',
    '42["on_asset_trash",[]]',
    '42["on_asset_trash",' + "[" * 5000 + "]" * 5000 + "]",
    '42["on_asset_update",{"id":"\\ud800"}]',
    '42["on_asset_update",{"id":' + "9" * 5000 + "}]",
    "42" + "[" * 100_000,
    '42/other,["on_asset_delete","x"]',
    '4217["on_asset_delete","x"]',
    "42" + "9" * 200 + '["x"]',
    "43[]",
    "437[]",
    "40",
    '40{"sid":"c"}',
    "40[1]",
    "41/other",
    "47",
    "4x",
    "4{}",
    "4[1]",
    "451-[]",
    '451-["on_asset_delete",{"_placeholder":true,"num":0}]',
    '459-["x",{"_placeholder":true,"num":5}]',
    '45999999999999-["x"]',
    "461-[]",
    "0",
    OPEN,
    "2",
    "2probe",
    "3",
    "3probe",
    "5",
    "6",
    "7",
    "9abc",
    "bAAEC",
    "b!",
    b"",
    b"\x00\x01\x02",
    b'42["on_asset_delete","x"]',
    "42[" + '"x",' * 100_000 + "0]",
]


@pytest.mark.parametrize("packet", NONSENSE, ids=lambda each: str(each[:40]))
async def test_nonsense_costs_no_later_event(
    immich: FakeImmich, make_client: MakeClient, packet: str | bytes
) -> None:
    client = make_client(immich)
    async with asyncio.timeout(5), client.live.connect() as line:
        await anext(line)
        live_of(immich).write(packet, LAST)
        assert await anext(line) == AssetDeleted(ID)


@pytest.mark.parametrize("packet", ["", "x", "é", "-1", "44", '44{"message":"no"}'])
async def test_nonsense_that_ends_the_connection(
    immich: FakeImmich, make_client: MakeClient, packet: str
) -> None:
    live_of(immich).speak = says(OPEN, CONNECTED, VERSION, packet)
    assert isinstance(await trouble(make_client(immich)), ImmichConnectionError)


@pytest.mark.parametrize(
    "packet",
    [
        "",
        "x",
        "0",
        "0null",
        "0[]",
        "0{}",
        '0{"sid":5}',
        '0{"sid":"a","upgrades":null,"pingInterval":"x","pingTimeout":[]}',
        '0{"sid":"a","upgrades":null,"pingInterval":-5,"pingTimeout":0}',
        "1",
        "2",
        CONNECTED,
        VERSION,
        b"\x00",
        b"",
        "0" + "[" * 100_000,
    ],
    ids=lambda each: str(each[:40]),
)
async def test_nonsense_in_place_of_a_greeting(
    immich: FakeImmich, make_client: MakeClient, packet: str | bytes
) -> None:
    live_of(immich).speak = says(packet)
    assert isinstance(await trouble(make_client(immich)), ImmichConnectionError)


@pytest.mark.parametrize("size", [live.LARGEST_MESSAGE_BYTES + 1, 10_000_000])
async def test_a_message_beyond_all_bounds_ends_the_connection(
    immich: FakeImmich, make_client: MakeClient, size: int
) -> None:
    live_of(immich).speak = says(OPEN, CONNECTED, VERSION, f'42["x","{"a" * size}"]')
    assert isinstance(await trouble(make_client(immich)), ImmichConnectionError)


async def test_a_frame_that_is_none(immich: FakeImmich, make_client: MakeClient) -> None:
    async def _speak(socket: web.WebSocketResponse) -> None:
        for packet in (OPEN, CONNECTED, VERSION):
            await socket.send_str(packet)
        line_of(socket).write(b"\xff\xff\xff\xff not a frame")
        await asyncio.sleep(3600)

    live_of(immich).speak = _speak
    assert isinstance(await trouble(make_client(immich)), ImmichConnectionError)


# -- too much


async def test_more_than_is_kept_is_told_as_lost(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_WAITING", 50)
    async with asyncio.timeout(5), make_client(immich).live.connect() as line:
        await anext(line)
        live_of(immich).write(*[LAST] * 120, f'42["on_asset_trash",["{ID}"]]')
        await until(lambda: line._waiting and isinstance(line._waiting[-1], AssetsTrashed))
        assert len(line._waiting) <= 50
        rest = [await anext(line) for _ in range(len(line._waiting))]
        assert rest[0] == EventsLost()
        assert rest[-1] == AssetsTrashed((ID,))


async def test_a_burst_leaves_the_event_loop_its_turns(immich: FakeImmich, make_client: MakeClient) -> None:
    turns = 0
    async with asyncio.timeout(10), make_client(immich).live.connect() as line:
        await anext(line)
        live_of(immich).write(*[LAST] * 2000)

        async def _turn() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.ensure_future(_turn())
        for _ in range(2000):
            assert await anext(line) == AssetDeleted(ID)
        task.cancel()
    # Twenty messages at once; how they lie in the packets of the line makes it more turns.
    assert turns > 80
