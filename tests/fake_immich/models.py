"""The things that an Immich server keeps."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class AssetType(StrEnum):
    """Kinds of assets."""

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    AUDIO = "AUDIO"
    OTHER = "OTHER"


class Visibility(StrEnum):
    """Where an asset shows up."""

    ARCHIVE = "archive"
    TIMELINE = "timeline"
    HIDDEN = "hidden"
    LOCKED = "locked"


class Role(StrEnum):
    """What a member may do in an album; owners are members since Immich 3."""

    EDITOR = "editor"
    OWNER = "owner"
    VIEWER = "viewer"


class MediaSource(Protocol):
    """Where the bytes of an asset come from.

    Every method may make its file on first use; the server calls them in a
    thread. A path or bytes is an answer, ``None`` means there is no such file
    (Immich then answers 404).
    """

    def original(self) -> Path | bytes | None:
        """Return the file as it was uploaded."""

    def thumbnail(self) -> Path | bytes | None:
        """Return the small WebP."""

    def preview(self) -> Path | bytes | None:
        """Return the middle-sized JPEG."""

    def playback(self) -> Path | bytes | None:
        """Return a playable MP4 of a video."""


@dataclass(slots=True, kw_only=True)
class User:
    """A person with an account. Sizes in bytes; no quota means unlimited."""

    id: str
    email: str
    name: str
    created_at: datetime
    updated_at: datetime
    profile_changed_at: datetime
    password: str = "demo"
    is_admin: bool = False
    avatar_color: str = "primary"
    quota_size: int | None = None
    storage_label: str | None = None
    status: str = "active"
    should_change_password: bool = False
    profile_image: bytes | None = None
    profile_image_path: str = ""
    deleted_at: datetime | None = None
    oauth_id: str = ""
    pin_code: str | None = None
    license: dict[str, Any] | None = None
    is_onboarded: bool = False
    cluster_group_id: str = ""
    preferences: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ApiKey:
    """A key; ``secret`` goes into ``x-api-key``, ``permissions`` are scopes."""

    id: str
    name: str
    secret: str
    user_id: str
    permissions: list[str]
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True, kw_only=True)
class Session:
    """A log-in; ``elevated`` once the PIN was given."""

    id: str
    token: str
    user_id: str
    created_at: datetime
    updated_at: datetime
    elevated: bool = False
    device_type: str = ""
    device_os: str = ""


@dataclass(slots=True, kw_only=True)
class Exif:
    """What is known of a picture's making; every value may be missing."""

    make: str | None = None
    model: str | None = None
    lens_model: str | None = None
    width: int | None = None
    height: int | None = None
    file_size: int | None = None
    orientation: str | None = None
    date_time_original: datetime | None = None
    modify_date: datetime | None = None
    time_zone: str | None = None
    f_number: float | None = None
    focal_length: float | None = None
    iso: int | None = None
    exposure_time: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    description: str = ""
    projection_type: str | None = None
    rating: int | None = None


@dataclass(slots=True, kw_only=True)
class Asset:
    """A photo or a video.

    ``local_date_time`` is wall-clock time written as UTC, ``duration`` is in
    milliseconds, ``checksum`` the SHA-1 of the original. Change ``owner_id``,
    ``type``, ``visibility``, ``is_favorite``, ``trashed_at``, the dates and
    ``exif.file_size`` through ``State.update_asset`` only: counts and order hang
    on them. ``processed`` is false until thumbnails and metadata are there.
    """

    id: str
    owner_id: str
    checksum: bytes
    original_file_name: str
    file_created_at: datetime
    file_modified_at: datetime
    local_date_time: datetime
    created_at: datetime
    updated_at: datetime
    type: AssetType = AssetType.IMAGE
    mime_type: str = "image/jpeg"
    visibility: Visibility = Visibility.TIMELINE
    is_favorite: bool = False
    is_offline: bool = False
    trashed_at: datetime | None = None
    duration: int | None = None
    width: int | None = None
    height: int | None = None
    thumbhash: str | None = None
    exif: Exif = field(default_factory=Exif)
    tag_ids: list[str] = field(default_factory=list)
    stack_id: str | None = None
    live_photo_video_id: str | None = None
    duplicate_id: str | None = None
    library_id: str | None = None
    original_path: str = ""
    is_edited: bool = False
    edits: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, tuple[dict[str, Any], datetime]] = field(default_factory=dict)
    device_asset_id: str = ""
    device_id: str = ""
    processed: bool = True
    ocr: list[dict[str, Any]] = field(default_factory=list)
    #: What machine learning would see in it; ranks the smart search.
    subjects: tuple[str, ...] = ()
    media: MediaSource | None = None

    @property
    def is_trashed(self) -> bool:
        """Tell whether the asset lies in the trash."""
        return self.trashed_at is not None


