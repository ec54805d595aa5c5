"""Stacks: several pictures shown as one."""

from typing import Any

from .. import views
from ..access import require_assets
from ..answers import bad_request, created, no_access, no_content
from ..context import IDS, Context
from ..models import Stack
from ..routing import route
from ..rules import Uuid
from ..state import State
from ..validate import Array, Obj, optional


def _view(ctx: Context, stack: Stack, *, tags: bool = True) -> dict[str, Any]:
    """Write a stack, the primary picture first; only lists go without tags."""
    ids = [stack.primary_asset_id]
    ids += [asset_id for asset_id in stack.asset_ids if asset_id != stack.primary_asset_id]
    return {
        "id": stack.id,
        "primaryAssetId": stack.primary_asset_id,
        "assets": [
            views.asset(
                ctx.dialect,
                ctx.state,
                ctx.state.assets[asset_id],
                ctx.user.id,
                exif=True,
                people="empty",
                tags=tags,
                nested_dates=True,
            )
            for asset_id in ids
        ],
    }


def _own(ctx: Context, stack_id: str, permission: str) -> Stack:
    stack = ctx.state.stacks.get(stack_id)
    if stack is None or stack.owner_id != ctx.user.id:
        raise no_access(permission)
    return stack


def dissolve(state: State, stack: Stack) -> None:
    """Take a stack apart; its pictures stay."""
    for asset_id in stack.asset_ids:
        state.assets[asset_id].stack_id = None
    del state.stacks[stack.id]


@route("GET", "stacks", scope="stack.read")
async def list_stacks(ctx: Context) -> Any:
    """List the user's stacks, or the one of a primary picture."""
    primary = ctx.query(Obj({"primaryAssetId": optional(Uuid())})).get("primaryAssetId")
    return [
        _view(ctx, stack, tags=False)
        for stack in ctx.state.stacks.values()
        if stack.owner_id == ctx.user.id and primary in (None, stack.primary_asset_id)
    ]


@route("POST", "stacks", scope="stack.create")
async def create_stack(ctx: Context) -> Any:
    """Stack pictures, the first one on top; stacks they were in are taken along."""
    ids = ctx.body(Obj({"assetIds": Array(Uuid(), minimum=2)}))["assetIds"]
    assets = require_assets(ctx, "asset.update", ids, change=True)
    members = dict.fromkeys(asset.id for asset in assets)
    for old_id in {asset.stack_id for asset in assets if asset.stack_id}:
        old = ctx.state.stacks[old_id]
        members |= dict.fromkeys(old.asset_ids)
        dissolve(ctx.state, old)
    stack = Stack(
        id=ctx.state.new_id(),
        owner_id=ctx.user.id,
        primary_asset_id=assets[0].id,
        asset_ids=list(members),
    )
    ctx.state.stacks[stack.id] = stack
    for asset_id in stack.asset_ids:
        ctx.state.assets[asset_id].stack_id = stack.id
    ctx.state.emit("on_asset_stack_update", ctx.user.id)
    return created(_view(ctx, stack))


@route("DELETE", "stacks", scope="stack.delete")
async def delete_stacks(ctx: Context) -> Any:
    """Take several stacks apart; one unknown id fails all."""
    ids = ctx.body(IDS)["ids"]
    for stack in [_own(ctx, stack_id, "stack.delete") for stack_id in ids]:
        dissolve(ctx.state, stack)
    ctx.state.emit("on_asset_stack_update", ctx.user.id)
    return no_content()


@route("GET", "stacks/{id}", scope="stack.read")
async def get_stack(ctx: Context) -> Any:
    """Describe one stack."""
    return _view(ctx, _own(ctx, ctx.id(), "stack.read"))


@route("PATCH", "stacks/{id}", scope="stack.update", since="3.0.0")
@route("PUT", "stacks/{id}", scope="stack.update")
async def update_stack(ctx: Context) -> Any:
    """Put another picture on top."""
    stack_id = ctx.id()
    values = ctx.body(Obj({"primaryAssetId": optional(Uuid())}))
    stack = _own(ctx, stack_id, "stack.update")
    if primary := values.get("primaryAssetId"):
        if primary not in stack.asset_ids:
            raise bad_request("Primary asset must be in the stack")
        stack.primary_asset_id = primary
    ctx.state.emit("on_asset_stack_update", ctx.user.id)
    return _view(ctx, stack)


@route("DELETE", "stacks/{id}", scope="stack.delete")
async def delete_stack(ctx: Context) -> Any:
    """Take one stack apart."""
    dissolve(ctx.state, _own(ctx, ctx.id(), "stack.delete"))
    ctx.state.emit("on_asset_stack_update", ctx.user.id)
    return no_content()


@route("DELETE", "stacks/{id}/assets/{assetId}", scope="stack.update")
async def remove_asset(ctx: Context) -> Any:
    """Take one picture out; not the one on top."""
    stack_id, asset_id = ctx.id(), ctx.id("assetId")
    stack = _own(ctx, stack_id, "stack.update")
    if asset_id not in stack.asset_ids:
        raise bad_request("Asset not in stack")
    if asset_id == stack.primary_asset_id:
        raise bad_request("Cannot remove stack's primary asset")
    stack.asset_ids.remove(asset_id)
    ctx.state.assets[asset_id].stack_id = None
    ctx.state.emit("on_asset_stack_update", ctx.user.id)
    return no_content()
