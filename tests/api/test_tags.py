"""Tags: listing, making, putting them on assets and taking them off."""

import pytest

from custom_components.immich_plus.api import bulk, tags
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichNotFoundError,
    ImmichPermissionError,
    ImmichServerError,
)
from custom_components.immich_plus.api.tags import Tag
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Garble, Status
from tests.fake_immich.ids import stable_id
from tests.fake_immich.libraries import scale

from .conftest import MakeClient

TRIPS = stable_id("tiny tag trips")
SEA = stable_id("tiny tag trips/sea")
VIENNA = stable_id("tiny vienna.jpg")
PARTY = stable_id("tiny party.jpg")
NOBODY = "00000000-0000-4000-8000-000000000000"


async def test_a_list(each: FakeImmich, make_client: MakeClient) -> None:
    assert await make_client(each).tags.list() == [
        Tag(id=TRIPS, name="trips", value="trips", parent_id=None),
        Tag(id=SEA, name="sea", value="trips/sea", parent_id=TRIPS),
    ]


async def test_missing_ones_are_made(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    made = await client.tags.upsert(["trips", "new/Ünïcödé"])
    assert [tag.value for tag in made] == ["trips", "new/Ünïcödé"]
    assert made[0].id == TRIPS
    again = await client.tags.upsert(["new/Ünïcödé"])
    assert [tag.id for tag in again] == [made[1].id]


async def test_putting_them_on_assets(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    for _ in range(2):
        await client.tags.assign([TRIPS], [PARTY])
    assert each.state.assets[PARTY].tag_ids == [TRIPS]
    assert (await client.assets.get(PARTY)).tags == ("trips",)
    each.requests.clear()
    await client.tags.assign([], [PARTY])
    await client.tags.assign([TRIPS], [])
    assert each.requests.count() == 0


async def test_taking_one_off(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    assert await client.tags.unassign(TRIPS, [VIENNA.upper(), PARTY, NOBODY]) == {
        VIENNA: True,
        PARTY: False,
        NOBODY: False,
    }
    assert each.state.assets[VIENNA].tag_ids == []
    assert await client.tags.unassign(TRIPS, [VIENNA]) == {VIENNA: False}
    for unknown in (NOBODY, "trips"):
        with pytest.raises(ImmichNotFoundError):
            await client.tags.unassign(unknown, [VIENNA])


async def test_ids_that_are_none_are_not_sent(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    for call in (
        client.tags.assign(["trips"], [PARTY]),
        client.tags.assign([TRIPS], [PARTY, "../users"]),
        client.tags.unassign(TRIPS, ["party.jpg"]),
    ):
        with pytest.raises(ImmichNotFoundError):
            await call
    assert immich.requests.count() == 0


@pytest.mark.parametrize(("count", "requests"), [(1, 1), (1000, 1), (2500, 3)])
async def test_requests_grow_with_pages(
    make_immich: MakeImmich, make_client: MakeClient, count: int, requests: int
) -> None:
    immich = await make_immich(library=scale(count))
    client = make_client(immich, "scale-key")
    tag = next(iter(immich.state.tags))
    assets = list(immich.state.assets)
    await client.tags.assign([tag], assets)
    assert all(tag in asset.tag_ids for asset in immich.state.assets.values())
    assert immich.requests.count("PUT tags/assets") == requests
    assert await client.tags.unassign(tag, assets) == dict.fromkeys(assets, True)
    assert immich.requests.count("DELETE tags/{id}/assets") == requests
    assert max(entry.body_size for entry in immich.requests.entries) < 50_000


async def test_many_tags_on_many_assets(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tags.TAGS_PER_REQUEST * bulk.ASSETS_PER_REQUEST <= 65_535 // 2
    monkeypatch.setattr(tags, "TAGS_PER_REQUEST", 2)
    monkeypatch.setattr(bulk, "ASSETS_PER_REQUEST", 1)
    client = make_client(immich)
    made = [tag.id for tag in await client.tags.upsert([f"tag {number}" for number in range(5)])]
    await client.tags.assign(made, [PARTY, VIENNA])
    assert immich.state.assets[PARTY].tag_ids == made
    assert immich.state.assets[VIENNA].tag_ids == [TRIPS, *made]
    sent = immich.requests.matching("PUT tags/assets")
    assert len(sent) == 6
    # Two tags and an asset, about 40 bytes each.
    assert max(entry.body_size for entry in sent) < 160


async def test_narrow_keys(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "read-key")
    assert len(await client.tags.list()) == 2
    with pytest.raises(ImmichPermissionError) as caught:
        await client.tags.upsert(["x"])
    assert caught.value.scope == "tag.create"
    with pytest.raises(ImmichPermissionError) as caught:
        await client.tags.assign([TRIPS], [PARTY])
    assert caught.value.scope == "tag.asset"
    with pytest.raises(ImmichPermissionError) as caught:
        await client.tags.unassign(TRIPS, [PARTY])
    assert caught.value.scope == "tag.asset"


async def test_odd_tags_never_take_the_list_down(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET tags", Garble(text=b'[5,null,{"id":"a"},{"value":"x"},{"id":"b","value":"x/y"}]'))
    assert await make_client(immich).tags.list() == [Tag(id="b", name="y", value="x/y", parent_id=None)]
    immich.faults.clear()
    immich.faults.add("GET tags", Garble(text=b"{}"))
    with pytest.raises(ImmichBadAnswerError, match="tags: expected a list"):
        await make_client(immich).tags.list()


async def test_an_odd_answer_to_taking_off(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    row = b'[5,{"success":true},{"id":"x","success":true},{"id":"%b","success":"yes"}]' % VIENNA.encode()
    immich.faults.add("DELETE tags/{id}/assets", Garble(text=row), times=1)
    assert await client.tags.unassign(TRIPS, [VIENNA, PARTY]) == {VIENNA: False, PARTY: False}
    immich.faults.add("DELETE tags/{id}/assets", Garble(text=b"{}"), times=1)
    with pytest.raises(ImmichBadAnswerError, match="expected a list"):
        await client.tags.unassign(TRIPS, [VIENNA])


async def test_putting_one_on_and_telling(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    foreign = stable_id("tiny user1.jpg")
    changed = await client.tags.assign_each(TRIPS.upper(), [PARTY.upper(), VIENNA, NOBODY, foreign])
    assert changed.results == {PARTY: None, VIENNA: None}
    assert list(changed.failed) == [NOBODY, foreign]
    assert all(isinstance(error, ImmichNotFoundError) for error in changed.failed.values())
    assert each.state.assets[PARTY].tag_ids == [TRIPS]
    for tag_id, asset_id in ((TRIPS, NOBODY), (NOBODY, PARTY), ("trips", PARTY), (TRIPS, "party.jpg")):
        with pytest.raises(ImmichNotFoundError):
            await client.tags.assign_each(tag_id, [asset_id])


async def test_a_later_page_of_putting_on_fails(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "ASSETS_PER_REQUEST", 1)
    client = make_client(immich)
    immich.faults.add("PUT tags/{id}/assets", Status(500), after=1)
    changed = await client.tags.assign_each(TRIPS, [PARTY, VIENNA])
    assert list(changed.results) == [PARTY]
    assert isinstance(changed.failed[VIENNA], ImmichServerError)
    immich.faults.clear()
    immich.faults.add("PUT tags/{id}/assets", Garble(text=b'[5,{"success":true}]'), times=1)
    with pytest.raises(ImmichNotFoundError):
        await client.tags.assign_each(TRIPS, [PARTY])
