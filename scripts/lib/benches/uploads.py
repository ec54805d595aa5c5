"""Uploads through Home Assistant against curl: throughput, memory, and how long the loop is held up."""

import asyncio
import os
from pathlib import Path
import statistics
import time

from tests.fake_immich.fake import FakeImmich

from ..home_assistant import media_folder
from .home import MEGABYTE, SERVER_BYTES_PER_SECOND, STALL_LIMIT_MS, Bench
from .memory import MemoryWatch

UPLOAD_LIMIT = 0.9
MEMORY_LIMIT_MB = 32


def make_file(path: Path, size: int) -> None:
    """Write a file of `size` bytes that no compression would shrink much."""
    block = os.urandom(MEGABYTE)
    with path.open("wb") as file:
        for start in range(0, size, MEGABYTE):
            file.write(block[: min(MEGABYTE, size - start)])


def make_new(path: Path) -> None:
    """Change a few bytes, so that the server has never seen the file."""
    with path.open("r+b") as file:
        file.write(os.urandom(16))


async def curl_upload(immich: FakeImmich, path: Path) -> float:
    """Upload with curl and return the seconds that it took, its start included."""
    fields = {
        "deviceAssetId": path.name,
        "deviceId": "curl",
        "fileCreatedAt": "2026-01-01T00:00:00.000Z",
        "fileModifiedAt": "2026-01-01T00:00:00.000Z",
        "assetData": f"@{path}",
    }
    form = [part for name, value in fields.items() for part in ("-F", f"{name}={value}")]
    before = time.monotonic()
    curl = await asyncio.create_subprocess_exec(
        "curl",
        "-sS",
        "--fail",
        "-o",
        os.devnull,
        "-H",
        "x-api-key: admin-key",
        *form,
        f"{immich.url}/api/assets",
    )
    if await curl.wait():
        raise SystemExit("curl could not upload.")
    return time.monotonic() - before


async def our_upload(bench: Bench, path: Path) -> tuple[float, float]:
    """Upload through Home Assistant and return the seconds and the growth of its memory in megabytes."""
    async with MemoryWatch(bench.process) as memory:
        before = time.monotonic()
        response = await bench.client.perform("immich_plus.upload", {"path": str(path)})
        seconds = time.monotonic() - before
    if response["assets"][0]["status"] != "created":
        raise SystemExit(f"The upload failed: {response['assets'][0]['error']}")
    return seconds, memory.growth


async def bench_uploads(bench: Bench, size: int, pairs: int) -> None:
    """Alternate curl and the action on a file of `size` bytes."""
    path = media_folder(bench.folder) / "bench.mp4"
    await asyncio.to_thread(make_file, path, size)
    ratios: list[float] = []
    growths: list[float] = []
    print(f"upload of {size // MEGABYTE} MB, server takes {SERVER_BYTES_PER_SECOND // MEGABYTE} MB/s at most")
    # Not counted: imports, the first connection, the page cache.
    await our_upload(bench, path)
    await bench.client.perform("loop_probe.read")
    for pair in range(1, pairs + 1):
        await asyncio.to_thread(make_new, path)
        curl = await curl_upload(bench.immich, path)
        await asyncio.to_thread(make_new, path)
        ours, growth = await our_upload(bench, path)
        ratios.append(curl / ours)
        growths.append(growth)
        print(
            f"  pair {pair}: curl {curl:.2f} s, action {ours:.2f} s: {curl / ours:.2f} of curl, memory +{growth:.1f} MB"
        )
    stall = (await bench.client.perform("loop_probe.read"))["worst_ms"]
    print(f"  median {statistics.median(ratios):.2f} of curl's throughput (at least {UPLOAD_LIMIT})")
    print(f"  memory grew by {max(growths):.1f} MB at the most (at most {MEMORY_LIMIT_MB})")
    print(f"  worst stall of Home Assistant's loop {stall:.1f} ms (at most {STALL_LIMIT_MS})")
    path.unlink()
