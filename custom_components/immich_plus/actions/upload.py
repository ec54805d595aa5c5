"""The action `upload`: pictures and films from anywhere in Home Assistant, into the library and an album."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
import logging
from pathlib import PurePosixPath
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol
from yarl import URL

from ..api.errors import ImmichError
from ..api.server import MediaTypes
from ..api.together import together
from ..api.upload_form import safe_filename
from ..asset_reference import AssetReference, asset_page
from ..const import (
    CONF_UPLOAD_ALBUM,
    CONF_UPLOAD_ARCHIVED,
    CONF_UPLOAD_TAGS,
    SOURCES_PER_CALL,
    UPLOADS_AT_ONCE,
)
from ..errors import action_failed, failure, mistake
from ..names import async_tag_paths
from ..runtime import loaded_account
from ..uploads.fetched import async_open_resolved, async_open_url
from ..uploads.files import async_open_file, async_open_path
from ..uploads.from_library import async_open_asset
from ..uploads.sender import Sent, Status, Wishes, async_send
from ..uploads.snapshot import async_open_entity
from ..uploads.source import UploadSource
from ..uploads.xmp import write_sidecar
from .album_assets import ATTR_ALBUM, ATTR_CREATE_ALBUM
from .common import ACCOUNT_FIELD, Account, note_refusal
from .targets import Target, async_find_target
from .upload_finish import Additions, UploadItem, async_finish

_LOGGER = logging.getLogger(__name__)

ATTR_PATH: Final = "path"
ATTR_MEDIA: Final = "media"
ATTR_ENTITY_ID: Final = "entity_id"
ATTR_URL: Final = "url"
ATTR_FAVORITE: Final = "favorite"
ATTR_ARCHIVED: Final = "archived"
ATTR_DESCRIPTION: Final = "description"
ATTR_TAGS: Final = "tags"
ATTR_TAKEN_AT: Final = "taken_at"
ATTR_FILENAME: Final = "filename"
ATTR_RESTORE_TRASHED: Final = "restore_trashed"
ATTR_WHEN_UNREACHABLE: Final = "when_unreachable"

_SOURCES: Final = (ATTR_PATH, ATTR_MEDIA, ATTR_ENTITY_ID, ATTR_URL)
# Media of cameras and image entities are streams; their picture is what is meant.
_ENTITY_MEDIA: Final = re.compile(r"media-source://(?:camera|image)/((?:camera|image)\.[a-z0-9_]+)")


def _media_ids(value: Any) -> list[str]:
    """Accept what the media selector gives, a plain media content id, or a list of either."""
    ids: list[str] = []
    for entry in cv.ensure_list(value):
        found = entry.get("media_content_id") if isinstance(entry, dict) else entry
        if not isinstance(found, str) or not found.startswith("media-source://"):
            raise vol.Invalid("expected something from the media browser")
        ids.append(found)
    return ids


UPLOAD_SCHEMA: Final = vol.All(
    vol.Schema(
        {
            **ACCOUNT_FIELD,
            vol.Optional(ATTR_PATH): vol.All(cv.ensure_list, [cv.string]),
            vol.Optional(ATTR_MEDIA): _media_ids,
            vol.Optional(ATTR_ENTITY_ID): cv.entity_ids,
            vol.Optional(ATTR_URL): vol.All(cv.ensure_list, [cv.string]),
            vol.Optional(ATTR_ALBUM): cv.string,
            vol.Optional(ATTR_CREATE_ALBUM, default=False): cv.boolean,
            vol.Optional(ATTR_FAVORITE, default=False): cv.boolean,
            vol.Optional(ATTR_ARCHIVED): cv.boolean,
            vol.Optional(ATTR_DESCRIPTION): cv.string,
            vol.Optional(ATTR_TAGS): vol.All(cv.ensure_list, [cv.string]),
            vol.Optional(ATTR_TAKEN_AT): cv.datetime,
            vol.Optional(ATTR_FILENAME): cv.string,
            vol.Optional(ATTR_RESTORE_TRASHED, default=True): cv.boolean,
            vol.Optional(ATTR_WHEN_UNREACHABLE, default="fail"): vol.In(["fail"]),
        }
    ),
    cv.has_at_least_one_key(*_SOURCES),
)


async def async_upload(hass: HomeAssistant, account: Account, data: dict[str, Any]) -> ServiceResponse:
    """Upload all sources of a call; it fails only if none of them reached the library."""
    options = account.entry.options
    items = _items(hass, data)
    if not 0 < len(items) <= SOURCES_PER_CALL:
        raise mistake("too_many_sources", most=str(SOURCES_PER_CALL)) if items else mistake("no_source")
    wanted = Additions(
        description=data.get(ATTR_DESCRIPTION) or None,
        taken_at=_taken_at(data),
        favorite=data[ATTR_FAVORITE],
        tags=await async_tag_paths(account.client, data.get(ATTR_TAGS, options.get(CONF_UPLOAD_TAGS, []))),
        album=await _find_album(account, data, options),
    )
    media_types = await account.client.server.media_types()
    try:
        await _open_all(items, media_types, data.get(ATTR_FILENAME))
        await _send_all(
            account,
            items,
            Wishes(
                favorite=wanted.favorite,
                archived=data.get(ATTR_ARCHIVED, options.get(CONF_UPLOAD_ARCHIVED, False)),
                restore_trashed=data[ATTR_RESTORE_TRASHED],
                sidecar=write_sidecar(
                    description=wanted.description, taken_at=wanted.taken_at, tags=wanted.tags
                ),
            ),
            wanted.taken_at,
        )
    finally:
        for item in items:
            if item.source is not None:
                await item.source.close()
    for item in items:
        if item.sent is not None and item.sent.cause is not None:
            note_refusal(hass, account, item.sent.cause)
    if not any(item.asset_id for item in items):
        raise next(item.sent.error for item in items if item.sent and item.sent.error)
    await async_finish(hass, account, items, wanted)
    if troubled := sum(item.problem is not None for item in items):
        # An automation may never look at the response. Names of files and albums don't belong into logs.
        _LOGGER.warning(
            "%s of %s uploads had trouble: the action's response tells which and why", troubled, len(items)
        )
    account.count_again(hass)
    return {
        "assets": [_response(account, item) for item in items],
        "album": wanted.album.response() if wanted.album else None,
    }


def _items(hass: HomeAssistant, data: Mapping[str, Any]) -> list[UploadItem]:
    items = [
        UploadItem(named=path, open=partial(async_open_path, hass, path)) for path in data.get(ATTR_PATH, [])
    ]
    items += [
        UploadItem(named=media, open=partial(_open_media, hass, media)) for media in data.get(ATTR_MEDIA, [])
    ]
    items += [
        UploadItem(named=entity_id, open=partial(async_open_entity, hass, entity_id))
        for entity_id in data.get(ATTR_ENTITY_ID, [])
    ]
    items += [
        UploadItem(named=_without_secrets(url), open=partial(async_open_url, hass, url))
        for url in data.get(ATTR_URL, [])
    ]
    return items


def _without_secrets(url: str) -> str:
    """Return a URL as the response may repeat it: without user, password and query."""
    try:
        return str(URL(url).with_user(None).with_query(None).with_fragment(None))
    except ValueError:
        return ""


async def _open_media(hass: HomeAssistant, media_content_id: str) -> UploadSource:
    """Open something of the media browser: a local file, an entity's picture, or what its owner serves."""
    if match := _ENTITY_MEDIA.fullmatch(media_content_id):
        return await async_open_entity(hass, match[1])
    if (reference := AssetReference.parse(media_content_id)) is not None:
        return await _open_asset(hass, reference)
    if "media_source" not in hass.config.components:
        raise failure("media_unavailable")
    from homeassistant.components.media_source import async_resolve_media

    try:
        media = await async_resolve_media(hass, media_content_id, None)
    except Exception as error:
        # Other integrations' code runs here; whatever it raises, only this source fails.
        raise failure("media_unresolved", media=media_content_id) from error
    if media.path is not None:
        return await async_open_file(hass, media.path)
    return await async_open_resolved(hass, media.url, media.mime_type)


