"""Walking through everything: each folder holds exactly what the server's state says, and each thing once."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.api.searching import ALBUMS, ME, fill_search
from tests.fake_immich.libraries import scale
from tests.fake_immich.models import Asset, AssetType, Exif, Role, Visibility
from tests.fake_immich.state import State

from .belonging import ARCHIVE, TIMELINE, below, check_everything, in_album, those
from .browsing import VERSIONS, BrowseAt, browse_at_fixture, id_of

__all__ = ["browse_at_fixture"]

ZONES = ("Pacific/Auckland", "America/Los_Angeles", "UTC", "Europe/Vienna", "Pacific/Kiritimati")


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_library_with_partners_and_shared_albums(browse_at: BrowseAt, version: str) -> None:
    """Partners' photos, other people's in albums, archived, hidden, locked and trashed ones: each where it belongs."""
    browsing = await browse_at(version, "me-key", library=fill_search)
    await check_everything(browsing)
    offered = await browsing.walk("albums", into=lambda media_id: media_id.endswith(("/owned", "/shared")))
    assert offered.folders == 3
    albums = (await browsing.open("albums")).children or ()
    listed = {child.media_content_id.rpartition("/")[2] for child in albums}
    assert listed == {*ALBUMS, "owned", "shared"}
    assert browsing.account.unique_id == ME


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_same_in_small_pages(
    browse_at: BrowseAt, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Everything divided: years, months and pages of seven."""
    for module in ("divide", "browser", "kinds"):
        monkeypatch.setattr(f"custom_components.immich_plus.media.{module}.MOST_CHILDREN", 7)
    browsing = await browse_at(version, "me-key", library=fill_search)
    await check_everything(browsing)


def _thousand(state: State) -> None:
    """Fill a library of 1,000 assets, in one folder of files for each year."""
    scale(1000)(state)
    for asset in state.assets.values():
        asset.original_path = f"/mnt/photos/{asset.file_created_at.year}/{asset.original_file_name}"


@pytest.mark.parametrize("version", ["1.144.1", "3.1.0"])
async def test_a_thousand(browse_at: BrowseAt, version: str) -> None:
    """A library of 1,000 assets, each opening cold on the newer server."""
    await check_everything(await browse_at(version, "scale-key", library=_thousand), cold=version == "3.1.0")


