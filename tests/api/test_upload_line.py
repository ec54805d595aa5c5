"""Uploads on bad lines: stalls, early answers, sources that fail, and memory."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
import gc
import time
import tracemalloc

import pytest

from custom_components.immich_plus.api import progress, transport
from custom_components.immich_plus.api.errors import (
    ImmichAuthenticationError,
    ImmichBadRequestError,
    ImmichConnectionError,
    ImmichError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichTimeoutError,
    ImmichTooLargeError,
)
from custom_components.immich_plus.api.progress import ProgressGuard
from custom_components.immich_plus.api.upload_form import UploadFile
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Delay, Drop, Status

from .conftest import MakeClient, MakeWire
from .files import TAKEN, upload_file
from .wire import Head, answer

MEGABYTE = 1024 * 1024


def generated(size: int, *, says: int | None = None, pause: float = 0.0) -> UploadFile:
    """Return a file that is made while it is sent, and may say another size than it has."""

    async def _open() -> AsyncGenerator[bytes]:
        piece = bytes(256 * 1024)
        left = size
        while left:
            await asyncio.sleep(pause)
            yield piece[:left]
            left -= min(left, len(piece))

    return UploadFile(
        filename="film.mp4",
        size=size if says is None else says,
        sha1="0" * 40,
        created_at=TAKEN,
        modified_at=TAKEN,
        open=_open,
    )


async def test_nothing_is_held_in_memory(make_immich: MakeImmich, make_client: MakeClient) -> None:
    immich = await make_immich(keep_below=1)
    size = 200 * MEGABYTE
    tracemalloc.start()
    try:
        uploaded = await make_client(immich).assets.upload(generated(size))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert immich.state.assets[uploaded.asset_id].exif.file_size == size
    # Both ends are in this process: the fake's buffers count, too.
    assert peak < 12 * MEGABYTE


async def test_a_stall_is_noticed(
    make_client: MakeClient, make_wire: MakeWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "STALL_SECONDS", 0.1)

    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    wire = await make_wire(_respond)
    client = make_client(wire)
    client._version_known = True
    started = time.monotonic()
    with pytest.raises(ImmichTimeoutError, match="the upload stopped moving"):
        await client.assets.upload(generated(64 * MEGABYTE))
    assert 0.1 <= time.monotonic() - started < 2
    assert client._version_known is False


async def test_a_source_that_stalls_is_a_stall(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "STALL_SECONDS", 0.1)
    with pytest.raises(ImmichTimeoutError):
        await make_client(immich).assets.upload(generated(MEGABYTE, pause=0.3))


async def test_slow_progress_is_no_stall(
    make_immich: MakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "STALL_SECONDS", 0.3)
    immich = await make_immich(keep_below=1)
    started = time.monotonic()
    await make_client(immich).assets.upload(generated(4 * MEGABYTE, pause=0.03))
    assert time.monotonic() - started > 0.4


async def test_the_server_may_take_its_time_for_the_answer(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "STALL_SECONDS", 0.15)
    immich.faults.add("POST assets", Delay(0.3))
    assert (await make_client(immich).assets.upload(upload_file())).asset_id


async def test_but_not_for_ever(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "ANSWER_SECONDS", 0.05)
    immich.faults.add("POST assets", Delay(0.3))
    with pytest.raises(ImmichTimeoutError):
        await make_client(immich).assets.upload(upload_file())


async def test_a_guard_survives_late_reports() -> None:
    guard = ProgressGuard()
    async with guard:
        guard.moved(3)
    guard.moved(4)
    guard.finished()
    assert guard.sent == 7


async def test_a_guard_that_is_ending_stays_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "STALL_SECONDS", 0.01)
    guard = ProgressGuard()
    with pytest.raises(TimeoutError):  # noqa: PT012 (the guard ends it)
        async with guard:
            try:
                await asyncio.sleep(1)
            finally:
                guard.moved(1)


@pytest.mark.parametrize(
    "trouble",
    [
        OSError(5, "Input/output error"),
        FileNotFoundError(2, "gone"),
        TimeoutError("disk"),
        RuntimeError("mine"),
        ImmichBadRequestError("mine"),
        ConnectionResetError("nfs"),
    ],
)
@pytest.mark.parametrize("sent", [0, 3 * MEGABYTE])
async def test_what_the_source_raises_comes_out_as_itself(
    immich: FakeImmich, make_client: MakeClient, trouble: Exception, sent: int
) -> None:
    async def _open() -> AsyncGenerator[bytes]:
        if sent:
            yield bytes(sent)
        raise trouble

    before = len(immich.state.assets)
    with pytest.raises(type(trouble)) as caught:
        await make_client(immich).assets.upload(upload_file(size=5 * MEGABYTE, open=_open))
    assert caught.value is trouble
    assert len(immich.state.assets) == before


@pytest.mark.parametrize(
    ("real", "says"), [(10, 20), (20, 10), (0, 5), (MEGABYTE, MEGABYTE + 1), (300_000, 262_144)]
)
async def test_a_file_that_changes_its_size_is_not_registered(
    immich: FakeImmich, make_client: MakeClient, real: int, says: int
) -> None:
    before = len(immich.state.assets)
    with pytest.raises(ImmichBadRequestError, match="the file changed while it was being sent"):
        await make_client(immich).assets.upload(generated(real, says=says))
    await immich.settle()
    assert len(immich.state.assets) == before


async def test_a_file_that_grows_for_ever_is_left(immich: FakeImmich, make_client: MakeClient) -> None:
    async def _open() -> AsyncGenerator[bytes]:
        while True:
            yield bytes(1000)
            await asyncio.sleep(0)

    async with asyncio.timeout(5):
        with pytest.raises(ImmichBadRequestError, match="the file changed"):
            await make_client(immich).assets.upload(upload_file(size=5000, open=_open))


async def test_the_source_is_closed_whatever_happens(immich: FakeImmich, make_client: MakeClient) -> None:
    opened = closed = 0

    async def _open() -> AsyncGenerator[bytes]:
        nonlocal opened, closed
        opened += 1
        try:
            for _ in range(40):
                yield bytes(256 * 1024)
        finally:
            closed += 1

    file = upload_file(size=40 * 256 * 1024, open=_open)
    client = make_client(immich)
    await client.assets.upload(file)
    for fault in (Drop(reset=True), Status(413, html=True)):
        immich.faults.add("POST assets", fault, times=1)
        with pytest.raises(ImmichError):
            await client.assets.upload(file)
    cancelled = asyncio.create_task(client.assets.upload(file))
    await asyncio.sleep(0.005)
    cancelled.cancel()
    with suppress(asyncio.CancelledError):
        await cancelled
    gc.collect()
    await asyncio.sleep(0.02)
    assert opened >= 3
    assert closed == opened


REFUSALS = [
    ("413 Payload Too Large", "text/html", b"<html>too large</html>", ImmichTooLargeError),
    ("401 Unauthorized", "application/json", b'{"message":"Invalid API key"}', ImmichAuthenticationError),
    (
        "403 Forbidden",
        "application/json",
        b'{"message":"Missing required permission: asset.upload"}',
        ImmichPermissionError,
    ),
    ("403 Forbidden", "text/html", b"<html>WAF</html>", ImmichNotImmichError),
]


@pytest.mark.parametrize(("status", "kind", "body", "expected"), REFUSALS)
@pytest.mark.parametrize("taken", [0, MEGABYTE])
async def test_an_answer_before_the_body_was_read(
    make_client: MakeClient,
    make_wire: MakeWire,
    status: str,
    kind: str,
    body: bytes,
    expected: type[ImmichError],
    taken: int,
) -> None:
    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if taken:
            await reader.readexactly(taken)
        writer.write(answer(body, "Connection: close", status=status, kind=kind))
        await writer.drain()
        # As proper servers do: let the rest run into nothing for a while, so that the answer can be read.
        async with asyncio.timeout(0.3):
            while await reader.read(65536):
                pass

    wire = await make_wire(_respond)
    with pytest.raises(expected):
        await make_client(wire).assets.upload(generated(64 * MEGABYTE))
    assert wire.connections == 1


@pytest.mark.parametrize(("status", "kind", "body", "expected"), REFUSALS)
async def test_an_answer_and_a_slammed_door(
    make_client: MakeClient,
    make_wire: MakeWire,
    status: str,
    kind: str,
    body: bytes,
    expected: type[ImmichError],
) -> None:
    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(body, status=status, kind=kind))
        await writer.drain()
        writer.transport.abort()

    wire = await make_wire(_respond)
    # The reset may overtake the answer; then the caller asks what arrived, and hears it there.
    with pytest.raises((expected, ImmichConnectionError)):
        await make_client(wire).assets.upload(generated(64 * MEGABYTE))


async def test_a_line_that_breaks_while_sending(make_client: MakeClient, make_wire: MakeWire) -> None:
    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(MEGABYTE)
        writer.transport.abort()

    wire = await make_wire(_respond)
    with pytest.raises(ImmichConnectionError) as caught:
        await make_client(wire).assets.upload(generated(64 * MEGABYTE))
    assert not isinstance(caught.value, ImmichTimeoutError)


@pytest.mark.parametrize("early", [-0.02, -0.004, 0.0, 0.002, 0.004, 0.008])
async def test_around_the_moment_when_the_server_closes_idle_connections(
    make_immich: MakeImmich, make_client: MakeClient, early: float
) -> None:
    immich = await make_immich(idle_timeout=0.1)
    client = make_client(immich)
    before = len(immich.state.assets)
    await client.users.me()
    await asyncio.sleep(0.1 + early)
    await client.users.me()
    await asyncio.sleep(0.1 + early)
    await client.assets.upload(upload_file(b"idle"))
    await asyncio.sleep(0.1 + early)
    await client.albums.create("idle")
    assert immich.requests.count("POST assets") == 1
    assert immich.requests.count("POST albums") == 1
    assert len(immich.state.assets) == before + 1


async def test_uploads_at_once_are_bounded_and_take_no_places_from_calls(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    immich.faults.add("POST assets", Delay(0.3))
    client = make_client(immich)
    uploads = [
        asyncio.create_task(client.assets.upload(upload_file(b"many %d" % number)))
        for number in range(transport.UPLOADS_AT_ONCE + 2)
    ]
    for _ in range(10):
        await asyncio.sleep(0.01)
        if immich.requests.count("POST assets") >= transport.UPLOADS_AT_ONCE:
            break
    assert immich.requests.count("POST assets") == transport.UPLOADS_AT_ONCE
    await client.users.me()
    assert not any(task.done() for task in uploads)
    assert len({uploaded.asset_id for uploaded in await asyncio.gather(*uploads)}) == len(uploads)
