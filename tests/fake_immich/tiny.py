"""A tiny library for tests: everything once, nothing painted, the same every time.

Tests may count on what is here; `FACTS` says the numbers.
"""

from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from hashlib import sha1
from pathlib import Path

from .ids import stable_id
from .memory_maker import make_memories
from .models import Asset, AssetType, Exif, Library, Person, Queue, Role, Stack, Tag, Visibility
from .places import PARIS, ROME, VIENNA, Place
from .queue_names import queue_names
from .state import State
from .version import Version

#: A plain 8 by 6 JPEG and WebP.
JPEG = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmB"
    "anGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSk"
    "pKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAGAAgDASIAAhEBAxEB/8QAFQABAQAAAAAA"
    "AAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAwT/xAAUEQEA"
    "AAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCgCgD/2Q=="
)
WEBP = b64decode("UklGRi4AAABXRUJQVlA4ICIAAABwAQCdASoIAAYABUB8JZACdAFAAAD+pNSr1ejKvctFAIAA")
THUMBHASH = "HBkSHYSIeHiHiIeIeId3d3eIh4d4"

#: What the administrator's account holds, as the server's own counts say.
FACTS = {
    "photos": 6,
    "videos": 1,
    "favorites": 2,
    "archived": 1,
    "trashed": 1,
    "albums_owned": 4,
    "albums_shared_with_me": 1,
    "people": 2,
    "tags": 2,
    "users": 3,
}


class TinyMedia:
    """The bytes of one asset: the same picture, with a tail that makes it unique."""

    def __init__(self, name: str, *, video: bool = False) -> None:
        """Make the bytes for a name; a video is not playable, but long enough for ranges."""
        head = b"\0\0\0\x18ftypmp42" + bytes(20_000) if video else JPEG
        self.content = head + name.encode()
        self.video = video

    def original(self) -> Path | bytes | None:
        """Return the unique bytes."""
        return self.content

    def thumbnail(self) -> Path | bytes | None:
        """Return the WebP."""
        return WEBP

    def preview(self) -> Path | bytes | None:
        """Return the JPEG."""
        return JPEG

    def playback(self) -> Path | bytes | None:
        """Return the bytes of a video."""
        return self.content if self.video else None


def fill_tiny(state: State) -> None:
    """Fill a library with three users and a dozen assets.

    Keys: `admin-key`, `user-key` and `guest-key` may do everything; `read-key`
    (the administrator's) may only look, `album-key` has `album.read` alone.
    """
    admin = state.add_user(
        "Admin", "admin@example.com", is_admin=True, id=stable_id("tiny admin"), storage_label="admin"
    )
    user = state.add_user("User", "user@example.com", id=stable_id("tiny user"), quota_size=10**9)
    guest = state.add_user("Guest", "guest@example.com", id=stable_id("tiny guest"))
    for owner, secret in ((admin, "admin-key"), (user, "user-key"), (guest, "guest-key")):
        state.add_api_key(owner, name="full", secret=secret)
    read = [
        "album.read", "album.statistics", "asset.read", "asset.statistics", "asset.view",
        "memory.read", "person.read", "server.about", "server.storage", "tag.read", "user.read",
    ]  # fmt: skip
    state.add_api_key(admin, read, name="read", secret="read-key")
    state.add_api_key(admin, ["album.read"], name="album", secret="album-key")

    now = state.now()
    this_day = _years_before(now, 3)
    rows: list[tuple[str, datetime, Place | None]] = [
        ("vienna.jpg", datetime(2022, 4, 1, 10, tzinfo=UTC), VIENNA),
        ("rome.jpg", datetime(2022, 8, 15, 18, 30, tzinfo=UTC), ROME),
        ("paris.jpg", datetime(2023, 5, 14, 10, tzinfo=UTC), PARIS),
        ("party.jpg", datetime(2024, 1, 10, 20, tzinfo=UTC), None),
        ("memory.jpg", this_day, VIENNA),
        ("live.jpg", datetime(2025, 2, 2, 9, 15, tzinfo=UTC), None),
        ("film.mp4", datetime(2024, 3, 3, 12, tzinfo=UTC), None),
        ("archived.jpg", datetime(2021, 6, 6, 6, tzinfo=UTC), None),
        ("trashed.jpg", datetime(2021, 7, 7, 7, tzinfo=UTC), None),
        ("live.mov", datetime(2025, 2, 2, 9, 15, tzinfo=UTC), None),
    ]
    assets = {name: _add(state, admin.id, name, taken, place) for name, taken, place in rows}
    for name in ("rome.jpg", "party.jpg"):
        state.update_asset(assets[name], touch=False, is_favorite=True)
    state.update_asset(assets["archived.jpg"], touch=False, visibility=Visibility.ARCHIVE)
    state.update_asset(assets["trashed.jpg"], touch=False, trashed_at=now)
    state.update_asset(assets["live.mov"], touch=False, visibility=Visibility.HIDDEN)
    assets["live.jpg"].live_photo_video_id = assets["live.mov"].id
    theirs = [_add(state, user.id, name, datetime(2023, 9, 9, 9, n, tzinfo=UTC), None)
              for n, name in enumerate(("user1.jpg", "user2.jpg"))]  # fmt: skip

    holiday = [assets["vienna.jpg"], assets["rome.jpg"], assets["paris.jpg"]]
    state.add_album(admin, "Holiday", holiday, id=stable_id("tiny holiday"), members={user.id: Role.VIEWER})
    state.add_album(admin, "Empty", id=stable_id("tiny empty"))
    state.add_album(admin, "Twice", id=stable_id("tiny twice 1"))
    state.add_album(admin, "Twice", [assets["party.jpg"]], id=stable_id("tiny twice 2"))
    state.add_album(
        user, "From the user", theirs, id=stable_id("tiny theirs"), members={admin.id: Role.EDITOR}
    )
    _add_people(state, admin.id, assets)
    _add_tags(state, admin.id, assets)
    stack = Stack(
        id=stable_id("tiny stack"),
        owner_id=user.id,
        primary_asset_id=theirs[0].id,
        asset_ids=[asset.id for asset in theirs],
    )
    state.stacks[stack.id] = stack
    for asset in theirs:
        asset.stack_id = stack.id
    library = Library(
        id=stable_id("tiny library"),
        owner_id=admin.id,
        name="Drive",
        created_at=now,
        updated_at=now,
        import_paths=["/mnt/photos"],
    )
    state.libraries[library.id] = library
    for name in queue_names(Version.parse("3.3.5")):
        state.queues[name] = Queue(name=name)
    make_memories(state)


