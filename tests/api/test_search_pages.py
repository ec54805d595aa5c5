"""Paging to the end gives exactly what is there, once each and in order: beside a look at every asset."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.immich_plus.api import Immich
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichNotFoundError,
    ImmichRouteMissingError,
)
from custom_components.immich_plus.api.query import (
    AssetQuery,
    Choice,
    Match,
    Names,
    Order,
    Shown,
    Span,
    YearlyDay,
)
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, Status, missing, replaced
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Visibility
from tests.fake_immich.state import State

from .conftest import VERSIONS, MakeClient
from .searching import (
    ALBUMS,
    EMPTY,
    ME,
    OWN,
    PARTNERS,
    PEOPLE,
    PLACES,
    SHARED,
    SIZES,
    TAGS,
    THEIRS,
    any_query,
    expected,
    fill_search,
    listed,
)

ZONES = ("Pacific/Auckland", "America/Los_Angeles")
CITIES = tuple(place.city for place in PLACES)
YEAR = Span(after=datetime(2021, 1, 1, tzinfo=UTC), before=datetime(2023, 12, 31, tzinfo=UTC))

QUERIES = {
    "plain": AssetQuery(),
    "archive": AssetQuery(visibility=Shown.ARCHIVE),
    "timeline and archive": AssetQuery(visibility=Shown.ANY),
    "trash": AssetQuery(trashed=True, visibility=Shown.ANY),
    "trashed lately": AssetQuery(
        trashed=True,
        trashed_span=Span(after=datetime(2026, 1, 4, tzinfo=UTC), before=datetime(2026, 1, 7, tzinfo=UTC)),
    ),
    "without partners": AssetQuery(with_partners=False),
    "any person": AssetQuery(people=Choice(ids=PEOPLE[:3])),
    "all people": AssetQuery(people=Choice(ids=PEOPLE[:2], match=Match.ALL)),
    "a person without another": AssetQuery(people=Choice(ids=PEOPLE[:1], excluded=PEOPLE[1:2])),
    "without people": AssetQuery(people=Choice(excluded=PEOPLE)),
    "any tag": AssetQuery(tags=Choice(ids=TAGS)),
    "all tags": AssetQuery(tags=Choice(ids=(TAGS[0], TAGS[2]), match=Match.ALL)),
    "without a tag and those below": AssetQuery(tags=Choice(excluded=TAGS[:1])),
    "any album": AssetQuery(albums=Choice(ids=ALBUMS)),
    "two albums at once": AssetQuery(albums=Choice(ids=(SHARED, THEIRS), match=Match.ALL)),
    "a shared album": AssetQuery(albums=Choice(ids=(SHARED,)), visibility=Shown.ANY),
    "somebody's album": AssetQuery(albums=Choice(ids=(THEIRS,))),
    "mine in somebody's album": AssetQuery(albums=Choice(ids=(THEIRS,)), with_partners=False),
    "an album without another": AssetQuery(albums=Choice(ids=(SHARED,), excluded=(THEIRS,))),
    "without albums": AssetQuery(albums=Choice(excluded=(OWN, SHARED))),
    "a shared album's places": AssetQuery(
        albums=Choice(ids=(THEIRS,)), city=Names(names=CITIES[:2], excluded=CITIES[2:])
    ),
    "any place in a shared album": AssetQuery(
        albums=Choice(ids=(THEIRS,)),
        city=Names(names=CITIES[:1]),
        country=Names(names=("Italy",)),
        places_match=Match.ANY,
    ),
    "somebody's archive": AssetQuery(albums=Choice(ids=(THEIRS, SHARED)), visibility=Shown.ARCHIVE),
    "a shared album's days": AssetQuery(
        albums=Choice(ids=(THEIRS, SHARED)), on_this_day=YearlyDay(12, 31, ZoneInfo("Pacific/Auckland"))
    ),
    "in an album": AssetQuery(in_album=True),
    "in no album": AssetQuery(in_album=False),
    "in one and in none": AssetQuery(in_album=False, albums=Choice(ids=(OWN,))),
    "in this one, so in one": AssetQuery(in_album=True, albums=Choice(ids=(OWN,))),
    "in none, so not in this one": AssetQuery(in_album=False, albums=Choice(excluded=(OWN,))),
    "any city": AssetQuery(city=Names(names=CITIES[:2])),
    "city in a country": AssetQuery(city=Names(names=CITIES[:2]), country=Names(names=("Austria",))),
    "city or country": AssetQuery(
        city=Names(names=CITIES[:2]), country=Names(names=("Italy", "Austria")), places_match=Match.ANY
    ),
    "no such city": AssetQuery(city=Names(names=("Nowhere",))),
    "without a city": AssetQuery(city=Names(excluded=CITIES[:1])),
    "without a country or state": AssetQuery(
        country=Names(excluded=("Italy",)), state=Names(excluded=("Vienna",))
    ),
    "a span": AssetQuery(taken=YEAR),
    "added and updated": AssetQuery(
        added=Span(after=datetime(2025, 1, 10, tzinfo=UTC)),
        updated=Span(before=datetime(2025, 7, 10, tzinfo=UTC)),
    ),
    "a camera's films": AssetQuery(make="SampleCam", model="S1", lens_model="35mm F2"),
    "rated favourites": AssetQuery(rating=5, favorite=True),
    "words": AssetQuery(filename="SCREEN", description="sea"),
    **{
        f"{month}-{day} in {zone}": AssetQuery(
            on_this_day=YearlyDay(month, day, ZoneInfo(zone)), visibility=shown
        )
        for zone in ZONES
        for month, day in ((2, 29), (3, 10), (9, 29), (4, 5), (11, 3), (12, 31), (1, 1))
        for shown in (Shown.TIMELINE, Shown.ANY)
    },
    "a day within a span": AssetQuery(on_this_day=YearlyDay(12, 31, ZoneInfo("UTC")), taken=YEAR),
    "a day in the trash": AssetQuery(
        on_this_day=YearlyDay(2, 29, ZoneInfo("UTC")), trashed=True, visibility=Shown.ANY
    ),
    "a day of some people": AssetQuery(
        on_this_day=YearlyDay(1, 1, ZoneInfo("UTC")), people=Choice(ids=PEOPLE), visibility=Shown.ANY
    ),
}
# What no kind of library holds: all others must find something, or they would prove nothing.
NOTHING = {"no such city", "in one and in none"}


@pytest.fixture
async def searched(make_immich: MakeImmich, request: pytest.FixtureRequest) -> FakeImmich:
    """Give a server of the version that a test names."""
    return await make_immich(version=request.param, library=fill_search)


async def connected(make_client: MakeClient, immich: FakeImmich, key: str = "me-key") -> Immich:
    client = make_client(immich, key)
    await client.connect()
    return client


@pytest.mark.parametrize("searched", VERSIONS, indirect=True)
async def test_every_kind_of_query(
    searched: FakeImmich, make_client: MakeClient, request: pytest.FixtureRequest
) -> None:
    """Each kind of filter, with small and large pages, forward and backward; a total is right or not told."""
    version = request.node.callspec.params["searched"]
    client = await connected(make_client, searched)
    for number, (name, query) in enumerate(QUERIES.items()):
        size = SIZES[number % len(SIZES)]
        for order in Order:
            wanted = expected(searched.state, query, version, order)
            assert bool(wanted) is (name not in NOTHING), name
            assert await listed(client, query, order=order, size=size) == wanted, (name, order, size)
        assert await client.search.total(query) in {None, len(wanted)}, name


@pytest.mark.parametrize("searched", VERSIONS, indirect=True)
@pytest.mark.parametrize("size", SIZES)
async def test_every_size_of_page(
    searched: FakeImmich, make_client: MakeClient, request: pytest.FixtureRequest, size: int
) -> None:
    version = request.node.callspec.params["searched"]
    client = await connected(make_client, searched)
    for name in ("plain", "any person", "without a tag and those below", "a shared album", "in an album"):
        wanted = expected(searched.state, QUERIES[name], version)
        assert await listed(client, QUERIES[name], size=size) == wanted, name


@pytest.mark.parametrize("searched", VERSIONS, indirect=True)
async def test_any_query(
    searched: FakeImmich, make_client: MakeClient, request: pytest.FixtureRequest
) -> None:
    """Filters put together by chance."""
    version = request.node.callspec.params["searched"]
    client = await connected(make_client, searched)
    found = told = 0
    for seed in range(60):
        random = Random(seed)
        query, order, size = any_query(random), random.choice(list(Order)), random.choice(SIZES)
        wanted = expected(searched.state, query, version, order)
        assert await listed(client, query, order=order, size=size) == wanted, seed
        total = await client.search.total(query)
        assert total in {None, len(wanted)}, seed
        found += bool(wanted)
        told += total is not None
    assert found > 40
    assert told > 20


@pytest.mark.parametrize("searched", VERSIONS, indirect=True)
async def test_everything_at_once(
    searched: FakeImmich, make_client: MakeClient, request: pytest.FixtureRequest
) -> None:
    """Gathering is paging, and ends where it is told to."""
    version = request.node.callspec.params["searched"]
    client = await connected(make_client, searched)
    for query in (AssetQuery(), QUERIES["a shared album"], QUERIES["any person"], QUERIES["without albums"]):
        wanted = expected(searched.state, query, version)
        assets, complete = await client.search.gather(query, 10_000)
        assert ([asset.id for asset in assets], complete) == (wanted, True)
        assets, complete = await client.search.gather(query, 7)
        assert ([asset.id for asset in assets], complete) == (wanted[:7], False)


@pytest.mark.parametrize("searched", VERSIONS, indirect=True)
async def test_what_is_left_out(
    searched: FakeImmich, make_client: MakeClient, request: pytest.FixtureRequest
) -> None:
    version = request.node.callspec.params["searched"]
    client = await connected(make_client, searched)
    query = QUERIES["a person without another"]
    both = AssetQuery(people=Choice(ids=PEOPLE[:2], match=Match.ALL))
    wanted = set(expected(searched.state, both, version))
    assert await client.search.ids_left_out(query, len(wanted)) == wanted
    assert await client.search.ids_left_out(query, len(wanted) - 1) is None
    assert await client.search.ids_left_out(AssetQuery(), 0) == set()


def burst(count: int, *, others: int = 3) -> FakeImmich:
    """Prepare a server on which many photos share one moment, with a few before and after."""

    def _fill(state: State) -> None:
        me = state.add_user("Me", "me@example.com", is_admin=True, id=ME)
        state.add_api_key(me, name="full", secret="me-key")
        moment = datetime(2024, 7, 1, 12, tzinfo=UTC)
        for number in range(count):
            state.add_asset(me, f"{number}.jpg", id=stable_id(f"burst {number}"), taken=moment)
        for number in range(1, others + 1):
            for sign in (-1, 1):
                taken = moment + sign * number * timedelta(milliseconds=1)
                state.add_asset(me, "x.jpg", id=stable_id(f"burst {number} {sign}"), taken=taken)

    return FakeImmich(library=_fill)


@pytest.mark.parametrize(("size", "order"), [(100, Order.NEWEST), (1000, Order.OLDEST)])
async def test_many_of_one_moment(
    make_client: MakeClient, socket_enabled: None, size: int, order: Order
) -> None:
    """2,500 photos of one moment: a page takes the few requests that reading this moment takes."""
    async with burst(2500) as immich:
        client = await connected(make_client, immich)
        immich.requests.clear()
        found = await listed(client, AssetQuery(), order=order, size=size)
        assert found == expected(immich.state, AssetQuery(), "3.1.0", order)
        pages = len(found) / size + 2
        assert immich.requests.count() <= pages * 6


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("searched", ["2.7.5", "3.1.0"], indirect=True)
async def test_while_photos_come_and_go(searched: FakeImmich, make_client: MakeClient, order: Order) -> None:
    """What is there all the time comes once, in order; nothing comes twice."""
    client = await connected(make_client, searched)
    random = Random(3)
    state = searched.state
    me = state.users[ME]
    stays = expected(state, AssetQuery(), "3.1.0", order)
    seen: list[str] = []
    cursor: str | None = None
    first = True
    while first or cursor is not None:
        first = False
        page = await client.search.page(AssetQuery(), order=order, size=4, cursor=cursor)
        seen += [asset.id for asset in page.assets]
        cursor = page.next_cursor
        gone = random.choice(list(state.assets))
        state.remove_asset(gone)
        stays = [each for each in stays if each != gone]
        model = state.assets[random.choice(stays)]
        for taken in (model.file_created_at, datetime(2026, 1, 1, tzinfo=UTC)):
            state.add_asset(me, "new.jpg", taken=taken)
    assert len(seen) == len(set(seen))
    assert [each for each in seen if each in stays] == stays


async def test_a_server_that_looks_at_no_time(immich: FakeImmich, make_client: MakeClient) -> None:
    """The first page for ever is no answer to a later question."""
    client = make_client(immich)
    rows = [
        {"id": stable_id(f"stuck {number}"), "fileCreatedAt": f"2024-01-0{5 - number}T00:00:00.000Z"}
        for number in range(4)
    ]
    answer = {"assets": {"items": rows, "nextPage": "2"}}
    immich.faults.add("POST search/metadata", replaced(answer))
    with pytest.raises(ImmichBadAnswerError, match="another time"):
        await listed(client, AssetQuery(), size=3)
    assert immich.requests.count("POST search/metadata") < 5


async def test_a_server_that_repeats_a_page(make_client: MakeClient, socket_enabled: None) -> None:
    """Within one moment only page numbers lead on."""
    async with burst(1500, others=0) as immich:

        def _first(body: dict[str, object]) -> None:
            pages.append(body)

        pages: list[dict[str, object]] = []
        client = await connected(make_client, immich)
        immich.faults.add("POST search/metadata", Change(_first), times=1)
        await client.search.page(AssetQuery(), size=1000)
        immich.faults.add("POST search/metadata", replaced(pages[0]))
        with pytest.raises(ImmichBadAnswerError, match="came twice"):
            await client.search.page(AssetQuery(), size=1000)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    "fault",
    [
        missing("assets", "nextPage"),
        replaced("next", "assets", "nextPage"),
        replaced("1", "assets", "nextPage"),
        replaced("", "assets", "nextPage"),
        replaced(True, "assets", "nextPage"),
    ],
)
async def test_wrong_words_about_the_next_page(
    immich: FakeImmich, make_client: MakeClient, fault: Change, size: int
) -> None:
    """Nothing is lost, and it ends."""
    client = make_client(immich)
    wanted = await listed(client, AssetQuery())
    immich.faults.add("POST search/metadata", fault)
    immich.requests.clear()
    assert await listed(client, AssetQuery(), size=size) == wanted
    assert immich.requests.count() <= 40


async def test_rows_without_a_date(immich: FakeImmich, make_client: MakeClient) -> None:
    """They come with the one before them."""

    def _spoil(body: dict[str, dict[str, list[dict[str, object]]]]) -> None:
        for row in body["assets"]["items"]:
            if row["originalFileName"] in {"paris.jpg", "vienna.jpg"}:
                row["fileCreatedAt"] = "+020024-01-01T00:00:00.000Z"

    client = make_client(immich)
    wanted = await listed(client, AssetQuery())
    immich.faults.add("POST search/metadata", Change(_spoil))
    for size in (2, 3, 1000):
        assert sorted(await listed(client, AssetQuery(), size=size)) == sorted(wanted)


@pytest.mark.parametrize(
    "cursor", ["x", "2", "1_", f"{10**15}_{ME}", f"1_{ME}'", "1e3_" + ME, "-_" + ME, "\n_\n"]
)
async def test_hostile_cursors(immich: FakeImmich, make_client: MakeClient, cursor: str) -> None:
    with pytest.raises(ImmichBadRequestError, match="no cursor"):
        await make_client(immich).search.page(AssetQuery(), cursor=cursor)
    assert immich.requests.count() == 0


@pytest.mark.parametrize("cursor", ["", f"0_{ME}", f"-62135596800000_{ME}", f"253402300799999_{ME}"])
@pytest.mark.parametrize("order", list(Order))
async def test_cursors_from_the_ends_of_time(
    each: FakeImmich, make_client: MakeClient, cursor: str, order: Order
) -> None:
    found = await make_client(each).search.page(AssetQuery(), order=order, cursor=cursor)
    assert found.next_cursor is None


async def test_photos_of_the_year_one(immich: FakeImmich, make_client: MakeClient) -> None:
    """Broken clocks make such dates; a day of such a year isn't looked for."""
    admin = immich.state.users[stable_id("tiny admin")]
    for taken in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)):
        immich.state.add_asset(admin, "odd.jpg", taken=taken)
    client = make_client(immich)
    assert len(await listed(client, AssetQuery(), size=2)) == 9
    for zone in ZONES:
        for month, day in ((1, 1), (12, 31)):
            query = AssetQuery(on_this_day=YearlyDay(month, day, ZoneInfo(zone)))
            assert await listed(client, query) == []


