"""A huge library with made-up metadata, to see how things grow."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from .catalogue import PHONE, REFLEX, pictures
from .ids import stable_id
from .models import Asset, AssetType, Exif, MediaSource, Person, Tag, Visibility
from .pictures import PictureMedia, PictureStore
from .places import VISITED
from .state import State
from .tiny import JPEG, TinyMedia

#: So many different pictures are shared by all assets.
SHOWN_PICTURES = 40

FIRST_DAY = datetime(2004, 1, 1, 8, tzinfo=UTC)
YEARS = 22

ALBUM_SIZE = 500

_MILLISECOND = timedelta(milliseconds=1)


def fill_scale(state: State, count: int, cache: Path | None) -> None:
    """Fill a library with `count` assets of one admin; the key is `scale-key`.

    Every tenth one is a video, every 20th a favourite, every 50th archived; 500
    go into each album. Objects are shared wherever nothing changes them.
    """
    random = Random(4)
    admin = state.add_user("Scale", "scale@example.com", is_admin=True, id=stable_id("scale admin"))
    state.add_api_key(admin, name="full", secret="scale-key")
    media = _media(cache)
    step = timedelta(days=365 * YEARS) / max(1, count)
    uploaded = datetime(2026, 1, 1, tzinfo=UTC)
    people = [_person(state, admin.id, number) for number in range(24)]
    tags = [_tag(state, admin.id, number) for number in range(30)]
    assets: list[Asset] = []
    for number in range(count):
        video = number % 10 == 9
        place = VISITED[number // 40 % len(VISITED)] if number % 5 else None
        camera = REFLEX if number % 3 else PHONE
        # Immich keeps milliseconds.
        moment = FIRST_DAY + number * step // _MILLISECOND * _MILLISECOND
        kind = AssetType.VIDEO if video else AssetType.IMAGE
        asset = state.add_asset(
            admin,
            f"DSC{number:06d}.{'mp4' if video else 'jpg'}",
            id=f"{random.getrandbits(32):08x}-0000-4000-8000-{number:012x}",
            taken=moment,
            created_at=uploaded,
            updated_at=uploaded,
            type=kind,
            mime_type="video/mp4" if video else "image/jpeg",
            duration=12_345 if video else None,
            visibility=Visibility.ARCHIVE if number % 50 == 7 else Visibility.TIMELINE,
            is_favorite=number % 20 == 3,
            width=4000,
            height=3000,
            thumbhash="IigSPIqIiHeJiIiAiIiIh4C3CA==",
            media=media[number % len(media)],
            exif=Exif(
                make=camera.make,
                model=camera.model,
                lens_model=camera.lens,
                width=4000,
                height=3000,
                file_size=3_000_000 + number % 1000 * 1000,
                date_time_original=moment,
                modify_date=moment,
                time_zone="UTC",
                latitude=place.latitude if place else None,
                longitude=place.longitude if place else None,
                city=place.city if place else None,
                state=place.state if place else None,
                country=place.country if place else None,
            ),
        )
        if number % 25 == 0:
            state.add_face(asset, people[number // 25 % len(people)], (100, 100, 400, 400))
        if number % 40 == 0:
            asset.tag_ids.append(tags[number // 40 % len(tags)])
        assets.append(asset)
    for number, start in enumerate(range(0, count, ALBUM_SIZE)):
        part = assets[start : start + ALBUM_SIZE]
        state.add_album(admin, f"Album {number:04d}", part, id=stable_id(f"scale album {number}"))


def _media(directory: Path | None) -> tuple[MediaSource, ...]:
    """Return the sources of bytes that all assets share."""
    if directory is None:
        return (TinyMedia("scale"),)
    store = PictureStore(directory / "pictures")
    recipes = pictures(datetime(2026, 1, 1, tzinfo=UTC).date())[:SHOWN_PICTURES]
    return tuple(PictureMedia(store, recipe) for recipe in recipes)


def _person(state: State, owner_id: str, number: int) -> Person:
    person = Person(
        id=stable_id(f"scale person {number}"),
        owner_id=owner_id,
        created_at=state.now(),
        updated_at=state.now(),
        name=f"Person {number:02d}",
        thumbnail=JPEG,
    )
    state.people[person.id] = person
    return person


def _tag(state: State, owner_id: str, number: int) -> str:
    tag = Tag(
        id=stable_id(f"scale tag {number}"),
        user_id=owner_id,
        value=f"Tag {number:02d}",
        created_at=state.now(),
        updated_at=state.now(),
    )
    state.tags[tag.id] = tag
    return tag.id
