"""What an asset's JSON tells: from each version, whole or spoilt."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.immich_plus.api.asset import Asset, AssetPerson, Exif
from custom_components.immich_plus.api.errors import ImmichBadAnswerError
from custom_components.immich_plus.api.query import AssetQuery
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient

VIENNA = stable_id("tiny vienna.jpg")
ROME = stable_id("tiny rome.jpg")
PARTY = stable_id("tiny party.jpg")
TRASHED = stable_id("tiny trashed.jpg")
ALICE = AssetPerson(id=stable_id("tiny person Alice"), name="Alice")
SOMEBODY = AssetPerson(id=stable_id("tiny person "), name="")

FACTS = [name for name in dir(Exif) if not name.startswith("_")]


async def test_reading_one(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    asset = await client.assets.get(VIENNA.upper())
    assert (asset.id, asset.type, asset.filename) == (VIENNA, "IMAGE", "vienna.jpg")
    assert asset.owner_id == stable_id("tiny admin")
    assert asset.taken_at == datetime(2022, 4, 1, 10, tzinfo=UTC)
    assert (asset.added_at is not None) is client.version.tells_when_added
    assert (asset.favorite, asset.visibility, asset.trashed) == (False, "timeline", False)
    assert (asset.width, asset.height) == (8, 6)
    assert asset.duration is None
    assert asset.checksum
    assert asset.tags == ("trips",)
    film = await client.assets.get(stable_id("tiny film.mp4"))
    assert (film.type, film.duration) == ("VIDEO", 3.0)
    live = await client.assets.get(stable_id("tiny live.jpg"))
    assert live.live_photo_video_id == stable_id("tiny live.mov")
    assert (await client.assets.get(TRASHED)).trashed is True
    assert (await client.assets.get(ROME)).favorite is True


async def test_what_is_written_in_it(each: FakeImmich, make_client: MakeClient) -> None:
    """All that Immich has read in the file, the same from a single read and from a search."""
    kept = each.state.assets[VIENNA]
    each.state.update_exif(
        kept,
        description="At night",
        f_number=1.8,
        focal_length=23.5,
        iso=400,
        exposure_time="1/125",
        rating=3,
    )
    client = make_client(each)
    await client.connect()
    asset = await client.assets.get(VIENNA)
    exif = asset.exif
    assert exif is not None
    assert {name: getattr(exif, name) for name in FACTS} == {
        "description": "At night",
        "city": kept.exif.city,
        "state": kept.exif.state,
        "country": kept.exif.country,
        "make": "SampleCam",
        "model": "S1",
        "lens_model": "35mm F2",
        "f_number": 1.8,
        "focal_length": 23.5,
        "iso": 400,
        "exposure_time": "1/125",
        "file_size": kept.exif.file_size,
        "time_zone": "UTC",
        "latitude": kept.exif.latitude,
        "longitude": kept.exif.longitude,
        "rating": 3,
        "width": 8,
        "height": 6,
    }
    assert asset.description == "At night"
    page = await client.search.page(AssetQuery())
    (found,) = (each for each in page.assets if each.id == VIENNA)
    assert found.exif is not None
    assert all(getattr(found.exif, name) == getattr(exif, name) for name in FACTS)
    # Where somebody was is in nothing that is printed.
    assert str(kept.exif.latitude) not in repr(asset)
    assert found.tags == ()


async def test_who_is_in_it(each: FakeImmich, make_client: MakeClient) -> None:
    """People whom somebody hid in Immich are left out; who has no name is told by the id."""
    client = make_client(each)
    await client.connect()
    assert set((await client.assets.get(VIENNA)).people) == {ALICE, SOMEBODY}
    assert (await client.assets.get(PARTY)).people == (SOMEBODY,)
    assert (await client.assets.get(stable_id("tiny film.mp4"))).people == ()
    page = await client.search.page(AssetQuery())
    people = {asset.id: asset.people for asset in page.assets}
    assert people[PARTY] == (SOMEBODY,)
    assert set(people[VIENNA]) == {ALICE, SOMEBODY}


@pytest.mark.parametrize(
    ("told", "people"),
    [
        (None, ()),
        ("x", ()),
        ([], ()),
        ([None, 3, {}, {"name": "x"}], ()),
        ([{"id": "a"}], (AssetPerson(id="a", name=""),)),
        ([{"id": "a", "name": None, "isHidden": None}], (AssetPerson(id="a", name=""),)),
        (
            [{"id": "a", "name": "A", "isHidden": True}, {"id": "b", "name": "B"}],
            (AssetPerson(id="b", name="B"),),
        ),
    ],
)
def test_odd_people(told: object, people: tuple[AssetPerson, ...]) -> None:
    assert Asset.from_json({"id": "a", "people": told}).people == people


def test_an_asset_of_nothing_but_an_id() -> None:
    asset = Asset.from_json({"id": "a"})
    assert (asset.type, asset.filename, asset.visibility, asset.tags) == ("OTHER", "", "timeline", ())
    assert (asset.owner_id, asset.taken_at, asset.duration, asset.width) == (None, None, None, None)
    assert (asset.favorite, asset.trashed) == (False, False)
    odd = Asset.from_json(
        {
            "id": "a",
            "exifInfo": [1],
            "tags": [{"value": "x"}, None, {"name": "y"}],
            "visibility": "somewhere-new",
            "width": None,
            "isFavorite": "yes",
        }
    )
    assert (odd.tags, odd.visibility, odd.favorite) == (("x",), "somewhere-new", False)
    assert Asset.from_json({"id": "a", "exifInfo": {"exifImageWidth": 4, "description": "d"}}).width == 4
    with pytest.raises(ImmichBadAnswerError, match="assets: field id"):
        Asset.from_json({})


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0:00:12.34000", 12.34),
        ("1:02:03.5", 3723.5),
        ("0:00:00.00000", None),
        (12340, 12.34),
        (1500.0, 1.5),
        (None, None),
        (True, None),
        ("", None),
        ("12.5", None),
        ("a:b:c", None),
        ("0:00:nan", None),
        ("0:00:inf", None),
        (f"{'9' * 400}:00:00.5", None),
        (f"{'9' * 5000}:00:00", None),
        (float("inf"), None),
        ([1], None),
    ],
)
def test_lengths(value: object, seconds: float | None) -> None:
    assert Asset.from_json({"id": "a", "duration": value}).duration == seconds


def test_only_an_uploaded_file_has_a_checksum() -> None:
    """In external libraries it is that of the path, which is good for nothing."""
    told = {"id": "a", "checksum": "c2hhMQ==", "originalMimeType": "image/heic"}
    asset = Asset.from_json({**told, "libraryId": None})
    assert (asset.checksum, asset.mime_type) == ("c2hhMQ==", "image/heic")
    assert Asset.from_json({**told, "libraryId": "b"}).checksum is None


@pytest.mark.parametrize("told", ["x", [], None, 3])
def test_one_without_facts(told: object) -> None:
    asset = Asset.from_json({"id": "a", "exifInfo": told})
    assert asset.exif is None
    assert asset.description is None


def test_odd_facts() -> None:
    """Numbers may come as other kinds of values, and what is none at all is not known."""
    odd: dict[str, Any] = {
        "description": "",
        "city": 3,
        "fNumber": "1.8",
        "focalLength": 24,
        "iso": "400",
        "fileSizeInByte": 3.0,
        "latitude": True,
        "longitude": None,
        "rating": 2.5,
        "exposureTime": 0.5,
    }
    exif = Exif(odd)
    assert (exif.description, exif.city, exif.f_number, exif.focal_length) == (None, None, None, 24.0)
    assert (exif.iso, exif.file_size, exif.latitude, exif.longitude) == (400, 3, None, None)
    assert (exif.rating, exif.exposure_time) == (None, None)


@pytest.mark.parametrize("told", [{"width": 0, "height": None}, {}])
def test_sizes_come_from_either_place(told: dict[str, Any]) -> None:
    """Before 3.0 only the facts of the file tell the size; what the asset itself tells goes first."""
    facts = {"exifInfo": {"exifImageWidth": 40, "exifImageHeight": 30}}
    asset = Asset.from_json({"id": "a", **told, **facts})
    assert (asset.width, asset.height) == (40, 30)
    turned = Asset.from_json({"id": "a", "width": 30, "height": 40, **facts})
    assert (turned.width, turned.height) == (30, 40)
