"""The benchmarks: uploads against curl, stalls and requests against their limits, in one run.

scripts/bench starts this. Nothing here passes or fails: it prints figures and ratios.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
import gc
from itertools import pairwise
import os
from pathlib import Path
import shutil
import statistics
import sys
import time

import aiohttp
import homeassistant  # noqa: F401 - first, as it puts libraries in place that the integration imports
from yarl import URL

from custom_components.immich_plus.api import Immich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Delay
from tests.fake_immich.libraries import tiny

from .account import remove_accounts, set_up_account
from .client import HomeAssistantClient
from .home_assistant import media_folder, write_configuration
from .immich import Account, start_immich
from .loop_probe import LoopWatch, add_loop_probe
from .paths import cache
from .services import Service, free_port

MEGABYTE = 1_000_000
SERVER_BYTES_PER_SECOND = 200 * MEGABYTE
"""What the server takes at most from an upload, as real ones do."""
UPLOAD_LIMIT = 0.9
MEMORY_LIMIT_MB = 32
STALL_LIMIT_MS = 20
REQUEST_LIMIT = 16
STEP_LIMIT = 3
PAGE_SIZE = 1000
SLOW_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A running Home Assistant with the integration, and the fake Immich that it uses."""

    immich: FakeImmich
    client: HomeAssistantClient
    folder: Path
    process: int


@asynccontextmanager
async def run_home_assistant() -> AsyncIterator[Bench]:
    """Start a fake Immich in this process and a real Home Assistant beside it, with one account."""
    folder = cache() / "bench" / "config"
    shutil.rmtree(folder, ignore_errors=True)
    port = free_port(18123)
    write_configuration(folder, port)
    add_loop_probe(folder)
    async with FakeImmich(library=tiny(), rate=SERVER_BYTES_PER_SECOND, keep_below=0) as immich:
        service = await Service.start(
            "Home Assistant",
            [sys.executable, Path(sys.executable).with_name("hass"), "-c", folder, "--skip-pip"],
            cache() / "bench" / "home-assistant.log",
        )
        try:
            async with HomeAssistantClient(f"http://127.0.0.1:{port}") as client:
                await client.wait_until_up()
                await client.sign_in("Bench", "bench", "bench-immich")
                await client.wait_until_running()
                await remove_accounts(client)
                immich.requests.clear()
                await set_up_account(client, Account(url=immich.url, api_key="admin-key"))
                yield Bench(immich=immich, client=client, folder=folder, process=service.process.pid)
        finally:
            await service.stop()


def rss_mb(process: int) -> float:
    """Return the memory that a process holds, in megabytes (Linux)."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


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
    start_memory = peak = rss_mb(bench.process)

    async def _watch() -> None:
        nonlocal peak
        while True:
            peak = max(peak, rss_mb(bench.process))
            await asyncio.sleep(0.02)

    watcher = asyncio.create_task(_watch())
    before = time.monotonic()
    response = await bench.client.perform("immich_plus.upload", {"path": str(path)})
    seconds = time.monotonic() - before
    watcher.cancel()
    await asyncio.wait([watcher])
    if response["assets"][0]["status"] != "created":
        raise SystemExit(f"The upload failed: {response['assets'][0]['error']}")
    return seconds, peak - start_memory


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


async def bench_set_up(bench: Bench) -> None:
    """Load the account afresh from a server that answers slowly, so that steps of requests show as such."""
    entries = await bench.client.command("config_entries/get", domain="immich_plus")
    bench.immich.requests.clear()
    bench.immich.faults.add("*", Delay(SLOW_SECONDS))
    await bench.client.request("POST", f"/api/config/config_entries/entry/{entries[0]['entry_id']}/reload")
    bench.immich.faults.clear()
    asked = sorted(entry.started for entry in bench.immich.requests.entries)
    steps = 1 + sum(later - earlier > SLOW_SECONDS / 2 for earlier, later in pairwise(asked))
    print(f"set-up: {len(asked)} requests (at most {REQUEST_LIMIT}) in {steps} steps (at most {STEP_LIMIT})")


async def bench_page(pages: int) -> None:
    """Read pages of 1,000 assets of a library of 100,000 and watch the loop meanwhile."""
    immich = await start_immich(free_port(12283), assets=100_000)
    try:
        account = immich.admin
        async with aiohttp.ClientSession() as session:
            client = Immich(session, URL(account.url), account.api_key)
            await client.connect()
            await client.search.page(size=PAGE_SIZE)
            # A search for garbage through all that was imported may begin at any allocation of anybody's. Its time
            # is told apart; what the pages themselves leave behind is still searched.
            before = time.monotonic()
            gc.collect()
            whole_collection = time.monotonic() - before
            gc.freeze()
            seconds: list[float] = []
            async with LoopWatch() as watch:
                for page in range(1, pages + 1):
                    before = time.monotonic()
                    found = await client.search.page(size=PAGE_SIZE, page=page)
                    seconds.append(time.monotonic() - before)
                    if len(found.assets) != PAGE_SIZE:
                        raise SystemExit("A page was not full.")
    finally:
        await immich.service.stop()
    print(
        f"page of {PAGE_SIZE} assets: median {statistics.median(seconds) * 1000:.0f} ms with the server's part"
    )
    print(f"  worst stall of the loop {watch.worst * 1000:.1f} ms (at most {STALL_LIMIT_MS})")
    print(
        f"  not counted: Python's own search of the whole process for garbage, {whole_collection * 1000:.0f} ms"
    )


async def main(arguments: Sequence[str]) -> None:
    """Run all benchmarks, or those that were named."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--size", type=int, default=400, metavar="MB", help="size of the uploaded file")
    parser.add_argument("--pairs", type=int, default=5, help="uploads by curl and by the action, in turn")
    parser.add_argument("--pages", type=int, default=20, help="pages of assets to read")
    options = parser.parse_args(arguments)
    if shutil.which("curl") is None:
        raise SystemExit("scripts/bench needs curl: install it with your system's package manager.")
    await bench_page(options.pages)
    async with run_home_assistant() as bench:
        await bench_set_up(bench)
        await bench_uploads(bench, options.size * MEGABYTE, options.pairs)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
