"""Which photos: the searches that a description takes."""

from datetime import UTC, datetime, timedelta
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

FIRST = datetime(2024, 5, 6, 7, 8, 9, 123_999, tzinfo=UTC)
LATER = FIRST + timedelta(days=1)
OLD = ServerVersion(2, 7, 5)
NEW = ServerVersion(3, 1, 0)
TIMELINE = {"visibility": "timeline"}


def bodies(query: AssetQuery, version: ServerVersion = NEW, **more: Any) -> list[Json]:
    return query.searches(version, **more)


def version(text: str) -> ServerVersion:
    found = ServerVersion.from_text(text)
    assert found is not None
    return found


@pytest.mark.parametrize("text", VERSIONS)
def test_a_search_always_says_what_is_looked_through(text: str) -> None:
    """Versions differ in what they look through unasked."""
    assert bodies(AssetQuery(), version(text)) == [TIMELINE]
    assert bodies(AssetQuery(visibility=Shown.ARCHIVE), version(text)) == [{"visibility": "archive"}]


@pytest.mark.parametrize("text", VERSIONS)
def test_timeline_and_archive(text: str) -> None:
    """One search covers both from 3.0 on, with hidden parts; two do before, and where hidden parts count."""
    both = [TIMELINE, {"visibility": "archive"}]
    query = AssetQuery(visibility=Shown.ANY)
    assert bodies(query, version(text)) == ([{}] if text.startswith("3") else both)
    assert bodies(query, version(text), split=True) == both


def test_all_plain_filters() -> None:
    query = AssetQuery(
        type=AssetType.VIDEO,
        favorite=False,
        rating=5,
        make="a",
        model="b",
        lens_model="c",
        filename="d",
        description="e",
        ocr="f",
        in_album=False,
        taken=Span(after=FIRST),
        added=Span(after=FIRST, before=LATER),
        updated=Span(before=LATER),
    )
    assert bodies(query) == [
        TIMELINE
        | {
            "type": "VIDEO",
            "isFavorite": False,
            "rating": 5,
            "make": "a",
            "model": "b",
            "lensModel": "c",
            "originalFileName": "d",
            "description": "e",
            "ocr": "f",
            "isNotInAlbum": True,
            "takenAfter": "2024-05-06T07:08:09.123Z",
            "createdAfter": "2024-05-06T07:08:09.123Z",
            "createdBefore": "2024-05-07T07:08:09.123Z",
            "updatedBefore": "2024-05-07T07:08:09.123Z",
        }
    ]


def test_the_trash() -> None:
    assert bodies(AssetQuery(trashed=True)) == [TIMELINE | {"trashedAfter": "1970-01-01T00:00:00.000Z"}]
    assert bodies(AssetQuery(trashed=True, trashed_span=Span(before=FIRST))) == [
        TIMELINE | {"trashedBefore": "2024-05-06T07:08:09.123Z"}
    ]
    assert bodies(AssetQuery(trashed_span=Span(before=FIRST))) == [TIMELINE], "only if the trash is meant"


@pytest.mark.parametrize(
    ("field", "name"), [("albums", "albumIds"), ("people", "personIds"), ("tags", "tagIds")]
)
def test_any_and_all(field: str, name: str) -> None:
    """Immich's lists mean all of them; any of them takes a search for each."""

    def _of(**choice: Any) -> list[Json]:
        filters: dict[str, Any] = {field: Choice(**choice)}
        return bodies(AssetQuery(**filters))

    assert _of(ids=("1", "2", "3")) == [TIMELINE | {name: [each]} for each in "123"]
    assert _of(ids=("1", "2"), match=Match.ALL) == [TIMELINE | {name: ["1", "2"]}]
    assert _of(ids=("1",)) == [TIMELINE | {name: ["1"]}]
    assert _of(excluded=("1",)) == [TIMELINE]


def test_all_that_is_said_holds() -> None:
    """Each of one with each of the others."""
    query = AssetQuery(
        people=Choice(ids=("p", "q")), tags=Choice(ids=("t", "u")), city=Names(names=("v", "w"))
    )
    found = bodies(query)
    assert len(found) == 8
    assert {(body["personIds"][0], body["tagIds"][0], body["city"]) for body in found} == {
        (person, tag, city) for person in "pq" for tag in "tu" for city in "vw"
    }


