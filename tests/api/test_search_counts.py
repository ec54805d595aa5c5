"""Counting, gathering, and what a search leaves out: beside a look at every asset there is."""

from datetime import UTC, datetime
from random import Random

import pytest

from custom_components.immich_plus.api import Immich
from custom_components.immich_plus.api.asset import AssetType
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichPermissionError,
)
from custom_components.immich_plus.api.parse import Json
from custom_components.immich_plus.api.query import AssetQuery, Choice, Match, Names, Shown, Span, YearlyDay
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Garble, Status, missing, replaced

from .conftest import VERSIONS, MakeClient
from .searching import (
    EMPTY,
    ME,
    OWN,
    PARTNERS,
    PEOPLE,
    SHARED,
    TAGS,
    THEIRS,
    any_query,
    expected,
    fill_search,
    listed,
)

LEAP_DAY = YearlyDay(2, 29, UTC)
# What Immich can count: every search finds other assets, and only such as are meant.
COUNTED: dict[str, Json] = {
    "all": {},
    "timeline and archive": {"visibility": Shown.ANY},
    "archive": {"visibility": Shown.ARCHIVE},
    "films": {"type": AssetType.VIDEO, "favorite": False},
    "rating": {"rating": 5, "make": "SampleCam", "model": "S1"},
    "lens": {"lens_model": "35mm F2"},
    "description": {"description": "sea"},
    "time": {"taken": Span(after=datetime(2020, 1, 1, tzinfo=UTC))},
    "additions": {"added": Span(before=datetime(2025, 2, 1, tzinfo=UTC))},
    "changes": {"updated": Span(before=datetime(2025, 7, 1, tzinfo=UTC))},
    "trash": {"trashed": True, "visibility": Shown.ANY},
    "in no album": {"in_album": False},
    "own album": {"albums": Choice(ids=(OWN,))},
    "empty album": {"albums": Choice(ids=(EMPTY,))},
    "two own albums": {"albums": Choice(ids=(OWN, PARTNERS), match=Match.ALL)},
    "one person": {"people": Choice(ids=PEOPLE[:1])},
    "all people": {"people": Choice(ids=PEOPLE[:2], match=Match.ALL)},
    "one tag": {"tags": Choice(ids=TAGS[:1])},
    "two cities": {"city": Names(names=("Vienna", "Paris"))},
    "city and country": {"city": Names(names=("Rome", "Paris")), "country": Names(names=("Italy",))},
    "one kind of place": {"city": Names(names=("Rome", "Paris")), "places_match": Match.ANY},
    "a day": {"on_this_day": LEAP_DAY},
    "nothing": {"albums": Choice(ids=(OWN,)), "in_album": False},
}
# What it can't: some would be counted twice, or though they aren't meant.
UNCOUNTED: dict[str, Json] = {
    "any person": {"people": Choice(ids=PEOPLE[:2])},
    "any tag": {"tags": Choice(ids=TAGS[:2])},
    "any album": {"albums": Choice(ids=(OWN, PARTNERS))},
    "any place": {
        "city": Names(names=("Rome",)),
        "country": Names(names=("Italy",)),
        "places_match": Match.ANY,
    },
    "without a tag": {"tags": Choice(excluded=TAGS[:1])},
    "without a city": {"city": Names(excluded=("Rome",))},
    "in an album": {"in_album": True},
    "no partners": {"with_partners": False},
    # Counting doesn't know file names.
    "name": {"filename": "beach"},
    "shared album": {"albums": Choice(ids=(SHARED,))},
    "somebody's album": {"albums": Choice(ids=(THEIRS,))},
    "one of the albums is shared": {"albums": Choice(ids=(OWN, SHARED), match=Match.ALL)},
    # More counts than are asked for.
    "a day in archive and timeline": {
        "on_this_day": YearlyDay(3, 10, UTC),
        "visibility": Shown.ANY,
        "city": Names(names=("Rome", "Paris", "Vienna")),
    },
}


@pytest.fixture(params=VERSIONS, name="server")
async def server_fixture(request: pytest.FixtureRequest, make_immich: MakeImmich) -> FakeImmich:
    return await make_immich(version=request.param, library=fill_search)


@pytest.fixture(name="client")
async def client_fixture(server: FakeImmich, make_client: MakeClient) -> Immich:
    return await connected(server, make_client)


@pytest.fixture(name="library")
async def library_fixture(make_immich: MakeImmich) -> FakeImmich:
    return await make_immich(library=fill_search)


async def connected(server: FakeImmich, make_client: MakeClient, *scopes: str) -> Immich:
    """Connect with a key that may do everything, or what is named."""
    key = "me-key"
    if scopes:
        owner = server.state.users[ME]
        key = server.state.add_api_key(owner, [*scopes, "user.read"], secret="few-key").secret
    client = make_client(server, key)
    await client.connect()
    server.requests.clear()
    return client


async def test_what_can_be_counted(server: FakeImmich, client: Immich) -> None:
    for name, filters in COUNTED.items():
        query = AssetQuery(**filters)
        found = expected(server.state, query, str(client.version))
        assert await client.search.total(query) == len(found), name
        assert found or name in {"nothing", "empty album"}, name


