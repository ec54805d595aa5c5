"""What is told of assets: each addition once, each change once, whatever order they come into sight in."""

import pytest

from custom_components.immich_plus.coordinator import changes
from custom_components.immich_plus.news.news import NewsType
from tests.fake_immich.faults import Status
from tests.fake_immich.models import Partner, Visibility

from .news_world import During, MakeWorld, World

pytestmark = pytest.mark.usefixtures("still_clock")

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")
ADDED, UPDATED = NewsType.ASSET_ADDED, NewsType.ASSET_UPDATED
TRASHED, RESTORED, DELETED = NewsType.ASSET_TRASHED, NewsType.ASSET_RESTORED, NewsType.ASSET_DELETED


async def look(world: World) -> None:
    """Look now, and wait until all is told."""
    assert world.run is not None
    await world.run.changes.async_refresh()
    await world.wait(1)


# -- additions


@pytest.mark.parametrize("version", VERSIONS)
async def test_found_and_announced(make_world: MakeWorld, version: str) -> None:
    """What is announced is told at once, what isn't by the next look; looks tell nothing again."""
    world = await make_world(version=version)
    first = world.upload()
    await world.deliver()
    await world.wait(1)
    assert world.ids(ADDED) == [first.id]
    second = world.upload()
    world.announced.clear()
    for _ in range(3):
        await world.wait(291)
    assert world.ids(ADDED) == [first.id, second.id]
    assert [news.missed for news in world.told] == [False, False]
    assert world.told[0].assets[0].filename == "new.jpg"


@pytest.mark.parametrize("version", VERSIONS)
async def test_whose_and_where(make_world: MakeWorld, version: str) -> None:
    """Archived and partners' uploads are told, hidden and other people's aren't."""
    world = await make_world(version=version)
    world.state.partners.append(
        Partner(shared_by_id=world.other.id, shared_with_id=world.me.id, in_timeline=True)
    )
    slow = world.upload(world.other, ready=False)
    stranger = world.state.add_user("Stranger", "stranger@example.com")
    told = {
        world.upload().id,
        world.upload(visibility=Visibility.ARCHIVE).id,
        world.upload(world.other).id,
    }
    world.upload(visibility=Visibility.HIDDEN)
    world.upload(stranger)
    world.announced.clear()
    await world.wait(291)
    assert set(world.ids(ADDED)) == told
    world.process(slow)
    await world.wait(291)
    assert set(world.ids(ADDED)) == told | {slow.id}


async def test_burst_is_one_piece_of_news(world: World) -> None:
    """Uploads of one moment are told together, with all about the first 250 of them."""
    photos = [world.upload().id for _ in range(600)]
    await world.deliver()
    await world.wait(1)
    (news,) = world.told
    assert (news.count, list(news.ids)) == (600, photos)
    assert [asset.id for asset in news.assets] == photos[:250]


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_waits_for_the_picture(make_world: MakeWorld, version: str) -> None:
    """An upload without picture is told when that is ready, and once, however it comes to light."""
    world = await make_world(version=version)
    announced, found = world.upload(ready=False), world.upload(ready=False)
    await world.wait(291)
    assert world.told == []
    world.process(found)
    world.announced.clear()
    world.process(announced)
    await world.deliver()
    await world.wait(1)
    assert announced.id in world.ids(ADDED)
    for _ in range(3):
        await world.wait(291)
    assert sorted(world.ids(ADDED)) == sorted([announced.id, found.id])


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_picture_that_never_comes(make_world: MakeWorld, version: str) -> None:
    """A file that Immich can't read is told after ten minutes; its late picture is no other addition."""
    world = await make_world(version=version)
    asset = world.upload(ready=False)
    await world.wait(291)
    assert world.run is not None
    assert world.run.changes.is_waiting
    assert world.told == []
    for _ in range(3):
        await world.wait(291)
    assert world.ids(ADDED) == [asset.id]
    assert not world.run.changes.is_waiting
    for _ in range(4):
        await world.wait(291)
    world.process(asset)
    await world.deliver()
    await world.wait(291)
    assert world.ids(ADDED) == [asset.id]


