"""What happens to an upload afterwards: metadata, thumbnails, events.

The real server does this in its queues, a moment after it has answered. Until then
thumbnails are 404 and hardly any metadata is known.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import unescape
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image

from . import views, workflow_runs
from .dates import millis_or_none
from .models import Asset, AssetType, Visibility
from .mp4 import read_facts
from .places import nearest
from .state import State
from .tag_tree import tag_at
from .thumbhash import thumbhash
from .uploads import UploadedFile

if TYPE_CHECKING:
    from .fake import FakeImmich


async def process(fake: FakeImmich, asset: Asset, *, sidecar: bytes | None = None) -> None:
    """Do for an upload what the queues would do, after the delay that is set."""
    delay = fake.state.settings.processing_delay
    if delay is None:
        return
    if delay > 0:
        await asyncio.sleep(delay)
    await process_now(fake, asset, sidecar=sidecar)


async def process_now(fake: FakeImmich, asset: Asset, *, sidecar: bytes | None = None) -> None:
    """Read an upload's metadata, make its thumbnails known and tell its owner."""
    state = fake.state
    media = asset.media
    if asset.id not in state.assets or not isinstance(media, UploadedFile):
        return
    found = await asyncio.to_thread(_look, media)
    if asset.id not in state.assets:
        return
    _apply(state, asset, found, sidecar)
    asset.processed = True
    workflow_runs.start(fake, asset, "AssetMetadataExtraction")
    if found.thumbhash is not None and asset.visibility is not Visibility.HIDDEN:
        asset.thumbhash = found.thumbhash
        announce(fake, asset)


def announce(fake: FakeImmich, asset: Asset) -> None:
    """Tell the owner that an upload is ready, in both forms that the release knows."""
    if asset.visibility not in (Visibility.TIMELINE, Visibility.ARCHIVE):
        return
    body = views.asset(fake.dialect, fake.state, asset, asset.owner_id, exif=True, people="empty", tags=True)
    fake.state.emit("on_upload_success", asset.owner_id, body)
    name = "AssetUploadReadyV2" if fake.dialect.strict else "AssetUploadReadyV1"
    fake.state.emit(name, asset.owner_id, {"asset": sync_asset(body, asset), "exif": _sync_exif(asset)})


def sync_asset(body: dict[str, Any], asset: Asset) -> dict[str, Any]:
    """Write an asset as the sync stream does, from its usual form."""
    names = [
        "id",
        "ownerId",
        "originalFileName",
        "thumbhash",
        "checksum",
        "fileCreatedAt",
        "fileModifiedAt",
        "createdAt",
        "localDateTime",
        "duration",
        "type",
        "isFavorite",
        "visibility",
        "livePhotoVideoId",
        "libraryId",
        "width",
        "height",
        "isEdited",
    ]
    picked = {name: body[name] for name in names if name in body}
    deleted = millis_or_none(asset.trashed_at)
    return picked | {"deletedAt": deleted, "stackId": asset.stack_id}


def _sync_exif(asset: Asset) -> dict[str, Any]:
    return views.exif_info(asset.exif) | {
        "assetId": asset.id,
        "dateTimeOriginal": millis_or_none(asset.exif.date_time_original),
        "modifyDate": millis_or_none(asset.exif.modify_date),
        "profileDescription": None,
        "fps": None,
    }


@dataclass(slots=True)
class _Found:
    """What a file says about itself."""

    width: int | None = None
    height: int | None = None
    duration: int | None = None
    thumbhash: str | None = None
    exif: dict[str, Any] | None = None
    taken: datetime | None = None
    offset: str | None = None


def _look(media: UploadedFile) -> _Found:
    found = _Found()
    if media.kind is AssetType.VIDEO:
        facts = read_facts(media.path)
        found.width, found.height, found.duration = facts.width, facts.height, facts.duration
        found.thumbhash = thumbhash(media.image())
        found.exif = {"orientation": "1", "time_zone": "UTC"}
        return found
    try:
        with Image.open(media.path) as image:
            found.exif, found.taken, found.offset = _exif(image)
        upright = media.image()
    except OSError, ValueError:
        return found
    found.width, found.height = upright.size
    found.thumbhash = thumbhash(upright)
    return found


