"""Drawing at random: only what is meant, as many as are wanted, and fairly."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from custom_components.immich_plus.api import Immich, random_assets
from custom_components.immich_plus.api.errors import ImmichBadAnswerError
from custom_components.immich_plus.api.query import AssetQuery, Choice, Match, Names, Shown, YearlyDay
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import replaced
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Role, Tag
from tests.fake_immich.state import State

from .conftest import VERSIONS, MakeClient
from .searching import EMPTY, ME, OWN, PEOPLE, SHARED, TAGS, THEIRS, any_query, expected, fill_search

LARGE, SMALL = (stable_id(f"random tag {name}") for name in ("large", "small"))


@pytest.fixture(autouse=True)
def _same_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the same every time."""
    monkeypatch.setattr(random_assets, "random", Random(11))


async def connected(make_client: MakeClient, immich: FakeImmich, key: str = "me-key") -> Immich:
    client = make_client(immich, key)
    await client.connect()
    immich.requests.clear()
    return client


async def draw(client: Immich, query: AssetQuery, count: int) -> list[str]:
    """Draw, and see to it that nothing comes twice."""
    found = [asset.id for asset in await client.random_assets.draw(query, count)]
    assert len(found) == len(set(found))
    return found


def fill_shares(state: State) -> None:
    """Fill a library of which one tag is on 90 photos, another on 10, five of them with both; 900 have none."""
    me = state.add_user("Me", "me@example.com", is_admin=True, id=ME)
    state.add_api_key(me, name="full", secret="me-key")
    state.add_api_key(me, ["asset.read", "user.read"], name="narrow", secret="narrow-key")
    for tag_id in (LARGE, SMALL):
        state.tags[tag_id] = Tag(
            id=tag_id, user_id=ME, value=tag_id, created_at=state.now(), updated_at=state.now()
        )
    for number in range(1000):
        taken = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        asset = state.add_asset(me, "x.jpg", id=stable_id(f"random {number}"), taken=taken)
        asset.tag_ids += [LARGE] if number < 90 else []
        asset.tag_ids += [SMALL] if 85 <= number < 95 else []


@pytest.mark.parametrize("version", VERSIONS)
async def test_only_what_is_meant(make_immich: MakeImmich, make_client: MakeClient, version: str) -> None:
    """Whatever the filters: as many as are wanted, or all there are."""
    immich = await make_immich(version=version, library=fill_search)
    client = await connected(make_client, immich)
    for seed in range(60):
        chance = Random(seed)
        query = any_query(chance)
        count = chance.choice((1, 2, 5, 20, 250, 1000))
        wanted = expected(immich.state, query, version)
        found = await draw(client, query, count)
        assert set(found) <= set(wanted), seed
        assert len(found) == min(count, len(wanted)), seed


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "query",
    [
        AssetQuery(),
        AssetQuery(visibility=Shown.ANY),
        AssetQuery(with_partners=False),
        AssetQuery(people=Choice(ids=PEOPLE)),
        AssetQuery(people=Choice(ids=PEOPLE[:2], match=Match.ALL)),
        AssetQuery(tags=Choice(ids=TAGS, excluded=TAGS[1:2])),
        AssetQuery(albums=Choice(ids=(OWN,))),
        AssetQuery(albums=Choice(ids=(SHARED, THEIRS))),
        AssetQuery(albums=Choice(ids=(EMPTY,))),
        AssetQuery(albums=Choice(excluded=(SHARED,))),
        AssetQuery(in_album=False, albums=Choice(ids=(OWN,))),
        AssetQuery(city=Names(excluded=("Vienna",))),
        AssetQuery(on_this_day=YearlyDay(12, 31, UTC)),
        AssetQuery(filename="img"),
        AssetQuery(description="sea"),
    ],
)
async def test_more_than_there_are(
    make_immich: MakeImmich, make_client: MakeClient, version: str, query: AssetQuery
) -> None:
    immich = await make_immich(version=version, library=fill_search)
    client = await connected(make_client, immich)
    assert sorted(await draw(client, query, 1000)) == sorted(expected(immich.state, query, version))


async def test_all_there_are_take_one_draw(make_immich: MakeImmich, make_client: MakeClient) -> None:
    """Fewer than were asked for are all: nothing is drawn again, and nothing listed."""
    immich = await make_immich(library=fill_shares)
    client = await connected(make_client, immich)
    assert len(await draw(client, AssetQuery(tags=Choice(ids=(SMALL,))), 50)) == 10
    assert immich.requests.by_route() == {"POST search/random": 1}
    assert len(await draw(client, AssetQuery(tags=Choice(ids=(SMALL, LARGE))), 500)) == 95
    assert immich.requests.by_route() == {"POST search/random": 3, "POST search/statistics": 2}


async def chances(client: Immich, query: AssetQuery, count: int, times: int) -> Counter[str]:
    """Count how often each asset is drawn."""
    return Counter([asset for _ in range(times) for asset in await draw(client, query, count)])


def unlikely(drawn: Counter[str], among: list[str]) -> float:
    """Return how far from even this is: chi-square for each degree of freedom, 1 if chance alone is at work."""
    mean = drawn.total() / len(among)
    return sum((drawn[each] - mean) ** 2 / mean for each in among) / (len(among) - 1)


