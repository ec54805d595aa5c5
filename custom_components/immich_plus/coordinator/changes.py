"""What changed in the library: searched for every five minutes, and heard of in between where Immich tells."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..api import Immich
from ..api.asset import Asset
from ..api.errors import ImmichError
from ..api.query import Span
from ..const import CHANGES_INTERVAL
from ..news.ledger import OVERLAP, Held, Ledger
from ..news.memory import Memory
from ..news.news import News, NewsType
from ..news.teller import MOST_AT_ONCE, Teller
from .base import Line
from .facts import Fact
from .looking import LookingCoordinator

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

# An asset without its picture is told of after this long: some files can't be read by Immich at all.
PATIENCE: Final = timedelta(minutes=10)
# Assets that wait for their pictures; beyond that nobody waits.
MOST_WAITING: Final = 2000
# Assets that are gone through before the event loop gets its turn again.
_PER_TURN: Final = 100
# Counts include their end, and assets have a moment between two milliseconds.
_STEP: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the library found: how many assets were new, and how many changed."""

    added: int
    changed: int


class ChangesCoordinator(LookingCoordinator[Look | None]):
    """Finds what nobody announces, and what was announced while nobody listened."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ImmichPlusConfigEntry,
        client: Immich,
        line: Line,
        *,
        memory: Memory,
        teller: Teller,
    ) -> None:
        """Look every five minutes; go on from what `memory` knows, tell through `teller`."""
        super().__init__(hass, entry, client, line, CHANGES_INTERVAL, memory=memory, teller=teller)
        self._turn = asyncio.Lock()
        # When the newest own asset was added that was heard of.
        self.newest: datetime | None = None
        # Names of other users whose assets were found, by id.
        self.user_names: dict[str, str] = {}
        # What was announced since the last look began: it may have read an asset before that.
        self._announced: set[str] = set()
        # What the last look found, and may be announced a moment later.
        self._found: set[tuple[NewsType, str]] = set()

    @property
    def is_up_to_date(self) -> bool:
        """Whether it finds what is added, now and from now on."""
        return self.asks_again and self.last_update_success and self.data is not None

    @property
    def is_waiting(self) -> bool:
        """Whether something new was found whose picture isn't ready."""
        return self.ledger is not None and bool(self.ledger.held)

    @property
    def ledger(self) -> Ledger | None:
        """What was told of assets; None until the first look."""
        return self._known.ledger

    @override
    async def _fetch(self) -> Look | None:
        return await self._ask(Fact.CHANGES, self._look)

    # -- what is searched for

    async def _look(self) -> Look:
        async with self._turn:
            return await self._look_alone()

    async def _look_alone(self) -> Look:
        now, started = self.client.transport.now(), monotonic()
        if (ledger := self.ledger) is None or ledger.floor > now + OVERLAP:
            # The first time, or after the server's clock was set back: what is there is no news.
            self._known.ledger = Ledger(now)
            self._looked()
            return Look(0, 0)
        missed = self.missing
        self._announced, self._found = set(), set()
        found = await self.client.changes.since(ledger.floor)
        if not found.complete:
            return await self._look_at_many(ledger, found.assets, missed=missed)
        await self._learn_names(found.assets)
        waiting = set(ledger.held)
        look = await self._go_through(ledger, found.assets, missed=missed)
        for gone in waiting.difference(asset.id for asset in found.assets):
            ledger.drop(gone)
        # What changed while the pages were read may be missing from them.
        newest = _newest(found.assets, ledger.floor) - timedelta(seconds=monotonic() - started)
        ledger.rise(min(newest, now), self._announced)
        self._looked()
        return look

    async def _learn_names(self, assets: Iterable[Asset]) -> None:
        """Find out who the partners are whose assets were found; without that they stay nameless."""
        owners = {asset.owner_id for asset in assets if asset.owner_id is not None}
        if owners - self.user_names.keys() - {self.client.user_id}:
            try:
                users = await self.client.users.list()
            except ImmichError:
                return
            # Whom the server doesn't list isn't asked for again.
            self.user_names |= dict.fromkeys(owners, "") | {user.id: user.name for user in users}

    async def _go_through(
        self, ledger: Ledger, assets: Iterable[Asset], *, missed: bool, patient: bool = True
    ) -> Look:
        """Tell what is new and what changed. `patient`: wait for pictures."""
        added = changed = 0
        for number, asset in enumerate(assets):
            if number % _PER_TURN == 0:
                await asyncio.sleep(0)
            if asset.id in self._announced:
                # The next look tells for sure how it is now.
                continue
            own = asset.owner_id == self.client.user_id
            if ledger.is_new(asset):
                if patient and self._has_to_wait(ledger, asset, missed=missed, own=own):
                    continue
                self._tell_added(ledger, asset, missed=missed)
                added += 1
            if own and (kind := ledger.change(asset)) is not None:
                self._found.add((kind, asset.id))
                self._teller.asset(kind, asset, missed=missed)
                changed += 1
        return Look(added, changed)

    def _has_to_wait(self, ledger: Ledger, asset: Asset, *, missed: bool, own: bool) -> bool:
        """Whether an asset has no picture so far and may get one; what is in the trash need not."""
        if asset.processed or asset.trashed:
            return False
        now = dt_util.utcnow()
        if (held := ledger.held.get(asset.id)) is not None:
            return now - held.found_at < PATIENCE
        if len(ledger.held) >= MOST_WAITING:
            return False
        ledger.hold(Held(asset, ledger.floor, now, missed), own=own)
        return True

    async def _look_at_many(self, ledger: Ledger, changed: Sequence[Asset], *, missed: bool) -> Look:
        """Look when more changed than is read: tell how many the others are, and take everything as done.

        What was added among it is read apart, and told one by one unless that is too much as well.
        """
        found = await self.client.changes.added(ledger.floor)
        added = {asset.id: asset for asset in found.assets}
        rows = {asset.id: asset for asset in changed} | added
        told = rows.values() if found.complete else [row for row in changed if row.id not in added]
        look = await self._go_through(ledger, list(told), missed=missed, patient=False)
        end = min(_newest(rows.values(), ledger.floor), self.client.transport.now())
        span = Span(after=ledger.floor, before=end + _STEP)
        others = 0
        news: list[Asset] = []
        if not found.complete:
            # Without counts, those that were read are all that is known of.
            others = max(0, (await self.client.changes.count(added=span) or 0) - len(added))
        unread = max(0, (await self.client.changes.count(updated=span) or 0) - others - len(rows))
        # From here on nothing is waited for: what is announced meanwhile must not be counted as well.
        if not found.complete:
            news = [asset for asset in found.assets if ledger.is_new(asset)]
            others = max(0, others - (ledger.told_between(ledger.floor, end) - (len(added) - len(news))))
        ledger.skip_to(end)
        self._tell_number(NewsType.ASSET_ADDED, len(news) + others, news[:MOST_AT_ONCE], missed=missed)
        self._tell_number(NewsType.ASSET_UPDATED, unread, missed=missed)
        self._looked()
        return Look(look.added + len(news) + others, look.changed + unread)

    def _tell_number(self, kind: NewsType, number: int, first: Sequence[Asset] = (), *, missed: bool) -> None:
        if number:
            ids = tuple(asset.id for asset in first)
            self._teller.news(News(type=kind, count=number, ids=ids, assets=tuple(first), missed=missed))

    def _tell_added(self, ledger: Ledger, asset: Asset, *, missed: bool = False) -> None:
        own = asset.owner_id == self.client.user_id
        held = ledger.held.get(asset.id)
        ledger.tell(asset, own=own)
        if own and asset.added_at is not None and (self.newest is None or asset.added_at > self.newest):
            self.newest = asset.added_at
        self._teller.asset(NewsType.ASSET_ADDED, asset, missed=held.missed if held else missed)

    # -- what is heard

    @callback
    def hear_added(self, assets: Iterable[Asset]) -> None:
        """Tell of those assets that are new; their pictures are there."""
        if not self.client.version.tells_when_added:
            # What was announced late may have been told long ago: only a search tells.
            _task = self.config_entry.async_create_background_task(
                self.hass, self.async_request_refresh(), f"look of {self.name}"
            )
        elif (ledger := self.ledger) is not None:
            for asset in assets:
                if ledger.is_new(asset):
                    self._tell_added(ledger, asset)

    @callback
    def hear_updated(self, asset: Asset) -> None:
        """Tell that an asset changed, unless it wasn't told of so far: then it is told as a new one."""
        if (ledger := self.ledger) is None or asset.id in ledger.held or ledger.is_new(asset):
            return
        self._announced.add(asset.id)
        if (kind := ledger.change(asset, announced=True)) is not None:
            self._teller.asset(kind, asset)

    @callback
    def hear_ids(self, kind: NewsType, ids: Iterable[str]) -> None:
        """Tell what happened to assets of which only the ids are known: trashed, restored, edited or deleted."""
        if (ledger := self.ledger) is None:
            return
        ids = list(dict.fromkeys(ids))
        self._announced.update(ids)
        match kind:
            case NewsType.ASSET_TRASHED:
                for each in ids:
                    if (held := ledger.held.get(each)) is not None:
                        # Nobody knows whether it will ever have a picture.
                        self._tell_added(ledger, held.asset)
                ids = ledger.trash(ids)
            case NewsType.ASSET_DELETED:
                ledger.restore(ids)
                for each in ids:
                    ledger.remove(each)
            case _:
                ledger.restore(ids)
                # A look was quicker than the announcement.
                found = {each for each in ids if (kind, each) in self._found}
                self._found.difference_update((kind, each) for each in found)
                ids = [each for each in ids if each not in found]
                ledger.expect(ids)
        self._teller.ids(kind, ids)

    @callback
    def hear_gone(self, asset_id: str) -> None:
        """Take an asset as no picture of its own: it became the moving part of a live photo."""
        if (ledger := self.ledger) is not None:
            self._announced.add(asset_id)
            ledger.hide(asset_id)


def _newest(assets: Iterable[Asset], default: datetime) -> datetime:
    return max((asset.updated_at for asset in assets if asset.updated_at is not None), default=default)
