"""The automations on the page about what happens, run as they stand: each does what its words say."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components.immich_plus.const import CONF_WATCHED_PEOPLE
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.memory_maker import make_memories
from tests.fake_immich.models import Album, Asset, AssetType, Person, Role
from tests.fake_immich.tiny import THUMBHASH
from tests.passing import let_pass, settle

from .acting import tiny
from .documented import FENCE, ROOT, complaints

type Begin = Callable[[str], Awaitable[None]]

PAGE = ROOT / "docs" / "live.md"
TAKEN = datetime(2026, 5, 1, 12, tzinfo=UTC)
CLOCK = datetime(2026, 11, 24, 9, tzinfo=UTC)


def examples(path: Path = PAGE) -> dict[str, Any]:
    """Return the automations of a page by their names."""
    found = (yaml.safe_load(match[2]) for match in FENCE.finditer(path.read_text(encoding="utf-8")))
    return {each["alias"]: each for each in found if "triggers" in each}


@pytest.fixture(name="account")
async def account_fixture(
    still_clock: FrozenDateTimeFactory, hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> MockConfigEntry:
    """Give an account of Anna, who has chosen Alice under Configure."""
    await hass.config.async_set_time_zone("UTC")
    still_clock.move_to(CLOCK)
    immich.state.users[tiny("admin")].name = "Anna"
    account = await add_account(immich, options={CONF_WATCHED_PEOPLE: [tiny("person Alice")]})
    await let_pass(hass, still_clock, seconds=1)
    return account


@pytest.fixture(name="begin")
async def begin_fixture(
    still_clock: FrozenDateTimeFactory,
    hass: HomeAssistant,
    account: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> AsyncGenerator[Begin]:
    """Give a function that begins to run an automation of the page."""
    assert await async_setup_component(hass, persistent_notification.DOMAIN, {})

    async def _begin(alias: str) -> None:
        assert await async_setup_component(hass, "automation", {"automation": [examples()[alias]]})
        # Whoever waits for albums, people or jobs has to know first how it was before.
        await settle(hass)
        await look(hass, still_clock)
        assert not messages(hass)

    yield _begin
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)
    assert not complaints(caplog)


async def look(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the next look come, and what it found be told."""
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, seconds=1)


def messages(hass: HomeAssistant) -> list[str]:
    """Return what the automations have said."""
    kept = hass.data.get(persistent_notification.DOMAIN) or {}
    return [each["message"].strip() for each in kept.values() if each["title"] != "New devices found"]


def photo(immich: FakeImmich, name: str = "new.jpg", owner: str = "admin", **more: Any) -> Asset:
    """Add a photo that is ready to be looked at."""
    return immich.state.add_asset(
        immich.state.users[tiny(owner)],
        name,
        **{"taken": TAKEN, "thumbhash": THUMBHASH, "processed": True, **more},
    )


def person(immich: FakeImmich, name: str) -> Person:
    """Let Immich know a person."""
    state, now = immich.state, immich.state.now()
    each = Person(id=state.new_id(), owner_id=tiny("admin"), created_at=now, updated_at=now, name=name)
    state.people[each.id] = each
    state.add_face(state.assets[tiny("rome.jpg")], each, (1, 1, 4, 4))
    return each


def album(immich: FakeImmich, name: str) -> Album:
    """Return an album by its name."""
    (found,) = (each for each in immich.state.albums.values() if each.name == name)
    return found


def put(immich: FakeImmich, into: Album, each: Asset) -> None:
    """Put something into an album, as somebody does in Immich."""
    immich.state.put_in_album(into, each.id)
    into.updated_at = immich.state.now()


def test_every_automation_of_the_page_is_run_here() -> None:
    """An example that nobody tries is soon wrong."""
    code = Path(__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'begin\("([^"]+)"\)', code)) == set(examples())


async def test_somebody_adds_to_our_album(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, begin: Begin
) -> None:
    family = immich.state.add_album(
        immich.state.users[tiny("user")], "Family", members={tiny("admin"): Role.EDITOR}
    )
    await begin("Somebody added to our album")
    put(immich, family, photo(immich, "cat.jpg", owner="user"))
    put(immich, album(immich, "Holiday"), photo(immich, "dog.jpg"))
    await look(hass, still_clock)

    assert messages(hass) == ["User added cat.jpg"]


