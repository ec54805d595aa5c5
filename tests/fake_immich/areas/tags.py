"""Tags: a tree of words on assets."""

import asyncio
from typing import Any

from .. import views
from ..access import owned
from ..answers import bad_request, created, no_access, no_content
from ..context import IDS, Context
from ..models import Asset, Tag
from ..routing import route
from ..rules import Text, Uuid
from ..tag_tree import new_tag, tag_at
from ..validate import Array, Obj, optional
from .people import COLOR_PATTERN

COLOR = optional(Text(pattern=COLOR_PATTERN), nullable=True)


def own_tag(ctx: Context, tag_id: str, permission: str) -> Tag:
    """Return the user's tag with an id, or answer 400."""
    tag = ctx.state.tags.get(tag_id)
    if tag is None or tag.user_id != ctx.user.id:
        raise no_access(permission)
    return tag


def upsert_tag(ctx: Context, value: str) -> Tag:
    """Return the user's tag with a whole path, making it and its parents when missing."""
    tag = tag_at(ctx.state, ctx.user.id, value)
    if tag is None:
        raise bad_request("Invalid tag")
    tag.updated_at = ctx.state.now()
    return tag


@route("GET", "tags", scope="tag.read")
async def list_tags(ctx: Context) -> Any:
    """List all tags, sorted by path: a flat list."""
    mine = [tag for tag in ctx.state.tags.values() if tag.user_id == ctx.user.id]
    return [views.tag(tag) for tag in sorted(mine, key=lambda tag: tag.value)]


@route("POST", "tags", scope="tag.create")
async def create_tag(ctx: Context) -> Any:
    """Make a new tag; a known path is an error."""
    values = ctx.body(Obj({"name": Text(), "parentId": optional(Uuid(), nullable=True), "color": COLOR}))
    parent: Tag | None = None
    value = values["name"]
    if parent_id := values.get("parentId"):
        parent = own_tag(ctx, parent_id, "tag.read")
        value = f"{parent.value}/{value}"
    if any(tag.value == value and tag.user_id == ctx.user.id for tag in ctx.state.tags.values()):
        raise bad_request("A tag with that name already exists")
    return created(views.tag(new_tag(ctx.state, ctx.user.id, value, parent, color=values.get("color"))))


@route("PUT", "tags", scope="tag.create")
async def upsert_tags(ctx: Context) -> Any:
    """Find or make tags by path; answers the last part of each path."""
    names = ctx.body(Obj({"tags": Array(Text())}))["tags"]
    return [views.tag(upsert_tag(ctx, name)) for name in names]


@route("PUT", "tags/assets", scope="tag.asset")
async def tag_many(ctx: Context) -> Any:
    """Put several tags on several assets; unknown ones are skipped in silence."""
    values = ctx.body(Obj({"tagIds": Array(Uuid()), "assetIds": Array(Uuid())}))
    count = 0
    changed: dict[str, Asset] = {}
    for tag_id in values["tagIds"]:
        tag = ctx.state.tags.get(tag_id)
        if tag is None or tag.user_id != ctx.user.id:
            continue
        for asset_id in values["assetIds"]:
            asset = ctx.state.assets.get(asset_id)
            if asset is None or not owned(ctx.auth, asset) or tag_id in asset.tag_ids:
                continue
            asset.tag_ids.append(tag_id)
            changed[asset.id] = asset
            count += 1
    for asset in changed.values():
        _announce(ctx, asset)
    return {"count": count}


@route("GET", "tags/{id}", scope="tag.read")
async def get_tag(ctx: Context) -> Any:
    """Describe one tag."""
    return views.tag(own_tag(ctx, ctx.id(), "tag.read"))


