"""Folders: the paths of originals as a tree."""

from typing import Any

from .. import views
from ..context import Context
from ..models import Asset, Visibility
from ..routing import route
from ..rules import Text
from ..validate import Obj

SCOPE = {"1.137.0": "all", "2.5.0": "folder.read"}


def _listed(ctx: Context) -> list[Asset]:
    """Return the user's assets that folders show."""
    return [
        asset
        for asset in ctx.state.assets.values()
        if asset.owner_id == ctx.user.id and asset.visibility is Visibility.TIMELINE and not asset.is_trashed
    ]


def _folder(asset: Asset) -> str:
    """Return the folder of an original, without a slash at the end."""
    return asset.original_path.rpartition("/")[0]


@route("GET", "view/folder/unique-paths", scope=SCOPE)
async def unique_paths(ctx: Context) -> Any:
    """List the folders that hold originals."""
    return sorted({_folder(asset) for asset in _listed(ctx)})


@route("GET", "view/folder", scope=SCOPE)
async def folder(ctx: Context) -> Any:
    """List the assets of one folder, by file name."""
    path = ctx.query(Obj({"path": Text()}))["path"].rstrip("/")
    found = [asset for asset in _listed(ctx) if _folder(asset) == path]
    found.sort(key=lambda asset: asset.original_path)
    return [
        views.asset(ctx.dialect, ctx.state, asset, ctx.user.id, exif=True, people="empty") for asset in found
    ]
