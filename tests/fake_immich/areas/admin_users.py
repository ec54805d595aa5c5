"""Accounts, as administrators see them."""

from typing import Any

from .. import views
from ..answers import bad_request, created
from ..context import Context
from ..models import AssetType, User, Visibility
from ..routing import route
from ..rules import Boolean, BooleanWord, Choice, Number, Text
from ..validate import Obj, optional
from .users import AVATAR_COLORS, preferences

_CHANGES = {
    "avatarColor": optional(Choice(AVATAR_COLORS), nullable=True),
    "email": optional(Text()),
    "name": optional(Text()),
    "password": optional(Text()),
    "isAdmin": optional(Boolean()),
    "shouldChangePassword": optional(Boolean()),
    "storageLabel": optional(Text(), nullable=True),
    "quotaSizeInBytes": optional(Number(minimum=0, whole=True), nullable=True),
}


def _user(ctx: Context) -> User:
    user = ctx.state.users.get(ctx.id())
    if user is None:
        raise bad_request("User not found")
    return user


@route("GET", "admin/users", scope="adminUser.read", admin=True)
async def list_users(ctx: Context) -> Any:
    """List all users with their quotas, newest first."""
    wanted = ctx.query(Obj({"withDeleted": optional(BooleanWord())})).get("withDeleted", False)
    users = sorted(ctx.state.users.values(), key=lambda user: user.created_at, reverse=True)
    return [
        views.user_admin(ctx.state, user, ctx.dialect) for user in users if wanted or user.deleted_at is None
    ]


@route("POST", "admin/users", scope="adminUser.create", admin=True)
async def create_user(ctx: Context) -> Any:
    """Make an account."""
    values = ctx.body(Obj({**_CHANGES, "email": Text(), "name": Text(), "password": Text()}))
    if ctx.state.user_by_email(values["email"]) is not None:
        raise bad_request("User exists")
    user = ctx.state.add_user(values.pop("name"), values.pop("email"))
    _change(ctx, user, values)
    return created(views.user_admin(ctx.state, user, ctx.dialect))


@route("GET", "admin/users/{id}", scope="adminUser.read", admin=True)
async def get_user(ctx: Context) -> Any:
    """Tell of one user."""
    return views.user_admin(ctx.state, _user(ctx), ctx.dialect)


@route("PATCH", "admin/users/{id}", scope="adminUser.update", admin=True, since="3.0.0")
@route("PUT", "admin/users/{id}", scope="adminUser.update", admin=True)
async def update_user(ctx: Context) -> Any:
    """Change an account."""
    user = _user(ctx)
    _change(ctx, user, ctx.body(Obj(_CHANGES)))
    return views.user_admin(ctx.state, user, ctx.dialect)


@route("DELETE", "admin/users/{id}", scope="adminUser.delete", admin=True)
async def delete_user(ctx: Context) -> Any:
    """Mark an account for deletion, or with ``force`` delete it soon."""
    user = _user(ctx)
    force = ctx.body(Obj({"force": optional(Boolean())})).get("force", False)
    if user.is_admin:
        raise bad_request("Cannot delete admin user")
    user.status = "removing" if force else "deleted"
    user.deleted_at = user.updated_at = ctx.state.now()
    body = views.user_admin(ctx.state, user, ctx.dialect)
    if force:
        ctx.fake.spawn(_remove(ctx, user))
    return body


async def _remove(ctx: Context, user: User) -> None:
    state = ctx.state
    for asset_id in [a.id for a in state.assets.values() if a.owner_id == user.id]:
        state.remove_asset(asset_id)
    for album_id in [a.id for a in state.albums.values() if a.owner_id == user.id]:
        state.remove_album(album_id)
    for key_id in [k.id for k in state.api_keys.values() if k.user_id == user.id]:
        del state.api_keys[key_id]
    del state.users[user.id]
    state.emit("on_user_delete", None, user.id)


@route("POST", "admin/users/{id}/restore", scope="adminUser.delete", admin=True)
async def restore_user(ctx: Context) -> Any:
    """Bring an account back."""
    user = _user(ctx)
    user.status = "active"
    user.deleted_at = None
    user.updated_at = ctx.state.now()
    return views.user_admin(ctx.state, user, ctx.dialect)


@route("GET", "admin/users/{id}/preferences", scope="adminUser.read", admin=True)
async def user_preferences(ctx: Context) -> Any:
    """Tell a user's switches."""
    return preferences(ctx, _user(ctx))


@route("GET", "admin/users/{id}/statistics", scope="adminUser.read", admin=True)
async def user_statistics(ctx: Context) -> Any:
    """Count a user's assets."""
    user = _user(ctx)
    visible = (Visibility.TIMELINE, Visibility.ARCHIVE)
    images, videos = (
        ctx.state.count(user.id, kind=kind, visibility=visible, is_trashed=False)
        for kind in (AssetType.IMAGE, AssetType.VIDEO)
    )
    return {"images": images, "videos": videos, "total": images + videos}


def _change(ctx: Context, user: User, values: dict[str, Any]) -> None:
    names = {
        "avatarColor": "avatar_color",
        "email": "email",
        "name": "name",
        "password": "password",
        "isAdmin": "is_admin",
        "shouldChangePassword": "should_change_password",
        "storageLabel": "storage_label",
        "quotaSizeInBytes": "quota_size",
    }
    for given, own in names.items():
        if given in values and not (given == "avatarColor" and values[given] is None):
            setattr(user, own, values[given])
    user.updated_at = ctx.state.now()
