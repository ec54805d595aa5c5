"""Changing assets, one or many."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .. import views
from ..access import require_asset, require_assets
from ..answers import ApiError, bad_request, no_content
from ..context import Context
from ..models import Asset, AssetType, Visibility
from ..places import nearest
from ..processing import process_now
from ..routing import route
from ..rules import Boolean, Choice, Number, Text, Uuid
from ..validate import Array, Member, Obj, optional

_NO_ZERO = "Rating must be -1 (rejected), 1–5 (starred), or null (unrated); 0 is not valid"


def _changes(ctx: Context) -> dict[str, Member]:
    """Return the members that single and bulk updates share."""
    rating_null = ctx.dialect.version.at_least("2.6.0")
    return {
        "isFavorite": optional(Boolean()),
        "visibility": optional(Choice(Visibility)),
        "dateTimeOriginal": optional(Text()),
        "latitude": optional(Number(minimum=-90, maximum=90)),
        "longitude": optional(Number(minimum=-180, maximum=180)),
        "rating": optional(Number(minimum=-1, maximum=5, whole=True), nullable=rating_null),
        "description": optional(Text()),
    }


def _together(values: dict[str, Any]) -> str | None:
    if ("latitude" in values) != ("longitude" in values):
        return "Latitude and longitude must be provided together"
    return None


def _rated(ctx: Context) -> Any:
    def check(values: dict[str, Any]) -> Any:
        if ctx.dialect.strict and values.get("rating") == 0:
            return (("rating",), _NO_ZERO)
        return None

    return check


@route("PATCH", "assets/{id}", scope="asset.update", since="3.0.0")
@route("PUT", "assets/{id}", scope="asset.update")
async def update_asset(ctx: Context) -> Any:
    """Change one asset; a new date or place shows only a moment later."""
    asset_id = ctx.id()
    members = _changes(ctx) | {"livePhotoVideoId": optional(Uuid(), nullable=True)}
    values = ctx.body(Obj(members, _rated(ctx), _together))
    asset = require_assets(ctx, "asset.update", [asset_id], change=True)[0]
    if "livePhotoVideoId" in values:
        _link(ctx, asset, values["livePhotoVideoId"])
    sidecar = _change(ctx, asset, values)
    body = views.asset(ctx.dialect, ctx.state, asset, ctx.user.id, exif=True, people="full")
    if sidecar:
        ctx.fake.spawn(_write_sidecar(ctx, asset))
    return body


@route("PATCH", "assets", scope="asset.update", since="3.0.0")
@route("PUT", "assets", scope="asset.update")
async def update_assets(ctx: Context) -> Any:
    """Change several assets; every change goes into the sidecars and is announced."""
    members: dict[str, Any] = {"ids": Array(Uuid())}
    members |= _changes(ctx)
    members["duplicateId"] = optional(Uuid(), nullable=True)
    if ctx.dialect.version.at_least("1.138.0"):
        members["dateTimeRelative"] = optional(Number(whole=True))
        members["timeZone"] = optional(Text())
    values = ctx.body(Obj(members, _rated(ctx), _together, _one_date))
    assets = require_assets(ctx, "asset.update", values["ids"], change=True)
    for asset in assets:
        _shift(ctx, asset, values)
        _change(ctx, asset, values)
        if "duplicateId" in values:
            asset.duplicate_id = values["duplicateId"]
        if values.get("visibility") == Visibility.LOCKED:
            for album_id in list(ctx.state.albums_of_asset.get(asset.id, ())):
                ctx.state.take_from_album(ctx.state.albums[album_id], asset.id)
        ctx.fake.spawn(_write_sidecar(ctx, asset))
    return no_content()


def _one_date(values: dict[str, Any]) -> str | None:
    if "dateTimeRelative" in values and "dateTimeOriginal" in values:
        return "dateTimeRelative cannot exist alongside dateTimeOriginal"
    return None


def _change(ctx: Context, asset: Asset, values: Mapping[str, Any]) -> bool:
    """Apply changes; tells whether the sidecar has to be written."""
    state = ctx.state
    exif: dict[str, Any] = {}
    if "dateTimeOriginal" in values:
        moment, zone = _postgres_moment(state.now(), values["dateTimeOriginal"])
        exif |= {"date_time_original": moment, "time_zone": zone}
    for name in ("description", "rating", "latitude", "longitude"):
        if name in values:
            exif[name] = values[name]
    state.update_exif(asset, **exif)
    changes: dict[str, Any] = {}
    if "isFavorite" in values:
        changes["is_favorite"] = values["isFavorite"]
    if "visibility" in values:
        changes["visibility"] = Visibility(values["visibility"])
    state.update_asset(asset, **changes)
    return bool(exif)


def _postgres_moment(now: datetime, text: str) -> tuple[datetime, str]:
    """Read a date as PostgreSQL does, words and all; 500 for what it does not know."""
    words = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if text.lower() in words:
        midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
        return midnight + timedelta(days=words[text.lower()]), "UTC+0"
    if text.lower() == "now":
        return now, "UTC+0"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(500, "Failed to update asset v3") from None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC), "UTC+0"
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    if minutes == 0:
        return moment.astimezone(UTC), "UTC"
    hours, rest = divmod(abs(minutes), 60)
    name = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
    return moment.astimezone(UTC), name


def _shift(ctx: Context, asset: Asset, values: Mapping[str, Any]) -> None:
    """Move the time by minutes and put it into another zone."""
    exif = asset.exif
    if "dateTimeRelative" in values:
        moment = exif.date_time_original or asset.file_created_at
        moved = moment + timedelta(minutes=values["dateTimeRelative"])
        ctx.state.update_exif(asset, date_time_original=moved)
    if "timeZone" in values:
        ctx.state.update_exif(asset, time_zone=values["timeZone"])


def _offset(name: str | None, moment: datetime) -> timedelta:
    """Return the offset of a zone's name such as ``UTC+5`` or ``Europe/Vienna``."""
    if name is None or name in ("UTC", "UTC+0"):
        return timedelta()
    if name.startswith(("UTC+", "UTC-")):
        hours, _, minutes = name[4:].partition(":")
        size = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return -size if name[3] == "-" else size
    try:
        return ZoneInfo(name).utcoffset(moment) or timedelta()
    except ZoneInfoNotFoundError, ValueError:
        return timedelta()


