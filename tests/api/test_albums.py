"""Albums: counting, listing, making, changing, sharing, filling; in each version."""

from collections.abc import Iterator

import pytest

from custom_components.immich_plus.api import bulk
from custom_components.immich_plus.api.album import AlbumOrder, AlbumRole
from custom_components.immich_plus.api.albums import AddResult, AlbumStatistics, RemoveResult
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichNotFoundError,
    ImmichPermissionError,
    ImmichServerError,
    ImmichUnavailableError,
)
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, Garble, Status, missing, replaced
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Role

from .conftest import MakeClient

HOLIDAY = stable_id("tiny holiday")
THEIRS = stable_id("tiny theirs")
ADMIN = stable_id("tiny admin")
USER = stable_id("tiny user")
GUEST = stable_id("tiny guest")
VIENNA, ROME, PARIS, PARTY = (stable_id(f"tiny {name}.jpg") for name in ("vienna", "rome", "paris", "party"))
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let two assets fill a request."""
    monkeypatch.setattr(bulk, "ASSETS_PER_REQUEST", 2)
    return iter(())


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


async def test_making_a_shared_one(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    album = await client.albums.create(
        "Ours", description="Us & them", users=[USER, GUEST.upper()], role=AlbumRole.EDITOR
    )
    kept = each.state.albums[album.id]
    assert kept.description == "Us & them" == album.description
    assert kept.members == {ADMIN: Role.OWNER, USER: Role.EDITOR, GUEST: Role.EDITOR}
    assert [(user.id, user.name, user.role) for user in album.users] == [
        (USER, "User", "editor"),
        (GUEST, "Guest", "editor"),
    ]
    assert album.shared
    looking = await client.albums.create("Look", users=[USER])
    assert each.state.albums[looking.id].members[USER] is Role.VIEWER
    with pytest.raises((ImmichBadRequestError, ImmichNotFoundError)):
        await client.albums.create("x", users=[NOBODY])


async def test_a_new_album_is_not_asked_for_twice(immich: FakeImmich, make_client: MakeClient) -> None:
    """A request that may have worked is not repeated: there would be two albums."""
    client = make_client(immich)
    immich.faults.add("POST albums", Status(503))
    with pytest.raises(ImmichUnavailableError):
        await client.albums.create("x")
    assert immich.requests.count("POST albums") == 1


async def test_changing_one(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.albums.update(
        HOLIDAY.upper(), name="Trips", description="All", cover_id=PARIS.upper(), order=AlbumOrder.OLDEST
    )
    kept = each.state.albums[HOLIDAY]
    assert (kept.name, kept.description, kept.thumbnail_asset_id, kept.order) == (
        "Trips",
        "All",
        PARIS,
        "asc",
    )
    album = await client.albums.get(HOLIDAY)
    assert (album.cover_id, album.order, album.description) == (PARIS, AlbumOrder.OLDEST, "All")
    each.requests.clear()
    await client.albums.update(HOLIDAY, description="")
    assert (kept.name, kept.description) == ("Trips", "")
    assert [entry.json for entry in each.requests.entries] == [{"description": ""}]
    with pytest.raises(ImmichBadRequestError, match="thumbnail"):
        await client.albums.update(HOLIDAY, cover_id=PARTY)
    with pytest.raises(ImmichNotFoundError):
        await client.albums.update(NOBODY, name="x")


async def test_sharing_one(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.albums.share(HOLIDAY, [GUEST], AlbumRole.EDITOR)
    assert each.state.albums[HOLIDAY].members[GUEST] is Role.EDITOR
    await client.connect()
    if client.version.major < 3:
        with pytest.raises(ImmichBadRequestError, match="already"):
            await client.albums.share(HOLIDAY, [USER], AlbumRole.EDITOR)
    else:
        await client.albums.share(HOLIDAY, [USER], AlbumRole.EDITOR)
    assert each.state.albums[HOLIDAY].members[USER] is Role.VIEWER
    with pytest.raises(ImmichNotFoundError):
        await make_client(each, "guest-key").albums.share(THEIRS, [GUEST], AlbumRole.VIEWER)


async def test_deleting_one(each: FakeImmich, make_client: MakeClient) -> None:
    await make_client(each).albums.delete(HOLIDAY.upper())
    assert HOLIDAY not in each.state.albums
    assert VIENNA in each.state.assets
    for album_id in (HOLIDAY, THEIRS):
        with pytest.raises(ImmichNotFoundError):
            await make_client(each).albums.delete(album_id)
    assert THEIRS in each.state.albums


async def test_the_albums_of_an_asset(each: FakeImmich, make_client: MakeClient) -> None:
    """Albums of others count, too, and one request is enough on all versions."""
    client = make_client(each)
    assert [album.name for album in await client.albums.containing(VIENNA.upper())] == ["Holiday"]
    user = make_client(each, "user-key")
    assert [album.name for album in await user.albums.containing(VIENNA)] == ["Holiday"]
    assert await client.albums.containing(stable_id("tiny memory.jpg")) == []
    assert await make_client(each, "guest-key").albums.containing(VIENNA) == []
    assert each.requests.count() == 4


@pytest.mark.parametrize("version", ["1.137.3", "1.144.1", "2.7.5"])
async def test_the_contents_of_one(make_immich: MakeImmich, make_client: MakeClient, version: str) -> None:
    """Before 3.0 an album tells all that is in it, also other people's photos and archived ones."""
    immich = await make_immich(version=version)
    album = immich.state.albums[THEIRS]
    archived = immich.state.assets[stable_id("tiny archived.jpg")]
    for name in ("archived.jpg", "live.jpg", "live.mov", "trashed.jpg"):
        immich.state.put_in_album(album, stable_id(f"tiny {name}"))
    found = await make_client(immich).albums.contents(THEIRS)
    assert sorted(asset.filename for asset in found) == [
        "archived.jpg",
        "live.jpg",
        "user1.jpg",
        "user2.jpg",
    ]
    (told,) = (asset for asset in found if asset.id == archived.id)
    assert told.visibility == "archive"
    assert immich.requests.entries[0].query == {"withoutAssets": "false"}
    immich.faults.add("GET albums/{id}", missing("assets"), times=1)
    assert await make_client(immich).albums.contents(THEIRS) == []
    with pytest.raises(ImmichNotFoundError):
        await make_client(immich).albums.contents(NOBODY)


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


