"""Assets: the pictures and films themselves (`assets`, `trash`)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import aiohttp

from .asset import Asset, ThumbnailSize, Visibility
from .bulk import ASSETS_PER_REQUEST, Changed, all_or_nothing
from .errors import (
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichNotFoundError,
    ImmichNotImmichError,
    ImmichPermissionError,
)
from .ids import as_id, need_id
from .parse import Json, boolean, need_dict, need_integer, need_text, rows, text
from .progress import ProgressGuard
from .transport import LISTING, next_piece
from .upload_form import UploadFile, build_form

if TYPE_CHECKING:
    from .client import Immich
    from .version import ServerVersion


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
class Duplicate:
    """An asset of the account with the same bytes. `trashed` is None where the server can't be asked for it."""

    asset_id: str
    trashed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What an upload led to; a duplicate has the id of the asset that was there before."""

    asset_id: str
    duplicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetChange:
    """What is to be different; None stays as it is.

    A rating is 1 to 5, 0 takes it away; latitude and longitude in degrees, both or none; a date keeps its zone.
    """

    favorite: bool | None = None
    visibility: Visibility | None = None
    description: str | None = None
    taken_at: datetime | None = None
    rating: int | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def goes_into_sidecar(self) -> bool:
        """Whether Immich writes any of it into the file beside the asset, and reads it back a while later."""
        told = (self.description, self.taken_at, self.rating, self.latitude, self.longitude)
        return any(value is not None for value in told)

    def to_json(self, version: ServerVersion) -> Json:
        """Write it as that version of Immich wants it; empty if nothing changes."""
        taken_at = self.taken_at.isoformat(timespec="milliseconds") if self.taken_at else None
        told: Json = {
            "isFavorite": self.favorite,
            "visibility": self.visibility,
            "description": self.description,
            "dateTimeOriginal": taken_at,
            "rating": self.rating,
            "latitude": self.latitude,
            "longitude": self.longitude,
        }
        given = {name: value for name, value in told.items() if value is not None}
        return given if self.rating != 0 else given | {"rating": version.no_rating}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in memory, and what it is, such as `image/jpeg`."""

    content: bytes
    content_type: str


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

    async def update(self, asset_ids: Sequence[str], change: AssetChange) -> Changed[None]:
        """Change assets and tell which could not be (scope `asset.update`).

        By the bulk route also for one: it alone is announced whatever was changed (seen on 3.1.0).
        """
        send = self._client.transport.send
        body = change.to_json(self._client.version)
        return await all_or_nothing(
            asset_ids, lambda ids: send("PUT", "assets", {"ids": ids, **body}, timeout=LISTING)
        )

    async def restore(self, asset_ids: Sequence[str]) -> Changed[None]:
        """Bring assets back from the trash and tell which could not be (scope `asset.delete`)."""
        send = self._client.transport.send
        return await all_or_nothing(
            asset_ids, lambda ids: send("POST", "trash/restore/assets", {"ids": ids}, timeout=LISTING)
        )

    async def delete(self, asset_ids: Sequence[str], *, permanently: bool = False) -> Changed[None]:
        """Put assets into the trash, or delete them for good (scope `asset.delete`); the work goes on behind.

        A server whose trash is switched off deletes what is put there at its next nightly check.
        """
        send = self._client.transport.send
        return await all_or_nothing(
            asset_ids,
            lambda ids: send("DELETE", "assets", {"ids": ids, "force": permanently}, timeout=LISTING),
        )

    def open_original(
        self, asset_id: str, *, edited: bool = False, headers: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Open the file as it was uploaded (scope `asset.download`); see `Transport.stream`.

        `edited`: as somebody edited it since, in full size, if somebody did (2.5 and later).
        """
        return self._client.transport.stream(
            f"assets/{need_id(asset_id)}/original", {"edited": True} if edited else None, headers=headers
        )

    def open_video(
        self, asset_id: str, *, headers: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Open a film as browsers can play it, as far as the server has made that (scope `asset.view`).

        Raises ImmichNotFoundError or ImmichBadRequestError for a picture; see `Transport.stream`.
        """
        return self._client.transport.stream(f"assets/{need_id(asset_id)}/video/playback", headers=headers)

    def open_thumbnail(
        self, asset_id: str, size: ThumbnailSize, *, headers: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Open the picture that Immich made of an asset, edited if somebody did (scope `asset.view`).

        Raises ImmichNotFoundError or a 404 of another kind until the server has made it; see
        `Transport.stream`.
        """
        params: dict[str, str | int | bool | list[str]] = {"size": size, "edited": True}
        return self._client.transport.stream(
            f"assets/{need_id(asset_id)}/thumbnail", params, headers=headers, brief=True
        )

    async def read_picture(self, asset_id: str, size: ThumbnailSize, most_bytes: int) -> Picture | None:
        """Read the picture that Immich made of an asset (scope `asset.view`); None if it has more bytes.

        Raises what `open_thumbnail` raises, and ImmichNotImmichError for what is no picture.
        """
        content = bytearray()
        async with self.open_thumbnail(asset_id, size) as response:
            if not response.content_type.startswith("image/"):
                raise ImmichNotImmichError("not a picture", status=response.status)
            while (piece := await next_piece(response)) and len(content) <= most_bytes:
                content += piece
        # Whoever sends so much means something else by a picture.
        return None if len(content) > most_bytes else Picture(bytes(content), response.content_type)


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
