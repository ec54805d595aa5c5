"""Changes of many assets, in requests of a named size."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from .errors import ImmichBadRequestError, ImmichError, ImmichNotFoundError
from .ids import need_id

# Assets named in one request; keeps bodies far below Immich's 10 MB.
ASSETS_PER_REQUEST: Final = 1000
# Requests that one call may make beyond its pages to find the ids that the server refuses.
SEARCHES_FOR_REFUSED: Final = 100


@dataclass(slots=True)
class Changed[T]:
    """What became of each asset: `results` of those that were reached, and why the others were not."""

    results: dict[str, T] = field(default_factory=dict)
    failed: dict[str, ImmichError] = field(default_factory=dict)

    def or_raise(self) -> Changed[T]:
        """Return itself, or raise the first error if nothing succeeded at all."""
        if self.failed and not self.results:
            raise next(iter(self.failed.values()))
        return self


def pages(asset_ids: Sequence[str]) -> list[list[str]]:
    """Cut ids into the lists of one request each; raises ImmichNotFoundError if one can't be an id."""
    ids = [need_id(asset_id) for asset_id in asset_ids]
    return [ids[start : start + ASSETS_PER_REQUEST] for start in range(0, len(ids), ASSETS_PER_REQUEST)]


async def in_pages[T](
    asset_ids: Sequence[str], change: Callable[[list[str]], Awaitable[dict[str, T]]]
) -> Changed[T]:
    """Make a change whose answer tells what became of each asset, page by page.

    A page that fails ends the work: those before it stay done. Raises its error only if it was the first.
    """
    changed: Changed[T] = Changed()
    waiting = pages(asset_ids)
    for position, page in enumerate(waiting):
        try:
            changed.results |= await change(page)
        except ImmichError as error:
            left = [asset_id for later in waiting[position:] for asset_id in later]
            changed.failed |= dict.fromkeys(left, error)
            break
    return changed.or_raise()


async def all_or_nothing(
    asset_ids: Sequence[str], change: Callable[[list[str]], Awaitable[object]]
) -> Changed[None]:
    """Make a change that fails for a whole page if one of its ids is unknown: halve the page until it's found.

    One unknown id among 1,000 costs about 20 requests more, at most 100 are made; what is left then is told
    as refused. Other errors end the work. Raises the first error only if nothing at all was changed.
    """
    changed: Changed[None] = Changed()
    waiting = pages(asset_ids)
    more = len(waiting) + SEARCHES_FOR_REFUSED
    while waiting:
        page = waiting.pop(0)
        if more == 0:
            reason = ImmichBadRequestError("too many of the assets named with it are unknown")
            changed.failed |= dict.fromkeys(page, reason)
            continue
        more -= 1
        try:
            await change(page)
        except ImmichNotFoundError as error:
            if len(page) == 1:
                changed.failed[page[0]] = error
            else:
                half = len(page) // 2
                waiting[:0] = [page[:half], page[half:]]
        except ImmichError as error:
            left = [asset_id for later in (page, *waiting) for asset_id in later]
            changed.failed |= dict.fromkeys(left, error)
            break
        else:
            changed.results |= dict.fromkeys(page)
    return changed.or_raise()
