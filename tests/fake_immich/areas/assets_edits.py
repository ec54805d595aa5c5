"""Editing pictures, from 2.5 on."""

from typing import Any

from .. import views
from ..access import require_asset
from ..answers import bad_request, no_content
from ..context import Context
from ..edits import Edit, size_after
from ..models import Asset, AssetType
from ..processing import sync_asset
from ..routing import route
from ..validate import Array, Obj


@route("PUT", "assets/{id}/edits", scope="asset.edit.create", since="2.5.0")
async def put_edits(ctx: Context) -> Any:
    """Crop, turn or mirror a picture; the original stays."""
    asset_id = ctx.id()
    edits = ctx.body(Obj({"edits": Array(Edit(), minimum=1)}))["edits"]
    asset = require_asset(ctx, "asset.edit.create", change=True)
    if asset.id != asset_id or asset.type is not AssetType.IMAGE:
        raise bad_request("Only images can be edited")
    asset.edits = [{"id": ctx.state.new_id(), **edit} for edit in edits]
    _announce(ctx, asset)
    return {"assetId": asset.id, "edits": asset.edits}


@route("DELETE", "assets/{id}/edits", scope="asset.edit.delete", since="2.5.0")
async def delete_edits(ctx: Context) -> Any:
    """Go back to the picture as it was taken."""
    asset = require_asset(ctx, "asset.edit.delete", change=True)
    asset.edits = []
    _announce(ctx, asset)
    return no_content()


def _announce(ctx: Context, asset: Asset) -> None:
    exif = asset.exif
    changes: dict[str, Any] = {"is_edited": bool(asset.edits)}
    if exif.width is not None and exif.height is not None:
        changes["width"], changes["height"] = size_after(asset.edits, exif.width, exif.height)
    ctx.state.update_asset(asset, **changes)
    body = views.asset(ctx.dialect, ctx.state, asset, asset.owner_id)
    name = "AssetEditReadyV2" if ctx.dialect.strict else "AssetEditReadyV1"
    edits = [{"assetId": asset.id, "sequence": number, **edit} for number, edit in enumerate(asset.edits)]
    ctx.state.emit(name, asset.owner_id, {"asset": sync_asset(body, asset), "edit": edits})
