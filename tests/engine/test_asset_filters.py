"""The filters that say which photos, from what people write to what Immich is asked."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
import voluptuous as vol

from custom_components.immich_plus.asset_filters import FILTERS, day, names, when
from tests.fake_immich.models import Partner
from tests.searching import UNKNOWN, VERSIONS, CallAt, Calling, call_at_fixture, call_fixture, id_of  # noqa: F401

VIENNA_DAY = ["2022-03-31T22:00:00.000Z", "2022-04-01T21:59:59.999Z"]


@pytest.fixture(autouse=True)
async def _in_vienna(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("Europe/Vienna")


@pytest.mark.parametrize(
    ("filters", "body"),
    [
        ({}, {}),
        ({"albums": "holiday"}, {"albumIds": [id_of("holiday")]}),
        ({"albums": id_of("holiday").upper()}, {"albumIds": [id_of("holiday")]}),
        ({"people": " ALICE "}, {"personIds": [id_of("person Alice")]}),
        ({"people": ["bob", ""]}, {"personIds": [id_of("person Bob")]}),
        ({"people": id_of("person ")}, {"personIds": [id_of("person ")]}),
        ({"tags": "Trips/Sea"}, {"tagIds": [id_of("tag trips/sea")]}),
        ({"tags": "/sea/"}, {"tagIds": [id_of("tag trips/sea")]}),
        ({"tags": id_of("tag trips")}, {"tagIds": [id_of("tag trips")]}),
        ({"city": "vienna"}, {"city": "Vienna"}),
        ({"state": "île-de-france"}, {"state": "Île-de-France"}),
        ({"country": ["ITALY", " "]}, {"country": "Italy"}),
        ({"type": "video"}, {"type": "VIDEO"}),
        ({"favorite": "yes"}, {"isFavorite": True}),
        ({"favorite": False}, {"isFavorite": False}),
        ({"visibility": "archive"}, {"visibility": "archive"}),
        ({"in_album": False}, {"isNotInAlbum": True}),
        ({"rating": "4"}, {"rating": 4}),
        ({"make": "samplecam"}, {"make": "SampleCam"}),
        ({"model": "s1"}, {"model": "S1"}),
        ({"lens_model": "35MM f2"}, {"lensModel": "35mm F2"}),
        ({"filename": "vien"}, {"originalFileName": "vien"}),
        ({"description": "sun"}, {"description": "sun"}),
        ({"ocr": "menu"}, {"ocr": "menu"}),
        ({"taken_after": "2022-04-01"}, {"takenAfter": VIENNA_DAY[0]}),
        ({"taken_before": "2022-04-02"}, {"takenBefore": VIENNA_DAY[1]}),
        ({"added_after": "2022-04-01"}, {"createdAfter": VIENNA_DAY[0]}),
        ({"added_before": "2022-04-02"}, {"createdBefore": VIENNA_DAY[1]}),
        ({"updated_after": "2022-04-01"}, {"updatedAfter": VIENNA_DAY[0]}),
        ({"updated_before": "2022-04-02"}, {"updatedBefore": VIENNA_DAY[1]}),
        ({"trashed_after": "2022-04-01"}, {"trashedAfter": VIENNA_DAY[0]}),
        ({"trashed_before": "2022-04-02"}, {"trashedBefore": VIENNA_DAY[1]}),
        ({"trashed": True}, {"trashedAfter": "1970-01-01T00:00:00.000Z"}),
        (
            {"people": ["Alice", "Bob"], "people_match": "all"},
            {"personIds": [id_of("person Alice"), id_of("person Bob")]},
        ),
        (
            {"tags": ["trips", "sea", "TRIPS"], "tags_match": "all"},
            {"tagIds": [id_of("tag trips"), id_of("tag trips/sea")]},
        ),
        (
            {"city": "rome", "country": "italy", "favorite": True},
            {"city": "Rome", "country": "Italy", "isFavorite": True},
        ),
    ],
)
async def test_what_immich_is_asked(call: Calling, filters: dict[str, Any], body: dict[str, Any]) -> None:
    """Each filter is sent as Immich wants it, names in any letter case and ids included."""
    assert await call.sent(**filters) == [body]


@pytest.mark.parametrize(
    ("filters", "bodies"),
    [
        (
            {"people": ["Alice", "Bob"]},
            [{"personIds": [id_of(f"person {name}")]} for name in ("Alice", "Bob")],
        ),
        (
            {"tags": ["trips", "trips/sea"], "tags_match": "any"},
            [{"tagIds": [id_of("tag trips")]}, {"tagIds": [id_of("tag trips/sea")]}],
        ),
        (
            {"albums": ["Holiday", "Empty"]},
            [{"albumIds": [id_of("holiday")]}, {"albumIds": [id_of("empty")]}],
        ),
        ({"city": ["Rome", "Vienna"]}, [{"city": "Rome"}, {"city": "Vienna"}]),
        (
            {"city": "Rome", "country": "Austria", "places_match": "any"},
            [{"city": "Rome"}, {"country": "Austria"}],
        ),
        (
            {"people": "Alice", "exclude_tags": "sea"},
            [
                {"personIds": [id_of("person Alice")]},
                {"personIds": [id_of("person Alice")], "tagIds": [id_of("tag trips/sea")]},
            ],
        ),
        ({"exclude_albums": "Holiday"}, [{}, {"albumIds": [id_of("holiday")]}]),
        ({"exclude_people": "bob"}, [{}, {"personIds": [id_of("person Bob")]}]),
        ({"exclude_country": "italy"}, [{}, {"country": "Italy"}]),
        ({"exclude_city": "nowhere"}, [{}, {"city": "nowhere"}]),
        ({"in_album": True}, [{}, {"isNotInAlbum": True}]),
    ],
)
async def test_what_takes_several_searches(
    call: Calling, filters: dict[str, Any], bodies: list[dict[str, Any]]
) -> None:
    """Any of several, and exclusions, are searches of their own."""
    sent = await call.sent(**filters)
    assert sorted(map(str, {str(body): body for body in sent}.values())) == sorted(map(str, bodies))


FOUND: list[tuple[dict[str, Any], list[str]]] = [
    ({"people": ["alice", "bob"]}, ["party", "rome", "vienna"]),
    ({"people": [id_of("person "), "alice"], "people_match": "all"}, ["vienna"]),
    ({"people": id_of("person "), "exclude_people": "alice"}, ["party", "paris"]),
    ({"tags": "trips"}, ["rome", "vienna"]),
    ({"tags": "trips", "exclude_tags": "trips/sea"}, ["vienna"]),
    ({"albums": ["Holiday", id_of("twice 2")]}, ["party", "paris", "rome", "vienna"]),
    ({"albums": ["Holiday", id_of("twice 2")], "albums_match": "all"}, []),
    ({"albums": "From the user"}, ["user2", "user1"]),
    ({"country": ["Italy", "France"], "exclude_city": "Rome"}, ["paris"]),
    ({"city": "Rome", "country": "France", "places_match": "any"}, ["paris", "rome"]),
    ({"in_album": True}, ["party", "paris", "rome", "vienna"]),
    ({"in_album": False, "type": "image", "taken_after": "2025-01"}, ["live"]),
    ({"taken_after": "2022-04-01", "taken_before": "2022-08-16", "order": "oldest"}, ["vienna", "rome"]),
    ({"taken_before": "2022-04-01", "visibility": "any"}, ["archived"]),
    ({"visibility": "archive"}, ["archived"]),
    ({"visibility": "any", "taken_after": "2025-02-02", "taken_before": "2025-02-03"}, ["live"]),
    ({"trashed": True}, ["trashed"]),
    ({"type": "video"}, ["film"]),
    ({"favorite": True}, ["party", "rome"]),
    ({"on_this_day": "1999-08-15"}, ["rome"]),
    ({"filename": "MP4"}, ["film"]),
]


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_is_found(call_at: CallAt, version: str) -> None:
    """All versions find the same."""
    call = await call_at(version)
    for filters, expected in FOUND:
        assert [name.partition(".")[0] for name in await call.found(**filters)] == expected, filters


async def test_partners(call: Calling) -> None:
    """What partners show in the timeline is found with the own, unless it isn't wanted."""
    call.immich.state.partners.append(
        Partner(shared_by_id=id_of("user"), shared_with_id=id_of("admin"), in_timeline=True)
    )
    assert "user1.jpg" in await call.found()
    assert "user1.jpg" in await call.found(with_partners=True)
    own = await call(with_partners=False)
    assert "user1.jpg" not in [asset["filename"] for asset in own["assets"]]
    assert own["total"] is None


