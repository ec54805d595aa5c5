"""Which searches a query takes, and what it tells about itself."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.immich_plus.api.asset import Asset, AssetType
from custom_components.immich_plus.api.errors import ImmichBadRequestError, ImmichRouteMissingError
from custom_components.immich_plus.api.parse import Json
from custom_components.immich_plus.api.query import (
    MOST_SEARCHES,
    AssetQuery,
    Choice,
    Match,
    Names,
    Shown,
    Span,
    YearlyDay,
    written,
)
from custom_components.immich_plus.api.version import ServerVersion

from .conftest import VERSIONS

OLD, NEW = ServerVersion(2, 7, 5), ServerVersion(3, 1, 0)
SHOWN: Json = {"visibility": "timeline"}
EARLY, LATE = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, 23, tzinfo=UTC)
VIENNA, AUCKLAND = ZoneInfo("Europe/Vienna"), ZoneInfo("Pacific/Auckland")
TWO, THREE = ("a", "b"), ("x", "y", "z")


def bodies(version: ServerVersion = NEW, **filters: Any) -> list[Json]:
    """Return the searches of the timeline, without what all of them have."""
    found = AssetQuery(**filters).searches(version)
    assert all(body.pop("visibility") == "timeline" for body in found)
    return found


def span(first: str, last: str) -> Span:
    return Span(after=datetime.fromisoformat(first), before=datetime.fromisoformat(last))


@pytest.mark.parametrize(
    ("filters", "body"),
    [
        ({}, {}),
        ({"type": AssetType.VIDEO}, {"type": "VIDEO"}),
        ({"favorite": False}, {"isFavorite": False}),
        ({"favorite": True}, {"isFavorite": True}),
        ({"rating": 5}, {"rating": 5}),
        ({"make": "A"}, {"make": "A"}),
        ({"model": "A"}, {"model": "A"}),
        ({"lens_model": "A"}, {"lensModel": "A"}),
        ({"filename": "A"}, {"originalFileName": "A"}),
        ({"description": "A"}, {"description": "A"}),
        ({"in_album": False}, {"isNotInAlbum": True}),
        ({"in_album": True}, {}),
        ({"with_partners": False}, {}),
        ({"taken": Span(after=EARLY)}, {"takenAfter": "2024-01-01T00:00:00.000Z"}),
        ({"taken": Span(before=LATE)}, {"takenBefore": "2024-12-31T23:00:00.000Z"}),
        (
            {"added": Span(after=EARLY, before=LATE)},
            {"createdAfter": "2024-01-01T00:00:00.000Z", "createdBefore": "2024-12-31T23:00:00.000Z"},
        ),
        ({"updated": Span(after=EARLY)}, {"updatedAfter": "2024-01-01T00:00:00.000Z"}),
        ({"trashed": True}, {"trashedAfter": "1970-01-01T00:00:00.000Z"}),
        (
            {"trashed": True, "trashed_span": Span(before=LATE)},
            {"trashedBefore": "2024-12-31T23:00:00.000Z"},
        ),
        ({"trashed_span": Span(before=LATE)}, {}),
        ({"albums": Choice(ids=("a",))}, {"albumIds": ["a"]}),
        ({"people": Choice(ids=TWO, match=Match.ALL)}, {"personIds": ["a", "b"]}),
        ({"tags": Choice(ids=("a",), match=Match.ALL, excluded=("b",))}, {"tagIds": ["a"]}),
        ({"city": Names(names=("Rome",), excluded=("Paris",))}, {"city": "Rome"}),
        (
            {"state": Names(names=("Lazio",)), "country": Names(names=("Italy",))},
            {"state": "Lazio", "country": "Italy"},
        ),
    ],
)
def test_one_search(filters: Json, body: Json) -> None:
    """All filters in one body; exclusions aren't in it, as Immich has none."""
    assert bodies(OLD, **filters) == bodies(NEW, **filters) == [body]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("shown", list(Shown))
def test_timeline_and_archive(version: str, shown: Shown, split: bool) -> None:
    """One search covers both only from 3.0 on, and would count hidden parts."""
    parsed = ServerVersion.from_text(version)
    assert parsed is not None
    both = [{"visibility": "timeline"}, {"visibility": "archive"}]
    expected = [{"visibility": shown}] if shown is not Shown.ANY else both
    if shown is Shown.ANY and parsed.major >= 3 and not split:
        expected = [{}]
    assert AssetQuery(visibility=shown).searches(parsed, split=split) == expected


