"""Assets: the pictures and films themselves (`assets`, `trash`)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
import math
from typing import TYPE_CHECKING, Final

import aiohttp

from .errors import ImmichBadAnswerError, ImmichBadRequestError, ImmichNotFoundError, ImmichPermissionError
from .ids import as_id, need_id
from .parse import Json, boolean, integer, moment, need_dict, need_integer, need_text, rows, text
from .progress import ProgressGuard
from .transport import LISTING
from .upload_form import UploadFile, build_form

if TYPE_CHECKING:
    from .client import Immich

# Assets named in one request that changes many; keeps bodies far below Immich's 10 MB.
ASSETS_PER_REQUEST: Final = 1000


class Visibility(StrEnum):
    """Where an asset shows: Immich's own words. The locked folder can't be reached with a key."""

    TIMELINE = "timeline"
    ARCHIVE = "archive"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetCounts:
    """A number of pictures and of films."""

    images: int
    videos: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.images + self.videos

    @classmethod
    def from_json(cls, value: object) -> AssetCounts:
        """Read `GET assets/statistics`."""
        data = need_dict(value, "assets/statistics")
        return cls(
            images=need_integer(data, "images", "assets/statistics"),
            videos=need_integer(data, "videos", "assets/statistics"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A picture or film.

    `taken_at` is the moment in UTC; `added_at` when it came into the library (None before 1.140);
    `duration` in seconds, None for pictures. What the server left out is None.
    """

    id: str
    type: str
    filename: str
    owner_id: str | None
    taken_at: datetime | None
    added_at: datetime | None
    favorite: bool
    visibility: str
    trashed: bool
    duration: float | None
    width: int | None
    height: int | None
    live_photo_video_id: str | None
    checksum: str | None
    description: str | None
    tags: tuple[str, ...]

    @classmethod
    def from_json(cls, data: Json) -> Asset:
        """Read an asset of any version and any route."""
        exif = data.get("exifInfo")
        exif = exif if isinstance(exif, dict) else {}
        tags = data.get("tags")
        return cls(
            id=need_text(data, "id", "assets"),
            type=text(data, "type") or "OTHER",
            filename=text(data, "originalFileName") or "",
            owner_id=text(data, "ownerId"),
            taken_at=moment(data, "fileCreatedAt"),
            added_at=moment(data, "createdAt"),
            favorite=boolean(data, "isFavorite") is True,
            visibility=text(data, "visibility") or Visibility.TIMELINE,
            trashed=boolean(data, "isTrashed") is True,
            duration=_duration(data.get("duration")),
            width=integer(data, "width") or integer(exif, "exifImageWidth"),
            height=integer(data, "height") or integer(exif, "exifImageHeight"),
            live_photo_video_id=text(data, "livePhotoVideoId"),
            checksum=text(data, "checksum"),
            description=text(exif, "description"),
            tags=tuple(rows(tags, lambda tag: need_text(tag, "value", "tags"), "tags"))
            if isinstance(tags, list)
            else (),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """An asset of the account with the same bytes. `trashed` is None where the server can't be asked for it."""

    asset_id: str
    trashed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What an upload led to; a duplicate has the id of the asset that was there before."""

    asset_id: str
    duplicate: bool


class Assets:
    """Calls about assets."""

    def __init__(self, client: Immich) -> None:
        """Speak through the client, as scopes of a check differ between versions."""
        self._client = client

    async def counts(
        self,
        *,
        visibility: Visibility | None = None,
        favorite: bool | None = None,
        trashed: bool | None = None,
    ) -> AssetCounts:
        """Count the account's own assets (scope `asset.statistics`).

        Without a visibility the timeline and the archive are counted together; the trash only with `trashed`.
        """
        params: dict[str, str | bool] = {}
        if visibility is not None:
            params["visibility"] = visibility
        if favorite is not None:
            params["isFavorite"] = favorite
        if trashed is not None:
            params["isTrashed"] = trashed
        return AssetCounts.from_json(await self._client.transport.get("assets/statistics", params))

    async def get(self, asset_id: str) -> Asset:
        """Read one asset with its details, also from the trash (scope `asset.read`)."""
        answer = await self._client.transport.get(f"assets/{need_id(asset_id)}")
        return Asset.from_json(need_dict(answer, "assets"))

    async def find_duplicates(self, checksums: Mapping[str, str]) -> dict[str, Duplicate]:
        """Find files that the account has already, without sending any byte of them.

        Takes SHA-1 in hex under keys of the caller's; gives the keys that are known. Scope `asset.upload`
        (before 1.141 `all`: with a narrower key each file is asked for alone, which `asset.upload` allows).
        """
        if not self._client.scopes.has(self._client.version.bulk_check_scope):
            return await self._find_each(checksums)
        found: dict[str, Duplicate] = {}
        keys = list(checksums)
        # Nothing is asked about nothing: Immich answers an empty list with 500.
        for start in range(0, len(keys), ASSETS_PER_REQUEST):
            page = keys[start : start + ASSETS_PER_REQUEST]
            body = {"assets": [{"id": key, "checksum": checksums[key]} for key in page]}
            try:
                answer = await self._client.transport.send(
                    "POST", "assets/bulk-upload-check", body, timeout=LISTING
                )
            except ImmichPermissionError as error:
                if error.scope is None or error.scope == "asset.upload":
                    raise
                self._client.scopes.refuse(error.scope)
                return await self._find_each(checksums)
            results = need_dict(answer, "bulk-upload-check").get("results")
            found |= dict(entry for entry in rows(results, _duplicate, "bulk-upload-check") if entry)
        return found

    async def _find_each(self, checksums: Mapping[str, str]) -> dict[str, Duplicate]:
        """Ask with the checksum alone: Immich looks at that header before it misses the file."""
        found: dict[str, Duplicate] = {}
        for key, checksum in checksums.items():
            try:
                answer = await self._client.transport.send(
                    "POST", "assets", headers={"x-immich-checksum": checksum}
                )
            except ImmichBadRequestError:
                continue
            asset_id = _need_own_id(answer)
            found[key] = Duplicate(asset_id=asset_id, trashed=await self._is_trashed(asset_id))
        return found

    async def _is_trashed(self, asset_id: str) -> bool | None:
        try:
            return (await self.get(asset_id)).trashed
        except ImmichPermissionError, ImmichNotFoundError:
            return None

    async def upload(self, file: UploadFile) -> Uploaded:
        """Send a file (scope `asset.upload`); the server decides by the name's extension whether it takes it.

        Sent once. After a broken connection ask `find_duplicates` whether it arrived before sending again.
        """
        guard = ProgressGuard()
        answer = need_dict(
            await self._client.transport.upload("assets", build_form(file, guard), guard=guard), "assets"
        )
        return Uploaded(asset_id=_need_own_id(answer), duplicate=text(answer, "status") == "duplicate")

    async def update(
        self,
        asset_ids: Sequence[str],
        *,
        favorite: bool | None = None,
        visibility: Visibility | None = None,
        description: str | None = None,
        taken_at: datetime | None = None,
    ) -> None:
        """Change the given properties of assets (scope `asset.update`); one unknown id fails its whole page."""
        changes: Json = {}
        if favorite is not None:
            changes["isFavorite"] = favorite
        if visibility is not None:
            changes["visibility"] = visibility
        if description is not None:
            changes["description"] = description
        if taken_at is not None:
            changes["dateTimeOriginal"] = taken_at.isoformat(timespec="milliseconds")
        for ids in _pages(asset_ids):
            await self._client.transport.send("PUT", "assets", {"ids": ids, **changes}, timeout=LISTING)

    async def restore(self, asset_ids: Sequence[str]) -> None:
        """Bring assets back from the trash (scope `asset.delete`); one unknown id fails its whole page."""
        for ids in _pages(asset_ids):
            await self._client.transport.send("POST", "trash/restore/assets", {"ids": ids}, timeout=LISTING)

    async def delete(self, asset_ids: Sequence[str], *, permanently: bool = False) -> None:
        """Put assets into the trash, or delete them for good (scope `asset.delete`); the work goes on behind."""
        for ids in _pages(asset_ids):
            await self._client.transport.send(
                "DELETE", "assets", {"ids": ids, "force": permanently}, timeout=LISTING
            )

    def open_original(
        self, asset_id: str, *, headers: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Open the file as it was uploaded (scope `asset.download`); see `Transport.stream`."""
        return self._client.transport.stream(f"assets/{need_id(asset_id)}/original", headers=headers)


def _pages(asset_ids: Sequence[str]) -> list[list[str]]:
    ids = [need_id(asset_id) for asset_id in asset_ids]
    return [ids[start : start + ASSETS_PER_REQUEST] for start in range(0, len(ids), ASSETS_PER_REQUEST)]


def _need_own_id(answer: object) -> str:
    """Return the id in the answer to an upload, which becomes part of addresses."""
    asset_id = as_id(need_text(need_dict(answer, "assets"), "id", "assets"))
    if asset_id is None:
        raise ImmichBadAnswerError("assets: the answer to an upload has no usable id")
    return asset_id


def _duplicate(row: Json) -> tuple[str, Duplicate] | None:
    key = need_text(row, "id", "bulk-upload-check")
    asset_id = as_id(text(row, "assetId") or "")
    if text(row, "action") != "reject" or asset_id is None:
        return None
    return key, Duplicate(asset_id=asset_id, trashed=boolean(row, "isTrashed"))


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
    except ValueError:
        return None
    return length if length and math.isfinite(length) else None
