"""Random histories of a library, with everything that can go wrong: nothing is told twice, no addition is lost."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.immich_plus.news.news import News, NewsType
from tests.conftest import MakeImmich
from tests.fake_immich.models import Album, Asset, Partner, Role, Visibility

from .news_world import World

pytestmark = pytest.mark.usefixtures("still_clock")

# Of each version; thousands were played when this was written.
HISTORIES = 25
STEPS = 22
VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")


class History:
    """One history, made from a seed, and what has to be told of it."""

    def __init__(self, world: World, random: Random) -> None:
        """Begin with three photos and two albums that are there before the account is."""
        self.world = world
        self.random = random
        self.up = True
        self.old = [world.upload() for _ in range(3)]
        world.state.partners.append(
            Partner(shared_by_id=world.other.id, shared_with_id=world.me.id, in_timeline=True)
        )
        self.mine = world.state.add_album(world.me, "Mine", self.old[:2])
        self.theirs = world.state.add_album(world.other, "Theirs", members={world.me.id: Role.EDITOR})
        self.contents: dict[str, set[str]] = {}
        #: What happened to each asset, as far as it is told.
        self.uploads: dict[str, Asset] = {}
        self.done: dict[NewsType, Counter[str]] = {
            kind: Counter()
            for kind in (NewsType.ASSET_TRASHED, NewsType.ASSET_RESTORED, NewsType.ASSET_UPDATED)
        }
        self.may_be_untold: set[str] = set()
        #: Uploads with pictures while Home Assistant didn't run.
        self.missed: set[str] = set()
        self.interrupted = False
        #: Additions that were told, but not on disk when Home Assistant was killed.
        self.unsaved: set[str] = set()
        self.kills = 0
        self.log: list[str] = []

    # -- what happens

    async def play(self) -> None:
        """Let it happen."""
        world = self.world
        self.contents = {album.id: world.shown(album) for album in world.state.albums.values()}
        # The server's clock is known to a second or two.
        await world.wait(5)
        await world.start()
        await world.wait(1)
        for _ in range(STEPS):
            step = self.random.choices(list(STEPS_OF), weights=list(STEPS_OF.values()))[0]
            self.log.append(step.__name__)
            result = step(self)
            if result is not None:
                await result
            await self._pass(self.random.choice((0.01, 0.3, 2, 20)))
        await self._come_to_rest()

    async def _pass(self, seconds: float) -> None:
        await self.world.wait(seconds)
        if self.world.announced and self.random.random() < 0.7:
            self.random.shuffle(self.world.announced)
            if self.random.random() < 0.2:
                del self.world.announced[0]
            await self.world.deliver()

    async def _come_to_rest(self) -> None:
        await self.start_server()
        if self.world.run is None:
            await self.world.start()
        self.world.announced.clear()
        for _ in range(5):
            await self.world.wait(291)

    def _pick(self, *, trashed: bool = False) -> Asset | None:
        mine = self.world.me.id
        found = [
            asset
            for asset in self.world.state.assets.values()
            if asset.owner_id == mine
            and asset.is_trashed is trashed
            and asset.visibility is not Visibility.HIDDEN
        ]
        return self.random.choice(found) if found else None

    def _album(self) -> Album:
        return self.random.choice(list(self.world.state.albums.values()))

    def upload(self) -> None:
        """Upload a few photos, some into the archive, some of which take long or never get a picture."""
        for _ in range(self.random.choice((1, 1, 1, 2, 7))):
            archived = self.random.random() < 0.2
            asset = self.world.upload(
                ready=self.random.random() < 0.6,
                visibility=Visibility.ARCHIVE if archived else Visibility.TIMELINE,
            )
            self.uploads[asset.id] = asset
            if self.world.run is None and asset.thumbhash is not None:
                self.missed.add(asset.id)

    def upload_partners(self) -> None:
        """Upload a photo of a partner."""
        asset = self.world.upload(self.world.other, ready=self.random.random() < 0.8)
        self.uploads[asset.id] = asset

    def process(self) -> None:
        """Make the pictures of all that wait."""
        for asset in list(self.world.state.assets.values()):
            if asset.thumbhash is None:
                self.world.process(asset)
                # It may have been told without a picture.
                self.done[NewsType.ASSET_UPDATED][asset.id] += 1

    def trash(self) -> None:
        """Put a photo into the trash."""
        if (asset := self._pick()) is not None:
            self.world.trash(asset)
            self.done[NewsType.ASSET_TRASHED][asset.id] += 1

    def restore(self) -> None:
        """Take a photo out of the trash, with or without a word."""
        if (asset := self._pick(trashed=True)) is not None:
            self.world.restore(asset, quietly=self.random.random() < 0.5)
            self.done[NewsType.ASSET_RESTORED][asset.id] += 1
            # Nobody may have seen it in the trash.
            self.done[NewsType.ASSET_UPDATED][asset.id] += 1

    def delete(self) -> None:
        """Delete a photo for good."""
        if (asset := self._pick(trashed=self.random.random() < 0.5)) is not None:
            self.world.delete(asset)
            self.may_be_untold.add(asset.id)

    def hide(self) -> None:
        """Make a photo the moving part of another."""
        if (asset := self._pick()) is not None:
            self.world.hide(asset)
            self.may_be_untold.add(asset.id)

    def favourite(self) -> None:
        """Change a photo: one by one, or in bulk, which is announced."""
        if (asset := self._pick()) is not None:
            self.done[NewsType.ASSET_UPDATED][asset.id] += 1
            if self.random.random() < 0.5:
                self.world.favourite(asset)
            else:
                self.world.update(asset, is_favorite=not asset.is_favorite)

    def put(self) -> None:
        """Put a photo into an album, mine or somebody's."""
        album = self._album()
        asset = self._pick() if self.random.random() < 0.6 else self.world.upload(self.world.other)
        if asset is not None:
            if asset.owner_id == self.world.other.id:
                self.uploads[asset.id] = asset
            self.world.put(album, asset)

    def take(self) -> None:
        """Take a photo out of an album."""
        album = self._album()
        if album.assets:
            self.world.take(album, self.world.state.assets[self.random.choice(list(album.assets))])

    def swap(self) -> None:
        """Put one photo in and take another out, so that there are as many as before."""
        self.put()
        self.take()

    def make_album(self) -> None:
        """Make an album, empty or not."""
        asset = self._pick()
        album = self.world.state.add_album(self.world.me, "New", [asset] if asset else [])
        self.contents[album.id] = set()

    def rename_album(self) -> None:
        """Give an album another name."""
        self.world.rename(self._album(), f"Name {self.random.random()}")

    def delete_album(self) -> None:
        """Delete an album."""
        if len(self.world.state.albums) > 2:
            self.world.state.remove_album(self._album().id)

    async def wait(self) -> None:
        """Let minutes pass."""
        await self._pass(self.random.choice((60, 150, 291, 600)))

    async def look(self) -> None:
        """Look by chance: somebody asked for it."""
        if self.world.run is not None:
            await self.world.run.look()

    async def lose_socket(self) -> None:
        """Lose the live connection, or get it back."""
        self.world.live = not self.world.live
        self.world.announced.clear()
        if self.world.live:
            await self.look()

    async def stop_server(self) -> None:
        """Stop the server."""
        if self.up:
            self.up = False
            self.interrupted = True
            self.world.announced.clear()
            await self.world.immich.stop()

    async def start_server(self) -> None:
        """Start the server."""
        if not self.up:
            self.up = True
            await self.world.immich.start()

    async def restart(self) -> None:
        """Stop Home Assistant, or start it."""
        self.interrupted = True
        if self.world.run is not None:
            await self.world.stop()
        elif self.up:
            await self.world.start()

    async def kill(self) -> None:
        """Kill Home Assistant."""
        if self.world.run is None:
            return
        self.kills += 1
        self.interrupted = True
        looking = None
        if self.up and self.random.random() < 0.5:
            looking = asyncio.ensure_future(self.world.run.look())
            for _ in range(self.random.randrange(60)):
                await asyncio.sleep(0)
        await self.world.kill(looking)
        file = self.world.file
        ledger = None if file is None else file["data"]["ledger"]
        for each in self.world.ids(NewsType.ASSET_ADDED):
            # Before 1.140 the moment of uploading isn't told, but another one that is later.
            if ledger is None or not (
                each in ledger["told"]
                or self.uploads[each].created_at < datetime.fromisoformat(ledger["floor"])
            ):
                self.unsaved.add(each)

    # -- what has to be told

    def check(self) -> None:
        """Compare what was told with what happened."""
        self._check_additions()
        self._check_changes()
        self._check_albums()

    def _check_additions(self) -> None:
        world = self.world
        told = Counter(world.ids(NewsType.ASSET_ADDED))
        assert told.keys() <= self.uploads.keys(), "told what is none"
        lost = self.uploads.keys() - told.keys() - self.may_be_untold
        assert not lost, f"lost {lost}"
        twice = {each for each, number in told.items() if number > 1}
        assert twice <= self.unsaved, f"twice {twice}"
        for each in twice:
            again = [news.missed for news in world.of(NewsType.ASSET_ADDED) if each in news.ids][1:]
            assert all(again), "told again, but not as missed"
            assert len(again) <= self.kills

        first: dict[str, bool] = {}
        for news in world.of(NewsType.ASSET_ADDED):
            for each in news.ids:
                first.setdefault(each, news.missed)
        assert all(first.get(each, True) for each in self.missed), "not told as missed"
        assert self.interrupted or not any(first.values()), "told as missed"

    def _check_changes(self) -> None:
        for kind, done in self.done.items():
            told = Counter(self.world.ids(kind))
            if self.kills:
                continue
            for each, number in told.items():
                assert number <= done[each], f"{kind} {each}: {number} times, not {done[each]}"
        trashed = {asset.id for asset in self.world.state.assets.values() if asset.is_trashed}
        assert trashed <= set(self.world.ids(NewsType.ASSET_TRASHED)), "lost what is in the trash"

    def _check_albums(self) -> None:
        world = self.world
        here = {self.mine.id, self.theirs.id}
        for news in world.told:
            assert_album(news, here, strict=not self.kills)
            if news.type in (NewsType.ASSET_ADDED_TO_ALBUM, NewsType.ASSET_REMOVED_FROM_ALBUM):
                assert news.album is not None
                contents, ids = self.contents[news.album.id], set(news.ids)
                assert len(ids) == news.count
                if news.type is NewsType.ASSET_ADDED_TO_ALBUM:
                    assert self.kills or not ids & contents, "came twice"
                    contents |= ids
                else:
                    assert self.kills or ids <= contents, "went twice"
                    contents -= ids
        assert here == world.state.albums.keys()
        for album in world.state.albums.values():
            assert self.contents[album.id] == world.shown(album), album.name


