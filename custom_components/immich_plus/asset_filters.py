"""The filters that say which photos, as people write them: one schema for everything that takes them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .api import Immich
from .api.asset import AssetType
from .api.places import Suggestion
from .api.query import AssetQuery, Choice, Match, Names, Shown, Span, YearlyDay
from .errors import mistake
from .names import async_albums, async_known_names, async_people, async_tags

ATTR_ALBUMS: Final = "albums"
ATTR_PEOPLE: Final = "people"
ATTR_TAGS: Final = "tags"
ATTR_CITY: Final = "city"
ATTR_STATE: Final = "state"
ATTR_COUNTRY: Final = "country"
ATTR_PLACES_MATCH: Final = "places_match"
ATTR_ON_THIS_DAY: Final = "on_this_day"
ATTR_TYPE: Final = "type"
ATTR_FAVORITE: Final = "favorite"
ATTR_VISIBILITY: Final = "visibility"
ATTR_TRASHED: Final = "trashed"
ATTR_IN_ALBUM: Final = "in_album"
ATTR_WITH_PARTNERS: Final = "with_partners"
ATTR_RATING: Final = "rating"
ATTR_MAKE: Final = "make"
ATTR_MODEL: Final = "model"
ATTR_LENS_MODEL: Final = "lens_model"
ATTR_FILENAME: Final = "filename"
ATTR_DESCRIPTION: Final = "description"
ATTR_OCR: Final = "ocr"

_SPANS: Final = ("taken", "added", "updated", "trashed")
# A plain date stands for its first moment, which `…_before` leaves out.
_STEP: Final = timedelta(milliseconds=1)
# As much as 2026-11-23 takes: shorter spellings, such as 2026-11, have no time either.
_LONGEST_DAY: Final = 10
# A day's distance from what can be reckoned with, so that any time zone will do.
_FIRST_YEAR: Final = 2
_LAST_YEAR: Final = 9998
_NAMES: Final = vol.All(cv.ensure_list, [vol.All(cv.string, vol.Length(max=500))], vol.Length(max=1000))


def when(value: Any) -> date | datetime:
    """Accept a day, a local time or a time with its zone, as people and templates write them."""
    if isinstance(value, date):
        found: date | datetime | None = value
    else:
        text = str(value).strip()
        found = dt_util.parse_datetime(text)
        if found is not None and len(text) <= _LONGEST_DAY:
            # No time was said: the day is meant, not its first moment.
            found = found.date()
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise vol.Invalid("expected a date or a date and time, such as 2026-11-23 or 2026-11-23 14:05:00")
    return found


def day(value: Any) -> date:
    """Accept a day, or a time of it, which counts in Home Assistant's time zone."""
    found = when(value)
    return dt_util.as_local(local_moment(found)).date() if isinstance(found, datetime) else found


def names(value: Any) -> list[str]:
    """Accept one name or a list; blanks don't count."""
    return [name.strip() for name in _NAMES(value) if name.strip()]


def whole_number(lowest: int, highest: int) -> Callable[[Any], int]:
    """Accept a whole number in a range, also as text."""

    def _check(value: Any) -> int:
        try:
            number = int(value)
        except TypeError, ValueError, OverflowError:
            number = lowest - 1
        if not lowest <= number <= highest or (isinstance(value, float) and value != number):
            raise vol.Invalid(f"expected a whole number from {lowest} to {highest}")
        return number

    return _check


def _day_or_today(value: Any) -> date | bool:
    """Accept a day, or true for today."""
    try:
        return day(value)
    except vol.Invalid:
        return cv.boolean(value)


_MATCH: Final = vol.In([str(match) for match in Match])
_TEXT: Final = vol.All(cv.string, vol.Length(max=1000))

FILTERS: Final[dict[vol.Marker, Any]] = {
    **{
        vol.Optional(name): rule
        for each in (ATTR_ALBUMS, ATTR_PEOPLE, ATTR_TAGS)
        for name, rule in ((each, names), (f"{each}_match", _MATCH), (f"exclude_{each}", names))
    },
    **{
        vol.Optional(name): names
        for each in (ATTR_CITY, ATTR_STATE, ATTR_COUNTRY)
        for name in (each, f"exclude_{each}")
    },
    vol.Optional(ATTR_PLACES_MATCH): _MATCH,
    **{vol.Optional(f"{span}_{end}"): when for span in _SPANS for end in ("after", "before")},
    vol.Optional(ATTR_ON_THIS_DAY): _day_or_today,
    vol.Optional(ATTR_TYPE): vol.In([kind.lower() for kind in AssetType]),
    vol.Optional(ATTR_FAVORITE): cv.boolean,
    vol.Optional(ATTR_VISIBILITY, default=str(Shown.TIMELINE)): vol.In([str(shown) for shown in Shown]),
    vol.Optional(ATTR_TRASHED, default=False): cv.boolean,
    vol.Optional(ATTR_IN_ALBUM): cv.boolean,
    vol.Optional(ATTR_WITH_PARTNERS, default=True): cv.boolean,
    vol.Optional(ATTR_RATING): whole_number(1, 5),
    **{
        vol.Optional(name): _TEXT
        for name in (ATTR_MAKE, ATTR_MODEL, ATTR_LENS_MODEL, ATTR_FILENAME, ATTR_DESCRIPTION, ATTR_OCR)
    },
}


