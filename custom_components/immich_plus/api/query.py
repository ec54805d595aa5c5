"""Which photos: one description for actions, media browser, frames and Assist, and the searches it takes.

Immich's filters have no "or" before 3.2 and no "not": a list of ids means all of them (seen on 3.1.0). So a
query may take several searches, whose results are put together, and others, whose results are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import product
from typing import Final

from .asset import Asset, AssetType, Exif, Visibility
from .errors import ImmichBadRequestError, ImmichRouteMissingError
from .parse import Json
from .version import ServerVersion

# Searches that one query may take: each costs a request for every page.
MOST_SEARCHES: Final = 128
_STEP: Final = timedelta(milliseconds=1)
_ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Match(StrEnum):
    """Whether one of several is enough, or all are needed."""

    ANY = "any"
    ALL = "all"


class Shown(StrEnum):
    """Which assets are looked through: those of the timeline, those of the archive, or both."""

    TIMELINE = "timeline"
    ARCHIVE = "archive"
    ANY = "any"


class Order(StrEnum):
    """By the moment of taking."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Ids of albums, people or tags: those that an asset must have, and those that it must not have."""

    ids: tuple[str, ...] = ()
    match: Match = Match.ANY
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names of cities, states or countries as Immich writes them: one of those, and none of these."""

    names: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time with both ends in it; None is open. Both carry a zone."""

    after: datetime | None = None
    before: datetime | None = None

    def to_json(self, what: str) -> Json:
        """Write it as the filters `{what}After` and `{what}Before`."""
        return {
            f"{what}{end}": written(moment)
            for end, moment in (("After", self.after), ("Before", self.before))
            if moment is not None
        }

    def holds(self, moment: datetime | None) -> bool:
        """Whether a moment lies in it; an unknown one does only in a span that is open on both sides."""
        if moment is None:
            return self.after is None and self.before is None
        return (self.after is None or self.after <= moment) and (self.before is None or moment <= self.before)

    def within(self, other: Span) -> Span | None:
        """Return the part of it that lies in `other`, too; None if there is none."""
        after = max((moment for moment in (self.after, other.after) if moment), default=None)
        before = min((moment for moment in (self.before, other.before) if moment), default=None)
        return None if after and before and before < after else Span(after=after, before=before)