@pytest.mark.parametrize(("version", "knows"), [((2, 1, 9), False), ((2, 2, 0), True), ((3, 3, 5), True)])
def test_text_in_pictures(version: tuple[int, int, int], knows: bool) -> None:
    """An unknown filter would find everything."""
    if knows:
        assert bodies(ServerVersion(*version), ocr="exit") == [{"ocr": "exit"}]
        return
    with pytest.raises(ImmichRouteMissingError, match="text in pictures"):
        bodies(ServerVersion(*version), ocr="exit")


def test_any_of_several() -> None:
    """One search for each of them, or for each pair of two kinds."""
    assert bodies(people=Choice(ids=TWO)) == [{"personIds": ["a"]}, {"personIds": ["b"]}]
    assert bodies(people=Choice(ids=TWO), tags=Choice(ids=THREE), rating=5) == [
        {"rating": 5, "personIds": [person], "tagIds": [tag]} for person in TWO for tag in THREE
    ]
    assert bodies(people=Choice(ids=TWO), albums=Choice(ids=TWO, match=Match.ALL)) == [
        {"albumIds": ["a", "b"], "personIds": [person]} for person in TWO
    ]


def test_places_that_must_all_fit() -> None:
    filters = {"city": Names(names=("Rome", "Milan")), "country": Names(names=("Italy",))}
    assert bodies(**filters) == [
        {"city": "Rome", "country": "Italy"},
        {"city": "Milan", "country": "Italy"},
    ]


def test_places_of_which_one_is_enough() -> None:
    filters = {"city": Names(names=("Rome", "Milan")), "country": Names(names=("France",))}
    assert bodies(**filters, places_match=Match.ANY) == [
        {"city": "Rome"},
        {"city": "Milan"},
        {"country": "France"},
    ]
    assert bodies(places_match=Match.ANY) == [{}]


def test_in_an_album_and_in_none() -> None:
    """Nothing is both; asked for it, Immich would look at the album alone."""
    assert bodies(in_album=False, albums=Choice(ids=("a",))) == []


def test_days_of_all_years() -> None:
    """Each day is a search, cut to what else is said about the time."""
    days = [span("2024-05-01T00:00Z", "2024-05-02T00:00Z"), span("2023-05-01T00:00Z", "2023-05-02T00:00Z")]
    query = AssetQuery(on_this_day=YearlyDay(5, 1, UTC))
    assert query.searches(NEW, days) == [SHOWN | day.to_json("taken") for day in days]
    assert query.searches(NEW, []) == [], "no year has photos of that month"
    noon = datetime(2023, 5, 1, 12, tzinfo=UTC)
    cut = AssetQuery(on_this_day=YearlyDay(5, 1, UTC), taken=Span(before=noon))
    assert cut.searches(NEW, days) == [SHOWN | Span(after=days[1].after, before=noon).to_json("taken")]


def test_as_many_searches_as_are_made() -> None:
    ids = tuple(str(number) for number in range(MOST_SEARCHES))
    query = AssetQuery(people=Choice(ids=ids))
    assert len(query.searches(NEW)) == MOST_SEARCHES
    assert query.left_out(query.searches(NEW)) == []
    with pytest.raises(ImmichBadRequestError, match="129 searches at once, at most 128"):
        AssetQuery(people=Choice(ids=(*ids, "more"))).searches(NEW)
    with pytest.raises(ImmichBadRequestError, match="130 searches at once"):
        bodies(people=Choice(ids=ids[:65]), tags=Choice(ids=TWO))


