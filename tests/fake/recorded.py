"""A library that resembles the one of the recording server.

Users, keys, assets, albums and people that the recordings mention, but do not make
themselves, are put in beforehand with their recorded ids and properties.
"""

from base64 import b64decode
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fake_immich.dates import parse_lenient
from tests.fake_immich.models import Album, Asset, AssetType, Exif, Face, Person, Role, Tag, User, Visibility
from tests.fake_immich.state import State
from tests.fake_immich.uploads import UploadedFile

from .files import content, picture

ADMIN = "5e8bc7e7-7b5c-44fd-bd06-b57e3f81065a"
USER = "2297e075-d152-461f-a695-8236b5e8a4dc"
BIG_ALBUM = "bd417a3c-13b5-4c46-ab33-e05650f7f338"
BIG_SIZE = 2600
THUMBHASH = "1ZgFBYCDZE88irZmqlV5ps3wL/MA"

_VIENNA = {"city": "Vienna", "state": "Vienna", "country": "Austria"}

#: What searches tell of pictures whose EXIF no answer shows.
EXTRA_EXIF: dict[str, dict[str, Any]] = {
    "sample_vienna_1.jpg": {**_VIENNA, "model": "S1"},
    "sample_vienna_2.jpg": {**_VIENNA, "model": "S1"},
    "sample_rome.jpg": {"city": "Rome", "state": "Lazio", "country": "Italy", "model": "S2"},
}
UNKNOWN = "00000000-0000-4000-8000-000000000000"

#: Assets that come about in the middle of the replay, see setups.py.
LATER = frozenset(
    {
        "44dc385d-a75c-4d67-a1e9-71ee9070e59f",
        "513a748f-efc0-42bf-9876-608080477758",
        "753a3298-d707-42d7-8d81-363c96934394",
        "dbe0a7c4-feb8-471e-bb39-64145574ecfa",
    }
)
START = datetime(2026, 11, 23, 19, 0, 18, 433828, tzinfo=UTC)


def moment(text: str | None) -> datetime:
    """Read any of the spellings of a moment."""
    return (parse_lenient(text) if text else None) or START


def put_asset(state: State, folder: Path, each: dict[str, Any], info: dict[str, Any] | None) -> Asset:
    """Put in an asset as an answer showed it; ``info`` is the same one after processing."""
    known = each.get("exifInfo") or {}
    size = known.get("fileSizeInByte") or 8000
    name = each["originalFileName"]
    path = folder / f"{each['id']}{Path(name).suffix}"
    kind = AssetType(each["type"])
    path.write_bytes(content(name, each["id"], min(size, 300_000), info))
    return state.add_asset(
        state.users[each["ownerId"]],
        name,
        id=each["id"],
        taken=moment(each["fileCreatedAt"]),
        file_modified_at=moment(each["fileModifiedAt"]),
        local_date_time=moment(each["localDateTime"]),
        created_at=moment(each["createdAt"]),
        updated_at=moment(each["updatedAt"]),
        checksum=b64decode(each["checksum"]),
        type=kind,
        mime_type=each["originalMimeType"],
        # The first that is seen of a locked asset is that it was locked.
        visibility=Visibility(each["visibility"].replace("locked", "timeline")),
        is_favorite=each["isFavorite"],
        trashed_at=START if each["isTrashed"] else None,
        duration=each["duration"],
        width=each["width"],
        height=each["height"],
        thumbhash=each["thumbhash"],
        original_path=each["originalPath"],
        live_photo_video_id=each["livePhotoVideoId"],
        duplicate_id=each["duplicateId"],
        exif=_exif({**known, **EXTRA_EXIF.get(name, {})}, size),
        media=UploadedFile(path, kind),
    )


def put_unseen_asset(
    state: State,
    folder: Path,
    asset_id: str,
    owner: str,
    *,
    name: str = "sample_unseen.jpg",
    **more: Any,
) -> Asset:
    """Put in an asset of which no more is known than that it was there."""
    path = folder / f"{asset_id}.jpg"
    path.write_bytes(content("x.jpg", asset_id, 8000))
    values: dict[str, Any] = {
        "taken": moment("2024-04-10T09:15:00Z"),
        "width": 640,
        "height": 480,
        "thumbhash": THUMBHASH,
        "exif": Exif(file_size=8000, width=640, height=480, time_zone="UTC"),
        "media": UploadedFile(path, AssetType.IMAGE),
    }
    return state.add_asset(state.users[owner], name, id=asset_id, **values | more)