@pytest.mark.parametrize("searched", VERSIONS, indirect=True)
async def test_years_with_only_few_kinds_of_photos(searched: FakeImmich, make_client: MakeClient) -> None:
    """A year in which there is only something in the trash, the archive, or of a partner."""
    state = searched.state
    kinds: dict[int, tuple[str, dict[str, Any]]] = {
        1981: (ME, {"trashed_at": state.now()}),
        1982: (ME, {"visibility": Visibility.ARCHIVE}),
        1983: (stable_id("searching partner"), {}),
    }
    for year, (owner, more) in kinds.items():
        taken = datetime(year, 8, 8, 12, tzinfo=UTC)
        state.add_asset(state.users[owner], "x.jpg", id=stable_id(f"{year}"), taken=taken, **more)
    client = await connected(make_client, searched)
    day = YearlyDay(8, 8, ZoneInfo("UTC"))
    for query, years in (
        (AssetQuery(on_this_day=day), [1983]),
        (AssetQuery(on_this_day=day, visibility=Shown.ARCHIVE), [1982]),
        (AssetQuery(on_this_day=day, visibility=Shown.ANY), [1983, 1982]),
        (AssetQuery(on_this_day=day, trashed=True), [1981]),
    ):
        assert await listed(client, query) == [stable_id(f"{year}") for year in years]