async def test_nobody_waits_for_too_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a limit, uploads are told without their pictures."""
    monkeypatch.setattr(changes, "MOST_WAITING", 3)
    photos = [world.upload(ready=False).id for _ in range(5)]
    await world.wait(291)
    assert len(world.ids(ADDED)) == 2
    for _ in range(3):
        await world.wait(291)
    assert sorted(world.ids(ADDED)) == sorted(photos)


@pytest.mark.parametrize("quietly", [True, False])
async def test_gone_while_waiting(world: World, quietly: bool) -> None:
    """What is deleted or hidden before its picture is ready is never told, and doesn't count."""
    deleted, hidden = world.upload(ready=False), world.upload(ready=False)
    ledger = world.ledger
    ledger.total = 10
    await world.wait(291)
    assert ledger.total == 12
    world.delete(deleted)
    world.hide(hidden)
    if quietly:
        world.announced.clear()
    await world.deliver()
    for _ in range(4):
        await world.wait(291)
    assert world.ids(ADDED) == []
    assert ledger.total == 10


@pytest.mark.parametrize("quietly", [True, False])
async def test_trashed_while_waiting(world: World, quietly: bool) -> None:
    """What goes into the trash before its picture is ready is told as added, then as trashed."""
    asset = world.upload(ready=False)
    await world.wait(291)
    world.trash(asset)
    if quietly:
        world.announced.clear()
    await world.deliver()
    for _ in range(3):
        await world.wait(291)
    assert [news.type for news in world.told] == [ADDED, TRASHED]


async def test_hidden_after_it_was_told(world: World) -> None:
    """A film that turns out to be the moving part of a photo counts no more."""
    asset = world.upload()
    await world.deliver()
    ledger = world.ledger
    ledger.total = 5
    world.hide(asset)
    await world.deliver()
    assert ledger.total == 4
    world.hide(asset)
    world.state.remove_asset(asset.id)


async def test_comes_into_sight_late(world: World) -> None:
    """An upload that the server shows only after later ones is found all the same."""
    early = world.state.now()
    await world.wait(60)
    later = world.upload()
    world.announced.clear()
    await look(world)
    late = world.upload(created_at=early, updated_at=early)
    late.updated_at = early
    world.announced.clear()
    await world.wait(291)
    assert world.ids(ADDED) == [later.id, late.id]


async def test_later_ones_are_announced_first(world: World) -> None:
    """Announcements of later uploads don't hide one that nobody announces."""
    quiet = world.upload()
    world.announced.clear()
    await world.wait(200)
    photos = [world.upload().id for _ in range(3)]
    await world.deliver()
    await world.wait(1)
    await world.wait(291)
    assert world.ids(ADDED) == [*photos, quiet.id]


@pytest.mark.parametrize("hours", [-26, 5])
async def test_clocks_differ(make_world: MakeWorld, hours: float) -> None:
    """The server's clock may be hours away from ours."""
    world = await make_world(running=False)
    world.state.clock.advance(hours * 3600)
    await world.start()
    await world.wait(5)
    first = world.upload()
    await world.deliver()
    await world.wait(1)
    second = world.upload()
    world.announced.clear()
    for _ in range(3):
        await world.wait(291)
    assert world.ids(ADDED) == [first.id, second.id]


async def test_clock_is_set_back(world: World) -> None:
    """A server's clock that was an hour ahead makes nobody deaf for an hour."""
    world.state.clock.advance(3600)
    ahead = world.upload()
    await world.wait(291)
    await world.wait(291)
    assert world.ids(ADDED) == [ahead.id]
    world.state.clock.advance(-3600)
    await world.wait(291)
    await world.wait(291)
    later = world.upload()
    await world.wait(291)
    await world.wait(291)
    assert later.id in world.ids(ADDED)


# -- changes


@pytest.mark.parametrize("version", VERSIONS)
async def test_favourites_one_by_one(make_world: MakeWorld, version: str) -> None:
    """A favourite toggled isn't announced; each is told by the next look, once."""
    world = await make_world(version=version, running=False)
    photos = [world.upload() for _ in range(3)]
    await world.wait(3600)
    await world.start()
    await world.wait(5)
    world.favourite(photos[0])
    await world.wait(291)
    world.favourite(photos[1])
    await world.wait(291)
    world.favourite(photos[0])
    for _ in range(3):
        await world.wait(291)
    assert world.ids(UPDATED) == [photos[0].id, photos[1].id, photos[0].id]


