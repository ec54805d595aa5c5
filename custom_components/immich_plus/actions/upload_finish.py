"""What an upload does after the bytes arrived: description, date, favourite, tags, album."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..api.albums import AddResult
from ..api.assets import AssetChange
from ..api.errors import ImmichError
from ..errors import action_failed, failure
from ..uploads.sender import Sent, Status
from ..uploads.source import UploadSource
from .common import Account, note_refusal
from .targets import Target


@dataclass(slots=True, kw_only=True)
class UploadItem:
    """One source of a call on its way: as it was named, what it turned out to be, what became of it.

    `trouble` tells what could not be done to an asset that did arrive.
    """

    named: str
    open: Callable[[], Awaitable[UploadSource]]
    source: UploadSource | None = None
    sent: Sent | None = None
    trouble: list[str] = field(default_factory=list)

    @property
    def asset_id(self) -> str | None:
        """The asset that this source is in Immich, if it is there."""
        return self.sent.asset_id if self.sent else None

    @property
    def problem(self) -> str | None:
        """Everything that went wrong, in sentences for people; None if nothing did."""
        error = [str(self.sent.error)] if self.sent and self.sent.error else []
        # Home Assistant takes the full stop off the texts of errors.
        return " ".join(f"{text.removesuffix('.')}." for text in [*error, *self.trouble]) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What a call wants done to the assets; `tags` are paths."""

    description: str | None
    taken_at: datetime | None
    favorite: bool
    tags: Sequence[str]
    album: Target | None


async def async_finish(
    hass: HomeAssistant, account: Account, items: Sequence[UploadItem], wanted: Additions
) -> None:
    """Do what can only be done to assets that exist; a step that fails is told with each asset it was for.

    What was in the library before keeps its description, date and place: only the album, tags and the
    favourite mark are added to it. What is new was told description, date and tags by its sidecar, unless it
    has one of its own. The film of a live photo follows its photo.
    """
    here: dict[str, list[UploadItem]] = {}
    new: list[str] = []
    own_sidecar: list[str] = []
    for item in items:
        if item.source is None or item.sent is None or item.asset_id is None or item.sent.part_of_photo:
            continue
        here.setdefault(item.asset_id, []).append(item)
        if item.sent.status is Status.CREATED:
            (new if item.source.sidecar is None else own_sidecar).append(item.asset_id)
    old = [asset_id for asset_id in here if asset_id not in new and asset_id not in own_sidecar]
    for ids, step in _steps(account, wanted, old=old, untold=own_sidecar, everything=list(here)):
        if not ids:
            continue
        try:
            troubles = await step(ids)
        except (ImmichError, HomeAssistantError) as error:
            troubles = dict.fromkeys(ids, _told(hass, account, error))
        for asset_id, trouble in troubles.items():
            for item in here[asset_id]:
                item.trouble.append(trouble)


def _told(hass: HomeAssistant, account: Account, error: ImmichError | HomeAssistantError) -> str:
    if isinstance(error, HomeAssistantError):
        return str(error)
    note_refusal(hass, account, error)
    return str(action_failed(error))


# Does something to assets, and returns what went wrong with single ones of them, in words.
type _Step = Callable[[list[str]], Awaitable[dict[str, str]]]


def _steps(
    account: Account, wanted: Additions, *, old: list[str], untold: list[str], everything: list[str]
) -> list[tuple[list[str], _Step]]:
    """Return what is wanted, each with the assets that it is for.

    `old` were there before, `untold` are new and know nothing of the call yet.
    """
    steps: list[tuple[list[str], _Step]] = []
    if wanted.tags:
        # First: Immich may lose tags that come while it still writes and reads back other changes.
        steps.append(([*old, *untold], partial(_tag, account, wanted.tags)))
    if wanted.description is not None or wanted.taken_at is not None:
        change = partial(_change, account, description=wanted.description, taken_at=wanted.taken_at)
        steps.append((untold, change))
    if wanted.favorite:
        # New ones were sent as favourites.
        steps.append((old, partial(_mark, account)))
    if wanted.album is not None:
        steps.append((everything, partial(_fill, account, wanted.album)))
    return steps


async def _change(
    account: Account, ids: list[str], *, description: str | None, taken_at: datetime | None
) -> dict[str, str]:
    return await _apply(account, ids, AssetChange(description=description, taken_at=taken_at))


async def _mark(account: Account, ids: list[str]) -> dict[str, str]:
    return await _apply(account, ids, AssetChange(favorite=True))


async def _apply(account: Account, ids: list[str], change: AssetChange) -> dict[str, str]:
    changed = await account.client.assets.update(ids, change)
    return {asset_id: str(action_failed(error)) for asset_id, error in changed.failed.items()}


async def _tag(account: Account, tags: Sequence[str], ids: list[str]) -> dict[str, str]:
    found = await account.client.tags.upsert(tags)
    await account.client.tags.assign([tag.id for tag in found], ids)
    return {}


async def _fill(account: Account, target: Target, ids: list[str]) -> dict[str, str]:
    results = await target.add(account.client, ids)
    done = {key for key, result in results.items() if result in (AddResult.ADDED, AddResult.ALREADY_THERE)}
    return {key: str(failure("nothing_added", album=target.name)) for key in ids if key not in done}
