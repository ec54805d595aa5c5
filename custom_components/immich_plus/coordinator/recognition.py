"""New photos of people whom somebody watches.

Immich finds faces a while after an upload and announces nothing. So the latest additions are searched for
each watched person: a few times in the minutes after an upload, then every five minutes for an hour.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..api import Immich
from ..api.asset import AssetPerson
from ..api.people import Person
from ..api.query import AssetQuery, Choice, Shown, Span
from ..const import CHANGES_INTERVAL
from ..news.memory import Memory
from ..news.news import News, NewsType
from ..news.teller import MOST_AT_ONCE, Teller
from .base import Line
from .facts import Fact
from .looking import LookingCoordinator

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

# People that one account watches; each costs a search every time.
MOST_PEOPLE: Final = 20
# Only what was added so lately is looked at.
LATELY: Final = timedelta(hours=24)
# After additions it is looked for so long, first after these pauses.
SEARCHED_FOR: Final = timedelta(hours=1)
PAUSES_SECONDS: Final = (10, 20, 60, 120)
# Assets of one person that one look reads.
MOST_ASSETS: Final = 500
# Ids that are remembered of each person.
MOST_KNOWN: Final = 2000


class RecognitionCoordinator(LookingCoordinator[Sequence[Person] | None]):
    """Knows the watched people, and tells when Immich recognises them."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ImmichPlusConfigEntry,
        client: Immich,
        line: Line,
        *,
        memory: Memory,
        teller: Teller,
        is_watched: Callable[[Person], bool],
        watches_anybody: Callable[[], bool],
    ) -> None:
        """Look for the people for whom `is_watched` says so, if `watches_anybody`."""
        super().__init__(hass, entry, client, line, CHANGES_INTERVAL, memory=memory, teller=teller)
        self._is_watched = is_watched
        self._watches_anybody = watches_anybody
        self._searched_until: datetime | None = None
        self._cancel: CALLBACK_TYPE | None = None
        self._step = 0

    @override
    async def _fetch(self) -> Sequence[Person] | None:
        if not self._watches_anybody():
            return None
        if self.data is not None and not self._is_due and not self.missing:
            self._asked_at = dt_util.utcnow()
            return self.data
        return await self._ask(Fact.RECOGNITION, self._look)

    @property
    def _is_due(self) -> bool:
        return self._searched_until is not None and dt_util.utcnow() <= self._searched_until

    @callback
    def hear_added(self) -> None:
        """Look soon, and again: something was added in which people may be recognised."""
        self._searched_until = dt_util.utcnow() + SEARCHED_FOR
        self._step = 0
        if self._cancel is None and self._watches_anybody():
            self._wait()

    @callback
    def hear_watches(self) -> None:
        """Look at once, as other people are watched: what is there by now is no news."""
        self.data = None

    @callback
    def stop(self) -> None:
        """Look no more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _wait(self) -> None:
        self._cancel = async_call_later(self.hass, PAUSES_SECONDS[self._step], self._look_again)

    async def _look_again(self, _now: object) -> None:
        self._cancel = None
        self._step += 1
        if self._step < len(PAUSES_SECONDS):
            self._wait()
        await self.async_refresh()

    async def _look(self) -> Sequence[Person]:
        known = self._known.recognized
        if self._begins_afresh:
            known.clear()
        people = [person for person in await self.client.people.list() if self._is_watched(person)]
        people = people[:MOST_PEOPLE]
        for gone in known.keys() - {person.id for person in people}:
            del known[gone]
        since = self.client.transport.now() - LATELY
        for person in people:
            query = AssetQuery(people=Choice(ids=(person.id,)), added=Span(after=since), visibility=Shown.ANY)
            assets, _ = await self.client.search.gather(query, MOST_ASSETS)
            before = known.get(person.id)
            ids = dict.fromkeys([*(asset.id for asset in assets), *(before or ())])
            known[person.id] = list(ids)[:MOST_KNOWN]
            told = ids.keys() if before is None else set(before)
            news = [asset for asset in assets if asset.id not in told]
            if news:
                self._teller.news(
                    News(
                        type=NewsType.PERSON_RECOGNIZED,
                        count=len(news),
                        ids=tuple(asset.id for asset in news),
                        assets=tuple(news[:MOST_AT_ONCE]),
                        person=AssetPerson(id=person.id, name=person.name),
                        missed=self.missing,
                    )
                )
        self._looked()
        return people
