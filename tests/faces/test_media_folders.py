"""What is in each kind of folder, on each version."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from homeassistant.util import dt as dt_util
import pytest

from custom_components.immich_plus.api.people import PeoplePage, Person as ListedPerson
from custom_components.immich_plus.media import recent
from custom_components.immich_plus.media.path_tree import PathTree
from tests.fake_immich.faults import Delay, Drop, replaced
from tests.fake_immich.ids import stable_id
from tests.fake_immich.libraries import demo
from tests.fake_immich.models import Memory, Role, Visibility
from tests.fake_immich.state import State

from .belonging import check_everything
from .browsing import (
    UNKNOWN,
    VERSIONS,
    BrowseAt,
    Browsing,
    asset_of,
    browse_at_fixture,
    browsing_each_fixture,
    browsing_fixture,
    id_of,
)

__all__ = ["browse_at_fixture", "browsing_each_fixture", "browsing_fixture"]

READ = (
    "asset.read",
    "album.read",
    "person.read",
    "tag.read",
    "memory.read",
    "folder.read",
    "asset.statistics",
)


def ids(*names: str) -> list[str]:
    """Return the ids of photos of the tiny library."""
    return [id_of(f"{name}.jpg") for name in names]


async def test_the_tiny_library(browsing_each: Browsing) -> None:
    """Each kind shows what belongs to it, by date, the latest first; live photos once, without their film."""
    browsing = browsing_each
    timeline = [id_of("live.jpg"), id_of("film.mp4"), *ids("party", "memory", "paris", "rome", "vienna")]
    await browsing.holds("timeline", set(timeline))
    assert (await browsing.titles("timeline"))[-1] == "2022 (2)"
    assert await browsing.assets("timeline/2022") == ids("rome", "vienna")
    assert await browsing.assets("favorites") == ids("party", "rome")
    assert await browsing.assets("archive") == ids("archived")
    assert await browsing.assets("videos") == [id_of("film.mp4")]
    assert set(await browsing.assets("unsorted")) == {id_of("film.mp4"), *ids("live", "memory")}
    assert set(await browsing.assets("random")) == set(timeline)
    assert set(await browsing.assets("recent")) == set(timeline)
    assert await browsing.titles("albums") == [
        *("My albums", "Shared with me", "Empty (0)", "From the user (2)", "Holiday (3)", "Twice (1)"),
        "Twice (0)",
    ]
    assert await browsing.titles("albums/owned") == ["Empty (0)", "Holiday (3)", "Twice (1)", "Twice (0)"]
    assert await browsing.titles("albums/shared") == ["From the user (2)"]
    assert await browsing.assets(f"albums/{id_of('holiday')}") == ids("paris", "rome", "vienna")
    assert await browsing.assets(f"albums/{id_of('theirs')}") == ids("user2", "user1")
    assert await browsing.assets(f"albums/{id_of('empty')}") == []
    assert await browsing.titles("people") == ["Alice", "People without a name"]
    assert await browsing.titles("people/unnamed") == ["No name yet"]
    assert await browsing.assets(f"people/{id_of('person Alice')}") == ids("rome", "vienna")
    assert await browsing.titles("tags") == ["trips"]
    assert await browsing.titles(f"tags/{id_of('tag trips')}") == ["sea", "rome.jpg", "vienna.jpg"]
    assert await browsing.titles(f"tags/{id_of('tag trips/sea')}") == ["rome.jpg"]
    assert await browsing.titles("places") == ["Austria", "France", "Italy"]
    assert await browsing.titles("places/Italy") == ["Everything in Italy", "Rome"]
    assert await browsing.assets("places/Italy/Rome") == ids("rome")
    assert await browsing.assets("places/Italy/=all") == ids("rome")
    assert await browsing.assets("search/vienna") == (await browsing.search("", "vienna"))


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_household_of_the_demo(browse_at: BrowseAt, tmp_path: Path, version: str) -> None:
    """Anna's photos, with Ben's as her partner's: everything is where it belongs."""
    state = State()
    demo(tmp_path)(state)
    # Nobody looks at the pictures.
    state.startup.clear()
    browsing = await browse_at(version, "anna-full", library=None, state=state)
    await check_everything(browsing)
    assert (await browsing.titles("people"))[:1] != ["People without a name"]
    assert await browsing.titles("tags") == ["Cities", "Family", "Food", "Nature"]


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        *(
            (kind, "asset.read")
            for kind in ("timeline", "recent", "favorites", "videos", "random", "unsorted")
        ),
        *((kind, "asset.read") for kind in ("archive", "places", "places/Italy", "places/Italy/Rome")),
        *(("albums", "album.read"), (f"albums/{UNKNOWN}", "album.read"), ("people", "person.read")),
        *((f"people/{UNKNOWN}", "person.read"), ("tags", "tag.read"), ("memories", "memory.read")),
        *(("memories/saved", "memory.read"), ("folders", "folder.read"), ("search/x", "asset.read")),
    ],
)
async def test_each_missing_scope_is_named(browse_at: BrowseAt, path: str, scope: str) -> None:
    """A key that may do all but one thing: the browser says which."""
    browsing = await browse_at("2.7.5", scopes=tuple(each for each in READ if each != scope))
    assert await browsing.refused(path) == ("missing_scope", {"scope": scope})


