"""Several searches as one: put together, without what is to be left out, page by page in the order of taking.

Immich pages by counting, so its pages shift while photos arrive or go, and it says nothing about the order of
photos of one moment. Here a position is a moment and an id: all assets of a moment are gathered, ordered by id,
and searches go on from the moment. Nothing comes twice, and nothing is missed that was there all the time.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from .asset import Asset
from .errors import ImmichBadAnswerError, ImmichBadRequestError
from .ids import as_id
from .parse import Json
from .query import Order, written
from .together import together

# Rounds of requests that one page may take; a shorter page, even an empty one, has a cursor to go on with.
ROUNDS_PER_PAGE: Final = 20
LARGEST_PAGE: Final = 1000
# Searches of single days that are read side by side.
READS_AHEAD: Final = 6
_STEP: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_ID: Final = "00000000-0000-0000-0000-000000000000"
_LAST_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"

# Sends a search and gives its assets, and whether there are more.
type Fetch = Callable[[Json], Awaitable[tuple[Sequence[Asset], bool]]]


@dataclass(frozen=True, slots=True)
class Position:
    """The last asset of a page: the next page begins behind it."""

    moment: datetime
    asset_id: str

    def cursor(self) -> str:
        """Write it as people hand it back: milliseconds since 1970 and the id."""
        return f"{(self.moment - _EPOCH) // _STEP}_{self.asset_id}"

    @classmethod
    def parse(cls, cursor: str) -> Self:
        """Read a cursor; raises ImmichBadRequestError for any other text."""
        number, _, given = cursor.strip().partition("_")
        asset_id = as_id(given)
        digits = number.removeprefix("-")
        if asset_id is None or not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
            raise ImmichBadRequestError("this is no cursor of an earlier page")
        try:
            return cls(_EPOCH + int(number) * _STEP, asset_id)
        except OverflowError as error:
            raise ImmichBadRequestError("this is no cursor of an earlier page") from error


@dataclass(frozen=True, slots=True)
class _Group:
    """All assets of a source that were taken in one moment."""

    moment: datetime
    assets: list[Asset]


class Source:
    """One search, read forward in whole moments."""

    def __init__(self, fetch: Fetch, body: Json, order: Order, *, size: int, start: datetime | None) -> None:
        """Search with `body`, `size` assets a request, from the moment `start` on, itself included."""
        self._fetch = fetch
        self._body = body
        self._newest_first = order is Order.NEWEST
        self._size = min(size, LARGEST_PAGE)
        self.groups: deque[_Group] = deque()
        near, far = ("takenBefore", "takenAfter") if self._newest_first else ("takenAfter", "takenBefore")
        edges = [edge for edge in (start, _bound(body, near)) if edge is not None]
        # The moment from which on it is unread; None: from the very first.
        self.edge = (min(edges) if self._newest_first else max(edges)) if edges else None
        self._near = near
        end = _bound(body, far)
        # A day that lies behind the cursor has nothing more.
        self.done = end is not None and self.edge is not None and self.before(end, self.edge)

    def may_reach(self, moment: datetime) -> bool:
        """Whether what was not read yet may be as early in the order as `moment`."""
        return not self.done and (self.edge is None or not self.before(moment, self.edge))

    def lags_behind(self, moment: datetime) -> bool:
        """Forget what comes before `moment`; return whether what comes then has to be read first."""
        while self.groups and self.before(self.groups[0].moment, moment):
            self.groups.popleft()
        return not self.groups and self.may_reach(moment)

    def before(self, first: datetime, second: datetime) -> bool:
        """Whether `first` comes earlier in the order."""
        return first > second if self._newest_first else first < second

    async def read(self) -> None:
        """Read on: at least one more whole moment, or to the end."""
        groups, more = await self._page(self._size)
        if more and len(groups) == 1 and self._size < LARGEST_PAGE:
            # More of one moment than were asked for.
            groups, more = await self._page(LARGEST_PAGE)
        if more and len(groups) == 1:
            await self._read_moment(groups[0])
        elif more and groups:
            # The last moment may go on: it is read again, as a whole.
            self.edge = groups.pop().moment
        else:
            self.done = True
        self.groups.extend(groups)

    async def _page(self, size: int, page: int = 1) -> tuple[list[_Group], bool]:
        """Return what the server gives from the edge on, and whether there is more."""
        body = self._body | {"order": "desc" if self._newest_first else "asc", "size": size}
        if page > 1:
            body["page"] = page
        if self.edge is not None:
            body[self._near] = written(self.edge)
        assets, more = await self._fetch(body)
        return self._grouped(assets), more

    async def _read_moment(self, group: _Group) -> None:
        """Read the rest of a moment that has more than fits on a page: only here Immich's own pages count."""
        if all(asset.taken_at is None for asset in group.assets):
            raise ImmichBadAnswerError("search/metadata: field fileCreatedAt is missing")
        known = {asset.id for asset in group.assets}
        page, more = 1, True
        while more:
            page += 1
            groups, more = await self._page(LARGEST_PAGE, page)
            assets = [asset for each in groups if each.moment == group.moment for asset in each.assets]
            if assets and known.issuperset(asset.id for asset in assets):
                raise ImmichBadAnswerError("search/metadata: a page came twice")
            known.update(asset.id for asset in assets)
            group.assets.extend(assets)
            more = more and len(groups) == 1 and bool(assets)
        try:
            self.edge = group.moment - _STEP if self._newest_first else group.moment + _STEP
        except OverflowError:
            self.done = True

    def _grouped(self, assets: Sequence[Asset]) -> list[_Group]:
        """Group assets by moment; one without a date stays with the asset before it, or with the first one."""
        last = next((asset.taken_at for asset in assets if asset.taken_at is not None), self.edge or _EPOCH)
        groups: list[_Group] = []
        earliest = self.edge
        for asset in assets:
            last = asset.taken_at or last
            if groups and groups[-1].moment == last:
                groups[-1].assets.append(asset)
                continue
            if earliest is not None and self.before(last, earliest):
                raise ImmichBadAnswerError("search/metadata: the answer is out of order or of another time")
            groups.append(_Group(last, [asset]))
            earliest = last
        return groups