async def async_query(client: Immich, data: Mapping[str, Any]) -> AssetQuery:
    """Return what the filters in `data` mean, asking the server for what the names stand for.

    Raises ServiceValidationError for names that fit nothing or several things, and ImmichError.
    """
    albums = await async_albums(client, _all(data, ATTR_ALBUMS))
    people = await async_people(client, _all(data, ATTR_PEOPLE))
    tags = await async_tags(client, _all(data, ATTR_TAGS))
    trashed_span = _span(data, "trashed")
    trashed = data.get(ATTR_TRASHED, False) or trashed_span != Span()
    visibility = Shown(data.get(ATTR_VISIBILITY, Shown.TIMELINE))
    # Immich only tells the places and cameras of what shows in the timeline: other people's albums, the
    # archive and the trash may have others (seen on 3.1.0).
    anything = bool(data.get(ATTR_ALBUMS)) or trashed or visibility is not Shown.TIMELINE
    return AssetQuery(
        albums=_choice(data, ATTR_ALBUMS, [album.id for album in albums]),
        people=_choice(data, ATTR_PEOPLE, [person.id for person in people]),
        tags=_choice(data, ATTR_TAGS, [tag.id for tag in tags]),
        city=await _places(client, data, ATTR_CITY, Suggestion.CITY, anything=anything),
        state=await _places(client, data, ATTR_STATE, Suggestion.STATE, anything=anything),
        country=await _places(client, data, ATTR_COUNTRY, Suggestion.COUNTRY, anything=anything),
        places_match=Match(data.get(ATTR_PLACES_MATCH, Match.ALL)),
        taken=_span(data, "taken"),
        added=_span(data, "added"),
        updated=_span(data, "updated"),
        trashed=trashed,
        trashed_span=trashed_span,
        on_this_day=_yearly_day(data),
        type=AssetType(data[ATTR_TYPE].upper()) if ATTR_TYPE in data else None,
        favorite=data.get(ATTR_FAVORITE),
        visibility=visibility,
        in_album=data.get(ATTR_IN_ALBUM),
        with_partners=data.get(ATTR_WITH_PARTNERS, True),
        rating=data.get(ATTR_RATING),
        make=await _camera(client, data, ATTR_MAKE, Suggestion.CAMERA_MAKE, anything=anything),
        model=await _camera(client, data, ATTR_MODEL, Suggestion.CAMERA_MODEL, anything=anything),
        lens_model=await _camera(
            client, data, ATTR_LENS_MODEL, Suggestion.CAMERA_LENS_MODEL, anything=anything
        ),
        filename=data.get(ATTR_FILENAME) or None,
        description=data.get(ATTR_DESCRIPTION) or None,
        ocr=data.get(ATTR_OCR) or None,
    )


def local_moment(value: date | datetime) -> datetime:
    """Return a moment; what has no zone is meant in Home Assistant's, a day is its first moment."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 (the zone comes next)
    if value.tzinfo is None:
        value = value.replace(tzinfo=dt_util.get_default_time_zone())
    return value


def _all(data: Mapping[str, Any], what: str) -> Sequence[str]:
    return [*data.get(what, []), *data.get(f"exclude_{what}", [])]


def _choice(data: Mapping[str, Any], what: str, ids: Sequence[str]) -> Choice:
    """Divide the ids of `_all` again."""
    wanted = len(data.get(what, []))
    return Choice(
        ids=tuple(dict.fromkeys(ids[:wanted])),
        match=Match(data.get(f"{what}_match", Match.ANY)),
        excluded=tuple(dict.fromkeys(ids[wanted:])),
    )


async def _places(
    client: Immich, data: Mapping[str, Any], what: str, kind: Suggestion, *, anything: bool
) -> Names:
    wanted = await async_known_names(client, kind, data.get(what, []), anything=anything)
    # Where nothing was taken, there is nothing to leave out.
    excluded = await async_known_names(client, kind, data.get(f"exclude_{what}", []), anything=True)
    return Names(names=tuple(dict.fromkeys(wanted)), excluded=tuple(dict.fromkeys(excluded)))


async def _camera(
    client: Immich, data: Mapping[str, Any], what: str, kind: Suggestion, *, anything: bool
) -> str | None:
    wanted = (data.get(what) or "").strip()
    if not wanted:
        return None
    found = await async_known_names(client, kind, [wanted], anything=anything)
    return wanted if wanted in found else found[0]


def _span(data: Mapping[str, Any], what: str) -> Span:
    after, before = data.get(f"{what}_after"), data.get(f"{what}_before")
    span = Span(
        after=None if after is None else local_moment(after),
        before=None if before is None else _last_moment(before),
    )
    if span.after is not None and span.before is not None and span.before < span.after:
        raise mistake("dates_reversed", after=str(after), before=str(before))
    return span


def _last_moment(value: date | datetime) -> datetime:
    moment = local_moment(value)
    if isinstance(value, datetime):
        return moment
    return moment.astimezone(UTC) - _STEP


def _yearly_day(data: Mapping[str, Any]) -> YearlyDay | None:
    value: date | bool = data.get(ATTR_ON_THIS_DAY, False)
    if value is False:
        return None
    day = dt_util.now().date() if value is True else value
    return YearlyDay(day.month, day.day, dt_util.get_default_time_zone())
