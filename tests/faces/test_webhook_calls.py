"""Calls of the webhook: Immich's are heard, all others get nothing out of it."""

import asyncio
from collections.abc import Callable
import gzip
import json
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.immich_plus.webhook import call as webhook_call
from custom_components.immich_plus.webhook.call import LARGEST_BODY_BYTES, MOST_AT_ONCE
from custom_components.immich_plus.webhook.hints import LONGEST_GAP_SECONDS, Hints
from custom_components.immich_plus.webhook.secrets import HEADER
from tests.pace import later
from tests.passing import let_pass, settle

from .calling import ASSET, Home, call_body, home_fixture, told_of

__all__ = ["home_fixture"]

pytestmark = pytest.mark.usefixtures("no_pauses")

type Looks = Callable[[], int]


@pytest.fixture(name="looks")
def looks_fixture(home: Home, monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Give a function that counts hints."""
    heard: list[None] = []
    monkeypatch.setattr(Hints, "hear", lambda _self: heard.append(None))
    return lambda: len(heard)


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    "body",
    [
        call_body(),
        call_body() | {"trigger": "AssetMetadataExtraction", "more": [1]},
        call_body() | {"trigger": "AssetTagged", "type": "AssetV2"},
        call_body(ASSET.upper(), visibility="archive"),
        call_body(visibility=None),
        call_body(visibility=["locked"]),
    ],
)
async def test_what_immich_says_is_a_hint(home: Home, looks: Looks, method: str, body: Any) -> None:
    entry = await home.account()
    response = await home.call(entry, body, method=method)
    assert (response.status, await response.read()) == (204, b"")
    assert looks() == 1


@pytest.mark.parametrize("visibility", ["hidden", "locked"])
async def test_what_nobody_sees_is_no_hint(home: Home, looks: Looks, visibility: str) -> None:
    entry = await home.account()
    assert (await home.call(entry, call_body(visibility=visibility))).status == 204
    assert looks() == 0


@pytest.mark.parametrize("kind", ["text/plain, application/json", "", "nonsense"])
async def test_the_kind_of_the_body_does_not_matter(home: Home, looks: Looks, kind: str) -> None:
    entry = await home.account()
    headers = {HEADER: (await home.secrets(entry)).token, "Content-Type": kind}
    assert (await home.call(entry, headers=headers)).status == 204
    assert looks() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'"AssetV1"',
        b"[" * 60_000,
        b'{"a":' * 10_000,
        json.dumps(call_body())[:-1].encode(),
        *(
            json.dumps(each).encode()
            for each in (
                {},
                {"type": "AssetV1", "trigger": "AssetCreate"},
                call_body() | {"type": None},
                call_body() | {"trigger": 5},
                call_body() | {"data": []},
                call_body() | {"data": {"asset": None}},
                call_body() | {"data": {"asset": [ASSET]}},
                call_body("../../users/me"),
                call_body(5),  # type: ignore[arg-type]
                call_body(owner=None),  # type: ignore[arg-type]
                call_body("x" * 50_000),
            )
        ),
    ],
)
async def test_nonsense_is_refused(
    home: Home, looks: Looks, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await home.account()
    response = await home.call(entry, body)
    assert (response.status, await response.read()) == (400, b"")
    assert looks() == 0
    assert _complaints(caplog) == []


async def test_another_users_asset_is_refused(home: Home, looks: Looks) -> None:
    entry = await home.account()
    assert (await home.call(entry, call_body(owner=ASSET))).status == 403
    assert looks() == 0


@pytest.mark.parametrize("token", [None, "", "x", "é", "\udcff", "0" * 64, "0" * 6000])
async def test_nobody_gets_in_without_the_second_secret(
    home: Home, looks: Looks, token: str | None, log_of: Callable[[], list[str]]
) -> None:
    entry = await home.account()
    headers = {} if token is None else {HEADER: token}
    for _ in range(3):
        response = await home.call(entry, headers=headers)
        assert (response.status, await response.read()) == (403, b"")
    assert looks() == 0
    (told,) = [line for line in log_of() if "without its secret header" in line]
    known = await home.secrets(entry)
    assert known.token not in told
    assert known.webhook_id not in told


@pytest.mark.parametrize("size", [LARGEST_BODY_BYTES + 1, 4_000_000])
@pytest.mark.parametrize("chunked", [True, False])
async def test_a_large_body_is_not_read(home: Home, looks: Looks, size: int, *, chunked: bool) -> None:
    entry = await home.account()
    body = b" " * size

    async def _pieces() -> Any:
        for start in range(0, size, 50_000):
            yield body[start : start + 50_000]

    response = await home.call(entry, data=_pieces() if chunked else body)
    assert response.status == 413
    assert looks() == 0


async def test_the_largest_body_is_read(home: Home, looks: Looks) -> None:
    entry = await home.account()
    body = json.dumps(call_body())
    assert (await home.call(entry, body + " " * (LARGEST_BODY_BYTES - len(body)))).status == 204
    assert looks() == 1


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (gzip.compress(json.dumps(call_body()).encode()), 204),
        (gzip.compress(b" " * 30_000_000), 413),
        (b"not compressed at all", 400),
    ],
)
async def test_a_compressed_body(
    home: Home, content: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await home.account()
    headers = {HEADER: (await home.secrets(entry)).token, "Content-Encoding": "gzip"}
    assert (await home.call(entry, data=content, headers=headers)).status == status
    assert _complaints(caplog) == []


async def test_a_body_that_never_comes(
    home: Home, looks: Looks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(webhook_call, "BODY_SECONDS", 0.05)
    entry = await home.account()
    assert b"408" in await _raw(home, entry, b"Content-Length: 1000\r\n\r\n{")
    assert looks() == 0
    assert _complaints(caplog) == []


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 1000\r\n\r\n{",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
)
async def test_a_body_that_breaks_off(
    home: Home, looks: Looks, rest: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await home.account()
    await _raw(home, entry, rest, hang_up=True)
    await asyncio.sleep(0.05)
    assert looks() == 0
    assert _complaints(caplog) == []


async def test_many_slow_calls_take_no_more_than_their_places(
    home: Home, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_call, "BODY_SECONDS", 0.5)
    entry = await home.account()
    slow = [
        asyncio.create_task(_raw(home, entry, b"Content-Length: 1000\r\n\r\n{")) for _ in range(MOST_AT_ONCE)
    ]
    await asyncio.sleep(0.2)
    # Whoever knows the secrets is believed that something happened, though nobody has the time to read what.
    assert (await home.call(entry)).status == 429
    assert looks() == 1
    assert all(b"408" in each for each in await asyncio.gather(*slow))
    assert (await home.call(entry)).status == 204
    assert looks() == 2


async def test_calls_without_end_are_not_read_without_end(
    home: Home, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(webhook_call, "monotonic", lambda: now)
    monkeypatch.setattr(webhook_call, "MOST_IN_A_ROW", 3)
    entry = await home.account()
    statuses = [(await home.call(entry, b"{")).status for _ in range(5)]
    assert statuses == [400, 400, 400, 429, 429]
    assert looks() == 2
    now += 2 / webhook_call.MOST_PER_SECOND
    statuses = [(await home.call(entry, b"{")).status for _ in range(3)]
    assert statuses == [400, 400, 429]


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_lead_to_nothing(home: Home, looks: Looks, method: str) -> None:
    entry = await home.account()
    assert (await home.call(entry, method=method)).status in (403, 405)
    assert looks() == 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_a_redirect_leaves_of_a_call_is_a_hint(
    home: Home, looks: Looks, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await home.account()
    caplog.clear()
    assert (await home.call(entry, method=method, headers={})).status == 403
    assert looks() == 0
    assert (await home.call(entry, method=method, data=None)).status == 204
    assert looks() == 1
    known = await home.secrets(entry)
    told = [
        each.getMessage()
        for each in caplog.records
        if each.levelno >= logging.INFO and each.name.startswith(("homeassistant", "custom_components"))
    ]
    assert not [line for line in told if known.webhook_id in line]


async def test_a_call_from_far_away(home: Home, looks: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeassistant.util.network.is_local", lambda _address: False)
    entry = await home.account()
    await home.call(entry)
    assert looks() == 0
    hass = home.hass
    hass.config_entries.async_update_entry(entry, options={**entry.options, "webhook_remote": True})
    await settle(hass)
    assert (await home.call(entry)).status == 204
    assert looks() == 1


async def test_a_call_through_home_assistants_own_socket(
    home: Home, looks: Looks, hass_ws_client: WebSocketGenerator
) -> None:
    entry = await home.account()
    known = await home.secrets(entry)
    socket = await hass_ws_client(home.hass)
    for headers, status in (({}, 403), ({HEADER: known.token}, 204)):
        await socket.send_json_auto_id(
            {
                "type": "webhook/handle",
                "webhook_id": known.webhook_id,
                "method": "POST",
                "headers": headers,
                "body": json.dumps(call_body()),
            }
        )
        assert (await socket.receive_json())["result"]["status"] == status
    assert looks() == 1


async def test_nothing_of_a_call_is_believed(
    hass: HomeAssistant, home: Home, still_clock: FrozenDateTimeFactory
) -> None:
    """An asset that isn't there is told nowhere, and a call said twice tells nothing twice."""
    told = told_of(hass)
    entry = await home.account()
    asset_id = await home.upload()
    for _ in range(3):
        assert (await home.call(entry, call_body(asset_id))).status == 204
        assert (await home.call(entry)).status == 204
    for _ in range(5):
        await let_pass(hass, still_clock, seconds=10)
    assert told == [asset_id]


async def test_a_thousand_calls_cost_a_handful_of_looks(hass: HomeAssistant, home: Home) -> None:
    """As Immich makes them after a large import: five at a time, as fast as they are answered."""
    entry = await home.account()
    changes = entry.runtime_data.changes
    look, looks = changes._look, 0

    async def _counted() -> Any:
        nonlocal looks
        looks += 1
        return await look()

    changes._look = _counted
    places = asyncio.Semaphore(5)

    async def _call() -> int:
        async with places:
            return (await home.call(entry)).status

    statuses = await asyncio.gather(*(_call() for _ in range(1000)))
    assert set(statuses) <= {204, 429}
    await later(hass, seconds=LONGEST_GAP_SECONDS + 1)
    assert 1 <= looks <= 6


def _complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the errors that were logged, but for those of the web server about what is no HTTP."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.ERROR and record.name != "aiohttp.server"
    ]


async def _raw(home: Home, entry: MockConfigEntry, rest: bytes, *, hang_up: bool = False) -> bytes:
    """Call byte by byte, and return what is answered until the end."""
    known = await home.secrets(entry)
    url = home.client.make_url(webhook.async_generate_path(known.webhook_id))
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {url.path} HTTP/1.1\r\nHost: x\r\n{HEADER}: {known.token}\r\n"
    writer.write(head.encode() + rest)
    await writer.drain()
    if not hang_up:
        answer = await reader.readuntil(b"\r\n\r\n")
    else:
        await asyncio.sleep(0.05)
        answer = b""
    writer.close()
    return answer
