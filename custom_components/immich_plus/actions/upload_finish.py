"""What an upload does after the bytes arrived: description, date, favourite, tags, album."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from homeassistant.core import HomeAssistant

from ..api.albums import AddResult
from ..api.errors import ImmichAuthenticationError, ImmichError, ImmichPermissionError
from ..errors import action_failed, failure
from ..uploads.sender import Sent, Status
from ..uploads.source import UploadSource
from .albums import Target
from .common import Account, note_refusal


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What a call wants done to the assets."""

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
    favourite mark are added to it.
    """
    here: dict[str, UploadItem] = {}
    new: list[str] = []
    for item in items:
        if item.sent is not None and (asset_id := item.sent.asset_id) is not None:
            here.setdefault(asset_id, item)
            if item.sent.status is Status.CREATED:
                new.append(asset_id)
    for ids, step in _steps(account, here, new, wanted):
        if not ids:
            continue
        try:
            await step(ids)
        except ImmichAuthenticationError:
            raise
        except ImmichError as error:
            if isinstance(error, ImmichPermissionError):
                note_refusal(hass, account, error)
            for asset_id in ids:
                here[asset_id].trouble.append(str(action_failed(error)))


type _Step = tuple[list[str], Callable[[list[str]], Awaitable[None]]]


def _steps(account: Account, here: dict[str, UploadItem], new: list[str], wanted: Additions) -> list[_Step]:
    """Return what is wanted, each with the assets that it is for."""
    assets = account.client.assets
    steps: list[_Step] = []
    if wanted.description is not None or wanted.taken_at is not None:
        change = partial(assets.update, description=wanted.description, taken_at=wanted.taken_at)
        steps.append((new, change))
    if wanted.favorite:
        # New ones were sent as favourites.
        steps.append(([key for key in here if key not in new], partial(assets.update, favorite=True)))
    if wanted.tags:
        steps.append((list(here), partial(_tag, account, wanted.tags)))
    if wanted.album is not None:
        steps.append((list(here), partial(_fill, account, wanted.album, here)))
    return steps


async def _tag(account: Account, tags: Sequence[str], ids: list[str]) -> None:
    await account.client.tags.assign(await account.client.tags.ids_of(tags), ids)


async def _fill(account: Account, target: Target, here: dict[str, UploadItem], ids: list[str]) -> None:
    album = await target.resolve(account.client)
    for asset_id, result in (await account.client.albums.add_assets(album.id, ids)).items():
        if result not in (AddResult.ADDED, AddResult.ALREADY_THERE) and asset_id in here:
            here[asset_id].trouble.append(str(failure("nothing_added", album=album.name)))
