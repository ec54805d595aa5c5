"""Misbehaviour on demand: the fake does what a test tells it to."""

import asyncio
from json import JSONDecodeError
import time

from aiohttp import ClientError, ClientSession, ServerDisconnectedError
import pytest

from tests.fake_immich import FakeImmich
from tests.fake_immich.faults import (
    Change,
    CloseReused,
    Delay,
    Drop,
    Fault,
    Garble,
    LoginPage,
    Redirect,
    Status,
    Trickle,
    missing,
    replaced,
)

from .helpers import ask, jpeg, upload


@pytest.mark.parametrize("status", [401, 403, 404, 408, 413, 429, 500, 502, 504])
async def test_status(immich: FakeImmich, status: int) -> None:
    immich.faults.add("GET albums/statistics", Status(status, "Oops"), times=2)
    for _ in range(2):
        assert await ask(immich, "GET", "albums/statistics") == (status, {"message": "Oops"})
    assert (await ask(immich, "GET", "albums/statistics"))[0] == 200
    assert (await ask(immich, "GET", "albums"))[0] == 200


async def test_a_proxys_page_with_retry_after(immich: FakeImmich, session: ClientSession) -> None:
    immich.faults.add("*", Status(429, html=True, retry_after=3))
    async with session.get(f"{immich.url}/api/albums") as response:
        assert (response.status, response.content_type) == (429, "text/html")
        assert response.headers["Retry-After"] == "3"
        assert "nginx" in await response.text()


async def test_after_and_clear(immich: FakeImmich) -> None:
    immich.faults.add("GET server/*", Status(500), after=1)
    assert [(await ask(immich, "GET", "server/ping"))[0] for _ in range(3)] == [200, 500, 500]
    immich.faults.clear()
    assert (await ask(immich, "GET", "server/ping"))[0] == 200


async def test_delay(immich: FakeImmich) -> None:
    immich.faults.add("GET server/ping", Delay(0.2))
    started = time.monotonic()
    await ask(immich, "GET", "server/ping")
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize("fault", [Drop(), Drop(reset=True), Drop("headers"), Drop("body"), Drop(work=True)])
async def test_dropped_connections(immich: FakeImmich, fault: Fault) -> None:
    # aiohttp repeats a GET by itself once, a POST never.
    immich.faults.add("*", fault, times=1)
    with pytest.raises((ClientError, OSError)):
        await ask(immich, "POST", "auth/validateToken")
    assert (await ask(immich, "POST", "auth/validateToken"))[0] == 200


async def test_dropped_after_the_work_was_done(immich: FakeImmich) -> None:
    immich.faults.add("POST albums", Drop(work=True), times=1)
    with pytest.raises(ServerDisconnectedError):
        await ask(immich, "POST", "albums", {"albumName": "x"})
    assert [each.name for each in immich.state.albums.values()] == ["x"]


async def test_a_download_that_breaks_off(immich: FakeImmich) -> None:
    _, made = await upload(immich, jpeg())
    immich.faults.add("GET assets/{id}/original", Drop("body", after=100))
    with pytest.raises(ClientError):
        await ask(immich, "GET", f"assets/{made['id']}/original")


async def test_closed_when_used_again(immich: FakeImmich) -> None:
    immich.faults.add("*", CloseReused(), times=1)
    async with ClientSession() as session:
        url = f"{immich.url}/api/server/ping"
        async with session.get(url) as response:
            await response.read()
        with pytest.raises((ClientError, OSError)):
            await session.post(url)
        async with session.get(url) as response:
            assert response.status == 200


async def test_login_page(immich: FakeImmich, session: ClientSession) -> None:
    immich.faults.add("*", LoginPage())
    async with session.get(f"{immich.url}/api/users/me") as response:
        assert (response.status, response.content_type) == (200, "text/html")


async def test_redirects(immich: FakeImmich, session: ClientSession) -> None:
    immich.faults.add("GET users/me", Redirect("https://elsewhere.example/"), times=1)
    url = f"{immich.url}/api/users/me"
    async with session.get(url, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "https://elsewhere.example/")
    immich.faults.add("GET users/me", Redirect())
    with pytest.raises(ClientError):
        await session.get(url)


async def test_spoilt_json(immich: FakeImmich) -> None:
    immich.faults.add("GET users/me", Garble(), times=1)
    with pytest.raises(JSONDecodeError):
        await ask(immich, "GET", "users/me")
    immich.faults.add("GET users/me", Garble(text=b"{]"), times=1)
    with pytest.raises(JSONDecodeError):
        await ask(immich, "GET", "users/me")


async def test_changed_members(immich: FakeImmich) -> None:
    immich.faults.add("GET users/me", missing("email"), times=1)
    assert "email" not in (await ask(immich, "GET", "users/me"))[1]
    immich.faults.add("GET users/me", replaced(None, "name"), times=1)
    assert (await ask(immich, "GET", "users/me"))[1]["name"] is None
    immich.faults.add("GET users/me", replaced([1]), times=1)
    assert await ask(immich, "GET", "users/me") == (200, [1])
    immich.faults.add("GET users", Change(lambda users: users[:1]), times=1)
    assert len((await ask(immich, "GET", "users"))[1]) == 1
    assert len((await ask(immich, "GET", "users"))[1]) == 2


async def test_trickle(immich: FakeImmich) -> None:
    immich.faults.add("GET server/ping", Trickle(step=2, pause=0.03))
    started = time.monotonic()
    assert (await ask(immich, "GET", "server/ping"))[1] == {"res": "pong"}
    assert time.monotonic() - started > 0.15


async def test_faults_nest(immich: FakeImmich) -> None:
    immich.faults.add("*", Delay(0.1))
    immich.faults.add("*", Status(503))
    started = time.monotonic()
    assert (await ask(immich, "GET", "users/me"))[0] == 503
    assert time.monotonic() - started >= 0.1


async def test_other_clients_do_not_wait(immich: FakeImmich) -> None:
    immich.faults.add("GET users/me", Delay(0.5))
    slow = asyncio.create_task(ask(immich, "GET", "users/me"))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    await ask(immich, "GET", "albums")
    assert time.monotonic() - started < 0.4
    await slow
