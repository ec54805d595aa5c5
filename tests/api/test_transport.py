"""Addresses, the key, parameters, bodies and what counts as an answer."""

import asyncio
import json
from typing import override

import aiohttp
from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.immich_plus.api import transport
from custom_components.immich_plus.api.errors import (
    ImmichAuthenticationError,
    ImmichBadAnswerError,
    ImmichNotImmichError,
    ImmichServerError,
)
from custom_components.immich_plus.api.transport import Transport, _query
from tests.conftest import MakeImmich
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Call, Delay, Garble, LoginPage, Proceed

from .conftest import MakeClient, MakeWire
from .wire import always, answer


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("http://h", "http://h/api/server/version"),
        ("http://h/", "http://h/api/server/version"),
        ("https://h:8443/photos", "https://h:8443/photos/api/server/version"),
        ("http://h/a/b/", "http://h/a/b/api/server/version"),
        ("http://h/my%20photos", "http://h/my%20photos/api/server/version"),
        ("http://h/a%2Fb", "http://h/a%2Fb/api/server/version"),
        ("http://[::1]:2283", "http://[::1]:2283/api/server/version"),
    ],
)
async def test_any_sub_path(session: aiohttp.ClientSession, base: str, expected: str) -> None:
    assert str(Transport(session, URL(base), "k").url("server/version")) == expected


@pytest.mark.parametrize("sub_path", ["/photos-app/immich", "/ünï cödé"])
async def test_speaks_below_a_sub_path(
    make_immich: MakeImmich, make_client: MakeClient, sub_path: str
) -> None:
    immich = await make_immich(sub_path=sub_path if sub_path.isascii() else "/%C3%BCn%C3%AF%20c%C3%B6d%C3%A9")
    client = make_client(immich)
    assert (await client.connect()).account.name == "Admin"
    assert all(entry.status == 200 for entry in immich.requests.entries)


async def test_the_key_is_in_the_header_alone(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich, "read-key")
    await client.connect()
    await client.search.added(size=5)
    await client.albums.statistics()
    for entry in immich.requests.entries:
        assert "read-key" not in f"{entry.path}{entry.query}"
        assert [name for name, value in entry.headers.items() if "read-key" in value] in (["x-api-key"], [])
        assert "authorization" not in entry.headers
        assert "cookie" not in entry.headers
        assert entry.path.startswith("/api/")