def test_what_is_left_out_counts_as_well() -> None:
    ids = tuple(str(number) for number in range(MOST_SEARCHES // 2))
    query = AssetQuery(people=Choice(ids=ids), tags=Choice(excluded=("a",)))
    assert len(query.left_out(query.searches(NEW))) == MOST_SEARCHES // 2
    query = AssetQuery(people=Choice(ids=ids), tags=Choice(excluded=TWO))
    with pytest.raises(ImmichBadRequestError, match="192 searches at once"):
        query.left_out(query.searches(NEW))


@pytest.mark.parametrize(
    ("filters", "left_out"),
    [
        ({}, []),
        ({"tags": Choice(excluded=TWO)}, [{"tagIds": ["a"]}, {"tagIds": ["b"]}]),
        (
            {"albums": Choice(ids=("a",), excluded=("b",)), "people": Choice(excluded=("c",))},
            [{"albumIds": ["a", "b"]}, {"albumIds": ["a"], "personIds": ["c"]}],
        ),
        (
            {"people": Choice(ids=TWO, excluded=("c",))},
            [{"personIds": ["a", "c"]}, {"personIds": ["b", "c"]}],
        ),
        ({"country": Names(excluded=("Italy", "France"))}, [{"country": "Italy"}, {"country": "France"}]),
        # What lies in another city needs no leaving out, but cities of one name do.
        ({"city": Names(names=("Rome",), excluded=("Paris",))}, []),
        ({"city": Names(names=("Rome", "Paris"), excluded=("Paris",))}, [{"city": "Paris"}]),
        (
            {"city": Names(names=("Paris",)), "country": Names(excluded=("France",))},
            [{"city": "Paris", "country": "France"}],
        ),
        # Immich can't look for what is in no album in albums.
        ({"in_album": False, "albums": Choice(excluded=("a",))}, []),
        (
            {"in_album": False, "albums": Choice(excluded=("a",)), "tags": Choice(excluded=("b",))},
            [{"isNotInAlbum": True, "tagIds": ["b"]}],
        ),
        ({"in_album": True}, [{"isNotInAlbum": True}]),
        ({"in_album": True, "albums": Choice(ids=("a",))}, []),
        (
            {"in_album": True, "albums": Choice(excluded=("a",))},
            [{"albumIds": ["a"]}, {"isNotInAlbum": True}],
        ),
    ],
)
def test_what_is_left_out(filters: Json, left_out: list[Json]) -> None:
    query = AssetQuery(**filters)
    assert query.left_out(query.searches(NEW)) == [SHOWN | body for body in left_out]
    if left_out:
        assert query.leaves_out


@pytest.mark.parametrize(
    ("filters", "overlaps"),
    [
        ({}, False),
        ({"albums": Choice(ids=("a",))}, False),
        ({"albums": Choice(ids=TWO)}, True),
        ({"people": Choice(ids=TWO)}, True),
        ({"tags": Choice(ids=TWO)}, True),
        ({"tags": Choice(ids=TWO, match=Match.ALL)}, False),
        ({"city": Names(names=TWO)}, False),
        ({"city": Names(names=TWO), "country": Names(names=TWO)}, False),
        ({"city": Names(names=TWO), "places_match": Match.ANY}, False),
        ({"city": Names(names=TWO), "country": Names(names=TWO), "places_match": Match.ANY}, True),
    ],
)
def test_whether_searches_overlap(filters: Json, overlaps: bool) -> None:
    assert AssetQuery(**filters).overlaps is overlaps


@pytest.mark.parametrize(
    ("filters", "leaves_out"),
    [
        ({}, False),
        ({"in_album": False}, False),
        ({"in_album": True}, True),
        ({"in_album": True, "albums": Choice(ids=("a",))}, False),
        ({"albums": Choice(excluded=("a",))}, True),
        ({"people": Choice(excluded=("a",))}, True),
        ({"tags": Choice(excluded=("a",))}, True),
        ({"city": Names(excluded=("a",))}, True),
        ({"state": Names(excluded=("a",))}, True),
        ({"country": Names(excluded=("a",))}, True),
    ],
)
def test_whether_anything_is_left_out(filters: Json, leaves_out: bool) -> None:
    assert AssetQuery(**filters).leaves_out is leaves_out


@pytest.mark.parametrize(
    ("filters", "foreign"),
    [
        ({}, False),
        ({"albums": Choice(excluded=("a",))}, False),
        ({"albums": Choice(ids=("a",))}, True),
        ({"albums": Choice(ids=("a",)), "in_album": True}, True),
        ({"albums": Choice(ids=("a",)), "in_album": False}, False),
        ({"albums": Choice(ids=("a",)), "with_partners": False}, False),
        ({"albums": Choice(ids=("a",)), "people": Choice(ids=("a",))}, False),
        ({"albums": Choice(ids=("a",)), "people": Choice(excluded=("a",))}, True),
        ({"albums": Choice(ids=("a",)), "tags": Choice(ids=("a",))}, False),
        ({"albums": Choice(ids=("a",)), "ocr": "exit"}, False),
        ({"albums": Choice(ids=("a",)), "trashed": True}, False),
    ],
)
def test_whether_other_peoples_photos_are_meant(filters: Json, foreign: bool) -> None:
    assert AssetQuery(**filters).finds_foreign is foreign


@pytest.mark.parametrize(
    ("visibility", "owner", "filters", "kept"),
    [
        ("timeline", "me", {}, True),
        ("archive", "me", {}, True),
        ("hidden", "me", {}, False),
        ("timeline", "partner", {}, True),
        ("timeline", "partner", {"with_partners": False}, False),
        ("timeline", "me", {"with_partners": False}, True),
    ],
)
def test_what_is_kept(visibility: str, owner: str, filters: Json, kept: bool) -> None:
    asset = Asset.from_json({"id": "a", "visibility": visibility, "ownerId": owner})
    assert AssetQuery(**filters).keeps(asset, "me") is kept


FOREIGN: Json = {
    "id": "a",
    "type": "IMAGE",
    "isFavorite": False,
    "originalFileName": "Beach_1.JPG",
    "visibility": "timeline",
    "fileCreatedAt": "2024-05-01T22:30:00.000Z",
    "createdAt": "2024-06-01T00:00:00.000Z",
    "updatedAt": "2024-07-01T00:00:00.000Z",
    "exifInfo": {
        "rating": 4,
        "make": "Cam",
        "model": "One",
        "lensModel": "35mm",
        "description": "At the Sea",
        "city": "Rome",
        "state": "Lazio",
        "country": "Italy",
    },
}


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({}, True),
        ({"type": AssetType.IMAGE}, True),
        ({"type": AssetType.VIDEO}, False),
        ({"favorite": False}, True),
        ({"favorite": True}, False),
        ({"rating": 4}, True),
        ({"rating": 5}, False),
        ({"make": "Cam"}, True),
        ({"make": "cam"}, False),
        ({"model": "One"}, True),
        ({"model": "Two"}, False),
        ({"lens_model": "35mm"}, True),
        ({"lens_model": "35"}, False),
        ({"filename": "beach"}, True),
        ({"filename": "dinner"}, False),
        ({"description": "SEA"}, True),
        ({"description": "hills"}, False),
        ({"visibility": Shown.ANY}, True),
        ({"visibility": Shown.ARCHIVE}, False),
        ({"city": Names(names=("Paris", "Rome"))}, True),
        ({"city": Names(names=("Paris",))}, False),
        ({"city": Names(excluded=("Rome",))}, False),
        ({"state": Names(excluded=("Lazio",))}, False),
        ({"country": Names(excluded=("France",))}, True),
        ({"city": Names(names=("Rome",)), "country": Names(names=("France",))}, False),
        (
            {
                "city": Names(names=("Rome",)),
                "country": Names(names=("France",)),
                "places_match": Match.ANY,
            },
            True,
        ),
        (
            {
                "city": Names(names=("Nice",)),
                "country": Names(names=("France",)),
                "places_match": Match.ANY,
            },
            False,
        ),
        ({"places_match": Match.ANY}, True),
        ({"taken": Span(after=EARLY, before=LATE)}, True),
        ({"taken": Span(after=LATE)}, False),
        ({"added": Span(before=EARLY)}, False),
        ({"updated": Span(before=EARLY)}, False),
        ({"on_this_day": YearlyDay(5, 1, UTC)}, True),
        ({"on_this_day": YearlyDay(5, 2, UTC)}, False),
        # Half past midnight on the next day.
        ({"on_this_day": YearlyDay(5, 2, VIENNA)}, True),
        ({"on_this_day": YearlyDay(5, 1, VIENNA)}, False),
    ],
)
def test_what_fits_of_others(filters: Json, fits: bool) -> None:
    """What servers before 3.0 don't search is looked at here, as they would."""
    assert AssetQuery(**filters).fits_foreign(Asset.from_json(FOREIGN)) is fits


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({}, True),
        ({"make": "Cam"}, False),
        ({"description": "sea"}, False),
        ({"city": Names(names=("Rome",))}, False),
        ({"city": Names(excluded=("Rome",))}, True),
        ({"taken": Span(after=EARLY)}, False),
        ({"added": Span(after=EARLY)}, False),
        ({"on_this_day": YearlyDay(5, 1, UTC)}, False),
    ],
)
def test_what_isnt_known_fits_nothing(filters: Json, fits: bool) -> None:
    assert AssetQuery(**filters).fits_foreign(Asset.from_json({"id": "a"})) is fits


