"""Memories: "on this day" (`memories`)."""

from datetime import date
from typing import TYPE_CHECKING

from .parse import need_dict, need_integer

if TYPE_CHECKING:
    from .client import Immich


class Memories:
    """Calls about memories."""

    def __init__(self, client: Immich) -> None:
        """Speak through the client, as the way to write a day depends on the version."""
        self._client = client

    async def count(self, day: date) -> int:
        """Count the memories of a calendar day, empty ones included (scope `memory.statistics`)."""
        params = {"for": self._client.version.memory_day(day)}
        answer = await self._client.transport.get("memories/statistics", params)
        return need_integer(need_dict(answer, "memories/statistics"), "total", "memories/statistics")
