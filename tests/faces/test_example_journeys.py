"""The whole automations and scripts on the page of actions, run as they stand, and what they have done afterwards."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
import yaml

from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.memory_maker import make_memories
from tests.fake_immich.models import Album, Asset, Exif, Partner, Person, Tag, Visibility
from tests.fake_immich.tiny import JPEG, THUMBHASH, TinyMedia

from .documented import blocks, by_alias, complaints

type Run = Callable[[str], Awaitable[None]]

# More than one page of a search.
MANY = 260
# Monday, 23 November 2026, a minute before the automation of Mondays, in Vienna.
MONDAY = datetime(2026, 11, 23, 6, 59, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 20, 23, tzinfo=UTC)
SUNDAY_EVENING = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)


VERSIONS = pytest.mark.parametrize("immich", ["1.137.3", "2.7.5", "3.1.0"], indirect=True)


@pytest.fixture(name="immich")
async def immich_fixture(request: pytest.FixtureRequest, make_immich: MakeImmich) -> FakeImmich:
    """Give a fake Immich of the version that a test asks for."""
    return await make_immich(version=getattr(request, "param", "3.1.0"))


@pytest.fixture(name="monday")
async def monday_fixture(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """Live in Vienna, on a Monday morning."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    freezer.move_to(MONDAY)
    return freezer