def test_places() -> None:
    places: dict[str, Any] = {"city": Names(names=("a", "b")), "country": Names(names=("c",))}
    assert bodies(AssetQuery(**places)) == [TIMELINE | {"city": each, "country": "c"} for each in "ab"]
    assert bodies(AssetQuery(**places, places_match=Match.ANY)) == [
        TIMELINE | each for each in ({"city": "a"}, {"city": "b"}, {"country": "c"})
    ]
    assert bodies(AssetQuery(places_match=Match.ANY)) == [TIMELINE]


def test_what_is_left_out_is_a_part_of_what_is_found() -> None:
    query = AssetQuery(
        people=Choice(ids=("p",), excluded=("q",)),
        tags=Choice(excluded=("t",)),
        city=Names(names=("a", "b"), excluded=("b",)),
        state=Names(excluded=("s",)),
        in_album=True,
    )
    first, second = bodies(query)
    assert query.leaves_out
    assert query.left_out([first, second]) == [
        first | {"personIds": ["p", "q"]},
        first | {"tagIds": ["t"]},
        first | {"state": "s"},
        first | {"isNotInAlbum": True},
        second | {"personIds": ["p", "q"]},
        second | {"tagIds": ["t"]},
        second | {"city": "b"},
        second | {"state": "s"},
        second | {"isNotInAlbum": True},
    ]


def test_albums_and_being_in_one() -> None:
    """Immich looks away from the one where it is asked for the other (source of 3.1.0)."""
    both = AssetQuery(in_album=True, albums=Choice(ids=("a",)))
    assert not both.leaves_out
    assert both.left_out(bodies(both)) == []
    assert bodies(AssetQuery(in_album=False, albums=Choice(ids=("a",)))) == []
    loose = AssetQuery(in_album=False, albums=Choice(excluded=("a",)))
    assert loose.left_out(bodies(loose)) == []


@pytest.mark.parametrize("kinds", [{"people": 129}, {"people": 12, "tags": 11}])
def test_too_many_searches(kinds: dict[str, int]) -> None:
    choices: dict[str, Any] = {
        kind: Choice(ids=tuple(str(number) for number in range(count))) for kind, count in kinds.items()
    }
    with pytest.raises(ImmichBadRequestError, match=f"at most {MOST_SEARCHES}"):
        bodies(AssetQuery(**choices))


def test_too_many_places() -> None:
    """A thousand million of them aren't even written down."""
    many = Names(names=tuple(str(number) for number in range(1000)))
    with pytest.raises(ImmichBadRequestError, match="1000000000 searches"):
        bodies(AssetQuery(city=many, state=many, country=many))


def test_too_many_searches_with_what_is_left_out() -> None:
    query = AssetQuery(people=Choice(ids=tuple("abcdefgh"), excluded=tuple(str(n) for n in range(16))))
    assert len(bodies(query)) == 8
    with pytest.raises(ImmichBadRequestError, match="136 searches"):
        query.left_out(bodies(query))
    fewer = AssetQuery(people=Choice(ids=tuple("abcdefgh"), excluded=tuple("ijklm")))
    assert len(fewer.left_out(bodies(fewer))) == 40


@pytest.mark.parametrize(
    ("query", "overlaps"),
    [
        (AssetQuery(), False),
        (AssetQuery(people=Choice(ids=("p",))), False),
        (AssetQuery(people=Choice(ids=("p", "q"))), True),
        (AssetQuery(people=Choice(ids=("p", "q"), match=Match.ALL)), False),
        (AssetQuery(city=Names(names=("a", "b"))), False),
        (AssetQuery(city=Names(names=("a",)), state=Names(names=("b",))), False),
        (AssetQuery(city=Names(names=("a",)), state=Names(names=("b",)), places_match=Match.ANY), True),
        (AssetQuery(city=Names(names=("a", "b")), places_match=Match.ANY), False),
    ],
)
def test_whether_searches_overlap(query: AssetQuery, overlaps: bool) -> None:
    assert query.overlaps is overlaps