async def _open_asset(hass: HomeAssistant, reference: AssetReference) -> UploadSource:
    """Fetch a photo or film of one of the accounts: the original, also where browsers are shown something else."""
    if (entry := loaded_account(hass, reference.user_id)) is None:
        raise failure("account_not_loaded")
    account = Account(entry, entry.runtime_data)
    try:
        return await async_open_asset(hass, account.client, reference.asset_id)
    except ImmichError as error:
        note_refusal(hass, account, error)
        raise action_failed(error) from error


async def _find_album(account: Account, data: Mapping[str, Any], options: Mapping[str, Any]) -> Target | None:
    """Find the album before anything is sent: a wrong name shows at once. The default one is made if need be."""
    if (wanted := data.get(ATTR_ALBUM)) is not None:
        return await async_find_target(account.client, wanted, create=data[ATTR_CREATE_ALBUM])
    if wanted := options.get(CONF_UPLOAD_ALBUM):
        return await async_find_target(account.client, wanted, create=True)
    return None


async def _open_all(items: list[UploadItem], media_types: MediaTypes, filename: str | None) -> None:
    """Measure and hash all sources, a few at once; what can't be opened fails alone."""
    places = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def _open(position: int, item: UploadItem) -> None:
        try:
            async with places:
                source = await item.open()
        except HomeAssistantError as error:
            item.sent = Sent(status=Status.FAILED, error=error)
            return
        number = position if len(items) > 1 else None
        item.source = source.named(_name(source, filename, number, media_types)) if filename else source
        if _kind(item.source.extension, media_types) is None:
            item.sent = Sent(
                status=Status.FAILED, error=mistake("type_not_supported", filename=item.source.filename)
            )

    async with together() as tasks:
        for position, item in enumerate(items, 1):
            tasks.create_task(_open(position, item))


