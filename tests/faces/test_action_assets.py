"""The actions about assets: `get_asset`, `update_assets`, `trash_assets`, `restore_assets`, `delete_assets`."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol

from custom_components.immich_plus.actions import retag
from custom_components.immich_plus.api import bulk
from tests.fake_immich.faults import Status
from tests.fake_immich.libraries import scale
from tests.fake_immich.models import Visibility

from .acting import (  # noqa: F401
    UNKNOWN,
    Acting,
    Json,
    MakeActing,
    act_each_fixture,
    act_fixture,
    make_acting_fixture,
    tiny,
)

ADMIN = tiny("admin")
VIENNA, ROME, PARIS, PARTY = (tiny(f"{name}.jpg") for name in ("vienna", "rome", "paris", "party"))
TRASHED, FOREIGN = tiny("trashed.jpg"), tiny("user1.jpg")
UPDATE = "PUT assets"
# What each of the three does, as its response says it.
DONE = {"trash_assets": "trashed", "restore_assets": "restored", "delete_assets": "deleted"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no sidecars: this server reads them back at once."""
    monkeypatch.setattr(retag, "_SECONDS", 0.0)
    monkeypatch.setattr(retag, "_SECONDS_PER_ASSET", 0.0)


def _more(action: str) -> Json:
    return {"permanent": True} if action == "delete_assets" else {}


async def test_one_asset(act_each: Acting) -> None:
    """Everything is told: the camera, the place, who is in it, the tags, when it was added."""
    kept = act_each.immich.state.assets[VIENNA]
    act_each.immich.state.update_exif(kept, description="At night", iso=400, exposure_time="1/125", rating=3)
    asset = (await act_each("get_asset", asset=VIENNA.upper()))["asset"]
    added = (
        dt_util.as_local(kept.created_at).isoformat() if act_each.immich.version.at_least("1.140.0") else None
    )
    people = asset.pop("people")
    assert sorted(person["name"] for person in people) == ["", "Alice"]
    assert asset == {
        "id": VIENNA,
        "type": "image",
        "filename": "vienna.jpg",
        "taken_at": dt_util.as_local(kept.file_created_at).isoformat(),
        "media_content_id": f"media-source://immich_plus/{ADMIN}/asset/{VIENNA}",
        "thumbnail": f"/api/immich_plus/{act_each.account.entry_id}/{VIENNA}/thumbnail",
        "url": f"{act_each.immich.url}/photos/{VIENNA}",
        "favorite": False,
        "archived": False,
        "trashed": False,
        "city": kept.exif.city,
        "state": kept.exif.state,
        "country": kept.exif.country,
        "description": "At night",
        "rating": 3,
        "duration": None,
        "width": 8,
        "height": 6,
        "added_at": added,
        "updated_at": asset["updated_at"],
        "tags": ["trips"],
        "owned": True,
        "exif": {
            "make": "SampleCam",
            "model": "S1",
            "lens_model": "35mm F2",
            "f_number": None,
            "focal_length": None,
            "iso": 400,
            "exposure_time": "1/125",
            "file_size": kept.exif.file_size,
            "time_zone": "UTC",
            "latitude": kept.exif.latitude,
            "longitude": kept.exif.longitude,
        },
    }


async def test_which_asset_is_meant(act_each: Acting) -> None:
    """Somebody else's that one can see, and what lies in the trash, are told as well; more than one isn't."""
    foreign = (await act_each("get_asset", asset=f"media-source://immich_plus/{ADMIN}/asset/{FOREIGN}"))[
        "asset"
    ]
    assert (foreign["filename"], foreign["owned"]) == ("user1.jpg", False)
    assert (await act_each("get_asset", asset={"assets": [foreign]}))["asset"]["id"] == FOREIGN
    assert (await act_each("get_asset", asset=[TRASHED, TRASHED]))["asset"]["trashed"] is True
    for several in ([], [VIENNA, ROME]):
        assert await act_each.refused("get_asset", asset=several) == ("one_asset_only", {})
    assert await act_each.refused("get_asset", asset="vienna.jpg") == (
        "not_an_asset",
        {"asset": "vienna.jpg"},
    )
    assert await act_each.refused("get_asset", asset=UNKNOWN) == ("not_found", {})