async def test_public_calls_travel_without_the_key(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.server.version()
    await client.server.id()
    await client.server.media_types()
    assert await client.transport.in_maintenance() is False
    assert immich.requests.count() == 4
    assert all("x-api-key" not in entry.headers for entry in immich.requests.entries)


@pytest.mark.parametrize("key", ["schlüssel", "two\r\nlines", "tab\there", "nul\0", "\x7f", "ключ"])
async def test_a_key_that_no_header_carries_is_a_bad_key(
    immich: FakeImmich, make_client: MakeClient, key: str
) -> None:
    client = make_client(immich, key)
    with pytest.raises(ImmichAuthenticationError) as caught:
        await client.users.me()
    assert key not in str(caught.value)
    assert immich.requests.count() == 0


async def test_an_empty_key_is_a_bad_key(immich: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichAuthenticationError):
        await make_client(immich, "").users.me()


def test_parameters_are_spelt_as_immich_wants_them() -> None:
    assert _query(None) == []
    assert _query({"a": True, "b": False, "c": 1, "d": "x y&z", "e": ["1", "2"], "f": 0}) == [
        ("a", "true"),
        ("b", "false"),
        ("c", "1"),
        ("d", "x y&z"),
        ("e", "1"),
        ("e", "2"),
        ("f", "0"),
    ]


@given(st.dictionaries(st.text(min_size=1), st.text() | st.booleans() | st.integers(), max_size=4))
def test_no_parameter_leaves_its_place(params: dict[str, str | bool | int]) -> None:
    pairs = _query(params)
    assert [key for key, _ in pairs] == list(params)
    assert all(isinstance(value, str) for _, value in pairs)


async def test_json_goes_out_and_comes_back(make_client: MakeClient, make_wire: MakeWire) -> None:
    wire = await make_wire(always(answer(b'{"ok": [1, "\\u00e4"]}', kind="application/problem+json")))
    client = make_client(wire)
    assert await client.transport.send("POST", "things", {"ä": 1}) == {"ok": [1, "ä"]}
    head = wire.heads[0]
    assert head.first_line == "POST /api/things HTTP/1.1"
    assert head.header("Content-Type") == "application/json"
    assert head.header("Content-Length") == str(len(json.dumps({"ä": 1}, ensure_ascii=False).encode()) - 1)
    assert (head.header("Accept") or "").startswith("application/json")


@pytest.mark.parametrize("body", [b"", b"  \r\n "])
async def test_an_empty_answer_is_none(make_client: MakeClient, make_wire: MakeWire, body: bytes) -> None:
    wire = await make_wire(always(answer(body, kind="text/plain")))
    assert await make_client(wire).transport.send("DELETE", "things") is None
    assert wire.heads[0].header("Content-Type") != "application/json"


async def test_gzip_is_understood(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.server.media_types()
    assert "gzip" in immich.requests.entries[0].headers["accept-encoding"]
    assert ".jpg" in (await client.server.media_types()).image


async def test_a_login_page_is_not_immich(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("*", LoginPage())
    client = make_client(immich)
    with pytest.raises(ImmichNotImmichError, match="text/html") as caught:
        await client.users.me()
    assert caught.value.status == 200
    with pytest.raises(ImmichNotImmichError):
        await client.connect()


async def test_the_web_app_is_not_immichs_api(immich: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichNotImmichError):
        await make_client(f"{immich.url}/somewhere/else").server.version()


@pytest.mark.parametrize("body", [b"pong", b"<html>", b"{", b'{"a": nul', b"\xff\xfe{}", b"[" * 5000, b"NaN"])
async def test_broken_json_is_named(make_client: MakeClient, make_wire: MakeWire, body: bytes) -> None:
    wire = await make_wire(always(answer(body)))
    with pytest.raises(ImmichBadAnswerError, match="broken JSON") as caught:
        await make_client(wire).users.me()
    assert not isinstance(caught.value, ImmichNotImmichError)
    assert len(wire.heads) == 1


@pytest.mark.parametrize("keep", [None, 0, 1, 7])
async def test_cut_off_json_is_named(immich: FakeImmich, make_client: MakeClient, keep: int | None) -> None:
    immich.faults.add("GET users/me", Garble(keep=keep))
    with pytest.raises(ImmichBadAnswerError):
        await make_client(immich).users.me()


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", "", "json", "image/png"])
async def test_an_answer_of_another_kind_is_not_immich(
    make_client: MakeClient, make_wire: MakeWire, kind: str
) -> None:
    wire = await make_wire(always(answer(b'{"major":3,"minor":1,"patch":0}', kind=kind)))
    with pytest.raises(ImmichNotImmichError, match="not JSON"):
        await make_client(wire).server.version()


async def test_an_endless_answer_is_left(
    make_client: MakeClient, make_wire: MakeWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "LARGEST_JSON_BYTES", 100_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n"
    wire = await make_wire(always(head, *(b" " * 20_000 for _ in range(40))))
    with pytest.raises(ImmichBadAnswerError, match="too large"):
        await make_client(wire).users.me()


async def test_calls_at_once_are_bounded(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = most = 0

    class Counting(Delay):
        @override
        async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
            nonlocal running, most
            running += 1
            most = max(most, running)
            try:
                return await super().around(call, proceed)
            finally:
                running -= 1

    immich.faults.add("*", Counting(0.02))
    client = make_client(immich)
    await asyncio.gather(*(client.users.me() for _ in range(3 * transport.CALLS_AT_ONCE)))
    assert most == transport.CALLS_AT_ONCE


async def test_places_come_back_after_failures(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    immich.faults.add("GET users/me", Garble())
    outcomes = await asyncio.gather(*(client.users.me() for _ in range(30)), return_exceptions=True)
    assert all(isinstance(outcome, ImmichBadAnswerError) for outcome in outcomes)
    immich.faults.clear()
    hanging = [asyncio.create_task(client.users.me()) for _ in range(20)]
    await asyncio.sleep(0)
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    async with asyncio.timeout(5):
        await asyncio.gather(*(client.users.me() for _ in range(20)))


async def test_an_error_inside_immich_is_its_own(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    immich.state.settings.values.clear()
    with pytest.raises(ImmichServerError) as caught:
        await client.transport.send("POST", "assets/bulk-upload-check", {"assets": []})
    assert caught.value.status == 500
    assert caught.value.correlation_id
