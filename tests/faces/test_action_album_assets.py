"""The actions `add_to_album` and `remove_from_album`."""

import asyncio
from typing import Any

import pytest
import voluptuous as vol

from custom_components.immich_plus.api import bulk
from custom_components.immich_plus.asset_reference import AssetReference, asset_id_of
from custom_components.immich_plus.const import ASSETS_PER_CALL, DOMAIN
from tests.fake_immich.faults import Change, Status, replaced
from tests.fake_immich.libraries import scale
from tests.uploading import Uploading, folder_fixture, nothing_left_fixture, quick_fixture, upload_fixture  # noqa: F401

from .acting import UNKNOWN, Acting, MakeActing, act_each_fixture, act_fixture, make_acting_fixture, tiny  # noqa: F401

ADMIN, HOLIDAY, THEIRS = tiny("admin"), tiny("holiday"), tiny("theirs")
PARTY, FILM, VIENNA, ROME = (tiny(name) for name in ("party.jpg", "film.mp4", "vienna.jpg", "rome.jpg"))
FOREIGN = tiny("user1.jpg")
BOTH = ("add_to_album", "remove_from_album")
ADD, REMOVE = "PUT albums/{id}/assets", "DELETE albums/{id}/assets"


def _made_up(count: int) -> list[str]:
    return [f"{number:08x}-1234-4234-8234-123456789012" for number in range(count)]


def _in(act: Acting, album: str) -> set[str]:
    (found,) = (each for each in act.immich.state.albums.values() if each.name == album)
    return set(found.assets)


async def test_adding(act_each: Acting) -> None:
    """Assets are named by id or media content id; each tells its result, on every version."""
    response = await act_each(
        "add_to_album",
        assets=[
            PARTY.upper(),
            f"media-source://immich_plus/{ADMIN}/asset/{FILM}",
            VIENNA,
            PARTY,
            UNKNOWN,
            FOREIGN,
        ],
        album="holiday",
    )
    assert response == {
        "assets": [
            {"id": PARTY, "result": "added"},
            {"id": FILM, "result": "added"},
            {"id": VIENNA, "result": "already_there"},
            {"id": UNKNOWN, "result": "not_allowed"},
            {"id": FOREIGN, "result": "not_allowed"},
        ],
        "album": {"id": HOLIDAY, "name": "Holiday", "created": False},
    }
    assert {PARTY, FILM, VIENNA} < _in(act_each, "Holiday")


async def test_removing(act_each: Acting) -> None:
    """Each tells its result; what is taken out stays in the library, what wasn't in it counts as done."""
    response = await act_each(
        "remove_from_album",
        assets=[f"media-source://immich_plus/{ADMIN}/asset/{VIENNA}", ROME.upper(), PARTY, UNKNOWN, ROME],
        album="hOLIDAY",
    )
    assert response == {
        "assets": [
            {"id": VIENNA, "result": "removed"},
            {"id": ROME, "result": "removed"},
            {"id": PARTY, "result": "not_there"},
            {"id": UNKNOWN, "result": "not_there"},
        ],
        "album": {"id": HOLIDAY, "name": "Holiday"},
    }
    assert _in(act_each, "Holiday") == {tiny("paris.jpg")}
    assert {VIENNA, ROME} < act_each.immich.state.assets.keys()
    # Once more changes nothing, and is no error.
    assert await act_each.results("remove_from_album", assets=VIENNA, album=HOLIDAY) == {VIENNA: "not_there"}


async def test_what_others_put_in(act_each: Acting) -> None:
    """Who may edit somebody else's album takes out only what is his own."""
    await act_each("add_to_album", assets=PARTY, album=THEIRS)
    assert await act_each.results("remove_from_album", assets=[FOREIGN, PARTY], album=THEIRS) == {
        FOREIGN: "not_allowed",
        PARTY: "removed",
    }
    assert await act_each.refused("remove_from_album", assets=FOREIGN, album=THEIRS) == (
        "nothing_removed",
        {"album": "From the user"},
    )


async def test_what_was_just_uploaded(upload: Uploading) -> None:
    """What `upload` answers can be given on as it is, whole or in parts."""
    said = await upload(path=[upload.write("a.jpg"), upload.write("b.jpg")])
    response = await upload.response(
        "add_to_album", assets=[asset["media_content_id"] for asset in said], album="New", create_album=True
    )
    assert response["album"]["created"]
    assert upload.names_in("New") == ["a.jpg", "b.jpg"]
    again = await upload.response("add_to_album", assets=said[0], album=response["album"]["id"])
    assert again["assets"] == [{"id": said[0]["id"], "result": "already_there"}]
    failed = {"assets": [{"source": "c.jpg", "status": "failed", "id": None}, *said], "album": None}
    gone = await upload.response("remove_from_album", assets=failed, album="New")
    assert [row["result"] for row in gone["assets"]] == ["removed", "removed"]


