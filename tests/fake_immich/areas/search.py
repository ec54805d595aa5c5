"""Searching assets: by metadata, by meaning, at random; counting them."""

from collections.abc import Iterable
from hashlib import sha1
from itertools import islice
from typing import Any

from .. import views
from ..access import readable, require_elevated
from ..answers import bad_request, no_access
from ..context import Context
from ..models import Asset, AssetType, Visibility
from ..routing import route
from ..rules import BooleanWord, Number, Text, Uuid
from ..search_filter import filter_body, filter_rules, fold, matching
from ..state import State
from ..validate import Member, Obj, optional

#: Fields that `State.count` can answer without looking at assets.
_COUNTED = {"type", "visibility", "isFavorite"}


def _item(ctx: Context, asset: Asset, values: dict[str, Any], *, people: bool) -> dict[str, Any]:
    """Write an asset as searches do: exifInfo and people only when asked for."""
    full = people and bool(values.get("withPeople"))
    return views.asset(
        ctx.dialect,
        ctx.state,
        asset,
        # In albums a search shows even the owner's people to members (seen on 3.1.0).
        asset.owner_id if full else ctx.user.id,
        exif=bool(values.get("withExif")),
        people="full" if full else "empty",
    )


def _page(
    ctx: Context,
    found: Iterable[Asset],
    values: dict[str, Any],
    *,
    size: int,
    people: bool,
) -> dict[str, Any]:
    """Answer one page; `total` is the length of this page, `nextPage` a text."""
    page = values.get("page", 1)
    size = values.get("size", size)
    start = (page - 1) * size
    part = list(islice(found, start, start + size + 1))
    items = [_item(ctx, asset, values, people=people) for asset in part[:size]]
    assets: dict[str, Any] = {
        "total": len(items),
        "count": len(items),
        "items": items,
        "facets": [],
        "nextPage": str(page + 1) if len(part) > size else None,
    }
    if ctx.dialect.version.at_least("3.2.0"):
        # Only structured searches get a cursor; flat ones go on by pages.
        assets["nextCursor"] = None
    return {"albums": {"total": 0, "count": 0, "items": [], "facets": []}, "assets": assets}


@route("POST", "search/metadata", scope="asset.read", until="3.0.2")
@route("POST", "search/metadata", scope="asset.read", shared=True, since="3.0.2")
async def search_metadata(ctx: Context) -> Any:
    """Find assets by what is known of them."""
    values = filter_body(ctx, names_files=True)
    require_elevated(ctx, values.get("visibility"))
    if ctx.auth.shared_link is not None and not values.get("albumIds"):
        raise bad_request("Shared link access is only allowed in combination with an albumIds filter")
    found = matching(
        ctx,
        values,
        whole_albums=ctx.dialect.strict,
        ascending=values.get("order") == "asc",
    )
    return _page(ctx, found, values, size=250, people=True)


@route("POST", "search/smart", scope="asset.read")
async def search_smart(ctx: Context) -> Any:
    """Find assets by meaning: all that pass the filter, the best first."""
    by_asset = ctx.dialect.version.at_least("1.141.0")
    more: dict[str, Member] = {"language": optional(Text())}
    if by_asset:
        more |= {"query": optional(Text()), "queryAssetId": optional(Uuid())}
    else:
        more["query"] = Member(Text(minimum=1))
    values = filter_body(ctx, more)
    require_elevated(ctx, values.get("visibility"))
    if not ctx.state.settings.smart_search:
        raise bad_request("Smart search is not enabled")
    query = values.get("query") or ""
    if asset_id := values.get("queryAssetId"):
        example = ctx.state.assets.get(asset_id)
        if example is None or not readable(ctx.state, ctx.auth, example):
            raise no_access("asset.read")
        wanted = _subjects(ctx.state, example)
    elif query:
        example = None
        wanted = {fold(word) for word in query.split()}
    else:
        raise bad_request("Either `query` or `queryAssetId` must be set")
    # The stand-in for CLIP: shared words first, the rest in a fixed shuffle.
    found = sorted(
        matching(ctx, values),
        key=lambda asset: (
            asset is not example,
            -_likeness(wanted, _subjects(ctx.state, asset)),
            sha1(f"{query}{asset.id}".encode()).digest(),
        ),
    )
    return _page(ctx, found, values, size=100, people=False)


