"""Files that stand for the recorded uploads: same names and sizes, EXIF as recorded."""

from datetime import timedelta
from hashlib import sha1
from io import BytesIO
import struct
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PIL import ExifTags, Image

from tests.fake_immich.dates import parse_lenient

#: Recorded files below this size are no real pictures.
_SMALLEST = 3000


def content(file_name: str, name: str, size: int, info: dict[str, Any] | None = None) -> bytes:
    """Make a file of exactly ``size`` bytes whose content depends on ``name``.

    ``info`` is what the recorded asset says of itself (an asset with ``exifInfo``).
    """
    if size < _SMALLEST:
        return (name.encode() * size)[:size]
    if file_name.lower().endswith((".mp4", ".mov")):
        return _movie(name, size, info or {})
    return picture(name, size, info or {})


def picture(name: str, size: int, info: dict[str, Any] | None = None) -> bytes:
    """Make a JPEG."""
    red, green, blue = sha1(name.encode()).digest()[:3]
    image = Image.new("RGB", (160, 120), (red, green, blue))
    out = BytesIO()
    image.save(out, "JPEG", quality=20, exif=_exif((info or {}).get("exifInfo") or {}))
    return (out.getvalue() + name.encode() + b"\0" * size)[:size]


def _exif(info: dict[str, Any]) -> Image.Exif:
    exif = Image.Exif()
    for tag, value in (
        (ExifTags.Base.Make, info.get("make")),
        (ExifTags.Base.Model, info.get("model")),
        # A rating comes from a sidecar, and so does the description beside it.
        (ExifTags.Base.ImageDescription, None if info.get("rating") else info.get("description")),
    ):
        if value:
            exif[tag] = value
    found = (
        (ExifTags.Base.LensModel, info.get("lensModel")),
        (ExifTags.Base.FNumber, info.get("fNumber")),
        (ExifTags.Base.FocalLength, info.get("focalLength")),
        (ExifTags.Base.ISOSpeedRatings, info.get("iso")),
        (ExifTags.Base.ExposureTime, 0.008 if info.get("exposureTime") else None),
    )
    deep: dict[int, Any] = {tag: value for tag, value in found if value}
    taken = parse_lenient(info.get("dateTimeOriginal") or "")
    if taken is not None and info.get("timeZone"):
        zone = info["timeZone"]
        if zone == "UTC":
            deep[ExifTags.Base.OffsetTimeOriginal] = "+00:00"
        else:
            taken = taken.replace(tzinfo=None) + _offset(zone)
        deep[ExifTags.Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
    if deep:
        exif.get_ifd(ExifTags.IFD.Exif).update(deep)
    if info.get("latitude") is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ExifTags.GPS.GPSLatitudeRef: "N" if info["latitude"] >= 0 else "S",
                ExifTags.GPS.GPSLatitude: (abs(info["latitude"]), 0.0, 0.0),
                ExifTags.GPS.GPSLongitudeRef: "E" if info["longitude"] >= 0 else "W",
                ExifTags.GPS.GPSLongitude: (abs(info["longitude"]), 0.0, 0.0),
            }
        )
    return exif


def _offset(zone: str) -> timedelta:
    try:
        return ZoneInfo(zone).utcoffset(parse_lenient("2019-05-05")) or timedelta()
    except ZoneInfoNotFoundError, ValueError:
        return timedelta()


def _movie(name: str, size: int, info: dict[str, Any]) -> bytes:
    """Make something that starts like an MP4 and says how long and how large it is."""
    duration = info.get("duration") or 3000
    width, height = info.get("width") or 640, info.get("height") or 360
    header = _box(b"mvhd", struct.pack(">12xII80x", 1000, duration))
    track = _box(b"tkhd", struct.pack(">76xII", width << 16, height << 16))
    head = _box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
    whole = head + _box(b"moov", header + _box(b"trak", track))
    rest = size - len(whole) - 8
    return whole + _box(b"free", (name.encode() + b"\0" * rest)[:rest])


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body
