"""A film of 200 MB through Home Assistant against curl to the server, beside the built-in integration."""

import asyncio
from dataclasses import dataclass
import os
import statistics

from ..account import set_up_account
from ..loop_probe import LoopWatch
from .built_in import built_in_account
from .home import MEGABYTE, STALL_LIMIT_MS, Bench
from .large_immich import FILM_BYTES, PACE, USER_ID, LargeImmich, run_large_immich
from .memory import MemoryWatch

THROUGHPUT_LIMIT = 0.8
FIRST_BYTE_LIMIT_MS = 15
MEMORY_LIMIT_MB = 64
PARALLEL = 20
_SEEKS = 25
_RANGE = "100000000-100000999"
# Players that take a film as they show it, for so many seconds.
_SLOW_RATE = "2M"
_SLOW_SECONDS = 4
_CURL_TOO_LONG = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class _Got:
    """What curl got: the status, the body's bytes, and the seconds to the first byte and to the end."""

    status: int
    size: int
    first: float
    seconds: float


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to the films: how their addresses begin and end, and the headers to send."""

    before: str
    after: str
    headers: tuple[str, ...]

    def to(self, film: str) -> tuple[str, ...]:
        """Return curl's arguments for a film."""
        return (*self.headers, f"{self.before}{film}{self.after}")


async def bench_video(bench: Bench, pairs: int) -> None:
    """Play a film directly and through each integration in turn."""
    logged_in = ("-H", f"Authorization: Bearer {bench.client.tokens['access_token']}")
    async with run_large_immich() as immich:
        entry_id = await set_up_account(bench.client, immich.account)
        direct = _Way(f"{immich.account.url}/api/assets/", "/video/playback", ())
        ours = _Way(f"{bench.client.url}/api/immich_plus/{entry_id}/", "/video", logged_in)
        built_in = _Way(f"{bench.client.url}/immich/{USER_ID}/", "/fullsize/video/mp4", logged_in)
        try:
            print(f"film of {FILM_BYTES // MEGABYTE} MB through Home Assistant")
            async with built_in_account(bench, immich.account) as runs:
                ways = {"Immich Plus": ours} | ({"built-in": built_in} if runs else {})
                await _bench_throughput(immich, direct, ways, pairs)
                await _bench_first_byte(immich, direct, ways)
                await _bench_parallel(bench, immich, ways)
        finally:
            await bench.client.request("DELETE", f"/api/config/config_entries/entry/{entry_id}")


async def _bench_throughput(immich: LargeImmich, direct: _Way, ways: dict[str, _Way], pairs: int) -> None:
    paced = f"server sends {PACE / 1e9:g} GB/s at most"
    for film, label, limit in (
        (immich.paced_film, paced, f" (at least {THROUGHPUT_LIMIT})"),
        (immich.fast_film, "server sends as fast as it can", ""),
    ):
        for way in ways.values():
            await _whole(way, film)
        seconds: list[float] = []
        through: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(pairs):
            seconds.append((await _whole(direct, film)).seconds)
            for name, way in ways.items():
                through[name].append((await _whole(way, film)).seconds)
        print(f"  {label}: curl directly {_rate(seconds)} MB/s")
        for name, times in through.items():
            ratio = statistics.median(one / other for one, other in zip(seconds, times, strict=True))
            told = limit if name == "Immich Plus" else ""
            print(f"    {name}: {_rate(times)} MB/s, median {ratio:.2f} of it{told}")


def _rate(seconds: list[float]) -> str:
    return f"{FILM_BYTES / MEGABYTE / statistics.median(seconds):.0f}"


