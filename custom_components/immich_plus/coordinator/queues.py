"""The server's queues, for administrators: read while somebody wants to know, and told when jobs fail."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, override

from homeassistant.core import HomeAssistant

from ..api import Immich
from ..api.queues import Queue
from ..const import CHANGES_INTERVAL
from ..news.memory import Memory
from ..news.news import News, NewsType
from ..news.teller import Teller
from .base import Line
from .facts import Fact
from .looking import LookingCoordinator

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


class QueuesCoordinator(LookingCoordinator[Mapping[str, Queue] | None]):
    """Knows the queues by name. Immich announces no failed job but that of a backup."""

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
        """Look every five minutes."""
        super().__init__(hass, entry, client, line, CHANGES_INTERVAL, memory=memory, teller=teller)

    @override
    async def _fetch(self) -> Mapping[str, Queue] | None:
        return await self._ask(Fact.QUEUES, self._look)

    async def _look(self) -> Mapping[str, Queue]:
        queues = await self.client.queues.list()
        before = None if self._begins_afresh else self._known.failed_jobs
        self._known.failed_jobs = {queue.name: queue.failed for queue in queues.values()}
        if before is not None:
            for queue in queues.values():
                # Somebody may have cleared the list of failed ones: then there are fewer.
                if (more := queue.failed - before.get(queue.name, 0)) > 0:
                    self._teller.news(
                        News(type=NewsType.JOB_FAILED, count=more, queue=queue.name, missed=self.missing)
                    )
        self._looked()
        return queues