@pytest.mark.parametrize(
    ("after", "before", "moment", "holds"),
    [
        (None, None, None, True),
        (EARLY, None, None, False),
        (None, EARLY, None, False),
        (EARLY, LATE, EARLY, True),
        (EARLY, LATE, LATE, True),
        (EARLY, LATE, LATE + timedelta(milliseconds=1), False),
        (EARLY, LATE, EARLY - timedelta(milliseconds=1), False),
        (None, LATE, EARLY, True),
        (EARLY, None, LATE, True),
    ],
)
def test_both_ends_are_in_a_span(
    after: datetime | None, before: datetime | None, moment: datetime | None, holds: bool
) -> None:
    assert Span(after=after, before=before).holds(moment) is holds


def test_the_part_of_a_span_in_another() -> None:
    middle = datetime(2024, 7, 1, tzinfo=UTC)
    year, half = Span(after=EARLY, before=LATE), Span(after=middle)
    assert year.within(half) == half.within(year) == Span(after=middle, before=LATE)
    assert year.within(Span()) == Span().within(year) == year
    assert Span().within(Span()) == Span()
    assert year.within(Span(after=LATE)) == Span(after=LATE, before=LATE)
    assert year.within(Span(after=LATE + timedelta(milliseconds=1))) is None
    assert Span(before=EARLY).within(Span(after=LATE)) is None


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 1, 1, tzinfo=VIENNA), "2023-12-31T23:00:00.000Z"),
        (datetime(2024, 1, 1, 1, 2, 3, 456_789, tzinfo=UTC), "2024-01-01T01:02:03.456Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_moments_as_immich_takes_them(moment: datetime, text: str) -> None:
    assert written(moment) == text


@pytest.mark.parametrize(
    ("day", "zone", "year", "first", "hours"),
    [
        ((5, 14), UTC, 2024, "2024-05-14T00:00+00:00", 24),
        ((5, 14), AUCKLAND, 2024, "2024-05-13T12:00+00:00", 24),
        ((2, 29), VIENNA, 2024, "2024-02-28T23:00+00:00", 24),
        # Clocks change.
        ((3, 31), VIENNA, 2024, "2024-03-30T23:00+00:00", 23),
        ((10, 27), VIENNA, 2024, "2024-10-26T22:00+00:00", 25),
        ((9, 29), AUCKLAND, 2024, "2024-09-28T12:00+00:00", 23),
        ((12, 31), UTC, 2024, "2024-12-31T00:00+00:00", 24),
        ((1, 1), UTC, 1, "0001-01-01T00:00+00:00", 24),
        ((12, 30), UTC, 9999, "9999-12-30T00:00+00:00", 24),
    ],
)
def test_a_day_of_a_year(day: tuple[int, int], zone: Any, year: int, first: str, hours: int) -> None:
    start = datetime.fromisoformat(first)
    last = start + timedelta(hours=hours) - timedelta(milliseconds=1)
    assert YearlyDay(*day, zone).in_year(year) == Span(after=start, before=last)


@pytest.mark.parametrize(
    ("day", "zone", "year"),
    [
        ((2, 29), UTC, 2023),
        ((2, 29), UTC, 1900),
        ((1, 1), AUCKLAND, 1),
        ((12, 31), UTC, 9999),
        ((12, 31), ZoneInfo("America/Los_Angeles"), 9999),
        ((5, 1), UTC, 0),
        ((5, 1), UTC, 10_000),
    ],
)
def test_years_without_the_day(day: tuple[int, int], zone: Any, year: int) -> None:
    """Other years than leap years, and the ends of time."""
    assert YearlyDay(*day, zone).in_year(year) is None


@pytest.mark.parametrize("zone", [UTC, VIENNA, AUCKLAND, ZoneInfo("America/Los_Angeles")])
@pytest.mark.parametrize("day", [(2, 29), (3, 31), (12, 31), (1, 1), (9, 29), (11, 3)])
def test_which_moments_a_yearly_day_holds(day: tuple[int, int], zone: Any) -> None:
    """Each of them by the calendar of the zone."""
    yearly = YearlyDay(*day, zone)
    for year in (2023, 2024):
        near = datetime(year, day[0], min(day[1], 28), tzinfo=UTC) - timedelta(days=2)
        for hours in range(7 * 24):
            moment = near + timedelta(hours=hours)
            local = moment.astimezone(zone)
            assert yearly.holds(moment) is ((local.month, local.day) == day), moment


@pytest.mark.parametrize(
    "moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC), None]
)
def test_no_moment_is_too_odd(moment: datetime | None) -> None:
    """Cameras without a set clock write such dates."""
    assert not YearlyDay(5, 1, AUCKLAND).holds(moment)
    first = moment.date() if moment else date(1, 1, 1)
    assert YearlyDay(first.month, first.day, UTC).holds(moment) is (moment is not None and moment.year == 1)
