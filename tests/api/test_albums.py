"""Albums: counting, listing, making, filling; in each version."""

import pytest

from custom_components.immich_plus.api import albums
from custom_components.immich_plus.api.albums import AddResult, Album, AlbumStatistics
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichNotFoundError,
    ImmichPermissionError,
)
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, Garble, missing, replaced
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient

HOLIDAY = stable_id("tiny holiday")
THEIRS = stable_id("tiny theirs")
ADMIN = stable_id("tiny admin")
USER = stable_id("tiny user")
NOBODY = "00000000-0000-4000-8000-000000000000"


async def test_counts(each: FakeImmich, make_client: MakeClient) -> None:
    statistics = await make_client(each).albums.statistics()
    assert statistics == AlbumStatistics(owned=4, shared=2, not_shared=3)
    assert statistics.total == 5
    assert each.requests.count() == 1


async def test_all_albums_are_listed_once(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    each.requests.clear()
    listed = await client.albums.list()
    assert sorted(album.name for album in listed) == ["Empty", "From the user", "Holiday", "Twice", "Twice"]
    assert each.requests.count("GET albums") == (2 if client.version.major < 3 else 1)
    by_id = {album.id: album for album in listed}
    holiday, theirs = by_id[HOLIDAY], by_id[THEIRS]
    assert (holiday.owner_id, holiday.shared, holiday.asset_count) == (ADMIN, True, 3)
    assert (theirs.owner_id, theirs.shared, theirs.asset_count) == (USER, True, 2)
    assert not any(album.shared for album in listed if album.name in ("Empty", "Twice"))


async def test_one_album(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    album = await client.albums.get(HOLIDAY.upper())
    assert (album.id, album.name, album.asset_count, album.owner_id) == (HOLIDAY, "Holiday", 3, ADMIN)
    assert each.requests.entries[0].query == {"withoutAssets": "true"}
    with pytest.raises(ImmichNotFoundError):
        await client.albums.get(NOBODY)


async def test_making_one(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    album = await client.albums.create("Ünïcödé & <b>")
    assert each.state.albums[album.id].name == "Ünïcödé & <b>" == album.name
    assert album.asset_count in (0, None)
    assert (await client.albums.create("Twice")).id not in (
        stable_id("tiny twice 1"),
        stable_id("tiny twice 2"),
    )


async def test_filling_one(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    new, there = stable_id("tiny party.jpg"), stable_id("tiny rome.jpg")
    foreign = stable_id("tiny user1.jpg")
    results = await client.albums.add_assets(HOLIDAY, [new.upper(), there, foreign, NOBODY])
    assert results[new] is AddResult.ADDED
    assert results[there] is AddResult.ALREADY_THERE
    assert results[foreign] is AddResult.NOT_ALLOWED
    assert results[NOBODY] in (AddResult.NOT_ALLOWED, AddResult.NOT_FOUND)
    assert new in each.state.albums[HOLIDAY].assets
    again = await client.albums.add_assets(HOLIDAY, [new])
    assert again == {new: AddResult.ALREADY_THERE}


async def test_filling_what_is_not_mine(each: FakeImmich, make_client: MakeClient) -> None:
    party = stable_id("tiny party.jpg")
    with pytest.raises(ImmichNotFoundError):
        await make_client(each).albums.add_assets(NOBODY, [party])
    with pytest.raises(ImmichNotFoundError):
        await make_client(each, "guest-key").albums.add_assets(HOLIDAY, [party])
    assert await make_client(each).albums.add_assets(THEIRS, [party]) == {party: AddResult.ADDED}


async def test_narrow_keys(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "album-key")
    assert len(await client.albums.list()) == 5
    for call, scope in (
        (client.albums.create("x"), "album.create"),
        (client.albums.statistics(), "album.statistics"),
        (client.albums.add_assets(HOLIDAY, [NOBODY]), "albumAsset.create"),
    ):
        with pytest.raises(ImmichPermissionError) as caught:
            await call
        assert caught.value.scope == scope


async def test_many_assets_go_in_several_requests(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(albums, "ASSETS_PER_REQUEST", 2)
    names = ("vienna.jpg", "rome.jpg", "paris.jpg", "party.jpg", "memory.jpg")
    client = make_client(immich)
    results = await client.albums.add_assets(
        stable_id("tiny empty"), [stable_id(f"tiny {name}") for name in names]
    )
    assert list(results.values()) == [AddResult.ADDED] * 5
    assert immich.requests.count("PUT albums/*") == 3
    assert await client.albums.add_assets(HOLIDAY, []) == {}
    assert immich.requests.count("PUT albums/*") == 3


async def test_nothing_is_sent_if_one_id_is_none(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(albums, "ASSETS_PER_REQUEST", 1)
    client = make_client(immich)
    for album, assets in ((HOLIDAY, [NOBODY, "../x"]), ("me/../x", [NOBODY])):
        with pytest.raises(ImmichNotFoundError, match="not an Immich id"):
            await client.albums.add_assets(album, assets)
    with pytest.raises(ImmichNotFoundError):
        await client.albums.get("statistics")
    assert immich.requests.count() == 0


async def test_odd_albums_never_take_the_list_down(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.connect()

    def spoil(body: list[object]) -> list[object]:
        return [None, 5, {}, {"id": None, "albumName": "x"}, *body, "odd", {"id": "only-an-id"}]

    immich.faults.add("GET albums", Change(spoil))
    listed = await client.albums.list()
    assert len(listed) == 6
    assert listed[-1] == Album(
        id="only-an-id", name="", description="", asset_count=None, owner_id=None, shared=False
    )


@pytest.mark.parametrize(
    ("members", "owner"),
    [
        (None, None),
        ("x", None),
        ([], None),
        ([None, 3, {"role": "editor", "user": {"id": "a"}}], None),
        ([{"role": "owner"}], None),
        ([{"role": "owner", "user": None}, {"role": "owner", "user": {"id": "b"}}], "b"),
        ([{"role": "owner", "user": {}}], None),
    ],
)
def test_whose_it_is(members: object, owner: str | None) -> None:
    assert Album.from_json({"id": "a", "albumUsers": members}).owner_id == owner


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        (missing("owned"), "field owned"),
        (replaced(None, "shared"), "field shared"),
        (replaced("many", "notShared"), "field notShared"),
        (replaced(True, "owned"), "field owned"),
        (replaced([]), "expected an object"),
        (Garble(text=b""), "expected an object"),
    ],
)
async def test_spoilt_counts_are_named(
    immich: FakeImmich, make_client: MakeClient, fault: Change, names: str
) -> None:
    immich.faults.add("GET albums/statistics", fault)
    with pytest.raises(
        ImmichBadAnswerError, match=f"albums/statistics: .*{names}|albums/statistics: {names}"
    ):
        await make_client(immich).albums.statistics()


@pytest.mark.parametrize("fault", [replaced({}), Garble(text=b"null"), Garble(text=b""), replaced("x")])
async def test_a_spoilt_list_is_named(immich: FakeImmich, make_client: MakeClient, fault: Change) -> None:
    client = make_client(immich)
    immich.faults.add("GET albums", fault)
    with pytest.raises(ImmichBadAnswerError, match="albums: expected a list"):
        await client.albums.list()
    immich.faults.add("POST albums", replaced([]))
    with pytest.raises(ImmichBadAnswerError, match="albums: expected an object"):
        await client.albums.create("x")


async def test_odd_results_of_filling(immich: FakeImmich, make_client: MakeClient) -> None:
    party = stable_id("tiny party.jpg")
    rows = [
        {"id": party, "success": False, "error": "unknown"},
        {"success": True},
        None,
        {"id": "b", "success": "yes"},
    ]
    immich.faults.add("PUT albums/*", replaced(rows))
    results = await make_client(immich).albums.add_assets(HOLIDAY, [party])
    assert results == {party: AddResult.NOT_FOUND, "b": AddResult.NOT_FOUND}