@dataclass(frozen=True, slots=True)
class YearlyDay:
    """A day of every year in a time zone."""

    month: int
    day: int
    zone: tzinfo

    def holds(self, moment: datetime | None) -> bool:
        """Whether a moment lies on that day."""
        if moment is None:
            return False
        days = (self.in_year(moment.year + step) for step in (-1, 0, 1))
        return any(day is not None and day.holds(moment) for day in days)

    def in_year(self, year: int) -> Span | None:
        """Return that day of a year; None for 29 February in other years, and at the ends of time."""
        try:
            start = date(year, self.month, self.day)
            first = datetime(start.year, start.month, start.day, tzinfo=self.zone)
            # Not 24 hours: clocks change.
            after = start + timedelta(days=1)
            last = datetime(after.year, after.month, after.day, tzinfo=self.zone)
            return Span(after=first.astimezone(UTC), before=last.astimezone(UTC) - _STEP)
        except ValueError, OverflowError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetQuery:
    """Which photos. What isn't said doesn't matter; everything said must hold.

    `trashed`: those in the trash, which nothing finds otherwise; `with_trash`: them as well. `in_album`: in any
    album, or in none.
    `with_partners`: also what partners show in the timeline, as Immich does. `rating` 1 to 5.
    `make`, `model`, `lens_model` and places are exact; `filename`, `description` and `ocr` are parts.
    """

    albums: Choice = field(default_factory=Choice)
    people: Choice = field(default_factory=Choice)
    tags: Choice = field(default_factory=Choice)
    city: Names = field(default_factory=Names)
    state: Names = field(default_factory=Names)
    country: Names = field(default_factory=Names)
    places_match: Match = Match.ALL
    taken: Span = field(default_factory=Span)
    on_this_day: YearlyDay | None = None
    added: Span = field(default_factory=Span)
    updated: Span = field(default_factory=Span)
    type: AssetType | None = None
    favorite: bool | None = None
    visibility: Shown = Shown.TIMELINE
    trashed: bool = False
    with_trash: bool = False
    trashed_span: Span = field(default_factory=Span)
    in_album: bool | None = None
    with_partners: bool = True
    rating: int | None = None
    make: str | None = None
    model: str | None = None
    lens_model: str | None = None
    filename: str | None = None
    description: str | None = None
    ocr: str | None = None

    @property
    def overlaps(self) -> bool:
        """Whether an asset may be found by several of the searches that this takes."""
        kinds = sum(bool(place.names) for place in (self.city, self.state, self.country))
        return any(
            choice.match is Match.ANY and len(choice.ids) > 1
            for choice in (self.albums, self.people, self.tags)
        ) or (self.places_match is Match.ANY and kinds > 1)

    @property
    def leaves_out(self) -> bool:
        """Whether something that is found otherwise is unwanted."""
        parts: list[Choice | Names] = [*(choice for _, choice in self._choices())]
        parts += (place for _, place in self._place_names())
        return self._leaves_out_loose or any(part.excluded for part in parts)

    @property
    def _leaves_out_loose(self) -> bool:
        """Whether what is in no album is found, but unwanted."""
        return self.in_album is True and not self.albums.ids

    def keeps(self, asset: Asset, user_id: str) -> bool:
        """Whether a found asset is meant: hidden parts of live photos never are, partners' only if wanted."""
        if asset.visibility == Visibility.HIDDEN:
            return False
        return self.with_partners or asset.owner_id == user_id

    @property
    def finds_foreign(self) -> bool:
        """Whether other people's assets of shared albums may be meant.

        People, tags and text in pictures are their owner's alone, so whoever asks for these doesn't mean them.
        """
        alone = self.people.ids or self.tags.ids or self.ocr is not None or self.trashed
        return bool(self.albums.ids) and self.in_album is not False and self.with_partners and not alone

    def fits_foreign(self, asset: Asset) -> bool:
        """Whether another user's asset of a shared album fits, as far as its own row tells.

        For servers that don't search them (before 3.0).
        """
        exif = asset.exif
        told = (
            (self.type, asset.type),
            (self.favorite, asset.favorite),
            (self.rating, exif and exif.rating),
            (self.make, exif and exif.make),
            (self.model, exif and exif.model),
            (self.lens_model, exif and exif.lens_model),
        )
        parts = ((self.filename, asset.filename), (self.description, asset.description))
        return (
            all(wanted is None or wanted == value for wanted, value in told)
            and all(
                wanted is None or wanted.casefold() in (value or "").casefold() for wanted, value in parts
            )
            and (self.visibility is Shown.ANY or self.visibility == asset.visibility)
            and self._fits_place(exif)
            and self.taken.holds(asset.taken_at)
            and (self.on_this_day is None or self.on_this_day.holds(asset.taken_at))
            and self.added.holds(asset.added_at)
            and self.updated.holds(asset.updated_at)
        )

    def searches(
        self, version: ServerVersion, days: Sequence[Span] = (), *, split: bool = False
    ) -> list[Json]:
        """Return the bodies of the searches that together find what is wanted.

        `days` are the spans of `on_this_day`. `split`: look through timeline and archive apart where one
        search could cover both, but would find hidden parts of live photos as well.
        Raises ImmichBadRequestError if there are too many, ImmichRouteMissingError if the version can't.
        """
        if self.in_album is False and self.albums.ids:
            # Nothing is that; Immich would look at the albums alone (source of 3.1.0).
            return []
        spans = self._spans(days)
        options: list[Sequence[Json]] = [
            [self._plain(version)],
            spans,
            self._visibilities(version, split=split),
            *self._places(),
        ]
        for name, choice in self._choices():
            if choice.match is Match.ANY and len(choice.ids) > 1:
                options.append([{name: [each]} for each in choice.ids])
            elif choice.ids:
                options.append([{name: list(choice.ids)}])
        number = 1
        for option in options:
            number *= len(option)
        _need_few(number)
        return [_together(parts) for parts in product(*options)]

    def left_out(self, searches: Sequence[Json]) -> list[Json]:
        """Return the bodies of the searches whose results are to be left out of those of `searches`.

        Each finds a part of what one of `searches` finds, so that reading it takes no more requests.
        """
        unwanted: list[Json] = [
            {name: [each]}
            for name, choice in self._choices()
            # What is in no album needs no leaving out of albums, and Immich can't search for both.
            if not (self.in_album is False and choice is self.albums)
            for each in choice.excluded
        ]
        unwanted += [{name: each} for name, place in self._place_names() for each in place.excluded]
        if self._leaves_out_loose:
            unwanted.append({"isNotInAlbum": True})
        found = [
            _together([body, part])
            for body in searches
            for part in unwanted
            # What lies in another city needs no leaving out.
            if not any(
                isinstance(value, str) and body.get(name, value) != value for name, value in part.items()
            )
        ]
        _need_few(len(searches) + len(found))
        return found

    def _fits_place(self, exif: Exif | None) -> bool:
        told = {"city": exif.city, "state": exif.state, "country": exif.country} if exif else {}
        if any(told.get(name) in place.excluded for name, place in self._place_names()):
            return False
        fits = [told.get(name) in place.names for name, place in self._place_names() if place.names]
        return all(fits) if self.places_match is Match.ALL else (any(fits) or not fits)

    def _choices(self) -> Iterator[tuple[str, Choice]]:
        yield "albumIds", self.albums
        yield "personIds", self.people
        yield "tagIds", self.tags

    def _place_names(self) -> Iterator[tuple[str, Names]]:
        yield "city", self.city
        yield "state", self.state
        yield "country", self.country

    def _plain(self, version: ServerVersion) -> Json:
        """Return the filters that every search has; misspelt or unknown ones would find everything."""
        if self.ocr is not None and not version.searches_text_in_pictures:
            raise ImmichRouteMissingError("this version doesn't read text in pictures")
        told = {
            "type": self.type,
            "isFavorite": self.favorite,
            "rating": self.rating,
            "make": self.make,
            "model": self.model,
            "lensModel": self.lens_model,
            "originalFileName": self.filename,
            "description": self.description,
            "ocr": self.ocr,
            "isNotInAlbum": True if self.in_album is False else None,
        }
        body = {name: value for name, value in told.items() if value is not None}
        body |= self.added.to_json("created") | self.updated.to_json("updated")
        if self.with_trash:
            body["withDeleted"] = True
        if self.trashed:
            span = (
                self.trashed_span
                if self.trashed_span.after or self.trashed_span.before
                else Span(after=_ALWAYS)
            )
            body |= span.to_json("trashed")
        return body

    def _spans(self, days: Sequence[Span]) -> list[Json]:
        if self.on_this_day is None:
            return [self.taken.to_json("taken")]
        parts = [part for day in days if (part := day.within(self.taken)) is not None]
        return [part.to_json("taken") for part in parts]

    def _visibilities(self, version: ServerVersion, *, split: bool) -> list[Json]:
        match self.visibility:
            case Shown.ANY if version.searches_archive_by_default and not split:
                return [{}]
            case Shown.ANY:
                return [{"visibility": each} for each in (Visibility.TIMELINE, Visibility.ARCHIVE)]
            case _:
                return [{"visibility": Visibility(self.visibility)}]

    def _places(self) -> list[list[Json]]:
        named = [[{name: each} for each in place.names] for name, place in self._place_names() if place.names]
        if self.places_match is Match.ANY and named:
            return [[option for options in named for option in options]]
        return named


def _need_few(searches: int) -> None:
    if searches > MOST_SEARCHES:
        raise ImmichBadRequestError(
            f"this takes {searches} searches at once, at most {MOST_SEARCHES} are made: name fewer people, tags, "
            "albums or places"
        )


def written(moment: datetime) -> str:
    """Write a moment as Immich takes it everywhere: in UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _together(parts: Sequence[Json]) -> Json:
    """Put filters together; lists of ids grow."""
    body: Json = {}
    for part in parts:
        for name, value in part.items():
            body[name] = [*body[name], *value] if isinstance(value, list) and name in body else value
    return body