async def test_what_another_action_found(act: Acting) -> None:
    """Whole responses, their lists and single assets are all taken as assets."""
    found = await act("search_assets", city="Rome")
    assert await act.results("add_to_album", assets=found, album="Empty") == {ROME: "added"}
    found = await act("get_album", album="Empty")
    assert await act.results("remove_from_album", assets=found["assets"], album="Empty") == {ROME: "removed"}
    single = await act("get_asset", asset=ROME)
    assert await act.results("add_to_album", assets=single["asset"], album="Empty") == {ROME: "added"}
    added = await act("add_to_album", assets=[PARTY], album="Empty")
    assert await act.results("remove_from_album", assets=added, album="Empty") == {PARTY: "removed"}


@pytest.mark.parametrize("nothing", [[], {"assets": [], "next_cursor": None}, {"assets": [{"id": None}]}])
async def test_no_assets(act: Acting, nothing: Any) -> None:
    """Nothing to put in, as after a search that found none, is no error, and no album is made for it."""
    response = await act("add_to_album", assets=nothing, album="New", create_album=True)
    assert response == {"assets": [], "album": None}
    response = await act("add_to_album", assets=nothing, album="Empty")
    assert response["album"] == {"id": tiny("empty"), "name": "Empty", "created": False}
    response = await act("remove_from_album", assets=nothing, album="Empty")
    assert response == {"assets": [], "album": {"id": tiny("empty"), "name": "Empty"}}
    assert await act.changes() == 0


async def test_two_calls_make_one_album(act: Acting) -> None:
    """Calls at the same moment that want the same new album fill one."""
    first, second = await asyncio.gather(
        *(
            act("add_to_album", assets=asset_id, album="New", create_album=True)
            for asset_id in (PARTY, VIENNA)
        )
    )
    assert first["album"]["id"] == second["album"]["id"]
    assert sorted([first["album"]["created"], second["album"]["created"]]) == [False, True]
    assert _in(act, "New") == {PARTY, VIENNA}


@pytest.mark.parametrize(("action", "left"), [("add_to_album", 4), ("remove_from_album", 2)])
async def test_without_an_answer(act: Acting, action: str, left: int) -> None:
    """The answer needs not be asked for, and the counts follow."""
    data = {"assets": PARTY if action == "add_to_album" else VIENNA, "album": "Holiday"}
    assert await act.hass.services.async_call(DOMAIN, action, data, blocking=True) is None
    assert len(_in(act, "Holiday")) == left
    await act.hass.async_block_till_done()
    assert act.immich.requests.count("GET albums/statistics") == 1


async def test_nothing_could_be_added(act: Acting) -> None:
    """The call fails if nothing of it succeeded; a new album is not made twice for it."""
    wanted = [UNKNOWN, FOREIGN]
    assert await act.refused("add_to_album", assets=wanted, album="Empty") == (
        "nothing_added",
        {"album": "Empty"},
    )


@pytest.mark.parametrize("deletes", [True, False])
async def test_no_album_is_left_behind(act: Acting, *, deletes: bool) -> None:
    """An album that was made for a call in which nothing succeeded is taken back, if the key may do that."""
    if not deletes:
        (key,) = (key for key in act.immich.state.api_keys.values() if key.secret == "admin-key")
        key.permissions = ["album.read", "album.create", "albumAsset.create"]
    refused = await act.refused("add_to_album", assets=[UNKNOWN], album="New", create_album=True)
    assert refused == ("nothing_added", {"album": "New"})
    assert ("New" in [album.name for album in act.immich.state.albums.values()]) is not deletes


async def test_odd_answers(act: Acting) -> None:
    """An answer that leaves rows out, or has words of its own, is read as far as it goes."""

    def _odd(body: list[dict[str, object]]) -> None:
        body[0].update(success=False, error="not_found")
        body[1].update(success=False, error="something_new")
        body.pop(2)

    act.immich.faults.add(ADD, Change(_odd))
    response = await act("add_to_album", assets=[PARTY, FILM, VIENNA, ROME], album="Empty")
    assert [asset["result"] for asset in response["assets"]] == [
        "not_found",
        "not_found",
        "not_found",
        "added",
    ]
    act.immich.faults.add(REMOVE, replaced([]))
    assert await act.results("remove_from_album", assets=ROME, album="Empty") == {ROME: "not_there"}


