"""Smart search: beside what its filters let through, on all versions."""

from typing import Any

import pytest

from custom_components.immich_plus.api import Immich, smart_search
from custom_components.immich_plus.api.errors import ImmichBadRequestError, ImmichRouteMissingError
from custom_components.immich_plus.api.parse import Json
from custom_components.immich_plus.api.query import AssetQuery, Choice, Match, Names, Shown, YearlyDay
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status

from .conftest import VERSIONS, MakeClient
from .searching import DAYS, EMPTY, ME, OWN, PEOPLE, TAGS, ZONES, expected, fill_search

FILTERS: dict[str, Json] = {
    "none": {},
    "archive": {"visibility": Shown.ARCHIVE},
    "archive as well": {"visibility": Shown.ANY},
    "own only": {"with_partners": False},
    "any person": {"people": Choice(ids=PEOPLE[:3])},
    "all people": {"people": Choice(ids=PEOPLE[:2], match=Match.ALL)},
    "without a tag": {"tags": Choice(excluded=TAGS[:1])},
    "without a city": {"city": Names(excluded=("Rome",))},
    "in an album": {"in_album": True, "with_partners": False},
    "in no album": {"in_album": False},
    # Filters that smart search would drop without a word.
    "name": {"filename": "beach"},
    "description": {"description": "sea"},
    "name without a person": {"filename": "beach", "people": Choice(excluded=PEOPLE[:1])},
    "a day": {"on_this_day": YearlyDay(*DAYS[1], ZONES[0])},
    "own album": {"albums": Choice(ids=(OWN,))},
    "empty album": {"albums": Choice(ids=(EMPTY,))},
    "trash": {"trashed": True},
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


async def connected(server: FakeImmich, make_client: MakeClient) -> Immich:
    client = make_client(server, "me-key")
    await client.connect()
    server.requests.clear()
    return client


async def walk(client: Immich, query: AssetQuery, size: int = 1000, **asked: Any) -> list[str]:
    """Page to the end; each page takes at most `size` of each search."""
    found: list[str] = []
    cursor: str | None = None
    for _ in range(200):
        page = await client.smart_search.page(
            query, size=size, cursor=cursor, **(asked or {"words": "vienna sea"})
        )
        found += [asset.id for asset in page.assets]
        if (cursor := page.next_cursor) is None:
            return found
    raise AssertionError("there is no end")


@pytest.mark.parametrize("name", list(FILTERS))
async def test_all_that_passes_the_filters(server: FakeImmich, client: Immich, name: str) -> None:
    """Whatever filters there are, nothing else comes; each asset once a page."""
    query = AssetQuery(**FILTERS[name])
    found = await walk(client, query)
    assert len(found) == len(set(found))
    assert sorted(found) == sorted(expected(server.state, query, str(client.version)))
    assert set(await walk(client, query, size=5)) == set(found)


async def test_the_best_first(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    page = await client.smart_search.page(AssetQuery(), words="vienna", size=10)
    assert {asset.exif.city for asset in page.assets if asset.exif} == {"Vienna"}
    assert len(page.assets) == 10
    assert page.next_cursor == "2"


async def test_results_of_several_searches_alternate(library: FakeImmich, make_client: MakeClient) -> None:
    """The best of each comes before the second of any."""
    client = await connected(library, make_client)
    alone = [
        await walk(client, AssetQuery(tags=Choice(ids=(tag,))), words="sea") for tag in (TAGS[0], TAGS[2])
    ]
    both = await walk(client, AssetQuery(tags=Choice(ids=(TAGS[0], TAGS[2]))), words="sea")
    firsts = list(dict.fromkeys(each[place] for place in range(3) for each in alone))
    assert both[: len(firsts)] == firsts
    assert sorted(both) == sorted({*alone[0], *alone[1]})


async def test_by_example(server: FakeImmich, client: Immich) -> None:
    """From 1.141 on; the example itself is most like itself."""
    asset = next(each for each in expected(server.state, AssetQuery(), str(client.version)))
    if not client.version.searches_by_example:
        with pytest.raises(ImmichRouteMissingError, match="example"):
            await client.smart_search.page(AssetQuery(), like=asset, size=5)
        assert server.requests.count("POST search/*") == 0
        return
    page = await client.smart_search.page(AssetQuery(), like=asset, language="de", size=5)
    assert page.assets[0].id == asset
    (asked,) = server.requests.matching("POST search/smart")
    assert asked.json["queryAssetId"] == asset
    assert not {"query", "language"} & asked.json.keys()


async def test_an_example_that_is_no_id(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    with pytest.raises(ImmichBadRequestError):
        await client.smart_search.page(AssetQuery(), like="../../users", size=5)
    assert len(library.requests) == 0


async def test_what_is_asked(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    await client.smart_search.page(AssetQuery(rating=5), words="Meer", language="de", size=7, cursor="2")
    await client.smart_search.page(AssetQuery(filename="img", description="sea"), words="sea", size=7)
    first, second = (entry.json for entry in library.requests.matching("POST search/smart"))
    same = {"withExif": True, "withPeople": True, "visibility": "timeline", "size": 7}
    assert first == same | {"query": "Meer", "language": "de", "rating": 5, "page": 2}
    assert second == same | {"query": "sea", "page": 1}


@pytest.mark.parametrize(
    "cursor", ["0", "-1", "1.5", "٣", "next", "1" * 7, "1" * 5000, f"1_{ME}", " 2", "\0"]
)
async def test_what_is_no_cursor(library: FakeImmich, make_client: MakeClient, cursor: str) -> None:
    client = await connected(library, make_client)
    with pytest.raises(ImmichBadRequestError, match="no cursor"):
        await client.smart_search.page(AssetQuery(), words="sea", size=5, cursor=cursor)
    assert len(library.requests) == 0


async def test_behind_the_end(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    page = await client.smart_search.page(AssetQuery(), words="sea", size=5, cursor="999999")
    assert (page.assets, page.next_cursor) == ([], None)


@pytest.mark.parametrize(
    ("filters", "problem"),
    [
        ({"filename": "beach"}, "more than 5 assets have that name"),
        ({"description": "sea"}, "more than 5 assets have that name"),
        ({"tags": Choice(excluded=TAGS)}, "more than 5 assets would have to be left out"),
    ],
)
async def test_too_much_to_list(
    library: FakeImmich,
    make_client: MakeClient,
    monkeypatch: pytest.MonkeyPatch,
    filters: Json,
    problem: str,
) -> None:
    """Rather an error than an answer that lacks something."""
    monkeypatch.setattr(smart_search, "MOST_LISTED", 5)
    client = await connected(library, make_client)
    with pytest.raises(ImmichBadRequestError, match=problem):
        await client.smart_search.page(AssetQuery(**filters), words="sea", size=5)
    assert library.requests.count("POST search/smart") == 0


async def test_switched_off(library: FakeImmich, make_client: MakeClient) -> None:
    library.state.settings.smart_search = False
    client = await connected(library, make_client)
    with pytest.raises(ImmichBadRequestError, match="not enabled"):
        await client.smart_search.page(AssetQuery(), words="sea", size=5)


async def test_one_of_several_fails(library: FakeImmich, make_client: MakeClient) -> None:
    """No half answer."""
    client = await connected(library, make_client)
    library.faults.add("POST search/smart", Status(400, message="no"), times=1, after=1)
    with pytest.raises(ImmichBadRequestError):
        await client.smart_search.page(AssetQuery(tags=Choice(ids=TAGS)), words="sea", size=5)


async def test_no_day_in_any_year(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    query = AssetQuery(on_this_day=YearlyDay(7, 30, ZONES[2]), albums=Choice(ids=(EMPTY,)))
    page = await client.smart_search.page(query, words="sea", size=5)
    assert (page.assets, page.next_cursor) == ([], None)
    assert library.requests.count("POST search/smart") == 0