async def test_changing_many(act_each: Acting) -> None:
    """Each thing that can be changed is, for all that are named, in one request."""
    results = await act_each.results(
        "update_assets",
        assets=[VIENNA, f"media-source://immich_plus/{ADMIN}/asset/{ROME}", VIENNA.upper()],
        favorite=True,
        archived=True,
        description="Grüße",
        taken_at="2020-02-03 04:05:06",
        rating="4",
        latitude=48.2,
        longitude=16.4,
    )
    assert results == {VIENNA: "updated", ROME: "updated"}
    await act_each.immich.settle()
    for asset_id in (VIENNA, ROME):
        asset = act_each.immich.state.assets[asset_id]
        assert (asset.is_favorite, asset.visibility) == (True, Visibility.ARCHIVE)
        assert (asset.exif.description, asset.exif.rating) == ("Grüße", 4)
        assert (asset.exif.latitude, asset.exif.longitude) == (48.2, 16.4)
        # A time without a zone is Home Assistant's.
        local = datetime(2020, 2, 3, 4, 5, 6, tzinfo=dt_util.get_default_time_zone())
        assert asset.file_created_at == local
    assert act_each.immich.requests.by_route()[UPDATE] == 1
    await act_each.results("update_assets", assets=VIENNA, favorite=False, archived=False, description="")
    asset = act_each.immich.state.assets[VIENNA]
    assert (asset.is_favorite, asset.visibility) == (False, Visibility.TIMELINE)
    assert (asset.exif.description, asset.exif.rating) == ("", 4)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2021-05-06", datetime(2021, 5, 6, 7, tzinfo=UTC)),
        ("2021-05-06T12:00:00+02:00", datetime(2021, 5, 6, 10, tzinfo=UTC)),
        (datetime(2021, 5, 6, 10, tzinfo=UTC), datetime(2021, 5, 6, 10, tzinfo=UTC)),
    ],
)
async def test_moments(act: Acting, given: Any, moment: datetime) -> None:
    """A day is its first moment where Home Assistant is, a zone that is given counts."""
    await act.hass.config.async_set_time_zone("America/Los_Angeles")
    await act("update_assets", assets=VIENNA, taken_at=given)
    await act.immich.settle()
    assert act.immich.state.assets[VIENNA].file_created_at == moment


async def test_a_rating_is_taken_away(act_each: Acting) -> None:
    """0 takes a rating away, in each version's own way."""
    await act_each("update_assets", assets=VIENNA, rating=5)
    await act_each("update_assets", assets=VIENNA, rating=0)
    without = None if act_each.immich.version.at_least("2.6.0") else -1
    assert act_each.immich.state.assets[VIENNA].exif.rating == without


@pytest.mark.parametrize(
    "wrong",
    [
        {"rating": 6},
        {"rating": -1},
        {"latitude": 48.2},
        {"latitude": 91, "longitude": 0},
        {"taken_at": "soon"},
    ],
)
async def test_what_cannot_be_right(act: Acting, wrong: Json) -> None:
    """Ratings that don't exist, half a place and words for a date are refused."""
    with pytest.raises(vol.Invalid):
        await act("update_assets", assets=VIENNA, **wrong)


async def test_nothing_to_change(act: Acting) -> None:
    """A call that would change nothing is a mistake, also with empty lists of tags."""
    for nothing in ({}, {"tags_add": [" ", ""], "tags_remove": []}):
        assert await act.refused("update_assets", assets=VIENNA, **nothing) == ("nothing_to_change", {})
    assert await act.changes() == 0


async def test_tags(act_each: Acting) -> None:
    """Tags are made where they are missing, and taken away by path, last part or id; both in one call."""
    state = act_each.immich.state
    results = await act_each.results(
        "update_assets",
        assets=[VIENNA, ROME],
        tags_add=["new/one", "trips", " /new/one/ "],
        tags_remove=["SEA"],
    )
    assert results == {VIENNA: "updated", ROME: "updated"}
    paths = {tag.id: tag.value for tag in state.tags.values()}
    for asset_id in (VIENNA, ROME):
        assert sorted(paths[tag] for tag in state.assets[asset_id].tag_ids) == ["new/one", "trips"]
    results = await act_each.results("update_assets", assets=[VIENNA, UNKNOWN], tags_remove=tiny("tag trips"))
    # What has no such tag is as it should be, whatever it is.
    assert results == {VIENNA: "updated", UNKNOWN: "updated"}
    assert [paths[tag] for tag in state.assets[VIENNA].tag_ids] == ["new/one"]


async def test_tags_and_other_changes(act_each: Acting) -> None:
    """What can't be changed gets no tags either, and tells why."""
    state = act_each.immich.state
    response = await act_each(
        "update_assets",
        assets=[VIENNA, UNKNOWN, FOREIGN],
        favorite=True,
        tags_add="trips/sea",
        tags_remove="trips",
    )
    assert [(row["id"], row["result"]) for row in response["assets"]] == [
        (VIENNA, "updated"),
        (UNKNOWN, "not_found"),
        (FOREIGN, "not_found"),
    ]
    assert state.assets[VIENNA].tag_ids == [tiny("tag trips/sea")]
    assert state.assets[FOREIGN].tag_ids == []


