"""Assets and albums as responses show them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant
import orjson
import pytest
from yarl import URL

from custom_components.immich_plus.api.album import Album
from custom_components.immich_plus.api.asset import Asset
from custom_components.immich_plus.responses import Responses, written
from tests.searching import VERSIONS, CallAt, Calling, call_at_fixture, call_fixture, id_of  # noqa: F401

ASSET = {
    "id", "type", "filename", "taken_at", "media_content_id", "thumbnail", "url", "favorite", "archived",
    "trashed", "city", "state", "country", "people", "description", "rating", "duration", "width", "height",
}  # fmt: skip


@pytest.fixture(autouse=True)
async def _in_vienna(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("Europe/Vienna")


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_asset(call_at: CallAt, version: str) -> None:
    """Everything that is known is there, on every version alike, and nothing that is nobody's business."""
    call = await call_at(version)
    vienna = call.asset("vienna.jpg")
    vienna.exif.description, vienna.exif.rating = "By the river", 4
    (asset,) = (await call(filename="vienna"))["assets"]
    assert asset == {
        "id": vienna.id,
        "type": "image",
        "filename": "vienna.jpg",
        "taken_at": "2022-04-01T12:00:00+02:00",
        "media_content_id": f"media-source://immich_plus/{id_of('admin')}/asset/{vienna.id}",
        "thumbnail": f"/api/immich_plus/{call.account.entry_id}/{vienna.id}/thumbnail",
        "url": f"{call.immich.url}/photos/{vienna.id}",
        "favorite": False,
        "archived": False,
        "trashed": False,
        "city": "Vienna",
        "state": "Vienna",
        "country": "Austria",
        "people": asset["people"],
        "description": "By the river",
        "rating": 4,
        "duration": None,
        "width": 8,
        "height": 6,
    }
    assert sorted(asset["people"], key=str) == sorted(
        [{"id": id_of("person Alice"), "name": "Alice"}, {"id": id_of("person "), "name": ""}], key=str
    )
    assert "48.2" not in str(asset), "where exactly is told by get_asset alone"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_film_and_what_is_not_known(call_at: CallAt, version: str) -> None:
    """A length is in seconds; what isn't known is null, and hidden people stay hidden."""
    call = await call_at(version)
    (film,) = (await call(type="video"))["assets"]
    assert film.keys() == ASSET
    assert (film["type"], film["duration"]) == ("video", 3.0)
    assert [film[name] for name in ("city", "country", "description", "rating")] == [None] * 4
    (party,) = (await call(filename="party"))["assets"]
    assert [person["name"] for person in party["people"]] == [""]
    assert party["favorite"] is True


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"visibility": "archive"}, ("archived.jpg", True, False)),
        ({"trashed": True}, ("trashed.jpg", False, True)),
    ],
)
async def test_where_it_lies(call: Calling, filters: dict[str, Any], told: tuple[str, bool, bool]) -> None:
    """The archive and the trash show."""
    (asset,) = (await call(**filters))["assets"]
    assert (asset["filename"], asset["archived"], asset["trashed"]) == told


async def test_details(call: Calling) -> None:
    """One asset alone also tells its camera, its tags, and where it was taken."""
    asset = (await call("get_asset", asset=id_of("rome.jpg")))["asset"]
    assert asset.keys() > ASSET
    assert asset["tags"] == ["trips/sea"]
    assert asset["owned"] is True
    assert asset["added_at"] == "2022-08-16T20:30:00+02:00"
    assert asset["updated_at"]
    assert asset["exif"]["make"] == "SampleCam"
    assert asset["exif"]["latitude"] == pytest.approx(41.89193)
    theirs = (await call("get_asset", asset=id_of("user1.jpg")))["asset"]
    assert theirs["owned"] is False


def _responses() -> Responses:
    return Responses("entry", "user", URL("https://photos.example.com/immich"))