@dataclass(slots=True, kw_only=True)
class Album:
    """An album: members by user id (the owner first), assets by id with the time of adding."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    thumbnail_asset_id: str | None = None
    members: dict[str, Role] = field(default_factory=dict)
    assets: dict[str, datetime] = field(default_factory=dict)
    is_activity_enabled: bool = True
    order: str = "desc"

    @property
    def owner_id(self) -> str:
        """Return the id of the owner."""
        return next(user for user, role in self.members.items() if role is Role.OWNER)


@dataclass(slots=True, kw_only=True)
class Workflow:
    """What a user has Immich do by itself; ``steps`` are as the API writes them."""

    id: str
    owner_id: str
    trigger: str
    created_at: datetime
    updated_at: datetime
    name: str | None = None
    description: str | None = None
    enabled: bool = True
    steps: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody on the owner's pictures; an empty name means unnamed."""

    id: str
    owner_id: str
    created_at: datetime
    updated_at: datetime
    name: str = ""
    birth_date: date | None = None
    is_hidden: bool = False
    is_favorite: bool = False
    color: str | None = None
    feature_asset_id: str | None = None
    thumbnail: MediaSource | bytes | None = None


@dataclass(slots=True, kw_only=True)
class Face:
    """A face on an asset; the box is in pixels of an image of the given size."""

    id: str
    asset_id: str
    person_id: str | None
    image_width: int
    image_height: int
    x1: int
    y1: int
    x2: int
    y2: int
    source: str = "machine-learning"


@dataclass(slots=True, kw_only=True)
class Tag:
    """A tag; ``value`` is the whole path, such as ``trips/2024``."""

    id: str
    user_id: str
    value: str
    created_at: datetime
    updated_at: datetime
    parent_id: str | None = None
    color: str | None = None

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return self.value.rpartition("/")[2]


@dataclass(slots=True, kw_only=True)
class Memory:
    """A look back: assets of an earlier year, shown from ``show_at`` to ``hide_at``."""

    id: str
    owner_id: str
    memory_at: datetime
    created_at: datetime
    updated_at: datetime
    data: dict[str, Any]
    type: str = "on_this_day"
    asset_ids: list[str] = field(default_factory=list)
    is_saved: bool = False
    seen_at: datetime | None = None
    show_at: datetime | None = None
    hide_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Stack:
    """Pictures shown as one; ``asset_ids`` includes the primary one."""

    id: str
    owner_id: str
    primary_asset_id: str
    asset_ids: list[str]


@dataclass(slots=True, kw_only=True)
class SharedLink:
    """A public link to an album or to single assets."""

    id: str
    key: bytes
    user_id: str
    type: str
    created_at: datetime
    album_id: str | None = None
    asset_ids: list[str] = field(default_factory=list)
    description: str | None = None
    password: str | None = None
    slug: str | None = None
    expires_at: datetime | None = None
    allow_upload: bool = True
    allow_download: bool = True
    show_metadata: bool = True


@dataclass(slots=True, kw_only=True)
class Partner:
    """One user showing the whole library to another."""

    shared_by_id: str
    shared_with_id: str
    in_timeline: bool = False


@dataclass(slots=True, kw_only=True)
class Notification:
    """A message to a user."""

    id: str
    user_id: str
    created_at: datetime
    level: str = "info"
    type: str = "Custom"
    title: str = ""
    description: str | None = None
    data: Any = None
    read_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Activity:
    """A comment or a like in an album."""

    id: str
    user_id: str
    album_id: str
    type: str
    created_at: datetime
    asset_id: str | None = None
    comment: str | None = None


@dataclass(slots=True, kw_only=True)
class Queue:
    """A job queue: how many jobs in which state."""

    name: str
    active: int = 0
    completed: int = 0
    failed: int = 0
    delayed: int = 0
    waiting: int = 0
    paused: int = 0
    is_paused: bool = False


@dataclass(slots=True, kw_only=True)
class Library:
    """An external library."""

    id: str
    owner_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    import_paths: list[str] = field(default_factory=list)
    exclusion_patterns: list[str] = field(default_factory=list)
    refreshed_at: datetime | None = None
