"""Downloads of many assets at once: a plan of archives, and the archives."""

import asyncio
from collections.abc import AsyncIterator
from io import RawIOBase
from pathlib import Path
from typing import Any, override
from zipfile import ZIP_STORED, ZipFile, ZipInfo
import zlib

from ..access import album_for, require_assets
from ..album_views import contents
from ..answers import ApiError, StreamAnswer, bad_request, created, no_access
from ..context import Context
from ..models import Asset, Visibility
from ..routing import route
from ..rules import Boolean, Number, Text, Uuid
from ..validate import Array, Obj, optional

#: An archive is closed once it is over this many bytes.
ARCHIVE_SIZE = 4 * 1024**3

INFO = Obj(
    {
        "assetIds": optional(Array(Uuid())),
        "albumId": optional(Uuid()),
        "userId": optional(Uuid()),
        "archiveSize": optional(Number(minimum=1, whole=True, convert=True), default=ARCHIVE_SIZE),
    }
)
ARCHIVE = Obj(
    {
        "assetIds": Array(Uuid()),
        "edited": optional(Boolean()),
        "archiveName": optional(Text()),
    }
)
SCOPE = "asset.download"


@route("POST", "download/info", scope=SCOPE, shared=True)
async def info(ctx: Context) -> Any:
    """Plan the archives for some assets, an album or a whole library."""
    values = ctx.body(INFO)
    archives: list[dict[str, Any]] = []
    size = 0
    ids: list[str] = []
    for asset in _wanted(ctx, values):
        size += asset.exif.file_size or 0
        ids.append(asset.id)
        video = ctx.state.assets.get(asset.live_photo_video_id or "")
        if video is not None:
            size += video.exif.file_size or 0
            ids.append(video.id)
        if size > values["archiveSize"]:
            archives.append({"size": size, "assetIds": ids})
            size, ids = 0, []
    if ids:
        archives.append({"size": size, "assetIds": ids})
    return created({"totalSize": sum(each["size"] for each in archives), "archives": archives})


def _wanted(ctx: Context, values: dict[str, Any]) -> list[Asset]:
    """Return the assets that a plan is asked for, sorted by id as the database does."""
    if values.get("assetIds"):
        found = require_assets(ctx, SCOPE, values["assetIds"])
    elif values.get("albumId"):
        found = contents(ctx.state, album_for(ctx, values["albumId"], "album.download"))
    elif values.get("userId"):
        if values["userId"] != ctx.user.id:
            raise no_access("timeline.download")
        found = [
            asset
            for asset in ctx.state.assets.values()
            if asset.owner_id == ctx.user.id
            and asset.visibility is not Visibility.HIDDEN
            and not asset.is_trashed
        ]
    else:
        raise bad_request("assetIds, albumId, or userId is required")
    return sorted(found, key=lambda asset: asset.id)


@route("POST", "download/archive", scope=SCOPE, shared=True)
async def archive(ctx: Context) -> Any:
    """Send a ZIP of originals while it is made."""
    ids = ctx.body(ARCHIVE)["assetIds"]
    assets = require_assets(ctx, SCOPE, ids)
    if not assets:
        raise ApiError(500, "Failed to download archive")
    headers = {"Vary": "Accept-Encoding"}
    chunks = _zip(assets)
    if "gzip" in ctx.request.headers.get("Accept-Encoding", ""):
        # Immich squeezes even this (seen on 3.1.0).
        headers["Content-Encoding"] = "gzip"
        chunks = _gzip(chunks)
    return StreamAnswer(chunks=chunks, content_type="application/octet-stream", headers=headers)


async def _gzip(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Compress while it passes."""
    squeeze = zlib.compressobj(wbits=31)
    async for chunk in chunks:
        if data := squeeze.compress(chunk):
            yield data
    yield squeeze.flush()


class _Pipe(RawIOBase):
    """Keeps what the ZIP writer has written until it is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = bytearray()

    @override
    def writable(self) -> bool:
        """Tell that this can be written to."""
        return True

    @override
    def write(self, data: Any) -> int:
        """Take bytes."""
        self.buffer += data
        return len(data)

    def take(self) -> bytes:
        """Return what has come since the last time."""
        data = bytes(self.buffer)
        self.buffer.clear()
        return data


async def _zip(assets: list[Asset]) -> AsyncIterator[bytes]:
    """Yield a ZIP file by file; equal names get a number."""
    pipe = _Pipe()
    used: dict[str, int] = {}
    with ZipFile(pipe, "w", ZIP_STORED) as archive:
        for asset in assets:
            name = asset.original_file_name
            again = used.get(name, 0)
            used[name] = again + 1
            if again:
                stem, dot, ending = name.rpartition(".")
                name = f"{stem}+{again}{dot}{ending}"
            content = await asyncio.to_thread(_read, asset)
            if content is not None:
                archive.writestr(ZipInfo(name, asset.file_modified_at.timetuple()[:6]), content)
                yield pipe.take()
    yield pipe.take()


def _read(asset: Asset) -> bytes | None:
    """Return the bytes of an original, if there are any."""
    content = asset.media.original() if asset.media is not None else None
    return content.read_bytes() if isinstance(content, Path) else content