def _kind(extension: str, media_types: MediaTypes) -> str | None:
    if extension in media_types.image:
        return "image"
    return "video" if extension in media_types.video else None


def _name(source: UploadSource, wanted: str, number: int | None, media_types: MediaTypes) -> str:
    """Return the wanted name, numbered if several files would share it.

    Immich decides by the ending what a file is: a film never gets the ending of a picture, nor none at all.
    """
    name = PurePosixPath(safe_filename(wanted))
    kind = _kind(name.suffix.lower(), media_types)
    stem, suffix = (name.stem, name.suffix) if kind else (name.name, "")
    if kind is None or kind != (_kind(source.extension, media_types) or kind):
        suffix = source.extension
    return f"{stem}{suffix}" if number is None else f"{stem}-{number}{suffix}"


async def _send_all(
    account: Account, items: list[UploadItem], wishes: Wishes, taken_at: datetime | None
) -> None:
    sources: dict[int, UploadSource] = {}
    for position, item in enumerate(items):
        if item.sent is None and item.source is not None:
            sources[position] = item.source if taken_at is None else item.source.taken(taken_at)
    for position, sent in (await async_send(account.client, sources, wishes)).items():
        items[position].sent = sent


def _taken_at(data: Mapping[str, Any]) -> datetime | None:
    """Return the wanted date; one without a zone is meant in Home Assistant's."""
    taken_at: datetime | None = data.get(ATTR_TAKEN_AT)
    if taken_at is not None and taken_at.tzinfo is None:
        return taken_at.replace(tzinfo=dt_util.get_default_time_zone())
    return taken_at


def _response(account: Account, item: UploadItem) -> JsonObjectType:
    asset_id = item.asset_id
    return {
        "source": item.named,
        "status": str(item.sent.status if item.sent else Status.FAILED),
        "id": asset_id,
        "filename": item.source.filename if item.source else None,
        "media_content_id": str(AssetReference(account.user_id, asset_id)) if asset_id else None,
        "url": asset_page(account.client.url, asset_id) if asset_id else None,
        "error": item.problem,
    }
