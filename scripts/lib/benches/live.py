"""Live updates: from an upload to the event entity, beside a plain socket; a burst of uploads; requests at rest."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
import os
import statistics
import time
from typing import Any

from aiohttp import ClientSession, FormData
from PIL import Image
import socketio

from custom_components.immich_plus.const import CHANGES_INTERVAL
from tests.fake_immich.burst import upload_burst
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.libraries import scale
from tests.fake_immich.models import Asset
from tests.fake_immich.permissions import permissions

from ..account import set_up_account
from ..client import HomeAssistantClient
from ..immich import Account
from ..services import DemoError
from .home import STALL_LIMIT_MS, Bench
from .memory import MemoryWatch, rss_mb

LIVE_LIMIT_SECONDS = 2.0
MEMORY_LIMIT_MB = 64
WRITES_LIMIT = 2.5
"""Changes of the event entity a second, over a whole burst."""
IDLE_LIMITS = {"live": 0.5, "polling": 2.0}

_KEY = "scale-key"
_NARROW = "narrow-key"
_LIBRARY = 5_000
_CONNECTED_SECONDS = 30.0
_TOLD_SECONDS = 60.0
# One look reads no more than 10,000 changes; the next goes on.
_LOOKS = 2
# What set-up asks for in the background is over then, and nothing is gathered any more.
_QUIET_SECONDS = 3.0
# What a burst left behind is looked at so much later: files are written, answers freed.
_AFTERWARDS_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A change of an event entity: when it was (`time.monotonic`, which all processes share), and what it said."""

    at: float
    kind: str
    count: int
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What Home Assistant told since the last question: changes of entities, and the id of each asset added."""

    changes: Sequence[_Change]
    added: Counter[str]


async def bench_live(bench: Bench, uploads: int, burst: int) -> None:
    """Upload one by one, then many at once."""
    async with FakeImmich(library=scale(_LIBRARY)) as immich:
        print(f"live updates of a library of {_LIBRARY} assets")
        owner = next(iter(immich.state.users.values()))
        async with _account(bench, immich, _KEY):
            await _bench_uploads(bench, immich, uploads)
            for pace, label in ((500.0, "announced, 500 a second"), (None, "announced all at once")):
                await _bench_burst(
                    bench, immich, label, partial(upload_burst, immich, owner, burst, per_second=pace)
                )
        _add_narrow_key(immich)
        async with _account(bench, immich, _NARROW, live=False) as entry_id:

            async def _unheard() -> list[Asset]:
                made = await upload_burst(immich, owner, burst)
                for _ in range(_LOOKS):
                    await _look(bench.client, entry_id)
                    await asyncio.sleep(_QUIET_SECONDS)
                return made

            await _bench_burst(bench, immich, "found by looking, without live updates", _unheard)


def _add_narrow_key(immich: FakeImmich) -> None:
    """Give the owner of a library a key that may do everything but listen."""
    owner = next(iter(immich.state.users.values()))
    narrow = [each for each in permissions(immich.version) if each != "all"]
    immich.state.add_api_key(owner, narrow, name="narrow", secret=_NARROW)


async def _look(client: HomeAssistantClient, entry_id: str) -> None:
    """Have an account look for what happened, as it does every few minutes."""
    rows = await client.command("config/entity_registry/list")
    events = [
        row["entity_id"]
        for row in rows
        if row["config_entry_id"] == entry_id and row["entity_id"].startswith("event.")
    ]
    await client.command(
        "call_service", domain="homeassistant", service="update_entity", service_data={"entity_id": events}
    )


async def bench_idle(bench: Bench, minutes: float) -> None:
    """Count what two accounts ask for that nobody does anything with: one is live, one polls."""
    async with FakeImmich(library=scale(_LIBRARY)) as polling:
        _add_narrow_key(polling)
        async with _account(bench, polling, _NARROW, live=False):
            servers = {"live": bench.immich, "polling": polling}
            for immich in servers.values():
                immich.requests.clear()
            print(f"requests at rest, counted for {minutes:g} minutes")
            await asyncio.sleep(minutes * 60)
            for name, immich in servers.items():
                asked = Counter(entry.route for entry in immich.requests.entries)
                print(
                    f"  {name}: {asked.total() / minutes:.2f} a minute (at most {IDLE_LIMITS[name]}): "
                    f"{', '.join(f'{route} {number}' for route, number in asked.most_common())}"
                )


@asynccontextmanager
async def _account(bench: Bench, immich: FakeImmich, key: str, *, live: bool = True) -> AsyncIterator[str]:
    """Have an account while the block lasts, from when Immich announces to it what happens; gives its entry's id."""
    entry_id = await set_up_account(bench.client, Account(url=immich.url, api_key=key))
    try:
        if live:
            await _until(
                lambda: _is_live(bench.client, entry_id), "Live updates didn't come up.", _CONNECTED_SECONDS
            )
        await asyncio.sleep(_QUIET_SECONDS)
        yield entry_id
    finally:
        await bench.client.request("DELETE", f"/api/config/config_entries/entry/{entry_id}")


async def _is_live(client: HomeAssistantClient, entry_id: str) -> bool:
    rows = await client.command("config/entity_registry/list")
    ids = {row["entity_id"] for row in rows if row["config_entry_id"] == entry_id}
    states = await client.command("get_states")
    return any(
        state["entity_id"] in ids and state["attributes"].get("reason") == "connected" for state in states
    )


