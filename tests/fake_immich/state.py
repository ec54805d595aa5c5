"""The library of a fake server, with the indexes that keep big ones quick."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
import random
from typing import Any
from uuid import UUID

from .clock import Clock
from .models import (
    Activity,
    Album,
    ApiKey,
    Asset,
    AssetType,
    Face,
    Library,
    Memory,
    Notification,
    Partner,
    Person,
    Queue,
    Role,
    Session,
    SharedLink,
    Stack,
    Tag,
    User,
    Visibility,
    Workflow,
)

GIB = 1024**3


@dataclass(slots=True, kw_only=True)
class ServerSettings:
    """What an administrator would set.

    ``processing_delay`` is the time in seconds until an upload has its
    thumbnails; ``None`` means only when a test asks for it. ``deletion_delay`` and
    ``sidecar_delay`` are the times until deleted assets are gone and until new dates,
    places and tags have come back from the sidecar file.
    """

    external_domain: str = ""
    login_page_message: str = ""
    trash_days: int = 30
    trash_enabled: bool = True
    public_users: bool = True
    smart_search: bool = True
    is_onboarded: bool = True
    disk_size: int = 252 * GIB
    disk_available: int = 65 * GIB
    disk_use: int = 36 * GIB
    release_version: str | None = None
    checked_at: datetime | None = None
    processing_delay: float | None = 0.2
    deletion_delay: float = 0.0
    sidecar_delay: float = 0.0
    server_license: dict[str, Any] | None = None
    values: dict[str, Any] = field(default_factory=dict)


type _CountKey = tuple[str, AssetType, Visibility, bool, bool]


class State:
    """Everything a fake server knows.

    Plain dicts by id; assets are added, changed and removed through the methods
    below, because counts, checksums and order are kept beside them.
    """

    def __init__(self, *, seed: int = 1, clock: Clock | None = None) -> None:
        """Make an empty library; equal seeds give equal ids."""
        self.clock = clock or Clock()
        self.random = random.Random(seed)
        self.settings = ServerSettings()
        self.users: dict[str, User] = {}
        self.api_keys: dict[str, ApiKey] = {}
        self.sessions: dict[str, Session] = {}
        self.assets: dict[str, Asset] = {}
        self.albums: dict[str, Album] = {}
        self.people: dict[str, Person] = {}
        self.faces: dict[str, Face] = {}
        self.tags: dict[str, Tag] = {}
        self.memories: dict[str, Memory] = {}
        self.stacks: dict[str, Stack] = {}
        self.shared_links: dict[str, SharedLink] = {}
        self.partners: list[Partner] = []
        self.notifications: dict[str, Notification] = {}
        self.activities: dict[str, Activity] = {}
        self.queues: dict[str, Queue] = {}
        self.libraries: dict[str, Library] = {}
        self.workflows: dict[str, Workflow] = {}
        #: What became of the calls of workflows: a status, or the name of an error.
        self.workflow_calls: list[int | str] = []
        #: Immich makes five calls at once.
        self.workflow_places = asyncio.Semaphore(5)
        self.version_history: list[tuple[str, datetime, str]] = []
        self.faces_of_asset: dict[str, dict[str, Face]] = {}
        self.albums_of_asset: dict[str, set[str]] = {}
        #: Background work that a library brings along; begun at every start of the server.
        self.startup: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.subscribers: list[Callable[[str, str | None, tuple[Any, ...]], None]] = []
        self._by_checksum: dict[tuple[str, bytes], str] = {}
        self._counts: Counter[_CountKey] = Counter()
        self._usage: Counter[tuple[str, AssetType, bool]] = Counter()
        self._sorted: list[Asset] | None = None

    # -- ids, time, events

    def new_id(self) -> str:
        """Return a fresh version 4 UUID from the seeded generator."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def new_secret(self) -> str:
        """Return a fresh secret of the look of Immich's keys and tokens."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(self.random.choices(alphabet, k=43))

    def now(self) -> datetime:
        """Return the server's time."""
        return self.clock.now()

    def emit(self, event: str, user_id: str | None, *payload: Any) -> None:
        """Tell subscribers of a live event for one user, or for all (``None``)."""
        for subscriber in list(self.subscribers):
            subscriber(event, user_id, payload)

    # -- making things

    def add_user(self, name: str, email: str, *, is_admin: bool = False, **more: Any) -> User:
        """Add a user; ``more`` are further fields of :class:`User`."""
        now = self.now()
        user = User(
            id=more.pop("id", None) or self.new_id(),
            name=name,
            email=email,
            is_admin=is_admin,
            created_at=more.pop("created_at", now),
            updated_at=now,
            profile_changed_at=now,
            **more,
        )
        self.users[user.id] = user
        return user

    def add_api_key(
        self,
        user: User,
        permissions: Iterable[str] = ("all",),
        *,
        name: str = "key",
        secret: str | None = None,
    ) -> ApiKey:
        """Add a key for a user; its secret is made up unless given."""
        now = self.now()
        key = ApiKey(
            id=self.new_id(),
            name=name,
            secret=secret or self.new_secret(),
            user_id=user.id,
            permissions=list(permissions),
            created_at=now,
            updated_at=now,
        )
        self.api_keys[key.id] = key
        return key

    def add_album(self, owner: User, name: str, assets: Iterable[Asset] = (), **more: Any) -> Album:
        """Add an album with its owner and assets; ``more`` are fields of :class:`Album`."""
        now = self.now()
        album = Album(
            id=more.pop("id", None) or self.new_id(),
            name=name,
            created_at=more.pop("created_at", now),
            updated_at=more.pop("updated_at", now),
            members={owner.id: Role.OWNER, **more.pop("members", {})},
            **more,
        )
        self.albums[album.id] = album
        for asset in assets:
            self.put_in_album(album, asset.id)
        if album.thumbnail_asset_id is None and album.assets:
            album.thumbnail_asset_id = next(iter(album.assets))
        return album

    def add_asset(self, owner: User, file_name: str, *, taken: datetime, **more: Any) -> Asset:
        """Add an asset taken at a moment; ``more`` are fields of :class:`Asset`.

        Without a ``checksum`` one is derived from the id.
        """
        now = self.now()
        asset_id: str = more.pop("id", None) or self.new_id()
        asset = Asset(
            id=asset_id,
            owner_id=owner.id,
            original_file_name=file_name,
            checksum=more.pop("checksum", None) or sha1(asset_id.encode()).digest(),
            file_created_at=taken,
            file_modified_at=more.pop("file_modified_at", taken),
            local_date_time=more.pop("local_date_time", taken),
            created_at=more.pop("created_at", now),
            updated_at=more.pop("updated_at", now),
            **more,
        )
        if not asset.original_path:
            a, b = asset.id[:2], asset.id[2:4]
            ending = file_name.rpartition(".")[2].lower()
            asset.original_path = f"/data/upload/{owner.id}/{a}/{b}/{asset.id}.{ending}"
        self.assets[asset.id] = asset
        self._by_checksum[owner.id, asset.checksum] = asset.id
        self._count(asset, 1)
        self._sorted = None
        return asset

    def add_face(self, asset: Asset, person: Person | None, box: tuple[int, int, int, int]) -> Face:
        """Add a face of a person at a box (x1, y1, x2, y2) in the asset's pixels."""
        face = Face(
            id=self.new_id(),
            asset_id=asset.id,
            person_id=person.id if person else None,
            image_width=asset.width or 1,
            image_height=asset.height or 1,
            x1=box[0],
            y1=box[1],
            x2=box[2],
            y2=box[3],
        )
        self.put_face(face)
        return face

    def put_face(self, face: Face) -> None:
        """Keep a face and index it."""
        self.faces[face.id] = face
        self.faces_of_asset.setdefault(face.asset_id, {})[face.id] = face

    def remove_face(self, face_id: str) -> None:
        """Forget a face."""
        face = self.faces.pop(face_id)
        self.faces_of_asset[face.asset_id].pop(face_id)

    # -- assets

    def update_asset(self, asset: Asset, *, touch: bool = True, **changes: Any) -> None:
        """Change fields of an asset, keeping counts and order; ``touch`` sets ``updated_at``."""
        self._count(asset, -1)
        for name, value in changes.items():
            setattr(asset, name, value)
        self._count(asset, 1)
        if "file_created_at" in changes:
            self._sorted = None
        if touch:
            asset.updated_at = self.now()

    def set_original(self, asset: Asset, checksum: bytes, size: int) -> None:
        """Tell an asset's SHA-1 and size once its file has been made."""
        self._by_checksum.pop((asset.owner_id, asset.checksum), None)
        asset.checksum = checksum
        self._by_checksum[asset.owner_id, checksum] = asset.id
        self.update_exif(asset, file_size=size)

    def update_exif(self, asset: Asset, **changes: Any) -> None:
        """Change fields of an asset's :class:`Exif`."""
        self._count(asset, -1)
        for name, value in changes.items():
            setattr(asset.exif, name, value)
        self._count(asset, 1)

    def remove_asset(self, asset_id: str) -> None:
        """Forget an asset for good, and every mention of it."""
        asset = self.assets.pop(asset_id)
        self._count(asset, -1)
        self._sorted = None
        self._by_checksum.pop((asset.owner_id, asset.checksum), None)
        for album_id in self.albums_of_asset.pop(asset_id, ()):
            self._drop_from_album(self.albums[album_id], asset_id)
        for face_id in self.faces_of_asset.pop(asset_id, {}):
            self.faces.pop(face_id)
        if asset.stack_id is not None and asset.stack_id in self.stacks:
            self._drop_from_stack(self.stacks[asset.stack_id], asset_id)
        for memory in self.memories.values():
            if asset_id in memory.asset_ids:
                memory.asset_ids.remove(asset_id)
        for link in self.shared_links.values():
            if asset_id in link.asset_ids:
                link.asset_ids.remove(asset_id)
        if asset.visibility is Visibility.HIDDEN:
            for other in self.assets.values():
                if other.live_photo_video_id == asset_id:
                    other.live_photo_video_id = None

    def find_by_checksum(self, owner_id: str, checksum: bytes) -> Asset | None:
        """Return the user's asset with this SHA-1 (20 bytes), trashed ones included."""
        asset_id = self._by_checksum.get((owner_id, checksum))
        return None if asset_id is None else self.assets[asset_id]

    def assets_by_date(self) -> list[Asset]:
        """Return all assets, newest ``file_created_at`` first; do not change the list."""
        if self._sorted is None:
            self._sorted = sorted(self.assets.values(), key=lambda a: (a.file_created_at, a.id), reverse=True)
        return self._sorted

    def count(
        self,
        owner_id: str | None = None,
        *,
        kind: AssetType | None = None,
        visibility: Iterable[Visibility] | None = None,
        is_favorite: bool | None = None,
        is_trashed: bool | None = None,
    ) -> int:
        """Count assets without looking at them; ``None`` means any."""
        wanted = None if visibility is None else set(visibility)
        return sum(
            number
            for (owner, type_, visible, favorite, trashed), number in self._counts.items()
            if (owner_id is None or owner == owner_id)
            and (kind is None or type_ is kind)
            and (wanted is None or visible in wanted)
            and (is_favorite is None or favorite == is_favorite)
            and (is_trashed is None or trashed == is_trashed)
        )

    def usage(self, owner_id: str, kind: AssetType | None = None, *, with_trash: bool = True) -> int:
        """Return the bytes of a user's originals, of one kind or of all."""
        kinds = list(AssetType) if kind is None else [kind]
        return sum(
            self._usage[owner_id, each, trashed]
            for each in kinds
            for trashed in ((False, True) if with_trash else (False,))
        )

    def _count(self, asset: Asset, step: int) -> None:
        key = (asset.owner_id, asset.type, asset.visibility, asset.is_favorite, asset.is_trashed)
        self._counts[key] += step
        size = asset.exif.file_size or 0
        self._usage[asset.owner_id, asset.type, asset.is_trashed] += step * size

    # -- albums and stacks

    def put_in_album(self, album: Album, asset_id: str) -> None:
        """Add an asset to an album; the album's own dates stay as they are."""
        album.assets[asset_id] = self.now()
        self.albums_of_asset.setdefault(asset_id, set()).add(album.id)

    def take_from_album(self, album: Album, asset_id: str) -> None:
        """Remove an asset from an album, choosing a new cover where it was the cover."""
        self.albums_of_asset.get(asset_id, set()).discard(album.id)
        self._drop_from_album(album, asset_id)

    def remove_album(self, album_id: str) -> None:
        """Forget an album with its activities and links; its assets stay."""
        album = self.albums.pop(album_id)
        for asset_id in album.assets:
            self.albums_of_asset[asset_id].discard(album_id)
        for activity in [a for a in self.activities.values() if a.album_id == album_id]:
            del self.activities[activity.id]
        for link in [s for s in self.shared_links.values() if s.album_id == album_id]:
            del self.shared_links[link.id]

    @staticmethod
    def _drop_from_album(album: Album, asset_id: str) -> None:
        album.assets.pop(asset_id, None)
        if album.thumbnail_asset_id == asset_id:
            album.thumbnail_asset_id = next(iter(album.assets), None)

    def _drop_from_stack(self, stack: Stack, asset_id: str) -> None:
        stack.asset_ids.remove(asset_id)
        if len(stack.asset_ids) < 2:
            del self.stacks[stack.id]
            for left in stack.asset_ids:
                self.assets[left].stack_id = None
        elif stack.primary_asset_id == asset_id:
            stack.primary_asset_id = stack.asset_ids[0]

    # -- finding

    def key_by_secret(self, secret: str) -> ApiKey | None:
        """Return the key with this secret."""
        return next((key for key in self.api_keys.values() if key.secret == secret), None)

    def user_by_email(self, email: str) -> User | None:
        """Return the user with this address."""
        return next((user for user in self.users.values() if user.email == email), None)

    def albums_of(self, user_id: str) -> list[Album]:
        """Return the albums that a user owns or is a member of, newest first."""
        mine = [album for album in self.albums.values() if user_id in album.members]
        return sorted(mine, key=lambda album: album.created_at, reverse=True)

    def partners_of(self, user_id: str, *, in_timeline: bool | None = None) -> set[str]:
        """Return the ids of the users whose libraries this user may see."""
        return {
            partner.shared_by_id
            for partner in self.partners
            if partner.shared_with_id == user_id
            and (in_timeline is None or partner.in_timeline == in_timeline)
        }

    def people_of_asset(self, asset_id: str) -> list[Person]:
        """Return the people on an asset, each once, in the order of their faces."""
        ids = dict.fromkeys(
            face.person_id
            for face in self.faces_of_asset.get(asset_id, {}).values()
            if face.person_id is not None
        )
        return [self.people[person_id] for person_id in ids]
