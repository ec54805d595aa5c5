"""Pictures and films for browsers: streamed through from the server, behind Home Assistant's authentication.

`/api/immich_plus/<entry id>/<asset id>/{thumbnail,preview,original,video}`, and beside them
`…/person/<person id>` (the face) and `…/album/<album id>` (the cover). Signed paths work, too.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
import logging
import math
from typing import Final, Literal

import aiohttp
from aiohttp import web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import HomeAssistantView

from .actions.common import Account, note_refusal
from .api import Immich
from .api.asset import ThumbnailSize
from .api.errors import (
    ImmichAuthenticationError,
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichError,
    ImmichMaintenanceError,
    ImmichNotFoundError,
    ImmichPermissionError,
    ImmichRangeError,
    ImmichRouteMissingError,
    ImmichUnavailableError,
)
from .api.transport import next_piece
from .const import DOMAIN
from .runtime import ImmichPlusConfigEntry
from .stream_headers import SAFETY, Answer, Asked, answer_to

_LOGGER = logging.getLogger(__name__)

type AssetVersion = Literal["thumbnail", "preview", "original", "video"]
type _Opened = AbstractAsyncContextManager[aiohttp.ClientResponse]

# How long browsers show without asking again. Afterwards they ask whether it is still the same, which costs no
# picture. What people look at most, lists, is kept longest; faces and covers change by a click in Immich.
_CACHE_SECONDS: Final[Mapping[AssetVersion, int]] = {
    "thumbnail": 24 * 3600,
    "preview": 3600,
    "original": 3600,
    "video": 3600,
}
_CHOSEN_CACHE_SECONDS: Final = 600
# A receiver that takes nothing for so long gives its place back. Players that are paused for longer ask for
# the rest when they go on.
LONGEST_PAUSE_SECONDS: Final = 15 * 60

# The first kind that fits decides. The texts are ours: nothing of what the server says is passed on.
_REFUSALS: Final[tuple[tuple[type[ImmichError], HTTPStatus, str], ...]] = (
    (ImmichRangeError, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "Outside of the file"),
    (ImmichNotFoundError, HTTPStatus.NOT_FOUND, "Not found"),
    (ImmichRouteMissingError, HTTPStatus.NOT_FOUND, "Not found"),
    (ImmichBadRequestError, HTTPStatus.NOT_FOUND, "Not found"),
    (ImmichAuthenticationError, HTTPStatus.BAD_GATEWAY, "Immich refuses the API key"),
    (ImmichPermissionError, HTTPStatus.FORBIDDEN, "The API key may not do this"),
    (ImmichMaintenanceError, HTTPStatus.SERVICE_UNAVAILABLE, "Immich is in maintenance mode"),
    (ImmichUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE, "Not now"),
    (ImmichError, HTTPStatus.BAD_GATEWAY, "Immich can't be reached or makes no sense"),
)
# Where the server asks for no other pause.
_RETRY_SECONDS: Final = 30.0


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Register the views, once: they can't be taken back, and look their account up each time."""
    for view in (_AssetView, _PersonView, _AlbumView):
        hass.http.register_view(view(hass))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """Something to show: how it is opened with a browser's conditions, and how long browsers may keep it.

    `is_file`: it is what somebody uploaded, of whatever type, and not what Immich made of it.
    """

    open: Callable[[Mapping[str, str]], _Opened]
    cache_seconds: int
    is_file: bool = False


class _View(HomeAssistantView):
    """What the views share. Home Assistant stops a handler, and with it the stream, when its browser leaves."""

    name: str

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve all accounts of this Home Assistant."""
        self._hass = hass

    async def _serve(
        self, request: web.Request, entry_id: str, show: Callable[[Immich], _Shown]
    ) -> web.StreamResponse:
        """Find the account and pass on what it is asked for."""
        entry: ImmichPlusConfigEntry | None = self._hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.domain != DOMAIN or entry.state is not ConfigEntryState.LOADED:
            return _refusal(ImmichNotFoundError())
        account = Account(entry, entry.runtime_data)
        asked = Asked.of(request)
        try:
            return await _pass_on(request, show(account.client), asked)
        except ImmichError as error:
            _LOGGER.debug("Nothing for %s: %s: %s", self.name, type(error).__name__, error)
            note_refusal(self._hass, account, error)
            # Who refuses a range that nobody asked for is no Immich.
            refused = isinstance(error, ImmichRangeError) and asked.range is None
            return _refusal(ImmichError() if refused else error)


class _AssetView(_View):
    url = f"/api/{DOMAIN}/{{entry_id}}/{{asset_id}}/{{version:thumbnail|preview|original|video}}"
    name = f"api:{DOMAIN}:asset"

    async def get(
        self, request: web.Request, entry_id: str, asset_id: str, version: AssetVersion
    ) -> web.StreamResponse:
        """Show a photo or play a film."""

        def _show(client: Immich) -> _Shown:
            def _open(headers: Mapping[str, str]) -> _Opened:
                match version:
                    case "original":
                        return client.assets.open_original(asset_id, edited=True, headers=headers)
                    case "video":
                        return _open_video(client, asset_id, headers)
                    case _:
                        return client.assets.open_thumbnail(asset_id, ThumbnailSize(version), headers=headers)

            cache_seconds = _CACHE_SECONDS[version]
            return _Shown(open=_open, cache_seconds=cache_seconds, is_file=version == "original")

        return await self._serve(request, entry_id, _show)

    head = get


class _PersonView(_View):
    url = f"/api/{DOMAIN}/{{entry_id}}/person/{{person_id}}"
    name = f"api:{DOMAIN}:person"

    async def get(self, request: web.Request, entry_id: str, person_id: str) -> web.StreamResponse:
        """Show somebody's face."""

        def _show(client: Immich) -> _Shown:
            return _Shown(
                open=lambda headers: client.people.open_face(person_id, headers=headers),
                cache_seconds=_CHOSEN_CACHE_SECONDS,
            )

        return await self._serve(request, entry_id, _show)

    head = get