@pytest.mark.parametrize("text", VERSIONS)
def test_text_in_pictures(text: str) -> None:
    if version(text).searches_text_in_pictures:
        assert bodies(AssetQuery(ocr="x"), version(text)) == [TIMELINE | {"ocr": "x"}]
    else:
        with pytest.raises(ImmichRouteMissingError):
            bodies(AssetQuery(ocr="x"), version(text))


@pytest.mark.parametrize(
    ("zone", "month", "day", "hours", "start"),
    [
        ("UTC", 5, 6, 24, "2024-05-06T00:00:00.000Z"),
        ("Pacific/Auckland", 5, 6, 24, "2024-05-05T12:00:00.000Z"),
        # Clocks go forward, and back.
        ("Pacific/Auckland", 9, 29, 23, "2024-09-28T12:00:00.000Z"),
        ("Pacific/Auckland", 4, 7, 25, "2024-04-06T11:00:00.000Z"),
        ("America/Los_Angeles", 3, 10, 23, "2024-03-10T08:00:00.000Z"),
        ("America/Los_Angeles", 11, 3, 25, "2024-11-03T07:00:00.000Z"),
        ("America/Los_Angeles", 2, 29, 24, "2024-02-29T08:00:00.000Z"),
        ("UTC", 12, 31, 24, "2024-12-31T00:00:00.000Z"),
    ],
)
def test_a_day_of_a_year(zone: str, month: int, day: int, hours: int, start: str) -> None:
    span = YearlyDay(month, day, ZoneInfo(zone)).in_year(2024)
    assert span is not None
    assert span.after is not None
    assert span.before is not None
    assert written(span.after) == start
    assert span.before - span.after == timedelta(hours=hours) - timedelta(milliseconds=1)


def test_days_that_a_year_lacks() -> None:
    assert YearlyDay(2, 29, UTC).in_year(2023) is None
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        for year, month, day in ((1, 1, 1), (9999, 12, 31), (0, 1, 1), (10_000, 1, 1)):
            assert YearlyDay(month, day, ZoneInfo(zone)).in_year(year) in {
                None,
                # Los Angeles has a first day of time, in UTC as well.
                Span(
                    after=datetime(1, 1, 1, 7, 52, 58, tzinfo=UTC),
                    before=datetime(1, 1, 2, 7, 52, 57, 999_000, tzinfo=UTC),
                ),
            }


def test_what_lies_on_a_day() -> None:
    day = YearlyDay(1, 1, ZoneInfo("Pacific/Auckland"))
    assert not day.holds(None)
    assert day.holds(datetime(2023, 12, 31, 11, tzinfo=UTC))
    assert day.holds(datetime(2024, 1, 1, 10, 59, tzinfo=UTC))
    assert not day.holds(datetime(2024, 1, 1, 11, tzinfo=UTC))
    assert not day.holds(datetime(1, 1, 1, tzinfo=UTC))
    assert not day.holds(datetime(9999, 12, 31, 23, tzinfo=UTC))


def test_days_take_a_search_each() -> None:
    """Within the span that is wanted anyway; without such days there is nothing to search."""
    day = YearlyDay(5, 6, UTC)
    days = [span for year in (2024, 2023, 2022) if (span := day.in_year(year))]
    query = AssetQuery(on_this_day=day, taken=Span(after=datetime(2023, 5, 6, 12, tzinfo=UTC)))
    assert bodies(query, days=days) == [
        TIMELINE | {"takenAfter": "2024-05-06T00:00:00.000Z", "takenBefore": "2024-05-06T23:59:59.999Z"},
        TIMELINE | {"takenAfter": "2023-05-06T12:00:00.000Z", "takenBefore": "2023-05-06T23:59:59.999Z"},
    ]
    assert bodies(query) == []


def test_spans() -> None:
    whole = Span(after=FIRST, before=LATER)
    assert whole.holds(FIRST)
    assert whole.holds(LATER)
    assert not whole.holds(FIRST - timedelta(milliseconds=1))
    assert not whole.holds(LATER + timedelta(milliseconds=1))
    assert not whole.holds(None)
    assert Span().holds(None)
    assert not Span(after=FIRST).holds(None)
    assert not Span(before=FIRST).holds(None)
    assert Span().within(whole) == whole
    assert Span(after=LATER).within(whole) == Span(after=LATER, before=LATER)
    assert Span(before=FIRST - timedelta(days=1)).within(whole) is None