@route("PATCH", "tags/{id}", scope="tag.update", since="3.0.0")
@route("PUT", "tags/{id}", scope="tag.update")
async def update_tag(ctx: Context) -> Any:
    """Change the colour; since 3.3 also the name."""
    tag_id = ctx.id()
    rules: dict[str, Any] = {"color": COLOR}
    if ctx.dialect.version.at_least("3.3.0"):
        rules["name"] = optional(Text(minimum=1))
    values = ctx.body(Obj(rules))
    tag = own_tag(ctx, tag_id, "tag.update")
    if "color" in values:
        tag.color = values["color"]
    if "name" in values:
        old, head = tag.value, tag.value.rpartition("/")[0]
        tag.value = f"{head}/{values['name']}" if head else values["name"]
        for other in ctx.state.tags.values():
            if other.user_id == ctx.user.id and other.value.startswith(old + "/"):
                other.value = tag.value + other.value[len(old) :]
    tag.updated_at = ctx.state.now()
    return views.tag(tag)


@route("DELETE", "tags/{id}", scope="tag.delete")
async def delete_tag(ctx: Context) -> Any:
    """Remove a tag and all tags below it; the assets lose them without an event."""
    tag = own_tag(ctx, ctx.id(), "tag.delete")
    gone = {
        each.id
        for each in ctx.state.tags.values()
        if each.user_id == ctx.user.id and (each is tag or each.value.startswith(tag.value + "/"))
    }
    for tag_id in gone:
        del ctx.state.tags[tag_id]
    for asset in ctx.state.assets.values():
        if not gone.isdisjoint(asset.tag_ids):
            asset.tag_ids = [tag_id for tag_id in asset.tag_ids if tag_id not in gone]
    return no_content()


@route("PUT", "tags/{id}/assets", scope="tag.asset")
async def assign(ctx: Context) -> Any:
    """Put a tag on assets."""
    tag_id = ctx.id()
    ids = ctx.body(IDS)["ids"]
    tag = own_tag(ctx, tag_id, "tag.read")
    results: list[dict[str, Any]] = []
    for asset_id in ids:
        asset = ctx.state.assets.get(asset_id)
        if asset is not None and tag.id in asset.tag_ids:
            results.append({"id": asset_id, "success": False, "error": "duplicate"})
        elif asset is None or not owned(ctx.auth, asset):
            results.append({"id": asset_id, "success": False, "error": "no_permission"})
        else:
            asset.tag_ids.append(tag.id)
            _announce(ctx, asset)
            results.append({"id": asset_id, "success": True})
    return results


@route("DELETE", "tags/{id}/assets", scope="tag.asset")
async def unassign(ctx: Context) -> Any:
    """Take a tag off assets."""
    tag_id = ctx.id()
    ids = ctx.body(IDS)["ids"]
    tag = own_tag(ctx, tag_id, "tag.read")
    results: list[dict[str, Any]] = []
    for asset_id in ids:
        asset = ctx.state.assets.get(asset_id)
        if asset is None or tag.id not in asset.tag_ids:
            results.append({"id": asset_id, "success": False, "error": "not_found"})
            continue
        asset.tag_ids.remove(tag.id)
        _announce(ctx, asset)
        results.append({"id": asset_id, "success": True})
    return results


def _announce(ctx: Context, asset: Asset) -> None:
    """Write changed tags into the sidecar and read them back."""
    if ctx.state.settings.sidecar_delay:
        ctx.fake.spawn(_read_back(ctx, asset, list(asset.tag_ids)))
    else:
        _told(ctx, asset)


async def _read_back(ctx: Context, asset: Asset, written: list[str]) -> None:
    """Take the tags that were written, whatever changed meanwhile: that is lost (seen on 3.1.0)."""
    await asyncio.sleep(ctx.state.settings.sidecar_delay)
    asset.tag_ids = [tag_id for tag_id in written if tag_id in ctx.state.tags]
    _told(ctx, asset)


def _told(ctx: Context, asset: Asset) -> None:
    """Send the event of a changed asset."""
    ctx.state.update_asset(asset)
    body = views.asset(ctx.dialect, ctx.state, asset, asset.owner_id, exif=True, people="full", tags=True)
    ctx.state.emit("on_asset_update", asset.owner_id, body)