async def test_today_is_home_assistants(
    call: Calling, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Which day "this day" is depends on Home Assistant's time zone, also where its ends are."""
    freezer.move_to("2026-08-14T22:30:00+00:00")
    assert await call.sent(on_this_day=True) == [
        {"takenAfter": "2022-08-14T22:00:00.000Z", "takenBefore": "2022-08-15T21:59:59.999Z"}
    ]
    await hass.config.async_set_time_zone("America/New_York")
    assert await call.found(on_this_day=True) == []
    assert await call.sent(on_this_day=False) == [{}]


@pytest.mark.parametrize(
    "given", ["2020-08-15", "2020-08-15 23:30", "2020-08-15T22:30:00Z", date(2020, 8, 15)]
)
async def test_a_day_of_every_year(call: Calling, given: object) -> None:
    """The day may be written as a date or as a time of it."""
    expected = [] if str(given).endswith("Z") else ["rome.jpg"]
    assert await call.found(on_this_day=given) == expected


async def test_a_leap_day(call: Calling) -> None:
    """29 February is only in the years that have one."""
    state = call.immich.state
    for number, moment in enumerate(
        (datetime(2024, 2, 29, 12, tzinfo=UTC), datetime(2023, 3, 1, 12, tzinfo=UTC))
    ):
        state.add_asset(state.users[id_of("admin")], f"leap{number}.jpg", taken=moment)
    assert await call.found(on_this_day="2024-02-29") == ["leap0.jpg"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-11-21", "2026-11-20T23:00:00.000Z"),
        (date(2026, 11, 21), "2026-11-20T23:00:00.000Z"),
        ("20261121", "2026-11-20T23:00:00.000Z"),
        ("2026-11", "2026-10-31T23:00:00.000Z"),
        ("2026-11-21 14:00", "2026-11-21T13:00:00.000Z"),
        (" 2026-11-21 14:00:05 ", "2026-11-21T13:00:05.000Z"),
        (datetime(2026, 11, 21, 14, 0), "2026-11-21T13:00:00.000Z"),  # noqa: DTZ001 (as YAML gives it)
        ("2026-11-21T14:00:00Z", "2026-11-21T14:00:00.000Z"),
        ("2026-11-21T14:00:00.5-05:00", "2026-11-21T19:00:00.500Z"),
        ("2026-11-21 14:00:00+09:30", "2026-11-21T04:30:00.000Z"),
        (datetime(2026, 11, 21, 14, tzinfo=timezone(timedelta(hours=9))), "2026-11-21T05:00:00.000Z"),
        # The days on which clocks change are 23 and 25 hours long.
        ("2026-03-29", "2026-03-28T23:00:00.000Z"),
        ("2026-03-30", "2026-03-29T22:00:00.000Z"),
        ("2026-10-25", "2026-10-24T22:00:00.000Z"),
        ("2026-10-26", "2026-10-25T23:00:00.000Z"),
        # A time that there is not, as clocks go forward, and one that there is twice.
        ("2026-03-29 02:30", "2026-03-29T01:30:00.000Z"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00.000Z"),
        ("0002-01-01T00:00Z", "0002-01-01T00:00:00.000Z"),
    ],
)
async def test_times_as_people_write_them(call: Calling, given: object, sent: str) -> None:
    """Without a zone it is Home Assistant's."""
    assert await call.sent(taken_after=given) == [{"takenAfter": sent}]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-11-21", "2026-11-20T22:59:59.999Z"),
        (date(2026, 11, 21), "2026-11-20T22:59:59.999Z"),
        ("2026-11", "2026-10-31T22:59:59.999Z"),
        ("2026-10-26", "2026-10-25T22:59:59.999Z"),
        ("2026-11-21 00:00", "2026-11-20T23:00:00.000Z"),
        ("2026-11-21 14:00", "2026-11-21T13:00:00.000Z"),
    ],
)
async def test_before_a_day_leaves_the_day_out(call: Calling, given: object, sent: str) -> None:
    """A moment is itself included, as Immich includes it; a day is not."""
    assert await call.sent(taken_before=given) == [{"takenBefore": sent}]


