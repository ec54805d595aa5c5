"""Pictures and videos: thumbnails, originals, playback."""

import asyncio
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from .. import media_types
from ..access import readable
from ..answers import ApiError, FileAnswer, TextAnswer, no_access, not_found
from ..context import Context
from ..edits import render
from ..models import Asset, AssetType
from ..routing import route
from ..rules import BooleanWord, Choice
from ..validate import Obj, optional


def _asset(ctx: Context, asset_id: str) -> Asset | None:
    """Return an asset that may be looked at."""
    asset = ctx.state.assets.get(asset_id)
    if asset is None or not readable(ctx.state, ctx.auth, asset):
        return None
    return asset


def _edited(ctx: Context, values: dict[str, Any], asset: Asset) -> bool:
    return bool(values.get("edited") and asset.edits and ctx.dialect.version.at_least("2.5.0"))


@route("GET", "assets/{id}/thumbnail", scope="asset.view", shared=True)
async def thumbnail(ctx: Context) -> Any:
    """Send a thumbnail or preview; ``fullsize`` redirects to the original.

    404 as long as it is not made, 400 for unknown ids (seen on 3.1.0).
    """
    asset_id = ctx.id()
    sizes = ["original", "fullsize", "preview", "thumbnail"]
    if not ctx.dialect.version.at_least("2.5.0"):
        sizes = sizes[1:]
    members: dict[str, Any] = {"size": optional(Choice(sizes))}
    if ctx.dialect.version.at_least("2.5.0"):
        members["edited"] = optional(BooleanWord())
    values = ctx.query(Obj(members))
    size = values.get("size", "thumbnail")
    asset = _asset(ctx, asset_id)
    if asset is None:
        raise no_access("asset.view")
    stem = PurePath(asset.original_file_name).stem
    if _edited(ctx, values, asset):
        size = "fullsize" if size == "original" else size
        content = await _rendered(asset, size)
        kind = "image/webp" if size == "thumbnail" else "image/jpeg"
        name = f"{stem}_{size}.{'webp' if size == 'thumbnail' else 'jpeg'}"
        return FileAnswer(content=content, content_type=kind, modified=asset.updated_at, filename=name)
    if size in ("fullsize", "original"):
        return _redirect(ctx, asset)
    made = asset.media
    content_or_none = None
    if made is not None and asset.thumbhash is not None:
        content_or_none = await asyncio.to_thread(made.thumbnail if size == "thumbnail" else made.preview)
    if content_or_none is None:
        raise ApiError(404, "Asset media not found")
    ending, kind = ("webp", "image/webp") if size == "thumbnail" else ("jpeg", "image/jpeg")
    return FileAnswer(
        content=content_or_none,
        content_type=kind,
        modified=asset.created_at,
        filename=f"{stem}_{size}.{ending}",
    )


def _redirect(ctx: Context, asset: Asset) -> TextAnswer:
    """Lead to the original if browsers can show it, else to the preview."""
    if asset.mime_type in media_types.WEB_SAFE:
        query = {n: v for n, v in ctx.request.query.items() if n not in ("size", "edited")}
        location = "original?" + "&".join(f"{name}={value}" for name, value in query.items())
    else:
        location = f"{ctx.fake.sub_path}/api/assets/{asset.id}/thumbnail?size=preview"
    return TextAnswer(
        content=f"Found. Redirecting to {location}".encode(),
        content_type="text/plain; charset=utf-8",
        status=302,
        headers={"Location": location, "Vary": "Accept, Accept-Encoding"},
    )


async def _rendered(asset: Asset, size: str) -> bytes:
    source = None if asset.media is None else await asyncio.to_thread(asset.media.original)
    if source is None:
        raise ApiError(404, "Asset media not found")
    return await asyncio.to_thread(render, source, asset.edits, size)


@route("GET", "assets/{id}/original", scope="asset.download", shared=True)
async def original(ctx: Context) -> Any:
    """Send the file as it was uploaded; 404 for unknown ids (seen on 3.1.0)."""
    asset_id = ctx.id()
    members = {"edited": optional(BooleanWord())} if ctx.dialect.version.at_least("2.5.0") else {}
    values = ctx.query(Obj(members))
    asset = _asset(ctx, asset_id)
    link = ctx.auth.shared_link
    if asset is None or (link is not None and not link.allow_download):
        raise not_found()
    if _edited(ctx, values, asset):
        name = f"{PurePath(asset.original_file_name).stem}.jpeg"
        return FileAnswer(
            content=await _rendered(asset, "fullsize"),
            content_type="image/jpeg",
            modified=asset.updated_at,
            filename=name,
        )
    content = await _content(asset, "original")
    return FileAnswer(
        content=content,
        content_type=asset.mime_type,
        modified=asset.file_modified_at,
        filename=asset.original_file_name,
    )


async def _content(asset: Asset, what: str) -> Path | bytes:
    if asset.media is None:
        raise not_found()
    make: Callable[[], Path | bytes | None] = getattr(asset.media, what)
    content = await asyncio.to_thread(make)
    if content is None:
        raise not_found()
    return content


@route("GET", "assets/{id}/video/playback", scope="asset.view", shared=True)
async def playback(ctx: Context) -> Any:
    """Send a video for playing; 404 if it is none."""
    asset = _asset(ctx, ctx.id())
    if asset is None or asset.type is not AssetType.VIDEO:
        raise not_found()
    content = await _content(asset, "playback")
    return FileAnswer(content=content, content_type="video/mp4", modified=asset.file_modified_at)


@route("GET", "assets/{id}/video/stream/main.m3u8", scope="asset.view", since="3.0.0")
async def stream(ctx: Context) -> Any:
    """Refuse: real-time transcoding is switched off.

    The error comes with the content type of a playlist (seen on 3.1.0).
    """
    ctx.id()
    return TextAnswer(
        content=b'{"message":"Real-time transcoding is not enabled"}',
        content_type="application/vnd.apple.mpegurl; charset=utf-8",
        status=400,
        headers={"Cache-Control": "no-cache"},
        strong_etag=True,
    )