class _AlbumView(_View):
    url = f"/api/{DOMAIN}/{{entry_id}}/album/{{album_id}}"
    name = f"api:{DOMAIN}:album"

    async def get(self, request: web.Request, entry_id: str, album_id: str) -> web.StreamResponse:
        """Show an album's cover."""

        def _show(client: Immich) -> _Shown:
            return _Shown(
                open=lambda headers: _open_cover(client, album_id, headers),
                cache_seconds=_CHOSEN_CACHE_SECONDS,
            )

        return await self._serve(request, entry_id, _show)

    head = get


@asynccontextmanager
async def _open_video(
    client: Immich, asset_id: str, headers: Mapping[str, str]
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Open a film, or the one that belongs to a motion photo; only for photos that costs more requests."""
    async with AsyncExitStack() as stack:
        try:
            upstream = await stack.enter_async_context(client.assets.open_video(asset_id, headers=headers))
        except ImmichRangeError:
            raise
        except ImmichNotFoundError, ImmichBadRequestError:
            if (video_id := (await client.assets.get(asset_id)).live_photo_video_id) is None:
                raise
            upstream = await stack.enter_async_context(client.assets.open_video(video_id, headers=headers))
        yield upstream


@asynccontextmanager
async def _open_cover(
    client: Immich, album_id: str, headers: Mapping[str, str]
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Open the thumbnail of the asset that stands for an album; empty ones have none."""
    if (cover_id := (await client.albums.get(album_id)).cover_id) is None:
        raise ImmichNotFoundError("an album without a cover")
    async with client.assets.open_thumbnail(cover_id, ThumbnailSize.THUMBNAIL, headers=headers) as upstream:
        yield upstream


async def _pass_on(request: web.Request, shown: _Shown, asked: Asked) -> web.StreamResponse:
    """Open it and pass it on, never holding more than a piece; raises ImmichError before the first byte."""
    response: web.StreamResponse | None = None
    try:
        async with shown.open(asked.headers()) as upstream, asyncio.timeout(None) as pause:
            cache = f"private, max-age={shown.cache_seconds}"
            if (answer := answer_to(asked, upstream, cache, is_file=shown.is_file)) is not None:
                response = web.StreamResponse(status=answer.status, headers=answer.headers)
                await response.prepare(request)
                if request.method != "HEAD":
                    await _pump(upstream, response, answer, pause)
                return response
    except ImmichRangeError:
        if asked.if_range is None:
            raise
    except (ImmichError, ConnectionError, TimeoutError) as error:
        if response is None:
            raise
        _LOGGER.debug("A stream ended early: %s", type(error).__name__)
        # Too late to say so otherwise: nobody may take for whole what isn't.
        if request.transport is not None:
            request.transport.abort()
        return response
    # What the browser has a part of has changed since: it gets the whole.
    return await _pass_on(request, shown, asked.whole())


async def _pump(
    upstream: aiohttp.ClientResponse, response: web.StreamResponse, answer: Answer, pause: asyncio.Timeout
) -> None:
    """Hand the body on as fast as it is taken; a pause of the receiver's may last so long."""
    skip, left = answer.skip, answer.length
    if left == 0:
        return
    loop = asyncio.get_running_loop()
    while piece := await next_piece(upstream):
        wanted = piece[skip:] if left is None else piece[skip : skip + left]
        skip = max(0, skip - len(piece))
        if not wanted:
            continue
        pause.reschedule(loop.time() + LONGEST_PAUSE_SECONDS)
        await response.write(wanted)
        if left is not None and (left := left - len(wanted)) == 0:
            return
    if left:
        raise ImmichBadAnswerError("the file is shorter than was said")


def _refusal(error: ImmichError) -> web.Response:
    """Say in a few words why there is nothing to see; what is not there yet may be there soon."""
    status, text = next((status, text) for kind, status, text in _REFUSALS if isinstance(error, kind))
    headers = {**SAFETY, "Cache-Control": "no-store"}
    if isinstance(error, ImmichRangeError) and error.size is not None:
        headers["Content-Range"] = f"bytes */{error.size}"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        wait = error.retry_after if isinstance(error, ImmichUnavailableError) else None
        headers["Retry-After"] = str(math.ceil(_RETRY_SECONDS if wait is None else wait))
    return web.Response(status=status, text=text, headers=headers)
