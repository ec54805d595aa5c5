"""What is tried again, how often and after which pause; and what never is."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from custom_components.immich_plus.api import transport
from custom_components.immich_plus.api.errors import (
    ImmichConnectionError,
    ImmichServerError,
    ImmichTimeoutError,
    ImmichUnavailableError,
)
from custom_components.immich_plus.api.transport import ATTEMPTS, LONGEST_WAIT_SECONDS
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import CloseReused, Drop, Status

from .conftest import MakeClient
from .files import upload_file


class FakeAsyncio:
    """The module `asyncio` with a `sleep` of one's own, for one module alone."""

    def __init__(self, noted: list[float]) -> None:
        self._noted = noted

    def __getattr__(self, name: str) -> object:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        self._noted.append(seconds)


@pytest.fixture(name="pauses")
def pauses_fixture(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    noted: list[float] = []
    monkeypatch.setattr(transport, "asyncio", FakeAsyncio(noted))
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0.5)
    return noted


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
@pytest.mark.parametrize("html", [True, False])
async def test_not_now_is_tried_again(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float], status: int, html: bool
) -> None:
    immich.faults.add("GET users/me", Status(status, html=html), times=ATTEMPTS - 1)
    assert (await make_client(immich).users.me()).name == "Admin"
    assert immich.requests.count() == ATTEMPTS
    assert len(pauses) == ATTEMPTS - 1


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
async def test_in_the_end_it_is_said(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float], status: int
) -> None:
    immich.faults.add("GET users/me", Status(status, html=True))
    with pytest.raises(ImmichUnavailableError) as caught:
        await make_client(immich).users.me()
    assert caught.value.status == status
    assert str(status) in caught.value.text
    assert caught.value.retry_after is None
    assert immich.requests.count() == ATTEMPTS


async def test_pauses_grow_and_differ(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float]
) -> None:
    immich.faults.add("GET users/me", Status(503))
    for _ in range(20):
        with pytest.raises(ImmichUnavailableError):
            await make_client(immich).users.me()
    first, second = pauses[::2], pauses[1::2]
    assert len(set(first)) > 10
    assert all(0.25 <= pause <= 0.75 for pause in first)
    assert all(0.5 <= pause <= 1.5 for pause in second)


@pytest.mark.parametrize("seconds", [0, 1, LONGEST_WAIT_SECONDS])
async def test_retry_after_in_seconds(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float], seconds: int
) -> None:
    immich.faults.add("GET users/me", Status(429, retry_after=seconds), times=1)
    await make_client(immich).users.me()
    assert pauses == [float(seconds)]


async def test_retry_after_as_a_date(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float]
) -> None:
    when = datetime.now(UTC) + timedelta(seconds=10)
    immich.faults.add("GET users/me", Status(503, retry_after=format_datetime(when, usegmt=True)), times=1)
    await make_client(immich).users.me()
    assert len(pauses) == 1
    assert 7 < pauses[0] <= 10


async def test_a_long_retry_after_is_the_callers(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float]
) -> None:
    immich.faults.add("GET users/me", Status(429, retry_after=LONGEST_WAIT_SECONDS + 1))
    with pytest.raises(ImmichUnavailableError) as caught:
        await make_client(immich).users.me()
    assert caught.value.retry_after == LONGEST_WAIT_SECONDS + 1
    assert pauses == []
    assert immich.requests.count() == 1


@pytest.mark.parametrize("at", ["before", "headers", "body"])
@pytest.mark.parametrize("reset", [True, False])
async def test_a_lost_line_is_tried_again(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float], at: str, reset: bool
) -> None:
    immich.faults.add("POST search/metadata", Drop(at=at, reset=reset), times=ATTEMPTS - 1)  # type: ignore[arg-type]
    assert (await make_client(immich).search.added(size=3)).assets
    assert immich.requests.count() == ATTEMPTS


