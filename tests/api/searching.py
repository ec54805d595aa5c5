"""A library that is hard to search, all that a search of it should find, and paging to the end."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.immich_plus.api import Immich
from custom_components.immich_plus.api.asset import AssetType as Kind
from custom_components.immich_plus.api.query import (
    AssetQuery,
    Choice,
    Match,
    Names,
    Order,
    Shown,
    Span,
    YearlyDay,
)
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Asset, AssetType, Exif, Partner, Person, Role, Tag, User, Visibility
from tests.fake_immich.places import PARIS, ROME, VIENNA
from tests.fake_immich.state import State
from tests.fake_immich.version import Version

ME = stable_id("searching me")
PEOPLE = tuple(stable_id(f"searching person {number}") for number in range(4))
TAGS = tuple(stable_id(f"searching tag {value}") for value in ("trips", "trips/sea", "food"))
# Mine alone; mine with a partner's photos; mine, shared; somebody's, shared with me; an empty one.
OWN, PARTNERS, SHARED, THEIRS, EMPTY = (stable_id(f"searching album {number}") for number in range(5))
ALBUMS = (OWN, PARTNERS, SHARED, THEIRS, EMPTY)
PLACES = (VIENNA, PARIS, ROME)
ZONES = tuple(ZoneInfo(name) for name in ("Pacific/Auckland", "America/Los_Angeles", "UTC", "Europe/Vienna"))
# Leap days, days on which clocks change, both sides of the new year.
DAYS = ((2, 29), (3, 10), (9, 29), (4, 5), (12, 31), (1, 1), (11, 3))
SIZES = (1, 2, 3, 7, 250, 999, 1000)
BURST = datetime(2022, 6, 1, 12, 0, 0, 500_000, tzinfo=UTC)


def fill_search(state: State) -> None:
    """Fill a library: mine (key `me-key`), two partners' of whom one shows in the timeline, and a stranger's."""
    random = Random(7)
    me = state.add_user("Me", "me@example.com", is_admin=True, id=ME)
    state.add_api_key(me, name="full", secret="me-key")
    partner, quiet, stranger = (
        state.add_user(name, f"{name}@example.com", id=stable_id(f"searching {name}"))
        for name in ("partner", "quiet", "stranger")
    )
    for each, in_timeline in ((partner, True), (quiet, False)):
        state.partners.append(Partner(shared_by_id=each.id, shared_with_id=ME, in_timeline=in_timeline))
    for person in PEOPLE:
        state.people[person] = Person(
            id=person, owner_id=ME, created_at=state.now(), updated_at=state.now(), name=person[:4]
        )
    for tag_id, value in zip(TAGS, ("trips", "trips/sea", "food"), strict=True):
        state.tags[tag_id] = Tag(
            id=tag_id, user_id=ME, value=value, created_at=state.now(), updated_at=state.now()
        )
    mine = [_add(state, me, number, random) for number in range(90)]
    for asset in mine:
        for person in PEOPLE:
            if random.random() < 0.25:
                state.add_face(asset, state.people[person], (0, 0, 1, 1))
        asset.tag_ids += [tag for tag in TAGS if random.random() < 0.2]
        state.update_asset(asset, touch=False, is_favorite=random.random() < 0.3)
        asset.ocr = [{"text": "Exit Sortie"}] if random.random() < 0.2 else []
    theirs = {
        user.id: [_add(state, user, number, random) for number in range(20)]
        for user in (partner, quiet, stranger)
    }
    shown = [asset for asset in theirs[partner.id] if asset.visibility is Visibility.TIMELINE]
    foreign = [asset for assets in theirs.values() for asset in assets if not asset.is_trashed]
    state.add_album(me, "Own", random.sample(mine, 30), id=OWN)
    state.add_album(me, "Partners", [*random.sample(mine, 20), *shown[:9]], id=PARTNERS)
    members = {stranger.id: Role.EDITOR}
    state.add_album(
        me, "Shared", [*random.sample(mine, 25), *random.sample(foreign, 25)], id=SHARED, members=members
    )
    shared = [*random.sample(mine, 15), *random.sample(foreign, 35)]
    state.add_album(stranger, "Theirs", shared, id=THEIRS, members={ME: Role.VIEWER})
    state.add_album(me, "Empty", id=EMPTY)


def _add(state: State, owner: User, number: int, random: Random) -> Asset:
    asset_id = stable_id(f"searching {owner.name} {number}")
    taken = _taken(random)
    place = random.choice((*PLACES, None))
    seen = random.choices(
        (Visibility.TIMELINE, Visibility.ARCHIVE, Visibility.HIDDEN, Visibility.LOCKED), (14, 3, 2, 1)
    )[0]
    if owner.id != ME and seen is Visibility.LOCKED:
        seen = Visibility.TIMELINE
    return state.add_asset(
        owner,
        random.choice(("Beach", "IMG", "Screenshot")) + f"_{number}.jpg",
        id=asset_id,
        taken=taken,
        # What a camera's clock said, wherever it was.
        local_date_time=taken + timedelta(hours=random.randint(-12, 14)),
        created_at=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=random.randrange(60)),
        updated_at=datetime(2025, 6, 1, tzinfo=UTC) + timedelta(days=random.randrange(60)),
        type=random.choice((AssetType.IMAGE, AssetType.IMAGE, AssetType.VIDEO)),
        visibility=seen,
        trashed_at=datetime(2026, 1, 1 + random.randrange(9), tzinfo=UTC)
        if owner.name in {"Me", "partner"} and random.random() < 0.15
        else None,
        exif=Exif(
            make=random.choice(("SampleCam", "Other", None)),
            model=random.choice(("S1", "S2")),
            lens_model=random.choice(("35mm F2", None)),
            rating=random.choice((None, 3, 5)),
            description=random.choice(("", "At the Sea", "Dinner")),
            city=place.city if place else None,
            state=place.state if place else None,
            country=place.country if place else None,
        ),
    )


def _taken(random: Random) -> datetime:
    """Return a moment: one of a burst, near a midnight somewhere, or any."""
    if random.random() < 0.15:
        return BURST
    year = random.randrange(2018, 2026)
    if random.random() < 0.7:
        month, day = random.choice(DAYS)
        start = date(year if (month, day) != (2, 29) else random.choice((2020, 2024)), month, day)
        zone = random.choice(ZONES)
        midnight = datetime(start.year, start.month, start.day, tzinfo=zone)
        midnight += timedelta(days=random.choice((0, 1)))
        step = timedelta(milliseconds=random.choice((-3_600_000, -1, 0, 1, 3_600_000, 43_200_000)))
        return midnight.astimezone(UTC) + step
    return datetime(year, 1, 1, tzinfo=UTC) + timedelta(milliseconds=random.randrange(31_536_000_000))


def expected(state: State, query: AssetQuery, version: str, order: Order = Order.NEWEST) -> list[str]:
    """Return the ids that a query means, in order: by looking at every asset there is."""
    modern = Version.parse(version).at_least("3.0.0")
    tells_added = Version.parse(version).at_least("1.140.0")
    partners = state.partners_of(ME, in_timeline=True)
    found: list[Asset] = []
    for asset in state.assets.values():
        searched = asset.owner_id == ME or (
            asset.owner_id in partners and asset.visibility is Visibility.TIMELINE
        )
        # In albums everybody's; before 1.140 nobody knows when those were added.
        in_albums = bool(query.albums.ids) and (modern or tells_added or query.added == Span())
        if (searched or in_albums) and _fits(state, query, asset):
            found.append(asset)
    sign = -1 if order is Order.NEWEST else 1
    found.sort(key=lambda asset: (sign * asset.file_created_at.timestamp(), asset.id))
    return [asset.id for asset in found]


def _fits(state: State, query: AssetQuery, asset: Asset) -> bool:
    shown = {
        Shown.TIMELINE: {Visibility.TIMELINE},
        Shown.ARCHIVE: {Visibility.ARCHIVE},
        Shown.ANY: {Visibility.TIMELINE, Visibility.ARCHIVE},
    }[query.visibility]
    exif = asset.exif
    albums = state.albums_of_asset.get(asset.id, set())
    people = {face.person_id for face in state.faces_of_asset.get(asset.id, {}).values()}
    # A tag stands for those below it.
    tags = {tag for tag in TAGS for own in asset.tag_ids if _below(state, own, tag)}
    places = [(query.city, exif.city), (query.state, exif.state), (query.country, exif.country)]
    where = [name in names.names for names, name in places if names.names]
    day = query.on_this_day
    local = asset.file_created_at.astimezone(day.zone) if day else None
    exact = (
        (query.type, asset.type.value),
        (query.favorite, asset.is_favorite),
        (query.rating, exif.rating),
        (query.make, exif.make),
        (query.model, exif.model),
        (query.lens_model, exif.lens_model),
        (query.in_album, bool(albums)),
    )
    texts = (
        (query.filename, asset.original_file_name),
        (query.description, exif.description),
        (query.ocr, " ".join(line["text"] for line in asset.ocr)),
    )
    return all(
        (
            asset.visibility in shown,
            asset.is_trashed == query.trashed,
            query.with_partners or asset.owner_id == ME,
            _chosen(query.albums, albums),
            _chosen(query.people, people),
            _chosen(query.tags, tags),
            not any(name in names.excluded for names, name in places),
            not where or (any(where) if query.places_match is Match.ANY else all(where)),
            day is None or (local is not None and (local.month, local.day) == (day.month, day.day)),
            _within(query.taken, asset.file_created_at),
            _within(query.added, asset.created_at),
            _within(query.updated, asset.updated_at),
            _within(query.trashed_span, asset.trashed_at),
            all(wanted is None or wanted == value for wanted, value in exact),
            all(wanted is None or wanted.lower() in value.lower() for wanted, value in texts),
        )
    )


def _below(state: State, own: str, tag: str) -> bool:
    return own == tag or state.tags[own].value.startswith(state.tags[tag].value + "/")


def _chosen(choice: Choice, has: Sequence[str] | set[str] | set[str | None]) -> bool:
    wanted = [each in has for each in choice.ids]
    if any(each in has for each in choice.excluded):
        return False
    return not wanted or (any(wanted) if choice.match is Match.ANY else all(wanted))


def _within(span: Span, moment: datetime | None) -> bool:
    if span == Span():
        return True
    assert moment is not None or span.after is not None
    return moment is not None and not (
        (span.after and moment < span.after) or (span.before and moment > span.before)
    )


async def listed(
    client: Immich, query: AssetQuery, *, order: Order = Order.NEWEST, size: int = 1000
) -> list[str]:
    """Page to the end."""
    found: list[str] = []
    cursor: str | None = None
    seen: set[str] = set()
    while True:
        page = await client.search.page(query, order=order, size=size, cursor=cursor)
        assert len(page.assets) <= size
        found += [asset.id for asset in page.assets]
        if (cursor := page.next_cursor) is None:
            return found
        assert cursor not in seen, "round and round"
        seen.add(cursor)


def any_query(random: Random) -> AssetQuery:
    """Make a query of a few filters, whichever they are."""

    def some[T](values: Sequence[T], most: int) -> tuple[T, ...]:
        return tuple(random.sample(values, random.randint(1, most)))

    def choice(ids: Sequence[str]) -> Choice:
        match = random.choice(list(Match))
        wanted = some(ids, 3) if random.random() < 0.7 else ()
        return Choice(ids=wanted, match=match, excluded=some(ids, 2) if random.random() < 0.4 else ())

    def names(known: Sequence[str]) -> Names:
        wanted = some(known, 2) if random.random() < 0.7 else ()
        return Names(names=wanted, excluded=some(known, 1) if random.random() < 0.4 else ())

    def span(first: datetime, days: int) -> Span:
        ends = sorted(first + timedelta(days=random.randrange(days)) for _ in range(2))
        return random.choice((Span(after=ends[0], before=ends[1]), Span(after=ends[0]), Span(before=ends[1])))

    filters: dict[str, Callable[[], Any]] = {
        "albums": lambda: choice(ALBUMS),
        "people": lambda: choice(PEOPLE),
        "tags": lambda: choice(TAGS),
        "city": lambda: names([place.city for place in PLACES]),
        "state": lambda: names([place.state for place in PLACES]),
        "country": lambda: names([place.country for place in PLACES]),
        "places_match": lambda: random.choice(list(Match)),
        "taken": lambda: span(datetime(2018, 1, 1, tzinfo=UTC), 365 * 8),
        "on_this_day": lambda: YearlyDay(*random.choice(DAYS), random.choice(ZONES)),
        "added": lambda: span(datetime(2025, 1, 1, tzinfo=UTC), 60),
        "updated": lambda: span(datetime(2025, 6, 1, tzinfo=UTC), 60),
        "type": lambda: random.choice(list(Kind)),
        "favorite": lambda: random.random() < 0.5,
        "trashed": lambda: True,
        "in_album": lambda: random.random() < 0.5,
        "with_partners": lambda: False,
        "rating": lambda: random.choice((3, 5)),
        "make": lambda: "SampleCam",
        "model": lambda: "S1",
        "lens_model": lambda: "35mm F2",
        "filename": lambda: "screen",
        "description": lambda: "sea",
    }
    chosen = random.sample(list(filters), random.choice((0, 1, 1, 2, 2, 3, 4)))
    return AssetQuery(visibility=random.choice(list(Shown)), **{name: filters[name]() for name in chosen})