def _add(state: State, owner_id: str, name: str, taken: datetime, place: Place | None) -> Asset:
    video = name.endswith((".mp4", ".mov"))
    media = TinyMedia(name, video=video)
    mime_type = {"jpg": "image/jpeg", "mp4": "video/mp4", "mov": "video/quicktime"}[name[-3:]]
    uploaded = min(taken + timedelta(days=1), state.now())
    return state.add_asset(
        state.users[owner_id],
        name,
        id=stable_id(f"tiny {name}"),
        taken=taken,
        created_at=uploaded,
        updated_at=uploaded,
        checksum=sha1(media.content).digest(),
        type=AssetType.VIDEO if video else AssetType.IMAGE,
        mime_type=mime_type,
        duration=3000 if video else None,
        width=8,
        height=6,
        thumbhash=THUMBHASH,
        media=media,
        exif=Exif(
            make="SampleCam",
            model="S1",
            lens_model="35mm F2",
            width=8,
            height=6,
            file_size=len(media.content),
            date_time_original=taken,
            modify_date=taken,
            time_zone="UTC",
            latitude=place.latitude if place else None,
            longitude=place.longitude if place else None,
            city=place.city if place else None,
            state=place.state if place else None,
            country=place.country if place else None,
        ),
    )


def _add_people(state: State, owner_id: str, assets: dict[str, Asset]) -> None:
    """Add a named, an unnamed and a hidden person; the unnamed one is seen three times."""
    seen = {
        "Alice": ("vienna.jpg", "rome.jpg"),
        "": ("vienna.jpg", "paris.jpg", "party.jpg"),
        "Bob": ("party.jpg",),
    }
    for name, shown in seen.items():
        person = Person(
            id=stable_id(f"tiny person {name}"),
            owner_id=owner_id,
            created_at=state.now(),
            updated_at=state.now(),
            name=name,
            birth_date=date(1990, 5, 17) if name == "Alice" else None,
            is_hidden=name == "Bob",
            feature_asset_id=assets[shown[0]].id,
            thumbnail=JPEG,
        )
        state.people[person.id] = person
        for file_name in shown:
            state.add_face(assets[file_name], person, (1, 1, 4, 4))


def _add_tags(state: State, owner_id: str, assets: dict[str, Asset]) -> None:
    """Add a tag and one below it."""
    parent: str | None = None
    for value, name in (("trips", "vienna.jpg"), ("trips/sea", "rome.jpg")):
        tag = Tag(
            id=stable_id(f"tiny tag {value}"),
            user_id=owner_id,
            value=value,
            created_at=state.now(),
            updated_at=state.now(),
            parent_id=parent,
        )
        state.tags[tag.id] = tag
        assets[name].tag_ids.append(tag.id)
        parent = tag.id


def _years_before(now: datetime, years: int) -> datetime:
    """Return noon of the same day some years ago."""
    day = now.day if (now.month, now.day) != (2, 29) else 28
    return datetime(now.year - years, now.month, day, 12, tzinfo=UTC)