async def _bench_first_byte(immich: LargeImmich, direct: _Way, ways: dict[str, _Way]) -> None:
    """Seek to the middle of the film."""
    firsts: list[float] = []
    through: dict[str, list[_Got]] = {name: [] for name in ways}
    for _ in range(_SEEKS):
        (got,) = await _curl("-r", _RANGE, *direct.to(immich.paced_film))
        firsts.append(got.first)
        for name, way in ways.items():
            # Who ignores ranges sends all of it; the first bytes are enough to see that.
            through[name] += await _curl("-m", "0.5", "-r", _RANGE, *way.to(immich.paced_film), may_end=True)
    directly = statistics.median(firsts) * 1000
    print(f"  seek to the middle, {_SEEKS} times: first byte directly after {directly:.1f} ms")
    for name, all_got in through.items():
        later = statistics.median(got.first for got in all_got) * 1000 - directly
        told = f" (at most {FIRST_BYTE_LIMIT_MS})" if name == "Immich Plus" else ""
        status = statistics.mode(got.status for got in all_got)
        size = statistics.median(got.size for got in all_got)
        print(f"    {name}: {later:.1f} ms later{told}; {status}, {size:,.0f} bytes for the 1,000 asked for")


async def _bench_parallel(bench: Bench, immich: LargeImmich, ways: dict[str, _Way]) -> None:
    """Play many at once, as fast as they come and as slowly as players take them."""
    slow = ("--limit-rate", _SLOW_RATE, "-m", str(_SLOW_SECONDS))
    for label, options in (("at full speed", ()), (f"of players that take {_SLOW_RATE}B/s", slow)):
        print(f"  {PARALLEL} streams at once {label}")
        for name, way in ways.items():
            await bench.client.perform("loop_probe.read")
            async with MemoryWatch(bench.process) as memory, LoopWatch() as idle:
                got = await _curl(*options, *way.to(immich.fast_film), times=PARALLEL, may_end=bool(options))
            stall = await bench.client.perform("loop_probe.read")
            wrong = sum(each.status != 200 or not (options or each.size == FILM_BYTES) for each in got)
            memory_limit, stall_limit = (
                (f" (at most {MEMORY_LIMIT_MB})", f" (at most {STALL_LIMIT_MS})")
                if name == "Immich Plus"
                else ("", "")
            )
            print(
                f"    {name}: memory +{memory.growth:.1f} MB{memory_limit}, "
                f"{max(each.seconds for each in got):.1f} s{f', {wrong} of them not whole' if wrong else ''}"
            )
            print(
                f"      worst stall of Home Assistant's loop {stall['worst_own_ms']:.1f} ms{stall_limit}, "
                f"of a loop beside it that has nothing to do {idle.worst * 1000:.1f} ms"
            )


async def _whole(way: _Way, film: str) -> _Got:
    """Play a film from its beginning to its end."""
    (got,) = await _curl(*way.to(film))
    if (got.status, got.size) != (200, FILM_BYTES):
        raise SystemExit(f"A film came with {got.status} and {got.size} bytes.")
    return got


async def _curl(*arguments: str, times: int = 1, may_end: bool = False) -> list[_Got]:
    """Run one curl for the last argument's address, so many times at once; it may end by its time limit."""
    *options, url = arguments
    each = ("-o", os.devnull, url)
    at_once = ("-Z", "--parallel-immediate", "--parallel-max", str(times)) if times > 1 else ()
    form = "%{http_code} %{size_download} %{time_starttransfer} %{time_total}\n"
    curl = await asyncio.create_subprocess_exec(
        "curl",
        "-s",
        *at_once,
        "-w",
        form,
        *options,
        *each * times,
        stdout=asyncio.subprocess.PIPE,
        # Many at once have a progress meter that nothing else takes away.
        stderr=asyncio.subprocess.DEVNULL,
    )
    told, _ = await curl.communicate()
    if curl.returncode not in ((0, _CURL_TOO_LONG) if may_end else (0,)):
        raise SystemExit(f"curl ended with {curl.returncode}.")
    found = [line.split() for line in told.decode().splitlines()]
    return [
        _Got(status=int(status), size=int(size), first=float(first), seconds=float(seconds))
        for status, size, first, seconds in found
    ]
