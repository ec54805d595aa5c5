"""Notifications: messages of the server or an admin to a user."""

from typing import Any

from ..answers import bad_request, created, no_access
from ..context import Context
from ..dates import millis
from ..models import Notification
from ..routing import route
from ..rules import BooleanWord, Choice, Moment, Text, Uuid
from ..validate import Anything, Array, Obj, optional

LEVELS = ["success", "error", "warning", "info"]


def _kinds(ctx: Context) -> Choice:
    """Return the types that the release knows."""
    kinds = ["JobFailed", "BackupFailed", "SystemMessage"]
    if ctx.dialect.version.at_least("2.1.0"):
        kinds += ["AlbumInvite", "AlbumUpdate"]
    if ctx.dialect.version.at_least("3.2.0"):
        kinds.append("ClusterGroupRequest")
    return Choice([*kinds, "Custom"])


def view(notification: Notification) -> dict[str, Any]:
    """Write a notification; members that are not set are left out."""
    body: dict[str, Any] = {
        "id": notification.id,
        "createdAt": millis(notification.created_at),
        "level": notification.level,
        "type": notification.type,
        "title": notification.title,
    }
    if notification.description is not None:
        body["description"] = notification.description
    if notification.data is not None:
        body["data"] = notification.data
    if notification.read_at is not None:
        body["readAt"] = millis(notification.read_at)
    return body


def _own(ctx: Context, notification_id: str, permission: str) -> Notification:
    found = ctx.state.notifications.get(notification_id)
    if found is None or found.user_id != ctx.user.id:
        raise no_access(permission)
    return found


@route("GET", "notifications", scope="notification.read")
async def list_notifications(ctx: Context) -> Any:
    """List the user's notifications, newest first."""
    values = ctx.query(
        Obj(
            {
                "id": optional(Uuid()),
                "level": optional(Choice(LEVELS)),
                "type": optional(_kinds(ctx)),
                "unread": optional(BooleanWord()),
            }
        )
    )
    found = [
        each
        for each in ctx.state.notifications.values()
        if each.user_id == ctx.user.id
        and values.get("id", each.id) == each.id
        and values.get("level", each.level) == each.level
        and values.get("type", each.type) == each.type
        and not (values.get("unread") and each.read_at is not None)
    ]
    found.sort(key=lambda each: each.created_at, reverse=True)
    return [view(each) for each in found]


@route("PUT", "notifications", scope="notification.update")
async def update_notifications(ctx: Context) -> Any:
    """Mark several as read, or as unread with null."""
    values = ctx.body(Obj({"ids": Array(Uuid(), minimum=1), "readAt": optional(Moment(), nullable=True)}))
    for each in [_own(ctx, each, "notification.update") for each in values["ids"]]:
        each.read_at = values.get("readAt", each.read_at)
    return ctx.dialect.no_content()


@route("DELETE", "notifications", scope="notification.delete")
async def delete_notifications(ctx: Context) -> Any:
    """Remove several."""
    ids = ctx.body(Obj({"ids": Array(Uuid(), minimum=1)}))["ids"]
    for each in [_own(ctx, each, "notification.delete") for each in ids]:
        del ctx.state.notifications[each.id]
    return ctx.dialect.no_content()


@route("GET", "notifications/{id}", scope="notification.read")
async def get_notification(ctx: Context) -> Any:
    """Describe one; Immich 3 says "not found" of every one that exists (seen on 3.1.0)."""
    found = _own(ctx, ctx.id(), "notification.read")
    if ctx.dialect.strict:
        raise bad_request("Notification not found")
    return view(found)


@route("PUT", "notifications/{id}", scope="notification.update")
async def update_notification(ctx: Context) -> Any:
    """Mark one as read or unread."""
    notification_id = ctx.id()
    values = ctx.body(Obj({"readAt": optional(Moment(), nullable=True)}))
    found = _own(ctx, notification_id, "notification.update")
    found.read_at = values.get("readAt", found.read_at)
    return view(found)


@route("DELETE", "notifications/{id}", scope="notification.delete")
async def delete_notification(ctx: Context) -> Any:
    """Remove one."""
    del ctx.state.notifications[_own(ctx, ctx.id(), "notification.delete").id]
    return ctx.dialect.no_content()


@route("POST", "admin/notifications", scope="all", admin=True)
async def create_notification(ctx: Context) -> Any:
    """Write to a user; this sends no live event."""
    values = ctx.body(
        Obj(
            {
                "level": optional(Choice(LEVELS)),
                "type": optional(_kinds(ctx)),
                "title": Text(),
                "description": optional(Text(), nullable=True),
                "data": optional(Anything(), nullable=True),
                "readAt": optional(Moment(), nullable=True),
                "userId": Uuid(),
            }
        )
    )
    found = Notification(
        id=ctx.state.new_id(),
        user_id=values["userId"],
        created_at=ctx.state.now(),
        level=values.get("level", "info"),
        type=values.get("type", "Custom"),
        title=values["title"],
        description=values.get("description"),
        data=values.get("data"),
        read_at=values.get("readAt"),
    )
    ctx.state.notifications[found.id] = found
    return created(view(found))