@pytest.mark.parametrize("action", BOTH)
@pytest.mark.parametrize(
    "given",
    [
        "",
        "door.jpg",
        "media-source://immich_plus/x/asset/y",
        f"media-source://immich/{ADMIN}/asset/{UNKNOWN}",
    ],
)
async def test_what_is_no_asset(act: Acting, action: str, given: str) -> None:
    """What is neither an id nor a media content id is told, before anything is done."""
    assert await act.refused(action, assets=[VIENNA, given], album="Holiday") == (
        "not_an_asset",
        {"asset": given},
    )
    assert await act.changes() == 0


@pytest.mark.parametrize("action", BOTH)
async def test_what_a_call_needs(act: Acting, action: str) -> None:
    """Both assets and an album must be named, and not more of them than one call takes."""
    for data in (
        {"album": "Empty"},
        {"assets": UNKNOWN},
        {"assets": [["x"]], "album": "Empty"},
        {"assets": _made_up(ASSETS_PER_CALL + 1), "album": "Empty"},
    ):
        with pytest.raises(vol.Invalid):
            await act(action, **data)
    long = "x" * 5000
    assert await act.refused(action, assets=long, album="Empty") == ("not_an_asset", {"asset": "x" * 200})


@pytest.mark.parametrize("action", BOTH)
async def test_which_album_is_meant(act: Acting, action: str) -> None:
    """Unknown and ambiguous names are the same errors everywhere, and list what there is."""
    assert await act.refused(action, assets=VIENNA, album="Holliday") == (
        "album_unknown",
        {"album": "Holliday", "candidates": "Holiday"},
    )
    for album, key in (("Twice", "album_ambiguous"), (" ", "album_empty"), (UNKNOWN, "album_unknown")):
        assert (await act.refused(action, assets=VIENNA, album=album))[0] == key
    assert (await act.refused("add_to_album", assets=VIENNA, album=UNKNOWN, create_album=True))[0] == (
        "album_unknown"
    )
    assert await act.changes() == 0


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
@pytest.mark.parametrize("action", BOTH)
async def test_a_shared_album_to_look_at(make_acting: MakeActing, action: str, version: str) -> None:
    """Who may only look at an album is told so."""
    act = await make_acting(version, key="user-key")
    assert await act.refused(action, assets=FOREIGN, album="Holiday") == (
        "album_read_only",
        {"album": "Holiday"},
    )


@pytest.mark.parametrize(("action", "route"), [("add_to_album", ADD), ("remove_from_album", REMOVE)])
async def test_a_later_page_fails(
    act: Acting, monkeypatch: pytest.MonkeyPatch, action: str, route: str
) -> None:
    """What was done stays done and is told as such, what was not reached has failed."""
    monkeypatch.setattr(bulk, "ASSETS_PER_REQUEST", 1)
    act.immich.faults.add(route, Status(500), after=1)
    done = "added" if action == "add_to_album" else "removed"
    album = "Empty" if action == "add_to_album" else "Holiday"
    assert await act.results(action, assets=[VIENNA, ROME], album=album) == {VIENNA: done, ROME: "failed"}


@pytest.mark.parametrize("count", [1, 1000, 10_000])
async def test_requests_grow_with_pages(make_acting: MakeActing, count: int) -> None:
    """Each of many assets is answered; one request changes a thousand."""
    act = await make_acting(key="scale-key", library=scale(count))
    wanted = list(act.immich.state.assets)
    added = await act.results("add_to_album", assets=wanted, album="All", create_album=True)
    assert added == dict.fromkeys(wanted, "added")
    removed = await act.results("remove_from_album", assets=wanted, album="All")
    assert removed == dict.fromkeys(wanted, "removed")
    pages = -(-count // 1000)
    routes = act.immich.requests.by_route()
    assert (routes[ADD], routes[REMOVE], routes["POST albums"]) == (pages, pages, 1)
    assert routes["GET albums"] <= 3


def test_references() -> None:
    """One writer, one parser."""
    reference = AssetReference(ADMIN, UNKNOWN)
    assert AssetReference.parse(str(reference)) == reference
    assert AssetReference.parse(f" {str(reference).upper().replace('MEDIA-SOURCE', 'media-source')} ") is None
    assert asset_id_of(f" {UNKNOWN.upper()} ") == UNKNOWN
    assert asset_id_of(f"{reference}/x") is None
