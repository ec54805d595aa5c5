"""What workflows do when their time comes: they call the addresses of their webhook steps.

Written after what a real 3.1.0 sent: header by header, body by body, and how it takes answers.
"""

import json
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from . import views
from .dates import micros, micros_or_none, millis, millis_or_none
from .models import Asset, Workflow

if TYPE_CHECKING:
    from .fake import FakeImmich

WEBHOOK = "immich-plugin-core#webhook"
#: So long Immich waits for an answer; it tries nothing again.
PATIENCE = 300.0


def start(fake: FakeImmich, asset: Asset, trigger: str) -> None:
    """Run the workflows of an asset's owner that something starts, in the background."""
    body = json.dumps(_body(asset, trigger), ensure_ascii=False, separators=(",", ":"))
    for workflow in fake.state.workflows.values():
        if workflow.enabled and workflow.trigger == trigger and workflow.owner_id == asset.owner_id:
            fake.spawn(_run(fake, workflow, body))


async def _run(fake: FakeImmich, workflow: Workflow, body: str) -> None:
    for step in list(workflow.steps):
        if step["enabled"] and step["method"] == WEBHOOK:
            async with fake.state.workflow_places:
                await _call(fake, step["config"] or {}, body)


async def _call(fake: FakeImmich, config: dict[str, Any], body: str) -> None:
    """Make one call; nobody hears what became of it, but tests find it in the state."""
    headers = {"Content-Type": "application/json", "User-Agent": f"immich-server/{fake.version}"}
    if config.get("headerName") and config.get("headerValue"):
        headers = {config["headerName"]: config["headerValue"], **headers}
    headers |= {
        "accept": "*/*",
        "accept-language": "*",
        "sec-fetch-mode": "cors",
        "accept-encoding": "gzip, deflate",
    }
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session,
            session.request(
                config.get("method") or "POST", _url(config), data=body.encode(), headers=headers
            ) as answer,
        ):
            await answer.read()
            outcome: int | str = answer.status
    except (KeyError, ValueError, TimeoutError, aiohttp.ClientError) as error:
        outcome = type(error).__name__
    fake.state.workflow_calls.append(outcome)


def _url(config: dict[str, Any]) -> URL:
    """Read the address; one with a name and password in it is refused, as by every fetch."""
    url = URL(config["url"])
    if url.user is not None:
        raise ValueError("URL that includes credentials")
    return url


def _body(asset: Asset, trigger: str) -> dict[str, Any]:
    """Write what a webhook is sent: the row of the database, not the asset of the API."""
    row = {
        "id": asset.id,
        "ownerId": asset.owner_id,
        "stackId": asset.stack_id,
        "livePhotoVideoId": asset.live_photo_video_id,
        "libraryId": asset.library_id,
        "duplicateId": asset.duplicate_id,
        "createdAt": millis(asset.created_at),
        "updatedAt": millis(asset.updated_at),
        "deletedAt": millis_or_none(asset.trashed_at),
        "fileCreatedAt": millis(asset.file_created_at),
        "fileModifiedAt": millis(asset.file_modified_at),
        "localDateTime": millis(asset.local_date_time),
        "type": asset.type,
        "status": "active" if asset.trashed_at is None else "trashed",
        "visibility": asset.visibility,
        "duration": asset.duration,
        "checksum": {"type": "Buffer", "data": list(asset.checksum)},
        "originalPath": asset.original_path or f"/data/upload/{asset.owner_id}/{asset.id}",
        "originalFileName": asset.original_file_name,
        "isOffline": asset.is_offline,
        "isFavorite": asset.is_favorite,
        "isExternal": asset.library_id is not None,
        "isEdited": asset.is_edited,
        "exifInfo": _exif(asset),
    }
    return {"type": "AssetV1", "trigger": trigger, "data": {"asset": row}}


def _exif(asset: Asset) -> dict[str, Any]:
    return views.exif_info(asset.exif) | {
        "dateTimeOriginal": micros_or_none(asset.exif.date_time_original),
        "modifyDate": micros_or_none(asset.exif.modify_date),
        "fps": None,
        "livePhotoCID": None,
        "profileDescription": None,
        "colorspace": None,
        "bitsPerSample": 8 if asset.processed else None,
        "autoStackId": None,
        "tags": None,
        "updatedAt": micros(asset.updated_at),
    }
