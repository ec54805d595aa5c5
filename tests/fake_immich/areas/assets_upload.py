"""Uploads, and the question whether the server has a file already."""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import media_types, workflow_runs
from ..answers import ApiError, bad_request, created, ok
from ..context import Context
from ..models import Asset, AssetType, Exif, Visibility
from ..multipart import Part, read_parts
from ..processing import process
from ..routing import route
from ..rules import BooleanWord, Choice, JsonText, Moment, Number, Text, Uuid
from ..uploads import TakenFile, Throttle, UploadedFile, take_file
from ..validate import Anything, Array, Obj, optional


def parse_checksum(text: str) -> bytes | None:
    """Read a SHA-1 in hex (40 characters) or base64 (28)."""
    try:
        if len(text) == 40:
            return bytes.fromhex(text)
        digest = base64.b64decode(text, validate=True)
    except ValueError, binascii.Error:
        return None
    return digest if len(digest) == 20 else None


@route("POST", "assets", scope="asset.upload", shared=True, raw=True)
async def upload(ctx: Context) -> Any:
    """Take in a photo or a video.

    A known checksum in the header is answered before the body is read; the header is
    not compared with the file (seen on 3.1.0). Only the name decides what is accepted.
    """
    link = ctx.auth.shared_link
    if link is not None and not link.allow_upload:
        raise ApiError(401, "Unauthorized", bare=True)
    said = parse_checksum(ctx.request.headers.get("x-immich-checksum", ""))
    if said is not None:
        known = ctx.state.find_by_checksum(ctx.user.id, said)
        if known is not None:
            return ok({"status": "duplicate", "id": known.id})
    files: dict[str, TakenFile] = {}
    try:
        fields = await _read(ctx, files)
        return _create(ctx, fields, files)
    except BaseException:
        for taken in files.values():
            _drop(taken)
        raise


async def _read(ctx: Context, files: dict[str, TakenFile]) -> dict[str, str]:
    throttle = Throttle(ctx.fake.rate)
    folder = ctx.fake.folder
    entry = ctx.entry

    def seen(count: int) -> None:
        entry.body_size += count

    async def take(part: Part) -> None:
        # The name from the form counts only if it came before the file (seen on 3.1.0).
        name = part.fields.get("filename") or part.filename
        fine = (
            media_types.ending(name) in media_types.SIDECAR
            if part.name == "sidecarData"
            else media_types.kind(name) is not None
        )
        if not fine:
            raise bad_request(f"Unsupported file type {name}")
        path = folder / f"{len(ctx.state.assets)}-{id(part)}{media_types.ending(name)}"
        keep = ctx.fake.keep_below
        files[part.name] = await take_file(part, path, keep_below=keep, throttle=throttle, seen=seen)

    return await read_parts(ctx.request, {"assetData": take, "sidecarData": take})


def _form(ctx: Context) -> Obj:
    members: dict[str, Any] = {}
    if not ctx.dialect.strict:
        members = {"deviceAssetId": Text(minimum=1), "deviceId": Text(minimum=1)}
    members |= {
        "fileCreatedAt": Moment(),
        "fileModifiedAt": Moment(),
        "duration": optional(Number(minimum=0, whole=True, text=True) if ctx.dialect.strict else Text()),
        "filename": optional(Text()),
        "isFavorite": optional(BooleanWord()),
        "livePhotoVideoId": optional(Uuid()),
        "visibility": optional(Choice(Visibility)),
    }
    if ctx.dialect.version.at_least("1.140.0"):
        entry = Obj({"key": Text(), "value": Anything()})
        members["metadata"] = optional(JsonText(Array(entry)))
    return Obj(members)