async def test_bulk_change(make_world: MakeWorld) -> None:
    """A bulk change is announced asset by asset, and told once for each."""
    world = await make_world(running=False)
    photos = [world.upload() for _ in range(3)]
    await world.wait(3600)
    await world.start()
    await world.wait(5)
    world.update(*photos, is_favorite=True)
    await world.deliver()
    await world.wait(1)
    for _ in range(2):
        await world.wait(291)
    (news,) = world.of(UPDATED)
    assert news.ids == tuple(photo.id for photo in photos)


async def test_work_on_a_new_asset(world: World) -> None:
    """What a look finds changed of a new photo in its first minutes is Immich's own work, which is no news."""
    asset = world.upload()
    await world.deliver()
    await world.wait(20)
    world.update(asset, is_favorite=True)
    world.announced.clear()
    for _ in range(3):
        await world.wait(291)
    assert [news.type for news in world.told] == [ADDED]


async def test_new_asset_is_changed_by_somebody(world: World) -> None:
    """Immich announces none of its own work: what it announces is told, also of a photo that has just come."""
    asset = world.upload()
    await world.deliver()
    await world.wait(20)
    world.update(asset, is_favorite=True)
    await world.deliver()
    for _ in range(3):
        await world.wait(291)
    assert [news.type for news in world.told] == [ADDED, UPDATED]


async def test_changed_before_it_is_told(world: World) -> None:
    """A change of a photo that wasn't told of so far is part of its addition."""
    unseen, waiting = world.upload(), world.upload(ready=False)
    world.announced.clear()
    world.update(unseen, is_favorite=True)
    await world.deliver()
    assert world.told == []
    await world.wait(291)
    world.update(waiting, is_favorite=True)
    await world.deliver()
    for _ in range(4):
        await world.wait(291)
    assert world.of(UPDATED) == []
    assert sorted(world.ids(ADDED)) == sorted([unseen.id, waiting.id])


@pytest.mark.parametrize("quietly", [True, False])
async def test_trash_and_back(world: World, quietly: bool) -> None:
    """Trashed and restored, announced or found: told once each, and never as another change."""
    asset = world.upload()
    await world.deliver()
    await world.wait(600)
    world.trash(asset)
    if quietly:
        world.announced.clear()
    await world.deliver()
    await world.wait(291)
    world.restore(asset, quietly=quietly)
    await world.deliver()
    for _ in range(3):
        await world.wait(291)
    assert [news.type for news in world.told] == [ADDED, TRASHED, RESTORED]


async def test_edited(world: World) -> None:
    """A crop is announced by its id: told once, although looks find the asset changed; the next change is told."""
    asset = world.upload()
    await world.deliver()
    await world.wait(600)
    assert world.run is not None
    world.state.update_asset(asset, is_edited=True)
    world.run.changes.hear_ids(UPDATED, [asset.id])
    for _ in range(2):
        await world.wait(291)
    assert len(world.of(UPDATED)) == 1
    world.favourite(asset)
    await world.wait(291)
    assert len(world.of(UPDATED)) == 2


@pytest.mark.parametrize("quick", [True, False])
async def test_look_is_quicker_than_the_announcement(world: World, quick: bool) -> None:
    """A look in between the change and its announcement: told once, and the next one is told again."""
    asset = world.upload()
    await world.deliver()
    await world.wait(600)
    world.trash(asset)
    await world.deliver()
    await world.wait(20)
    world.restore(asset)
    await look(world)
    await world.deliver()
    await world.wait(1)
    assert len(world.of(RESTORED)) == 1
    world.trash(asset)
    world.restore(asset, quietly=quick)
    await world.deliver()
    await world.wait(1)
    await world.wait(291)
    assert len(world.of(RESTORED)) == 2


async def test_deleted(world: World) -> None:
    """What is deleted for good is told by its id, and counts no more."""
    asset = world.upload()
    await world.deliver()
    await world.wait(1)
    ledger = world.ledger
    ledger.total = 7
    world.trash(asset)
    world.delete(asset)
    await world.deliver()
    await world.wait(1)
    assert [(news.type, news.ids) for news in world.told] == [
        (kind, (asset.id,)) for kind in (ADDED, TRASHED, DELETED)
    ]
    assert ledger.total == 6


