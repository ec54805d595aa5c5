"""What is known of an asset: a picture or film, and what is written in it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
import math
from typing import Final

from .parse import Json, boolean, integer, moment, need_text, number, rows, text


class AssetType(StrEnum):
    """What kind of file an asset is; Immich's own words."""

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


class Visibility(StrEnum):
    """Where an asset shows: Immich's own words. The locked folder can't be reached with a key."""

    TIMELINE = "timeline"
    ARCHIVE = "archive"
    HIDDEN = "hidden"


class ThumbnailSize(StrEnum):
    """Pictures that Immich makes of each asset: about 250 and 1,440 pixels; the administrator decides."""

    THUMBNAIL = "thumbnail"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPerson:
    """A person recognised in an asset; the name is empty until somebody gives one."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Exif:
    """What the file and Immich tell about a picture; what isn't known is None.

    Reads a field when it is asked for: of a page of 1,000 pictures few of all the fields are.
    """

    _data: Json = field(repr=False)

    @property
    def description(self) -> str | None:
        """The text that people gave it."""
        return text(self._data, "description") or None

    @property
    def city(self) -> str | None:
        """Where it was taken, by the server's own map."""
        return text(self._data, "city")

    @property
    def state(self) -> str | None:
        """The part of the country."""
        return text(self._data, "state")

    @property
    def country(self) -> str | None:
        """The country."""
        return text(self._data, "country")

    @property
    def make(self) -> str | None:
        """Who made the camera."""
        return text(self._data, "make")

    @property
    def model(self) -> str | None:
        """The camera."""
        return text(self._data, "model")

    @property
    def lens_model(self) -> str | None:
        """The lens."""
        return text(self._data, "lensModel")

    @property
    def f_number(self) -> float | None:
        """The aperture."""
        return number(self._data, "fNumber")

    @property
    def focal_length(self) -> float | None:
        """In millimetres."""
        return number(self._data, "focalLength")

    @property
    def iso(self) -> int | None:
        """The sensitivity."""
        return integer(self._data, "iso")

    @property
    def exposure_time(self) -> str | None:
        """As people write it: `1/125`."""
        return text(self._data, "exposureTime")

    @property
    def file_size(self) -> int | None:
        """In bytes."""
        return integer(self._data, "fileSizeInByte")

    @property
    def time_zone(self) -> str | None:
        """Where the clock of the camera was, such as `UTC+2`."""
        return text(self._data, "timeZone")

    @property
    def latitude(self) -> float | None:
        """In degrees."""
        return number(self._data, "latitude")

    @property
    def longitude(self) -> float | None:
        """In degrees."""
        return number(self._data, "longitude")

    @property
    def rating(self) -> int | None:
        """1 to 5; -1 means rejected."""
        return integer(self._data, "rating")

    @property
    def width(self) -> int | None:
        """In pixels."""
        return integer(self._data, "exifImageWidth")

    @property
    def height(self) -> int | None:
        """In pixels."""
        return integer(self._data, "exifImageHeight")


# Not frozen, though nobody changes one: that would take half as long again to make, and a page has 1,000.
@dataclass(slots=True, kw_only=True)
class Asset:
    """A picture or film.

    `taken_at` is the moment in UTC; `added_at` when it came into the library (None before 1.140);
    `processed` says that its small pictures are there; `duration` in seconds, None for pictures; `checksum`
    the SHA-1 in base64, if the file was uploaded; `mime_type` is that of the original file. What the server
    left out is None; `exif` and `people` come with searches and single reads, `tags` (paths) with single reads only.
    """

    id: str
    type: str
    filename: str
    mime_type: str | None
    owner_id: str | None
    taken_at: datetime | None
    added_at: datetime | None
    updated_at: datetime | None
    favorite: bool
    visibility: str
    trashed: bool
    duration: float | None
    width: int | None
    height: int | None
    live_photo_video_id: str | None
    checksum: str | None
    processed: bool
    exif: Exif | None
    people: tuple[AssetPerson, ...]
    tags: tuple[str, ...]

    @property
    def description(self) -> str | None:
        """The text that people gave it."""
        return self.exif.description if self.exif else None

    @classmethod
    def from_json(cls, data: Json) -> Asset:
        """Read an asset of any version and any route; people who are hidden in Immich are left out."""
        told = data.get("exifInfo")
        exif = Exif(told) if isinstance(told, dict) else None
        return cls(
            id=need_text(data, "id", "assets"),
            type=text(data, "type") or "OTHER",
            filename=text(data, "originalFileName") or "",
            mime_type=text(data, "originalMimeType"),
            owner_id=text(data, "ownerId"),
            taken_at=moment(data, "fileCreatedAt"),
            added_at=moment(data, "createdAt"),
            updated_at=moment(data, "updatedAt"),
            favorite=boolean(data, "isFavorite") is True,
            visibility=text(data, "visibility") or Visibility.TIMELINE,
            trashed=boolean(data, "isTrashed") is True,
            duration=_duration(data.get("duration")),
            width=integer(data, "width") or (exif.width if exif else None),
            height=integer(data, "height") or (exif.height if exif else None),
            live_photo_video_id=text(data, "livePhotoVideoId"),
            # Files of external libraries have the checksum of their path (src 3.1.0).
            checksum=text(data, "checksum") if data.get("libraryId") is None else None,
            processed=data.get("thumbhash") is not None,
            exif=exif,
            people=_people(data.get("people")),
            tags=_tags(data.get("tags")),
        )


_NOBODY: Final[tuple[AssetPerson, ...]] = ()


def _people(value: object) -> tuple[AssetPerson, ...]:
    if not isinstance(value, list) or not value:
        return _NOBODY
    return tuple(
        person
        for person, hidden in rows(
            value,
            lambda row: (
                AssetPerson(id=need_text(row, "id", "people"), name=text(row, "name") or ""),
                boolean(row, "isHidden"),
            ),
            "people",
        )
        if not hidden
    )


def _tags(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        return ()
    return tuple(rows(value, lambda tag: need_text(tag, "value", "tags"), "tags"))


def _duration(value: object) -> float | None:
    """Read a length in seconds: milliseconds from 3.0 on, `0:00:12.34000` before (zero for pictures)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value / 1000 if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    try:
        hours, minutes, seconds = value.split(":")
        length = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError, OverflowError:
        return None
    return length if length and math.isfinite(length) else None
