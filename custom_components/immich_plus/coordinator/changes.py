"""What changed in the library: searched for every five minutes, and heard of in between where Immich tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..api import Immich
from ..api.asset import Asset
from ..api.query import Span
from ..const import CHANGES_INTERVAL
from ..news.ledger import Ledger
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
        # When the newest own asset was added that was heard of.
        self.newest: datetime | None = None
        # Assets without picture, with the moment in which they were found.
        self._found_at: dict[str, datetime] = {}

    @property
    def is_up_to_date(self) -> bool:
        """Whether it finds what is added, now and from now on."""
        return self.asks_again and self.last_update_success and self.data is not None

    @property
    def ledger(self) -> Ledger | None:
        """What was told of assets; None until the first look."""
        return self._known.ledger

    @override
    async def _fetch(self) -> Look | None:
        return await self._ask(Fact.CHANGES, self._look)

    async def _look(self) -> Look:
        if (ledger := self.ledger) is None:
            self._known.ledger = Ledger.starting(self.client.transport.now())
            self._looked()
            return Look(0, 0)
        missed = self.missing
        found = await self.client.changes.since(ledger.updated.floor, ledger.added.floor)
        changed = self._hear_changes(ledger, found.assets, missed=missed)
        assets = found.assets
        if not found.complete:
            # Too much changed to read it all; what was added among it must not be lost.
            changed += await self._tell_changed_number(ledger, assets, missed=missed)
            more = await self.client.changes.added(ledger.added.floor)
            assets = more.assets
            if not more.complete:
                # The next look goes on from there.
                return Look(await self._tell_added_number(ledger, assets, missed=missed), changed)
        added = self.hear_added(assets, ready=False, missed=missed)
        self._forget_gone(ledger, {asset.id for asset in assets})
        ledger.rise()
        self._looked()
        return Look(added, changed)

    @callback
    def hear_added(self, assets: Iterable[Asset], *, ready: bool = True, missed: bool = False) -> int:
        """Tell of those assets that are new; return how many. `ready`: their pictures are there for sure."""
        if (ledger := self.ledger) is None:
            return 0
        now = dt_util.utcnow()
        news: list[Asset] = []
        for asset in assets:
            on_its_way = asset.id in ledger.held and asset.id not in self._found_at
            if on_its_way or not ledger.is_new(asset):
                continue
            own = asset.owner_id == self.client.user_id
            ledger.hold(asset, own=own)
            if own and asset.added_at is not None and (self.newest is None or asset.added_at > self.newest):
                self.newest = asset.added_at
            found_at = self._found_at.setdefault(asset.id, now)
            if ready or asset.processed or now - found_at >= PATIENCE or len(self._found_at) > MOST_WAITING:
                del self._found_at[asset.id]
                news.append(asset)
        self._teller.assets(NewsType.ASSET_ADDED, news, missed=missed)
        return len(news)

    @callback
    def hear_updated(self, asset: Asset) -> None:
        """Tell that an asset changed."""
        if self.ledger is not None and self.ledger.touch(asset):
            self._teller.assets(NewsType.ASSET_UPDATED, [asset])

    @callback
    def hear_ids(self, kind: NewsType, ids: Iterable[str]) -> None:
        """Tell what happened to assets of which only the ids are known: trashed, restored, edited or deleted."""
        if (ledger := self.ledger) is None:
            return
        ids = list(ids)
        match kind:
            case NewsType.ASSET_TRASHED:
                ids = ledger.trash(ids)
            case NewsType.ASSET_RESTORED:
                ledger.restore(ids)
            case NewsType.ASSET_DELETED:
                ledger.restore(ids)
                for each in ids:
                    self.hear_gone(each)
                ledger.count(-len(ids))
        if kind is not NewsType.ASSET_DELETED:
            # The next look finds them changed, and must not tell it again.
            now = self.client.transport.now()
            for each in ids:
                ledger.updated.note(each, now)
        self._teller.ids(kind, ids)

    @callback
    def hear_gone(self, asset_id: str) -> None:
        """Wait no longer for the picture of an asset that was hidden or deleted."""
        if self.ledger is not None and self._found_at.pop(asset_id, None) is not None:
            self.ledger.drop(asset_id)

    def _hear_changes(self, ledger: Ledger, assets: Iterable[Asset], *, missed: bool) -> int:
        trashed: list[str] = []
        restored: list[Asset] = []
        updated: list[Asset] = []
        for asset in assets:
            if asset.owner_id != self.client.user_id:
                continue
            if asset.trashed:
                trashed += ledger.trash([asset.id])
            elif ledger.restore([asset.id]):
                restored.append(asset)
            elif not ledger.is_new(asset) and ledger.touch(asset):
                updated.append(asset)
        self._teller.ids(NewsType.ASSET_TRASHED, trashed, missed=missed)
        self._teller.assets(NewsType.ASSET_RESTORED, restored, missed=missed)
        self._teller.assets(NewsType.ASSET_UPDATED, updated, missed=missed)
        return len(trashed) + len(restored) + len(updated)

    async def _tell_changed_number(self, ledger: Ledger, assets: Iterable[Asset], *, missed: bool) -> int:
        """Tell how many more assets changed than were read, and take that as done."""
        moments = [asset.updated_at for asset in assets if asset.updated_at is not None]
        start, end = ledger.updated.floor, max(moments, default=ledger.updated.floor)
        counted = await self.client.changes.count(updated=Span(after=start, before=end))
        more = (counted or 0) - sum(moment <= end for moment in moments)
        ledger.updated.skip_to(end)
        if more <= 0:
            return 0
        self._teller.news(News(type=NewsType.ASSET_UPDATED, count=more, missed=missed))
        return more

    async def _tell_added_number(self, ledger: Ledger, assets: Iterable[Asset], *, missed: bool) -> int:
        """Tell of more new assets than can be read: how many, and which are the first of them."""
        self._teller.flush()
        news = [asset for asset in assets if ledger.is_new(asset)]
        start = ledger.added.floor
        end = max((asset.added_at for asset in news if asset.added_at is not None), default=start)
        counted = await self.client.changes.count(added=Span(after=start, before=end))
        number = len(news) if counted is None else counted - ledger.added.between(start, end)
        ledger.added.skip_to(end)
        ledger.held.clear()
        ledger.total = None
        self._found_at.clear()
        first = news[:MOST_AT_ONCE]
        self._teller.news(
            News(
                type=NewsType.ASSET_ADDED,
                count=max(number, len(first)),
                ids=tuple(asset.id for asset in first),
                assets=tuple(first),
                missed=missed,
            )
        )
        return number

    def _forget_gone(self, ledger: Ledger, found: set[str]) -> None:
        """Wait no longer for the pictures of assets that aren't there any more."""
        for asset_id in [each for each in self._found_at if each not in found]:
            del self._found_at[asset_id]
            ledger.drop(asset_id)
