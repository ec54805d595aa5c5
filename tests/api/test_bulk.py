"""Changes of many assets: pages of a named size, and the search for what is refused."""

from collections.abc import Awaitable, Callable, Iterator, Sequence

import pytest

from custom_components.immich_plus.api import bulk
from custom_components.immich_plus.api.asset import Visibility
from custom_components.immich_plus.api.assets import AssetChange
from custom_components.immich_plus.api.bulk import (
    ASSETS_PER_REQUEST,
    SEARCHES_FOR_REFUSED,
    Changed,
    all_or_nothing,
    in_pages,
    pages,
)
from custom_components.immich_plus.api.errors import (
    ImmichBadRequestError,
    ImmichError,
    ImmichNotFoundError,
    ImmichPermissionError,
    ImmichServerError,
)
from tests.conftest import MakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.libraries import scale

from .conftest import MakeClient


def ids(count: int, start: int = 0) -> list[str]:
    """Give so many different ids."""
    return [f"{number:08x}-0000-4000-8000-000000000000" for number in range(start, start + count)]


class Server:
    """Changes pages of ids, all of them or, if one is refused, none."""

    def __init__(self, refused: Sequence[str] = ()) -> None:
        """Refuse some ids."""
        self.refused = set(refused)
        self.changed: list[str] = []
        self.asked: list[int] = []
        self.error: tuple[int, ImmichError] | None = None

    async def change(self, page: list[str]) -> dict[str, str]:
        """Change a page; from the request that `error` names on nothing works."""
        if self.error is not None and len(self.asked) >= self.error[0]:
            self.asked.append(len(page))
            raise self.error[1]
        self.asked.append(len(page))
        if self.refused.intersection(page):
            raise ImmichNotFoundError("Not found or no asset.update access")
        self.changed += page
        return dict.fromkeys(page, "done")


