"""Folders of the media browser against the requests that they cost, beside the built-in integration."""

import asyncio
from dataclasses import dataclass
import os
import statistics
import time
from typing import Any

import orjson

from ..account import set_up_account
from .built_in import built_in_account
from .home import STALL_LIMIT_MS, Bench
from .large_immich import ALBUM_SIZE, LIBRARY, USER_ID, Asked, LargeImmich, run_large_immich

BROWSE_LIMIT = 1.5
BYTES_LIMIT_KB = 200
_ROOT = f"media-source://immich_plus/{USER_ID}"
# Headers that make it the same request; curl makes the others itself.
_HEADERS = ("accept", "accept-encoding", "content-type", "x-api-key")
# What set-up asks for in the background is over then.
_QUIET_SECONDS = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """A folder that was opened: the time until the browser had it, its size there, and what the server was asked."""

    seconds: float
    children: int
    size: int
    asked: list[Asked]


async def bench_browse(bench: Bench, openings: int) -> None:
    """Open months and an album of a large library, by ours and by the built-in integration."""
    async with run_large_immich() as immich:
        entry_id = await set_up_account(bench.client, immich.account)
        try:
            await _bench_months(bench, immich, entry_id, openings)
            await _bench_largest(bench, immich)
            await _bench_albums(bench, immich, entry_id, openings)
        finally:
            await bench.client.request("DELETE", f"/api/config/config_entries/entry/{entry_id}")


async def _bench_months(bench: Bench, immich: LargeImmich, entry_id: str, openings: int) -> None:
    print(f"opening a month of a library of {LIBRARY} assets, each time another one")
    months = iter([f"{year}/{month:02}" for month in (3, 5, 8, 10) for year in range(2005, 2025)])
    # Not counted: imports, and the first connection.
    await _open(bench, immich, f"{_ROOT}/timeline/{next(months)}")
    for label, cold in (("nothing known yet", True), ("months counted already", False)):
        ratios: list[float] = []
        more: list[float] = []
        stalls: list[float] = []
        opened: list[_Opening] = []
        for _ in range(openings):
            if cold:
                await _forget(bench, entry_id)
            await immich.asked()
            await bench.client.perform("loop_probe.read")
            opened.append(await _open(bench, immich, f"{_ROOT}/timeline/{next(months)}"))
            stalls.append((await bench.client.perform("loop_probe.read"))["worst_own_ms"])
            direct = await _curl(immich, opened[-1].asked)
            ratios.append(opened[-1].seconds / direct)
            more.append(opened[-1].seconds - direct)
        print(f"  {label}: {_told(opened)}")
        print(
            f"    median {statistics.median(ratios):.2f} times curl with the same requests (at most {BROWSE_LIMIT}), "
            f"{statistics.median(more) * 1000:.0f} ms more"
        )
        print(f"    worst stall of Home Assistant's loop {max(stalls):.1f} ms (at most {STALL_LIMIT_MS})")


async def _bench_largest(bench: Bench, immich: LargeImmich) -> None:
    """Open a full page of a folder that has many."""
    largest = await _open(bench, immich, f"{_ROOT}/videos/=1-1")
    print(
        f"  largest folder: {largest.children} children, {largest.size / 1024:.0f} KB to the browser "
        f"(at most {BYTES_LIMIT_KB})"
    )


async def _bench_albums(bench: Bench, immich: LargeImmich, entry_id: str, openings: int) -> None:
    """Open the same album in both integrations in turn, ours with nothing known."""
    print(f"opening an album of {ALBUM_SIZE} assets")
    async with built_in_account(bench, immich.account) as runs:
        folders = {"Immich Plus": f"{_ROOT}/albums/{immich.album}"}
        if runs:
            folders["built-in"] = f"media-source://immich/{USER_ID}|albums|{immich.album}"
        opened: dict[str, list[_Opening]] = {name: [] for name in folders}
        stalls: dict[str, float] = dict.fromkeys(folders, 0.0)
        direct: dict[str, list[float]] = {name: [] for name in folders}
        for folder in folders.values():
            await _open(bench, immich, folder)
        for _ in range(openings):
            await _forget(bench, entry_id)
            for name, folder in folders.items():
                await immich.asked()
                await bench.client.perform("loop_probe.read")
                opened[name].append(await _open(bench, immich, folder))
                stall = (await bench.client.perform("loop_probe.read"))["worst_own_ms"]
                stalls[name] = max(stalls[name], stall)
                direct[name].append(await _curl(immich, opened[name][-1].asked))
        for name in folders:
            print(f"  {name}: {_told(opened[name])}")
            print(
                f"    curl with the same requests {statistics.median(direct[name]) * 1000:.0f} ms; "
                f"worst stall of Home Assistant's loop {stalls[name]:.1f} ms"
            )


async def _forget(bench: Bench, entry_id: str) -> None:
    """Load the account afresh, which forgets all that was listed."""
    await bench.client.request("POST", f"/api/config/config_entries/entry/{entry_id}/reload")
    await asyncio.sleep(_QUIET_SECONDS)


async def _open(bench: Bench, immich: LargeImmich, folder: str) -> _Opening:
    before = time.monotonic()
    result: dict[str, Any] = await bench.client.command("media_source/browse_media", media_content_id=folder)
    seconds = time.monotonic() - before
    children = len(result["children"])
    if children < ALBUM_SIZE * 0.8:
        raise SystemExit(f"Only {children} children are in {folder}.")
    return _Opening(
        seconds=seconds, children=children, size=len(orjson.dumps(result)), asked=await immich.asked()
    )


def _told(opened: list[_Opening]) -> str:
    """Say in a line what several openings cost; of the requests, those that most of them made."""
    routes = statistics.mode(tuple(each.route for each in opening.asked) for opening in opened)
    return (
        f"median {statistics.median(each.seconds for each in opened) * 1000:.0f} ms of {len(opened)}, "
        f"{statistics.median(each.children for each in opened):.0f} children, "
        f"{max(each.size for each in opened) / 1024:.0f} KB, {len(routes)} requests ({', '.join(routes)})"
    )


async def _curl(immich: LargeImmich, asked: list[Asked]) -> float:
    """Send the same requests with curl, one after the other on one connection; returns their seconds."""
    command = ["curl", "-sS", "--fail"]
    for number, request in enumerate(asked):
        if number:
            command += ["--next", "-sS", "--fail"]
        command += ["--compressed", "-o", os.devnull, "-w", "%{time_total}\n"]
        command += [part for name in _HEADERS if name in request.headers for part in _header(name, request)]
        if request.json is not None:
            body = orjson.dumps(request.json)
            if len(body) != request.body_size:
                raise SystemExit("This isn't the body that the client sent.")
            command += ["--data-binary", body.decode()]
        command += ["-X", request.method, f"{immich.account.url}{request.path}"]
    curl = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await curl.communicate()
    if curl.returncode:
        raise SystemExit("curl could not ask what the browser asked.")
    await immich.asked()
    return sum(float(line) for line in told.split())


def _header(name: str, request: Asked) -> tuple[str, str]:
    return "-H", f"{name}: {request.headers[name]}"