async def test_new_videos(
    hass: HomeAssistant,
    still_clock: FrozenDateTimeFactory,
    immich: FakeImmich,
    begin: Begin,
    account: MockConfigEntry,
) -> None:
    """Not photos, and not what was missed."""
    await begin("New videos")
    photo(immich)
    photo(immich, "dance.mp4", type=AssetType.VIDEO, mime_type="video/mp4", duration=12_300)
    await look(hass, still_clock)
    assert messages(hass) == ["New: dance.mp4, 12 seconds"]

    await immich.stop()
    await look(hass, still_clock)
    photo(immich, "late.mp4", type=AssetType.VIDEO, mime_type="video/mp4", duration=1000)
    await immich.start()
    await look(hass, still_clock)
    assert len(messages(hass)) == 1


async def test_children_for_grandparents(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, begin: Begin
) -> None:
    mia = person(immich, "Mia")
    person(immich, "Ben")
    await begin("Grandparents see the children")
    new, other = photo(immich), photo(immich, "other.jpg")
    immich.state.add_face(new, mia, (1, 1, 4, 4))
    immich.state.add_face(other, immich.state.people[tiny("person Alice")], (1, 1, 4, 4))
    await look(hass, still_clock)
    await look(hass, still_clock)

    assert set(album(immich, "For Grandma").assets) == {new.id}


async def test_memories_in_the_morning(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, begin: Begin
) -> None:
    await begin("Memories in the morning")
    photo(immich, "old.jpg", taken=datetime(2020, 11, 25, 12, tzinfo=UTC))
    still_clock.move_to(datetime(2026, 11, 25, 0, 0, 5, tzinfo=UTC))
    immich.state.clock.reset()
    make_memories(immich.state)
    await let_pass(hass, still_clock, seconds=30)
    await let_pass(hass, still_clock, seconds=1)

    assert messages(hass) == ["1 memories today"]


async def test_thumbnails_fail(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, begin: Begin
) -> None:
    """Jobs of other queues don't count."""
    await begin("Thumbnails fail")
    immich.state.queues["thumbnailGeneration"].failed += 3
    immich.state.queues["faceDetection"].failed += 2
    await look(hass, still_clock)

    assert messages(hass) == ["3 thumbnails could not be made"]


async def test_count_what_arrives(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, begin: Begin
) -> None:
    await begin("Count what arrives")
    photo(immich, "a.jpg")
    photo(immich, "b.jpg")
    await look(hass, still_clock)

    assert messages(hass) == ["2 more in Immich"]


async def test_five_stars(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, begin: Begin
) -> None:
    """One that has just become the best; neither another one, nor many at once."""
    await begin("Five stars into the best")
    best, good = immich.state.assets[tiny("memory.jpg")], immich.state.assets[tiny("live.jpg")]
    for each, rating in ((good, 4), (best, 5)):
        immich.state.update_exif(each, rating=rating)
        immich.state.update_asset(each)
        await look(hass, still_clock)
    assert set(album(immich, "Best of").assets) == {best.id}

    for name in ("vienna.jpg", "rome.jpg"):
        immich.state.update_asset(immich.state.assets[tiny(name)], is_favorite=True)
    await look(hass, still_clock)
    assert set(album(immich, "Best of").assets) == {best.id}


async def test_diary_of_the_trash(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, begin: Begin
) -> None:
    await begin("Diary of the trash")
    each = immich.state.assets[tiny("memory.jpg")]
    immich.state.update_asset(each, trashed_at=immich.state.now())
    await look(hass, still_clock)
    immich.state.update_asset(each, trashed_at=None)
    await look(hass, still_clock)
    immich.state.remove_asset(each.id)
    for _ in range(3):
        await look(hass, still_clock)

    assert messages(hass) == ["1 into the trash", "1 back from the trash", "1 gone for good"]


async def test_albums_come_and_go(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, begin: Begin
) -> None:
    await begin("Albums come and go")
    summer = immich.state.add_album(immich.state.users[tiny("admin")], "Summer")
    await look(hass, still_clock)
    summer.name, summer.updated_at = "Winter", immich.state.now()
    await look(hass, still_clock)
    immich.state.remove_album(summer.id)
    await look(hass, still_clock)

    assert messages(hass) == ["Summer: created", "Winter: updated", "Winter: deleted"]


async def test_somebody_was_recognized(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, begin: Begin
) -> None:
    await begin("Somebody was recognized")
    new = photo(immich)
    await look(hass, still_clock)
    immich.state.add_face(new, immich.state.people[tiny("person Alice")], (1, 1, 4, 4))
    await look(hass, still_clock)

    assert messages(hass) == ["Alice is on 1 new photos"]