@pytest.fixture
def pages_of_four(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let four assets fill a request."""
    monkeypatch.setattr(bulk, "ASSETS_PER_REQUEST", 4)
    return iter(())


def test_pages() -> None:
    assert pages([]) == []
    assert [len(page) for page in pages(ids(2001))] == [1000, 1000, 1]
    (page,) = pages([f" {ids(11)[10].upper()} "])
    assert page == [ids(11)[10]]
    with pytest.raises(ImmichNotFoundError, match="not an Immich id"):
        pages([*ids(3), "me"])


@pytest.mark.parametrize("way", [all_or_nothing, in_pages])
@pytest.mark.parametrize(
    ("count", "requests"), [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (10_000, 10)]
)
async def test_a_request_for_each_page(
    way: Callable[..., Awaitable[Changed[object]]], count: int, requests: int
) -> None:
    server = Server()
    changed = await way(ids(count), server.change)
    assert len(server.asked) == requests
    assert server.changed == list(changed.results) == ids(count)
    assert changed.failed == {}


@pytest.mark.parametrize("way", [all_or_nothing, in_pages])
async def test_nothing_is_sent_if_one_is_no_id(way: Callable[..., Awaitable[Changed[object]]]) -> None:
    server = Server()
    with pytest.raises(ImmichNotFoundError, match="not an Immich id"):
        await way([*ids(1500), "../x"], server.change)
    assert server.asked == []


@pytest.mark.usefixtures("pages_of_four")
async def test_a_page_that_fails_ends_the_work() -> None:
    server, wanted = Server(), ids(11)
    server.error = (1, ImmichServerError("broken", status=500))
    changed = await in_pages(wanted, server.change)
    assert changed.results == dict.fromkeys(wanted[:4], "done")
    assert list(changed.failed) == wanted[4:]
    assert set(changed.failed.values()) == {server.error[1]}
    assert server.asked == [4, 4]
    server.error = (0, ImmichPermissionError("no", scope="albumAsset.create"))
    with pytest.raises(ImmichPermissionError):
        await in_pages(wanted, server.change)


@pytest.mark.parametrize("bad", [0, 1, 499, 500, 999])
async def test_one_refused_among_a_thousand(bad: int) -> None:
    wanted = ids(ASSETS_PER_REQUEST)
    server = Server([wanted[bad]])
    changed = await all_or_nothing(wanted, server.change)
    assert list(changed.failed) == [wanted[bad]]
    assert isinstance(changed.failed[wanted[bad]], ImmichNotFoundError)
    assert set(changed.results) == set(wanted) - {wanted[bad]}
    assert sorted(server.changed) == sorted(changed.results)
    assert len(server.asked) <= 22


async def test_a_refused_one_in_each_of_several_pages() -> None:
    wanted = ids(3000)
    server = Server([wanted[5], wanted[1700], wanted[2999]])
    changed = await all_or_nothing(wanted, server.change)
    assert set(changed.failed) == server.refused
    assert len(changed.results) == 2997
    assert len(server.asked) <= 3 * 22


async def test_the_search_for_refused_ones_has_an_end() -> None:
    wanted = ids(2 * ASSETS_PER_REQUEST)
    server = Server(wanted[: 2 * ASSETS_PER_REQUEST : 3])
    changed = await all_or_nothing(wanted, server.change)
    assert len(server.asked) == 2 + SEARCHES_FOR_REFUSED
    assert changed.results
    assert {*changed.results, *changed.failed} == set(wanted)
    # What wasn't tried any more is told as refused, and so is the rest behind it.
    assert isinstance(changed.failed[wanted[-1]], ImmichBadRequestError)
    assert "too many" in str(changed.failed[wanted[-1]])
    assert isinstance(changed.failed[wanted[0]], ImmichNotFoundError)


async def test_nothing_at_all_succeeded() -> None:
    server = Server(ids(3))
    with pytest.raises(ImmichNotFoundError):
        await all_or_nothing(ids(3), server.change)
    assert server.asked == [3, 1, 2, 1, 1]


@pytest.mark.usefixtures("pages_of_four")
async def test_another_error_ends_the_search() -> None:
    wanted = ids(12)
    server = Server([wanted[4]])
    server.error = (3, ImmichServerError("broken", status=500))
    changed = await all_or_nothing(wanted, server.change)
    assert list(changed.results) == wanted[:4]
    assert set(changed.failed) == set(wanted[4:])
    assert set(changed.failed.values()) == {server.error[1]}
    server = Server()
    server.error = (0, ImmichServerError("broken", status=500))
    with pytest.raises(ImmichServerError):
        await all_or_nothing(wanted, server.change)
    assert server.asked == [4]


@pytest.mark.parametrize("count", [1, 1000, 10_000])
async def test_requests_of_the_client(make_immich: MakeImmich, make_client: MakeClient, count: int) -> None:
    """Ten pages of assets are ten requests, whatever is done with them."""
    immich = await make_immich(library=scale(count))
    client = make_client(immich, "scale-key")
    await client.connect()
    wanted = list(immich.state.assets)
    album = await client.albums.create("All")
    budget = -(-count // ASSETS_PER_REQUEST)
    change = AssetChange(favorite=True, visibility=Visibility.TIMELINE)
    for call in (
        lambda: client.assets.update(wanted, change),
        lambda: client.albums.add_assets(album.id, wanted),
        lambda: client.albums.remove_assets(album.id, wanted),
        lambda: client.assets.delete(wanted),
        lambda: client.assets.restore(wanted),
        lambda: client.assets.delete(wanted, permanently=True),
    ):
        immich.requests.clear()
        await call()
        assert immich.requests.count() == budget
    await immich.settle()
    assert not immich.state.assets


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_a_refused_id_costs_the_client_some_requests(
    make_immich: MakeImmich, make_client: MakeClient, version: str
) -> None:
    immich = await make_immich(version=version, library=scale(999))
    client = make_client(immich, "scale-key")
    await client.connect()
    (unknown,) = ids(1)
    wanted = [*list(immich.state.assets)[:700], unknown, *list(immich.state.assets)[700:]]
    immich.requests.clear()
    changed = await client.assets.update(wanted, AssetChange(favorite=True))
    assert list(changed.failed) == [unknown]
    assert all(asset.is_favorite for asset in immich.state.assets.values())
    assert immich.requests.count() <= 22
    immich.requests.clear()
    immich.faults.add("DELETE assets", Status(403, message="Missing required permission: asset.delete"))
    with pytest.raises(ImmichPermissionError):
        await client.assets.delete(wanted)
    assert immich.requests.count() == 1
