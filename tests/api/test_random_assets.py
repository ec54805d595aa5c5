"""Drawing at random: only what is meant, each at most once, all if there are few, and fairly."""

from collections import Counter
import random

import pytest

from custom_components.immich_plus.api import Immich, random_assets
from custom_components.immich_plus.api.asset import AssetType
from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichBadRequestError
from custom_components.immich_plus.api.parse import Json
from custom_components.immich_plus.api.query import AssetQuery, Choice, Match, Names, Shown, YearlyDay
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Garble, Status

from .conftest import VERSIONS, MakeClient
from .searching import (
    DAYS,
    EMPTY,
    ME,
    OWN,
    PARTNERS,
    PEOPLE,
    SHARED,
    TAGS,
    THEIRS,
    ZONES,
    expected,
    fill_search,
)

FILTERS: dict[str, Json] = {
    "none": {},
    "archive as well": {"visibility": Shown.ANY},
    "own only": {"with_partners": False},
    "any person": {"people": Choice(ids=PEOPLE)},
    "without a tag": {"tags": Choice(excluded=TAGS[:1])},
    "any city without a tag": {
        "city": Names(names=("Rome", "Paris")),
        "tags": Choice(excluded=TAGS[:2]),
    },
    "in an album": {"in_album": True, "with_partners": False},
    "in no album": {"in_album": False},
    "name": {"filename": "beach"},
    "description": {"description": "sea"},
    "own album": {"albums": Choice(ids=(OWN,))},
    "shared album": {"albums": Choice(ids=(SHARED,))},
    "somebody's album": {"albums": Choice(ids=(THEIRS,)), "people": Choice(excluded=PEOPLE[:1])},
    "any album": {"albums": Choice(ids=(OWN, SHARED))},
    "all albums": {"albums": Choice(ids=(OWN, PARTNERS), match=Match.ALL)},
    "empty album": {"albums": Choice(ids=(EMPTY,))},
    "a day": {"on_this_day": YearlyDay(*DAYS[1], ZONES[2])},
    "trash": {"trashed": True},
    "nothing": {"albums": Choice(ids=(OWN,)), "in_album": False},
}


@pytest.fixture(autouse=True)
def _same_chance() -> None:
    random.seed(3)


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


async def drawn(client: Immich, query: AssetQuery, count: int) -> list[str]:
    found = [asset.id for asset in await client.random_assets.draw(query, count)]
    assert len(found) == len(set(found))
    return found


async def test_only_what_is_meant(server: FakeImmich, client: Immich) -> None:
    """As many as there are, up to the number asked for."""
    for name, filters in FILTERS.items():
        query = AssetQuery(**filters)
        meant = expected(server.state, query, str(client.version))
        for count in (1, 4, 1000):
            found = await drawn(client, query, count)
            assert set(found) <= set(meant), name
            assert len(found) == min(count, len(meant)), (name, count)


async def test_not_always_the_same(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    for filters in ({}, FILTERS["name"], FILTERS["without a tag"]):
        draws = {tuple(await drawn(client, AssetQuery(**filters), 3)) for _ in range(6)}
        assert len(draws) > 3


async def test_details_come_along(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    assets = await client.random_assets.draw(AssetQuery(people=Choice(ids=PEOPLE[:1])), 3)
    assert all(asset.exif is not None and asset.people for asset in assets)


async def test_each_asset_has_the_same_chance(library: FakeImmich, make_client: MakeClient) -> None:
    """A search that finds much is drawn from more often than one that finds little."""
    client = await connected(library, make_client)
    state = library.state
    mine = [asset for asset in state.assets.values() if asset.owner_id == ME]
    rare = expected(state, AssetQuery(city=Names(names=("Nowhere",))), "3.1.0")
    assert not rare
    chosen = next(each for each in mine if each.id in expected(state, AssetQuery(), "3.1.0"))
    state.update_exif(chosen, city="Nowhere")
    query = AssetQuery(city=Names(names=("Nowhere", "Vienna", "Rome", "Paris")))
    number = len(expected(state, query, "3.1.0"))
    draws = 120
    counts = Counter((await drawn(client, query, 1))[0] for _ in range(draws))
    assert number > 30
    # 1 in 30 or less, where a draw from each city in turn would make it 1 in 4.
    assert counts[chosen.id] < draws / 8


async def test_without_counts_searches_are_drawn_from_evenly(
    library: FakeImmich, make_client: MakeClient
) -> None:
    client = await connected(library, make_client, "asset.read", "album.read")
    query = AssetQuery(city=Names(names=("Rome", "Vienna")))
    found = await drawn(client, query, 10)
    assert len(found) == 10
    sizes = [entry.json["size"] for entry in library.requests.matching("POST search/random")]
    assert library.requests.count("POST search/statistics") == 0
    assert sum(sizes) == 10


async def test_overlapping_searches_are_drawn_from_again(
    library: FakeImmich, make_client: MakeClient
) -> None:
    """What comes twice is one, and more is drawn for it."""
    client = await connected(library, make_client)
    query = AssetQuery(people=Choice(ids=PEOPLE))
    number = len(expected(library.state, query, "3.1.0"))
    for _ in range(5):
        assert len(await drawn(client, query, number - 1)) == number - 1


async def test_hardly_anything_of_what_is_drawn_is_wanted(
    library: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then all that is wanted is listed: there are enough."""
    monkeypatch.setattr(random_assets, "_LARGEST_DRAW", 2)
    client = await connected(library, make_client)
    query = AssetQuery(tags=Choice(excluded=TAGS))
    meant = expected(library.state, query, "3.1.0")
    assert set(await drawn(client, query, len(meant))) == set(meant)
    assert library.requests.count("POST search/random") == 3


async def test_too_much_to_leave_out(
    library: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the newest of what is wanted are drawn from."""
    monkeypatch.setattr(random_assets, "MOST_LISTED", 5)
    client = await connected(library, make_client)
    query = AssetQuery(tags=Choice(excluded=TAGS))
    assert set(await drawn(client, query, 9)) == set(expected(library.state, query, "3.1.0")[:5])
    assert library.requests.count("POST search/random") == 0


async def test_a_key_that_may_not_read_albums(library: FakeImmich, make_client: MakeClient) -> None:
    """An album may hold anybody's photos, which searching finds and drawing doesn't."""
    client = await connected(library, make_client, "asset.read", "asset.statistics")
    library.faults.add("POST search/random", Status(500))
    # The fake, as Immich does, opens albums to searches only with `album.read`.
    with pytest.raises(ImmichBadRequestError):
        await client.random_assets.draw(AssetQuery(albums=Choice(ids=("no id",))), 1)
    assert library.requests.by_route().keys() == {"POST search/metadata"}


@pytest.mark.parametrize("body", [b"{}", b"null", b'{"items":[]}'])
async def test_spoilt_draws_are_named(library: FakeImmich, make_client: MakeClient, body: bytes) -> None:
    client = await connected(library, make_client)
    library.faults.add("POST search/random", Garble(text=body))
    with pytest.raises(ImmichBadAnswerError, match="search/random: expected a list"):
        await client.random_assets.draw(AssetQuery(), 1)


async def test_odd_rows_are_left_out(library: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(library, make_client)
    library.faults.add("POST search/random", Garble(text=b'[null,{},{"id":"a","type":"IMAGE"},7]'))
    assert await drawn(client, AssetQuery(type=AssetType.IMAGE), 4) == ["a"]