@pytest.fixture(name="run")
async def run_fixture(
    monday: FrozenDateTimeFactory,
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> AsyncGenerator[Run]:
    """Give a function that lets an example run, at its time if it has one; the second time at once."""
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    assert await async_setup_component(hass, persistent_notification.DOMAIN, {})
    running: set[str] = set()

    async def _run(alias: str) -> None:
        example = yaml.safe_load(by_alias(alias).replace("/media/", f"{tmp_path}/"))
        immich.requests.clear()
        if "sequence" in example:
            if alias not in running:
                assert await async_setup_component(hass, "script", {"script": {"example": example}})
            await hass.services.async_call("script", "example", blocking=True)
        elif alias not in running:
            example["id"] = "example"
            assert await async_setup_component(hass, "automation", {"automation": [example]})
            await hass.async_block_till_done()
            hour, minute, _ = (int(part) for part in example["triggers"][0]["at"].split(":"))
            at = MONDAY + timedelta(minutes=1)
            at += timedelta(hours=hour - 8, minutes=minute)
            monday.move_to(at if at > MONDAY else at + timedelta(days=1))
            async_fire_time_changed(hass)
        else:
            (automation,) = hass.states.async_entity_ids("automation")
            await hass.services.async_call("automation", "trigger", {"entity_id": automation}, blocking=True)
        await hass.async_block_till_done(wait_background_tasks=True)
        running.add(alias)
        assert not complaints(caplog)

    yield _run
    if hass.states.async_entity_ids("automation"):
        await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


def _photo(immich: FakeImmich, name: str, taken: datetime, owner: str = "admin", **exif: Any) -> Asset:
    media = TinyMedia(name)
    return immich.state.add_asset(
        immich.state.users[stable_id(f"tiny {owner}")],
        name,
        taken=taken,
        media=media,
        width=8,
        height=6,
        thumbhash=THUMBHASH,
        exif=Exif(file_size=len(media.content), **exif),
    )


def _photos(immich: FakeImmich, prefix: str, number: int = MANY, **more: Any) -> list[Asset]:
    first = datetime(2024, 5, 1, tzinfo=UTC)
    return [
        _photo(immich, f"{prefix}{each}.jpg", first + timedelta(minutes=each), **more)
        for each in range(number)
    ]


def _partner(immich: FakeImmich) -> None:
    """Let the other user show everything in the administrator's timeline."""
    immich.state.partners.append(
        Partner(shared_by_id=stable_id("tiny user"), shared_with_id=stable_id("tiny admin"), in_timeline=True)
    )


def _anna(immich: FakeImmich, photos: Sequence[Asset]) -> None:
    """Let Anna be in photos."""
    state = immich.state
    known = [person for person in state.people.values() if person.name == "Anna"]
    person = known[0] if known else None
    if person is None:
        owner = stable_id("tiny admin")
        now = state.now()
        person = Person(id=state.new_id(), owner_id=owner, created_at=now, updated_at=now, name="Anna")
        state.people[person.id] = person
    for photo in photos:
        state.add_face(photo, person, (1, 1, 4, 4))


def _weekend(immich: FakeImmich) -> list[Album]:
    return [album for album in immich.state.albums.values() if album.name == "Weekend 2026-11-21"]


def _messages(hass: HomeAssistant) -> list[str]:
    kept = hass.data.get(persistent_notification.DOMAIN) or {}
    return [message["message"] for message in kept.values() if message["title"] == "Weekend 2026-11-21"]


@VERSIONS
async def test_an_album_of_last_weekend(run: Run, hass: HomeAssistant, immich: FakeImmich) -> None:
    """All photos with Anna from Saturday's first to Sunday's last moment, in one album with one link."""
    inside = [
        _photo(immich, f"in{each}.jpg", SATURDAY + timedelta(minutes=10 * each)) for each in range(MANY)
    ]
    inside.append(_photo(immich, "late.jpg", SUNDAY_EVENING))
    outside = [
        _photo(immich, "friday.jpg", SATURDAY - timedelta(seconds=1)),
        _photo(immich, "monday.jpg", SUNDAY_EVENING + timedelta(seconds=1)),
    ]
    _anna(immich, inside + outside)
    _photo(immich, "nobody.jpg", SATURDAY + timedelta(hours=1))

    await run("Anna's weekend")

    (album,) = _weekend(immich)
    assert set(album.assets) == {photo.id for photo in inside}
    assert immich.requests.count("POST search/metadata") > 1
    (link,) = immich.state.shared_links.values()
    assert (link.album_id, link.allow_upload) == (album.id, False)
    assert link.expires_at == MONDAY + timedelta(days=28, minutes=1)
    (message,) = _messages(hass)
    assert message.startswith(f"{immich.url}/share/")

    later = _photo(immich, "later.jpg", SATURDAY + timedelta(hours=2))
    _anna(immich, [later])
    await run("Anna's weekend")
    assert set(_weekend(immich)[0].assets) == {photo.id for photo in (*inside, later)}
    assert len(_weekend(immich)) == len(immich.state.shared_links) == len(_messages(hass)) == 1


async def test_a_weekend_without_photos(run: Run, hass: HomeAssistant, immich: FakeImmich) -> None:
    """Neither an album, nor a link, nor a message."""
    _anna(immich, [_photo(immich, "friday.jpg", SATURDAY - timedelta(seconds=1))])
    await run("Anna's weekend")
    assert not _weekend(immich)
    assert not immich.state.shared_links
    assert not _messages(hass)


@VERSIONS
async def test_five_stars_become_favorites(run: Run, immich: FakeImmich) -> None:
    """All of one's own with five stars, archived ones too, and nothing else."""
    best = _photos(immich, "best", rating=5)
    for photo in best[:3]:
        immich.state.update_asset(photo, visibility=Visibility.ARCHIVE)
    good = _photos(immich, "good", 3, rating=4)
    _partner(immich)
    theirs = _photos(immich, "theirs", 3, owner="user", rating=5)

    await run("Five stars are favorites")
    assert all(photo.is_favorite for photo in best)
    assert not any(photo.is_favorite for photo in (*good, *theirs))
    assert [photo.visibility for photo in best[:4]] == [Visibility.ARCHIVE] * 3 + [Visibility.TIMELINE]
    assert immich.requests.count("PUT assets") == 2

    await run("Five stars are favorites")
    assert immich.requests.count("POST search/metadata")
    assert immich.requests.count("PUT assets") == 0


async def test_memories_into_a_folder(run: Run, immich: FakeImmich, tmp_path: Path) -> None:
    """The previews of all of today's memories: more than one download takes, and two of one name."""
    folder = tmp_path / "tablet"
    await run("Memories for the tablet")
    before = {path.name for path in folder.iterdir()} if folder.exists() else set()

    day = datetime(2020, 11, 23, 8, tzinfo=UTC)
    shown = [_photo(immich, "IMG_1.jpg", day.replace(year=2020 - each % 2)) for each in range(502)]
    make_memories(immich.state)
    await run("Memories for the tablet")
    written = {path.name for path in folder.iterdir()} - before
    assert written == {f"{photo.file_created_at.date()}_{photo.id}.jpg" for photo in shown}
    assert {path.read_bytes() for path in folder.iterdir()} == {JPEG}

    await run("Memories for the tablet")
    assert {path.name for path in folder.iterdir()} == before | written
    assert immich.requests.count("GET assets/{id}/thumbnail") == len(written | before)


async def test_an_evening_without_memories(run: Run, immich: FakeImmich, tmp_path: Path) -> None:
    """Nothing is downloaded, and no folder made."""
    immich.state.memories.clear()
    await run("Memories for the tablet")
    assert immich.requests.count("GET memories") == 1
    assert not (tmp_path / "tablet").exists()


@VERSIONS
async def test_screenshots_into_the_archive(run: Run, immich: FakeImmich) -> None:
    """All of one's own by their names, whatever their letter case; other people's and other photos stay."""
    shots = _photos(immich, "Screenshot_", MANY) + _photos(immich, "my screenshot", 2)
    others = _photos(immich, "Screen", 2)
    _partner(immich)
    theirs = _photos(immich, "Screenshot of a partner", 2, owner="user")

    await run("Screenshots into the archive")
    assert {photo.visibility for photo in shots} == {Visibility.ARCHIVE}
    assert {photo.visibility for photo in others + theirs} == {Visibility.TIMELINE}
    assert immich.requests.count("PUT assets") == 2

    await run("Screenshots into the archive")
    assert immich.requests.count("POST search/metadata") == 1
    assert immich.requests.count("PUT assets") == 0


async def test_page_by_page(hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry) -> None:
    """The page on searching shows how to go on: everything with a tag lands in the album."""
    photos = _photos(immich, "outside")
    now = immich.state.now()
    tag = Tag(
        id=immich.state.new_id(),
        user_id=stable_id("tiny admin"),
        value="Nature",
        created_at=now,
        updated_at=now,
    )
    immich.state.tags[tag.id] = tag
    for photo in photos:
        photo.tag_ids.append(tag.id)
    (example,) = (
        found
        for place, block in blocks()
        if place.startswith("search.md") and "sequence" in (found := yaml.safe_load(block))
    )
    assert await async_setup_component(hass, "script", {"script": {"pages": example}})
    await hass.services.async_call("script", "pages", blocking=True)
    (album,) = (each for each in immich.state.albums.values() if each.name == "Outdoors")
    assert set(album.assets) == {photo.id for photo in photos}
