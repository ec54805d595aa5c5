"""What the media browser has just asked for: kept for a minute, so that going back and forth costs nothing."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

# Listings that are kept for each account, the least used ones go first.
MOST_KEPT: Final = 48
KEPT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Kept:
    task: asyncio.Task[Any]
    until: float


class Listings:
    """Answers by what was asked; asking twice at once asks the server once."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._kept)

    async def get[T](self, key: Hashable, load: Callable[[], Awaitable[T]]) -> T:
        """Return what `load` gives for `key`, at most a minute old; errors are not kept."""
        now = asyncio.get_running_loop().time()
        for each in [each for each, kept in self._kept.items() if now >= kept.until]:
            del self._kept[each]
        if (kept := self._kept.get(key)) is None:
            task = asyncio.ensure_future(_run(load))
            task.add_done_callback(partial(self._done, key))
            kept = self._kept[key] = _Kept(task, now + KEPT_SECONDS)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        # Whoever goes away must not take the answer from the others who wait for it.
        await asyncio.wait([kept.task])
        return cast(T, kept.task.result())

    def clear(self) -> None:
        """Forget everything, as the library has changed."""
        self._kept.clear()

    def _done(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        """Forget an error at once, also when nobody waits for it any more."""
        failed = task.cancelled() or task.exception() is not None
        if failed and (kept := self._kept.get(key)) is not None and kept.task is task:
            del self._kept[key]


async def _run[T](load: Callable[[], Awaitable[T]]) -> T:
    return await load()
