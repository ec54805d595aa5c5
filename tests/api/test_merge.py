"""Several searches as one: against a shelf that answers as Immich does, and against all that is on it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.immich_plus.api import merge
from custom_components.immich_plus.api.asset import Asset
from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichBadRequestError
from custom_components.immich_plus.api.merge import Contents, Merge, Position, Source
from custom_components.immich_plus.api.parse import Json
from custom_components.immich_plus.api.query import Order, written

ZERO = datetime(2020, 1, 1, tzinfo=UTC)
# So small that few assets show what else takes thousands.
LARGEST = 5

type Change = Callable[[], None]


def at(second: int) -> datetime:
    """Return a moment some milliseconds after the first one."""
    return ZERO + timedelta(milliseconds=second)


def name(number: int) -> str:
    """Return an id; ids of rising numbers are not in order."""
    return f"{number * 7919 % 10007:08x}-0000-4000-8000-{number:012x}"


def asset(number: int, taken: int | None) -> Asset:
    """Make an asset, without a date if `taken` is None."""
    row = {"id": name(number)} if taken is None else {"id": name(number), "fileCreatedAt": written(at(taken))}
    return Asset.from_json(row)


@dataclass
class Shelf:
    """Assets by number: when they were taken, and the searches (`kind`) that find them."""

    taken: dict[int, int]
    kinds: dict[int, frozenset[str]] = field(default_factory=dict)
    asked: list[Json] = field(default_factory=list)

    def ids(self, order: Order, kinds: Iterable[str] = ("all",), without: Iterable[str] = ()) -> list[str]:
        """Return what a merge should give: by the moment of taking, then by id."""
        sign = -1 if order is Order.NEWEST else 1
        found = [
            number
            for number in self.taken
            if self.of(number) & set(kinds) and not self.of(number) & set(without)
        ]
        return [name(number) for number in sorted(found, key=lambda n: (sign * self.taken[n], name(n)))]

    def of(self, number: int) -> frozenset[str]:
        """Return the searches that find an asset."""
        return self.kinds.get(number, frozenset()) | {"all"}

    async def fetch(self, body: Json) -> tuple[Sequence[Asset], bool]:
        """Answer a search as Immich does: both ends included, pages by counting."""
        self.asked.append(body)
        assert 1 <= body["size"] <= LARGEST
        await asyncio.sleep(0)
        after = datetime.fromisoformat(body.get("takenAfter", "0001-01-01T00:00:00Z"))
        before = datetime.fromisoformat(body.get("takenBefore", "9999-12-31T00:00:00Z"))
        found = [
            number
            for number, taken in self.taken.items()
            if body["kind"] in self.of(number) and after <= at(taken) <= before
        ]
        found.sort(key=lambda n: (self.taken[n], name(n)), reverse=body["order"] == "desc")
        size, start = body["size"], (body.get("page", 1) - 1) * body["size"]
        return [asset(n, self.taken[n]) for n in found[start : start + size]], len(found) > start + size

    def source(self, order: Order, start: Position | None, size: int, **body: Any) -> Source:
        """Return a search of this shelf."""
        return Source(
            self.fetch, {"kind": "all"} | body, order, size=size, start=start.moment if start else None
        )


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    """Let few assets fill the largest page, and few rounds be many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "LARGEST_PAGE", LARGEST)
        patch.setattr(merge, "ROUNDS_PER_PAGE", 3)
        patch.setattr(merge, "READS_AHEAD", 2)
        yield


async def walk(
    make: Callable[[Position | None], Merge], size: int, between: Change = lambda: None
) -> list[str]:
    """Page to the end, by cursors as people hand them back; each must lead further than the one before."""
    found: list[str] = []
    position: Position | None = None
    while True:
        made = make(position)
        assets, following = await made.page(size)
        assert len(assets) <= size
        found += [each.id for each in assets]
        if following is None:
            return found
        following = Position.parse(following.cursor())
        if position is not None:
            sign = -1 if made.order is Order.NEWEST else 1
            old, new = ((sign * each.moment.timestamp(), each.asset_id) for each in (position, following))
            assert old < new, "a cursor that leads nowhere"
        position = following
        between()


