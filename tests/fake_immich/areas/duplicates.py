"""Duplicates: groups of assets that look alike."""

from collections import defaultdict
from typing import Any

from .. import views
from ..answers import no_access
from ..context import IDS, Context
from ..models import Asset, Visibility
from ..routing import route


def _groups(ctx: Context) -> dict[str, list[Asset]]:
    """Return the user's groups of two or more."""
    groups: dict[str, list[Asset]] = defaultdict(list)
    for asset in ctx.state.assets.values():
        if (
            asset.duplicate_id is not None
            and asset.owner_id == ctx.user.id
            and asset.visibility in (Visibility.TIMELINE, Visibility.ARCHIVE)
            and not asset.is_trashed
        ):
            groups[asset.duplicate_id].append(asset)
    return {key: members for key, members in groups.items() if len(members) > 1}


@route("GET", "duplicates", scope="duplicate.read")
async def list_duplicates(ctx: Context) -> Any:
    """List the groups, with a suggestion which to keep since 2.7."""
    answer: list[dict[str, Any]] = []
    for key, members in _groups(ctx).items():
        body: dict[str, Any] = {
            "duplicateId": key,
            "assets": [
                views.asset(
                    ctx.dialect,
                    ctx.state,
                    asset,
                    ctx.user.id,
                    exif=True,
                    people="empty",
                    tags=True,
                    nested_dates=True,
                )
                for asset in members
            ],
        }
        if ctx.dialect.version.at_least("2.7.0"):
            best = max(members, key=lambda asset: asset.exif.file_size or 0)
            body["suggestedKeepAssetIds"] = [best.id]
        answer.append(body)
    return answer


@route("DELETE", "duplicates", scope="duplicate.delete")
async def dismiss_several(ctx: Context) -> Any:
    """Say of several groups that they are none."""
    ids = ctx.body(IDS)["ids"]
    for group in ids:
        _dismiss(ctx, group)
    return ctx.dialect.no_content()


@route("DELETE", "duplicates/{id}", scope="duplicate.delete")
async def dismiss(ctx: Context) -> Any:
    """Say of a group that it is none; the assets stay."""
    _dismiss(ctx, ctx.id())
    return ctx.dialect.no_content()


def _dismiss(ctx: Context, group: str) -> None:
    members = [
        asset
        for asset in ctx.state.assets.values()
        if asset.duplicate_id == group and asset.owner_id == ctx.user.id
    ]
    if not members:
        raise no_access("duplicate.delete")
    for asset in members:
        asset.duplicate_id = None
