"""Albums and what is in them."""

from typing import Any

from ..access import addable, album_for, owned, require_album
from ..album_views import album, contents, is_shared
from ..answers import bad_request, created
from ..context import IDS, Context
from ..models import Album, Role
from ..routing import route
from ..rules import Boolean, BooleanWord, Choice, Text, Uuid
from ..validate import Array, Obj, optional
from .album_users import invite, role_rule

_EDITORS = (Role.OWNER, Role.EDITOR)


@route("GET", "albums", scope="album.read")
async def list_albums(ctx: Context) -> Any:
    """List albums, newest first.

    Immich 3 lists own and shared ones, with new filters; its forerunners only own
    ones unless ``shared`` is given.
    """
    mine = ctx.state.albums_of(ctx.user.id)
    if not ctx.dialect.strict:
        values = ctx.query(Obj({"shared": optional(BooleanWord()), "assetId": optional(Uuid())}))
        if "assetId" in values:
            found = [each for each in mine if values["assetId"] in each.assets]
        elif "shared" in values:
            found = [
                each
                for each in mine
                if is_shared(ctx.state, each) == values["shared"]
                and (values["shared"] or each.owner_id == ctx.user.id)
            ]
        else:
            found = [each for each in mine if each.owner_id == ctx.user.id]
        return [album(ctx, each) for each in found]
    values = ctx.query(
        Obj(
            {
                "id": optional(Uuid()),
                "name": optional(Text()),
                "assetId": optional(Uuid()),
                "isOwned": optional(BooleanWord()),
                "isShared": optional(BooleanWord()),
            }
        )
    )
    if "assetId" in values:
        return [album(ctx, each) for each in mine if values["assetId"] in each.assets]
    return [
        album(ctx, each)
        for each in mine
        if values.get("id", each.id) == each.id
        and values.get("name", each.name) == each.name
        and values.get("isOwned", own := each.owner_id == ctx.user.id) == own
        and values.get("isShared", shared := is_shared(ctx.state, each)) == shared
    ]


@route("GET", "albums/statistics", scope="album.statistics")
async def statistics(ctx: Context) -> Any:
    """Count one's albums."""
    mine = ctx.state.albums_of(ctx.user.id)
    owned_ones = [each for each in mine if each.owner_id == ctx.user.id]
    shared = sum(is_shared(ctx.state, each) for each in mine)
    not_shared = sum(not is_shared(ctx.state, each) for each in owned_ones)
    return {"owned": len(owned_ones), "shared": shared, "notShared": not_shared}


@route("POST", "albums", scope="album.create")
async def create_album(ctx: Context) -> Any:
    """Make an album; ids of assets out of reach vanish without a word."""
    values = ctx.body(
        Obj(
            {
                "albumName": Text(),
                "description": optional(Text()),
                "albumUsers": optional(Array(Obj({"userId": Uuid(), "role": role_rule(ctx.dialect)}))),
                "assetIds": optional(Array(Uuid())),
            }
        )
    )
    members: dict[str, Role] = {}
    for entry in values.get("albumUsers", ()):
        if entry["userId"] not in ctx.state.users or entry["userId"] == ctx.user.id:
            raise bad_request("Invalid user" if ctx.dialect.strict else "User not found")
        members[entry["userId"]] = Role(entry["role"])
    wanted = (ctx.state.assets.get(each) for each in values.get("assetIds", ()))
    assets = [each for each in wanted if each and addable(ctx.state, ctx.auth, each)]
    made = ctx.state.add_album(
        ctx.user,
        values["albumName"],
        assets,
        description=values.get("description", ""),
        members=members,
    )
    for user_id in members:
        invite(ctx, made, user_id)
    return created(album(ctx, made, changed=True, with_assets=True))


@route("GET", "albums/{id}", scope="album.read", shared=True)
async def get_album(ctx: Context) -> Any:
    """Show one album; with all its assets before Immich 3."""
    album_id = ctx.id()
    with_assets = (
        not ctx.query(Obj({"withoutAssets": optional(BooleanWord())})).get("withoutAssets", False)
        if not ctx.dialect.strict
        else False
    )
    found = album_for(ctx, album_id, "album.read")
    return album(ctx, found, detail=True, with_assets=with_assets)


@route("PATCH", "albums/{id}", scope="album.update")
async def update_album(ctx: Context) -> Any:
    """Change an album; owners may, and editors since Immich 3."""
    album_id = ctx.id()
    values = ctx.body(
        Obj(
            {
                "albumName": optional(Text()),
                "description": optional(Text()),
                "albumThumbnailAssetId": optional(Uuid()),
                "isActivityEnabled": optional(Boolean()),
                "order": optional(Choice(["asc", "desc"])),
            }
        )
    )
    allowed = _EDITORS if ctx.dialect.strict else (Role.OWNER,)
    found = album_for(ctx, album_id, "album.update", *allowed)
    cover = values.get("albumThumbnailAssetId")
    if cover is not None and cover not in found.assets:
        raise bad_request("Invalid album thumbnail")
    found.name = values.get("albumName", found.name)
    found.description = values.get("description", found.description)
    found.thumbnail_asset_id = cover or found.thumbnail_asset_id
    found.is_activity_enabled = values.get("isActivityEnabled", found.is_activity_enabled)
    found.order = values.get("order", found.order)
    found.updated_at = ctx.state.now()
    return album(ctx, found, changed=True)


