"""The JSON of albums, release by release."""

from collections import Counter
from typing import Any

from . import views
from .context import Context
from .dates import micros, midnight, millis
from .models import Album, Asset, Role, Visibility
from .state import State

_VISIBLE = (Visibility.TIMELINE, Visibility.ARCHIVE)


def contents(state: State, album: Album) -> list[Asset]:
    """Return the assets that an album shows: neither trashed nor hidden nor locked ones."""
    found = (state.assets[asset_id] for asset_id in album.assets)
    return [asset for asset in found if asset.trashed_at is None and asset.visibility in _VISIBLE]


def has_link(state: State, album: Album) -> bool:
    """Tell whether a public link leads to an album."""
    return any(link.album_id == album.id for link in state.shared_links.values())


def is_shared(state: State, album: Album) -> bool:
    """Tell whether an album has another member or a public link."""
    return len(album.members) > 1 or has_link(state, album)


def album(
    ctx: Context,
    each: Album,
    *,
    changed: bool = False,
    detail: bool = False,
    with_assets: bool = False,
) -> dict[str, Any]:
    """Write an album for the user of the request.

    ``changed`` is the form of answers to changes: moments instead of days, no time of
    the last change of an asset. ``detail`` is the form of a single album.
    ``with_assets`` matters before Immich 3, where albums carry their assets.
    """
    state, dialect = ctx.state, ctx.dialect
    assets = contents(state, each)
    body: dict[str, Any] = {
        "albumName": each.name,
        "description": each.description,
        "albumThumbnailAssetId": each.thumbnail_asset_id,
        "createdAt": millis(each.created_at),
        "updatedAt": millis(each.updated_at),
        "id": each.id,
        "albumUsers": _members(ctx, each),
        "shared": is_shared(state, each),
        "hasSharedLink": has_link(state, each),
    }
    if not dialect.strict:
        body["ownerId"] = each.owner_id
        body["owner"] = views.user_nested(state.users[each.owner_id])
        body["assets"] = _assets(ctx, each, assets) if with_assets else []
    if assets:
        dates = [asset.local_date_time for asset in assets]
        spell = micros if changed else midnight
        body["startDate"] = spell(min(dates))
        body["endDate"] = spell(max(dates))
    body["assetCount"] = len(assets)
    body["isActivityEnabled"] = each.is_activity_enabled
    body["order"] = each.order
    if assets and not changed:
        body["lastModifiedAssetTimestamp"] = millis(max(asset.updated_at for asset in assets))
    if detail and not changed and dialect.version.at_least("2.2.0") and body["shared"]:
        counts = Counter(asset.owner_id for asset in assets)
        body["contributorCounts"] = [
            {"userId": user_id, "assetCount": number} for user_id, number in counts.most_common()
        ]
    return body


def _members(ctx: Context, each: Album) -> list[dict[str, Any]]:
    """Write the members: the owner (since 3.0), then whoever asks, then the others."""
    me = ctx.user.id
    order = sorted(each.members, key=lambda user: (each.members[user] is not Role.OWNER, user != me))
    return [
        {"user": views.user_nested(ctx.state.users[user_id]), "role": each.members[user_id].value}
        for user_id in order
        if ctx.dialect.strict or each.members[user_id] is not Role.OWNER
    ]


def _assets(ctx: Context, each: Album, assets: list[Asset]) -> list[dict[str, Any]]:
    newest_first = each.order == "desc"
    assets = sorted(assets, key=lambda asset: asset.file_created_at, reverse=newest_first)
    return [
        views.asset(ctx.dialect, ctx.state, asset, ctx.user.id, exif=True, people="empty") for asset in assets
    ]