@pytest.mark.parametrize("version", ["1.144.1", "3.1.0"])
async def test_edges_of_months_in_all_zones(
    browse_at: BrowseAt, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Photos of the first and last hours of months, taken all over the world: none missing, none twice."""
    monkeypatch.setattr("custom_components.immich_plus.media.divide.MOST_CHILDREN", 3)

    def _fill(state: State) -> None:
        me = state.add_user("Me", "me@example.com", is_admin=True)
        state.add_api_key(me, secret="me-key")
        random = Random(11)
        photos = []
        for year, month in ((2019, 12), (2020, 1), (2020, 2), (2020, 3), (2020, 5), (2021, 1), (2023, 7)):
            for hours in (-12, -8, -3.5, 0, 5.75, 12, 13, 14):
                first = datetime(year, month, 1, tzinfo=UTC)
                # What the camera's clock said: just before or just after midnight.
                local = first + random.choice((timedelta(minutes=-30), timedelta(0), timedelta(minutes=30)))
                photos.append(
                    state.add_asset(
                        me, "edge.jpg", taken=local - timedelta(hours=hours), local_date_time=local
                    )
                )
        state.add_album(me, "Edges", photos)

    browsing = await browse_at(version, "me-key", library=_fill)
    everything = set(browsing.immich.state.assets)
    (album_id,) = browsing.immich.state.albums
    for zone in ZONES:
        await browsing.hass.config.async_set_time_zone(zone)
        browsing.forget()
        for path in ("timeline", f"albums/{album_id}"):
            walk = await browsing.holds(path, everything)
            assert walk.folders > 20


async def test_new_years_eve_in_california(browse_at: BrowseAt) -> None:
    """A photo taken at 23:30 on 31 December there is in a folder of that year or the next, never in none."""
    taken = datetime(2023, 12, 31, 23, 30, tzinfo=ZoneInfo("America/Los_Angeles"))

    def _fill(state: State) -> None:
        me = state.add_user("Me", "me@example.com", is_admin=True)
        state.add_api_key(me, secret="me-key")
        local = taken.replace(tzinfo=UTC)
        state.add_asset(me, "eve.jpg", taken=taken.astimezone(UTC), local_date_time=local)
        for number in range(450):
            state.add_asset(me, "x.jpg", taken=datetime(2024, 1, 1 + number % 31, 12, tzinfo=UTC))

    browsing = await browse_at("3.1.0", "me-key", library=_fill)
    await browsing.hass.config.async_set_time_zone("Asia/Tokyo")
    assert await browsing.titles("timeline") == ["2024 (450)", "2023 (1)"]
    await browsing.holds("timeline", set(browsing.immich.state.assets))
    # 2023 ends at midnight in Tokyo, and this was taken when 2024 had begun there.
    assert await browsing.titles("timeline/2023") == []
    assert await browsing.titles("timeline/2024/01") == ["1–400", "401–800"]


async def test_months_as_people_at_home_see_them(
    browse_at: BrowseAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last noon of a month is in it; a month that follows none has what was taken early in it elsewhere."""
    monkeypatch.setattr("custom_components.immich_plus.media.divide.MOST_CHILDREN", 2)

    def _fill(state: State) -> None:
        me = state.add_user("Me", "me@example.com", is_admin=True)
        state.add_api_key(me, secret="me-key")
        for day, zone in (
            ("2020-01-31T12:00", "Europe/Vienna"),
            ("2020-02-01T12:00", "Europe/Vienna"),
            ("2020-05-01T00:30", "Pacific/Kiritimati"),
        ):
            local = datetime.fromisoformat(day)
            taken = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            state.add_asset(me, f"{day[:10]}.jpg", taken=taken, local_date_time=local.replace(tzinfo=UTC))

    browsing = await browse_at("3.1.0", "me-key", library=_fill)
    await browsing.hass.config.async_set_time_zone("Europe/Vienna")
    for month, name in (("01", "2020-01-31.jpg"), ("02", "2020-02-01.jpg"), ("05", "2020-05-01.jpg")):
        assert await browsing.titles(f"timeline/2020/{month}") == [name]


def _month(state: State, count: int, *, per_hidden: int = 0) -> list[Asset]:
    """Add photos of one month, some with a hidden film beside them."""
    me = state.add_user("Me", "me@example.com", is_admin=True)
    state.add_api_key(me, secret="me-key")
    other = state.add_user("Other", "other@example.com")
    photos = []
    for number in range(count):
        owner = other if number % 13 == 5 else me
        taken = datetime(2022, 5, 2, tzinfo=UTC) + timedelta(minutes=number)
        seen = ARCHIVE if number % 9 == 4 else TIMELINE
        photos.append(state.add_asset(owner, f"{number}.jpg", taken=taken, visibility=seen))
        if per_hidden and number % per_hidden == 0:
            film = state.add_asset(owner, f"{number}.mov", taken=taken, visibility=Visibility.HIDDEN)
            film.type = AssetType.VIDEO
            photos[-1].live_photo_video_id = film.id
            photos.append(film)
    state.add_album(me, "Big", photos, members={other.id: Role.EDITOR})
    return photos


@pytest.mark.parametrize("version", ["1.137.3", "1.144.1", "3.1.0", "3.3.5"])
async def test_an_album_of_2600(browse_at: BrowseAt, version: str) -> None:
    """A large shared album of one month, with archived photos and hidden films: all of everybody's photos, once."""
    browsing = await browse_at(version, "me-key", library=lambda state: _month(state, 2600, per_hidden=4))
    (album_id,) = browsing.immich.state.albums
    expected = in_album(browsing.immich.state, album_id)
    assert len(expected) == 2600
    await browsing.holds(f"albums/{album_id}", expected)
    months = await browsing.titles(f"albums/{album_id}/2022")
    assert months[0] == ("May 2022 (2600)" if version < "3" else months[0])


async def test_an_album_of_many_years(browse_at: BrowseAt) -> None:
    """On old servers a year of an album lists its months even if it is small: only a month can be read alone."""

    def _fill(state: State) -> None:
        me = state.add_user("Me", "me@example.com", is_admin=True)
        state.add_api_key(me, secret="me-key")
        days = (datetime(2018, 1, 1, tzinfo=UTC) + timedelta(days=5 * number) for number in range(500))
        state.add_album(me, "Long", [state.add_asset(me, "a.jpg", taken=day) for day in days])

    browsing = await browse_at("2.7.5", "me-key", library=_fill)
    (album_id,) = browsing.immich.state.albums
    await browsing.holds(f"albums/{album_id}", set(browsing.immich.state.assets), cold=True)
    assert len(await browsing.titles(f"albums/{album_id}/2019")) == 12
    assert browsing.immich.requests.count("GET timeline/bucket") > 60
    assert browsing.immich.requests.count("POST search/*") == 0


@pytest.mark.parametrize("version", ["1.144.1", "3.1.0"])
async def test_a_month_of_5000(browse_at: BrowseAt, version: str) -> None:
    """A month that fills 13 pages."""
    browsing = await browse_at(version, "me-key", library=lambda state: _month(state, 5000))
    state, me = browsing.immich.state, str(browsing.account.unique_id)
    expected = those(state, lambda asset: asset.owner_id == me and asset.visibility is TIMELINE)
    assert len(expected) == 4102
    await browsing.holds("timeline", expected, cold=True)
    assert (await browsing.titles("timeline/2022/05"))[-1] == "4001–4400"
    page = await browsing.open("timeline/2022/05/=11-11")
    assert (page.title, len(page.children or ())) == ("May 2022", 102)


async def test_without_the_scope_to_count(browse_at: BrowseAt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that may not count still reaches everything, page after page."""
    monkeypatch.setattr("custom_components.immich_plus.media.divide.MOST_CHILDREN", 10)
    scopes = ("asset.read", "asset.view")
    browsing = await browse_at("1.137.3", "scale-key", scopes=scopes, library=scale(1000))
    state = browsing.immich.state
    films = those(state, lambda each: each.type is AssetType.VIDEO and each.visibility is TIMELINE)
    assert len(films) > 50
    await browsing.holds("videos", films, cold=True)
    assert await browsing.titles("videos") == ["1–10", "11–20"]
    last = await browsing.titles("videos/=2-2")
    assert last[0] == "More"


def _scattered(places: Iterable[tuple[str, str | None]]) -> Callable[[State], None]:
    def _fill(state: State) -> None:
        me = state.add_user("Me", "me@example.com", is_admin=True)
        state.add_api_key(me, secret="me-key")
        for number, (country, city) in enumerate(places):
            taken = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=number)
            exif = Exif(country=country, city=city)
            state.add_asset(me, f"{number}.jpg", taken=taken, exif=exif)

    return _fill


async def test_cities_of_the_same_name(browse_at: BrowseAt) -> None:
    """Two cities called Paris, a country without cities: each country and city is there."""
    places = [("France", "Paris"), ("United States", "Paris"), ("Iceland", None), ("France", None)]
    browsing = await browse_at(key="me-key", library=_scattered(places))
    assert await browsing.titles("places") == ["France", "Iceland", "United States"]
    assert await browsing.titles("places/France") == ["Everything in France", "Paris"]
    assert await browsing.titles("places/United%20States") == ["Everything in United States", "Paris"]
    assert await browsing.titles("places/France/=all") == ["3.jpg", "0.jpg"]
    assert await browsing.titles("places/United%20States/Paris") == ["1.jpg"]
    assert await browsing.titles("places/Iceland") == ["Everything in Iceland"]
    await browsing.holds("places/Iceland", {browsing.immich.state.assets_by_date()[1].id})


async def test_500_cities(browse_at: BrowseAt) -> None:
    """More cities than one folder may have: they come in parts, with everything in them once and together."""
    browsing = await browse_at(
        key="me-key", library=_scattered(("Chile", f"City {number:03}") for number in range(500))
    )
    everything = set(browsing.immich.state.assets)
    assert await browsing.titles("places/Chile") == ["1–400", "401–800"]
    walk = await browsing.walk("places/Chile", into=lambda media_id: "/=" in media_id)
    assert walk.assets == dict.fromkeys(everything, 1)
    await browsing.holds("places/Chile/=all", everything)
    assert await browsing.titles("places/Chile/City%20042") == ["42.jpg"]
    assert await browsing.titles("places/Chile/=2-2") == [f"City {number:03}" for number in range(399, 500)]


async def test_tags_in_tags(browse_at: BrowseAt) -> None:
    """A tag with more tags and photos than fit together: each can be reached."""
    browsing = await browse_at()
    state = browsing.immich.state
    parent = state.tags[id_of("tag trips")]
    made = []
    for number in range(600):
        tag = type(parent)(
            id=state.new_id(),
            user_id=parent.user_id,
            value=f"trips/{number:03}",
            created_at=state.now(),
            updated_at=state.now(),
            parent_id=parent.id,
        )
        state.tags[tag.id] = tag
        made.append(tag)
    for number, tag in enumerate(made[:3]):
        taken = datetime(2020, 1, 1 + number, tzinfo=UTC)
        owner = state.users[parent.user_id]
        state.add_asset(owner, f"{number}.jpg", taken=taken, tag_ids=[tag.id])
    path = f"tags/{parent.id}"
    assert await browsing.titles("tags") == ["trips"]
    assert await browsing.titles(path) == ["1–400", "401–800"]
    assert (await browsing.titles(f"{path}/=1-1"))[:2] == ["Everything in trips", "000"]
    family = {parent.id, *(tag.id for tag in made), id_of("tag trips/sea")}
    expected = those(state, lambda asset: not family.isdisjoint(asset.tag_ids))
    assert len(expected) == 5
    await browsing.holds(path, expected, into=below(browsing, path))
    met: set[str] = set()

    def _into(media_id: str) -> bool:
        met.add(media_id.removeprefix(f"{browsing.root}/tags/"))
        return media_id.startswith(f"{browsing.root}/{path}/=")

    await browsing.walk(path, into=_into)
    assert family <= met | {parent.id}
    assert await browsing.titles(f"tags/{made[1].id}") == ["1.jpg"]
    # A single tag of them, with what it holds beside the tags below it.
    state.tags = {tag.id: tag for tag in state.tags.values() if tag not in made[50:]}
    browsing.forget()
    titles = await browsing.titles(path)
    assert titles[:2] == ["000", "001"]
    assert titles[-5:] == ["rome.jpg", "vienna.jpg", "2.jpg", "1.jpg", "0.jpg"]
    assert await browsing.titles(f"{path}/=all") == titles[-5:]


async def test_folders_that_just_leave_no_room(browse_at: BrowseAt) -> None:
    """A few folders and nearly a full page: the photos are a folder of their own, with the same name as before."""
    browsing = await browse_at()
    state = browsing.immich.state
    owner, tag_id = state.users[id_of("admin")], id_of("tag trips")
    state.assets.clear()
    for number in range(399):
        taken = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        asset = state.add_asset(
            owner, "a.jpg", taken=taken, original_path="/mnt/photos/a.jpg", tag_ids=[tag_id]
        )
    assert len(await browsing.titles(f"tags/{tag_id}")) == 400
    another = state.add_asset(
        owner,
        "b.jpg",
        taken=datetime(2021, 1, 1, tzinfo=UTC),
        original_path="/mnt/photos/b.jpg",
        tag_ids=[tag_id],
    )
    browsing.forget()
    assert await browsing.titles(f"tags/{tag_id}") == ["Everything in trips", "sea"]
    assert (await browsing.assets(f"tags/{tag_id}/=all"))[0] == another.id
    # The same with files on the server.
    asset.original_path = "/mnt/photos/deeper/a.jpg"
    another.original_path = "/mnt/photos/another/b.jpg"
    browsing.forget()
    assert len(await browsing.titles("folders")) == 400
    for number in range(10):
        day = datetime(2022, 1, 1 + number, tzinfo=UTC)
        state.add_asset(owner, "c.jpg", taken=day, original_path="/mnt/photos/c.jpg")
    browsing.forget()
    assert await browsing.titles("folders") == ["another", "deeper", "1–400", "401–800"]
    assert await browsing.titles("folders/=all") == ["1–400", "401–800"]
    await browsing.holds("folders", set(state.assets))


@pytest.mark.parametrize("version", ["2.7.5", "3.1.0"])
async def test_700_albums(browse_at: BrowseAt, version: str) -> None:
    """Albums in parts, those of others apart."""

    def _fill(state: State) -> None:
        me, other = (
            state.add_user(name, f"{name}@example.com", is_admin=name == "me") for name in ("me", "x")
        )
        state.add_api_key(me, secret="me-key")
        for number in range(700):
            owner, members = (other, {me.id: Role.VIEWER}) if number % 7 == 0 else (me, {})
            state.add_album(owner, f"Album {number:03}", members=members)

    browsing = await browse_at(version, "me-key", library=_fill)
    assert await browsing.titles("albums") == ["1–400", "401–800"]
    first = await browsing.titles("albums/=1-1")
    assert first[:3] == ["My albums", "Shared with me", "Album 000 (0)"]
    assert len(first + await browsing.titles("albums/=2-2")) == 702
    assert len(await browsing.titles("albums/shared")) == 100
    assert await browsing.titles("albums/owned") == ["1–400", "401–800"]
    met: set[str] = set()

    def _into(media_id: str) -> bool:
        met.add(media_id.rpartition("/")[2])
        return "/=" in media_id

    await browsing.walk("albums/owned", into=_into)
    await browsing.walk("albums/shared", into=_into)
    assert set(browsing.immich.state.albums) <= met


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_1200_people(browse_at: BrowseAt, version: str) -> None:
    """Named people first, 900 without a name apart, a favourite without a name among them."""

    def _fill(state: State) -> None:
        from tests.fake_immich.models import Person

        me = state.add_user("Me", "me@example.com", is_admin=True)
        state.add_api_key(me, secret="me-key")
        assets = [state.add_asset(me, "a.jpg", taken=datetime(2020, 1, 1, tzinfo=UTC)) for _ in range(3)]
        for number in range(1200):
            person = Person(
                id=state.new_id(),
                owner_id=me.id,
                created_at=state.now(),
                updated_at=state.now(),
                name=f"Person {number:03}" if number < 300 else "",
                is_favorite=number == 999,
            )
            state.people[person.id] = person
            for asset in assets:
                state.add_face(asset, person, (0, 0, 1, 1))

    browsing = await browse_at(version, "me-key", library=_fill)
    people = browsing.immich.state.people
    listed = await browsing.titles("people")
    assert listed == [*(f"Person {number:03}" for number in range(300)), "People without a name"]
    folders: set[str] = set()

    def _into(media_id: str) -> bool:
        folders.add(media_id.rpartition("/")[2])
        return media_id.endswith("unnamed") or "/=" in media_id

    await browsing.walk("people", into=_into, cold=True)
    assert set(people) == {folder for folder in folders if folder in people}
    # 700 with a name: they go on although an unnamed favourite comes first.
    for number, person in enumerate(people.values()):
        if number < 700:
            person.name = f"Person {number:03}"
    browsing.forget()
    first = await browsing.titles("people")
    assert first[-2:] == ["People without a name", "More"]
    second = await browsing.titles("people/=2-2")
    assert len([name for name in first + second if name.startswith("Person")]) == 700
    assert second[-1] != "More"
    folders.clear()
    await browsing.walk("people", into=_into)
    assert set(people) == {folder for folder in folders if folder in people}
    assert await browsing.titles("people/=1-3") == ["1–400", "401–800", "801–1200"]
