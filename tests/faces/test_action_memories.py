"""The action `get_memories`."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
import voluptuous as vol

from tests.fake_immich.faults import Change
from tests.fake_immich.models import Memory
from tests.searching import CallAt, Calling, call_at_fixture, call_fixture, id_of  # noqa: F401

ACTION = "get_memories"
# The way to write a day changed between 3.0.2 and 3.0.3.
DIALECTS = {
    "1.137.3": "2026-08-15T00:00:00.000Z",
    "1.144.1": "2026-08-15T00:00:00.000Z",
    "2.7.5": "2026-08-15T00:00:00.000Z",
    "3.0.2": "2026-08-15T00:00:00.000Z",
    "3.0.3": "2026-08-15",
    "3.1.0": "2026-08-15",
    "3.3.5": "2026-08-15",
}


def _remember(call: Calling, day: date, year: int, *names: str, **more: Any) -> Memory:
    """Let the server look back on a day at what was in a year."""
    state = call.immich.state
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    memory = Memory(
        id=state.new_id(),
        owner_id=id_of("admin"),
        memory_at=start.replace(year=year),
        created_at=state.now(),
        updated_at=state.now(),
        data={"year": year},
        asset_ids=[id_of(name) for name in names],
        show_at=start,
        hide_at=start + timedelta(days=1, milliseconds=-1),
        **more,
    )
    state.memories[memory.id] = memory
    return memory


@pytest.mark.parametrize("version", DIALECTS)
async def test_a_day(call_at: CallAt, version: str) -> None:
    """The memories of a day, the latest year first, on every version."""
    call = await call_at(version)
    day = date(2026, 8, 15)
    older = _remember(call, day, 2021, "party.jpg", "film.mp4", is_saved=True)
    newer = _remember(call, day, 2022, "rome.jpg")
    _remember(call, date(2026, 8, 16), 2020, "vienna.jpg")
    call.immich.requests.clear()
    response = await call(ACTION, date="2026-08-15")
    (asked,) = call.immich.requests.matching("GET memories")
    assert asked.query["for"] == DIALECTS[version]
    assert response["date"] == "2026-08-15"
    told = [{key: value for key, value in each.items() if key != "assets"} for each in response["memories"]]
    assert told == [
        {"id": newer.id, "type": "on_this_day", "year": 2022, "years_ago": 4, "saved": False},
        {"id": older.id, "type": "on_this_day", "year": 2021, "years_ago": 5, "saved": True},
    ]
    names = [[asset["filename"] for asset in each["assets"]] for each in response["memories"]]
    assert names == [["rome.jpg"], ["party.jpg", "film.mp4"]]
    (rome,) = response["memories"][0]["assets"]
    assert rome["media_content_id"].endswith(f"/asset/{id_of('rome.jpg')}")
    assert rome["favorite"] is True


@pytest.mark.parametrize(
    ("zone", "now", "today"),
    [
        ("Europe/Vienna", "2026-08-14T23:30:00+00:00", "2026-08-15"),
        ("Pacific/Kiritimati", "2026-08-14T10:30:00+00:00", "2026-08-15"),
        ("UTC", "2026-08-14T23:30:00+00:00", "2026-08-14"),
        ("America/New_York", "2026-08-15T03:30:00+00:00", "2026-08-14"),
    ],
)
async def test_today_is_home_assistants(
    hass: HomeAssistant, call: Calling, freezer: FrozenDateTimeFactory, zone: str, now: str, today: str
) -> None:
    """Neither the server's clock nor UTC decides which day it is."""
    await hass.config.async_set_time_zone(zone)
    for day in (14, 15):
        _remember(call, date(2026, 8, day), 2000 + day, "rome.jpg")
    freezer.move_to(now)
    response = await call(ACTION)
    assert response["date"] == today
    assert [memory["year"] for memory in response["memories"]] == [2000 + int(today[-2:])]


@pytest.mark.parametrize(
    "given",
    [
        "2026-08-15",
        " 2026-08-15 ",
        date(2026, 8, 15),
        "2026-08-15 23:59",
        datetime(2026, 8, 15, 23, 59),  # noqa: DTZ001 (as YAML gives it)
        "2026-08-14T22:30:00Z",
        datetime(2026, 8, 14, 22, 30, tzinfo=UTC),
    ],
)
async def test_days_as_people_write_them(hass: HomeAssistant, call: Calling, given: object) -> None:
    """A date, or a time of the day in Home Assistant's zone."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    _remember(call, date(2026, 8, 15), 2022, "rome.jpg")
    response = await call(ACTION, date=given)
    assert (response["date"], len(response["memories"])) == ("2026-08-15", 1)


async def test_a_day_without_memories(call: Calling) -> None:
    """Other days have none, and that is no error."""
    assert await call(ACTION, date="1999-01-01") == {"date": "1999-01-01", "memories": []}


async def test_what_lies_in_the_trash_is_no_memory(call: Calling) -> None:
    """A memory without anything to show is left out."""
    _remember(call, date(2026, 8, 15), 2021, "trashed.jpg")
    _remember(call, date(2026, 8, 15), 2022, "trashed.jpg", "rome.jpg")
    (memory,) = (await call(ACTION, date="2026-08-15"))["memories"]
    assert [asset["filename"] for asset in memory["assets"]] == ["rome.jpg"]


async def test_a_memory_without_a_year(call: Calling) -> None:
    """What Immich doesn't tell is null."""
    _remember(call, date(2026, 8, 15), 2022, "rome.jpg")

    def _without_year(body: list[dict[str, Any]]) -> None:
        body[0]["data"] = {}

    call.immich.faults.add("GET memories", Change(_without_year))
    (memory,) = (await call(ACTION, date="2026-08-15"))["memories"]
    assert (memory["year"], memory["years_ago"]) == (None, None)


@pytest.mark.parametrize(
    "given", ["", "today", True, None, [], "2026-08-15" * 1000, "15.8.2026", "9999-12-31"]
)
async def test_what_is_no_day(call: Calling, given: object) -> None:
    """Anything else is refused before the server is asked."""
    call.immich.requests.clear()
    with pytest.raises(vol.Invalid):
        await call(ACTION, date=given)
    assert call.immich.requests.count("GET memories") == 0