async def _write_sidecar(ctx: Context, asset: Asset) -> None:
    """Write the sidecar and read it back: dates and place follow, then the event."""
    state = ctx.state
    await asyncio.sleep(state.settings.sidecar_delay)
    if asset.id not in state.assets:
        return
    exif = asset.exif
    if exif.latitude is not None and exif.longitude is not None:
        place = nearest(exif.latitude, exif.longitude)
        state.update_exif(
            asset,
            city=place and place.city,
            state=place and place.state,
            country=place and place.country,
        )
        if place is not None and exif.time_zone in (None, "UTC"):
            exif.time_zone = place.zone
    if exif.date_time_original is not None:
        moment = exif.date_time_original
        state.update_asset(
            asset,
            file_created_at=moment,
            local_date_time=moment + _offset(exif.time_zone, moment),
        )
    body = views.asset(ctx.dialect, state, asset, asset.owner_id, exif=True, people="full", tags=True)
    state.emit("on_asset_update", asset.owner_id, body)


def _link(ctx: Context, asset: Asset, video_id: str | None) -> None:
    """Link a moving part, or bring it back into the timeline."""
    state = ctx.state
    if video_id is None:
        old = state.assets.get(asset.live_photo_video_id or "")
        if old is not None:
            state.update_asset(old, visibility=asset.visibility)
        asset.live_photo_video_id = None
        return
    video = state.assets.get(video_id)
    if video is None or video.owner_id != ctx.user.id:
        raise bad_request("Live photo video not found")
    if video.type is not AssetType.VIDEO:
        raise bad_request("Live photo video must be a video")
    asset.live_photo_video_id = video.id
    state.update_asset(video, visibility=Visibility.HIDDEN)
    state.emit("on_asset_hidden", asset.owner_id, video.id)


@route("PUT", "assets/copy", scope="asset.copy", since="2.2.0")
async def copy_asset(ctx: Context) -> Any:
    """Carry albums, favourite, links and stack from one asset to another."""
    flags = ("albums", "favorite", "sharedLinks", "sidecar", "stack")
    members: dict[str, Any] = {"sourceId": Uuid(), "targetId": Uuid()}
    members |= {name: optional(Boolean(), default=True) for name in flags}
    values = ctx.body(Obj(members))
    ids = [values["sourceId"], values["targetId"]]
    source, target = require_assets(ctx, "asset.copy", ids, change=True)
    if source is target:
        raise bad_request("Source and target id must be distinct")
    if values["albums"]:
        for album_id in sorted(ctx.state.albums_of_asset.get(source.id, ())):
            ctx.state.put_in_album(ctx.state.albums[album_id], target.id)
    if values["favorite"]:
        ctx.state.update_asset(target, is_favorite=source.is_favorite)
    if values["sharedLinks"]:
        for link in ctx.state.shared_links.values():
            if source.id in link.asset_ids and target.id not in link.asset_ids:
                link.asset_ids.append(target.id)
    return no_content()


@route("POST", "assets/jobs", scope={"1.0.0": "all", "2.5.0": "job.create"})
async def run_jobs(ctx: Context) -> Any:
    """Do some work on assets again."""
    names = ("refresh-faces", "refresh-metadata", "regenerate-thumbnail", "transcode-video")
    values = ctx.body(Obj({"assetIds": Array(Uuid()), "name": Choice(names)}))
    assets = require_assets(ctx, "asset.update", values["assetIds"], change=True)
    if values["name"] == "regenerate-thumbnail":
        for asset in assets:
            if not asset.processed:
                ctx.fake.spawn(process_now(ctx.fake, asset))
    return no_content()


@route("GET", "assets/{id}/edits", scope="asset.edit.get", since="2.5.0")
async def get_edits(ctx: Context) -> Any:
    """Show how a picture is cropped, turned and mirrored."""
    asset = require_asset(ctx, "asset.read")
    return {"assetId": asset.id, "edits": asset.edits}