async def test_odd_months(immich: FakeImmich, make_client: MakeClient) -> None:
    """Months that can't be read are none."""
    rows = [{"timeBucket": value} for value in (None, 7, "x", "0000-00-00", "2023-05-01T00:00:00.000Z")]
    immich.faults.add("GET timeline/buckets", replaced([*rows, None, "x"]))
    query = AssetQuery(on_this_day=YearlyDay(5, 14, ZoneInfo("UTC")))
    assert await make_client(immich).search.days(query) == [
        Span(
            after=datetime(2023, 5, 14, tzinfo=UTC),
            before=datetime(2023, 5, 14, 23, 59, 59, 999_000, tzinfo=UTC),
        )
    ]


async def test_an_unknown_album(each: FakeImmich, make_client: MakeClient) -> None:
    query = AssetQuery(albums=Choice(ids=(stable_id("nothing"),)))
    with pytest.raises(ImmichNotFoundError):
        await make_client(each).search.page(query)


@pytest.mark.parametrize("version", VERSIONS)
async def test_text_in_pictures(make_immich: MakeImmich, make_client: MakeClient, version: str) -> None:
    """Versions that can't read it say so, as dropping the filter would find everything."""
    immich = await make_immich(version=version, library=fill_search)
    client = await connected(make_client, immich)
    query = AssetQuery(ocr="sortie")
    if not client.version.searches_text_in_pictures:
        with pytest.raises(ImmichRouteMissingError):
            await client.search.page(query)
        return
    wanted = expected(immich.state, query, version)
    assert wanted
    assert await listed(client, query) == wanted
    assert await client.search.total(query) == len(wanted)