async def test_tags_that_the_key_may_not_give(act: Acting) -> None:
    """What was changed stays changed, and each asset tells what is missing; tags alone fail the call."""
    (key,) = (key for key in act.immich.state.api_keys.values() if key.secret == "admin-key")
    key.permissions = ["asset.update", "tag.create", "tag.read"]
    response = await act("update_assets", assets=[VIENNA], favorite=True, tags_add="trips")
    (row,) = response["assets"]
    assert row["result"] == "failed"
    assert "tag.asset" in row["error"]
    assert act.immich.state.assets[VIENNA].is_favorite
    refused = await act.refused("update_assets", assets=[VIENNA], tags_remove="trips")
    assert refused == ("missing_scope", {"scope": "tag.asset"})


async def test_tags_alone_tell_what_cannot_have_them(act_each: Acting) -> None:
    """Immich skips unknown assets without a word; the answer doesn't."""
    results = await act_each.results(
        "update_assets", assets=[PARTY, UNKNOWN, FOREIGN], tags_add=["trips", "new"]
    )
    assert results == {PARTY: "updated", UNKNOWN: "not_found", FOREIGN: "not_found"}
    assert len(act_each.immich.state.assets[PARTY].tag_ids) == 2
    assert act_each.immich.state.assets[FOREIGN].tag_ids == []
    assert await act_each.refused("update_assets", assets=[UNKNOWN], tags_add="trips") == ("not_found", {})


async def test_tags_that_do_not_exist(act: Acting) -> None:
    """An unknown tag to take away, or an unknown id, ends the call before anything is made or changed."""
    before = set(act.immich.state.tags)
    for tags in ({"tags_remove": "sand"}, {"tags_add": [UNKNOWN]}):
        key, said = await act.refused(
            "update_assets", assets=VIENNA, favorite=True, **{"tags_add": "x", **tags}
        )
        assert (key, set(said)) == ("tag_unknown", {"tag", "candidates"})
    assert set(act.immich.state.tags) == before
    assert await act.changes() == 0


async def test_no_assets(act: Acting) -> None:
    """Nothing found, nothing done: no error, no request that changes anything, no tag."""
    found: Json = {"assets": [], "next_cursor": None}
    assert await act("update_assets", assets=found, favorite=True, tags_add="x", tags_remove="trips") == {
        "assets": []
    }
    for action in DONE:
        assert await act(action, assets=found, **_more(action)) == {"assets": []}
    assert await act.changes() == 0
    assert len(act.immich.state.tags) == 2


async def test_trash_and_back(act_each: Acting) -> None:
    """What is put into the trash can be restored; the answers of one action feed the next."""
    state = act_each.immich.state
    trashed = await act_each("trash_assets", assets=[VIENNA.upper(), ROME, VIENNA])
    assert trashed == {
        "assets": [
            {"id": VIENNA, "result": "trashed", "error": None},
            {"id": ROME, "result": "trashed", "error": None},
        ]
    }
    assert state.assets[VIENNA].is_trashed
    assert state.assets[ROME].is_trashed
    restored = await act_each("restore_assets", assets=trashed)
    assert restored["assets"] == [
        {"id": VIENNA, "result": "restored", "error": None},
        {"id": ROME, "result": "restored", "error": None},
    ]
    assert not state.assets[VIENNA].is_trashed
    await act_each.hass.async_block_till_done()
    assert act_each.immich.requests.count("GET assets/statistics") > 0


async def test_deleting_for_good(act_each: Acting) -> None:
    """It is gone, whether it lay in the trash or not."""
    results = await act_each.results("delete_assets", assets=[VIENNA, TRASHED], permanent=True)
    assert results == {VIENNA: "deleted", TRASHED: "deleted"}
    await act_each.immich.settle()
    assert not {VIENNA, TRASHED} & act_each.immich.state.assets.keys()


async def test_deleting_has_to_be_meant(act: Acting) -> None:
    """Without `permanent: true` nothing is deleted, nor put into the trash."""
    assert await act.refused("delete_assets", assets=VIENNA, permanent=False) == ("permanent_required", {})
    with pytest.raises(vol.Invalid):
        await act("delete_assets", assets=VIENNA)
    assert await act.changes() == 0