def _subjects(state: State, asset: Asset) -> set[str]:
    """Return the words that a picture could be found by."""
    exif = asset.exif
    texts = [
        *asset.subjects,
        exif.description,
        exif.city or "",
        exif.country or "",
        asset.original_file_name.rpartition(".")[0].replace("_", " ").replace("-", " "),
        *(state.tags[tag_id].name for tag_id in asset.tag_ids),
        *(person.name for person in state.people_of_asset(asset.id)),
    ]
    return {word for text in texts for word in fold(text).split()}


def _likeness(wanted: set[str], words: set[str]) -> float:
    """Return how many of the wanted words are there; parts of words count half."""
    exact = len(wanted & words)
    partial = sum(
        any(word.startswith(each) or each.startswith(word) for word in words if len(word) > 2)
        for each in wanted - words
    )
    return exact + partial / 2


@route("POST", "search/random", scope="asset.read")
async def search_random(ctx: Context) -> Any:
    """Draw assets at random: a bare list, no paging."""
    values = filter_body(ctx)
    require_elevated(ctx, values.get("visibility"))
    found = list(matching(ctx, values))
    size = min(values.get("size", 250), len(found))
    return [_item(ctx, asset, values, people=True) for asset in ctx.state.random.sample(found, size)]


@route("POST", "search/statistics", scope="asset.statistics")
async def search_statistics(ctx: Context) -> Any:
    """Count the assets that a search would find."""
    values = filter_body(ctx)
    require_elevated(ctx, values.get("visibility"))
    asked = {name for name in values if name not in ("size", "page")}
    partners = ctx.state.partners_of(ctx.user.id, in_timeline=True)
    if asked <= _COUNTED and not partners and not ctx.auth.elevated:
        shown: list[Visibility] = [each for each in Visibility if each is not Visibility.LOCKED]
        if not ctx.dialect.strict:
            shown = [Visibility.TIMELINE]
        if "visibility" in values:
            shown = [Visibility(values["visibility"])]
        kind = values.get("type")
        return {
            "total": ctx.state.count(
                ctx.user.id,
                kind=None if kind is None else AssetType(kind),
                visibility=shown,
                is_favorite=values.get("isFavorite"),
                is_trashed=False,
            )
        }
    return {"total": sum(1 for _ in matching(ctx, values))}


@route("POST", "search/large-assets", scope="asset.read")
async def search_large_assets(ctx: Context) -> Any:
    """List the biggest assets; the filter comes in the query string."""
    words = BooleanWord()
    rules = dict(filter_rules(strict=ctx.dialect.strict))
    for name, member in rules.items():
        if name.startswith(("is", "with")):
            rules[name] = optional(words)
        elif isinstance(member.rule, Number):
            rules[name] = optional(
                Number(
                    minimum=member.rule.minimum,
                    maximum=member.rule.maximum,
                    whole=member.rule.whole,
                    text=True,
                )
            )
    rules["minFileSize"] = optional(Number(minimum=0, whole=True, text=True))
    values = ctx.query(Obj(rules))
    require_elevated(ctx, values.get("visibility"))
    least = values.get("minFileSize", 0)
    found = [asset for asset in matching(ctx, values) if (asset.exif.file_size or 0) >= least]
    found.sort(key=lambda asset: asset.exif.file_size or 0, reverse=True)
    values["withExif"] = True
    return [_item(ctx, asset, values, people=False) for asset in found[: values.get("size", 250)]]