def assert_album(news: News, here: set[str], *, strict: bool) -> None:
    """Check that albums are made and deleted once, and note which are there."""
    if news.type is NewsType.ALBUM_CREATED:
        assert news.album is not None
        assert not strict or news.album.id not in here
        here.add(news.album.id)
    elif news.type is NewsType.ALBUM_DELETED:
        assert news.album is not None
        assert not strict or news.album.id in here
        here.discard(news.album.id)


STEPS_OF: dict[Callable[[History], Any], float] = {
    History.upload: 6,
    History.upload_partners: 1,
    History.process: 3,
    History.trash: 2,
    History.restore: 2,
    History.delete: 1,
    History.hide: 0.5,
    History.favourite: 2,
    History.put: 3,
    History.take: 1.5,
    History.swap: 1,
    History.make_album: 1,
    History.rename_album: 1,
    History.delete_album: 0.7,
    History.wait: 6,
    History.look: 1.5,
    History.lose_socket: 1,
    History.stop_server: 1,
    History.start_server: 1.5,
    History.restart: 2,
    History.kill: 1,
}


@pytest.mark.parametrize("version", VERSIONS)
async def test_histories(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    make_immich: MakeImmich,
    version: str,
) -> None:
    """Whatever happens, in whatever order: each addition is told once, and albums end as they are."""
    first = VERSIONS.index(version) * HISTORIES
    for seed in range(first, first + HISTORIES):
        immich = await make_immich(version=version, library=None)
        world = World(hass, freezer, hass_storage, immich)
        history = History(world, Random(seed))
        try:
            await history.play()
            history.check()
        except Exception as error:
            error.add_note(f"seed {seed}: {' '.join(history.log)}")
            raise
        finally:
            await world.end()
            await immich.stop()
