"""Albums that are too large to be read again and again, and very many of them."""

import pytest

from custom_components.immich_plus.coordinator import albums as albums_module
from custom_components.immich_plus.news import album_contents
from tests.fake_immich.models import Album, Asset

from .album_home import CAME, LEFT, Home, announced, searches
from .news_world import MakeWorld

pytestmark = pytest.mark.usefixtures("still_clock")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take an album of more than five photos for a large one."""
    monkeypatch.setattr(album_contents, "SMALL", 5)


async def large(
    make_world: MakeWorld, number: int = 12, **options: object
) -> tuple[Home, list[Asset], Album]:
    """Give a home with a large album."""
    world = await make_world(running=False, **options)
    home = Home(world)
    photos = []
    for _ in range(number):
        world.freezer.tick(0.05)
        photos.append(world.upload())
    album = world.state.add_album(world.me, "Large", photos)
    await world.wait(86_400)
    await world.start()
    await world.wait(5)
    world.immich.requests.entries.clear()
    return home, photos, album


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_large_album_grows(make_world: MakeWorld, version: str) -> None:
    """In a large album what was uploaded lately is looked for; the next look reads all of it, once."""
    home, _, album = await large(make_world, version=version)
    world = home.world
    new = world.upload()
    world.put(album, new)
    assert world.run is not None
    world.announced.clear()
    world.run.albums.hear_changed(album.id)
    await announced(home)
    assert world.ids(CAME) == [new.id]
    bodies = [entry.json for entry in world.immich.requests.entries if isinstance(entry.json, dict)]
    assert all("createdAfter" in body for body in bodies if body.get("albumIds") == [album.id])
    for _ in range(2):
        await world.wait(291)
    assert world.ids(CAME) == [new.id]


@pytest.mark.usefixtures("small")
async def test_large_album_changes_otherwise(make_world: MakeWorld) -> None:
    """Old photos that come into a large album are found by reading all of it, at the latest by the next look."""
    home, photos, album = await large(make_world)
    world = home.world
    world.put(album, home.photos[0])
    world.take(album, photos[0])
    await announced(home)
    world.put(album, world.upload(), home.photos[1])
    world.take(album, photos[1])
    await announced(home)
    await world.wait(291)
    contents = {photo.id for photo in photos}
    for news in world.of(CAME, LEFT):
        contents = contents | set(news.ids) if news.type is CAME else contents - set(news.ids)
    assert contents == world.shown(album)


@pytest.mark.usefixtures("small")
async def test_huge_album(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a huge album only what was uploaded lately is found, once."""
    monkeypatch.setattr(album_contents, "MOST_COMPARED", 10)
    home, _, album = await large(make_world)
    world = home.world
    new = world.upload()
    world.put(album, new, home.photos[0])
    for _ in range(3):
        await world.wait(291)
    assert world.ids(CAME) == [new.id]


async def test_begun_bit_by_bit(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of watched albums are read for the first time a few at a look."""
    monkeypatch.setattr(albums_module, "MOST_BEGUN", 3)
    world = await make_world(running=False)
    home = Home(world)
    made = [world.state.add_album(world.me, f"Album {number}") for number in range(8)]
    await world.wait(60)
    await world.start()
    assert searches(world) == 3
    for _ in range(4):
        await world.wait(291)
    assert searches(world) == 10
    world.put(made[7], home.photos[0])
    await world.wait(291)
    assert world.ids(CAME) == [home.photos[0].id]


async def test_more_than_is_remembered(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an end to what is remembered of contents."""
    monkeypatch.setattr(albums_module, "MOST_IDS", 2)
    home, _, album = await large(make_world)
    assert home.world.run is not None
    contents = home.world.run.albums.contents
    assert not contents.is_known(album.id)
    assert contents.is_known(home.mine.id)
    assert contents.size == 1