def _create(ctx: Context, fields: Mapping[str, str], files: Mapping[str, TakenFile]) -> Any:
    taken = files.get("assetData")
    if taken is None:
        raise bad_request("File is required")
    if any(each.size == 0 for each in files.values()):
        raise bad_request("File is empty" if ctx.dialect.strict else "Field assetData should not be empty")
    values = ctx.check(_form(ctx), dict(fields))
    owner = ctx.user
    if owner.quota_size is not None and (ctx.state.usage(owner.id) + taken.size > owner.quota_size):
        raise bad_request("Quota has been exceeded!")
    motion = _motion_part(ctx, values.get("livePhotoVideoId"))
    known = ctx.state.find_by_checksum(owner.id, taken.checksum)
    if known is not None:
        for each in files.values():
            _drop(each)
        return ok({"status": "duplicate", "id": known.id})
    asset = _store(ctx, taken, values)
    if motion is not None:
        asset.live_photo_video_id = motion.id
        if motion.visibility is not Visibility.HIDDEN:
            ctx.state.update_asset(motion, visibility=Visibility.HIDDEN)
            ctx.state.emit("on_asset_hidden", owner.id, motion.id)
    link = ctx.auth.shared_link
    if link is not None:
        if link.album_id is not None:
            ctx.state.put_in_album(ctx.state.albums[link.album_id], asset.id)
        else:
            link.asset_ids.append(asset.id)
    sidecar = files.get("sidecarData")
    content = sidecar.path.read_bytes() if sidecar and sidecar.path else None
    workflow_runs.start(ctx.fake, asset, "AssetCreate")
    ctx.fake.spawn(process(ctx.fake, asset, sidecar=content))
    return created({"id": asset.id, "status": "created"})


def _motion_part(ctx: Context, asset_id: str | None) -> Asset | None:
    if asset_id is None:
        return None
    found = ctx.state.assets.get(asset_id)
    if found is None:
        raise bad_request("Live photo video not found")
    if found.type is not AssetType.VIDEO:
        raise bad_request("Live photo video must be a video")
    if found.owner_id != ctx.user.id:
        raise bad_request("Live photo video does not belong to the user")
    return found


def _store(ctx: Context, taken: TakenFile, values: Mapping[str, Any]) -> Asset:
    name = values.get("filename") or taken.filename
    kind = media_types.kind(name) or AssetType.OTHER
    now = ctx.state.now()
    return ctx.state.add_asset(
        ctx.user,
        name,
        taken=values["fileCreatedAt"],
        file_modified_at=values["fileModifiedAt"],
        checksum=taken.checksum,
        type=kind,
        mime_type=media_types.mime_type(name),
        visibility=Visibility(values.get("visibility", "timeline")),
        is_favorite=values.get("isFavorite", False),
        exif=Exif(file_size=taken.size),
        media=None if taken.path is None else UploadedFile(taken.path, kind),
        processed=False,
        device_asset_id=values.get("deviceAssetId", ""),
        device_id=values.get("deviceId", ""),
        metadata={entry["key"]: (entry["value"], now) for entry in values.get("metadata", ())},
    )


def _drop(taken: TakenFile) -> None:
    if isinstance(taken.path, Path):
        taken.path.unlink(missing_ok=True)


@route(
    "POST",
    "assets/bulk-upload-check",
    scope={"1.0.0": "all", "1.141.0": "asset.upload"},
)
async def bulk_upload_check(ctx: Context) -> Any:
    """Tell by checksums which files are here already, in the trash or not."""
    entry = Obj({"id": Text(), "checksum": Text()})
    asked = ctx.body(Obj({"assets": Array(entry)}))["assets"]
    if not asked and ctx.dialect.strict:
        raise ApiError(500, "Failed to check bulk upload")
    results = []
    for each in asked:
        checksum = parse_checksum(each["checksum"])
        found = None if checksum is None else ctx.state.find_by_checksum(ctx.user.id, checksum)
        if found is None:
            results.append({"id": each["id"], "action": "accept"})
            continue
        results.append(
            {
                "id": each["id"],
                "action": "reject",
                "reason": "duplicate",
                "assetId": found.id,
                "isTrashed": found.is_trashed,
            }
        )
    return {"results": results}


@route("POST", "assets/exist", scope={"1.0.0": "all", "2.2.0": "asset.upload"}, until="3.0.0")
async def exist(ctx: Context) -> Any:
    """Tell which of a device's ids were uploaded; before Immich 3."""
    values = ctx.body(Obj({"deviceId": Text(), "deviceAssetIds": Array(Text())}))
    known = {
        asset.device_asset_id
        for asset in ctx.state.assets.values()
        if asset.owner_id == ctx.user.id and asset.device_id == values["deviceId"]
    }
    return {"existingIds": [each for each in values["deviceAssetIds"] if each in known]}