async def test_people_need_no_scope_for_the_rest(browse_at: BrowseAt) -> None:
    """Without `person.read` only people are missing; searching leaves them out."""
    browsing = await browse_at(scopes=tuple(each for each in READ if each != "person.read"))
    browsing.immich.state.settings.smart_search = False
    assert await browsing.search("", "rome") == ids("rome")
    assert await browsing.assets("favorites") == ids("party", "rome")


async def test_everything_that_vanished(browsing: Browsing) -> None:
    """An album, a person and a tag that are gone a minute later."""
    paths: dict[str, tuple[str, dict[str, str]]] = {
        f"albums/{id_of('holiday')}": ("not_found", {}),
        f"people/{id_of('person Alice')}": ("not_found", {}),
        f"tags/{id_of('tag trips')}": ("folder_unknown", {}),
    }
    for path in paths:
        await browsing.open(path)
    state = browsing.immich.state
    state.remove_album(id_of("holiday"))
    del state.people[id_of("person Alice")], state.tags[id_of("tag trips")]
    for path in paths:
        await browsing.open(path, most_requests=0)
    browsing.forget()
    for path, told in paths.items():
        assert await browsing.refused(path) == told


async def test_a_tag_whose_parent_is_gone(browsing: Browsing) -> None:
    """It is shown among those that are below none."""
    del browsing.immich.state.tags[id_of("tag trips")]
    assert await browsing.titles("tags") == ["sea"]


async def test_server_away_and_back(browsing: Browsing) -> None:
    """No error is kept: as soon as the server is back, folders open, and the version is read once more."""
    browsing.immich.faults.add("*", Drop())
    for kind in ("timeline", "people", "recent", "folders"):
        assert (await browsing.refused(kind))[0] == "cannot_connect"
    browsing.immich.faults.clear()
    browsing.immich.requests.clear()
    assert len(await browsing.assets("timeline/2022")) == 2
    assert browsing.immich.requests.by_route() == {
        "GET server/version": 1,
        "GET timeline/buckets": 1,
        "POST search/metadata": 1,
    }


async def test_maintenance(browsing: Browsing) -> None:
    """Maintenance is said to be that."""
    browsing.immich.maintenance = True
    assert await browsing.refused("albums") == ("maintenance", {})


async def test_a_change_within_the_minute(browsing: Browsing) -> None:
    """What was trashed a moment ago is still listed, and gone after our own change or a minute."""
    assert ids("rome")[0] in await browsing.assets("favorites")
    state = browsing.immich.state
    state.update_asset(state.assets[id_of("rome.jpg")], trashed_at=state.now())
    assert ids("rome")[0] in await browsing.assets("favorites")
    await browsing.hass.services.async_call(
        "immich_plus",
        "update_assets",
        {"assets": ids("paris"), "favorite": True},
        blocking=True,
        return_response=True,
    )
    await browsing.hass.async_block_till_done(wait_background_tasks=True)
    assert await browsing.assets("favorites") == ids("party", "paris")


async def test_two_at_once(browsing: Browsing) -> None:
    """Two who open the same folder at once cost as much as one; one of them going away takes nothing along."""
    browsing.immich.faults.add("*", Delay(0.05))
    first, second = (asyncio.ensure_future(browsing.assets("favorites")) for _ in range(2))
    await asyncio.sleep(0.02)
    first.cancel()
    assert await second == ids("party", "rome")
    assert browsing.immich.requests.count() == 2
    assert first.cancelled()


