"""Telling news: what comes in a burst goes out in batches.

Who hands news over may note at once that they are told: nothing is written to disk before they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later

from ..api.asset import Asset
from .memory import Memory
from .news import SIGNAL_NEWS, News, NewsType

# How long the first piece of news waits for others of its kind.
GATHER_SECONDS: Final = 0.5
# So many assets go along with one piece of news, beside the ids of all; more hardly ever come in that time.
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
        memory.tell_first = self.flush

    @callback
    def asset(self, kind: NewsType, asset: Asset, *, missed: bool = False) -> None:
        """Tell of an asset that is known, soon."""
        batch = self._gather(kind, asset.id, missed=missed)
        if len(batch.assets) < MOST_AT_ONCE:
            batch.assets.append(asset)

    @callback
    def ids(self, kind: NewsType, ids: Iterable[str]) -> None:
        """Tell of assets of which only the id is known, soon."""
        for each in ids:
            self._gather(kind, each)

    @callback
    def news(self, news: News) -> None:
        """Tell one piece of news now, after what waits to be told."""
        self.flush()
        self._send(news)
        self._memory.save()

    @callback
    def flush(self) -> None:
        """Tell now what waits: what was added before what happened to it."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        batches, self._batches = self._batches, {}
        for (kind, missed), batch in sorted(
            batches.items(), key=lambda each: each[0][0] is not NewsType.ASSET_ADDED
        ):
            ids = tuple(batch.ids)
            self._send(News(type=kind, count=len(ids), ids=ids, assets=tuple(batch.assets), missed=missed))

    def _gather(self, kind: NewsType, asset_id: str, *, missed: bool = False) -> _Batch:
        """Return the batch that an asset joins."""
        if self._cancel is None:
            self._cancel = async_call_later(self._hass, GATHER_SECONDS, self._gathered)
            self._memory.save()
        batch = self._batches.setdefault((kind, missed), _Batch())
        batch.ids[asset_id] = None
        return batch

    @callback
    def _gathered(self, _now: object) -> None:
        self._cancel = None
        self.flush()

    def _send(self, news: News) -> None:
        async_dispatcher_send(self._hass, SIGNAL_NEWS, self._entry_id, news)