ROW: Json = {
    "id": "a",
    "ownerId": "other",
    "type": "IMAGE",
    "originalFileName": "Beach.jpg",
    "fileCreatedAt": "2024-05-06T07:08:09.124Z",
    "createdAt": "2024-05-06T07:08:09.124Z",
    "updatedAt": "2024-05-06T07:08:09.124Z",
    "visibility": "timeline",
    "exifInfo": {
        "make": "m",
        "model": "n",
        "lensModel": "o",
        "rating": 4,
        "description": "At the Sea",
        "city": "c",
        "country": "d",
    },
}


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        (AssetQuery(), True),
        (AssetQuery(type=AssetType.IMAGE, rating=4, make="m", model="n", lens_model="o"), True),
        (AssetQuery(type=AssetType.VIDEO), False),
        (AssetQuery(favorite=False), True),
        (AssetQuery(favorite=True), False),
        (AssetQuery(filename="bEACH", description="SEA"), True),
        (AssetQuery(filename="sea"), False),
        (AssetQuery(description="beach"), False),
        (AssetQuery(visibility=Shown.ANY), True),
        (AssetQuery(visibility=Shown.ARCHIVE), False),
        (AssetQuery(city=Names(names=("c", "x"))), True),
        (AssetQuery(city=Names(names=("x",))), False),
        (AssetQuery(city=Names(names=("c",)), state=Names(names=("x",))), False),
        (AssetQuery(city=Names(names=("c",)), state=Names(names=("x",)), places_match=Match.ANY), True),
        (AssetQuery(state=Names(names=("x",)), places_match=Match.ANY), False),
        (AssetQuery(places_match=Match.ANY), True),
        (AssetQuery(country=Names(excluded=("d",))), False),
        (AssetQuery(state=Names(excluded=("d",))), True),
        (AssetQuery(taken=Span(after=FIRST)), True),
        (AssetQuery(taken=Span(after=LATER)), False),
        (AssetQuery(added=Span(after=LATER)), False),
        (AssetQuery(updated=Span(after=LATER)), False),
        (AssetQuery(on_this_day=YearlyDay(5, 6, UTC)), True),
        (AssetQuery(on_this_day=YearlyDay(5, 7, UTC)), False),
    ],
)
def test_which_of_other_peoples_assets_fit(query: AssetQuery, fits: bool) -> None:
    assert query.fits_foreign(Asset.from_json(ROW)) is fits


def test_other_peoples_assets_without_details() -> None:
    bare = Asset.from_json({"id": "a"})
    assert AssetQuery().fits_foreign(bare)
    assert AssetQuery(city=Names(excluded=("c",))).fits_foreign(bare)
    for query in (AssetQuery(make="m"), AssetQuery(description="x"), AssetQuery(city=Names(names=("c",)))):
        assert not query.fits_foreign(bare)


ALBUM = Choice(ids=("a",))


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        (AssetQuery(albums=ALBUM), True),
        (AssetQuery(), False),
        (AssetQuery(albums=ALBUM, people=Choice(ids=("p",))), False),
        (AssetQuery(albums=ALBUM, people=Choice(excluded=("p",))), True),
        (AssetQuery(albums=ALBUM, tags=Choice(ids=("p",))), False),
        (AssetQuery(albums=ALBUM, ocr="x"), False),
        (AssetQuery(albums=ALBUM, in_album=False), False),
        (AssetQuery(albums=ALBUM, trashed=True), False),
        (AssetQuery(albums=ALBUM, with_partners=False), False),
    ],
)
def test_whether_other_peoples_assets_are_meant(query: AssetQuery, finds: bool) -> None:
    assert query.finds_foreign is finds


def test_what_is_kept() -> None:
    """Hidden parts of live photos never; other people's if they are wanted."""
    asset = Asset.from_json(ROW)
    assert AssetQuery().keeps(asset, "me")
    assert not AssetQuery(with_partners=False).keeps(asset, "me")
    assert AssetQuery(with_partners=False).keeps(asset, "other")
    assert not AssetQuery().keeps(Asset.from_json(ROW | {"visibility": "hidden"}), "other")
