"""Searching in folders: by what pictures show, and by what is written about them where the server can't see."""

from datetime import UTC, datetime

import pytest

from tests.fake_immich.faults import Drop, Status
from tests.fake_immich.libraries import scale
from tests.fake_immich.models import Visibility

from .browsing import (
    UNKNOWN,
    BrowseAt,
    Browsing,
    browse_at_fixture,
    browsing_each_fixture,
    browsing_fixture,
    id_of,
)

__all__ = ["browse_at_fixture", "browsing_each_fixture", "browsing_fixture"]


def ids(*names: str) -> list[str]:
    """Return the ids of photos of the tiny library."""
    return [id_of(f"{name}.jpg") for name in names]


def blind(browsing: Browsing) -> None:
    """Switch machine learning off."""
    browsing.immich.state.settings.smart_search = False


async def test_by_what_pictures_show(browsing_each: Browsing) -> None:
    """The best first, in Home Assistant's language; two requests."""
    browsing = browsing_each
    assert (await browsing.search("", "party"))[0] == id_of("party.jpg")
    assert browsing.immich.requests.by_route() == {"GET server/features": 1, "POST search/smart": 1}
    (asked,) = browsing.immich.requests.matching("POST search/smart")
    assert (asked.json["query"], asked.json["language"], asked.json["size"]) == ("party", "en", 200)
    assert asked.json["visibility"] == "timeline"


@pytest.mark.parametrize(
    ("version", "seeing"), [("1.144.1", True), ("2.7.5", False), ("3.1.0", True), ("3.1.0", False)]
)
async def test_within_a_folder(browse_at: BrowseAt, version: str, seeing: bool) -> None:
    """Nothing that isn't in the folder is found, and everything in it that fits."""
    browsing = await browse_at(version)
    state = browsing.immich.state
    state.remove_asset(id_of("memory.jpg"))
    for asset in state.assets.values():
        asset.exif.description = "A word"
    if not seeing:
        blind(browsing)
    for path, found in {
        "favorites": ids("party", "rome"),
        "archive": ids("archived"),
        "videos": [id_of("film.mp4")],
        f"albums/{id_of('holiday')}": ids("vienna", "rome", "paris"),
        f"albums/{id_of('holiday')}/2023": ids("paris"),
        f"people/{id_of('person Alice')}": ids("vienna", "rome"),
        f"tags/{id_of('tag trips/sea')}": ids("rome"),
        "places/Italy": ids("rome"),
        "places/Austria/Vienna": ids("vienna"),
        "timeline/2022": ids("vienna", "rome"),
        "timeline/2022/08": ids("rome"),
        "unsorted": [id_of("film.mp4"), *ids("live")],
    }.items():
        assert set(await browsing.search(path, "word")) == set(found), path


async def test_by_what_is_written(browsing_each: Browsing) -> None:
    """Without machine learning: file names, descriptions, text, people and cities, the latest first."""
    browsing = browsing_each
    blind(browsing)
    state = browsing.immich.state
    state.assets[id_of("paris.jpg")].exif.description = "What a wonderful day"
    state.assets[id_of("party.jpg")].ocr = [{"text": "Exit"}]
    knows_text = browsing.immich.dialect.version.at_least("2.2.0")
    for words, found in {
        "VIENNA.J": ids("vienna"),
        "wonderful": ids("paris"),
        "exit": ids("party") if knows_text else [],
        "alice": ids("rome", "vienna"),
        "bob": [],
        "rom": ids("rome"),
        "paris": ids("paris"),
        "nothing of that": [],
    }.items():
        assert await browsing.search("", words) == found, words
    assert browsing.immich.requests.count("POST search/smart") == 0


@pytest.mark.parametrize(
    "fault",
    [Status(400, message="Smart search is not enabled"), Status(500, message="Internal server error")],
    ids=["just switched off", "doesn't answer"],
)
async def test_machine_learning_out_of_order(browsing: Browsing, fault: Status) -> None:
    """What is written is searched where looking fails."""
    browsing.immich.faults.add("POST search/smart", fault)
    assert await browsing.search("", "rome") == ids("rome")


async def test_no_server_at_all(browsing: Browsing) -> None:
    """An error is an error, not an empty result."""
    browsing.immich.faults.add("*", Drop())
    assert (await browsing.refused("search/rome"))[0] == "cannot_connect"


@pytest.mark.parametrize("version", ["1.144.1", "3.1.0"])
async def test_others_photos_of_an_album(browse_at: BrowseAt, version: str) -> None:
    """By what is written, other people's photos of a shared album are found as well."""
    browsing = await browse_at(version)
    blind(browsing)
    assert await browsing.search(f"albums/{id_of('theirs')}", "user2") == ids("user2")


async def test_within_a_person(browsing: Browsing) -> None:
    """Another person's name finds the pictures of both."""
    blind(browsing)
    browsing.immich.state.people[id_of("person ")].name = "Carla"
    alice = f"people/{id_of('person Alice')}"
    assert await browsing.search(alice, "carla") == ids("vienna")
    assert await browsing.search("", "carla") == [*ids("party", "paris"), *ids("vienna")]


async def test_within_a_city(browsing: Browsing) -> None:
    """In a city, names of cities are no words to look for."""
    blind(browsing)
    assert await browsing.search("places/Italy/Rome", "par") == []
    assert browsing.immich.requests.count("GET search/suggestions") == 0


@pytest.mark.parametrize("seeing", [True, False])
async def test_bounded(browse_at: BrowseAt, seeing: bool) -> None:
    """200 results at the most, and a dozen requests."""
    browsing = await browse_at(key="scale-key", library=scale(1000))
    if not seeing:
        blind(browsing)
    found = await browsing.search("", "DSC" if seeing else "D")
    assert len(found) == len(set(found)) == 200
    assert browsing.immich.requests.count() <= 16
    if not seeing:
        state = browsing.immich.state
        shown = [each.id for each in state.assets_by_date() if each.visibility is Visibility.TIMELINE]
        assert found == shown[:200]


@pytest.mark.parametrize("seeing", [True, False])
async def test_a_search_kept_as_a_folder(browsing_each: Browsing, seeing: bool) -> None:
    """It costs three requests at the most, and none within a minute; without sight it looks at names of files."""
    browsing = browsing_each
    if not seeing:
        blind(browsing)
    opened = await browsing.open("search/rome%2Ejpg")
    assert opened.title == "Search: rome.jpg"
    assert opened.can_search
    assert (await browsing.assets("search/rome%2Ejpg"))[0] == id_of("rome.jpg")
    before = browsing.immich.requests.count()
    await browsing.open("search/rome%2Ejpg", most_requests=0)
    assert before <= 3


async def test_folders_that_are_gone(browsing: Browsing) -> None:
    """What can't be opened can't be searched."""
    for path in (f"albums/{UNKNOWN}", f"people/{UNKNOWN}", "search", "search/a/b"):
        assert (await browsing.refused(path))[0] in ("not_found", "folder_unknown")


async def test_the_latest_first(browsing: Browsing) -> None:
    """What is found by words comes in the order of taking."""
    blind(browsing)
    owner = browsing.immich.state.users[id_of("admin")]
    newer = browsing.immich.state.add_asset(owner, "rome 2.jpg", taken=datetime(2024, 5, 5, tzinfo=UTC))
    assert await browsing.search("", "rome") == [newer.id, *ids("rome")]
