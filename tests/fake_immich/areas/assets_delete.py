"""Deleting assets, and the trash."""

import asyncio
from collections.abc import Iterable
from typing import Any

from ..access import require_assets
from ..answers import no_content
from ..context import IDS, Context
from ..models import Asset
from ..routing import route
from ..rules import Boolean, Uuid
from ..validate import Array, Obj, optional


@route("DELETE", "assets", scope="asset.delete")
async def delete_assets(ctx: Context) -> Any:
    """Put assets into the trash, or with ``force`` delete them soon; all or none."""
    values = ctx.body(Obj({"ids": Array(Uuid()), "force": optional(Boolean())}))
    assets = require_assets(ctx, "asset.delete", values["ids"], change=True)
    force = values.get("force", False)
    now = ctx.state.now()
    for asset in assets:
        ctx.state.update_asset(asset, trashed_at=now)
    if force:
        ctx.fake.spawn(_remove(ctx, assets))
    elif assets:
        ctx.state.emit("on_asset_trash", ctx.user.id, [asset.id for asset in assets])
    return no_content()


async def _remove(ctx: Context, assets: Iterable[Asset]) -> None:
    """Delete for good, as the job does a moment after the answer."""
    await asyncio.sleep(ctx.state.settings.deletion_delay)
    for asset in assets:
        if asset.id in ctx.state.assets:
            ctx.state.remove_asset(asset.id)
            ctx.state.emit("on_asset_delete", asset.owner_id, asset.id)


def _trash(ctx: Context) -> list[Asset]:
    return [
        asset for asset in ctx.state.assets.values() if asset.owner_id == ctx.user.id and asset.is_trashed
    ]


@route("POST", "trash/empty", scope="asset.delete")
async def empty_trash(ctx: Context) -> Any:
    """Delete everything in one's trash."""
    assets = _trash(ctx)
    if assets:
        ctx.fake.spawn(_remove(ctx, assets))
    return {"count": len(assets)}


@route("POST", "trash/restore", scope="asset.delete")
async def restore_trash(ctx: Context) -> Any:
    """Bring everything in one's trash back; nobody is told of it (seen on 3.1.0)."""
    assets = _trash(ctx)
    for asset in assets:
        ctx.state.update_asset(asset, trashed_at=None)
    return {"count": len(assets)}


@route("POST", "trash/restore/assets", scope="asset.delete")
async def restore_assets(ctx: Context) -> Any:
    """Bring assets back; the count is that of the ids."""
    ids = ctx.body(IDS)["ids"]
    assets = require_assets(ctx, "asset.delete", ids, change=True)
    for asset in assets:
        if asset.is_trashed:
            ctx.state.update_asset(asset, trashed_at=None)
    if assets:
        ctx.state.emit("on_asset_restore", ctx.user.id, ids)
    return {"count": len(ids)}