@pytest.mark.parametrize("count", [1, 5])
async def test_all_are_equally_likely(make_immich: MakeImmich, make_client: MakeClient, count: int) -> None:
    client = await connected(make_client, await make_immich(library=fill_shares))
    drawn = await chances(client, AssetQuery(tags=Choice(ids=(LARGE,))), count, 540 // count)
    assert 0.6 < unlikely(drawn, [stable_id(f"random {number}") for number in range(90)]) < 1.5


@pytest.mark.parametrize("count", [1, 4])
async def test_a_larger_share_is_drawn_more_often(
    make_immich: MakeImmich, make_client: MakeClient, count: int
) -> None:
    """Of several searches each counts by its size, however few are drawn."""
    client = await connected(make_client, await make_immich(library=fill_shares))
    drawn = await chances(client, AssetQuery(tags=Choice(ids=(LARGE, SMALL))), count, 320 // count)
    small = sum(drawn[stable_id(f"random {number}")] for number in range(85, 95))
    # Ten of 95, of which five are twice in the pot.
    assert 0.10 < small / drawn.total() < 0.20


async def test_without_counting_each_search_has_the_same_share(
    make_immich: MakeImmich, make_client: MakeClient
) -> None:
    immich = await make_immich(library=fill_shares)
    client = await connected(make_client, immich, "narrow-key")
    drawn = await chances(client, AssetQuery(tags=Choice(ids=(LARGE, SMALL))), 1, 200)
    small = sum(drawn[stable_id(f"random {number}")] for number in range(90, 95))
    assert 0.15 < small / drawn.total() < 0.35
    assert immich.requests.count("POST search/statistics") == 0


async def test_what_is_left_out_is_never_drawn(make_immich: MakeImmich, make_client: MakeClient) -> None:
    """As many come as are wanted, each as likely as the others."""
    client = await connected(make_client, await make_immich(library=fill_shares))
    query = AssetQuery(tags=Choice(ids=(LARGE,), excluded=(SMALL,)))
    drawn = await chances(client, query, 5, 120)
    assert drawn.total() == 600
    assert 0.6 < unlikely(drawn, [stable_id(f"random {number}") for number in range(85)]) < 1.5


async def test_hardly_anything_is_wanted(
    make_immich: MakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where drawing misses again and again, the rest is listed."""
    monkeypatch.setattr(random_assets, "_ROUNDS", (1,))
    immich = await make_immich(library=fill_shares)
    client = await connected(make_client, immich)
    query = AssetQuery(tags=Choice(ids=(SMALL,), excluded=(LARGE,)))
    wanted = {stable_id(f"random {number}") for number in range(90, 95)}
    for _ in range(20):
        assert set(await draw(client, query, 5)) == wanted
    assert immich.requests.count("POST search/random") == 20


async def test_more_left_out_than_is_kept_in_mind(
    make_immich: MakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the newest are drawn from."""
    monkeypatch.setattr(random_assets, "MOST_LISTED", 50)
    client = await connected(make_client, await make_immich(library=fill_shares))
    newest = {stable_id(f"random {number}") for number in range(950, 1000)}
    assert set(await draw(client, AssetQuery(tags=Choice(excluded=(LARGE,))), 1000)) == newest


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_shared_album_gives_others_photos_too(
    make_immich: MakeImmich, make_client: MakeClient, version: str
) -> None:
    """The server's own drawing would miss them."""
    immich = await make_immich(version=version, library=fill_search)
    client = await connected(make_client, immich)
    found = await draw(client, AssetQuery(albums=Choice(ids=(THEIRS,))), 30)
    owners = {immich.state.assets[asset_id].owner_id for asset_id in found}
    assert ME in owners
    assert stable_id("searching stranger") in owners
    assert immich.requests.count("POST search/random") == 0


async def test_an_album_of_ones_own_is_drawn_from_by_the_server(
    make_immich: MakeImmich, make_client: MakeClient
) -> None:
    immich = await make_immich(library=fill_search)
    client = await connected(make_client, immich)
    assert await draw(client, AssetQuery(albums=Choice(ids=(OWN,))), 3)
    assert immich.requests.by_route() == {"GET albums/{id}": 1, "POST search/random": 1}


async def test_a_key_that_may_not_read_albums(make_immich: MakeImmich, make_client: MakeClient) -> None:
    """The album is listed, as it may hold other people's photos."""
    immich = await make_immich(library=fill_search)
    immich.state.add_api_key(immich.state.users[ME], ["asset.read", "user.read"], secret="narrow")
    immich.state.albums[OWN].members[stable_id("searching stranger")] = Role.VIEWER
    client = await connected(make_client, immich, "narrow")
    assert len(await draw(client, AssetQuery(albums=Choice(ids=(OWN,))), 3)) == 3
    assert immich.requests.by_route() == {"POST search/metadata": 1}


async def test_the_same_for_all_searches_of_a_day_without_photos(
    make_immich: MakeImmich, make_client: MakeClient
) -> None:
    client = await connected(make_client, await make_immich(library=fill_shares))
    assert await draw(client, AssetQuery(on_this_day=YearlyDay(12, 1, UTC)), 5) == []


@pytest.mark.parametrize("answer", [{}, 7, "x"])
async def test_a_spoilt_draw_is_named(immich: FakeImmich, make_client: MakeClient, answer: object) -> None:
    immich.faults.add("POST search/random", replaced(answer))
    with pytest.raises(ImmichBadAnswerError, match="search/random"):
        await make_client(immich).random_assets.draw(AssetQuery(), 1)