@pytest.mark.parametrize("kind", ["taken", "added", "updated", "trashed"])
@pytest.mark.parametrize(
    ("after", "before"),
    [
        ("2026-11-22", "2026-11-21"),
        ("2026-11-21", "2026-11-21"),
        ("2026-11-21 14:00", "2026-11-21 13:59"),
        ("2026-11-21T14:00:00Z", date(2026, 11, 21)),
    ],
)
async def test_reversed_dates(call: Calling, kind: str, after: Any, before: Any) -> None:
    """A stretch of time that ends before it begins is told; nothing is searched."""
    call.immich.requests.clear()
    key, placeholders = await call.refused(**{f"{kind}_after": after, f"{kind}_before": before})
    assert key == "dates_reversed"
    assert set(placeholders) == {"after", "before"}
    assert str(before) in placeholders["before"]
    assert call.immich.requests.count("POST search/metadata") == 0


@pytest.mark.parametrize("kind", ["taken_after", "taken_before", "trashed_after"])
@pytest.mark.parametrize("given", ["2026-11-21", "2026-11-21 00:00"])
async def test_a_single_moment_is_no_reversed_stretch(call: Calling, kind: str, given: str) -> None:
    """One end alone is enough."""
    assert len(await call.sent(**{kind: given})) == 1