def _exif(image: Image.Image) -> tuple[dict[str, Any], datetime | None, str | None]:
    top = image.getexif()
    deep = top.get_ifd(ExifTags.IFD.Exif)
    gps = top.get_ifd(ExifTags.IFD.GPSInfo)
    exposure = deep.get(ExifTags.Base.ExposureTime)
    values: dict[str, Any] = {
        "make": _text(top.get(ExifTags.Base.Make)),
        "model": _text(top.get(ExifTags.Base.Model)),
        "lens_model": _text(deep.get(ExifTags.Base.LensModel)),
        "f_number": _number(deep.get(ExifTags.Base.FNumber)),
        "focal_length": _number(deep.get(ExifTags.Base.FocalLength)),
        "iso": deep.get(ExifTags.Base.ISOSpeedRatings),
        "exposure_time": None if not exposure else _exposure(float(exposure)),
        "orientation": _text(top.get(ExifTags.Base.Orientation)),
        "description": _text(top.get(ExifTags.Base.ImageDescription)) or "",
    }
    if ExifTags.GPS.GPSLatitude in gps and ExifTags.GPS.GPSLongitude in gps:
        values["latitude"] = _degrees(gps, ExifTags.GPS.GPSLatitude, "S")
        values["longitude"] = _degrees(gps, ExifTags.GPS.GPSLongitude, "W")
    taken = _text(deep.get(ExifTags.Base.DateTimeOriginal)) or _text(top.get(ExifTags.Base.DateTime))
    offset = _text(deep.get(ExifTags.Base.OffsetTimeOriginal))
    return values, _moment(taken), offset


def _text(value: Any) -> str | None:
    return None if value is None else str(value).strip("\0 ") or None


def _number(value: Any) -> float | None:
    return None if value is None else round(float(value), 4)


def _exposure(seconds: float) -> str:
    return f"1/{round(1 / seconds)}" if seconds < 1 else f"{seconds:g}"


def _degrees(gps: dict[int, Any], tag: int, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in gps[tag])
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if gps.get(tag - 1) == negative else value, 6)


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text.replace(":", "-", 2))
    except ValueError:
        return None


def _apply(state: State, asset: Asset, found: _Found, sidecar: bytes | None) -> None:
    exif = dict(found.exif or {})
    taken, offset = found.taken, found.offset
    if sidecar is not None:
        extra, when = _read_sidecar(sidecar)
        _put_tags(state, asset, extra.pop("tags"))
        exif |= extra
        if when is not None:
            taken = when.replace(tzinfo=None)
            offset = None if when.tzinfo is None else f"{when:%z}"
    place = None
    if exif.get("latitude") is not None:
        place = nearest(exif["latitude"], exif["longitude"])
        if place is not None:
            exif |= {"city": place.city, "state": place.state, "country": place.country}
    exif["width"], exif["height"] = found.width, found.height
    exif["modify_date"] = asset.file_modified_at
    changes: dict[str, Any] = {"width": found.width, "height": found.height}
    if found.duration is not None:
        changes["duration"] = found.duration
    if taken is not None:
        zone, name = _zone(offset, None if place is None else place.zone)
        moment = taken.replace(tzinfo=zone)
        exif["time_zone"] = name
        changes["file_created_at"] = moment.astimezone(UTC)
        changes["local_date_time"] = taken.replace(tzinfo=UTC)
    exif["date_time_original"] = changes.get("file_created_at", asset.file_created_at)
    state.update_exif(asset, **exif)
    state.update_asset(asset, **changes)


def _zone(offset: str | None, name: str | None) -> tuple[ZoneInfo | timezone, str]:
    """Find the zone of a time: its own offset, the place's, or UTC."""
    if offset and (match := re.fullmatch(r"([+-])(\d\d):?(\d\d)", offset)):
        minutes = int(match[2]) * 60 + int(match[3])
        zone = timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
        hours = f"{minutes // 60}" + (f":{minutes % 60:02d}" if minutes % 60 else "")
        return zone, f"UTC{match[1]}{hours}" if minutes else "UTC"
    if name is not None:
        return ZoneInfo(name), name
    return UTC, "UTC"


def _read_sidecar(content: bytes) -> tuple[dict[str, Any], datetime | None]:
    """Pick description, rating, tags and date from an XMP file."""
    text = content.decode(errors="replace")
    values: dict[str, Any] = {"tags": []}
    if match := re.search(r"<dc:description>.*?<rdf:li[^>]*>(.*?)</rdf:li>", text, re.DOTALL):
        values["description"] = unescape(match[1])
    if match := re.search(r"""xmp:Rating(?:=["']|>)(-?\d)""", text):
        values["rating"] = int(match[1])
    for _, block in re.findall(r"<(digiKam:TagsList|dc:subject)>(.*?)</\1>", text, re.DOTALL):
        values["tags"] += [unescape(tag) for tag in re.findall(r"<rdf:li>(.*?)</rdf:li>", block)]
    match = re.search(r"""exif:DateTimeOriginal(?:=["']|>)([^"'<]+)""", text)
    try:
        return values, None if match is None else datetime.fromisoformat(match[1])
    except ValueError:
        return values, None


def _put_tags(state: State, asset: Asset, names: list[str]) -> None:
    for name in dict.fromkeys(names):
        if (tag := tag_at(state, asset.owner_id, name)) is not None:
            asset.tag_ids.append(tag.id)
