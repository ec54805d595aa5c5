"""Smart search: by words and by example, with filters that the server knows and some that it doesn't."""

from datetime import UTC

import pytest

from custom_components.immich_plus.api import Immich, smart_search
from custom_components.immich_plus.api.errors import (
    ImmichBadRequestError,
    ImmichNotFoundError,
    ImmichRouteMissingError,
)
from custom_components.immich_plus.api.query import AssetQuery, Choice, Match, Names, Shown, YearlyDay
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Visibility

from .conftest import VERSIONS, MakeClient
from .searching import OWN, PEOPLE, PLACES, TAGS, expected, fill_search

CITY = PLACES[0].city
EXAMPLE = stable_id("searching Me 3")


@pytest.fixture(params=VERSIONS)
async def searched(make_immich: MakeImmich, request: pytest.FixtureRequest) -> FakeImmich:
    """Give a server of each version."""
    return await make_immich(version=request.param, library=fill_search)


async def connected(make_client: MakeClient, immich: FakeImmich) -> Immich:
    client = make_client(immich, "me-key")
    await client.connect()
    immich.requests.clear()
    return client


async def found(
    client: Immich, query: AssetQuery, *, size: int = 1000, words: str = "sea", like: str | None = None
) -> list[str]:
    """Page to the end."""
    ids: list[str] = []
    cursor: str | None = None
    for _ in range(200):
        page = await client.smart_search.page(query, words=words, like=like, size=size, cursor=cursor)
        ids += [asset.id for asset in page.assets]
        if (cursor := page.next_cursor) is None:
            return ids
    raise AssertionError("there is no end")


def version_of(client: Immich) -> str:
    return str(client.version)


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_pages(searched: FakeImmich, make_client: MakeClient, size: int) -> None:
    """All that fit, the best first, each once."""
    client = await connected(make_client, searched)
    ids = await found(client, AssetQuery(), size=size, words="dinner")
    assert sorted(ids) == sorted(expected(searched.state, AssetQuery(), version_of(client)))
    shown = ["Dinner" in searched.state.assets[asset_id].exif.description for asset_id in ids]
    assert shown == sorted(shown, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        AssetQuery(visibility=Shown.ANY),
        AssetQuery(visibility=Shown.ARCHIVE),
        AssetQuery(with_partners=False),
        AssetQuery(people=Choice(ids=PEOPLE[:2])),
        AssetQuery(people=Choice(ids=PEOPLE[:2], match=Match.ALL)),
        AssetQuery(people=Choice(ids=PEOPLE[:1], excluded=PEOPLE[1:])),
        AssetQuery(tags=Choice(excluded=TAGS)),
        AssetQuery(albums=Choice(ids=(OWN,)), rating=3),
        AssetQuery(albums=Choice(excluded=(OWN,))),
        AssetQuery(in_album=True),
        AssetQuery(in_album=False, filename="IMG"),
        AssetQuery(city=Names(names=(CITY,)), description="SEA"),
        AssetQuery(filename="screen", description="dinner", city=Names(excluded=(CITY,))),
        AssetQuery(filename="no such name"),
        AssetQuery(on_this_day=YearlyDay(12, 31, UTC)),
        AssetQuery(in_album=False, albums=Choice(ids=(OWN,))),
        AssetQuery(trashed=True),
    ],
)
async def test_filters(searched: FakeImmich, make_client: MakeClient, query: AssetQuery) -> None:
    """Names and descriptions, too, of which smart search knows nothing, and what is left out."""
    client = await connected(make_client, searched)
    wanted = sorted(expected(searched.state, query, version_of(client)))
    assert sorted(await found(client, query)) == wanted
    assert set(await found(client, query, size=20)) == set(wanted)
    for request in searched.requests.matching("POST search/smart"):
        assert not {"originalFileName", "description"} & request.json.keys()