def _bound(body: Json, name: str) -> datetime | None:
    value = body.get(name)
    return datetime.fromisoformat(value) if isinstance(value, str) else None


class Contents(Source):
    """Assets that one answer gave all together."""

    def __init__(
        self, load: Callable[[], Awaitable[Sequence[Asset]]], order: Order, *, start: datetime | None
    ) -> None:
        """Take what `load` gives, from the moment `start` on, itself included."""

        async def _fetch(_: Json) -> tuple[Sequence[Asset], bool]:
            found = list(await load())
            found.sort(key=lambda asset: asset.taken_at or _EPOCH, reverse=order is Order.NEWEST)
            wanted = [
                asset for asset in found if start is None or not self.before(asset.taken_at or _EPOCH, start)
            ]
            return wanted, False

        super().__init__(_fetch, {}, order, size=LARGEST_PAGE, start=start)


@dataclass(slots=True, kw_only=True)
class Merge:
    """Sources put together (`wanted`), without what others find (`unwanted`), and only what `keep` keeps."""

    wanted: Sequence[Source]
    unwanted: Sequence[Source]
    order: Order
    start: Position | None
    keep: Callable[[Asset], bool]
    _found: list[Asset] = field(default_factory=list)
    _position: Position | None = None

    async def page(self, size: int) -> tuple[list[Asset], Position | None]:
        """Give at most `size` assets, and the position to go on from; None at the end."""
        rounds = 0
        self._position = self.start
        while True:
            head = self._head()
            if unread := self._unread(head):
                # Half a page now is better than a whole one after another request.
                if self._found and 2 * len(self._found) >= size:
                    return self._found, self._position
                if rounds >= ROUNDS_PER_PAGE and (edge := self._nearest(unread)) is not None:
                    # Up to there is nothing more.
                    return self._found, Position(edge, _FIRST_ID)
                rounds += 1
                await _read(unread)
            elif head is None:
                return self._found, None
            else:
                for asset in await self._take(head):
                    if len(self._found) == size:
                        return self._found, self._position
                    self._found.append(asset)
                    self._position = Position(head, asset.id)
                self._position = Position(head, _LAST_ID)

    def _unread(self, head: datetime | None) -> list[Source]:
        """Return the sources that must be read before `head` may be taken; a few of the next if there is none."""
        waiting = [source for source in self.wanted if not source.groups and not source.done]
        if head is not None:
            return [source for source in waiting if source.may_reach(head)]
        nearest = self._nearest(waiting)
        # All of the nearest ones, so that every round gets further.
        first = [source for source in waiting if source.edge == nearest]
        others = [source for source in waiting if source.edge is not None and source.edge != nearest]
        others.sort(key=lambda source: source.edge or _EPOCH, reverse=self.order is Order.NEWEST)
        return [*first, *others[: max(0, READS_AHEAD - len(first))]]

    def _nearest(self, sources: Sequence[Source]) -> datetime | None:
        """Return the moment from which on the first of the sources is unread; None: from the very first."""
        edges = [source.edge for source in sources if source.edge is not None]
        if len(edges) < len(sources) or not edges:
            return None
        return max(edges) if self.order is Order.NEWEST else min(edges)

    def _head(self) -> datetime | None:
        """Return the moment that comes next, as far as is known."""
        moments = [source.groups[0].moment for source in self.wanted if source.groups]
        if not moments:
            return None
        return max(moments) if self.order is Order.NEWEST else min(moments)

    async def _take(self, moment: datetime) -> list[Asset]:
        """Take the assets of a moment from all sources, each once, ordered by id."""
        found: dict[str, Asset] = {}
        for source in self.wanted:
            if source.groups and source.groups[0].moment == moment:
                for asset in source.groups.popleft().assets:
                    found.setdefault(asset.id, asset)
        while lagging := [source for source in self.unwanted if source.lags_behind(moment)]:
            await _read(lagging)
        for source in self.unwanted:
            if source.groups and source.groups[0].moment == moment:
                for asset in source.groups[0].assets:
                    found.pop(asset.id, None)
        behind = self.start.asset_id if self.start is not None and self.start.moment == moment else ""
        return [found[key] for key in sorted(found) if key > behind and self.keep(found[key])]


async def _read(sources: Sequence[Source]) -> None:
    async with together() as tasks:
        for source in sources:
            tasks.create_task(source.read())
