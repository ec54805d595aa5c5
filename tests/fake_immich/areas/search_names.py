"""Names to search by: cities, cameras, places of the gazetteer, people."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from .. import views
from ..context import Context
from ..dates import millis
from ..models import Asset, Exif, Visibility
from ..places import find_places
from ..routing import route
from ..rules import BooleanWord, Choice, Text
from ..search_filter import fold
from ..validate import Obj, optional

#: Explore shows so many cities and uploads, each city with so many photos at least.
EXPLORE_CITIES = 12
EXPLORE_LEAST = 5

_FIELDS = {
    "country": "country",
    "state": "state",
    "city": "city",
    "camera-make": "make",
    "camera-model": "model",
    "camera-lens-model": "lens_model",
}
_NARROWED_BY = {
    "state": ("country",),
    "city": ("country", "state"),
    "camera-make": ("model",),
    "camera-model": ("make",),
    "camera-lens-model": ("make", "model"),
}


def _shown(ctx: Context) -> Iterator[Asset]:
    """Yield what shows in the user's timeline, partners' assets included."""
    owners = {ctx.user.id} | ctx.state.partners_of(ctx.user.id, in_timeline=True)
    return (
        asset
        for asset in ctx.state.assets_by_date()
        if asset.owner_id in owners and asset.visibility is Visibility.TIMELINE and asset.trashed_at is None
    )


@route("GET", "search/suggestions", scope="asset.read")
async def suggestions(ctx: Context) -> Any:
    """List the values that a filter field has in the library, sorted."""
    kinds = list(_FIELDS)
    if not ctx.dialect.version.at_least("2.2.0"):
        kinds.remove("camera-lens-model")
    values = ctx.query(
        Obj(
            {
                "type": Choice(kinds),
                "country": optional(Text()),
                "state": optional(Text()),
                "make": optional(Text()),
                "model": optional(Text()),
                "lensModel": optional(Text()),
                "includeNull": optional(BooleanWord()),
            }
        )
    )
    field = _FIELDS[values["type"]]
    narrowed = [(name, values[name]) for name in _NARROWED_BY.get(values["type"], ()) if name in values]
    found: set[str] = set()
    has_none = False
    for asset in _shown(ctx):
        if any(getattr(asset.exif, name) != wanted for name, wanted in narrowed):
            continue
        if value := _value(asset.exif, field):
            found.add(value)
        else:
            has_none = True
    names: list[str | None] = [*sorted(found)]
    return [*names, None] if values.get("includeNull") and has_none else names


def _value(exif: Exif, field: str) -> str | None:
    value: str | None = getattr(exif, field)
    return value


@route("GET", "search/cities", scope="asset.read")
async def cities(ctx: Context) -> Any:
    """Show one asset per city, sorted by the city's name."""
    newest: dict[str, Asset] = {}
    for asset in _shown(ctx):
        if asset.exif.city and asset.exif.city not in newest:
            newest[asset.exif.city] = asset
    return [
        views.asset(ctx.dialect, ctx.state, newest[city], ctx.user.id, exif=True, people="empty")
        for city in sorted(newest)
    ]


@route("GET", "search/explore", scope="asset.read")
async def explore(ctx: Context) -> Any:
    """Show the cities with the most photos and, since 3.0, the latest uploads."""
    counts: Counter[str] = Counter()
    newest: dict[str, Asset] = {}
    shown = [asset for asset in _shown(ctx) if asset.owner_id == ctx.user.id]
    for asset in shown:
        if asset.exif.city:
            counts[asset.exif.city] += 1
            newest.setdefault(asset.exif.city, asset)
    top = [city for city, count in counts.most_common(EXPLORE_CITIES) if count >= EXPLORE_LEAST]
    groups = [
        {
            "fieldName": "exifInfo.city",
            "items": [{"value": city, "data": _explored(ctx, newest[city])} for city in top],
        }
    ]
    if ctx.dialect.strict:
        latest = sorted(shown, key=lambda asset: asset.created_at, reverse=True)
        groups.append(
            {
                "fieldName": "createdAt",
                "items": [
                    {"value": millis(asset.created_at), "data": _explored(ctx, asset)}
                    for asset in latest[:EXPLORE_CITIES]
                ],
            }
        )
    return groups


def _explored(ctx: Context, asset: Asset) -> dict[str, Any]:
    return views.asset(ctx.dialect, ctx.state, asset, ctx.user.id, exif=True, people="full", tags=True)


@route("GET", "search/places", scope="asset.read")
async def places(ctx: Context) -> Any:
    """Look a city up in the geocoding data."""
    name = ctx.query(Obj({"name": Text()}))["name"]
    found: list[dict[str, Any]] = []
    for place in find_places(name):
        body: dict[str, Any] = {
            "name": place.city,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "admin1name": place.state,
        }
        if place.district:
            body["admin2name"] = place.district
        found.append(body)
    return found


@route("GET", "search/person", scope="person.read")
async def search_person(ctx: Context) -> Any:
    """Find people by the start of any word of their name."""
    values = ctx.query(Obj({"name": Text(), "withHidden": optional(BooleanWord())}))
    wanted = fold(values["name"])
    if not wanted:
        return []
    return [
        views.person(ctx.dialect, person)
        for person in ctx.state.people.values()
        if person.owner_id == ctx.user.id
        and (values.get("withHidden") or not person.is_hidden)
        and (fold(person.name).startswith(wanted) or f" {wanted}" in fold(person.name))
    ]