async def _until(good: Callable[[], Any], complaint: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not await good():
        if time.monotonic() > end:
            raise DemoError(complaint)
        await asyncio.sleep(0.2)


async def _read(client: HomeAssistantClient) -> _Told:
    found = await client.perform("news_probe.read")
    return _Told(
        changes=[
            _Change(at=at, kind=kind, count=count or 1, first=first)
            for at, kind, count, first in found["changes"]
        ],
        added=Counter(each for kind, each in found["ids"] if kind == "asset_added"),
    )


async def _bench_uploads(bench: Bench, immich: FakeImmich, uploads: int) -> None:
    """Upload one by one, heard by Home Assistant and by a socket of our own."""
    heard: dict[str, float] = {}
    stirred = asyncio.Event()

    def _hear(asset: dict[str, Any]) -> None:
        heard[asset["id"]] = time.monotonic()
        stirred.set()

    await _read(bench.client)
    answered: dict[str, float] = {}
    socket = socketio.AsyncClient(reconnection=False)
    socket.on("on_upload_success", _hear)
    await socket.connect(
        immich.url, headers={"x-api-key": _KEY}, transports=["websocket"], socketio_path="/api/socket.io"
    )
    try:
        async with ClientSession() as session:
            for number in range(uploads):
                asset_id = await _upload(session, immich, number)
                answered[asset_id] = time.monotonic()
                while asset_id not in heard:
                    stirred.clear()
                    await stirred.wait()
                # Each is told by itself: what comes together is told together.
                await asyncio.sleep(0.8)
    finally:
        await socket.disconnect()
    await asyncio.sleep(_QUIET_SECONDS)
    told = {each.first: each.at for each in (await _read(bench.client)).changes if each.kind == "asset_added"}
    if lost := answered.keys() - told.keys():
        raise DemoError(f"{len(lost)} of {uploads} uploads were never told.")
    seconds = [told[each] - at for each, at in answered.items()]
    plain = [heard[each] - at for each, at in answered.items()]
    more = [told[each] - heard[each] for each in answered]
    print(
        f"  from the end of an upload to the event entity, {uploads} times: median {statistics.median(seconds):.2f} s, "
        f"worst {max(seconds):.2f} s (at most {LIVE_LIMIT_SECONDS:g})"
    )
    print(
        f"    a plain socket hears of it after {statistics.median(plain):.2f} s, worst {max(plain):.2f} s: "
        f"Home Assistant {statistics.median(more):.2f} s later, {statistics.median(seconds) / statistics.median(plain):.1f} "
        f"times as late; half a second of that waits for what comes with it"
    )
    print(f"    without live updates: by the next look, at most {CHANGES_INTERVAL.total_seconds():.0f} s")


async def _upload(session: ClientSession, immich: FakeImmich, number: int) -> str:
    content = BytesIO()
    Image.frombytes("RGB", (64, 48), os.urandom(64 * 48 * 3)).save(content, "JPEG")
    form = FormData(
        {"fileCreatedAt": "2026-01-01T00:00:00.000Z", "fileModifiedAt": "2026-01-01T00:00:00.000Z"}
    )
    form.add_field("assetData", content.getvalue(), filename=f"live-{number}.jpg", content_type="image/jpeg")
    async with session.post(f"{immich.url}/api/assets", data=form, headers={"x-api-key": _KEY}) as answer:
        return str((await answer.json())["id"])


async def _bench_burst(
    bench: Bench, immich: FakeImmich, label: str, upload: Callable[[], Awaitable[list[Asset]]]
) -> None:
    """Upload many at once, and compare what was told with what the server has."""
    await bench.client.perform("loop_probe.read")
    await _read(bench.client)
    immich.requests.clear()
    changes: list[_Change] = []
    added: Counter[str] = Counter()

    async def _all_told() -> bool:
        told = await _read(bench.client)
        changes.extend(told.changes)
        added.update(told.added)
        return len(added) >= len(made)

    made: list[Asset] = []
    before = rss_mb(bench.process)
    async with MemoryWatch(bench.process) as memory:
        began = time.monotonic()
        made = await upload()
        try:
            await _until(_all_told, "", _TOLD_SECONDS)
        except DemoError:
            print("    not everything was told in time")
        last = max((each.at for each in changes), default=began)
        await asyncio.sleep(_AFTERWARDS_SECONDS)
        await _all_told()
    stall = await bench.client.perform("loop_probe.read")
    ids = {asset.id for asset in made}
    twice = sum(number - 1 for number in added.values())
    counted = sum(each.count for each in changes if each.kind == "asset_added")
    seconds = max(last - began, 1.0)
    asked = Counter(entry.route for entry in immich.requests.entries)
    print(f"  burst of {len(made)} uploads, {label}")
    print(
        f"    {len(ids & added.keys())} told, {len(ids - added.keys())} lost, {twice} twice, {len(added.keys() - ids)} "
        f"that weren't there; all told {last - began:.1f} s after the first upload"
    )
    print(
        f"    {len(changes)} changes of the event entity, which count {counted}: {len(changes) / seconds:.1f} a second "
        f"(at most {WRITES_LIMIT})"
    )
    print(
        f"    {asked.total()} requests: {', '.join(f'{route} {number}' for route, number in asked.most_common())}"
    )
    print(
        f"    worst stall of Home Assistant's loop {stall['worst_own_ms']:.1f} ms (at most {STALL_LIMIT_MS}), "
        f"{stall['worst_ms']:.1f} ms with Python's own search for garbage; it never worked longer than "
        f"{stall['worst_work_ms']:.1f} ms: the rest is the machine's, which runs the server as well"
    )
    print(
        f"    memory +{memory.growth:.1f} MB at the peak (at most {MEMORY_LIMIT_MB}), "
        f"{rss_mb(bench.process) - before:+.1f} MB afterwards"
    )