@pytest.mark.parametrize(
    "query",
    [
        AssetQuery(people=Choice(excluded=PEOPLE[:1])),
        AssetQuery(city=Names(excluded=CITIES[:1])),
        AssetQuery(in_album=True),
        AssetQuery(people=Choice(ids=PEOPLE[:2])),
        AssetQuery(city=Names(names=CITIES[:1]), country=Names(names=("Italy",)), places_match=Match.ANY),
        AssetQuery(with_partners=False),
        AssetQuery(filename="img"),
        AssetQuery(albums=Choice(ids=(SHARED,))),
        AssetQuery(albums=Choice(ids=(THEIRS,))),
        AssetQuery(people=Choice(ids=PEOPLE, match=Match.ALL), city=Names(names=tuple("abcdefghijklm"))),
    ],
)
async def test_totals_that_nobody_knows(
    make_immich: MakeImmich, make_client: MakeClient, query: AssetQuery
) -> None:
    client = await connected(make_client, await make_immich(library=fill_search))
    assert await client.search.total(query) is None


@pytest.mark.parametrize("version", VERSIONS)
async def test_totals(make_immich: MakeImmich, make_client: MakeClient, version: str) -> None:
    """Hidden parts of live photos aren't counted where timeline and archive are counted together."""
    immich = await make_immich(version=version, library=fill_search)
    client = await connected(make_client, immich)
    for query in (
        AssetQuery(),
        AssetQuery(visibility=Shown.ANY),
        AssetQuery(albums=Choice(ids=(PARTNERS,))),
        AssetQuery(albums=Choice(ids=(EMPTY,))),
        AssetQuery(city=Names(names=CITIES)),
        AssetQuery(on_this_day=YearlyDay(2, 29, ZoneInfo("UTC"))),
        AssetQuery(in_album=False, albums=Choice(ids=(OWN,))),
        AssetQuery(description="sea"),
        AssetQuery(trashed=True),
    ):
        assert await client.search.total(query) == len(expected(immich.state, query, version))


