"""Triggers: what they hear, what they run with, and how often."""

import asyncio
from dataclasses import replace

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus import trigger
from custom_components.immich_plus.news.news import GoneAlbum, News, NewsType
from tests.fake_immich.ids import stable_id

from .triggering import added, asset_of, attach, copies, folder, into_album, news_of, recognized, send, tell

HOLIDAY = stable_id("tiny holiday")
ALICE = stable_id("tiny person Alice")


async def test_asset_added(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """It runs once for each asset, with all that is known of it."""
    runs = await attach(hass, "asset_added")
    await tell(hass, account, await added(account, "vienna.jpg", "film.mp4"))
    first, second = runs.found
    assert first["asset"]["filename"] == "vienna.jpg"
    assert first["asset"]["media_content_id"] == (
        f"media-source://immich_plus/{account.unique_id}/asset/{stable_id('tiny vienna.jpg')}"
    )
    assert (second["asset"]["filename"], second["asset"]["type"]) == ("film.mp4", "video")
    assert {key: first[key] for key in ("uploader", "account", "config_entry_id", "count", "missed")} == {
        "uploader": "Admin",
        "account": "Admin",
        "config_entry_id": account.entry_id,
        "count": 2,
        "missed": False,
    }
    assert runs.of("position") == [1, 2]
    assert first["ids"] == [stable_id("tiny vienna.jpg"), stable_id("tiny film.mp4")]
    assert first["platform"] == "immich_plus.asset_added"
    assert runs.of("description") == ["vienna.jpg added to Immich", "film.mp4 added to Immich"]


async def test_other_news_is_not_meant(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """A trigger hears its own type alone, and of accounts that are there."""
    runs = await attach(hass, "asset_added")
    news = await added(account, "vienna.jpg")
    await tell(hass, account, replace(news, type=NewsType.ASSET_UPDATED))
    await tell(hass, MockConfigEntry(domain="immich_plus"), news)
    assert not runs.found
    await tell(hass, account, news)
    assert len(runs.found) == 1


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"type": "image"}, ["vienna.jpg"]),
        ({"type": "Video"}, ["film.mp4"]),
        ({}, ["vienna.jpg", "film.mp4"]),
    ],
)
async def test_type(
    hass: HomeAssistant, account: MockConfigEntry, options: dict[str, str], names: list[str]
) -> None:
    """Pictures, videos, or both."""
    runs = await attach(hass, "asset_added", **options)
    await tell(hass, account, await added(account, "vienna.jpg", "film.mp4"))
    assert runs.files() == names
    assert set(runs.of("count")) == {2}


@pytest.mark.parametrize("options", [{"include_missed": True}, {"include_missed": False}, {}])
async def test_missed(hass: HomeAssistant, account: MockConfigEntry, options: dict[str, bool]) -> None:
    """What happened while nobody listened counts, unless somebody doesn't want it."""
    runs = await attach(hass, "asset_added", **options)
    news = await added(account, "vienna.jpg")
    await tell(hass, account, replace(news, missed=True))
    assert runs.of("missed") == ([] if options.get("include_missed") is False else [True])
    await tell(hass, account, news)
    assert runs.of("missed")[-1] is False