async def test_several_searches_take_turns(immich: FakeImmich, make_client: MakeClient) -> None:
    """The best of each come first, and what several find comes once."""
    client = make_client(immich)
    people = tuple(stable_id(f"tiny person {name}") for name in ("Alice", ""))
    page = await client.smart_search.page(AssetQuery(people=Choice(ids=people)), words="x", size=10)
    lists = [
        [
            asset.filename
            for asset in (
                await client.smart_search.page(AssetQuery(people=Choice(ids=(each,))), words="x", size=10)
            ).assets
        ]
        for each in people
    ]
    names = [asset.filename for asset in page.assets]
    assert len(names) == len(set(names)) == len({*lists[0], *lists[1]})
    assert names[0] == lists[0][0]
    assert names[1] in lists[1][:2]


async def test_words_and_their_language(searched: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(make_client, searched)
    await client.smart_search.page(AssetQuery(), words="das Meer", size=5, language="de")
    await client.smart_search.page(AssetQuery(), words="the sea", size=6, cursor="3")
    sent = [request.json for request in searched.requests.matching("POST search/smart")]
    assert [(each["query"], each.get("language"), each["size"], each["page"]) for each in sent] == [
        ("das Meer", "de", 5, 1),
        ("the sea", None, 6, 3),
    ]


async def test_by_example(searched: FakeImmich, make_client: MakeClient) -> None:
    """The example itself is the best; before 1.141 the server can't."""
    client = await connected(make_client, searched)
    searched.state.update_asset(
        searched.state.assets[EXAMPLE], visibility=Visibility.TIMELINE, trashed_at=None
    )
    if not client.version.searches_by_example:
        with pytest.raises(ImmichRouteMissingError):
            await client.smart_search.page(AssetQuery(), like=EXAMPLE, size=5)
        assert searched.requests.count() == 0
        return
    page = await client.smart_search.page(AssetQuery(), like=EXAMPLE.upper(), size=5, language="de")
    assert page.assets[0].id == EXAMPLE
    [request] = searched.requests.matching("POST search/smart")
    assert request.json["queryAssetId"] == EXAMPLE
    assert not {"query", "language"} & request.json.keys()
    for wrong in ("../../x", "", stable_id("nothing")):
        with pytest.raises(ImmichNotFoundError):
            await client.smart_search.page(AssetQuery(), like=wrong, size=5)


async def test_machine_learning_switched_off(searched: FakeImmich, make_client: MakeClient) -> None:
    searched.state.settings.smart_search = False
    client = await connected(make_client, searched)
    with pytest.raises(ImmichBadRequestError, match="Smart search is not enabled"):
        await client.smart_search.page(AssetQuery(), words="sea", size=5)


@pytest.mark.parametrize(
    "cursor", ["x", "0", "-1", "1.5", " 2", "٣", "000000", "1000000", "000000001" + "9" * 5000]
)
async def test_hostile_cursors(immich: FakeImmich, make_client: MakeClient, cursor: str) -> None:
    with pytest.raises(ImmichBadRequestError, match="no cursor"):
        await make_client(immich).smart_search.page(AssetQuery(), words="x", size=5, cursor=cursor)
    assert immich.requests.count() == 0


async def test_a_page_behind_the_last(searched: FakeImmich, make_client: MakeClient) -> None:
    client = await connected(make_client, searched)
    page = await client.smart_search.page(AssetQuery(), words="x", size=5, cursor="999999")
    assert (page.assets, page.next_cursor) == ([], None)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (AssetQuery(filename="img"), "more than 3 assets have that name"),
        (AssetQuery(tags=Choice(excluded=TAGS)), "more than 3 assets would have to be left out"),
    ],
)
async def test_too_much_to_list(
    make_immich: MakeImmich,
    make_client: MakeClient,
    monkeypatch: pytest.MonkeyPatch,
    query: AssetQuery,
    text: str,
) -> None:
    monkeypatch.setattr(smart_search, "MOST_LISTED", 3)
    client = await connected(make_client, await make_immich(library=fill_search))
    with pytest.raises(ImmichBadRequestError, match=text):
        await client.smart_search.page(query, words="x", size=5)
