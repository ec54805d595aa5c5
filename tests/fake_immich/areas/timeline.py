"""The timeline: months with counts, and months as columns of values."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from .. import views
from ..access import album_for, require_elevated
from ..answers import ApiError, bad_request, no_access
from ..context import Context
from ..dates import naive, parse_lenient
from ..models import Asset, AssetType, Visibility
from ..routing import route
from ..rules import BooleanWord, Choice, Text, Uuid
from ..search_filter import tag_family
from ..validate import Obj, optional

FILTER = {
    "userId": optional(Uuid()),
    "albumId": optional(Uuid()),
    "personId": optional(Uuid()),
    "tagId": optional(Uuid()),
    "isFavorite": optional(BooleanWord()),
    "isTrashed": optional(BooleanWord()),
    "withStacked": optional(BooleanWord()),
    "withPartners": optional(BooleanWord()),
    "withCoordinates": optional(BooleanWord()),
    "order": optional(Choice(["asc", "desc"])),
    "orderBy": optional(Choice(["takenAt", "createdAt"])),
    "visibility": optional(Choice(["archive", "timeline", "hidden", "locked"])),
    "bbox": optional(Text()),
}


def _checked(ctx: Context, values: dict[str, Any]) -> None:
    """Refuse what the timeline can't show."""
    require_elevated(ctx, values.get("visibility"))
    if values.get("albumId"):
        album_for(ctx, values["albumId"], "album.read")
    elif ctx.auth.shared_link is not None:
        raise no_access("timeline.read")
    user_id = values.get("userId")
    if user_id not in (None, ctx.user.id) and user_id not in ctx.state.partners_of(ctx.user.id):
        raise no_access("timeline.read")
    if values.get("withPartners"):
        plain = (
            values.get("visibility") == "timeline"
            if ctx.dialect.strict
            else values.get("visibility", "timeline") == "timeline"
        )
        if not plain or values.get("isFavorite") is not None or values.get("isTrashed"):
            raise bad_request(
                "withPartners is only supported for non-archived, non-trashed, "
                "non-favorited, non-locked assets"
            )


def _found(ctx: Context, values: dict[str, Any]) -> Iterator[Asset]:
    """Yield the assets of the filter in no particular order."""
    state = ctx.state
    tests: list[Callable[[Asset], bool]] = []
    if album_id := values.get("albumId"):
        members = state.albums[album_id].assets
        tests.append(lambda asset: asset.id in members)
    else:
        owners = {values.get("userId") or ctx.user.id}
        if values.get("withPartners"):
            owners |= state.partners_of(ctx.user.id, in_timeline=True)
        tests.append(lambda asset: asset.owner_id in owners)
    if "visibility" in values:
        wanted = Visibility(values["visibility"])
        tests.append(lambda asset: asset.visibility is wanted)
    else:
        shown = (Visibility.TIMELINE, Visibility.ARCHIVE)
        tests.append(lambda asset: asset.visibility in shown)
    trashed = values.get("isTrashed", False)
    tests.append(lambda asset: asset.is_trashed == trashed)
    if "isFavorite" in values:
        favorite = values["isFavorite"]
        tests.append(lambda asset: asset.is_favorite == favorite)
    if person_id := values.get("personId"):
        tests.append(
            lambda asset: any(
                face.person_id == person_id for face in state.faces_of_asset.get(asset.id, {}).values()
            )
        )
    if tag_id := values.get("tagId"):
        family = tag_family(state, tag_id)
        tests.append(lambda asset: not family.isdisjoint(asset.tag_ids))
    if values.get("withStacked"):
        tests.append(lambda asset: _leads(ctx, asset))
    if bbox := values.get("bbox"):
        tests.append(_inside(bbox))
    return (asset for asset in state.assets.values() if all(test(asset) for test in tests))


def _leads(ctx: Context, asset: Asset) -> bool:
    """Tell whether an asset stands alone or is the first of its stack."""
    if asset.stack_id is None:
        return True
    return ctx.state.stacks[asset.stack_id].primary_asset_id == asset.id


