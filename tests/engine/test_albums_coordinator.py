"""What is told of albums: made, changed and gone once each, and exactly what came into watched ones or left them."""

from collections.abc import Callable
import logging
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
import pytest

from custom_components.immich_plus.coordinator.albums import FORGOTTEN_AFTER, MOST_SINGLE
from tests.conftest import AddAccount
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Call, Proceed, Status
from tests.fake_immich.models import Role
from tests.passing import let_pass, state_of

from .album_home import ALBUMS, CAME, CHANGED, CREATED, GONE, LEFT, Home, announced, begun, searches, told
from .news_world import MakeWorld

pytestmark = pytest.mark.usefixtures("still_clock")

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")


@pytest.fixture
async def home(make_world: MakeWorld) -> Home:
    """Give a home with Immich 3.1.0 whose albums are all watched."""
    return await begun(make_world)


# -- albums


async def test_first_look(home: Home) -> None:
    """Albums that are there, and what is in them, are no news."""
    for _ in range(2):
        await home.world.wait(291)
    assert told(home.world) == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_life_of_an_album(make_world: MakeWorld, version: str) -> None:
    """Made, renamed, deleted: told within five minutes, once each, with what changed."""
    home = await begun(make_world, version=version, is_watched=lambda _album: False)
    world = home.world
    album = world.state.add_album(world.me, "First name", home.photos[:2])
    await world.wait(291)
    world.rename(album, "Second name")
    await world.wait(291)
    world.put(album, home.photos[2])
    world.announced.clear()
    await world.wait(291)
    world.state.remove_album(album.id)
    for _ in range(2):
        await world.wait(291)
    created, renamed, grown, gone = world.of(*ALBUMS)
    assert [news.type for news in (created, renamed, grown, gone)] == [CREATED, CHANGED, CHANGED, GONE]
    assert [news.album.name for news in world.of(*ALBUMS) if news.album is not None] == [
        "First name",
        *["Second name"] * 3,
    ]
    assert (renamed.renamed_from, renamed.more) == ("First name", None)
    assert (grown.renamed_from, grown.more) == (None, 1)
    assert not any(news.missed for news in world.told)


async def test_shared_with_us_and_not_any_more(make_world: MakeWorld) -> None:
    """An album that somebody had for long comes and goes; what it held before didn't come into it now."""
    home = await begun(make_world)
    world = home.world
    old = world.state.add_album(world.other, "Old", [home.theirs])
    await world.wait(3600)
    old.members[world.me.id] = Role.VIEWER
    await world.wait(291)
    await world.wait(291)
    assert told(world) == [(CREATED, ())]
    world.put(old, world.upload(world.other))
    await world.wait(291)
    assert [kind for kind, _ in told(world)] == [CREATED, CHANGED, CAME]
    del old.members[world.me.id]
    await world.wait(291)
    assert told(world)[-1] == (GONE, ())


async def test_missed(home: Home) -> None:
    """What happened while Home Assistant was off is told as missed, what happens then isn't."""
    world = home.world
    await world.wait(291)
    await world.stop()
    world.put(home.mine, home.photos[1])
    album = world.state.add_album(world.me, "New", [home.photos[0]])
    await world.wait(600)
    await world.start()
    await world.wait(1)
    assert {news.type for news in world.of(*ALBUMS)} == {CREATED, CHANGED, CAME}
    assert all(news.missed for news in world.of(*ALBUMS))
    before = len(world.told)
    world.put(album, home.photos[2])
    world.state.add_album(world.me, "Newer", [home.photos[0]])
    await world.wait(291)
    assert {news.type for news in world.told[before:]} == {CREATED, CHANGED, CAME}
    assert not any(news.missed for news in world.told[before:])


async def test_server_away(home: Home) -> None:
    """What happened while the server couldn't be reached is told as missed."""
    world = home.world
    await world.wait(291)
    await world.immich.stop()
    await world.wait(291)
    world.put(home.mine, home.photos[1])
    await world.immich.start()
    await world.wait(70)
    await world.wait(291)
    assert [(news.type, news.missed) for news in world.of(*ALBUMS)] == [(CHANGED, True), (CAME, True)]


