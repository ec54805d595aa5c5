"""What Immich announces by itself, as typed objects: from the events of its socket, of any version.

An event is a hint that something happened: what it says is used where it is complete, the rest is read again.
Which change causes which event was seen on 3.1.0; most changes cause none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from .asset import Asset
from .errors import ImmichBadAnswerError
from .ids import as_id
from .parse import Json, need_dict, text
from .version import ServerVersion


@dataclass(frozen=True, slots=True)
class ServerReady:
    """The server let us in, and says which version it is: the first event of every connection that works."""

    version: ServerVersion


@dataclass(frozen=True, slots=True)
class AssetReady:
    """A new asset of the timeline or archive has its pictures: a moment after it was uploaded.

    Duplicates, hidden parts of live photos and files that Immich can't read are never announced.
    """

    asset: Asset


@dataclass(frozen=True, slots=True)
class AssetUpdated:
    """Description, date, place, rating or tags changed, or anything in bulk; not a single favourite."""

    asset: Asset


@dataclass(frozen=True, slots=True)
class AssetsTrashed:
    """Assets were put into the trash."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssetsRestored:
    """Assets were taken out of the trash, one by one; nothing is announced when all are at once."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssetDeleted:
    """An asset is gone for good."""

    id: str


@dataclass(frozen=True, slots=True)
class AssetHidden:
    """A film became the moving part of a live photo."""

    id: str


@dataclass(frozen=True, slots=True)
class AssetEdited:
    """A crop or rotation was made or undone (2.5 and later)."""

    id: str


@dataclass(frozen=True, slots=True)
class AlbumChanged:
    """Assets went into an album or out of it (3.1 and later); told to everybody who has it."""

    id: str


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """A person has another face picture."""

    id: str


@dataclass(frozen=True, slots=True)
class Notified:
    """Immich has a message for the user. `type` is its own word, such as `AlbumInvite` or `JobFailed`."""

    type: str
    album_id: str | None


@dataclass(frozen=True, slots=True)
class ReleaseFound:
    """The server looked for a newer release, or tells us again what it found."""


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """An administrator saved the server's settings, or deleted a user."""


@dataclass(frozen=True, slots=True)
class EventsLost:
    """More came at once than is kept: what happened has to be searched for."""


type LiveEvent = (
    ServerReady
    | AssetReady
    | AssetUpdated
    | AssetsTrashed
    | AssetsRestored
    | AssetDeleted
    | AssetHidden
    | AssetEdited
    | AlbumChanged
    | PersonChanged
    | Notified
    | ReleaseFound
    | SettingsChanged
    | EventsLost
)


def read_event(name: str, payload: Sequence[object]) -> LiveEvent | None:
    """Read an event; None for those that nobody needs, that are new, or that can't be read."""
    if (read := _READERS.get(name)) is None:
        return None
    try:
        return read(payload[0] if payload else None)
    except ImmichBadAnswerError:
        return None


def _asset(value: object) -> Asset:
    asset = Asset.from_json(need_dict(value, "live event"))
    _id(asset.id)
    # Before 1.140 nobody tells when it was added. That was before it changed last, and for what just
    # happened the difference is the time that processing took.
    return asset if asset.added_at is not None else replace(asset, added_at=asset.updated_at)


def _id(value: object) -> str:
    if isinstance(value, str) and (found := as_id(value)) is not None:
        return found
    raise ImmichBadAnswerError("live event: no id")


def _ids(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    found = (as_id(each) for each in listed if isinstance(each, str))
    if ids := tuple(each for each in found if each is not None):
        return ids
    raise ImmichBadAnswerError("live event: no ids")


def _edited(value: object) -> AssetEdited:
    asset = need_dict(need_dict(value, "live event").get("asset"), "live event")
    return AssetEdited(_id(asset.get("id")))


def _notified(value: object) -> Notified:
    data = need_dict(value, "live event")
    return Notified(text(data, "type") or "", _album_of(data))


def _album_of(data: Json) -> str | None:
    """Read the album that a message is about: its data is JSON written into a text (seen on 3.1.0)."""
    told = data.get("data")
    try:
        told = orjson.loads(told) if isinstance(told, str) else told
    except orjson.JSONDecodeError:
        return None
    album_id = told.get("albumId") if isinstance(told, dict) else None
    return as_id(album_id) if isinstance(album_id, str) else None


_READERS: Final[dict[str, Callable[[object], LiveEvent]]] = {
    "on_server_version": lambda value: ServerReady(ServerVersion.from_json(value)),
    # Beside it comes `AssetUploadReadyV1` or `V2` with the same news in another form.
    "on_upload_success": lambda value: AssetReady(_asset(value)),
    "on_asset_update": lambda value: AssetUpdated(_asset(value)),
    "on_asset_trash": lambda value: AssetsTrashed(_ids(value)),
    "on_asset_restore": lambda value: AssetsRestored(_ids(value)),
    "on_asset_delete": lambda value: AssetDeleted(_id(value)),
    "on_asset_hidden": lambda value: AssetHidden(_id(value)),
    "AssetEditReadyV1": _edited,
    "AssetEditReadyV2": _edited,
    "on_album_update": lambda value: AlbumChanged(_id(value)),
    "on_person_thumbnail": lambda value: PersonChanged(_id(value)),
    "on_notification": _notified,
    "on_new_release": lambda _value: ReleaseFound(),
    "on_config_update": lambda _value: SettingsChanged(),
    "on_user_delete": lambda _value: SettingsChanged(),
}