async def test_a_server_without_a_trash(act_each: Acting) -> None:
    """Where the trash is switched off, what is put there would be lost: it is refused."""
    act_each.immich.state.settings.trash_enabled = False
    assert await act_each.refused("trash_assets", assets=VIENNA) == ("trash_off", {})
    assert not act_each.immich.state.assets[VIENNA].is_trashed
    assert await act_each.results("restore_assets", assets=TRASHED) == {TRASHED: "restored"}


@pytest.mark.parametrize("action", ["update_assets", *DONE])
async def test_each_tells_its_own_result(act_each: Acting, action: str) -> None:
    """One that doesn't exist and somebody else's don't keep the others; only if none is left, the call fails."""
    more = _more(action) if action in DONE else {"favorite": True}
    response = await act_each(action, assets=[UNKNOWN, VIENNA, FOREIGN, TRASHED], **more)
    done = DONE.get(action, "updated")
    assert [row["result"] for row in response["assets"]] == ["not_found", done, "not_found", done]
    assert [row["error"] is None for row in response["assets"]] == [False, True, False, True]
    assert response["assets"][0]["error"].startswith("Immich doesn't find it")
    assert FOREIGN in act_each.immich.state.assets
    assert await act_each.refused(action, assets=[UNKNOWN, FOREIGN], **more) == ("not_found", {})
    assert await act_each.refused(action, assets=[PARIS, "paris.jpg"], **more) == (
        "not_an_asset",
        {"asset": "paris.jpg"},
    )


@pytest.mark.parametrize("action", ["update_assets", *DONE])
async def test_a_later_page_fails(act: Acting, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """What was done before stays done and is told as such; the rest tells why, and a missing scope is shown."""
    monkeypatch.setattr(bulk, "ASSETS_PER_REQUEST", 1)
    more = _more(action) if action in DONE else {"favorite": True}
    route = {"update_assets": UPDATE, "restore_assets": "POST trash/restore/assets"}.get(
        action, "DELETE assets"
    )
    act.immich.faults.add(route, Status(500, message="Disk full"), after=1, times=1)
    response = await act(action, assets=[VIENNA, ROME], **more)
    assert [row["result"] for row in response["assets"]] == [DONE.get(action, "updated"), "failed"]
    assert "Disk full" in response["assets"][1]["error"]
    assert act.scopes_in_repair() == set()
    scope = "asset.update" if action == "update_assets" else "asset.delete"
    act.immich.faults.add(route, Status(403, message=f"Missing required permission: {scope}"), after=1)
    response = await act(action, assets=[PARIS, PARTY], **more)
    assert [row["result"] for row in response["assets"]] == [DONE.get(action, "updated"), "failed"]
    assert act.scopes_in_repair() == {scope}


@pytest.mark.parametrize("count", [1, 1000, 10_000])
async def test_requests_grow_with_pages(make_acting: MakeActing, count: int) -> None:
    """A request changes a thousand, whatever is changed."""
    act = await make_acting(key="scale-key", library=scale(count))
    wanted, pages = list(act.immich.state.assets), -(-count // 1000)
    results = await act.results(
        "update_assets", assets=wanted, favorite=True, tags_add=["a", "b", "c"], tags_remove="Tag 00"
    )
    assert results == dict.fromkeys(wanted, "updated")
    routes = act.immich.requests.by_route()
    assert (routes[UPDATE], routes["PUT tags/assets"], routes["DELETE tags/{id}/assets"]) == (pages,) * 3
    assert (routes["PUT tags"], routes["GET tags"]) == (1, 1)
    await act("update_assets", assets=wanted, tags_add=["d", "e", "f"])
    routes = act.immich.requests.by_route()
    assert (routes["PUT tags/{id}/assets"], routes["PUT tags/assets"]) == (pages, 2 * pages)
    for action, done in DONE.items():
        act.immich.requests.clear()
        assert await act.results(action, assets=wanted, **_more(action)) == dict.fromkeys(wanted, done)
        route = "POST trash/restore/assets" if action == "restore_assets" else "DELETE assets"
        assert act.immich.requests.by_route()[route] == pages
        assert act.immich.requests.count("GET server/features") == (action == "trash_assets")


async def test_a_bad_id_among_a_thousand(make_acting: MakeActing) -> None:
    """It costs about twenty requests more, and the others are changed."""
    act = await make_acting(key="scale-key", library=scale(999))
    wanted = list(act.immich.state.assets)
    wanted.insert(700, UNKNOWN)
    results = await act.results("update_assets", assets=wanted, favorite=True)
    assert results == dict.fromkeys(wanted, "updated") | {UNKNOWN: "not_found"}
    assert act.immich.requests.by_route()[UPDATE] <= 22
