"""Tags: listing, making and putting them on assets."""

import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichPermissionError
from custom_components.immich_plus.api.tags import Tag
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Garble
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient

TRIPS = stable_id("tiny tag trips")
PARTY = stable_id("tiny party.jpg")


async def test_a_list(each: FakeImmich, make_client: MakeClient) -> None:
    tags = await make_client(each).tags.list()
    assert sorted((tag.value, tag.name) for tag in tags) == [("trips", "trips"), ("trips/sea", "sea")]
    assert TRIPS in [tag.id for tag in tags]


async def test_missing_ones_are_made(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    tags = await client.tags.upsert(["trips", "new/Ünïcödé"])
    assert [tag.value for tag in tags] == ["trips", "new/Ünïcödé"]
    assert tags[0].id == TRIPS
    again = await client.tags.upsert(["new/Ünïcödé"])
    assert [tag.id for tag in again] == [tags[1].id]


async def test_putting_them_on_assets(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    for _ in range(2):
        await client.tags.assign([TRIPS], [PARTY])
    assert each.state.assets[PARTY].tag_ids == [TRIPS]
    assert (await client.assets.get(PARTY)).tags == ("trips",)


async def test_narrow_keys(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "read-key")
    assert len(await client.tags.list()) == 2
    with pytest.raises(ImmichPermissionError) as caught:
        await client.tags.upsert(["x"])
    assert caught.value.scope == "tag.create"
    with pytest.raises(ImmichPermissionError) as caught:
        await client.tags.assign([TRIPS], [PARTY])
    assert caught.value.scope == "tag.asset"


async def test_odd_tags_never_take_the_list_down(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET tags", Garble(text=b'[5,null,{"id":"a"},{"value":"x"},{"id":"b","value":"x/y"}]'))
    assert await make_client(immich).tags.list() == [Tag(id="b", name="y", value="x/y")]
    immich.faults.clear()
    immich.faults.add("GET tags", Garble(text=b"{}"))
    with pytest.raises(ImmichBadAnswerError, match="tags: expected a list"):
        await make_client(immich).tags.list()
