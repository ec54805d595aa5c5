"""The timeline: months with the number of their assets, and all assets of a month (`timeline`).

Immich calls both internal. Months are those of the place where a photo was taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

from .asset import Asset, AssetType, Visibility
from .parse import Json, day, integer, many_rows, need_dict, need_list, rows
from .transport import LISTING

if TYPE_CHECKING:
    from .transport import Params, Transport

# Columns of a month -> members of an asset.
_COLUMNS: Final = {
    "id": "id",
    "ownerId": "ownerId",
    "fileCreatedAt": "fileCreatedAt",
    "createdAt": "createdAt",
    "isFavorite": "isFavorite",
    "isTrashed": "isTrashed",
    "visibility": "visibility",
    "livePhotoVideoId": "livePhotoVideoId",
    "duration": "duration",
    "thumbhash": "thumbhash",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month that has assets: its first day, and how many."""

    first: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFilter:
    """Which assets: those of one album, person or tag, favourites, trash, timeline or archive.

    A visibility of None is the timeline and the archive. `with_partners` goes with the plain timeline only.
    """

    album_id: str | None = None
    person_id: str | None = None
    tag_id: str | None = None
    favorite: bool | None = None
    trashed: bool | None = None
    visibility: Visibility | None = Visibility.TIMELINE
    with_partners: bool = False

    def params(self) -> dict[str, str | int | bool | list[str]]:
        """Write it as parameters."""
        told: dict[str, str | int | bool | list[str] | None] = {
            "albumId": self.album_id,
            "personId": self.person_id,
            "tagId": self.tag_id,
            "isFavorite": self.favorite,
            "isTrashed": self.trashed,
            "visibility": self.visibility,
            "withPartners": self.with_partners or None,
        }
        return {name: value for name, value in told.items() if value is not None}


class Timeline:
    """Calls about the timeline (scope `asset.read`)."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def months(self, which: TimelineFilter) -> Sequence[Month]:
        """Count assets by month, the latest first; months without any are left out."""
        answer = await self._transport.get("timeline/buckets", which.params(), timeout=LISTING)
        found = [month for month in rows(answer, _month, "timeline/buckets") if month is not None]
        return sorted(found, key=lambda month: month.first, reverse=True)

    async def month(self, which: TimelineFilter, first: date) -> Sequence[Asset]:
        """Give all assets of a month, the latest first; they come without file names and details."""
        params: Params = which.params() | {"timeBucket": first.isoformat()}
        answer = need_dict(
            await self._transport.get("timeline/bucket", params, timeout=LISTING), "timeline/bucket"
        )
        number = len(need_list(answer.get("id"), "timeline/bucket"))
        columns = [_column(answer, name, number) for name in (*_COLUMNS, "isImage")]
        listed = [_row(values) for values in zip(*columns, strict=True)]
        return await many_rows(listed, Asset.from_json, "timeline/bucket")


def _month(row: Json) -> Month | None:
    first = day(row, "timeBucket")
    # A month without a number has photos all the same.
    return None if first is None else Month(first=first, count=integer(row, "count") or 0)


def _column(answer: Json, name: str, number: int) -> Sequence[Any]:
    """Return a column; one that is missing or of another length tells nothing."""
    column = answer.get(name)
    return column if isinstance(column, list) and len(column) == number else list(repeat(None, number))


def _row(values: Sequence[Any]) -> Json:
    *told, is_image = values
    kind = AssetType.VIDEO if is_image is False else AssetType.IMAGE
    return dict(zip(_COLUMNS.values(), told, strict=True)) | {"type": str(kind)}