async def test_random_is_drawn_anew(browsing: Browsing) -> None:
    """Random photos are others each time."""
    state = browsing.immich.state
    for number in range(200):
        state.add_asset(state.users[id_of("admin")], f"{number}.jpg", taken=datetime(2020, 1, 1, tzinfo=UTC))
    first, second = [await browsing.assets("random") for _ in range(2)]
    assert len(first) == len(second) == 100
    assert set(first) != set(second)
    assert browsing.immich.requests.count("POST search/random") == 2


def _added(state: State, moments: Sequence[datetime]) -> list[str]:
    """Add photos at these moments, taken in another order; return their ids."""
    owner = state.users[id_of("admin")]
    return [
        state.add_asset(
            owner,
            f"{number}.jpg",
            taken=datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=number * 7919 % 10_000),
            created_at=moment,
            updated_at=moment,
        ).id
        for number, moment in enumerate(moments)
    ]


@pytest.mark.parametrize("version", ["1.137.3", "3.3.5"])
@pytest.mark.parametrize(
    ("count", "step"),
    [
        # In a day; within an hour of many in a day; all within days of a month; a few in years.
        (300, timedelta(minutes=4)),
        (1500, timedelta(seconds=20)),
        (1500, timedelta(minutes=20)),
        (1200, timedelta(minutes=30)),
        (60, timedelta(days=20)),
    ],
)
@pytest.mark.parametrize("polled", [False, True])
async def test_recently_added(
    browse_at: BrowseAt, version: str, count: int, step: timedelta, polled: bool
) -> None:
    """The latest additions first, whenever they were taken; before 1.140 at least no older ones among them."""
    browsing = await browse_at(version)
    state = browsing.immich.state
    for asset in list(state.assets):
        state.remove_asset(asset)
    now = state.now()
    added = _added(state, [now - number * step for number in range(count)])
    if polled:
        await browsing.account.runtime_data.library.async_refresh()
    listed = await browsing.assets("recent")
    assert len(listed) == len(set(listed)) >= min(50, count)
    if version != "1.137.3":
        assert listed == added[: len(listed)]
    else:
        assert set(listed) <= set(added[: max(400, 24 * 60 * 60 // int(step.total_seconds()))])


async def test_a_large_import(browse_at: BrowseAt) -> None:
    """Thousands within a few minutes: the latest of them, as far as one answer goes."""
    browsing = await browse_at()
    state = browsing.immich.state
    now = state.now()
    added = _added(state, [now - timedelta(milliseconds=60 * number) for number in range(3000)])
    opened = await browsing.open("recent")
    listed = [asset_of(child) for child in opened.children or ()]
    assert set(listed) <= set(added[:2001])
    assert opened.not_shown == 600
    assert browsing.immich.requests.count() == 3


async def test_nothing_recent(browsing: Browsing) -> None:
    """An empty library has an empty folder."""
    for asset in list(browsing.immich.state.assets):
        browsing.immich.state.remove_asset(asset)
    assert await browsing.assets("recent") == []


async def test_long_ago(browse_at: BrowseAt) -> None:
    """A library of thousands to which nothing was added for years still shows some."""
    browsing = await browse_at("1.137.3")
    state = browsing.immich.state
    old = datetime(2020, 1, 1, tzinfo=UTC)
    added = _added(state, [old] * 1200)
    for asset in state.assets.values():
        asset.created_at = old
    listed = await browsing.assets("recent")
    assert len(listed) == 400
    assert set(listed) <= {*added, *state.assets}


def test_recent_without_moments() -> None:
    """Assets that tell nothing are last."""
    told = SimpleNamespace(id="b", added_at=None, taken_at=datetime(2020, 1, 1, tzinfo=UTC))
    nothing = SimpleNamespace(id="a", added_at=None, taken_at=None)
    page = SimpleNamespace(assets=[nothing, told], next_page=None)
    assert [each.id for each in recent._best({datetime(2020, 1, 1, tzinfo=UTC): page})] == ["b", "a"]


async def test_memories_of_today(browsing_each: Browsing) -> None:
    """Today's memories, the days before, and saved ones; a memory shows its photos and can be searched."""
    browsing = browsing_each
    await browsing.hass.config.async_set_time_zone("UTC")
    today = browsing.immich.state.now().date()
    opened = await browsing.open("memories")
    titles = [child.title for child in opened.children or ()]
    assert titles[0] == f"3 years ago ({today.year - 3})"
    assert len(titles) == 1 + 7 + 1
    assert titles[-1] == "Saved memories"
    (memory,) = browsing.immich.state.memories.values()
    path = f"memories/{today.isoformat()}"
    assert (opened.children or ())[0].media_content_id == f"{browsing.root}/{path}/{memory.id}"
    assert await browsing.assets(f"{path}/{memory.id}") == [id_of("memory.jpg")]
    assert await browsing.search(f"{path}/{memory.id}", "anything") == [id_of("memory.jpg")]
    assert await browsing.titles(path) == titles[:1]
    assert await browsing.titles("memories/saved") == []
    assert (await browsing.refused(f"{path}/{UNKNOWN}"))[0] == "folder_unknown"
    assert (await browsing.refused(f"{path}/{memory.id}/x"))[0] == "folder_unknown"
    memory.is_saved = True
    browsing.forget()
    assert await browsing.titles("memories/saved") == titles[:1]
    assert await browsing.assets(f"memories/saved/{memory.id}") == [id_of("memory.jpg")]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Pacific/Kiritimati", "2026-11-25"), ("America/Los_Angeles", "2026-11-24"), ("UTC", "2026-11-24")],
)
async def test_today_is_home_assistants(
    browsing: Browsing, monkeypatch: pytest.MonkeyPatch, zone: str, day: str
) -> None:
    """Today is the day of Home Assistant's zone."""
    await browsing.hass.config.async_set_time_zone(zone)
    noon = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
    monkeypatch.setattr(dt_util, "now", lambda: dt_util.as_local(noon))
    titles = await browsing.titles("memories")
    assert browsing.immich.requests.matching("GET memories")[0].query == {"for": day}
    before = date.fromisoformat(day) - timedelta(days=1)
    assert titles[-8] == f"{before.day} November 2026"


async def test_memories_of_other_kinds(browsing: Browsing) -> None:
    """A year ago, of no year, without moments; the titles say what is known."""
    state = browsing.immich.state
    today = state.now().date()
    state.memories.clear()
    for number, data in enumerate(({"year": today.year - 1}, {})):
        memory = Memory(
            id=stable_id(f"memory {number}"),
            owner_id=id_of("admin"),
            memory_at=datetime(2020, 1, 1, tzinfo=UTC),
            created_at=state.now(),
            updated_at=state.now(),
            data=data,
            asset_ids=[id_of("rome.jpg")],
        )
        state.memories[memory.id] = memory
    assert (await browsing.titles("memories"))[:2] == [f"A year ago ({today.year - 1})", "Memories"]
    browsing.immich.faults.add(
        "GET memories", replaced([{"id": UNKNOWN, "assets": [{"id": id_of("rome.jpg")}]}])
    )
    browsing.forget()
    opened = await browsing.open(f"memories/saved/{UNKNOWN}")
    assert [child.title for child in opened.children or ()] == [id_of("rome.jpg")]
    assert not opened.can_search


async def test_folders_of_the_server(browse_at: BrowseAt) -> None:
    """The part that all paths share is left out; a folder shows the folders in it, then its photos by name."""
    browsing = await browse_at(scopes=READ)
    state = browsing.immich.state
    for name, path in {
        "vienna.jpg": "/mnt/photos/2022/b.jpg",
        "rome.jpg": "/mnt/photos/2022/a.jpg",
        "paris.jpg": "/mnt/photos/2022/deep/er/c.jpg",
        "party.jpg": "/mnt/photos//2023/d.jpg",
    }.items():
        state.assets[id_of(name)].original_path = path
    for name in ("memory.jpg", "live.jpg", "film.mp4"):
        state.remove_asset(id_of(name))
    assert await browsing.titles("folders") == ["2022", "2023"]
    (first, second) = (await browsing.open("folders")).children or ()
    assert await browsing.titles(first.media_content_id) == ["deep", "rome.jpg", "vienna.jpg"]
    assert await browsing.assets(f"{first.media_content_id}/=all") == ids("rome", "vienna")
    assert await browsing.assets(second.media_content_id) == ids("party")
    deep = await browsing.named(first.media_content_id, "deep")
    assert await browsing.titles(deep) == ["er"]
    assert await browsing.titles(await browsing.named(deep, "er")) == ["paris.jpg"]
    for child in (first, second):
        assert "mnt" not in child.media_content_id
        assert not (await browsing.open(child.media_content_id)).can_search
    assert (await browsing.refused("folders/a/b"))[0] == "folder_unknown"
    assert (await browsing.refused("folders/mnt"))[0] == "folder_unknown"


async def test_one_folder_of_the_server(browsing: Browsing) -> None:
    """Where all files are in one folder, that is the root."""
    for asset in browsing.immich.state.assets.values():
        asset.original_path = f"/data/{asset.original_file_name}"
    assert len(await browsing.assets("folders")) == 7
    for asset in browsing.immich.state.assets.values():
        asset.original_path = f"/{asset.original_file_name}"
    browsing.forget()
    # The fake cuts the only slash off; what counts is that nothing is left out or surprised.
    assert (await browsing.open("folders")).title == "Folders"


def test_paths() -> None:
    """Odd paths: twice the same folder, slashes at the end and in pairs, none at the beginning, the root."""
    tree = PathTree(["/a/b/", "/a/b", "/a//b", "/a/b/c d", "x/y", "/"])
    assert [node.name for node in tree.root.children] == ["a", "x"]
    assert tree.root.holds_files
    (a, x) = tree.root.children
    assert sorted((node.name, node.path, node.holds_files) for node in a.children) == [
        ("b", "/a//b", True),
        ("b", "/a/b/", True),
    ]
    assert [node.name for node in x.children] == ["y"]
    assert tree.node(a.key) is a
    assert tree.node("") is None
    assert PathTree([]).root.children == []
    assert len({node.key for node in (a, x, *a.children, *x.children)}) == 5


async def test_named_people_that_end_with_a_page(browsing: Browsing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of named people alone leads on; unnamed ones begin somewhere behind."""

    def _page(number: int, *, more: bool) -> PeoplePage:
        people = [
            ListedPerson(id=stable_id(f"p{number}"), name=name, hidden=False, birth_date=None, favorite=False)
            for name in (("A", "") if number == 2 else ("B",))
        ]
        return PeoplePage(people=people, more=more, total=None)

    async def _pages(number: int, *, size: int) -> PeoplePage:
        return _page(number, more=number == 1)

    monkeypatch.setattr(browsing.account.runtime_data.client.people, "page", _pages)
    assert await browsing.titles("people") == ["B", "People without a name", "More"]
    assert await browsing.titles("people/unnamed") == ["More"]


async def test_only_own_albums(browse_at: BrowseAt) -> None:
    """Without albums of others there is nothing to tell apart."""
    browsing = await browse_at()
    browsing.immich.state.albums[id_of("theirs")].members = {id_of("user"): Role.OWNER}
    assert (await browsing.titles("albums"))[0] == "Empty (0)"
    assert (await browsing.refused("albums/x"))[0] == "folder_unknown"
    assert (await browsing.refused("albums/owned/2020"))[0] == "folder_unknown"


async def test_a_month_that_is_empty_now(browsing: Browsing) -> None:
    """A folder that somebody kept opens empty when its last photo is gone; its name stays."""
    opened = await browsing.open("timeline/1999/01")
    assert (opened.title, list(opened.children or ())) == ("January 1999", [])
    assert not opened.can_search
    assert (await browsing.open("timeline/1999")).title == "1999"
    for path in ("videos/2024", "timeline/x", "timeline/2024/0", "timeline/2024/1/1", "timeline/１"):
        assert (await browsing.refused(path))[0] == "folder_unknown"


async def test_hidden_films_of_old_albums(browse_at: BrowseAt) -> None:
    """Albums of old servers are read whole: what is hidden in them stays so, what has no moment is last."""
    browsing = await browse_at("1.144.1")
    rows = [
        {"id": stable_id(f"odd {number}"), "visibility": seen.value}
        for number, seen in enumerate((Visibility.HIDDEN, Visibility.ARCHIVE))
    ]
    browsing.immich.faults.add("GET albums/{id}", replaced(rows, "assets"))
    assert await browsing.assets(f"albums/{id_of('holiday')}") == [stable_id("odd 1")]