@pytest.mark.parametrize(
    "given",
    [
        "",
        "yesterday",
        "21.11.2026",
        "2026-13-01",
        "2026-02-30",
        "2026-11-21 25:00",
        "14:00",
        "1732000000",
        "0001-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59Z",
        "2026-11-21" * 10_000,
        "٢٠٢٦-١١-٢١",
        None,
        True,
        5,
        1e400,
        ["2026-11-21"],
        {"date": "2026-11-21"},
    ],
)
def test_what_is_no_date(given: object) -> None:
    """Whatever it is, it is a mistake of the call's."""
    for validator in (when, day):
        with pytest.raises((vol.Invalid, ValueError)):
            vol.Schema(validator)(given)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("people", [["Alice"]]),
        ("people", {"name": "Alice"}),
        ("people", "A" * 501),
        ("people", ["Alice"] * 1001),
        ("albums", [None]),
        ("tags", [{}]),
        ("city", [[]]),
        ("exclude_city", {}),
        ("people_match", "some"),
        ("people_match", ["any"]),
        ("places_match", None),
        ("on_this_day", "sometimes"),
        ("on_this_day", []),
        ("on_this_day", None),
        ("type", "IMAGE"),
        ("type", ["image"]),
        ("favorite", "perhaps"),
        ("favorite", None),
        ("visibility", "hidden"),
        ("visibility", "locked"),
        ("visibility", {}),
        ("trashed", "x"),
        ("in_album", []),
        ("with_partners", ""),
        ("rating", 0),
        ("rating", 6),
        ("rating", "five"),
        ("rating", 4.5),
        ("rating", 10**400),
        ("rating", float("inf")),
        ("rating", float("nan")),
        ("rating", [5]),
        ("rating", None),
        ("make", ["Canon"]),
        ("make", "x" * 1001),
        ("filename", {}),
        ("description", None),
        ("ocr", ["menu"]),
        ("page_size", 0),
        ("page_size", 1001),
        ("page_size", float("inf")),
        ("page_size", [1]),
        ("cursor", ["1"]),
        ("order", "random"),
        ("order", []),
        ("surprise", 1),
    ],
)
async def test_what_no_filter_takes(call: Calling, field: str, given: Any) -> None:
    """Wrong types and values are refused before the server is asked."""
    call.immich.requests.clear()
    with pytest.raises(vol.Invalid):
        await call(**{field: given})
    assert call.immich.requests.count() == 0


async def test_blanks_say_nothing(call: Calling) -> None:
    """Blank names and texts, as from empty input fields, don't filter."""
    blank = dict.fromkeys(("make", "model", "lens_model", "filename", "description", "ocr"), "")
    lists = {each: ["", " "] for each in ("people", "albums", "tags", "city", "exclude_people")}
    nothing: dict[str, Any] = {"state": None, "country": []}
    assert await call.sent(**blank, **lists, **nothing) == [{}]
    assert names(None) == names([]) == names("  ") == []
    assert names([" a ", 5]) == ["a", "5"]