def _inside(bbox: str) -> Callable[[Asset], bool]:
    """Return the test for a box `west,south,east,north` in degrees."""
    try:
        west, south, east, north = (float(part) for part in bbox.split(","))
    except ValueError as error:
        raise bad_request("Validation failed") from error

    def test(asset: Asset) -> bool:
        latitude, longitude = asset.exif.latitude, asset.exif.longitude
        if latitude is None or longitude is None:
            return False
        return south <= latitude <= north and west <= longitude <= east

    return test


def _moment(asset: Asset, values: dict[str, Any]) -> datetime:
    """Return the moment that decides on the month."""
    return asset.created_at if values.get("orderBy") == "createdAt" else asset.local_date_time


@route("GET", "timeline/buckets", scope="asset.read", shared=True)
async def buckets(ctx: Context) -> Any:
    """Count assets by month, newest first."""
    values = ctx.query(Obj(FILTER))
    _checked(ctx, values)
    counts: Counter[str] = Counter()
    for asset in _found(ctx, values):
        counts[f"{_moment(asset, values):%Y-%m}-01"] += 1
    newest_first = values.get("order") != "asc"
    return [{"timeBucket": month, "count": counts[month]} for month in sorted(counts, reverse=newest_first)]


@route("GET", "timeline/bucket", scope="asset.read", shared=True)
async def bucket(ctx: Context) -> Any:
    """Show one month as columns; only the first of a month is a month."""
    values = ctx.query(Obj({**FILTER, "timeBucket": Text()}))
    _checked(ctx, values)
    start = parse_lenient(values["timeBucket"])
    if start is None:
        raise ApiError(500, "Failed to get time bucket")
    found = [
        asset
        for asset in _found(ctx, values)
        if start.day == 1
        and (_moment(asset, values).year, _moment(asset, values).month) == (start.year, start.month)
    ]
    found.sort(key=lambda asset: _moment(asset, values), reverse=values.get("order") != "asc")
    return _columns(ctx, found, values)


def _columns(ctx: Context, found: list[Asset], values: dict[str, Any]) -> dict[str, Any]:
    """Write assets as one list per attribute, the moments without a zone."""
    strict = ctx.dialect.strict
    columns: dict[str, Any] = {
        "duration": [_duration(ctx, asset) for asset in found],
        "id": [asset.id for asset in found],
        "visibility": [asset.visibility.value for asset in found],
        "isFavorite": [asset.is_favorite and asset.owner_id == ctx.user.id for asset in found],
        "isImage": [asset.type is AssetType.IMAGE for asset in found],
        "isTrashed": [asset.is_trashed for asset in found],
        "livePhotoVideoId": [asset.live_photo_video_id for asset in found],
        "fileCreatedAt": [naive(asset.file_created_at) for asset in found],
        "localOffsetHours": [
            views.number((asset.local_date_time - asset.file_created_at).total_seconds() / 3600)
            for asset in found
        ],
    }
    if strict:
        columns["createdAt"] = [naive(asset.created_at) for asset in found]
    columns |= {
        "ownerId": [asset.owner_id for asset in found],
        "projectionType": [asset.exif.projection_type for asset in found],
        "ratio": [
            views.number(round(asset.width / asset.height, 3)) if asset.width and asset.height else 1
            for asset in found
        ],
        "status": ["trashed" if asset.is_trashed else "active" for asset in found],
        "thumbhash": [asset.thumbhash for asset in found],
        "city": [asset.exif.city for asset in found],
        "country": [asset.exif.country for asset in found],
    }
    if values.get("withCoordinates") and ctx.dialect.version.at_least("1.138.0"):
        columns["latitude"] = [views.number(asset.exif.latitude) for asset in found]
        columns["longitude"] = [views.number(asset.exif.longitude) for asset in found]
    if values.get("withStacked"):
        columns["stack"] = [_stack(ctx, asset) for asset in found]
    return columns


def _duration(ctx: Context, asset: Asset) -> int | str | None:
    """Return the length; photos have none here even before Immich 3."""
    return None if asset.duration is None else views.duration(ctx.dialect, asset)


def _stack(ctx: Context, asset: Asset) -> list[str] | None:
    """Return the stack's id and the number of its assets, which is a text."""
    if asset.stack_id is None:
        return None
    return [asset.stack_id, str(len(ctx.state.stacks[asset.stack_id].asset_ids))]
