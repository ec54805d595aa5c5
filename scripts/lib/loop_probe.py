"""A tiny integration for benchmarks that tells how long Home Assistant's event loop was held up."""

import asyncio
from pathlib import Path
import time
from typing import Self

from .probe import add_probe

NAME = "loop_probe"
_CODE = '''
"""Tells for how long the event loop was held up, and how long an action takes."""

import asyncio
import gc
import time

from homeassistant.core import SupportsResponse


async def async_setup(hass, config):
    """Watch the loop, and offer two actions.

    `loop_probe.read` gives the worst stall since the last question, in milliseconds: as it was, and without what
    Python's own search for garbage took of it; and the longest time that the loop worked without a pause, which
    says whether it had the processor at all. `loop_probe.perform` performs an action and gives the seconds until
    its response was there.
    """
    worst = worst_own = worst_work = collecting = collected = 0.0

    def on_garbage(phase, info):
        nonlocal collecting, collected
        if phase == "start":
            collecting = time.monotonic()
        else:
            collected += time.monotonic() - collecting

    async def watch():
        nonlocal worst, worst_own, worst_work
        while True:
            before, collected_before, worked_before = time.monotonic(), collected, time.thread_time()
            await asyncio.sleep(0.001)
            stall = time.monotonic() - before - 0.001
            garbage = collected - collected_before
            worst = max(worst, stall)
            worst_own = max(worst_own, stall - garbage)
            worst_work = max(worst_work, time.thread_time() - worked_before - garbage)

    async def read(call):
        nonlocal worst, worst_own, worst_work
        found = {
            "worst_ms": worst * 1000,
            "worst_own_ms": worst_own * 1000,
            "worst_work_ms": worst_work * 1000,
        }
        worst = worst_own = worst_work = 0.0
        return found

    async def perform(call):
        domain, _, name = call.data["action"].partition(".")
        before = time.monotonic()
        response = await hass.services.async_call(
            domain, name, call.data["data"], blocking=True, context=call.context, return_response=True
        )
        seconds = time.monotonic() - before
        lengths = {key: len(value) for key, value in response.items() if isinstance(value, list)}
        return {"seconds": seconds, "lengths": lengths}

    gc.callbacks.append(on_garbage)
    hass.async_create_background_task(watch(), "loop probe")
    for name, answer in (("read", read), ("perform", perform)):
        hass.services.async_register("loop_probe", name, answer, supports_response=SupportsResponse.ONLY)
    return True
'''


def add_loop_probe(folder: Path) -> None:
    """Put the probe into a configuration folder that is written already."""
    add_probe(folder, NAME, "Loop probe", _CODE)


class LoopWatch:
    """Watches the running event loop inside an `async with` block; `worst` is in seconds."""

    def __init__(self) -> None:
        """Start with a loop that was never held up."""
        self.worst = 0.0

    async def __aenter__(self) -> Self:
        """Start to watch."""
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop watching."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _watch(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.001)
            self.worst = max(self.worst, time.monotonic() - before - 0.001)
