"""The fake as a server: connections, addresses, caching, ranges, maintenance, the log."""

import asyncio
from datetime import UTC, datetime
import socket
import ssl
import time

from aiohttp import ClientConnectorCertificateError, ClientConnectorError, ClientSession, TCPConnector
import pytest

from tests.fake_immich import FakeImmich, libraries
from tests.fake_immich.faults import Status

from .helpers import KEY, ask, jpeg, upload


async def test_a_small_server_starts_at_once() -> None:
    async with FakeImmich():
        pass
    started = time.perf_counter()
    async with FakeImmich() as immich:
        took = time.perf_counter() - started
        assert (await ask(immich, "GET", "server/ping"))[1] == {"res": "pong"}
    assert took < 0.05


async def test_it_goes_away_and_comes_back_on_the_same_port(immich: FakeImmich) -> None:
    before = immich.url
    await immich.stop()
    with pytest.raises(ClientConnectorError):
        await ask(immich, "GET", "server/ping")
    await immich.start()
    assert immich.url == before
    assert (await ask(immich, "GET", "server/ping"))[0] == 200


async def test_the_date_is_that_of_the_librarys_clock(immich: FakeImmich, session: ClientSession) -> None:
    """Whole seconds in GMT, with every kind of answer: JSON, pages, refusals, files and archives."""
    jpeg_id = (await upload(immich, jpeg()))[1]["id"]
    then = datetime(2031, 3, 1, 23, 59, 58, 700_000, tzinfo=UTC)
    immich.state.clock.set(then)
    routes = ["/api/server/ping", "/api/nothing", "/photos", f"/api/assets/{jpeg_id}/original"]
    for route in routes:
        async with session.get(immich.url + route) as response:
            assert response.headers["Date"] == "Sat, 01 Mar 2031 23:59:58 GMT", route
    archive = session.post(f"{immich.url}/api/download/archive", json={"assetIds": [jpeg_id]})
    immich.state.clock.advance(2)
    async with archive as response:
        assert response.headers.getall("Date") == ["Sun, 02 Mar 2031 00:00:00 GMT"]


