"""One piece of news, as event entities and triggers hear it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from homeassistant.util.signal_type import SignalType

from ..api.album import Album
from ..api.asset import Asset, AssetPerson
from ..const import DOMAIN


@dataclass(frozen=True, slots=True)
class GoneAlbum:
    """What is left of an album that was deleted, or isn't shared with us any more."""

    id: str
    name: str


class NewsType(StrEnum):
    """What happened; the values are the event types that people write into automations."""

    ASSET_ADDED = "asset_added"
    ASSET_UPDATED = "asset_updated"
    ASSET_TRASHED = "asset_trashed"
    ASSET_RESTORED = "asset_restored"
    ASSET_DELETED = "asset_deleted"
    ALBUM_CREATED = "album_created"
    ALBUM_UPDATED = "album_updated"
    ALBUM_DELETED = "album_deleted"
    ASSET_ADDED_TO_ALBUM = "asset_added_to_album"
    ASSET_REMOVED_FROM_ALBUM = "asset_removed_from_album"
    PERSON_RECOGNIZED = "person_recognized"
    MEMORIES_BECAME_AVAILABLE = "memories_became_available"
    JOB_FAILED = "job_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that happened in the library of one account, once or many times.

    `count` says how many assets (albums, jobs) it is about; `ids` are those of the assets as far as they are
    known, and `assets` holds those among them that were read. `album` is the one that it is about, if any;
    of one that is gone, only id and name are left.
    Of an album that was updated, `renamed_from` is its former name if it was renamed, and `more` how many more
    assets it has than before (fewer if negative; None if that isn't known or it has as many).
    `queue` is Immich's name of the queue whose jobs failed. `missed`: it happened while nobody listened.
    """

    type: NewsType
    count: int = 1
    ids: tuple[str, ...] = ()
    assets: tuple[Asset, ...] = ()
    album: Album | GoneAlbum | None = None
    renamed_from: str | None = None
    more: int | None = None
    person: AssetPerson | None = None
    queue: str | None = None
    missed: bool = False


# Sent with the id of the account's entry for each piece of news.
SIGNAL_NEWS: Final[SignalType[str, News]] = SignalType(f"{DOMAIN}_news")
