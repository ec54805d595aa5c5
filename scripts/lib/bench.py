"""The benchmarks: uploads, searches, browsing, films and live updates, stalls and requests against their limits.

scripts/bench starts this. Nothing here passes or fails: it prints figures and ratios.
"""

import argparse
import asyncio
from collections.abc import Sequence
import shutil
import sys

from .benches.browse import bench_browse
from .benches.home import MEGABYTE, run_home_assistant
from .benches.live import bench_idle, bench_live
from .benches.page import bench_page
from .benches.search import bench_search
from .benches.set_up import bench_set_up
from .benches.uploads import bench_uploads
from .benches.video import bench_video

NAMES = ("page", "set-up", "search", "browse", "video", "uploads", "live")
# Takes its time, so it is measured only if it is named.
ON_DEMAND = ("idle",)


async def main(arguments: Sequence[str]) -> None:
    """Run all benchmarks, or those that were named."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"what to measure, of {', '.join(NAMES)}; or idle"
    )
    parser.add_argument("--size", type=int, default=400, metavar="MB", help="size of the uploaded file")
    parser.add_argument("--pairs", type=int, default=5, help="uploads by curl and by the action, in turn")
    parser.add_argument("--pages", type=int, default=20, help="pages of assets to read")
    parser.add_argument(
        "--searches", type=int, default=15, help="searches by curl and by the action, in turn"
    )
    parser.add_argument("--openings", type=int, default=6, help="folders to open, each in every way")
    parser.add_argument("--films", type=int, default=5, help="films by curl and through each way, in turn")
    parser.add_argument("--live-uploads", type=int, default=50, help="uploads of which each is waited for")
    parser.add_argument("--burst", type=int, default=10_000, help="uploads at once")
    parser.add_argument("--minutes", type=float, default=30, help="how long requests at rest are counted")
    options = parser.parse_args(arguments)
    names = options.names or NAMES
    if unknown := set(names) - {*NAMES, *ON_DEMAND}:
        parser.error(f"there is no measurement {min(unknown)}")
    if shutil.which("curl") is None:
        raise SystemExit("scripts/bench needs curl: install it with your system's package manager.")
    if "page" in names:
        await bench_page(options.pages)
    if set(names) - {"page"}:
        async with run_home_assistant(built_in=bool({"browse", "video"} & set(names))) as bench:
            if "set-up" in names:
                await bench_set_up(bench)
            if "search" in names:
                await bench_search(bench, options.searches)
            if "browse" in names:
                await bench_browse(bench, options.openings)
            if "video" in names:
                await bench_video(bench, options.films)
            if "uploads" in names:
                await bench_uploads(bench, options.size * MEGABYTE, options.pairs)
            if "live" in names:
                await bench_live(bench, options.live_uploads, options.burst)
            if "idle" in names:
                await bench_idle(bench, options.minutes)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