def test_details_of_little() -> None:
    """Without anything but an id the rest is null, and the server's sub-path stays."""
    details = _responses().asset_details(Asset.from_json({"id": "x"}))
    assert details.keys() == ASSET | {"added_at", "updated_at", "tags", "owned"}
    assert details["url"] == "https://photos.example.com/immich/photos/x"
    assert {name for name, value in details.items() if value is None} == {
        "taken_at", "city", "state", "country", "description", "rating", "duration", "width", "height",
        "added_at", "updated_at",
    }  # fmt: skip
    assert (details["type"], details["people"], details["tags"]) == ("other", [], [])


def test_an_album_of_little() -> None:
    """An album of which only the id and name are known is written as far as it goes."""
    bare = Album.from_json({"id": "a", "albumName": "Bare"})
    album = _responses().album(bare)
    assert (album["id"], album["name"], album["owner"], album["owned"]) == ("a", "Bare", None, False)
    assert album["shared_with"] == []
    for name in ("start", "end", "cover", "thumbnail", "created_at", "updated_at"):
        assert album[name] is None
    assert album["url"] == "https://photos.example.com/immich/albums/a"


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_album(call_at: CallAt, version: str) -> None:
    """Albums are alike on all versions, and tell no e-mail address."""
    call = await call_at(version)
    (album,) = (each for each in (await call("get_albums"))["albums"] if each["name"] == "Holiday")
    assert album == {
        "id": id_of("holiday"),
        "name": "Holiday",
        "description": album["description"],
        "asset_count": 3,
        "created_at": album["created_at"],
        "updated_at": album["updated_at"],
        "start": "2022-04-01",
        "end": "2023-05-14",
        "owner": {"id": id_of("admin"), "name": "Admin"},
        "owned": True,
        "shared_with": [{"id": id_of("user"), "name": "User", "role": "viewer"}],
        "cover": id_of("vienna.jpg"),
        "thumbnail": f"/api/immich_plus/{call.account.entry_id}/{id_of('vienna.jpg')}/thumbnail",
        "url": f"{call.immich.url}/albums/{id_of('holiday')}",
    }
    assert "@" not in str(album)


async def test_moments(hass: HomeAssistant) -> None:
    """Moments are in Home Assistant's zone, summer and winter; none makes trouble."""
    assert written(None) is None
    assert written(datetime(2026, 7, 1, 12, tzinfo=UTC)) == "2026-07-01T14:00:00+02:00"
    assert written(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "2026-10-25T02:30:00+02:00"
    assert written(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "2026-10-25T02:30:00+01:00"
    assert written(datetime(9999, 12, 31, 23, 59, tzinfo=UTC)) == "9999-12-31T23:59:00+00:00"
    await hass.config.async_set_time_zone("America/New_York")
    assert written(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00+00:00"


async def test_an_impossible_date(call: Calling) -> None:
    """A picture with a date at the end of the calendar takes no search down."""
    call.immich.state.update_asset(
        call.asset("party.jpg"), file_created_at=datetime(9999, 12, 31, 23, 30, tzinfo=UTC)
    )
    (party,) = (await call(filename="party"))["assets"]
    assert party["taken_at"] == "9999-12-31T23:30:00+00:00"


async def test_many_leave_the_event_loop_its_turn(hass: HomeAssistant) -> None:
    """Other things go on while a thousand assets are written."""
    turns = 0

    async def _other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    asset = Asset.from_json({"id": "x", "type": "IMAGE"})
    task = asyncio.ensure_future(_other())
    rows = await _responses().assets([replace(asset, id=str(number)) for number in range(1000)])
    task.cancel()
    assert [row["id"] for row in rows if isinstance(row, dict)] == [str(number) for number in range(1000)]
    assert turns >= 20


async def test_plain_json(call: Calling) -> None:
    """Templates, traces and the WebSocket get nothing but JSON, whatever the asset is."""
    for asset in call.immich.state.assets.values():
        if asset.owner_id == id_of("admin"):
            told = (await call("get_asset", asset=asset.id))["asset"]
            assert orjson.loads(orjson.dumps(told)) == told