# -- contents


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_comes_and_goes(make_world: MakeWorld, version: str) -> None:
    """Each photo that comes or goes is told once, mine or somebody's."""
    home = await begun(make_world, version=version)
    world = home.world
    world.put(home.mine, *home.photos[1:])
    world.put(home.shared, home.theirs)
    world.announced.clear()
    await world.wait(291)
    came = {news.album.name: set(news.ids) for news in world.of(CAME) if news.album is not None}
    assert came == {"Mine": {photo.id for photo in home.photos[1:]}, "Shared": {home.theirs.id}}
    world.take(home.mine, home.photos[0])
    world.announced.clear()
    for _ in range(2):
        await world.wait(291)
    assert world.ids(LEFT) == [home.photos[0].id]
    assert len(world.ids(CAME)) == 3
    assert {asset.filename for news in world.of(CAME) for asset in news.assets} == {"new.jpg"}


@pytest.mark.parametrize(
    "change",
    [
        lambda home: (
            home.world.put(home.mine, home.photos[1]),
            home.world.take(home.mine, home.photos[0]),
        ),
        lambda home: (
            home.world.put(home.mine, home.world.upload()),
            home.world.put(home.mine, home.photos[1]),
            home.world.take(home.mine, home.photos[0]),
        ),
        lambda home: home.world.trash(home.photos[0]),
    ],
    ids=["swapped", "swapped with a new one", "trashed"],
)
async def test_counts_that_hide_it(home: Home, change: Callable[[Home], object]) -> None:
    """What came and what went is told even where the number of photos says nothing."""
    world = home.world
    change(home)
    world.announced.clear()
    await world.wait(291)
    contents = {home.photos[0].id} | set(world.ids(CAME))
    assert contents - set(world.ids(LEFT)) == world.shown(home.mine)


async def test_one_trashed_another_restored(home: Home) -> None:
    """The trash changes neither an album's date nor, if one comes back meanwhile, its count."""
    world = home.world
    first, second = home.photos[:2]
    world.put(home.mine, second)
    world.trash(second)
    await world.wait(291)
    world.told.clear()
    world.trash(first)
    world.restore(second)
    world.announced.clear()
    await world.wait(291)
    assert (world.ids(CAME), world.ids(LEFT)) == ([second.id], [first.id])


async def test_new_album(home: Home) -> None:
    """What a new album begins with came into it."""
    world = home.world
    world.state.add_album(world.me, "New", home.photos)
    await world.wait(291)
    assert set(world.ids(CAME)) == {photo.id for photo in home.photos}


async def test_unchanged_albums_are_not_read(home: Home) -> None:
    """As long as nothing happens, the contents are read once."""
    world = home.world
    await world.wait(291)
    assert searches(world) == 2
    for _ in range(3):
        await world.wait(291)
    assert searches(world) == 2


async def test_only_watched_ones_are_read(make_world: MakeWorld) -> None:
    """Of other albums nobody knows what is in them; they are told all the same."""
    home = await begun(make_world, is_watched=lambda album: album.name == "Mine")
    world = home.world
    world.put(home.shared, home.theirs)
    world.put(home.mine, home.photos[1])
    world.announced.clear()
    await world.wait(291)
    assert [(news.type, news.album and news.album.name) for news in world.of(*ALBUMS)].count(
        (CHANGED, "Shared")
    ) == 1
    assert [news.album.name for news in world.of(CAME) if news.album] == ["Mine"]
    assert world.run is not None
    assert world.run.albums.contents.is_known(home.mine.id)
    assert not world.run.albums.contents.is_known(home.shared.id)


async def test_watched_from_now_on(make_world: MakeWorld) -> None:
    """Who begins to watch hears of what comes from then on; who stops for a moment misses nothing."""
    watched: set[str] = set()
    home = await begun(make_world, is_watched=lambda album: album.name in watched)
    world = home.world
    world.put(home.mine, home.photos[1])
    await world.wait(291)
    watched.add("Mine")
    await world.wait(291)
    assert world.ids(CAME) == []
    watched.clear()
    world.put(home.mine, home.photos[2])
    await world.wait(291)
    watched.add("Mine")
    await world.wait(291)
    assert world.ids(CAME) == [home.photos[2].id]
    watched.clear()
    for _ in range(int(FORGOTTEN_AFTER.total_seconds() / 290) + 2):
        await world.wait(291)
    assert world.run is not None
    assert not world.run.albums.contents.is_known(home.mine.id)