async def test_a_line_that_is_lost_for_good(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float]
) -> None:
    immich.faults.add("*", Drop())
    client = make_client(immich)
    with pytest.raises(ImmichConnectionError):
        await client.search.added()
    assert immich.requests.count() == ATTEMPTS
    await immich.stop()
    with pytest.raises(ImmichConnectionError, match="nothing accepts connections"):
        await client.users.me()


async def test_a_server_that_comes_back_between_tries(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await immich.stop()
    started: list[float] = []

    class Starting(FakeAsyncio):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            await immich.start()

    monkeypatch.setattr(transport, "asyncio", Starting(started))
    assert (await make_client(immich).users.me()).name == "Admin"
    assert len(started) == 1


async def test_changes_are_repeated_where_twice_is_once(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float]
) -> None:
    immich.faults.add("PUT tags", Drop(work=True), times=1)
    tags = await make_client(immich).tags.upsert(["new"])
    assert [tag.value for tag in tags] == ["new"]
    assert len([tag for tag in immich.state.tags.values() if tag.value == "new"]) == 1


@pytest.mark.parametrize(
    "fault", [Drop(), Drop(work=True), Drop(at="headers"), Status(502, html=True), Status(429)]
)
async def test_making_an_album_is_never_repeated(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float], fault: Drop | Status
) -> None:
    immich.faults.add("POST albums", fault)
    with pytest.raises(ImmichConnectionError):
        await make_client(immich).albums.create("Once")
    assert immich.requests.count("POST albums") == 1
    assert pauses == []


@pytest.mark.parametrize(
    "fault", [Drop(), Drop(work=True), Status(502, html=True), Status(503, retry_after=1)]
)
async def test_an_upload_is_never_repeated(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float], fault: Drop | Status
) -> None:
    immich.faults.add("POST assets", fault)
    with pytest.raises(ImmichConnectionError) as caught:
        await make_client(immich).assets.upload(upload_file(b"picture"))
    assert immich.requests.count("POST assets") == 1
    assert pauses == []
    if isinstance(caught.value, ImmichUnavailableError):
        assert caught.value.status in (502, 503)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 500, 501])
async def test_a_refusal_is_not_tried_again(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float], status: int
) -> None:
    immich.faults.add("GET users/me", Status(status))
    with pytest.raises(Exception, match=r".*"):
        await make_client(immich).users.me()
    assert immich.requests.count("GET users/me") == 1


async def test_a_timeout_is_not_tried_again(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    async def _once(*args: object, **options: object) -> None:
        nonlocal calls
        calls += 1
        raise ImmichTimeoutError("no answer in time")

    client = make_client(immich)
    monkeypatch.setattr(client.transport, "_once", _once)
    with pytest.raises(ImmichTimeoutError):
        await client.users.me()
    assert calls == 1


async def test_an_html_500_is_the_proxys(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float]
) -> None:
    immich.faults.add("GET users/me", Status(500, html=True), times=1)
    assert (await make_client(immich).users.me()).name == "Admin"
    immich.faults.add("GET users/me", Status(500), times=1)
    with pytest.raises(ImmichServerError):
        await make_client(immich).users.me()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_connection_closed_while_idle_is_nobodys_error(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float], method: str
) -> None:
    client = make_client(immich)
    await client.users.me()
    immich.faults.add("*", CloseReused())
    if method == "GET":
        await client.users.me()
    elif method == "POST":
        await client.search.added(size=1)
    else:
        await client.tags.upsert(["x"])
    assert immich.faults.hits >= 1


async def test_what_must_not_be_repeated_never_meets_a_used_connection(
    immich: FakeImmich, make_client: MakeClient, pauses: list[float]
) -> None:
    client = make_client(immich)
    await client.users.me()
    immich.faults.add("POST albums", CloseReused())
    immich.faults.add("POST assets", CloseReused())
    for number in range(3):
        await client.albums.create(f"Album {number}")
        await client.assets.upload(upload_file(b"picture %d" % number))
        await client.users.me()
    assert immich.faults.hits == 0
