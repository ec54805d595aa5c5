"""Pages of assets read by the client alone: how long the loop is held up."""

import gc
import statistics
import time

import aiohttp
import homeassistant  # noqa: F401 - first, as it puts libraries in place that the integration imports
from yarl import URL

from custom_components.immich_plus.api import Immich
from custom_components.immich_plus.api.query import AssetQuery

from ..immich import start_immich
from ..loop_probe import LoopWatch
from ..services import free_port
from .home import STALL_LIMIT_MS

PAGE_SIZE = 1000


async def bench_page(pages: int) -> None:
    """Read pages of 1,000 assets of a library of 100,000 and watch the loop meanwhile."""
    immich = await start_immich(free_port(12283), assets=100_000)
    try:
        account = immich.admin
        async with aiohttp.ClientSession() as session:
            client = Immich(session, URL(account.url), account.api_key)
            await client.connect()
            page = await client.search.page(AssetQuery(), size=PAGE_SIZE)
            # A search for garbage through all that was imported may begin at any allocation of anybody's. Its time
            # is told apart; what the pages themselves leave behind is still searched.
            before = time.monotonic()
            gc.collect()
            whole_collection = time.monotonic() - before
            gc.freeze()
            seconds: list[float] = []
            async with LoopWatch() as watch:
                for _ in range(pages):
                    before = time.monotonic()
                    page = await client.search.page(AssetQuery(), size=PAGE_SIZE, cursor=page.next_cursor)
                    seconds.append(time.monotonic() - before)
                    # The assets of a page's last moment may be left to the next page.
                    if len(page.assets) < PAGE_SIZE * 0.9:
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
