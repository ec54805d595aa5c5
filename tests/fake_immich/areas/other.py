"""What else clients ask for: plugins, sync, backups, integrity. Nothing is in them."""

from collections.abc import AsyncIterator
from typing import Any

from ..answers import ApiError, StreamAnswer, no_content
from ..context import Context
from ..routing import route
from ..rules import Text
from ..validate import Anything, Array, Obj, optional


@route("GET", "plugins", scope="plugin.read", since="2.3.0")
@route("GET", "plugins/methods", scope="plugin.read", since="3.0.0")
async def nothing(ctx: Context) -> Any:
    """Show an empty list."""
    return []


@route("GET", "admin/integrity/summary", scope="maintenance", admin=True, since="3.0.0")
async def integrity_summary(ctx: Context) -> Any:
    """Report that all files are fine."""
    return {"untracked_file": 0, "missing_file": 0, "checksum_mismatch": 0}


@route("GET", "admin/database-backups", scope="maintenance", admin=True, since="2.5.0")
async def database_backups(ctx: Context) -> Any:
    """List no backups."""
    return {"backups": []}


def _no_keys(ctx: Context) -> None:
    """Refuse API keys, which may never sync."""
    if ctx.auth.api_key is not None:
        raise ApiError(403, "Sync endpoints cannot be used with API keys")


@route("GET", "sync/ack", scope="syncCheckpoint.read")
async def sync_acks(ctx: Context) -> Any:
    """List no checkpoints."""
    _no_keys(ctx)
    return []


@route("POST", "sync/ack", scope="syncCheckpoint.update")
async def set_sync_acks(ctx: Context) -> Any:
    """Take checkpoints, and forget them."""
    _no_keys(ctx)
    ctx.body(Obj({"acks": Array(Text())}))
    return no_content()


@route("POST", "sync/stream", scope="sync.stream")
async def sync_stream(ctx: Context) -> Any:
    """Stream changes as JSON lines: only the word that all is said."""
    _no_keys(ctx)
    ctx.body(Obj({"types": Array(Text()), "reset": optional(Anything())}))
    return StreamAnswer(
        chunks=_lines(),
        content_type="application/jsonlines+json",
        headers={"Vary": "Accept-Encoding"},
    )


async def _lines() -> AsyncIterator[bytes]:
    yield b'{"type":"SyncCompleteV1","data":{},"ack":"SyncCompleteV1"}\n'
