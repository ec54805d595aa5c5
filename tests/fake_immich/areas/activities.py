"""Activities: comments and likes in shared albums."""

from typing import Any

from .. import views
from ..access import album_for
from ..answers import Answer, created, no_access, no_content
from ..context import Context
from ..dates import millis
from ..models import Activity
from ..routing import route
from ..rules import Choice, Text, Uuid
from ..validate import Obj, Path, optional

KIND = Choice(["comment", "like"])


def _view(ctx: Context, activity: Activity) -> dict[str, Any]:
    return {
        "id": activity.id,
        "assetId": activity.asset_id,
        "createdAt": millis(activity.created_at),
        "comment": activity.comment,
        "type": activity.type,
        "user": views.user_nested(ctx.state.users[activity.user_id]),
    }


@route("GET", "activities", scope="activity.read", shared=True)
async def list_activities(ctx: Context) -> Any:
    """List what was said in an album or about one of its pictures."""
    values = ctx.query(
        Obj(
            {
                "albumId": Uuid(),
                "assetId": optional(Uuid()),
                "type": optional(KIND),
                "level": optional(Choice(["album", "asset"])),
                "userId": optional(Uuid()),
            }
        )
    )
    album = album_for(ctx, values["albumId"], "album.read")
    return [
        _view(ctx, each)
        for each in sorted(ctx.state.activities.values(), key=lambda each: each.created_at)
        if each.album_id == album.id
        and values.get("assetId", each.asset_id) == each.asset_id
        and values.get("type", each.type) == each.type
        and values.get("userId", each.user_id) == each.user_id
        and not (values.get("level") == "album" and each.asset_id is not None)
    ]


def _needs_comment(values: dict[str, Any]) -> tuple[Path, str] | None:
    """Complain about a comment without words."""
    if values["type"] == "comment" and not values.get("comment"):
        return (("comment",), "Comment is required when type is COMMENT")
    return None


CREATE = Obj(
    {
        "albumId": Uuid(),
        "assetId": optional(Uuid()),
        "type": KIND,
        "comment": optional(Text()),
    },
    _needs_comment,
)


@route("POST", "activities", scope="activity.create", shared=True)
async def create_activity(ctx: Context) -> Any:
    """Comment or like; a second like is the first one again, with 200."""
    values = ctx.body(CREATE)
    album = album_for(ctx, values["albumId"], "activity.create")
    if not album.is_activity_enabled:
        raise no_access("activity.create")
    asset_id = values.get("assetId")
    if values["type"] == "like":
        for each in ctx.state.activities.values():
            if (each.type, each.user_id, each.album_id, each.asset_id) == (
                "like",
                ctx.user.id,
                album.id,
                asset_id,
            ):
                return Answer(body=_view(ctx, each))
    activity = Activity(
        id=ctx.state.new_id(),
        user_id=ctx.user.id,
        album_id=album.id,
        type=values["type"],
        created_at=ctx.state.now(),
        asset_id=asset_id,
        comment=values.get("comment") if values["type"] == "comment" else None,
    )
    ctx.state.activities[activity.id] = activity
    return created(_view(ctx, activity))


@route("GET", "activities/statistics", scope="activity.statistics", shared=True)
async def activity_statistics(ctx: Context) -> Any:
    """Count comments and, since 2.0, likes."""
    values = ctx.query(Obj({"albumId": Uuid(), "assetId": optional(Uuid())}))
    album = album_for(ctx, values["albumId"], "album.read")
    kinds = [
        each.type
        for each in ctx.state.activities.values()
        if each.album_id == album.id and values.get("assetId", each.asset_id) == each.asset_id
    ]
    return {"comments": kinds.count("comment"), "likes": kinds.count("like")}


@route("DELETE", "activities/{id}", scope="activity.delete")
async def delete_activity(ctx: Context) -> Any:
    """Remove what one said oneself, or what was said in one's own album."""
    activity = ctx.state.activities.get(ctx.id())
    if activity is None or ctx.user.id not in (
        activity.user_id,
        ctx.state.albums[activity.album_id].owner_id,
    ):
        raise no_access("activity.delete")
    del ctx.state.activities[activity.id]
    return no_content()
