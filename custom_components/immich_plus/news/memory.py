"""What has to be remembered over restarts so that nothing is told twice or lost: one file for each account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from .album_marks import AlbumMark, AlbumWatch
from .ledger import Ledger, as_texts
from .recent import as_moment

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_MINOR_VERSION: Final = 1
# So soon after something was told it is on disk; later if there is much to write.
SAVE_SECONDS: Final = 0.5
_MUCH: Final = 1000


@dataclass(slots=True, kw_only=True)
class Remembered:
    """What the file holds; None or empty where nothing is known so far.

    `albums` is how each album was at `albums_at`, by the server's clock; `watched` are the albums whose contents
    are watched, `recognized` the ids of the assets in which each watched person was recognised lately.
    """

    ledger: Ledger | None = None
    albums: dict[str, AlbumMark] | None = None
    albums_at: datetime | None = None
    watched: dict[str, AlbumWatch] = field(default_factory=dict)
    recognized: dict[str, list[str]] = field(default_factory=dict)
    memories_day: date | None = None
    failed_jobs: dict[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """Write it for the disk. Moments are turned into text by the encoder."""
        albums = self.albums
        return {
            "ledger": None if self.ledger is None else self.ledger.to_json(),
            "albums": None if albums is None else {each: mark.to_json() for each, mark in albums.items()},
            "albums_at": self.albums_at,
            "watched": {each: watch.to_json() for each, watch in self.watched.items()},
            "recognized": self.recognized,
            "memories_day": None if self.memories_day is None else self.memories_day.isoformat(),
            "failed_jobs": self.failed_jobs,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Remembered:
        """Read what `to_json` wrote; raises AttributeError, KeyError, TypeError or ValueError for anything else."""
        albums, failed, day = data["albums"], data["failed_jobs"], data["memories_day"]
        return cls(
            ledger=None if data["ledger"] is None else Ledger.from_json(data["ledger"]),
            albums=None
            if albums is None
            else {each: AlbumMark.from_json(mark) for each, mark in albums.items()},
            albums_at=None if data["albums_at"] is None else as_moment(data["albums_at"]),
            watched={each: AlbumWatch.from_json(watch) for each, watch in data["watched"].items()},
            recognized={each: as_texts(ids) for each, ids in data["recognized"].items()},
            memories_day=None if day is None else date.fromisoformat(day),
            failed_jobs=None if failed is None else {each: int(number) for each, number in failed.items()},
        )


class Memory:
    """The file of one account, and what is in it."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Start with nothing known."""
        self.known = Remembered()
        # What has to be told before it is written down as told.
        self.tell_first: Callable[[], None] = lambda: None
        self._store = _store(hass, entry_id)
        self._is_due = False

    async def async_load(self) -> None:
        """Read the file; one that makes no sense is left with a line of log, and all starts afresh."""
        try:
            data = await self._store.async_load()
            if data is not None:
                self.known = Remembered.from_json(data)
        except (
            AttributeError,
            HomeAssistantError,
            KeyError,
            NotImplementedError,
            OSError,
            TypeError,
            ValueError,
        ) as error:
            _LOGGER.warning("What was told before can't be read (%s): starting afresh", type(error).__name__)

    def save(self) -> None:
        """Write the file soon, however often that is asked for meanwhile."""
        if not self._is_due:
            self._is_due = True
            much = 0 if self.known.ledger is None else len(self.known.ledger)
            self._store.async_delay_save(self._to_json, SAVE_SECONDS * (1 + much / _MUCH))

    async def async_save(self) -> None:
        """Write the file now."""
        await self._store.async_save(self._to_json())

    def _to_json(self) -> dict[str, Any]:
        # What is told in here asks to be saved, which it is.
        self._is_due = True
        self.tell_first()
        self._is_due = False
        return self.known.to_json()


async def async_forget(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the file of an account that is gone."""
    await _store(hass, entry_id).async_remove()


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, _VERSION, f"{DOMAIN}.{entry_id}", minor_version=_MINOR_VERSION, private=True)