async def test_taking_out(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    results = await client.albums.remove_assets(HOLIDAY, [VIENNA.upper(), PARTY, NOBODY])
    assert results == {
        VIENNA: RemoveResult.REMOVED,
        PARTY: RemoveResult.NOT_THERE,
        NOBODY: RemoveResult.NOT_THERE,
    }
    assert VIENNA not in each.state.albums[HOLIDAY].assets
    assert VIENNA in each.state.assets
    # Who may edit somebody else's album takes out only what is his own.
    foreign = stable_id("tiny user1.jpg")
    assert await client.albums.remove_assets(THEIRS, [foreign]) == {foreign: RemoveResult.NOT_ALLOWED}
    with pytest.raises(ImmichNotFoundError):
        await client.albums.remove_assets(NOBODY, [VIENNA])
    with pytest.raises(ImmichNotFoundError):
        await make_client(each, "user-key").albums.remove_assets(HOLIDAY, [ROME])


async def test_narrow_keys(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "album-key")
    assert len(await client.albums.list()) == 5
    for call, scope in (
        (client.albums.create("x"), "album.create"),
        (client.albums.statistics(), "album.statistics"),
        (client.albums.add_assets(HOLIDAY, [NOBODY]), "albumAsset.create"),
        (client.albums.remove_assets(HOLIDAY, [NOBODY]), "albumAsset.delete"),
        (client.albums.update(HOLIDAY, name="x"), "album.update"),
        (client.albums.share(HOLIDAY, [USER], AlbumRole.VIEWER), "albumUser.create"),
        (client.albums.delete(HOLIDAY), "album.delete"),
    ):
        with pytest.raises(ImmichPermissionError) as caught:
            await call
        assert caught.value.scope == scope


@pytest.mark.usefixtures("pages_of_two")
async def test_many_assets_go_in_several_requests(immich: FakeImmich, make_client: MakeClient) -> None:
    names = ("vienna.jpg", "rome.jpg", "paris.jpg", "party.jpg", "memory.jpg")
    client, album = make_client(immich), stable_id("tiny empty")
    wanted = [stable_id(f"tiny {name}") for name in names]
    results = await client.albums.add_assets(album, wanted)
    assert list(results.values()) == [AddResult.ADDED] * 5
    assert immich.requests.count("PUT albums/*") == 3
    assert await client.albums.add_assets(HOLIDAY, []) == {}
    assert immich.requests.count("PUT albums/*") == 3
    gone = await client.albums.remove_assets(album, wanted)
    assert gone == dict.fromkeys(wanted, RemoveResult.REMOVED)
    assert immich.requests.count("DELETE albums/*") == 3


@pytest.mark.usefixtures("pages_of_two")
async def test_a_later_page_fails(immich: FakeImmich, make_client: MakeClient) -> None:
    """What was done stays done, what was not reached is told as failed; nothing is raised."""
    client, album = make_client(immich), stable_id("tiny empty")
    wanted = [VIENNA, ROME, PARIS, PARTY, NOBODY]
    immich.faults.add("PUT albums/*", Status(500), after=1)
    added = await client.albums.add_assets(album, wanted)
    assert added == dict.fromkeys(wanted[:2], AddResult.ADDED) | dict.fromkeys(wanted[2:], AddResult.FAILED)
    assert set(immich.state.albums[album].assets) == {VIENNA, ROME}
    immich.faults.add("DELETE albums/*", Status(403, message="Forbidden"), after=1)
    gone = await client.albums.remove_assets(album, [VIENNA, PARTY, ROME])
    assert gone == {
        VIENNA: RemoveResult.REMOVED,
        PARTY: RemoveResult.NOT_THERE,
        ROME: RemoveResult.FAILED,
    }
    immich.faults.add("PUT albums/*", Status(500))
    with pytest.raises(ImmichServerError):
        await client.albums.add_assets(album, wanted)


@pytest.mark.usefixtures("pages_of_two")
async def test_nothing_is_sent_if_one_id_is_none(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich).albums
    for album, assets in ((HOLIDAY, [NOBODY, VIENNA, "../x"]), ("me/../x", [NOBODY])):
        for change in (client.add_assets, client.remove_assets):
            with pytest.raises(ImmichNotFoundError, match="not an Immich id"):
                await change(album, assets)
    for call in (
        client.get("statistics"),
        client.contents("statistics"),
        client.containing("statistics"),
        client.create("x", users=["me"]),
        client.update("statistics", name="x"),
        client.update(HOLIDAY, cover_id="x"),
        client.share(HOLIDAY, ["me"], AlbumRole.EDITOR),
        client.delete(""),
    ):
        with pytest.raises(ImmichNotFoundError, match="not an Immich id"):
            await call
    assert immich.requests.count() == 0


async def test_odd_albums_never_take_the_list_down(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.connect()

    def spoil(body: list[object]) -> list[object]:
        return [None, 5, {}, {"id": None, "albumName": "x"}, *body, "odd", {"id": "only-an-id"}]

    immich.faults.add("GET albums", Change(spoil))
    listed = await client.albums.list()
    assert len(listed) == 6
    assert (listed[-1].id, listed[-1].name) == ("only-an-id", "")


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
    immich.faults.add("DELETE albums/*", replaced(rows))
    taken = await make_client(immich).albums.remove_assets(HOLIDAY, [party])
    assert taken == {party: RemoveResult.NOT_THERE, "b": RemoveResult.NOT_THERE}
