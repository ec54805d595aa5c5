"""Albums: lists, counts, making and changing them, putting assets in and taking them out (`albums`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from .album import Album, AlbumOrder, AlbumRole
from .asset import Asset
from .bulk import in_pages
from .ids import need_id
from .parse import Json, boolean, many_rows, need_dict, need_integer, need_text, rows, text
from .together import together
from .transport import LISTING, Params

if TYPE_CHECKING:
    from .client import Immich


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumStatistics:
    """How many albums there are: owned, shared (by me or with me), and owned ones shared with nobody."""

    owned: int
    shared: int
    not_shared: int

    @property
    def total(self) -> int:
        """All albums that the account can open."""
        return self.shared + self.not_shared

    @classmethod
    def from_json(cls, value: object) -> AlbumStatistics:
        """Read `GET albums/statistics`."""
        data = need_dict(value, "albums/statistics")
        return cls(
            owned=need_integer(data, "owned", "albums/statistics"),
            shared=need_integer(data, "shared", "albums/statistics"),
            not_shared=need_integer(data, "notShared", "albums/statistics"),
        )


class AddResult(StrEnum):
    """What became of an asset that should go into an album; `failed`: the server never got to it."""

    ADDED = "added"
    ALREADY_THERE = "already_there"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    FAILED = "failed"


class RemoveResult(StrEnum):
    """What became of an asset that should leave an album; `failed`: the server never got to it."""

    REMOVED = "removed"
    NOT_THERE = "not_there"
    NOT_ALLOWED = "not_allowed"
    FAILED = "failed"


# Immich's word for a failure -> ours. It says `no_permission` for unknown assets, too (seen on 3.1.0).
_ADD_ERRORS: Final = {
    "duplicate": AddResult.ALREADY_THERE,
    "no_permission": AddResult.NOT_ALLOWED,
    "not_found": AddResult.NOT_FOUND,
}
_REMOVE_ERRORS: Final = {"no_permission": RemoveResult.NOT_ALLOWED, "not_found": RemoveResult.NOT_THERE}


class Albums:
    """Calls about albums."""

    def __init__(self, client: Immich) -> None:
        """Speak through the client, as lists differ between versions."""
        self._client = client

    async def statistics(self) -> AlbumStatistics:
        """Count the account's albums (scope `album.statistics`)."""
        return AlbumStatistics.from_json(await self._client.transport.get("albums/statistics"))

    async def list(self) -> Sequence[Album]:
        """List all albums that the account can open, its own and those shared with it (scope `album.read`)."""
        if not self._client.version.lists_shared_albums_apart:
            return await self._listed()
        async with together() as tasks:
            parts = [tasks.create_task(self._listed({"shared": shared})) for shared in (False, True)]
        found = [album for part in parts for album in part.result()]
        return list({album.id: album for album in found}.values())

    async def containing(self, asset_id: str) -> Sequence[Album]:
        """List the albums that an asset is in, shared ones as well (scope `album.read`)."""
        return await self._listed({"assetId": need_id(asset_id)})

    async def _listed(self, params: Params | None = None) -> Sequence[Album]:
        answer = await self._client.transport.get("albums", params, timeout=LISTING)
        return await many_rows(answer, Album.from_json, "albums")

    async def get(self, album_id: str) -> Album:
        """Read one album without its assets (scope `album.read`)."""
        answer = await self._client.transport.get(f"albums/{need_id(album_id)}", {"withoutAssets": True})
        return Album.from_json(need_dict(answer, "albums"))

    async def contents(self, album_id: str) -> Sequence[Asset]:
        """Read all assets of an album, everybody's, in one answer (scope `album.read`; before 3.0 only).

        From 3.0 on albums come without assets, and searching finds them all.
        """
        answer = await self._client.transport.get(
            f"albums/{need_id(album_id)}", {"withoutAssets": False}, timeout=LISTING
        )
        return await many_rows(need_dict(answer, "albums").get("assets", []), Asset.from_json, "albums")

    async def create(
        self,
        name: str,
        *,
        description: str | None = None,
        users: Sequence[str] = (),
        role: AlbumRole = AlbumRole.VIEWER,
    ) -> Album:
        """Make an album, shared with other users at once (scope `album.create`); names may repeat."""
        body: Json = {"albumName": name}
        if description is not None:
            body["description"] = description
        if users:
            body["albumUsers"] = _members(users, role)
        answer = await self._client.transport.send("POST", "albums", body, repeatable=False)
        return Album.from_json(need_dict(answer, "albums"))

    async def update(
        self,
        album_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        cover_id: str | None = None,
        order: AlbumOrder | None = None,
    ) -> None:
        """Change what is given (scope `album.update`). The cover must be an asset of the album."""
        changes = {
            "albumName": name,
            "description": description,
            "albumThumbnailAssetId": None if cover_id is None else need_id(cover_id),
            "order": order,
        }
        body = {field: value for field, value in changes.items() if value is not None}
        await self._client.transport.send("PATCH", f"albums/{need_id(album_id)}", body)

    async def share(self, album_id: str, users: Sequence[str], role: AlbumRole) -> None:
        """Share an album with more users (scope `albumUser.create`); who has it keeps the role (seen on 3.1.0)."""
        body = {"albumUsers": _members(users, role)}
        await self._client.transport.send("PUT", f"albums/{need_id(album_id)}/users", body)

    async def delete(self, album_id: str) -> None:
        """Delete an album; its assets stay (scope `album.delete`)."""
        await self._client.transport.send("DELETE", f"albums/{need_id(album_id)}")

    async def add_assets(self, album_id: str, asset_ids: Sequence[str]) -> dict[str, AddResult]:
        """Put assets into an album and tell what became of each (scope `albumAsset.create`).

        Takes any number, at most 1,000 a request. Only the account's own and its partners' assets can be
        added. Raises ImmichNotFoundError if the album is unknown or the account may only look at it.
        """
        path = f"albums/{need_id(album_id)}/assets"
        send = self._client.transport.send

        async def _add(ids: list[str]) -> dict[str, AddResult]:
            return dict(rows(await send("PUT", path, {"ids": ids}, timeout=LISTING), _add_result, path))

        changed = await in_pages(asset_ids, _add)
        return changed.results | dict.fromkeys(changed.failed, AddResult.FAILED)

    async def remove_assets(self, album_id: str, asset_ids: Sequence[str]) -> dict[str, RemoveResult]:
        """Take assets out of an album and tell what became of each (scope `albumAsset.delete`).

        Takes any number, at most 1,000 a request; the assets stay in the library. Raises ImmichNotFoundError
        if the album is unknown or the account may only look at it.
        """
        path = f"albums/{need_id(album_id)}/assets"
        send = self._client.transport.send

        async def _remove(ids: list[str]) -> dict[str, RemoveResult]:
            return dict(rows(await send("DELETE", path, {"ids": ids}, timeout=LISTING), _remove_result, path))

        changed = await in_pages(asset_ids, _remove)
        return changed.results | dict.fromkeys(changed.failed, RemoveResult.FAILED)


def _members(users: Sequence[str], role: AlbumRole) -> list[Json]:
    return [{"userId": need_id(user_id), "role": role} for user_id in users]


def _add_result(row: Json) -> tuple[str, AddResult]:
    asset_id = need_text(row, "id", "albums/assets")
    if boolean(row, "success"):
        return asset_id, AddResult.ADDED
    return asset_id, _ADD_ERRORS.get(text(row, "error") or "", AddResult.NOT_FOUND)


def _remove_result(row: Json) -> tuple[str, RemoveResult]:
    asset_id = need_text(row, "id", "albums/assets")
    if boolean(row, "success"):
        return asset_id, RemoveResult.REMOVED
    return asset_id, _REMOVE_ERRORS.get(text(row, "error") or "", RemoveResult.NOT_THERE)