def whole(
    shelf: Shelf,
    order: Order,
    size: int,
    *,
    wanted: Sequence[Json] = ({"kind": "all"},),
    unwanted: Sequence[Json] = (),
    keep: Callable[[Asset], bool] = lambda _: True,
) -> Callable[[Position | None], Merge]:
    """Give a function that makes the merge of a page."""
    return lambda start: Merge(
        wanted=[shelf.source(order, start, size + 1, **body) for body in wanted],
        unwanted=[shelf.source(order, start, size + 1, **body) for body in unwanted],
        order=order,
        start=start,
        keep=keep,
    )


def run[T](work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; hypothesis knows no coroutines."""
    return asyncio.run(work)


ORDERS = st.sampled_from(list(Order))
SIZES = st.integers(1, 7)
# Few moments, many assets: bursts are the hard part.
TAKEN = st.lists(st.integers(0, 9) | st.just(4), max_size=40).map(lambda taken: dict(enumerate(taken)))
KINDS = st.lists(st.frozensets(st.sampled_from(["a", "b", "c", "x"])), min_size=40, max_size=40)


@given(TAKEN, ORDERS, SIZES)
def test_pages_give_everything_once_in_order(taken: dict[int, int], order: Order, size: int) -> None:
    shelf = Shelf(taken)
    assert run(walk(whole(shelf, order, size), size)) == shelf.ids(order)


@given(TAKEN, KINDS, ORDERS, SIZES)
def test_several_searches_without_others(
    taken: dict[int, int], kinds: list[frozenset[str]], order: Order, size: int
) -> None:
    """What several searches find comes once, what others find never."""
    shelf = Shelf(taken, dict(enumerate(kinds)))
    make = whole(shelf, order, size, wanted=[{"kind": each} for each in "abc"], unwanted=[{"kind": "x"}])
    assert run(walk(make, size)) == shelf.ids(order, "abc", "x")


@given(TAKEN, ORDERS, SIZES, st.lists(st.integers(0, 8), max_size=9, unique=True))
def test_many_spans(taken: dict[int, int], order: Order, size: int, days: list[int]) -> None:
    """Single days, in any order, are read as they come up."""
    shelf = Shelf(taken)
    spans: list[Json] = [{"takenAfter": written(at(day)), "takenBefore": written(at(day))} for day in days]
    expected = Shelf({number: when for number, when in taken.items() if when in days}).ids(order)
    assert run(walk(whole(shelf, order, size, wanted=spans), size)) == expected


@given(TAKEN, KINDS, ORDERS, SIZES)
def test_what_isnt_kept(taken: dict[int, int], kinds: list[frozenset[str]], order: Order, size: int) -> None:
    """However much is dropped, the rest is found: a page may be short, even empty."""
    shelf = Shelf(taken, dict(enumerate(kinds)))
    few = {name(number) for number in taken if number % 11 == 3}
    make = whole(shelf, order, size, wanted=[{"kind": "a"}, {"kind": "b"}], keep=lambda a: a.id in few)
    assert run(walk(make, size)) == [each for each in shelf.ids(order, "ab") if each in few]


@given(TAKEN, ORDERS, SIZES, st.randoms(use_true_random=False))
def test_while_photos_come_and_go(taken: dict[int, int], order: Order, size: int, random: Any) -> None:
    """What is there all the time comes once and in order; the rest may come or not, but not twice."""
    shelf = Shelf(dict(taken))
    stays = set(taken)

    def _change() -> None:
        for _ in range(random.randrange(4)):
            if shelf.taken and random.random() < 0.5:
                gone = random.choice(list(shelf.taken))
                del shelf.taken[gone]
                stays.discard(gone)
            elif len(shelf.taken) < 60:
                shelf.taken[len(taken) + len(shelf.asked) * 10 + random.randrange(10)] = random.randrange(10)

    found = run(walk(whole(shelf, order, size), size, _change))
    assert len(found) == len(set(found))
    names = {name(number) for number in stays}
    assert [each for each in found if each in names] == [
        each for each in Shelf(taken).ids(order) if each in names
    ]


@given(TAKEN, ORDERS, SIZES)
def test_what_an_answer_gave_at_once(taken: dict[int, int], order: Order, size: int) -> None:
    """An album's contents are put together with a search like another search."""
    shelf = Shelf(taken, {number: frozenset("a") for number in taken if number % 2})

    async def _load() -> Sequence[Asset]:
        return [asset(number, when) for number, when in taken.items() if number % 3 == 0]

    def _make(start: Position | None) -> Merge:
        contents = Contents(_load, order, start=start.moment if start else None)
        wanted = [shelf.source(order, start, size + 1, kind="a"), contents]
        return Merge(wanted=wanted, unwanted=[], order=order, start=start, keep=lambda _: True)

    expected = [name(number) for number in taken if number % 2 or number % 3 == 0]
    assert run(walk(_make, size)) == [each for each in shelf.ids(order) if each in expected]


@pytest.mark.parametrize("order", list(Order))
async def test_all_searches_run_dry_behind_a_cursor(order: Order) -> None:
    """More searches than a page may read one after another, none of which has anything left."""
    shelf = Shelf({0: 5})
    start = Position(at(5), name(0))
    make = whole(shelf, order, 3, wanted=[{"kind": "all"}] * 40)
    assert await make(start).page(3) == ([], None)


async def test_days_behind_the_cursor_arent_asked_for_again() -> None:
    shelf = Shelf({number: number for number in range(9)})
    spans: list[Json] = [
        {"takenAfter": written(at(day)), "takenBefore": written(at(day))} for day in range(9)
    ]
    await whole(shelf, Order.NEWEST, 1, wanted=spans)(Position(at(1), name(1))).page(1)
    assert {body["takenAfter"] for body in shelf.asked} <= {written(at(day)) for day in (0, 1)}


async def test_a_burst_takes_large_pages() -> None:
    """More of one moment than a page holds are read 1,000 a request, however small the page."""
    shelf = Shelf(dict.fromkeys(range(12), 3))
    assets, _ = await whole(shelf, Order.NEWEST, 1)(None).page(1)
    assert [each.id for each in assets] == shelf.ids(Order.NEWEST)[:1]
    assert [(body["size"], body.get("page")) for body in shelf.asked] == [
        (2, None),
        (5, None),
        (5, 2),
        (5, 3),
    ]


async def test_two_bursts_after_each_other() -> None:
    """A moment ends where a page shows another one: that is read by itself."""
    shelf = Shelf(dict.fromkeys(range(5), 9) | dict.fromkeys(range(5, 17), 7))
    await shelf.source(Order.NEWEST, None, 2).read()
    assert [(body["size"], body.get("page")) for body in shelf.asked] == [(2, None), (5, None), (5, 2)]
    assert await walk(whole(shelf, Order.NEWEST, 2), 2) == shelf.ids(Order.NEWEST)


async def test_a_burst_at_the_end_of_time() -> None:
    """Nothing comes behind it."""
    first = datetime(1, 1, 1, tzinfo=UTC)
    rows = [Asset.from_json({"id": name(n), "fileCreatedAt": first.isoformat()}) for n in range(7)]

    async def _fetch(body: Json) -> tuple[Sequence[Asset], bool]:
        start = (body.get("page", 1) - 1) * body["size"]
        return rows[start : start + body["size"]], len(rows) > start + body["size"]

    source = Source(_fetch, {}, Order.NEWEST, size=2, start=None)
    await source.read()
    assert source.done
    assert [len(group.assets) for group in source.groups] == [7]


def answers(*pages: tuple[Sequence[Asset], bool]) -> Source:
    """Return a search that gives these answers one after the other, the last one for ever."""
    left = list(pages)

    async def _fetch(_: Json) -> tuple[Sequence[Asset], bool]:
        return left.pop(0) if len(left) > 1 else left[0]

    return Source(_fetch, {}, Order.NEWEST, size=2, start=None)


async def read(source: Source) -> list[list[str]]:
    """Read to the end, which has to come soon."""
    for _ in range(10):
        if source.done:
            return [[each.id for each in group.assets] for group in source.groups]
        await source.read()
    raise AssertionError("there is no end")


@pytest.mark.parametrize(
    "pages",
    [
        # The same page again and again: the time isn't looked at.
        [([asset(1, 9), asset(2, 8)], True)],
        # The same page again and again, of one moment: its number isn't looked at.
        [([asset(1, 9), asset(2, 9)], True)],
        # The wrong way round.
        [([asset(1, 8), asset(2, 9)], False)],
        [([asset(1, 9), asset(2, 8)], True), ([asset(3, 8), asset(4, 9)], False)],
    ],
)
async def test_answers_that_dont_fit_the_question(pages: list[tuple[Sequence[Asset], bool]]) -> None:
    with pytest.raises(ImmichBadAnswerError, match="search/metadata"):
        await read(answers(*pages))


async def test_bounds_that_arent_looked_at() -> None:
    shelf = Shelf({1: 9})

    async def _fetch(body: Json) -> tuple[Sequence[Asset], bool]:
        return await shelf.fetch({"kind": "all", "size": 1, "order": "desc"})

    source = Source(_fetch, {"takenBefore": written(at(5))}, Order.NEWEST, size=2, start=None)
    with pytest.raises(ImmichBadAnswerError, match="another time"):
        await source.read()


async def test_always_another_page() -> None:
    """An empty page ends a moment, and an empty answer everything."""
    burst = [asset(1, 9), asset(2, 9)]
    assert await read(answers((burst, True), (burst, True), ([], True))) == [[name(1), name(2)]]


async def test_a_page_after_the_burst_shows_more() -> None:
    pages = [([asset(1, 9), asset(2, 9)], True)] * 2 + [([asset(3, 9), asset(4, 7)], True)]
    pages += [([asset(4, 7)], False)]
    assert await read(answers(*pages)) == [[name(1), name(2), name(3)], [name(4)]]


async def test_undated_assets_stay_with_their_neighbours() -> None:
    page = [asset(1, None), asset(2, 9), asset(3, None), asset(4, 5), asset(5, None)]
    assert await read(answers((page, False))) == [
        [name(1), name(2), name(3)],
        [name(4), name(5)],
    ]
    assert await read(answers(([asset(1, None)], False))) == [[name(1)]]


async def test_undated_assets_alone_tell_no_place_to_go_on() -> None:
    with pytest.raises(ImmichBadAnswerError, match="fileCreatedAt"):
        await read(answers(([asset(1, None), asset(2, None)], True)))


@pytest.mark.parametrize(
    "moment", [ZERO, at(1), datetime(1066, 10, 14, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)]
)
def test_a_cursor_comes_back_as_it_was(moment: datetime) -> None:
    position = Position(moment, name(3))
    assert Position.parse(f" {position.cursor().upper()} ") == position


@pytest.mark.parametrize(
    "cursor",
    [
        "_",
        "1",
        "1_",
        f"_{name(1)}",
        f"1_{name(1)}x",
        f"+1_{name(1)}",
        f"--1_{name(1)}",
        f"1.5_{name(1)}",
        f"٣_{name(1)}",
        f"1_{name(1)}_{name(1)}",
        f"{'9' * 15}_{name(1)}",
        f"-{'9' * 15}_{name(1)}",
        f"{'9' * 9000}_{name(1)}",
        "1_../../etc/passwd",
        "\0",
    ],
)
def test_what_is_no_cursor(cursor: str) -> None:
    with pytest.raises(ImmichBadRequestError, match="no cursor"):
        Position.parse(cursor)


@given(st.text())
def test_any_text_is_a_cursor_or_a_mistake(cursor: str) -> None:
    with pytest.raises(ImmichBadRequestError):
        Position.parse(cursor)