@route("DELETE", "albums/{id}", scope="album.delete")
async def delete_album(ctx: Context) -> Any:
    """Remove an album; its assets stay."""
    found = require_album(ctx, "album.delete", Role.OWNER)
    ctx.state.remove_album(found.id)
    return ctx.dialect.no_content()


@route("PUT", "albums/{id}/assets", scope="albumAsset.create", shared=True)
async def add_assets(ctx: Context) -> Any:
    """Put assets into an album: always 200, with a line for each id."""
    album_id = ctx.id()
    ids = ctx.body(IDS)["ids"]
    if album_id not in ctx.state.albums:
        raise bad_request("Album not found")
    found = _writable(ctx, album_id, "albumAsset.create")
    results = [_add(ctx, found, asset_id) for asset_id in ids]
    _touch(ctx, found, changed=any(result["success"] for result in results))
    return results


def _writable(ctx: Context, album_id: str, permission: str) -> Album:
    link = ctx.auth.shared_link
    if link is not None and link.allow_upload and link.album_id == album_id:
        return ctx.state.albums[album_id]
    return album_for(ctx, album_id, permission, *_EDITORS)


def _add(ctx: Context, found: Album, asset_id: str) -> dict[str, Any]:
    if asset_id in found.assets:
        return _result(asset_id, "duplicate")
    asset = ctx.state.assets.get(asset_id)
    link_upload = ctx.auth.shared_link is not None
    if asset is None or not (
        addable(ctx.state, ctx.auth, asset) or (link_upload and asset.owner_id == ctx.user.id)
    ):
        return _result(asset_id, "no_permission")
    ctx.state.put_in_album(found, asset_id)
    if found.thumbnail_asset_id is None:
        found.thumbnail_asset_id = asset_id
    return _result(asset_id)


def _result(asset_id: str, error: str | None = None) -> dict[str, Any]:
    if error is None:
        return {"id": asset_id, "success": True}
    return {"id": asset_id, "success": False, "error": error}


def _touch(ctx: Context, found: Album, *, changed: bool) -> None:
    if not changed:
        return
    found.updated_at = ctx.state.now()
    if ctx.dialect.version.at_least("3.1.0"):
        for user_id in found.members:
            ctx.state.emit("on_album_update", user_id, found.id)


@route("PUT", "albums/assets", scope="albumAsset.create", since="1.139.0")
async def add_to_albums(ctx: Context) -> Any:
    """Put assets into several albums, with one result for all of it."""
    values = ctx.body(Obj({"albumIds": Array(Uuid()), "assetIds": Array(Uuid())}))
    outcomes: list[str | None] = []
    for album_id in values["albumIds"]:
        found = ctx.state.albums.get(album_id)
        if found is None or found.members.get(ctx.user.id) not in _EDITORS:
            outcomes.append("no_permission")
            continue
        results = [_add(ctx, found, asset_id) for asset_id in values["assetIds"]]
        outcomes += [result.get("error") for result in results]
        _touch(ctx, found, changed=any(result["success"] for result in results))
    if None in outcomes:
        return {"success": True}
    return {
        "success": False,
        "error": "duplicate" if "duplicate" in outcomes else "no_permission",
    }


@route("DELETE", "albums/{id}/assets", scope="albumAsset.delete")
async def remove_assets(ctx: Context) -> Any:
    """Take assets out of an album; editors only their own."""
    album_id = ctx.id()
    ids = ctx.body(IDS)["ids"]
    found = album_for(ctx, album_id, "albumAsset.delete", *_EDITORS)
    results = []
    for asset_id in ids:
        if asset_id not in found.assets:
            results.append(_result(asset_id, "not_found"))
        elif found.owner_id != ctx.user.id and not owned(ctx.auth, ctx.state.assets[asset_id]):
            results.append(_result(asset_id, "no_permission"))
        else:
            ctx.state.take_from_album(found, asset_id)
            results.append(_result(asset_id))
    _touch(ctx, found, changed=any(result["success"] for result in results))
    return results


@route("GET", "albums/{id}/map-markers", scope="album.read", shared=True, since="3.0.0")
async def map_markers(ctx: Context) -> Any:
    """List the positions of an album's photos."""
    found = require_album(ctx, "album.read")
    return [
        {
            "id": asset.id,
            "lat": asset.exif.latitude,
            "lon": asset.exif.longitude,
            "city": asset.exif.city,
            "state": asset.exif.state,
            "country": asset.exif.country,
        }
        for asset in contents(ctx.state, found)
        if asset.exif.latitude is not None
    ]
