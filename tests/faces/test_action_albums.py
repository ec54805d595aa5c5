"""The actions about albums: `get_albums`, `get_album`, `create_album`, `update_album`, `delete_album`."""

from typing import Any

from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol

from tests.fake_immich.faults import Status, replaced
from tests.fake_immich.models import Role, Visibility

from .acting import (  # noqa: F401
    UNKNOWN,
    VERSIONS,
    Acting,
    MakeActing,
    act_each_fixture,
    act_fixture,
    make_acting_fixture,
    tiny,
)

ADMIN, USER, GUEST = tiny("admin"), tiny("user"), tiny("guest")
HOLIDAY, THEIRS, EMPTY = tiny("holiday"), tiny("theirs"), tiny("empty")
TWICE = [tiny("twice 1"), tiny("twice 2")]
COUNTS = "GET albums/statistics"


async def _names(act: Acting, **data: Any) -> list[str]:
    return [album["name"] for album in (await act("get_albums", **data))["albums"]]


async def test_all_albums(act_each: Acting) -> None:
    """Own ones and shared ones come by name, each once, with all that is known of them."""
    albums = (await act_each("get_albums"))["albums"]
    assert [album["name"] for album in albums] == ["Empty", "From the user", "Holiday", "Twice", "Twice"]
    holiday, kept = albums[2], act_each.immich.state.albums[HOLIDAY]
    assert holiday == {
        "id": HOLIDAY,
        "name": "Holiday",
        "description": "",
        "asset_count": 3,
        "created_at": holiday["created_at"],
        "updated_at": holiday["updated_at"],
        "start": "2022-04-01",
        "end": "2023-05-14",
        "owner": {"id": ADMIN, "name": "Admin"},
        "owned": True,
        "shared_with": [{"id": USER, "name": "User", "role": "viewer"}],
        "cover": kept.thumbnail_asset_id,
        "thumbnail": f"/api/immich_plus/{act_each.account.entry_id}/{kept.thumbnail_asset_id}/thumbnail",
        "url": f"{act_each.immich.url}/albums/{HOLIDAY}",
    }
    created = dt_util.parse_datetime(holiday["created_at"], raise_on_error=True)
    assert created.utcoffset() == dt_util.as_local(created).utcoffset()
    assert abs((created - kept.created_at).total_seconds()) < 0.001
    theirs, empty = albums[1], albums[0]
    assert (theirs["owner"]["name"], theirs["owned"]) == ("User", False)
    assert theirs["shared_with"] == [{"id": ADMIN, "name": "Admin", "role": "editor"}]
    assert [empty[name] for name in ("asset_count", "start", "end", "cover", "thumbnail")] == [
        0,
        None,
        None,
        None,
        None,
    ]
    assert "@" not in str(albums)


async def test_some_albums(act_each: Acting) -> None:
    """They can be chosen by whose they are, whether they are shared, and what is in them."""
    assert await _names(act_each, owned=True) == ["Empty", "Holiday", "Twice", "Twice"]
    assert await _names(act_each, owned=False) == ["From the user"]
    assert await _names(act_each, shared=True) == ["From the user", "Holiday"]
    assert await _names(act_each, shared=False) == ["Empty", "Twice", "Twice"]
    assert await _names(act_each, owned=True, shared=True) == ["Holiday"]
    assert await _names(act_each, asset=tiny("vienna.jpg").upper()) == ["Holiday"]
    reference = f"media-source://immich_plus/{ADMIN}/asset/{tiny('user1.jpg')}"
    assert await _names(act_each, asset=reference) == ["From the user"]
    assert await _names(act_each, asset=reference, owned=True) == []
    assert await _names(act_each, asset=tiny("memory.jpg")) == []
    assert await act_each.refused("get_albums", asset="vienna.jpg") == (
        "not_an_asset",
        {"asset": "vienna.jpg"},
    )