async def test_what_cant_be_counted(server: FakeImmich, client: Immich) -> None:
    for name, filters in UNCOUNTED.items():
        assert await client.search.total(AssetQuery(**filters)) is None, name
    assert server.requests.count("POST search/*") == 0, "asked for nothing"


async def test_totals_of_any_queries(server: FakeImmich, client: Immich) -> None:
    """A number is right, whatever was asked for."""
    random = Random(5)
    told = 0
    for _ in range(60):
        query = any_query(random)
        try:
            total = await client.search.total(query)
        except ImmichBadRequestError as error:
            if error.status is not None:
                raise
            continue
        if total is not None:
            told += 1
            assert total == len(expected(server.state, query, str(client.version))), query
    assert told >= 10


async def test_text_in_pictures_is_counted(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    query = AssetQuery(ocr="exit")
    assert await client.search.total(query) == len(expected(library.state, query, "3.1.0")) > 0


async def test_a_key_that_may_not_count(library: FakeImmich, make_client: MakeClient) -> None:
    """Nothing is asked for in vain."""
    client = await connected(library, make_client, "asset.read", "album.read")
    assert await client.search.total(AssetQuery()) is None
    assert await client.search.counts([{}]) is None
    assert len(library.requests) == 0


async def test_a_key_that_may_not_read_albums(library: FakeImmich, make_client: MakeClient) -> None:
    """Then an album may hold anybody's."""
    client = await connected(library, make_client, "asset.read", "asset.statistics")
    assert await client.search.has_foreign([OWN])
    assert await client.search.total(AssetQuery(albums=Choice(ids=(OWN,)))) is None
    assert len(library.requests) == 0
    assert await client.search.total(AssetQuery()) is not None


async def test_refusals_are_learnt(make_immich: MakeImmich, make_client: MakeClient) -> None:
    """Before 1.139 nothing tells what a key may do: one question is enough."""
    library = await make_immich(version="1.137.3", library=fill_search)
    client = await connected(library, make_client, "asset.read")
    query = AssetQuery(albums=Choice(ids=(OWN,)))
    for _ in range(2):
        assert await client.search.total(AssetQuery()) is None
        assert await client.search.total(query) is None
        assert await client.search.has_foreign([OWN])
    assert library.requests.by_route() == {"POST search/statistics": 1, "GET albums/{id}": 1}
    assert client.scopes.refused == {"asset.statistics", "album.read"}


async def test_refusals_without_a_scope(library: FakeImmich, make_client: MakeClient) -> None:
    """What lies elsewhere than in the key's scopes may be another answer the next time."""
    client = await connected(library, make_client)
    library.faults.add("*", Status(403), times=2)
    assert await client.search.counts([{}]) is None
    assert await client.search.has_foreign([OWN])
    assert client.scopes.refused == set()
    assert await client.search.counts([{"visibility": "timeline"}]) == [
        await client.search.total(AssetQuery())
    ]


async def test_counts_in_the_order_of_the_searches(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    bodies = AssetQuery(people=Choice(ids=PEOPLE)).searches(client.version)
    expected_counts = [
        len(expected(library.state, AssetQuery(people=Choice(ids=(person,))), "3.1.0")) for person in PEOPLE
    ]
    assert await client.search.counts(bodies) == expected_counts
    assert await client.search.counts([]) == []


async def test_whose_albums(server: FakeImmich, client: Immich) -> None:
    """Shared ones, and those of others."""
    for album, foreign in ((OWN, False), (PARTNERS, False), (EMPTY, False), (SHARED, True), (THEIRS, True)):
        assert await client.search.has_foreign([album]) is foreign
    assert not await client.search.has_foreign([OWN, EMPTY])
    assert await client.search.has_foreign([OWN, THEIRS, EMPTY])
    assert not await client.search.has_foreign([])


@pytest.mark.parametrize("body", [b"{}", b'{"total":null}', b"[]", b'{"total":"many"}'])
async def test_spoilt_counts_are_named(library: FakeImmich, make_client: MakeClient, body: bytes) -> None:
    client = await connected(library, make_client)
    library.faults.add("POST search/statistics", Garble(text=body))
    with pytest.raises(ImmichBadAnswerError, match="search/statistics"):
        await client.search.total(AssetQuery())


async def test_other_refusals_are_told(library: FakeImmich, make_client: MakeClient) -> None:
    """Only what the key may not do is nobody's fault."""
    client = await connected(library, make_client, "asset.statistics")
    with pytest.raises(ImmichPermissionError, match=r"asset\.read"):
        await client.search.page(AssetQuery())


async def test_gathering(server: FakeImmich, client: Immich) -> None:
    """All at once, and whether that is all."""
    query = AssetQuery(albums=Choice(ids=(SHARED, OWN)), tags=Choice(excluded=TAGS[:1]))
    wanted = expected(server.state, query, str(client.version))
    number = len(wanted)
    for most in (1, 5, number - 1, number, number + 1, 20_000):
        assets, complete = await client.search.gather(query, most)
        assert [asset.id for asset in assets] == wanted[:most], most
        assert complete is (most >= number) or most == number, most
    assert (await client.search.gather(query, number + 1))[1] is True
    assert (await client.search.gather(query, number - 1))[1] is False
    assert await client.search.gather(AssetQuery(albums=Choice(ids=(EMPTY,))), 10) == ([], True)


async def test_gathering_more_than_a_page(
    library: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on from cursor to cursor until there are as many as wanted."""
    monkeypatch.setattr("custom_components.immich_plus.api.search.LARGEST_PAGE", 7)
    monkeypatch.setattr("custom_components.immich_plus.api.merge.ROUNDS_PER_PAGE", 2)
    client = await connected(library, make_client)
    query = AssetQuery(visibility=Shown.ANY, on_this_day=YearlyDay(3, 10, UTC))
    everything = AssetQuery()
    for each in (query, everything):
        wanted = expected(library.state, each, "3.1.0")
        assets, complete = await client.search.gather(each, 1000)
        assert ([asset.id for asset in assets], complete) == (wanted, True)


async def test_ids_that_are_left_out(server: FakeImmich, client: Immich) -> None:
    """Those that the searches find, but that aren't meant."""
    query = AssetQuery(people=Choice(ids=PEOPLE[:2]), tags=Choice(excluded=TAGS[:2]))
    without = AssetQuery(people=Choice(ids=PEOPLE[:2]))
    version = str(client.version)
    unwanted = set(expected(server.state, without, version)) - set(expected(server.state, query, version))
    assert unwanted
    assert await client.search.ids_left_out(query, len(unwanted)) == unwanted
    assert await client.search.ids_left_out(query, len(unwanted) - 1) is None
    assert await client.search.ids_left_out(without, 0) == set()


async def test_ids_that_are_left_out_of_days(server: FakeImmich, client: Immich) -> None:
    day = YearlyDay(3, 10, UTC)
    query = AssetQuery(on_this_day=day, country=Names(excluded=("Italy", "France", "Austria")))
    version = str(client.version)
    unwanted = set(expected(server.state, AssetQuery(on_this_day=day), version))
    unwanted -= set(expected(server.state, query, version))
    assert unwanted
    assert await client.search.ids_left_out(query, 1000) == unwanted


@pytest.mark.parametrize(
    ("filters", "asked"),
    [
        ({}, [{"visibility": "timeline", "withPartners": "true"}]),
        ({"visibility": Shown.ARCHIVE}, [{}]),
        ({"visibility": Shown.ANY}, [{}, {"visibility": "timeline", "withPartners": "true"}]),
        ({"trashed": True, "visibility": Shown.ANY}, [{"isTrashed": "true"}]),
        ({"albums": Choice(ids=(OWN, SHARED))}, [{"albumId": OWN}, {"albumId": SHARED}]),
        ({"albums": Choice(excluded=(OWN,))}, [{"visibility": "timeline", "withPartners": "true"}]),
    ],
)
async def test_which_months_are_asked_for(
    library: FakeImmich, make_client: MakeClient, filters: Json, asked: list[Json]
) -> None:
    """Years without photos around the day cost nothing."""
    client = await connected(library, make_client)
    await client.search.days(AssetQuery(on_this_day=LEAP_DAY, **filters))
    assert [entry.query for entry in library.requests.matching("GET timeline/buckets")] == asked


async def test_days_of_the_years_around_some_months(library: FakeImmich, make_client: MakeClient) -> None:
    """Months are those of where a photo was taken, so those beside the day's month count as well."""
    client = await connected(library, make_client)

    async def _years(month: int, day: int, *months: object) -> list[int]:
        library.faults.clear()
        rows = [{"timeBucket": each, "count": 1} for each in months]
        library.faults.add("GET timeline/buckets", replaced(rows))
        days = await client.search.days(AssetQuery(on_this_day=YearlyDay(month, day, UTC)))
        return [span.after.year for span in days if span.after]

    assert await _years(5, 1, "2024-05-01", "2023-04-01", "2022-06-01", "2021-07-01") == [2024, 2023, 2022]
    assert await _years(1, 1, "2023-12-01", "2021-02-01", "2020-11-01") == [2024, 2021]
    assert await _years(12, 31, "2024-01-01", "2022-12-01") == [2023, 2022]
    assert await _years(2, 29, "2023-02-01", "2024-03-01") == [2024]
    assert await _years(5, 1, None, "soon", {}, "2024-05-01") == [2024]
    assert await _years(5, 1) == []
    assert await client.search.days(AssetQuery()) == []


async def test_servers_that_tell_no_next_page(library: FakeImmich, make_client: MakeClient) -> None:
    """A page that is full may have another one behind it."""
    library.faults.add("POST search/metadata", missing("assets", "nextPage"))
    client = await connected(library, make_client)
    wanted = expected(library.state, AssetQuery(), "3.1.0")
    for size in (2, 7, 1000):
        assert await listed(client, AssetQuery(), size=size) == wanted