async def test_idle_connections_are_closed() -> None:
    async with FakeImmich(idle_timeout=0.3) as immich:
        reader, writer = await asyncio.open_connection("127.0.0.1", immich.port)
        writer.write(b"GET /api/server/ping HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"keep-alive: timeout=0.3" in head.lower()
        await reader.readexactly(14)
        assert await asyncio.wait_for(reader.read(), 3) == b""
        writer.close()


async def test_below_a_sub_path() -> None:
    async with FakeImmich(sub_path="/photos-app/immich") as immich:
        assert immich.url.endswith("/photos-app/immich")
        assert (await ask(immich, "GET", "users/me"))[0] == 200
        async with ClientSession() as session:
            async with session.get(f"{immich.url}/.well-known/immich") as response:
                assert await response.json() == {"api": {"endpoint": "/api"}}
            outside = immich.url.removesuffix("/photos-app/immich")
            async with session.get(f"{outside}/api/server/ping") as response:
                assert response.status == 404


async def test_behind_a_self_signed_certificate() -> None:
    async with FakeImmich(tls=True) as immich:
        context = ssl.create_default_context(cadata=immich.certificate)
        url = f"{immich.url}/api/server/ping".replace("127.0.0.1", "localhost")
        async with (
            ClientSession(connector=TCPConnector(ssl=context, family=socket.AF_INET)) as session,
            session.get(url) as response,
        ):
            assert response.status == 200
        async with ClientSession(connector=TCPConnector(family=socket.AF_INET)) as session:
            with pytest.raises(ClientConnectorCertificateError):
                await session.get(url)


async def test_outside_the_api_is_a_page(immich: FakeImmich) -> None:
    async with ClientSession() as session, session.get(f"{immich.url}/photos/1") as response:
        assert response.status == 200
        assert response.content_type == "text/html"


async def test_json_is_not_sent_twice(immich: FakeImmich, session: ClientSession) -> None:
    url = f"{immich.url}/api/users/me"
    async with session.get(url) as response:
        etag = response.headers["ETag"]
    async with session.get(url, headers={"If-None-Match": etag}) as response:
        assert response.status == 304
        assert await response.read() == b""


async def test_ranges_of_originals(immich: FakeImmich, session: ClientSession) -> None:
    content = jpeg()
    _, made = await upload(immich, content)
    url = f"{immich.url}/api/assets/{made['id']}/original"
    for asked, status, expected in (
        ("bytes=0-9", 206, content[:10]),
        ("bytes=-5", 206, content[-5:]),
        (f"bytes=10-{len(content) * 2}", 206, content[10:]),
        ("bytes=0-1,4-5", 200, content),
        ("pages=1-2", 200, content),
        (f"bytes={len(content)}-", 404, b'{"message":"Not Found"}'),
    ):
        async with session.get(url, headers={"Range": asked}) as response:
            assert (response.status, await response.read()) == (status, expected), asked
    async with session.get(url) as response:
        etag = response.headers["ETag"]
        assert etag.startswith('W/"')
    async with session.get(url, headers={"If-None-Match": etag}) as response:
        assert response.status == 304


async def test_maintenance_mode(immich: FakeImmich) -> None:
    assert (await ask(immich, "POST", "admin/maintenance", {"action": "start"}))[0] == 201
    assert await ask(immich, "GET", "server/config") == (200, {"maintenanceMode": True})
    assert (await ask(immich, "GET", "server/version"))[0] == 200
    assert (await ask(immich, "GET", "users/me"))[0] == 404
    assert (await ask(immich, "POST", "admin/maintenance", {"action": "end"}))[0] == 401
    immich.maintenance = False
    assert (await ask(immich, "GET", "users/me"))[0] == 200


async def test_every_request_is_logged(immich: FakeImmich) -> None:
    await ask(immich, "GET", "albums", {"isOwned": "true"})
    await ask(immich, "GET", "assets/abc")
    await ask(immich, "POST", "albums", {"albumName": "x"})
    await ask(immich, "GET", "nothing")
    immich.faults.add("GET users/me", Status(502, html=True))
    await ask(immich, "GET", "users/me")
    assert immich.requests.by_route() == {
        "GET albums": 1,
        "GET assets/{id}": 1,
        "POST albums": 1,
        "GET /api/nothing": 1,
        "GET users/me": 1,
    }
    assert [each.status for each in immich.requests.entries] == [200, 400, 201, 404, 502]
    first = immich.requests.entries[0]
    assert (first.key_name, first.query) == ("full", {"isOwned": "true"})
    assert immich.requests.count("GET *") == 4
    assert immich.requests.count("albums") == 2
    created = immich.requests.matching("POST albums")[0]
    assert (created.json, created.body_size) == ({"albumName": "x"}, len('{"albumName": "x"}'))
    assert first.json is None
    immich.requests.clear()
    assert len(immich.requests) == 0


async def test_a_big_library_counts_quickly() -> None:
    async with FakeImmich(library=libraries.scale(20_000)) as immich:
        key = next(each.secret for each in immich.state.api_keys.values() if "all" in each.permissions)
        async with ClientSession(headers={"x-api-key": key}) as session:
            started = time.perf_counter()
            for path in ("assets/statistics", "server/statistics", "albums/statistics"):
                async with session.get(f"{immich.url}/api/{path}") as response:
                    assert response.status == 200
            assert time.perf_counter() - started < 0.5
        assert immich.state.count() == 20_000


async def test_credentials_in_their_order(immich: FakeImmich) -> None:
    _, login = await ask(
        immich, "POST", "auth/login", {"email": "admin@example.com", "password": "demo"}, key=None
    )
    token = login["accessToken"]
    url = f"{immich.url}/api/users/me"
    for headers, status in (
        ({"Authorization": f"Bearer {token}"}, 200),
        ({"x-immich-user-token": token}, 200),
        ({"Cookie": f"immich_access_token={token}"}, 200),
        ({"Authorization": "Bearer nonsense", **KEY}, 401),
        ({"x-api-key": ""}, 401),
    ):
        async with ClientSession() as session, session.get(url, headers=headers) as response:
            assert response.status == status, headers
