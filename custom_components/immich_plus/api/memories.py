"""Memories: "on this day" (`memories`)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from .asset import Asset
from .parse import (
    Json,
    boolean,
    integer,
    many_rows,
    moment,
    need_dict,
    need_integer,
    need_list,
    need_text,
    rows,
    text,
)
from .transport import LISTING, Params

if TYPE_CHECKING:
    from .client import Immich


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A look back: assets of an earlier year.

    `type` is Immich's own word, `on_this_day` or, from 3.3 on, `birthday`; `year` the year looked back at and
    `memory_at` its day, in UTC. A saved memory stays, others go after 30 days.
    """

    id: str
    type: str
    year: int | None
    memory_at: datetime | None
    saved: bool
    assets: tuple[Asset, ...]


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

    async def list(self, day: date) -> Sequence[Memory]:
        """List the memories of a calendar day, newest year first (scope `memory.read`).

        Those without assets are left out, and so is what lies in the trash. Immich makes them some days ahead,
        one for each earlier year, and keeps them for a while: other days have none.
        """
        return await self._listed({"for": self._client.version.memory_day(day)})

    async def saved(self) -> Sequence[Memory]:
        """List the memories that somebody saved, of any day, newest year first (scope `memory.read`)."""
        return await self._listed({"isSaved": True})

    async def _listed(self, params: Params) -> Sequence[Memory]:
        answer = await self._client.transport.get("memories", params, timeout=LISTING)
        found: list[Memory] = []
        for memory, listed in rows(answer, _memory, "memories"):
            assets = await many_rows(listed, Asset.from_json, "memories")
            if shown := tuple(asset for asset in assets if not asset.trashed):
                found.append(replace(memory, assets=shown))
        return sorted(found, key=_year, reverse=True)


def _memory(row: Json) -> tuple[Memory, list[Any]]:
    """Read a memory, and give its assets as they came: there may be many."""
    data = row.get("data")
    memory = Memory(
        id=need_text(row, "id", "memories"),
        type=text(row, "type") or "",
        year=integer(data, "year") if isinstance(data, dict) else None,
        memory_at=moment(row, "memoryAt"),
        saved=boolean(row, "isSaved") is True,
        assets=(),
    )
    return memory, need_list(row.get("assets"), "memories")


def _year(memory: Memory) -> int:
    if memory.year is not None:
        return memory.year
    return memory.memory_at.year if memory.memory_at else 0
