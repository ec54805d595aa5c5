"""The map: where photos were taken, and which city is where."""

from typing import Any

from .. import views
from ..context import Context
from ..models import Visibility
from ..places import nearest
from ..routing import route
from ..rules import BooleanWord, Moment, Number
from ..validate import Obj, optional

MARKERS = Obj(
    {
        "isArchived": optional(BooleanWord()),
        "isFavorite": optional(BooleanWord()),
        "fileCreatedAfter": optional(Moment()),
        "fileCreatedBefore": optional(Moment()),
        "withPartners": optional(BooleanWord()),
        "withSharedAlbums": optional(BooleanWord()),
    }
)


@route("GET", "map/markers", scope={"1.137.0": "all", "2.5.0": "map.read"})
async def markers(ctx: Context) -> Any:
    """List every asset with a position, newest first, in one answer."""
    values = ctx.query(MARKERS)
    state, me = ctx.state, ctx.user.id
    owners = {me}
    if values.get("withPartners"):
        owners |= state.partners_of(me)
    shared: set[str] = set()
    if values.get("withSharedAlbums"):
        shared = {asset_id for album in state.albums_of(me) for asset_id in album.assets}
    shown = {Visibility.TIMELINE}
    if values.get("isArchived"):
        # It adds the archived ones instead of asking for them alone (seen on 3.1.0).
        shown.add(Visibility.ARCHIVE)
    after, before = values.get("fileCreatedAfter"), values.get("fileCreatedBefore")
    return [
        {
            "id": asset.id,
            "lat": views.number(asset.exif.latitude),
            "lon": views.number(asset.exif.longitude),
            "city": asset.exif.city,
            "state": asset.exif.state,
            "country": asset.exif.country,
        }
        for asset in state.assets_by_date()
        if asset.exif.latitude is not None
        and asset.exif.longitude is not None
        and (asset.owner_id in owners or asset.id in shared)
        and asset.visibility in shown
        and not asset.is_trashed
        and values.get("isFavorite", asset.is_favorite) == asset.is_favorite
        and (after is None or asset.file_created_at >= after)
        and (before is None or asset.file_created_at <= before)
    ]


@route("GET", "map/reverse-geocode", scope={"1.137.0": "all", "2.5.0": "map.search"})
async def reverse_geocode(ctx: Context) -> Any:
    """Name the city at a position; nowhere is a list with one element of nulls."""
    values = ctx.query(
        Obj(
            {
                "lat": Number(minimum=-90, maximum=90, text=True),
                "lon": Number(minimum=-180, maximum=180, text=True),
            }
        )
    )
    place = nearest(values["lat"], values["lon"])
    if place is None:
        return [{"country": None, "state": None, "city": None}]
    return [{"country": place.country, "state": place.state, "city": place.city}]
