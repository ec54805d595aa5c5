"""A tiny integration for benchmarks that tells how long Home Assistant's event loop was held up."""

import asyncio
import json
from pathlib import Path
from textwrap import dedent
import time
from typing import Self

NAME = "loop_probe"
_CODE = '''
"""Tells the longest time for which the event loop was held up since the last question."""

import asyncio
import time

from homeassistant.core import SupportsResponse


async def async_setup(hass, config):
    """Watch the loop and answer `loop_probe.read` with the worst stall in milliseconds."""
    worst = 0.0

    async def watch():
        nonlocal worst
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.001)
            worst = max(worst, time.monotonic() - before - 0.001)

    async def read(call):
        nonlocal worst
        found, worst = worst, 0.0
        return {"worst_ms": found * 1000}

    hass.async_create_background_task(watch(), "loop probe")
    hass.services.async_register("loop_probe", "read", read, supports_response=SupportsResponse.ONLY)
    return True
'''


def add_loop_probe(folder: Path) -> None:
    """Put the probe into a configuration folder that is written already."""
    place = folder / "custom_components" / NAME
    place.mkdir(parents=True, exist_ok=True)
    facts = {"domain": NAME, "name": "Loop probe", "version": "1.0.0", "codeowners": []}
    (place / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    (place / "__init__.py").write_text(dedent(_CODE).lstrip(), encoding="utf-8")
    settings = folder / "configuration.yaml"
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\n{NAME}:\n", encoding="utf-8")


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
