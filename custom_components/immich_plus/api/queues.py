"""Queues of the work that the server does in the background (`jobs`), for administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import ImmichBadAnswerError
from .parse import Json, boolean, integer, need_dict

if TYPE_CHECKING:
    from .transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue and how many jobs are in which state. What waits in a paused queue counts as `paused`."""

    name: str
    active: int
    waiting: int
    paused: int
    delayed: int
    failed: int
    is_paused: bool

    @classmethod
    def from_json(cls, name: str, data: Json) -> Queue:
        """Read one queue of `GET jobs`; counts that are missing are zero."""
        counts = need_dict(data.get("jobCounts"), "jobs")
        status = data.get("queueStatus")
        return cls(
            name=name,
            active=integer(counts, "active") or 0,
            waiting=integer(counts, "waiting") or 0,
            paused=integer(counts, "paused") or 0,
            delayed=integer(counts, "delayed") or 0,
            failed=integer(counts, "failed") or 0,
            is_paused=isinstance(status, dict) and boolean(status, "isPaused") is True,
        )


class Queues:
    """Calls about queues."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def list(self) -> Mapping[str, Queue]:
        """Read all queues by Immich's names for them (scope `job.read`, administrators only).

        Through `jobs`, which every version has, 3.3 included; there are 15 queues in 1.137, more later.
        """
        answer = need_dict(await self._transport.get("jobs"), "jobs")
        found: dict[str, Queue] = {}
        for name, row in answer.items():
            try:
                found[name] = Queue.from_json(name, need_dict(row, "jobs"))
            except ImmichBadAnswerError:
                continue
        return found
