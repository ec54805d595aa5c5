"""A search page of 1,000 assets by the action against the same request by curl and the parsing of its JSON."""

import asyncio
from pathlib import Path
import statistics
import tempfile
import time
from typing import Any

import orjson

from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.libraries import scale
from tests.fake_immich.request_log import LoggedRequest

from ..account import set_up_account
from ..immich import Account
from .home import STALL_LIMIT_MS, Bench

LIBRARY = 5_000
PAGE_SIZE = 1000
SEARCH_LIMIT = 1.3
# Headers that make it the same request; curl makes the others itself.
_HEADERS = ("accept", "accept-encoding", "content-type", "x-api-key")


async def bench_search(bench: Bench, pairs: int) -> None:
    """Alternate curl and the action, which is called inside Home Assistant and gives its whole response there."""
    print(f"search page of {PAGE_SIZE} assets")
    async with FakeImmich(library=scale(LIBRARY)) as immich:
        account = Account(url=immich.url, api_key="scale-key")
        entry_id = await set_up_account(bench.client, account)
        try:
            await _compare(bench, immich, entry_id, pairs)
        finally:
            await bench.client.request("DELETE", f"/api/config/config_entries/entry/{entry_id}")


async def _compare(bench: Bench, immich: FakeImmich, entry_id: str, pairs: int) -> None:
    request = await _request_of_the_action(bench, immich, entry_id)
    ratios: list[float] = []
    curls: list[float] = []
    actions: list[float] = []
    await bench.client.perform("loop_probe.read")
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(pairs):
            curls.append(await _curl_search(immich, request, Path(folder) / "answer.json"))
            actions.append((await _our_search(bench, entry_id))["seconds"])
            ratios.append(actions[-1] / curls[-1])
    stall = await bench.client.perform("loop_probe.read")
    print(
        f"  medians of {pairs} pairs: curl and parsing {statistics.median(curls) * 1000:.0f} ms, "
        f"action {statistics.median(actions) * 1000:.0f} ms"
    )
    print(f"  median {statistics.median(ratios):.2f} times curl and parsing (at most {SEARCH_LIMIT})")
    print(
        f"  worst stall of Home Assistant's loop {stall['worst_own_ms']:.1f} ms (at most {STALL_LIMIT_MS}), "
        f"{stall['worst_ms']:.1f} ms with Python's own search for garbage"
    )


async def _request_of_the_action(bench: Bench, immich: FakeImmich, entry_id: str) -> LoggedRequest:
    """Perform the action a few times, which warms everything up, and return the one search that it sends."""
    for _ in range(3):
        immich.requests.clear()
        await _our_search(bench, entry_id)
    asked = immich.requests.matching("POST search/metadata")
    if len(asked) != 1:
        raise SystemExit(f"The action made {len(asked)} searches for one page.")
    return asked[0]


async def _our_search(bench: Bench, entry_id: str) -> dict[str, Any]:
    """Call the action in Home Assistant; returns `seconds` there and the lengths of the response's lists."""
    data = {"config_entry_id": entry_id, "page_size": PAGE_SIZE}
    done = await bench.client.perform(
        "loop_probe.perform", {"action": "immich_plus.search_assets", "data": data}
    )
    # A full page may leave the assets of its last moment to the next one.
    if not PAGE_SIZE * 0.9 <= done["lengths"]["assets"] <= PAGE_SIZE:
        raise SystemExit(f"The page was not full: {done['lengths']['assets']} assets.")
    found: dict[str, Any] = done
    return found


async def _curl_search(immich: FakeImmich, request: LoggedRequest, answer: Path) -> float:
    """Send the same request with curl and parse its answer; returns the seconds without the start of curl."""
    body = orjson.dumps(request.json)
    if len(body) != request.body_size:
        raise SystemExit("This isn't the body that the client sent.")
    headers = [part for name in _HEADERS for part in ("-H", f"{name}: {request.headers[name]}")]
    curl = await asyncio.create_subprocess_exec(
        "curl",
        "-sS",
        "--fail",
        "--compressed",
        *headers,
        "--data-binary",
        body,
        "-o",
        answer,
        "-w",
        "%{time_total}",
        f"{immich.url}{request.path}",
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await curl.communicate()
    if curl.returncode:
        raise SystemExit("curl could not search.")
    content = await asyncio.to_thread(answer.read_bytes)
    before = time.monotonic()
    found = orjson.loads(content)["assets"]["items"]
    seconds = time.monotonic() - before
    if len(found) != PAGE_SIZE:
        raise SystemExit("curl's page was not full.")
    return float(told) + seconds
