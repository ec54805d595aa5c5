"""Single assets, their numbers and what is attached to them."""

from typing import Any

from .. import views
from ..access import require_asset, require_elevated
from ..answers import bad_request, no_content
from ..context import Context
from ..dates import millis
from ..models import Asset, AssetType, Visibility
from ..routing import route
from ..rules import BooleanWord, Choice, Number, Text, Uuid
from ..validate import Anything, Array, Obj, optional


@route("GET", "assets/statistics", scope="asset.statistics")
async def statistics(ctx: Context) -> Any:
    """Count one's own assets; without ``visibility`` those of timeline and archive."""
    values = ctx.query(
        Obj(
            {
                "visibility": optional(Choice(Visibility)),
                "isFavorite": optional(BooleanWord()),
                "isTrashed": optional(BooleanWord()),
            }
        )
    )
    require_elevated(ctx, values.get("visibility"))
    visible = (
        [Visibility(values["visibility"])]
        if "visibility" in values
        else [Visibility.TIMELINE, Visibility.ARCHIVE]
    )
    images, videos = (
        ctx.state.count(
            ctx.user.id,
            kind=kind,
            visibility=visible,
            is_favorite=values.get("isFavorite"),
            is_trashed=values.get("isTrashed", False),
        )
        for kind in (AssetType.IMAGE, AssetType.VIDEO)
    )
    return {"images": images, "videos": videos, "total": images + videos}


@route("GET", "assets/random", scope="asset.read", until="3.0.0")
async def random_assets(ctx: Context) -> Any:
    """Draw some of one's assets; before Immich 3."""
    values = ctx.query(Obj({"count": optional(Number(minimum=1, whole=True, text=True))}))
    mine = [
        asset
        for asset in ctx.state.assets_by_date()
        if asset.owner_id == ctx.user.id and asset.visibility is Visibility.TIMELINE and not asset.is_trashed
    ]
    drawn = ctx.state.random.sample(mine, min(values.get("count", 1), len(mine)))
    return [
        views.asset(ctx.dialect, ctx.state, asset, ctx.user.id, exif=True, people="empty") for asset in drawn
    ]


@route("GET", "assets/device/{deviceId}", scope="all", until="3.0.0")
async def of_device(ctx: Context) -> Any:
    """List the ids that a device has uploaded; before Immich 3."""
    device = ctx.param("deviceId", Text())
    return [
        asset.device_asset_id
        for asset in ctx.state.assets.values()
        if asset.owner_id == ctx.user.id and asset.device_id == device
    ]


@route("GET", "assets/{id}", scope="asset.read", shared=True)
async def get_asset(ctx: Context) -> Any:
    """Show all of an asset; over a link without metadata, little of it."""
    asset = require_asset(ctx, "asset.read")
    link = ctx.auth.shared_link
    if link is not None and not link.show_metadata:
        return views.asset_without_metadata(ctx.dialect, asset)
    body = views.asset(
        ctx.dialect,
        ctx.state,
        asset,
        ctx.user.id,
        exif=True,
        people="full",
        tags=True,
        owner=link is None,
        stack=True,
    )
    if link is not None:
        body["people"] = []
    return body


@route("GET", "assets/{id}/ocr", scope="asset.read", since="2.2.0")
async def ocr(ctx: Context) -> Any:
    """Show the text that was read in a picture."""
    asset = require_asset(ctx, "asset.read")
    return [{"id": ctx.state.new_id(), "assetId": asset.id, **line} for line in asset.ocr]


def _metadata(asset: Asset, key: str) -> dict[str, Any]:
    if key not in asset.metadata:
        raise bad_request(f'Metadata with key "{key}" not found for asset with id "{asset.id}"')
    value, moment = asset.metadata[key]
    return {"key": key, "value": value, "updatedAt": millis(moment)}


@route("GET", "assets/{id}/metadata", scope="asset.read", since="1.140.0")
async def list_metadata(ctx: Context) -> Any:
    """List the free values kept with an asset."""
    asset = require_asset(ctx, "asset.read")
    return [_metadata(asset, key) for key in asset.metadata]


@route("PUT", "assets/{id}/metadata", scope="asset.update", since="1.140.0")
async def put_metadata(ctx: Context) -> Any:
    """Keep free values with an asset."""
    asset = require_asset(ctx, "asset.update", change=True)
    entry = Obj({"key": Text(), "value": Anything()})
    items = ctx.body(Obj({"items": Array(entry)}))["items"]
    for item in items:
        asset.metadata[item["key"]] = (item["value"], ctx.state.now())
    return [_metadata(asset, item["key"]) for item in items]


@route("GET", "assets/{id}/metadata/{key}", scope="asset.read", since="1.140.0")
async def get_metadata(ctx: Context) -> Any:
    """Show one of the free values."""
    return _metadata(require_asset(ctx, "asset.read"), ctx.params["key"])


@route("DELETE", "assets/{id}/metadata/{key}", scope="asset.update", since="1.140.0")
async def delete_metadata(ctx: Context) -> Any:
    """Forget one of the free values."""
    asset = require_asset(ctx, "asset.update", change=True)
    asset.metadata.pop(ctx.params["key"], None)
    return no_content()


@route("PUT", "assets/metadata", scope="asset.update", since="2.5.0")
async def put_bulk_metadata(ctx: Context) -> Any:
    """Keep free values with several assets."""
    entry = Obj({"assetId": Uuid(), "key": Text(), "value": Anything()})
    items = ctx.body(Obj({"items": Array(entry)}))["items"]
    results = []
    for item in items:
        asset = ctx.state.assets.get(item["assetId"])
        if asset is None or asset.owner_id != ctx.user.id:
            raise bad_request("Not found or no asset.update access")
        asset.metadata[item["key"]] = (item["value"], ctx.state.now())
        results.append({"assetId": asset.id, **_metadata(asset, item["key"])})
    return results