def put_user(state: State, each: dict[str, Any]) -> None:
    """Put in a user as an answer showed it."""
    state.users[each["id"]] = User(
        id=each["id"],
        email=each["email"],
        name=each["name"],
        is_admin=each["isAdmin"],
        avatar_color=each["avatarColor"],
        storage_label=each["storageLabel"],
        should_change_password=each["shouldChangePassword"],
        created_at=moment(each["createdAt"]),
        updated_at=moment(each["updatedAt"]),
        profile_changed_at=START if each["id"] == ADMIN else moment(each["profileChangedAt"]),
        password="<password>",
    )


def put_person(state: State, each: dict[str, Any]) -> None:
    """Put in a person as an answer showed it."""
    born = each["birthDate"]
    state.people[each["id"]] = Person(
        id=each["id"],
        owner_id=ADMIN,
        name=each["name"],
        birth_date=date.fromisoformat(born) if born else None,
        is_hidden=each["isHidden"],
        is_favorite=each.get("isFavorite", False),
        created_at=START,
        updated_at=moment(each.get("updatedAt")),
        thumbnail=picture(each["id"], 4000) if each["thumbnailPath"] else None,
    )


def put_tag(state: State, each: dict[str, Any]) -> None:
    """Put in a tag as an answer showed it."""
    state.tags[each["id"]] = Tag(
        id=each["id"],
        user_id=ADMIN,
        value=each["value"],
        parent_id=each.get("parentId"),
        color=each.get("color"),
        created_at=moment(each["createdAt"]),
        updated_at=moment(each["updatedAt"]),
    )


def put_album(state: State, each: dict[str, Any], asset_ids: Iterable[str]) -> None:
    """Put in an album as an answer showed it, with as many assets as it said or the given ones."""
    members = {entry["user"]["id"]: Role(entry["role"]) for entry in each["albumUsers"]}
    album = Album(
        id=each["id"],
        name=each["albumName"],
        description=each["description"],
        created_at=moment(each["createdAt"]),
        updated_at=moment(each["updatedAt"]),
        members=members or {ADMIN: Role.OWNER},
    )
    state.albums[album.id] = album
    found = [state.assets[asset_id] for asset_id in asset_ids if asset_id in state.assets]
    if not found:
        mine = [asset for asset in state.assets.values() if asset.owner_id == album.owner_id]
        mine.sort(key=lambda asset: (asset.exif.make != "H2Cam", asset.created_at))
        found = mine[: each["assetCount"]]
    for asset in found:
        state.put_in_album(album, asset.id)
        album.thumbnail_asset_id = album.thumbnail_asset_id or asset.id


def put_big_album(state: State) -> None:
    """Put in the album of 2600 plain pictures."""
    first = moment("2022-01-01T00:00:00Z")
    assets = [
        state.add_asset(
            state.users[ADMIN],
            f"big_{n:04d}.jpg",
            taken=first + timedelta(hours=7 * n),
            width=64,
            height=48,
            thumbhash=THUMBHASH,
            exif=Exif(file_size=1900, width=64, height=48, modify_date=first),
        )
        for n in range(BIG_SIZE)
    ]
    state.add_album(state.users[ADMIN], "Big", assets, id=BIG_ALBUM)


def _exif(info: dict[str, Any], size: int) -> Exif:
    return Exif(
        make=info.get("make"),
        model=info.get("model"),
        lens_model=info.get("lensModel"),
        width=info.get("exifImageWidth"),
        height=info.get("exifImageHeight"),
        file_size=size,
        orientation=info.get("orientation"),
        date_time_original=moment(info.get("dateTimeOriginal")) if info.get("dateTimeOriginal") else None,
        modify_date=moment(info["modifyDate"]) if info.get("modifyDate") else None,
        time_zone=info.get("timeZone"),
        f_number=info.get("fNumber"),
        focal_length=info.get("focalLength"),
        iso=info.get("iso"),
        exposure_time=info.get("exposureTime"),
        latitude=info.get("latitude"),
        longitude=info.get("longitude"),
        city=info.get("city"),
        state=info.get("state"),
        country=info.get("country"),
        description=info.get("description") or "",
        rating=info.get("rating"),
    )


def put_face(state: State, asset_id: str, person_id: str, face: dict[str, Any]) -> None:
    """Put in a person's face as an answer showed it, or any face."""
    made = Face(
        id=face.get("id") or state.new_id(),
        asset_id=asset_id,
        person_id=person_id,
        image_width=face.get("imageWidth", 640),
        image_height=face.get("imageHeight", 480),
        x1=face.get("boundingBoxX1", 10),
        y1=face.get("boundingBoxY1", 10),
        x2=face.get("boundingBoxX2", 90),
        y2=face.get("boundingBoxY2", 90),
    )
    state.put_face(made)
    person = state.people[person_id]
    person.feature_asset_id = person.feature_asset_id or asset_id
