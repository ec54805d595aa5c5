"""More at once than is read, told or remembered one by one: numbers, and still nothing twice."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.immich_plus.api import changes as api_changes
from custom_components.immich_plus.news import ledger as ledger_module, recent
from custom_components.immich_plus.news.news import NewsType
from tests.fake_immich.models import Asset

from .news_world import During, MakeWorld, World

pytestmark = pytest.mark.usefixtures("still_clock")

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")
ADDED, UPDATED, TRASHED = NewsType.ASSET_ADDED, NewsType.ASSET_UPDATED, NewsType.ASSET_TRASHED


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a look read only ten assets."""
    monkeypatch.setattr(api_changes, "MOST_FOUND", 10)


async def fill(world: World, number: int, **more: object) -> list[Asset]:
    """Upload photos, each taken at another moment."""
    photos = []
    for _ in range(number):
        world.freezer.tick(timedelta(milliseconds=50))
        photos.append(world.upload(**more))  # type: ignore[arg-type]
    return photos


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("version", VERSIONS)
async def test_many_changes(make_world: MakeWorld, version: str) -> None:
    """More changes than are read: their number is told, additions among them one by one, and nothing twice."""
    world = await make_world(version=version, running=False)
    old = await fill(world, 30)
    await world.wait(3600)
    await world.start()
    await world.wait(5)
    for asset in old:
        world.favourite(asset)
    new = await fill(world, 4)
    unready = await fill(world, 1, ready=False)
    world.announced.clear()
    await world.wait(291)
    assert sorted(world.ids(ADDED)) == sorted(photo.id for photo in [*new, *unready])
    assert sum(news.count for news in world.of(UPDATED)) == 30
    told = len(world.told)
    for _ in range(3):
        await world.wait(291)
    assert len(world.told) == told
    later = world.upload()
    await world.wait(291)
    assert world.ids(ADDED)[-1] == later.id


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("version", VERSIONS)
async def test_many_additions(make_world: MakeWorld, version: str) -> None:
    """More additions than are read: their number is told, with the first of them, and nothing twice."""
    world = await make_world(version=version)
    early = await fill(world, 3)
    await world.deliver()
    await world.wait(1)
    photos = await fill(world, 25)
    announced = list(world.announced)
    world.announced.clear()
    await world.wait(291)
    numbers = [news for news in world.of(ADDED) if news.count != len(news.ids)]
    assert sum(news.count for news in world.of(ADDED)) == 28
    assert len(numbers) == 1
    assert len(numbers[0].assets) == len(numbers[0].ids) > 0
    world.announced[:] = announced
    await world.deliver()
    for _ in range(3):
        await world.wait(291)
    assert sum(news.count for news in world.of(ADDED)) == 28
    told = world.ids(ADDED)
    assert len(told) == len(set(told))
    assert set(told) <= {photo.id for photo in [*early, *photos]}


@pytest.mark.usefixtures("small")
async def test_many_additions_all_announced(world: World) -> None:
    """More additions than are read that were all announced: no number is told as well."""
    photos = await fill(world, 25)
    await world.deliver()
    for _ in range(3):
        await world.wait(291)
    assert world.ids(ADDED) == [photo.id for photo in photos]


@pytest.mark.usefixtures("small")
async def test_announced_while_they_are_counted(world: World) -> None:
    """What is announced while a number is found out isn't in that number."""
    photos = await fill(world, 25)
    announced = list(world.announced)
    world.announced.clear()

    def _announce() -> None:
        assert world.run is not None
        for event in announced[:8]:
            world.run.hear(event)

    world.immich.faults.add("POST search/statistics", During(_announce), times=1)
    await world.wait(291)
    for _ in range(3):
        await world.wait(291)
    assert sum(news.count for news in world.of(ADDED)) == len(photos)


@pytest.mark.usefixtures("small")
async def test_many_for_a_key_that_may_not_count(make_world: MakeWorld) -> None:
    """Without `asset.statistics` the number is that of those that were read."""
    world = await make_world(running=False)
    world.state.api_keys.clear()
    world.state.add_api_key(world.me, ["user.read", "asset.read", "album.read"], secret="admin-key")
    await world.start()
    await world.wait(5)
    await fill(world, 25)
    for _ in range(3):
        await world.wait(291)
    assert sum(news.count for news in world.of(ADDED)) == 10


async def test_more_than_is_remembered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an end to what is remembered; nothing is told twice beyond it."""
    monkeypatch.setattr(recent, "MOST_REMEMBERED", 20)
    monkeypatch.setattr(ledger_module, "MOST_REMEMBERED", 20)
    photos = await fill(world, 90)
    await world.deliver()
    await world.wait(1)
    ledger = world.ledger
    assert len(ledger) <= 40
    for _ in range(3):
        await world.wait(291)
    assert world.ids(ADDED) == [photo.id for photo in photos]
    world.trash(*photos)
    await world.deliver()
    await world.wait(1)
    assert len(world.ids(TRASHED)) == 90


async def test_forgotten_when_it_is_done(world: World) -> None:
    """What lies behind is forgotten."""
    for _ in range(5):
        await fill(world, 3)
        await world.deliver()
        await world.wait(291)
    ledger = world.ledger
    assert len(ledger) <= 6


async def test_loop_is_not_held_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Going through thousands of assets gives the event loop its turn again and again."""
    await fill(world, 3000)
    world.announced.clear()
    assert world.run is not None
    turns = 0
    done = asyncio.Event()

    async def _count() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1
            await asyncio.sleep(0)

    found = await world.run.client.changes.since(world.state.now() - timedelta(hours=1))

    async def _since(_moment: object) -> api_changes.FoundChanges:
        return found

    monkeypatch.setattr(world.run.client.changes, "since", _since)
    counting = asyncio.ensure_future(_count())
    await world.run.changes.async_refresh()
    done.set()
    await counting
    await world.wait(1)
    assert turns > 3000 / 200
    assert len(world.ids(ADDED)) == 3000
