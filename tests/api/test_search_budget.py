"""How many requests searching takes: it grows with pages of a thousand, never with single assets."""

from math import ceil

import pytest

from custom_components.immich_plus.api import Immich
from custom_components.immich_plus.api.query import AssetQuery, Choice, Order, Shown
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.libraries import scale
from tests.fake_immich.models import Album, Face, Visibility
from tests.fake_immich.state import State

from .conftest import MakeClient
from .searching import listed

PEOPLE = tuple(stable_id(f"scale person {number}") for number in range(3))
LEFT_OUT = tuple(stable_id(f"scale tag {number}") for number in range(2))
ALBUM = stable_id("budget album")
COUNTS = (1, 1_000, 10_000)


def library(count: int) -> State:
    """Fill a library of `count` assets in the timeline: all in one album, each with one of three people, or two."""
    state = State()
    scale(count)(state)
    for asset in state.assets.values():
        if asset.visibility is not Visibility.TIMELINE:
            state.update_asset(asset, visibility=Visibility.TIMELINE)
        state.put_in_album(state.albums.get(ALBUM) or _album(state), asset.id)
        for number, person in enumerate(PEOPLE):
            if int(asset.id[7], 16) not in range(number * 5, number * 5 + 6):
                continue
            face_id = f"{asset.id} {number}"
            box = dict.fromkeys(("x1", "y1", "x2", "y2", "image_width", "image_height"), 1)
            state.put_face(Face(id=face_id, asset_id=asset.id, person_id=person, **box))  # type: ignore[arg-type]
    return state


def _album(state: State) -> Album:
    [owner] = state.users.values()
    return state.add_album(owner, "All", id=ALBUM)


@pytest.fixture(scope="module")
def libraries() -> dict[int, State]:
    """Give the libraries, which no test changes."""
    return {count: library(count) for count in COUNTS}


@pytest.fixture(params=COUNTS)
async def count(request: pytest.FixtureRequest) -> int:
    """Give the number of assets."""
    return int(request.param)


@pytest.fixture
async def scaled(
    make_immich: MakeImmich, libraries: dict[int, State], count: int, version: str
) -> FakeImmich:
    """Give a server with that many assets."""
    return await make_immich(version=version, library=None, state=libraries[count])


@pytest.fixture
def version() -> str:
    """Give the version where a test names none."""
    return "3.1.0"


@pytest.fixture
async def searching(scaled: FakeImmich, make_client: MakeClient) -> Immich:
    """Give a client whose requests are counted from now on."""
    client = make_client(scaled, "scale-key")
    await client.connect()
    scaled.requests.clear()
    return client


ANYBODY = AssetQuery(people=Choice(ids=PEOPLE))
UNTAGGED = AssetQuery(tags=Choice(excluded=LEFT_OUT))
WHOLE_ALBUM = AssetQuery(albums=Choice(ids=(ALBUM,)))


@pytest.mark.parametrize(
    ("version", "query", "searches"),
    [
        # The searches that it takes: of what is wanted, and of what is left out.
        ("3.1.0", AssetQuery(), 1),
        ("3.1.0", AssetQuery(visibility=Shown.ANY), 1),
        ("2.7.5", AssetQuery(visibility=Shown.ANY), 2),
        ("3.1.0", ANYBODY, 3),
        ("3.1.0", UNTAGGED, 3),
        ("3.1.0", AssetQuery(people=Choice(ids=PEOPLE), tags=Choice(excluded=LEFT_OUT[:1])), 6),
        ("3.1.0", AssetQuery(in_album=True), 2),
        ("3.1.0", WHOLE_ALBUM, 1),
        # The album's contents as well.
        ("2.7.5", WHOLE_ALBUM, 2),
    ],
)
async def test_listing(
    scaled: FakeImmich, searching: Immich, count: int, query: AssetQuery, searches: int
) -> None:
    """A request for each search and each thousand."""
    found = await listed(searching, query)
    assert len(found) <= count
    assert scaled.requests.count() <= searches * (ceil(count / 990) + 1)


@pytest.mark.parametrize(
    ("version", "query", "searches"),
    [("3.1.0", AssetQuery(), 1), ("3.1.0", ANYBODY, 3), ("3.1.0", UNTAGGED, 3), ("2.7.5", WHOLE_ALBUM, 2)],
)
async def test_gathering(
    scaled: FakeImmich, searching: Immich, count: int, query: AssetQuery, searches: int
) -> None:
    """The same at once."""
    found, complete = await searching.search.gather(query, 20_000)
    assert complete
    assert len(found) <= count
    assert scaled.requests.count() <= searches * (ceil(count / 990) + 1)


@pytest.mark.parametrize("order", list(Order))
async def test_one_page(scaled: FakeImmich, searching: Immich, count: int, order: Order) -> None:
    """One request, wherever it begins, and one for the total."""
    first = await searching.search.page(AssetQuery(), order=order, size=250)
    assert len(first.assets) == min(count, 250)
    assert scaled.requests.by_route() == {"POST search/metadata": 1}
    if first.next_cursor:
        second = await searching.search.page(AssetQuery(), order=order, size=250, cursor=first.next_cursor)
        assert len(second.assets) == 250
        assert scaled.requests.count() == 2
    scaled.requests.clear()
    assert await searching.search.total(AssetQuery()) == count
    assert scaled.requests.by_route() == {"POST search/statistics": 1}


@pytest.mark.parametrize(
    ("query", "most"),
    [
        (AssetQuery(), 1),
        # Each is counted, then drawn from; a photo that came twice is made up for.
        (ANYBODY, 3 + 3 * 3),
        (UNTAGGED, 2 + 3),
        (WHOLE_ALBUM, 2),
    ],
)
@pytest.mark.parametrize("wanted", [1, 250])
async def test_drawing(
    scaled: FakeImmich, searching: Immich, count: int, query: AssetQuery, most: int, wanted: int
) -> None:
    """However many there are to draw from."""
    found = await searching.random_assets.draw(query, wanted)
    assert 0 <= min(count, wanted) - len(found) <= (count == 1)
    assert scaled.requests.count() <= most


@pytest.mark.parametrize(
    ("query", "searches", "more"),
    [
        (AssetQuery(), 1, 0),
        (ANYBODY, 3, 0),
        # What is left out is listed once for each page.
        (UNTAGGED, 1, 2),
    ],
)
async def test_smart_search(
    scaled: FakeImmich, searching: Immich, count: int, query: AssetQuery, searches: int, more: int
) -> None:
    """One request for each search."""
    page = await searching.smart_search.page(query, words="sea", size=250)
    assert len(page.assets) <= 250 * searches
    assert scaled.requests.count() <= searches + more


async def test_names_in_smart_search(scaled: FakeImmich, searching: Immich, count: int) -> None:
    """What smart search doesn't know is listed first, a thousand a request."""
    await searching.smart_search.page(AssetQuery(filename="DSC"), words="sea", size=250)
    assert scaled.requests.count() <= 1 + ceil(count / 990) + 1
