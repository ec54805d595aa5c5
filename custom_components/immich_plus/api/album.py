"""What is known of an album, in every version's form."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .parse import Json, boolean, integer, moment, need_dict, need_text, rows, text


class AlbumOrder(StrEnum):
    """The order in which Immich shows an album's assets."""

    NEWEST = "desc"
    OLDEST = "asc"


class AlbumRole(StrEnum):
    """What somebody may do with an album that was shared with them: look, or add and remove as well."""

    VIEWER = "viewer"
    EDITOR = "editor"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumUser:
    """Somebody who can open an album. `role` is `owner`, `editor` or `viewer`."""

    id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """An album.

    `starts_at` and `ends_at` are when its first and last asset were taken (cut to days in lists; None while it
    is empty), `cover_id` the asset that stands for it. What the server didn't say is None. `users` are the
    others whom it is shared with. `assets_changed_at` is when one of its assets changed last, whatever of it (None
    in answers to changes).
    """

    id: str
    name: str
    description: str
    asset_count: int | None
    owner: AlbumUser | None
    shared: bool
    users: tuple[AlbumUser, ...]
    cover_id: str | None
    order: str | None
    created_at: datetime | None
    updated_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    assets_changed_at: datetime | None = None

    @property
    def owner_id(self) -> str | None:
        """Immich's id of the user whose album it is."""
        return self.owner.id if self.owner else None

    @classmethod
    def from_json(cls, data: Json) -> Album:
        """Read an album of any version: before 3.0 it has `owner`, later the member with role `owner`."""
        members = _members(data.get("albumUsers"))
        owner = next((member for member in members if member.role == "owner"), None) or _owner(data)
        return cls(
            id=need_text(data, "id", "albums"),
            name=text(data, "albumName") or "",
            description=text(data, "description") or "",
            asset_count=integer(data, "assetCount"),
            owner=owner,
            shared=boolean(data, "shared") is True,
            users=tuple(member for member in members if owner is None or member.id != owner.id),
            cover_id=text(data, "albumThumbnailAssetId"),
            order=text(data, "order"),
            created_at=moment(data, "createdAt"),
            updated_at=moment(data, "updatedAt"),
            starts_at=moment(data, "startDate"),
            ends_at=moment(data, "endDate"),
            assets_changed_at=moment(data, "lastModifiedAssetTimestamp"),
        )


def _members(value: object) -> list[AlbumUser]:
    """Read `albumUsers`; e-mail addresses and the rest of a user are left alone on purpose."""
    if not isinstance(value, list):
        return []
    return rows(
        value,
        lambda row: _user(need_dict(row.get("user"), "albums"), text(row, "role") or AlbumRole.VIEWER),
        "albums",
    )


def _user(data: Json, role: str) -> AlbumUser:
    return AlbumUser(id=need_text(data, "id", "albums"), name=text(data, "name") or "", role=role)


def _owner(data: Json) -> AlbumUser | None:
    owner = data.get("owner")
    name = (text(owner, "name") or "") if isinstance(owner, dict) else ""
    owner_id = text(data, "ownerId") or (text(owner, "id") if isinstance(owner, dict) else None)
    return None if owner_id is None else AlbumUser(id=owner_id, name=name, role="owner")