async def test_a_key_that_may_not_count(make_immich: MakeImmich, make_client: MakeClient) -> None:
    """One refusal teaches it, where the server doesn't tell beforehand."""
    immich = await make_immich(version="1.137.3", library=fill_search)
    immich.state.add_api_key(immich.state.users[ME], ["asset.read", "user.read"], secret="narrow")
    client = await connected(make_client, immich, "narrow")
    for _ in range(3):
        assert await client.search.total(AssetQuery()) is None
        assert await client.search.total(AssetQuery(albums=Choice(ids=(OWN,)))) is None
    assert immich.requests.count("POST search/statistics") == 1
    assert immich.requests.count("GET albums/{id}") == 1


async def test_a_count_that_is_refused_without_a_scope(immich: FakeImmich, make_client: MakeClient) -> None:
    """Nothing is learnt from it: it may be another thing the next time."""
    client = make_client(immich)
    immich.faults.add("POST search/statistics", Status(403, "Forbidden"), times=1)
    assert await client.search.total(AssetQuery()) is None
    assert await client.search.total(AssetQuery()) == 7


def test_the_days_are_what_they_seem() -> None:
    """The library has photos on both sides of the midnights that matter."""
    immich = FakeImmich(library=fill_search)
    assert any(asset.visibility is Visibility.HIDDEN for asset in immich.state.assets.values())
    zone = ZoneInfo("Pacific/Auckland")
    days = {asset.file_created_at.astimezone(zone).date() for asset in immich.state.assets.values()}
    assert {date(2020, 2, 29), date(2024, 2, 29)} & days
