"""How much memory a process holds, and how much more at its peak (Linux)."""

import asyncio
import os
from pathlib import Path
from typing import Self

from .home import MEGABYTE


def rss_mb(process: int) -> float:
    """Return the memory that a process holds, in megabytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


class MemoryWatch:
    """Watches a process inside an `async with` block; `growth` is in megabytes, from the start to the peak."""

    def __init__(self, process: int) -> None:
        """Watch the process of this id."""
        self._process = process
        self.growth = 0.0

    async def __aenter__(self) -> Self:
        """Start to watch."""
        self._before = rss_mb(self._process)
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop watching."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _watch(self) -> None:
        while True:
            self.growth = max(self.growth, rss_mb(self._process) - self._before)
            await asyncio.sleep(0.02)
