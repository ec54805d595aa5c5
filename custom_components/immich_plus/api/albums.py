"""Albums: lists, counts, making them, putting assets in (`albums`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from .ids import need_id
from .parse import Json, boolean, integer, many_rows, need_dict, need_integer, need_text, rows, text
from .together import together
from .transport import LISTING

if TYPE_CHECKING:
    from .client import Immich

# Assets named in one request that changes an album; keeps bodies far below Immich's 10 MB.
ASSETS_PER_REQUEST: Final = 1000


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """An album as lists show it. `owner_id` is None where the server didn't say."""

    id: str
    name: str
    description: str
    asset_count: int | None
    owner_id: str | None
    shared: bool

    @classmethod
    def from_json(cls, data: Json) -> Album:
        """Read an album of any version: before 3.0 it has `ownerId`, later the member with role `owner`."""
        return cls(
            id=need_text(data, "id", "albums"),
            name=text(data, "albumName") or "",
            description=text(data, "description") or "",
            asset_count=integer(data, "assetCount"),
            owner_id=text(data, "ownerId") or _owner(data.get("albumUsers")),
            shared=boolean(data, "shared") is True,
        )


class AddResult(StrEnum):
    """What became of an asset that should go into an album."""

    ADDED = "added"
    ALREADY_THERE = "already_there"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"


# Immich's word for a failure -> ours. It says `no_permission` for unknown assets, too (seen on 3.1.0).
_ADD_ERRORS: Final = {
    "duplicate": AddResult.ALREADY_THERE,
    "no_permission": AddResult.NOT_ALLOWED,
    "not_found": AddResult.NOT_FOUND,
}


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
        get = self._client.transport.get
        if not self._client.version.lists_shared_albums_apart:
            return await many_rows(await get("albums", timeout=LISTING), Album.from_json, "albums")
        async with together() as tasks:
            answers = [
                tasks.create_task(get("albums", {"shared": shared}, timeout=LISTING))
                for shared in (False, True)
            ]
        found = [
            album
            for answer in answers
            for album in await many_rows(answer.result(), Album.from_json, "albums")
        ]
        return list({album.id: album for album in found}.values())

    async def get(self, album_id: str) -> Album:
        """Read one album without its assets (scope `album.read`)."""
        answer = await self._client.transport.get(f"albums/{need_id(album_id)}", {"withoutAssets": True})
        return Album.from_json(need_dict(answer, "albums"))

    async def create(self, name: str) -> Album:
        """Make an empty album (scope `album.create`); Immich allows several of one name."""
        answer = await self._client.transport.send("POST", "albums", {"albumName": name}, repeatable=False)
        return Album.from_json(need_dict(answer, "albums"))

    async def add_assets(self, album_id: str, asset_ids: Sequence[str]) -> dict[str, AddResult]:
        """Put assets into an album and tell what became of each (scope `albumAsset.create`).

        Takes any number, at most 1,000 a request. Only the account's own and its partners' assets can be
        added. Raises ImmichNotFoundError if the album is unknown or the account may only look at it.
        """
        results: dict[str, AddResult] = {}
        path = f"albums/{need_id(album_id)}/assets"
        ids = [need_id(asset_id) for asset_id in asset_ids]
        for start in range(0, len(ids), ASSETS_PER_REQUEST):
            page = ids[start : start + ASSETS_PER_REQUEST]
            answer = await self._client.transport.send("PUT", path, {"ids": page}, timeout=LISTING)
            results |= dict(rows(answer, _add_result, path))
        return results


def _add_result(row: Json) -> tuple[str, AddResult]:
    asset_id = need_text(row, "id", "albums/assets")
    if boolean(row, "success"):
        return asset_id, AddResult.ADDED
    return asset_id, _ADD_ERRORS.get(text(row, "error") or "", AddResult.NOT_FOUND)


def _owner(members: object) -> str | None:
    if not isinstance(members, list):
        return None
    for member in members:
        if (
            isinstance(member, dict)
            and member.get("role") == "owner"
            and isinstance(member.get("user"), dict)
        ):
            return text(member["user"], "id")
    return None
