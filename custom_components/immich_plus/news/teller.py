"""Telling news: what comes in a burst goes out in batches, then is remembered as told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later

from ..api.asset import Asset
from .ledger import Ledger
from .memory import Memory
from .news import SIGNAL_NEWS, News, NewsType

# How long the first piece of news waits for others of its kind.
GATHER_SECONDS: Final = 0.5
# News of so many assets goes out at once.
MOST_AT_ONCE: Final = 250


@dataclass(slots=True)
class _Batch:
    """What will be told as one."""

    ids: dict[str, None] = field(default_factory=dict)
    assets: list[Asset] = field(default_factory=list)


class Teller:
    """Tells the news of one account to whoever listens to `SIGNAL_NEWS`."""

    def __init__(self, hass: HomeAssistant, entry_id: str, memory: Memory) -> None:
        """Start with nothing to tell."""
        self._hass = hass
        self._entry_id = entry_id
        self._memory = memory
        self._batches: dict[tuple[NewsType, bool], _Batch] = {}
        self._cancel: CALLBACK_TYPE | None = None

    @property
    def ledger(self) -> Ledger:
        """What was told of assets; there since the first look."""
        if (ledger := self._memory.known.ledger) is None:
            raise RuntimeError("nobody has looked at the library so far")
        return ledger

    @callback
    def assets(self, kind: NewsType, assets: Iterable[Asset], *, missed: bool = False) -> None:
        """Tell of assets that are known, soon."""
        for asset in assets:
            batch = self._batch(kind, missed=missed)
            batch.ids[asset.id] = None
            batch.assets.append(asset)
            self._send_large(kind, missed=missed)

    @callback
    def ids(self, kind: NewsType, ids: Iterable[str], *, missed: bool = False) -> None:
        """Tell of assets of which only the id is known, soon."""
        for each in ids:
            self._batch(kind, missed=missed).ids[each] = None
            self._send_large(kind, missed=missed)

    @callback
    def news(self, news: News) -> None:
        """Tell one piece of news now, after what waits to be told."""
        self.flush()
        self._send(news)
        self._memory.save()

    @callback
    def flush(self) -> None:
        """Tell now what waits."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        batches, self._batches = self._batches, {}
        for (kind, missed), batch in batches.items():
            self._send_batch(kind, batch, missed=missed)
        if batches:
            self._memory.save()

    def _batch(self, kind: NewsType, *, missed: bool) -> _Batch:
        if self._cancel is None:
            self._cancel = async_call_later(self._hass, GATHER_SECONDS, self._gathered)
        return self._batches.setdefault((kind, missed), _Batch())

    def _send_large(self, kind: NewsType, *, missed: bool) -> None:
        if len(self._batches[kind, missed].ids) >= MOST_AT_ONCE:
            self._send_batch(kind, self._batches.pop((kind, missed)), missed=missed)

    @callback
    def _gathered(self, _now: object) -> None:
        self._cancel = None
        self.flush()

    def _send_batch(self, kind: NewsType, batch: _Batch, *, missed: bool) -> None:
        if kind is NewsType.ASSET_ADDED:
            self.ledger.tell(batch.assets)
        ids = tuple(batch.ids)
        self._send(News(type=kind, count=len(ids), ids=ids, assets=tuple(batch.assets), missed=missed))

    def _send(self, news: News) -> None:
        async_dispatcher_send(self._hass, SIGNAL_NEWS, self._entry_id, news)
