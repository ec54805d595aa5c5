"""The requests that it takes to set an account up, and how many steps of them."""

from itertools import pairwise

from tests.fake_immich.faults import Delay

from .home import Bench

REQUEST_LIMIT = 16
STEP_LIMIT = 3
SLOW_SECONDS = 0.2


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
