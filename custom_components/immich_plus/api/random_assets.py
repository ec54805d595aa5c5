"""Drawing assets at random (`search/random`)."""

from collections import Counter
from collections.abc import Mapping, Sequence
import random
from typing import TYPE_CHECKING, Final

from .asset import Asset
from .parse import Json, many_rows
from .query import AssetQuery
from .search import DETAILS
from .together import together
from .transport import LISTING

if TYPE_CHECKING:
    from .client import Immich

# Assets that are listed to draw from where the server can't draw: the newest of a very large album.
MOST_LISTED: Final = 10_000
# Rounds of drawing, by how many times as many as are wanted: some may be unwanted or come twice.
_ROUNDS: Final = (1, 8, 64)
_LARGEST_DRAW: Final = 1000


class RandomAssets:
    """Calls that draw (scope `asset.read`; several searches in one are drawn fairly with `asset.statistics`)."""

    def __init__(self, client: Immich) -> None:
        """Speak through the client, as searching stands in where drawing can't do it."""
        self._client = client

    async def draw(self, query: AssetQuery, count: int) -> list[Asset]:
        """Draw at most `count` (1 to 1,000) different assets."""
        unwanted = None if await self._must_list(query) else await self._left_out(query)
        if unwanted is None:
            assets, _ = await self._client.search.gather(query, MOST_LISTED)
            return _some(assets, count)
        bodies = query.searches(self._client.version, await self._client.search.days(query))
        counts = await self._client.search.counts(bodies) if len(bodies) > 1 else None
        left = list(range(len(bodies)))
        found: dict[str, Asset] = {}
        for factor in _ROUNDS:
            if not left or len(found) >= count:
                break
            sizes = _sizes(left, counts, min(factor * count, _LARGEST_DRAW))
            async with together() as tasks:
                drawn = {
                    number: tasks.create_task(self._drawn(bodies[number], size))
                    for number, size in sizes.items()
                }
            for number, task in drawn.items():
                for asset in task.result():
                    if asset.id not in unwanted and query.keeps(asset, self._client.user_id):
                        found[asset.id] = asset
                if len(task.result()) < sizes[number]:
                    # Fewer than asked for are all there are.
                    left.remove(number)
        if left and len(found) < count:
            # Hardly any of what is drawn is wanted.
            assets, _ = await self._client.search.gather(query, MOST_LISTED)
            return _some(assets, count)
        return _some(list(found.values()), count)

    async def _must_list(self, query: AssetQuery) -> bool:
        """Whether the server can't draw from this: by names, or from what others put into albums (immich#28662)."""
        if query.filename is not None or query.description is not None:
            return True
        return bool(query.albums.ids) and await self._client.search.has_foreign(query.albums.ids)

    async def _left_out(self, query: AssetQuery) -> set[str] | None:
        return await self._client.search.ids_left_out(query, MOST_LISTED)

    async def _drawn(self, body: Json, size: int) -> list[Asset]:
        asked = body | DETAILS | {"size": size}
        answer = await self._client.transport.send("POST", "search/random", asked, timeout=LISTING)
        return await many_rows(answer, Asset.from_json, "search/random")


def _sizes(searches: Sequence[int], counts: Sequence[int] | None, wanted: int) -> Mapping[int, int]:
    """Divide a draw among searches as chance would: by their counts, evenly where these aren't known."""
    known = [wanted if counts is None else counts[number] for number in searches]
    if sum(known) <= wanted:
        return dict.fromkeys(searches, wanted)
    return Counter(random.sample(searches, k=wanted, counts=known))


def _some(assets: Sequence[Asset], count: int) -> list[Asset]:
    return random.sample(assets, min(count, len(assets)))
