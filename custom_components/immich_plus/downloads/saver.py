"""Saving assets as files: a few at once, checked, and in their place only when they are complete."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
import stat
from typing import Final

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..api import Immich
from ..api.asset import Asset, ThumbnailSize
from ..api.errors import (
    ImmichAuthenticationError,
    ImmichBadAnswerError,
    ImmichConnectionError,
    ImmichError,
    ImmichMaintenanceError,
    ImmichNotFoundError,
    ImmichNotImmichError,
    ImmichPermissionError,
)
from ..api.together import together
from ..api.transport import next_piece
from ..const import DOWNLOADS_AT_ONCE
from ..errors import action_failed, failure, mistake
from ..uploads.content_types import extension_of, is_picture_or_film
from .folder import FULL, folder_failed
from .names import FileName, NameTemplate, name_files
from .part_file import PartFile
from .writing import DiskError, async_write, is_whole

# Files in a row that may get lost on the way; the server is taken for gone then.
_LOST_IN_A_ROW: Final = 3


class Version(StrEnum):
    """Which picture of an asset is wanted."""

    ORIGINAL = "original"
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"


class Status(StrEnum):
    """What became of an asset."""

    SAVED = "saved"
    EXISTS = "exists"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The outcome for one asset: the path and size in bytes of its file, or an error.

    `cause` is what the server or the way to it said.
    """

    status: Status
    path: Path | None = None
    size: int | None = None
    error: HomeAssistantError | None = None
    cause: ImmichError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to be saved and where; `folder` exists and is allowed."""

    version: Version
    folder: Path
    template: NameTemplate
    overwrite: bool


async def async_download(
    hass: HomeAssistant, client: Immich, asset_ids: Sequence[str], wishes: Wishes
) -> dict[str, Saved]:
    """Save assets (each id once), and tell what became of each.

    Raises ImmichError if the server can't be asked for them at all; else each outcome stands for itself.
    """
    downloading = _Downloading(hass, client, wishes)
    read = await downloading.read(asset_ids)
    names = name_files(
        wishes.template,
        {asset_id: found if isinstance(found, Asset) else None for asset_id, found in read.items()},
        originals=wishes.version is Version.ORIGINAL,
    )
    outcomes = {
        asset_id: _failed(found) for asset_id, found in read.items() if isinstance(found, ImmichError)
    }
    async with together() as tasks:
        saving = {
            asset_id: tasks.create_task(downloading.save(asset_id, found, names[asset_id]))
            for asset_id, found in read.items()
            if isinstance(found, Asset)
        }
    outcomes |= {asset_id: task.result() for asset_id, task in saving.items()}
    return {asset_id: outcomes[asset_id] for asset_id in read}


def _failed(cause: ImmichError) -> Saved:
    return Saved(status=Status.FAILED, error=action_failed(cause), cause=cause)


def _is_about_all(error: ImmichError) -> bool:
    """Whether no other asset would fare better: the key or the server is the trouble."""
    return isinstance(error, ImmichAuthenticationError | ImmichMaintenanceError) or (
        isinstance(error, ImmichPermissionError) and error.scope is not None
    )


class _Downloading:
    """One call on its way."""

    def __init__(self, hass: HomeAssistant, client: Immich, wishes: Wishes) -> None:
        self._hass = hass
        self._client = client
        self._wishes = wishes
        self._places = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
        self._lost = 0
        # What the assets that come now share, as trying would be in vain.
        self._end: Saved | None = None

    async def read(self, asset_ids: Sequence[str]) -> dict[str, Asset | ImmichError]:
        """Read the details of all assets; one that can't be read doesn't spoil the others."""
        async with together() as tasks:
            reading = {asset_id: tasks.create_task(self._read(asset_id)) for asset_id in asset_ids}
        return {asset_id: task.result() for asset_id, task in reading.items()}

    async def _read(self, asset_id: str) -> Asset | ImmichError:
        async with self._places:
            try:
                return await self._client.assets.get(asset_id)
            except ImmichError as error:
                if _is_about_all(error) or isinstance(error, ImmichConnectionError):
                    raise
                return error

    async def save(self, asset_id: str, asset: Asset, name: FileName) -> Saved:
        """Save one asset, unless it is known to be in vain."""
        async with self._places:
            if self._end is not None:
                return self._end
            try:
                saved = await self._save(asset_id, asset, name)
            except ImmichError as error:
                saved = _failed(error)
                self._lost += isinstance(error, ImmichConnectionError)
                if _is_about_all(error) or self._lost >= _LOST_IN_A_ROW:
                    self._end = saved
            except HomeAssistantError as error:
                saved = Saved(status=Status.FAILED, error=error)
            except DiskError as error:
                saved = Saved(status=Status.FAILED, error=folder_failed(error.cause, self._wishes.folder))
                if error.cause.errno in FULL:
                    self._end = saved
            else:
                self._lost = 0
            return saved

    async def _save(self, asset_id: str, asset: Asset, name: FileName) -> Saved:
        if name.ending is not None and (there := await self._look(name.whole())) is not None:
            return there
        try:
            async with self._open(asset_id) as response:
                ending = self._check(response)
                if name.ending is None:
                    name = replace(name, ending=ending)
                    if (there := await self._look(name.whole())) is not None:
                        return there
                return await self._keep(response, asset, self._wishes.folder / name.whole())
        except ImmichNotFoundError as error:
            if self._wishes.version is Version.ORIGINAL or error.status != 404:
                raise
            # The asset itself was found just now.
            raise failure("picture_not_ready") from error

    def _open(self, asset_id: str) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        assets = self._client.assets
        if self._wishes.version is Version.ORIGINAL:
            return assets.open_original(asset_id)
        return assets.open_thumbnail(asset_id, ThumbnailSize(self._wishes.version.value))

    def _check(self, response: aiohttp.ClientResponse) -> str:
        """Return the ending that the answer's type asks for; a page of something in between is no picture."""
        if response.status != 200:
            raise ImmichBadAnswerError(f"the server answers {response.status}", status=response.status)
        told = response.content_type
        ending = extension_of(told)
        if not is_picture_or_film(told) or (self._wishes.version is not Version.ORIGINAL and not ending):
            raise ImmichNotImmichError(f"the answer is of the kind “{told}”, not a picture")
        return ending

    async def _look(self, name: str) -> Saved | None:
        """Return what is there already under a name, None if the name may be taken."""
        path = self._wishes.folder / name
        try:
            size = await self._hass.async_add_executor_job(_size, path)
        except OSError as error:
            raise DiskError(error) from error
        if size is None or self._wishes.overwrite:
            return None
        return Saved(status=Status.EXISTS, path=path, size=size)

    async def _keep(self, response: aiohttp.ClientResponse, asset: Asset, path: Path) -> Saved:
        """Write the body to a hidden file, check it, and give it its name."""
        part = PartFile(path.parent)
        try:
            # The HTTP library itself complains of a body that is shorter than its header says.
            size, sha1 = await async_write(self._hass, partial(next_piece, response), part.write)
            if size == 0:
                raise ImmichBadAnswerError("the file is empty")
            if self._wishes.version is Version.ORIGINAL and not is_whole(asset, sha1):
                raise failure("download_damaged")
            publish = partial(part.publish, path, overwrite=self._wishes.overwrite)
            try:
                await self._hass.async_add_executor_job(publish)
            except FileExistsError:
                # Another call was quicker.
                return await self._look(path.name) or Saved(status=Status.EXISTS, path=path)
            except OSError as error:
                raise DiskError(error) from error
        finally:
            await asyncio.shield(self._hass.async_add_executor_job(part.discard))
        return Saved(status=Status.SAVED, path=path, size=size)


def _size(path: Path) -> int | None:
    """Return the size of the file at `path`, None if there is nothing. Blocking."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        # A folder can't be replaced, and a link may lead anywhere.
        raise mistake("name_taken", filename=path.name)
    return found.st_size
