"""The socket.io side: who is let in, what is said, how it ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientConnectionError, ClientSession, WSServerHandshakeError
import pytest
import socketio

from tests.fake_immich import FakeImmich, libraries

from .helpers import ask


class Log(list[tuple[Any, ...]]):
    """What a client has heard, and when something new came."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    def add(self, *entry: Any) -> None:
        self.append(entry)
        self.changed.set()


SOCKET = "/api/socket.io/?EIO=4&transport="


@asynccontextmanager
async def listen(immich: FakeImmich, **headers: str) -> AsyncGenerator[Log]:
    """Connect and log what comes."""
    log = Log()
    client = socketio.AsyncClient(reconnection=False)
    client.on("connect", lambda: log.add("connect"))
    client.on("disconnect", lambda reason: log.add("disconnect", reason))
    client.on("*", log.add)
    path = f"{immich.sub_path}/api/socket.io"
    await client.connect(immich.url, headers=headers, transports=["websocket"], socketio_path=path)
    try:
        yield log
    finally:
        await client.disconnect()


async def heard(log: Log, event: str, count: int = 1) -> None:
    """Wait until an event has come so often."""
    async with asyncio.timeout(5):
        while sum(each[0] == event for each in log) < count:
            log.changed.clear()
            await log.changed.wait()


@pytest.fixture
async def tiny() -> AsyncGenerator[FakeImmich]:
    """Run a server with the tiny library."""
    async with FakeImmich(library=libraries.tiny()) as immich:
        yield immich


async def test_full_key_hears_the_version_first(tiny: FakeImmich) -> None:
    async with listen(tiny, **{"x-api-key": "admin-key"}) as log:
        await heard(log, "on_server_version")
        version = {"major": 3, "minor": 1, "patch": 0, "prerelease": None}
        assert log == [("connect",), ("on_server_version", version)]


@pytest.mark.parametrize("headers", [{"x-api-key": "wrong"}, {"x-api-key": "read-key"}, {}])
async def test_refused_keys_look_connected_first(tiny: FakeImmich, headers: dict[str, str]) -> None:
    async with listen(tiny, **headers) as log:
        await heard(log, "disconnect")
        assert log == [("connect",), ("error", "unauthorized"), ("disconnect", "server disconnect")]


async def test_keys_in_the_query_do_not_count(tiny: FakeImmich) -> None:
    async with (
        ClientSession() as session,
        session.ws_connect(f"{tiny.url}{SOCKET}websocket&apiKey=admin-key") as socket,
    ):
        assert (await socket.receive_str()).startswith('0{"sid":')
        await socket.send_str("40")
        said = [await socket.receive_str() for _ in range(3)]
        assert said[0].startswith("40{")
        assert said[1:] == ['42["error","unauthorized"]', "41"]


async def test_only_websocket_and_only_the_path_with_its_slash(tiny: FakeImmich) -> None:
    assert await ask(tiny, "GET", "socket.io/", {"EIO": "4", "transport": "polling"}) == (
        400,
        {"code": 0, "message": "Transport unknown"},
    )
    assert await ask(tiny, "GET", "socket.io/", {"EIO": "4", "transport": "websocket"}) == (
        400,
        {"code": 3, "message": "Bad request"},
    )
    path = SOCKET.replace("io/?", "io?")
    async with ClientSession(headers={"x-api-key": "admin-key"}) as session:
        with pytest.raises((ClientConnectionError, WSServerHandshakeError)):
            await session.ws_connect(f"{tiny.url}{path}websocket")


async def test_version_goes_to_all_sockets_of_the_user(tiny: FakeImmich) -> None:
    async with (
        listen(tiny, **{"x-api-key": "admin-key"}) as first,
        listen(tiny, **{"x-api-key": "user-key"}) as other,
        listen(tiny, **{"x-api-key": "admin-key"}) as second,
    ):
        await heard(first, "on_server_version", 2)
        await heard(second, "on_server_version")
        await heard(other, "on_server_version")
        assert [each[0] for each in other] == ["connect", "on_server_version"]


