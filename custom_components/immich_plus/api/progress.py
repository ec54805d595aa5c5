"""A time limit that only runs while nothing moves: for bodies on their way to the server."""

import asyncio
from types import TracebackType
from typing import Final, Self

# Without a byte taken for so long, the line is dead.
STALL_SECONDS: Final = 60
# After the last byte the server checks, stores and registers the file before it answers.
ANSWER_SECONDS: Final = 180


class ProgressGuard:
    """Raises TimeoutError out of its `async with` block when a transfer stalls.

    Call `moved` for each piece that was taken, `finished` when all was sent. `source_error` is for what the
    source of the bytes raised: the HTTP library can't tell that from a broken line.
    """

    def __init__(self) -> None:
        """Start with nothing moved."""
        self._timeout = asyncio.timeout(None)
        self.sent = 0
        self.source_error: Exception | None = None
        self._over = False

    async def __aenter__(self) -> Self:
        """Start to watch."""
        await self._timeout.__aenter__()
        self._within(STALL_SECONDS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching; a stall leaves the block as TimeoutError."""
        self._over = True
        await self._timeout.__aexit__(kind, error, trace)

    def moved(self, size: int) -> None:
        """Note that `size` bytes more were taken."""
        self.sent += size
        self._within(STALL_SECONDS)

    def finished(self) -> None:
        """Note that all bytes are sent: from now on only the answer is waited for."""
        self._within(ANSWER_SECONDS)

    def _within(self, seconds: float) -> None:
        # A sender that is being stopped may still report.
        if not self._over and not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time() + seconds)
