"""Photos and films of another account, or of the same one, as upload sources: the files as they were uploaded."""

from dataclasses import replace
from functools import partial
from typing import IO

from homeassistant.core import HomeAssistant

from ..api import Immich
from ..api.asset import Asset
from ..api.errors import ImmichBadAnswerError, ImmichNotImmichError
from ..api.transport import next_piece
from ..api.upload_form import safe_filename
from ..downloads.writing import is_whole
from ..errors import failure
from .content_types import is_picture_or_film, with_extension
from .nameless import LONGEST_NAME, Fetched, async_keep, async_save
from .source import UploadSource


async def async_open_asset(hass: HomeAssistant, client: Immich, asset_id: str) -> UploadSource:
    """Fetch an asset's original, byte for byte and under its name, with the film of a motion photo.

    Raises ImmichError, and a translated error if it can't be kept or is damaged.
    """
    asset = await client.assets.get(asset_id)
    source = await _fetch(hass, client, asset)
    if asset.live_photo_video_id is None:
        return source
    try:
        film = await _fetch(hass, client, await client.assets.get(asset.live_photo_video_id))
    except BaseException:
        await source.close()
        raise

    async def _close() -> None:
        await source.close()
        await film.close()

    return replace(source, live_video=film, close=_close)


async def _fetch(hass: HomeAssistant, client: Immich, asset: Asset) -> UploadSource:
    source = await async_keep(hass, partial(_download, hass, client, asset))
    # Immich takes the date in the file where there is one; this is for those without.
    return source if asset.taken_at is None else source.taken(asset.taken_at)


async def _download(hass: HomeAssistant, client: Immich, asset: Asset, file: IO[bytes]) -> Fetched:
    async with client.assets.open_original(asset.id) as response:
        told = response.content_type
        if response.status != 200:
            raise ImmichBadAnswerError("an answer without a file", status=response.status)
        if not is_picture_or_film(told):
            raise ImmichNotImmichError("neither a picture nor a film", status=response.status)
        size, sha1 = await async_save(hass, response, file, partial(next_piece, response))
    if size == 0:
        raise ImmichBadAnswerError("the file is empty")
    if not is_whole(asset, sha1):
        raise failure("download_damaged")
    name = safe_filename(asset.filename or asset.id)[-LONGEST_NAME:]
    return Fetched(filename=with_extension(name, told), size=size, sha1=sha1)