async def test_an_available_release_is_announced(tiny: FakeImmich) -> None:
    tiny.state.settings.release_version = "v3.3.5"
    tiny.state.settings.checked_at = tiny.state.now()
    async with listen(tiny, **{"x-api-key": "admin-key"}) as log:
        await heard(log, "on_new_release")
        news = log[-1][1]
        assert news["isAvailable"] is True
        assert news["releaseVersion"]["minor"] == 3


async def test_a_deleted_key_goes_on_hearing(tiny: FakeImmich) -> None:
    async with listen(tiny, **{"x-api-key": "admin-key"}) as log:
        await heard(log, "on_server_version")
        key = tiny.state.key_by_secret("admin-key")
        assert key is not None
        del tiny.state.api_keys[key.id]
        tiny.state.emit("on_asset_trash", key.user_id, ["id"])
        await heard(log, "on_asset_trash")
        assert log[-1] == ("on_asset_trash", ["id"])


async def test_a_session_hears_of_its_own_end_only(tiny: FakeImmich) -> None:
    values = {"email": "admin@example.com", "password": "demo"}
    tokens = [(await ask(tiny, "POST", "auth/login", values, key=None))[1]["accessToken"] for _ in range(2)]
    async with (
        listen(tiny, authorization=f"Bearer {tokens[0]}") as ended,
        listen(tiny, authorization=f"Bearer {tokens[1]}") as other,
    ):
        headers = {"authorization": f"Bearer {tokens[0]}"}
        await ask(tiny, "POST", "auth/logout", key=None, headers=headers)
        await heard(ended, "on_session_delete")
        tiny.state.emit("on_config_update", None)
        await heard(other, "on_config_update")
        assert "on_session_delete" not in [each[0] for each in other]


async def test_a_restart_into_maintenance_closes_sockets(tiny: FakeImmich) -> None:
    async with listen(tiny, **{"x-api-key": "user-key"}) as log:
        await heard(log, "on_server_version")
        tiny.state.emit("AppRestartV1", None, {"isMaintenanceMode": True})
        await heard(log, "disconnect")
        assert log[-2] == ("AppRestartV1", {"isMaintenanceMode": True})
        # Anything else would tell the client not to come back.
        assert log[-1][1] != "server disconnect"


async def test_in_maintenance_everybody_is_let_in_and_nothing_is_said(tiny: FakeImmich) -> None:
    tiny.maintenance = True
    async with listen(tiny, **{"x-api-key": "wrong"}) as log:
        await asyncio.sleep(0.05)
        assert log == [("connect",)]


@pytest.mark.parametrize(("version", "comes"), [("2.7.5", False), ("3.0.3", False), ("3.1.0", True)])
async def test_album_updates_came_with_3_1(version: str, *, comes: bool) -> None:
    async with (
        FakeImmich(version=version, library=libraries.tiny()) as immich,
        listen(immich, **{"x-api-key": "admin-key"}) as log,
    ):
        await heard(log, "on_server_version")
        assert ("prerelease" in log[-1][1]) is (version >= "3")
        user_id = next(iter(immich.state.users))
        immich.state.emit("on_album_update", user_id, "album")
        immich.state.emit("on_config_update", None)
        await heard(log, "on_config_update")
        assert (("on_album_update", "album") in log) is comes


async def test_below_a_sub_path_and_after_a_restart() -> None:
    async with FakeImmich(library=libraries.tiny(), sub_path="/photos/immich") as immich:
        async with listen(immich, **{"x-api-key": "admin-key"}) as log:
            await heard(log, "on_server_version")
            await immich.stop()
            await heard(log, "disconnect")
        await immich.start()
        async with listen(immich, **{"x-api-key": "admin-key"}) as log:
            await heard(log, "on_server_version")
            assert immich.live is not None
            assert len(immich.live.sockets) == 1
        assert immich.requests.count("GET socket.io") == 2