async def test_last_added(home: Home) -> None:
    """When something came into an album last: at first when its newest photo was uploaded."""
    world = home.world
    assert world.run is not None
    contents = world.run.albums.contents
    uploaded = contents.last_added(home.mine.id)
    assert uploaded is not None
    assert abs((uploaded - home.photos[0].created_at).total_seconds()) < 1
    world.put(home.mine, home.photos[1])
    await world.wait(291)
    came = contents.last_added(home.mine.id)
    assert came is not None
    assert (came - uploaded).total_seconds() > 3000
    world.take(home.mine, home.photos[0])
    await world.wait(291)
    assert contents.last_added(home.mine.id) == came
    assert contents.last_added("unknown") is None


# -- announcements


async def test_announced(home: Home) -> None:
    """From 3.1 on an album that grows is told within two seconds, and not again by the next look."""
    world = home.world
    world.put(home.shared, home.theirs)
    await announced(home)
    assert told(world) == [(CHANGED, ()), (CAME, (home.theirs.id,))]
    for _ in range(2):
        await world.wait(291)
    assert len(told(world)) == 2
    assert world.run is not None
    assert world.run.albums.data is not None
    assert world.run.albums.data[home.shared.id].asset_count == 1


async def test_filled_one_by_one(home: Home) -> None:
    """An album that is named again and again is read now and then, and nothing gets lost."""
    world = home.world
    before = len(world.immich.requests.entries)
    photos = []
    for _ in range(30):
        photos.append(world.upload())
        world.put(home.mine, photos[-1])
        world.announced[:] = [event for event in world.announced if event[0] == "on_album_update"]
        await world.deliver()
        await world.wait(0.1)
    await world.wait(3)
    assert sorted(world.ids(CAME)) == sorted(photo.id for photo in photos)
    assert len(world.immich.requests.entries) - before < 14


async def test_many_at_once(home: Home) -> None:
    """Many albums that are named at once are read as a list."""
    world = home.world
    made = [world.state.add_album(world.me, f"Album {number}") for number in range(MOST_SINGLE + 1)]
    await world.wait(291)
    before = world.immich.requests.entries[:]
    for album in made:
        world.put(album, home.photos[0])
    await announced(home)
    assert len(world.of(CAME)) == len(made)
    asked = [entry.route for entry in world.immich.requests.entries[len(before) :]]
    assert "GET albums/{id}" not in asked


async def test_gone_before_it_is_read(home: Home) -> None:
    """An album that is deleted right after it was named: the others are told, and that it is gone."""
    world = home.world
    world.put(home.mine, home.photos[1])
    world.put(home.shared, home.theirs)
    world.state.remove_album(home.mine.id)
    await announced(home)
    await world.wait(15)
    assert {kind for kind, _ in told(world)} == {CHANGED, CAME, GONE}


async def test_named_before_the_first_look(home: Home) -> None:
    """What was missed is told as missed, even if the album is named just then."""
    world = home.world
    assert world.run is not None
    world.run.albums.missing = True
    world.run.albums.on_lost()
    world.put(home.mine, home.photos[1])
    await announced(home)
    assert [(news.type, news.missed) for news in world.of(*ALBUMS)] == [(CHANGED, True), (CAME, True)]


async def test_stopped_while_named(home: Home) -> None:
    """Nothing is read after the end."""
    world = home.world
    world.put(home.mine, home.photos[1])
    assert world.run is not None
    for event in world.announced:
        world.run.hear(event)
    await world.stop()
    before = len(world.immich.requests.entries)
    await world.wait(5)
    assert len(world.immich.requests.entries) == before


# -- what can't be read