async def test_bursts_are_bounded(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """A burst starts a bounded number of runs, one in each turn of the event loop; `count` tells of all."""
    turns = 0

    async def _count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    runs = await attach(hass, "asset_added")
    assets = copies(await asset_of(account, "vienna.jpg"), 250)
    counting = asyncio.create_task(_count_turns())
    await tell(hass, account, news_of(*assets))
    counting.cancel()
    assert len(runs.found) == trigger.MOST_RUNS
    assert turns >= trigger.MOST_RUNS - 1
    assert runs.of("position") == list(range(1, 101))
    assert set(runs.of("count")) == {250}
    assert len(runs.found[0]["ids"]) == 100


async def test_pieces_in_a_row_keep_their_order(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """What comes while others are still running waits for its turn."""
    runs = await attach(hass, "asset_added")
    assets = copies(await asset_of(account, "vienna.jpg"), 6)
    send(hass, account, news_of(*assets[:3]))
    await tell(hass, account, news_of(*assets[3:]))
    assert [each["id"] for each in runs.of("asset")] == [asset.id for asset in assets]


async def test_detached(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """Once detached, it runs no more, not even with what is due."""
    runs = await attach(hass, "asset_added")
    assets = copies(await asset_of(account, "vienna.jpg"), 6)
    send(hass, account, news_of(*assets[:3]))
    runs.detach()
    await tell(hass, account, news_of(*assets[3:]))
    assert len(runs.found) <= 1


async def test_variables_that_fail(
    hass: HomeAssistant, account: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """A template that fails for one run is told in one line, and the next run goes on."""
    template = "{{ trigger.position / (trigger.position - 1) }}"
    runs = await attach(hass, "asset_added", variables={"half": template})
    caplog.clear()
    await tell(hass, account, await added(account, "vienna.jpg", "rome.jpg"))
    assert runs.files() == ["rome.jpg"]
    records = [each for each in caplog.records if each.name == trigger.__name__]
    assert [each.exc_info for each in records] == [None]
    assert "The variables of a trigger can't be rendered" in records[0].getMessage()


@pytest.mark.parametrize("wanted", ["Holiday", "hOLIDAY", HOLIDAY, HOLIDAY.upper(), ["Empty", "Holiday"]])
async def test_album_by_name_or_id(
    hass: HomeAssistant, account: MockConfigEntry, wanted: str | list[str]
) -> None:
    """An album counts by its name in any letter case, or by its id."""
    runs = await attach(hass, "asset_added_to_album", album=wanted)
    await tell(hass, account, await into_album(account, "From the user", "user1.jpg"))
    assert not runs.found
    await tell(hass, account, await into_album(account, "Holiday", "party.jpg"))
    (run,) = runs.found
    assert (run["album"]["name"], run["album"]["id"]) == ("Holiday", HOLIDAY)
    assert run["asset"]["filename"] == "party.jpg"
    assert run["description"] == "party.jpg added to the album Holiday"


async def test_uploader_of_a_shared_album(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """Who put it in is told by name."""
    runs = await attach(hass, "asset_added_to_album", album="From the user")
    await tell(hass, account, await into_album(account, "From the user", "user1.jpg"))
    assert runs.of("uploader") == ["User"]


async def test_album_from_the_picker(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """What Home Assistant's picker gives, alone or in a list, beside names."""
    alone = await attach(hass, "asset_added_to_album", album=folder(account, "albums", HOLIDAY))
    several = await attach(hass, "asset_added_to_album", album=["No", folder(account, "albums", HOLIDAY)])
    link = folder(account, "albums", HOLIDAY)["media_content_id"]
    text = await attach(hass, "asset_added_to_album", album=link)
    await tell(hass, account, await into_album(account, "Holiday", "party.jpg"))
    assert [len(runs.found) for runs in (alone, several, text)] == [1, 1, 1]


async def test_number_as_an_album(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """YAML reads the name of an album of 2024 as a number."""
    runs = await attach(hass, "asset_added_to_album", album=2024)
    news = await into_album(account, "Holiday", "party.jpg")
    await tell(hass, account, replace(news, album=GoneAlbum("x", "2024")))
    assert runs.files() == ["party.jpg"]


@pytest.mark.parametrize("wanted", ["alice", ALICE, ["Bob", "Alice"]])
async def test_person(hass: HomeAssistant, account: MockConfigEntry, wanted: str | list[str]) -> None:
    """People count by name or id."""
    runs = await attach(hass, "person_recognized", person=wanted)
    await tell(hass, account, await recognized(account, "Carol", "rome.jpg"))
    await tell(hass, account, await recognized(account, "Alice", "party.jpg", "rome.jpg"))
    assert runs.files() == ["party.jpg", "rome.jpg"]
    assert runs.of("person") == [{"id": ALICE, "name": "Alice"}] * 2
    assert runs.of("description")[0] == "Alice recognized in party.jpg"


async def test_person_from_the_picker(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """A face that was picked."""
    runs = await attach(hass, "person_recognized", person=folder(account, "people", ALICE))
    await tell(hass, account, await recognized(account, "Alice", "party.jpg"))
    assert runs.files() == ["party.jpg"]


async def test_memories(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """One run, with one picture of the day and the ids of the others; none if they can't be told."""
    runs = await attach(hass, "memories_became_available")
    news = replace(
        await added(account, "memory.jpg", "rome.jpg"), type=NewsType.MEMORIES_BECAME_AVAILABLE, count=1
    )
    await tell(hass, account, news)
    (run,) = runs.found
    assert run["asset"]["filename"] == "memory.jpg"
    assert (run["count"], len(run["ids"]), run["account"]) == (1, 2, "Admin")
    assert run["description"] == "memories became available"
    await tell(hass, account, replace(news, assets=(), ids=()))
    assert "asset" not in runs.found[1]


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ({}, 2),
        ({"queue": "thumbnail_generation"}, 1),
        ({"queue": ["thumbnailGeneration", "sidecar"]}, 1),
        ({"queue": "Thumbnail generation"}, 1),
        ({"queue": []}, 2),
        ({"queue": "sidecar"}, 0),
    ],
)
async def test_job_failed(
    hass: HomeAssistant, account: MockConfigEntry, options: dict[str, object], number: int
) -> None:
    """Failures of all queues, or of those that were chosen by Immich's name or by ours."""
    runs = await attach(hass, "job_failed", **options)
    for queue in ("thumbnailGeneration", "ocr"):
        await tell(hass, account, News(type=NewsType.JOB_FAILED, count=3, queue=queue))
    assert len(runs.found) == number
    if runs.found:
        run = runs.found[0]
        assert (run["queue"], run["count"], run["missed"], run["account"]) == (
            "thumbnail_generation",
            3,
            False,
            "Admin",
        )
        assert run["description"] == "failed jobs: thumbnail generation"