@pytest.mark.parametrize(
    ("version", "refused"), [("1.137.3", True), ("1.144.1", True), ("2.7.5", False), ("3.3.5", False)]
)
async def test_text_in_pictures(call_at: CallAt, version: str, refused: bool) -> None:
    """Versions before 2.2 would find everything instead: it is told that they can't."""
    call = await call_at(version)
    call.asset("rome.jpg").ocr.append({"text": "Gelato MENU"})
    for action in ("search_assets", "get_random_assets"):
        call.immich.requests.clear()
        if refused:
            assert (await call.refused(action, ocr="menu"))[0] == "route_missing"
            assert call.immich.requests.count("POST search/*") == 0
        else:
            assert await call.found(action, ocr="menu") == ["rome.jpg"]


@pytest.mark.parametrize(
    "where",
    [{"visibility": "archive"}, {"visibility": "any"}, {"trashed": True}, {"albums": "From the user"}],
)
async def test_names_that_the_timeline_has_not(call: Calling, where: dict[str, Any]) -> None:
    """The archive, the trash and other people's albums have places and cameras of their own."""
    wanted = {"city": "Lisbon", "make": "OldCam", "lens_model": "50mm"}
    sent = await call.sent(**where, **wanted)
    assert all(body["city"] == "Lisbon" and body["make"] == "OldCam" for body in sent)
    for name, value in wanted.items():
        key, placeholders = await call.refused(**{name: value})
        assert (key, placeholders["name"]) == ("name_unknown", value)


async def test_several_spellings_of_one_name(call: Calling) -> None:
    """All spellings of a place are meant; of a camera the one as written, else the first."""
    call.asset("vienna.jpg").exif.city = "ROME"
    call.asset("paris.jpg").exif.make = "SAMPLECAM"
    assert await call.found(city="rome") == ["rome.jpg", "vienna.jpg"]
    assert await call.found(make="SAMPLECAM") == ["paris.jpg"]
    assert await call.sent(make="samplecam") == [{"make": "SAMPLECAM"}]


@pytest.mark.parametrize("version", ["1.137.3", "1.144.1"])
async def test_lenses_before_they_are_told(call_at: CallAt, version: str) -> None:
    """Versions that don't tell lenses get the name as it was written."""
    call = await call_at(version)
    assert await call.sent(lens_model=" 35mm F2 ") == [{"lensModel": "35mm F2"}]
    assert await call.sent(lens_model="35MM") == [{"lensModel": "35MM"}]


async def test_too_much_for_one_question(call: Calling) -> None:
    """What would take too many searches says so, and makes none."""
    cities = [f"city {number}" for number in range(12)]
    call.immich.requests.clear()
    key, placeholders = await call.refused(
        visibility="archive", city=cities, country=[f"country {number}" for number in range(12)]
    )
    assert key == "refused"
    assert "144" in placeholders["reason"]
    assert call.immich.requests.count("POST search/*") == 0


async def test_nothing_of_a_search_is_logged(call: Calling, log_of: Callable[[], list[str]]) -> None:
    """Names, places and words stay out of the log."""
    await call(people="alice", city="vienna", description="secret")
    await call.refused(people="Alicia")
    assert log_of() == []


def test_every_filter_of_the_public_face() -> None:
    """The names that automations use."""
    chosen = ("albums", "people", "tags")
    places = ("city", "state", "country")
    assert {str(marker) for marker in FILTERS} == {
        *chosen, *places, *(f"exclude_{each}" for each in (*chosen, *places)),
        *(f"{each}_match" for each in (*chosen, "places")),
        *(f"{each}_{end}" for each in ("taken", "added", "updated", "trashed") for end in ("after", "before")),
        "on_this_day", "type", "favorite", "visibility", "trashed", "in_album", "with_partners", "rating",
        "make", "model", "lens_model", "filename", "description", "ocr",
    }  # fmt: skip


async def test_an_unknown_account(call: Calling) -> None:
    """An account that there is not is Home Assistant's own error, not ours."""
    call.immich.requests.clear()
    with pytest.raises(Exception, match=UNKNOWN):
        await call(config_entry_id=UNKNOWN)
    assert call.immich.requests.count() == 0