async def test_contents_that_cannot_be_read(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """One album's contents fail: one line of log, the others are told, and so is this one when it works again."""
    caplog.set_level(logging.WARNING)
    world = home.world
    world.put(home.mine, home.photos[1])
    world.put(home.shared, home.theirs)
    world.announced.clear()

    class _Fails(Status):
        @override
        async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
            answer = await proceed()
            body = call.entry.json
            failing = isinstance(body, dict) and body.get("albumIds") == [home.mine.id]
            return await super().around(call, proceed) if failing else answer

    world.immich.faults.add("POST search/metadata", _Fails(500))
    for _ in range(2):
        await world.wait(291)
    assert told(world) == [(CHANGED, ()), (CHANGED, ()), (CAME, (home.theirs.id,))]
    lines = [record.getMessage() for record in caplog.records if "what is in album" in record.getMessage()]
    assert len(lines) == 1
    world.immich.faults.clear()
    await world.wait(291)
    assert told(world)[-1] == (CAME, (home.photos[1].id,))


async def test_server_goes_while_contents_are_read(home: Home) -> None:
    """A lost line ends the comparing; what was found stays told, the rest follows."""
    world = home.world
    world.put(home.mine, home.photos[1])
    world.announced.clear()
    world.immich.faults.add("POST search/metadata", Status(503))
    await world.wait(291)
    world.immich.faults.clear()
    await world.wait(70)
    await world.wait(291)
    assert [kind for kind, _ in told(world)] == [CHANGED, CAME]


@pytest.mark.parametrize(
    "scopes", [["user.read", "album.read"], ["user.read", "album.read", "asset.statistics"]]
)
@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_key_that_may_not_search(make_world: MakeWorld, version: str, scopes: list[str]) -> None:
    """Without `asset.read` albums are told, only not what is in them."""
    world = await make_world(version=version, running=False)
    home = Home(world)
    world.state.api_keys.clear()
    world.state.add_api_key(world.me, scopes, secret="admin-key")
    await world.start()
    await world.wait(5)
    world.put(home.mine, home.photos[1])
    world.announced.clear()
    await world.wait(291)
    await world.wait(291)
    assert told(world) == [(CHANGED, ())]


@pytest.mark.parametrize("named", [True, False])
async def test_key_is_refused(home: Home, log_of: Callable[[], list[str]], named: bool) -> None:
    """A key that is taken away in the middle is no album's fault."""
    world = home.world
    world.put(home.mine, home.photos[1])
    world.immich.faults.add("POST search/metadata", Status(401, message="Invalid API key"))
    if named:
        await announced(home)
    await world.wait(291)
    assert world.run is not None
    assert not world.run.albums.last_update_success
    assert not any("what is in album" in line for line in log_of())
    world.immich.faults.clear()


async def test_key_that_may_not_list(make_world: MakeWorld) -> None:
    """Without `album.read` nothing is told of albums, and nothing fails."""
    world = await make_world(running=False)
    home = Home(world)
    world.state.api_keys.clear()
    world.state.add_api_key(world.me, ["user.read", "asset.read"], secret="admin-key")
    await world.start()
    world.put(home.mine, home.photos[1])
    await world.deliver()
    for _ in range(2):
        await world.wait(291)
    assert told(world) == []


# -- events


async def test_in_events(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Events say what an album was called, and how many photos more or fewer it has."""
    account = await add_account(immich)
    await let_pass(hass, freezer, seconds=30)
    album = next(album for album in immich.state.albums.values() if album.name == "Holiday")
    library = f"{account.unique_id}_library"

    async def _seen() -> dict[str, Any]:
        album.updated_at = immich.state.now()
        await let_pass(hass, freezer, minutes=5)
        attributes = state_of(hass, library, Platform.EVENT).attributes
        assert attributes["event_type"] == CHANGED
        return {each: attributes[each] for each in ("renamed_from", "added", "removed") if each in attributes}

    album.name = "Vacation"
    assert await _seen() == {"renamed_from": "Holiday"}
    other = next(each for each in immich.state.assets.values() if each.original_file_name == "party.jpg")
    immich.state.put_in_album(album, other.id)
    assert await _seen() == {"added": 1}
    for each in list(album.assets)[:2]:
        immich.state.take_from_album(album, each)
    assert await _seen() == {"removed": 2}
