"""What has to be remembered over restarts so that nothing is told twice or lost: one file for each account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..api.album import Album
from ..const import DOMAIN
from .ledger import Ledger

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_MINOR_VERSION: Final = 1
# So soon after something was told it is on disk.
SAVE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class AlbumMark:
    """How an album was when we looked last."""

    name: str
    asset_count: int | None
    updated_at: str | None

    @classmethod
    def of(cls, album: Album) -> AlbumMark:
        """Note what shows that an album changed."""
        updated = album.updated_at.isoformat(timespec="milliseconds") if album.updated_at else None
        # One album is read with microseconds, a list of them without (seen on 3.1.0).
        return cls(album.name, album.asset_count, updated)


@dataclass(frozen=True, slots=True)
class AlbumWatch:
    """What was in a watched album, and when something came into it last."""

    ids: list[str]
    last_added: datetime | None


@dataclass(slots=True, kw_only=True)
class Remembered:
    """What the file holds; None or empty where nothing is known so far.

    `watched` are the albums whose contents are watched, `recognized` the ids of the assets in which each watched
    person was recognised lately.
    """

    ledger: Ledger | None = None
    albums: dict[str, AlbumMark] | None = None
    watched: dict[str, AlbumWatch] = field(default_factory=dict)
    recognized: dict[str, list[str]] = field(default_factory=dict)
    memories_day: date | None = None
    failed_jobs: dict[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """Write it for the disk."""
        albums = self.albums
        return {
            "ledger": None if self.ledger is None else self.ledger.to_json(),
            "albums": None
            if albums is None
            else {each: [mark.name, mark.asset_count, mark.updated_at] for each, mark in albums.items()},
            "watched": {
                each: [watch.ids, watch.last_added and watch.last_added.isoformat()]
                for each, watch in self.watched.items()
            },
            "recognized": self.recognized,
            "memories_day": None if self.memories_day is None else self.memories_day.isoformat(),
            "failed_jobs": self.failed_jobs,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Remembered:
        """Read what `to_json` wrote; raises KeyError, TypeError or ValueError for anything else."""
        albums = data["albums"]
        return cls(
            ledger=None if data["ledger"] is None else Ledger.from_json(data["ledger"]),
            albums=None if albums is None else {each: AlbumMark(*mark) for each, mark in albums.items()},
            watched={
                each: AlbumWatch(list(ids), last_added and datetime.fromisoformat(last_added))
                for each, (ids, last_added) in data["watched"].items()
            },
            recognized={each: list(ids) for each, ids in data["recognized"].items()},
            memories_day=None if data["memories_day"] is None else date.fromisoformat(data["memories_day"]),
            failed_jobs=None if data["failed_jobs"] is None else dict(data["failed_jobs"]),
        )


class Memory:
    """The file of one account, and what is in it."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Start with nothing known."""
        self.known = Remembered()
        self._store = _store(hass, entry_id)

    async def async_load(self) -> None:
        """Read the file; one that makes no sense is put aside with a line of log, and all starts afresh."""
        data = await self._store.async_load()
        if data is None:
            return
        try:
            self.known = Remembered.from_json(data)
        except (KeyError, TypeError, ValueError) as error:
            _LOGGER.warning("What was told before can't be read (%s): starting afresh", type(error).__name__)

    def save(self) -> None:
        """Write the file soon."""
        self._store.async_delay_save(self.known.to_json, SAVE_SECONDS)

    async def async_save(self) -> None:
        """Write the file now."""
        await self._store.async_save(self.known.to_json())


async def async_forget(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the file of an account that is gone."""
    await _store(hass, entry_id).async_remove()


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, _VERSION, f"{DOMAIN}.{entry_id}", minor_version=_MINOR_VERSION, private=True)