async def _contents(act: Acting, **data: Any) -> list[str]:
    """Return the file names of an album, page by page to the end."""
    names: list[str] = []
    cursor: str | None = None
    for _ in range(20):
        page = await act("get_album", cursor=cursor, **data)
        assert len(page["assets"]) <= data.get("page_size", 250)
        names += [asset["filename"] for asset in page["assets"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return names
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("size", [1, 2, 1000])
async def test_all_that_is_in_a_shared_album(act_each: Acting, size: int) -> None:
    """Everybody's photos and archived ones are there; hidden parts of live photos and the trash are not."""
    state = act_each.immich.state
    for name in ("archived.jpg", "live.jpg", "live.mov", "trashed.jpg", "vienna.jpg"):
        state.put_in_album(state.albums[THEIRS], tiny(name))
    newest_first = ["live.jpg", "user2.jpg", "user1.jpg", "vienna.jpg", "archived.jpg"]
    assert await _contents(act_each, album="from the USER", page_size=size) == newest_first
    assert await _contents(act_each, album=THEIRS, page_size=size, order="oldest") == newest_first[::-1]
    state.albums[THEIRS].order = "asc"
    assert await _contents(act_each, album=THEIRS, page_size=size) == newest_first[::-1]
    assert await _contents(act_each, album=THEIRS, page_size=size, order="newest") == newest_first


@pytest.mark.parametrize("version", VERSIONS)
async def test_somebody_elses_archived_photo_in_an_album(make_acting: MakeActing, version: str) -> None:
    """What its owner archived still shows in the albums it is in, also to others, as in Immich itself."""
    act = await make_acting(version, key="user-key")
    state = act.immich.state
    state.put_in_album(state.albums[HOLIDAY], tiny("archived.jpg"))
    state.update_asset(state.assets[tiny("rome.jpg")], visibility=Visibility.ARCHIVE)
    names = ["paris.jpg", "rome.jpg", "vienna.jpg", "archived.jpg"]
    assert await _contents(act, album="holiday", page_size=3) == names


async def test_an_album_and_its_assets(act_each: Acting) -> None:
    """The album is described as in lists, its assets as searches describe them."""
    response = await act_each("get_album", album="hOLIDAY")
    (listed,) = (each for each in (await act_each("get_albums"))["albums"] if each["id"] == HOLIDAY)
    assert response["album"] == listed
    assert response["next_cursor"] is None
    (vienna,) = (asset for asset in response["assets"] if asset["filename"] == "vienna.jpg")
    assert (vienna["id"], vienna["city"], vienna["archived"]) == (tiny("vienna.jpg"), "Vienna", False)
    empty = await act_each("get_album", album=EMPTY.upper())
    assert (empty["album"]["name"], empty["assets"], empty["next_cursor"]) == ("Empty", [], None)


async def test_which_album_is_meant(act_each: Acting) -> None:
    """What fits nothing or several albums is told with those it could be."""
    for action in ("get_album", "delete_album"):
        assert await act_each.refused(action, album="holidy") == (
            "album_unknown",
            {"album": "holidy", "candidates": "Holiday"},
        )
        key, said = await act_each.refused(action, album=" twice ")
        assert (key, said["album"]) == ("album_ambiguous", " twice ")
        assert sorted(said["candidates"].split("; ")) == sorted(f"Twice: {each}" for each in TWICE)
        assert (await act_each.refused(action, album=UNKNOWN))[0] == "album_unknown"
        assert (await act_each.refused(action, album=""))[0] == "album_unknown"
    assert (await act_each.refused("update_album", album="twice", name="x"))[0] == "album_ambiguous"
    assert await act_each.changes() == 0
    # A name in the very letters goes before others.
    act_each.immich.state.albums[TWICE[0]].name = "TWICE"
    assert (await act_each("get_album", album="TWICE"))["album"]["id"] == TWICE[0]


async def test_pages_that_cannot_be(act: Acting) -> None:
    """A cursor that is none, and sizes beyond Immich's, are refused."""
    assert (await act.refused("get_album", album=HOLIDAY, cursor="2"))[0] == "refused"
    for size in (0, 1001, "many"):
        with pytest.raises(vol.Invalid):
            await act("get_album", album=HOLIDAY, page_size=size)


async def test_making_an_album(act_each: Acting) -> None:
    """It is described, shared with people by name, id or address, and filled, in one call."""
    response = await act_each(
        "create_album",
        name="  Weekend ",
        description="All of us",
        users=["uSER", "guest@EXAMPLE.com", USER],
        role="editor",
        assets=[tiny("vienna.jpg"), UNKNOWN, tiny("user1.jpg"), tiny("vienna.jpg").upper()],
    )
    album = response["album"]
    kept = act_each.immich.state.albums[album["id"]]
    assert (kept.name, kept.description) == ("Weekend", "All of us")
    assert kept.members == {ADMIN: Role.OWNER, USER: Role.EDITOR, GUEST: Role.EDITOR}
    assert list(kept.assets) == [tiny("vienna.jpg")]
    assert response["assets"] == [
        {"id": tiny("vienna.jpg"), "result": "added"},
        {"id": UNKNOWN, "result": "not_allowed"},
        {"id": tiny("user1.jpg"), "result": "not_allowed"},
    ]
    assert (album["name"], album["description"], album["asset_count"]) == ("Weekend", "All of us", 1)
    assert sorted(user["name"] for user in album["shared_with"]) == ["Guest", "User"]
    assert "@" not in str(response)
    assert act_each.immich.requests.count("POST albums") == 1
    await act_each.hass.async_block_till_done()
    assert act_each.immich.requests.count(COUNTS) == 1


async def test_making_an_empty_album(act: Acting) -> None:
    """A name is enough; who it is shared with may only look unless told otherwise."""
    response = await act("create_album", name="Twice", users="User")
    assert response["assets"] == []
    assert act.immich.state.albums[response["album"]["id"]].members[USER] is Role.VIEWER
    assert act.immich.requests.count("PUT albums/*") == 0
    for wrong in ({"name": "  "}, {"name": "x" * 501}, {"name": "x", "role": "owner"}, {}):
        with pytest.raises(vol.Invalid):
            await act("create_album", **wrong)


async def test_an_asset_that_the_server_says_nothing_of(act: Acting) -> None:
    """What an answer leaves out was not added."""
    act.immich.faults.add("PUT albums/{id}/assets", replaced([]))
    response = await act("create_album", name="x", assets=tiny("vienna.jpg"))
    assert response["assets"] == [{"id": tiny("vienna.jpg"), "result": "not_found"}]


async def test_an_album_that_cannot_be_filled(act_each: Acting) -> None:
    """If not one asset was tried, no empty album is left behind for the next call to make again."""
    act_each.immich.faults.add("PUT albums/{id}/assets", Status(500, message="Disk full"))
    before = set(act_each.immich.state.albums)
    said = await act_each.refused("create_album", name="x", assets=tiny("vienna.jpg"))
    assert said == ("server_error", {"reason": "Disk full"})
    assert set(act_each.immich.state.albums) == before
    act_each.immich.faults.add("DELETE albums/{id}", Status(403, message="Forbidden"))
    said = await act_each.refused("create_album", name="x", assets=tiny("vienna.jpg"))
    assert said == ("server_error", {"reason": "Disk full"})


async def test_an_album_that_cannot_be_read_again(act: Acting) -> None:
    """It was made and filled all the same."""
    act.immich.faults.add("GET albums/{id}", Status(500))
    response = await act("create_album", name="x", assets=tiny("vienna.jpg"))
    assert response["album"]["name"] == "x"
    assert response["assets"] == [{"id": tiny("vienna.jpg"), "result": "added"}]


async def test_whom_it_is_shared_with(act_each: Acting) -> None:
    """Nobody's e-mail address is repeated, neither a wrong one nor that of somebody else."""
    state = act_each.immich.state
    for action, data in (("create_album", {"name": "x"}), ("update_album", {"album": "Holiday"})):
        key, said = await act_each.refused(action, users=["User", "stranger@example.com"], **data)
        assert (key, set(said)) == ("user_unknown", {"candidates"})
        assert "@" not in said["candidates"]
    state.users[GUEST].name = "user"
    response = await act_each("create_album", name="x", users=["user"])
    assert [user["id"] for user in response["album"]["shared_with"]] == [GUEST]
    key, said = await act_each.refused("create_album", name="y", users=["USER"])
    assert key == "user_ambiguous"
    assert sorted(said["candidates"].split("; ")) == sorted([f"User: {USER}", f"user: {GUEST}"])
    assert (await act_each.refused("create_album", name="y", users=[UNKNOWN]))[0] == "user_unknown"
    assert act_each.immich.requests.count("POST albums") == 1


async def test_changing_an_album(act_each: Acting) -> None:
    """What is given changes, the rest stays; the answer shows it as it is now."""
    cover = f"media-source://immich_plus/{ADMIN}/asset/{tiny('paris.jpg')}"
    response = await act_each(
        "update_album", album="holiday", name="Trips", description="All", cover=cover, order="oldest"
    )
    kept = act_each.immich.state.albums[HOLIDAY]
    assert (kept.name, kept.description, kept.thumbnail_asset_id, kept.order) == (
        "Trips",
        "All",
        tiny("paris.jpg"),
        "asc",
    )
    album = response["album"]
    assert (album["id"], album["name"], album["cover"]) == (HOLIDAY, "Trips", tiny("paris.jpg"))
    await act_each("update_album", album=HOLIDAY, description="")
    assert (kept.name, kept.description, kept.order) == ("Trips", "", "asc")
    assert kept.members == {ADMIN: Role.OWNER, USER: Role.VIEWER}
    assert act_each.immich.requests.count(COUNTS) == 0


async def test_sharing_an_album(act_each: Acting) -> None:
    """Who has it keeps the role, on all versions; the counts of shared albums follow."""
    users = [GUEST, "guest", "user@example.com", "Admin"]
    response = await act_each("update_album", album="Holiday", users=users, role="editor")
    members = {ADMIN: Role.OWNER, USER: Role.VIEWER, GUEST: Role.EDITOR}
    assert act_each.immich.state.albums[HOLIDAY].members == members
    assert {user["id"]: user["role"] for user in response["album"]["shared_with"]} == {
        USER: "viewer",
        GUEST: "editor",
    }
    assert act_each.immich.requests.by_route()["PATCH albums/{id}"] == 0
    await act_each.hass.async_block_till_done()
    assert act_each.immich.requests.count(COUNTS) == 1
    await act_each("update_album", album="Holiday", users=users)
    assert act_each.immich.requests.count("PUT albums/{id}/users") == 1
    assert act_each.immich.state.albums[HOLIDAY].members == members


async def test_what_an_album_cannot_become(act_each: Acting) -> None:
    """Nothing to change, a cover that isn't in it, and somebody else's album are told as such."""
    for nothing in ({}, {"role": "editor"}, {"users": [" "]}):
        assert await act_each.refused("update_album", album="Holiday", **nothing) == ("nothing_to_change", {})
    assert await act_each.refused("update_album", album="Holiday", cover="paris.jpg") == (
        "not_an_asset",
        {"asset": "paris.jpg"},
    )
    assert await act_each.changes() == 0
    key, said = await act_each.refused("update_album", album="Holiday", cover=tiny("party.jpg"))
    assert (key, said) == ("refused", {"reason": "Invalid album thumbnail"})
    act_each.immich.state.albums[THEIRS].members[ADMIN] = Role.VIEWER
    assert await act_each.refused("update_album", album=THEIRS, name="Mine") == ("not_found", {})
    assert act_each.immich.state.albums[THEIRS].name == "From the user"


@pytest.mark.parametrize("named", [HOLIDAY.upper(), "holiday"])
async def test_deleting_an_album(act_each: Acting, named: str) -> None:
    """Its assets stay; the answer tells what was deleted, and the counts follow."""
    response = await act_each("delete_album", album=named)
    assert (response["album"]["id"], response["album"]["name"]) == (HOLIDAY, "Holiday")
    assert HOLIDAY not in act_each.immich.state.albums
    assert tiny("vienna.jpg") in act_each.immich.state.assets
    await act_each.hass.async_block_till_done()
    assert act_each.immich.requests.count(COUNTS) == 1
    assert (await act_each.refused("delete_album", album=named))[0] == "album_unknown"


async def test_an_album_that_cannot_be_deleted(act_each: Acting) -> None:
    """One of two of a name is only deleted by its id, somebody else's not at all."""
    assert (await act_each.refused("delete_album", album="Twice"))[0] == "album_ambiguous"
    await act_each("delete_album", album=TWICE[1])
    assert TWICE[0] in act_each.immich.state.albums
    assert await act_each.refused("delete_album", album="From the user") == ("not_found", {})
    assert THEIRS in act_each.immich.state.albums


async def test_an_album_that_is_gone_meanwhile(act: Acting) -> None:
    """What was listed a moment ago may be gone by the next request."""
    act.immich.faults.add("GET albums/{id}", Status(400, message="Not found or no album.read access"))
    assert await act.refused("get_album", album="Holiday") == ("not_found", {})
