"""Searching: pages of the timeline, and the latest additions."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichBadRequestError
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, Garble, missing, replaced
from tests.fake_immich.tiny import FACTS

from .conftest import MakeClient


async def test_pages(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    expected = FACTS["photos"] + FACTS["videos"]
    found: list[str] = []
    number: int | None = 1
    while number is not None:
        page = await client.search.added(size=3, page=number)
        found += [asset.filename for asset in page.assets]
        number = page.next_page
    assert len(found) == len(set(found)) == expected
    assert "archived.jpg" not in found
    assert "live.mov" not in found, "the hidden part of a live photo"
    assert "trashed.jpg" not in found
    assert each.requests.count("POST search/metadata") == (expected + 2) // 3


async def test_newest_first(each: FakeImmich, make_client: MakeClient) -> None:
    taken = [asset.taken_at for asset in (await make_client(each).search.added()).assets]
    assert None not in taken
    assert taken == sorted(taken, reverse=True)  # type: ignore[type-var]


async def test_additions_since(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    everything = (await client.search.added()).assets
    future = datetime.now(UTC) + timedelta(days=1)
    assert (await client.search.added(added_after=future)).assets == []
    past = datetime(2000, 1, 1, tzinfo=UTC)
    assert len((await client.search.added(added_after=past)).assets) == len(everything)


async def test_too_much_at_once(each: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichBadRequestError):
        await make_client(each).search.added(size=1001)


@pytest.mark.parametrize("version", ["3.1.0", "3.3.5"])
async def test_latest_additions(immich: FakeImmich, make_client: MakeClient, version: str) -> None:
    immich.set_version(version)
    client = make_client(immich)
    added = await client.search.latest_additions()
    moments = [asset.added_at for asset in added]
    assert moments
    assert moments == sorted(moments, reverse=True)  # type: ignore[type-var]


@pytest.mark.parametrize("version", ["1.137.3", "1.144.1", "2.7.5"])
async def test_no_latest_additions_before_3(
    immich: FakeImmich, make_client: MakeClient, version: str
) -> None:
    immich.set_version(version)
    assert await make_client(immich).search.latest_additions() == []


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        (b"[]", []),
        (b'[{"fieldName":"exifInfo.city","items":[{"data":{"id":"a"}}]}]', []),
        (b'[null,5,{"fieldName":"createdAt","items":[{"data":{"id":"a"}},{"data":null},{},7]}]', ["a"]),
        (
            b'[{"fieldName":"createdAt","items":[]},{"fieldName":"createdAt","items":[{"data":{"id":"b"}}]}]',
            [],
        ),
    ],
)
async def test_odd_additions(
    immich: FakeImmich, make_client: MakeClient, body: bytes, ids: list[str]
) -> None:
    immich.faults.add("GET search/explore", Garble(text=body))
    assert [asset.id for asset in await make_client(immich).search.latest_additions()] == ids


@pytest.mark.parametrize(
    "body", [b"{}", b"null", b'[{"fieldName":"createdAt"}]', b'[{"fieldName":"createdAt","items":{}}]']
)
async def test_spoilt_additions_are_named(immich: FakeImmich, make_client: MakeClient, body: bytes) -> None:
    immich.faults.add("GET search/explore", Garble(text=body))
    with pytest.raises(ImmichBadAnswerError, match="search/explore: expected a list"):
        await make_client(immich).search.latest_additions()


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        (missing("assets"), "expected an object"),
        (replaced([], "assets"), "expected an object"),
        (missing("assets", "items"), "items"),
        (replaced(None, "assets", "items"), "items"),
        (replaced({}, "assets", "items"), "expected a list"),
        (replaced([]), "expected an object"),
    ],
)
async def test_spoilt_pages_are_named(
    immich: FakeImmich, make_client: MakeClient, fault: Change, names: str
) -> None:
    immich.faults.add("POST search/metadata", fault)
    with pytest.raises(ImmichBadAnswerError, match=f"search/metadata: .*{names}"):
        await make_client(immich).search.added()


@pytest.mark.parametrize(
    ("value", "number"),
    [("2", 2), (2, 2), (None, None), ("", None), ("next", None), (True, None), ([], None)],
)
async def test_where_the_next_page_is(
    immich: FakeImmich, make_client: MakeClient, value: object, number: int | None
) -> None:
    immich.faults.add("POST search/metadata", replaced(value, "assets", "nextPage"))
    assert (await make_client(immich).search.added(size=2)).next_page == number


async def test_odd_assets_never_take_the_page_down(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add(
        "POST search/metadata", replaced([None, {}, {"id": 7}, {"id": "a"}, "x"], "assets", "items")
    )
    assert [asset.id for asset in (await make_client(immich).search.added()).assets] == ["a"]
