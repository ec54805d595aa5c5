"""What the coordinators share that look for what happened: what they remember, and whom they tell."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..api import Immich
from ..news.memory import Memory, Remembered
from ..news.teller import Teller
from .base import ImmichCoordinator, Line
from .facts import Fact

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry

# What nobody watches for so long is forgotten: automations are reloaded, and must not lose anything by that.
FORGOTTEN_AFTER: Final = timedelta(hours=1)


class LookingCoordinator[T](ImmichCoordinator[T]):
    """Compares what it reads with what it remembers, and tells the difference.

    What is found out is noted and handed to the teller in one go, without a pause in which the memory could be
    written to disk; the teller tells it at the latest just before that.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ImmichPlusConfigEntry,
        client: Immich,
        line: Line,
        rhythm: timedelta,
        *,
        memory: Memory,
        teller: Teller,
    ) -> None:
        """Look every `rhythm`, go on from what `memory` knows, tell through `teller`."""
        super().__init__(hass, entry, client, line, rhythm)
        self._memory = memory
        self._teller = teller
        # Whether what the next look finds is told as missed: it happened while Home Assistant didn't run, or
        # couldn't reach the server.
        self.missing = True
        self._asked_at: datetime | None = None

    @property
    def _begins_afresh(self) -> bool:
        """Whether nobody wanted to know for so long that what happened meanwhile is no news."""
        idle = self._asked_at is not None and dt_util.utcnow() - self._asked_at > FORGOTTEN_AFTER
        return idle and not self.missing

    @property
    def _known(self) -> Remembered:
        return self._memory.known

    @override
    def on_lost(self) -> None:
        self.missing = True

    @override
    def _is_wanted(self, fact: Fact) -> bool:
        # Nothing is read at set-up: whoever wants to know listens by the time of the first look.
        return fact in set(self.async_contexts())

    def _looked(self) -> None:
        """Note that everything up to now was seen and told."""
        self.missing = False
        self._asked_at = dt_util.utcnow()
        self._memory.save()