async def test_trashed_while_it_is_read(world: World) -> None:
    """A look that read a photo before it was trashed doesn't take it for restored."""
    asset = world.upload()
    await world.deliver()
    await world.wait(600)
    world.favourite(asset)

    async def _trash() -> None:
        world.trash(asset)
        assert world.run is not None
        for event in world.announced:
            world.run.hear(event)
        world.announced.clear()

    world.immich.faults.add("POST search/metadata", During(_trash), times=1)
    await look(world)
    for _ in range(2):
        await world.wait(291)
    assert [news.type for news in world.told] == [ADDED, TRASHED]


async def test_rows_without_moments(world: World) -> None:
    """A change without a moment can't be told from one that was told, so it isn't told."""
    asset = world.upload()
    await world.deliver()
    await world.wait(600)
    assert world.run is not None
    (found,) = (await world.run.client.changes.since(asset.updated_at)).assets
    found.updated_at = None
    world.run.changes.hear_updated(found)
    await world.wait(1)
    assert [news.type for news in world.told] == [ADDED]


# -- starts and losses


async def test_first_start(make_world: MakeWorld) -> None:
    """What was there before the account is no news, and announcements before the first look are none."""
    world = await make_world(running=False)
    asset = world.upload()
    await world.wait(60)
    await world.start()
    assert world.run is not None
    assert world.run.changes.data is not None
    assert world.run.changes.newest is None
    for _ in range(2):
        await world.wait(291)
    assert world.told == []
    assert asset.id


async def test_before_the_first_look(world: World) -> None:
    """As long as nobody looked, nothing is told of anything."""
    assert world.run is not None
    asset = world.upload()
    world.process(asset)
    world.update(asset, is_favorite=True)
    world.trash(asset)
    world.hide(asset)
    world.run.memory.known.ledger = None
    assert not world.run.changes.is_waiting
    await world.deliver()
    await world.wait(1)
    assert world.told == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_while_home_assistant_was_off(make_world: MakeWorld, version: str) -> None:
    """What happened meanwhile is told as missed; what happens then isn't."""
    world = await make_world(version=version)
    before = world.upload()
    await world.deliver()
    await world.wait(600)
    await world.stop()
    away = world.upload()
    slow = world.upload(ready=False)
    world.favourite(before)
    await world.wait(86_400)
    await world.start()
    await world.wait(1)
    now = world.upload()
    world.process(slow)
    world.announced.clear()
    await world.wait(291)
    missed = {each: news.missed for news in world.told for each in news.ids if news.type is ADDED}
    assert missed == {before.id: False, away.id: True, slow.id: True, now.id: False}
    assert [(news.ids, news.missed) for news in world.of(UPDATED)] == [((before.id,), True)]


async def test_while_the_server_was_away(world: World) -> None:
    """What happened before the server came back is told as missed, once."""
    await world.immich.stop()
    await world.wait(291)
    away = world.upload()
    await world.immich.start()
    await world.wait(70)
    await world.wait(291)
    now = world.upload()
    await world.wait(291)
    assert [(news.ids, news.missed) for news in world.of(ADDED)] == [((away.id,), True), ((now.id,), False)]


async def test_failed_look(world: World) -> None:
    """A look that fails in the middle tells nothing; the next one finds it all."""
    asset = world.upload()
    world.announced.clear()
    world.immich.faults.add("POST search/metadata", Status(500), times=1)
    await world.wait(291)
    assert world.told == []
    await world.wait(291)
    assert world.ids(ADDED) == [asset.id]


async def test_key_that_may_not_search(make_world: MakeWorld) -> None:
    """Without `asset.read` nothing is looked for; what is announced isn't told, as nobody knows since when."""
    world = await make_world(running=False)
    world.state.api_keys.clear()
    world.state.add_api_key(world.me, ["user.read", "album.read"], secret="admin-key")
    await world.start()
    world.upload()
    await world.deliver()
    await world.wait(291)
    assert world.told == []
