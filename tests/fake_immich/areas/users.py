"""One's own account, and what is known of others."""

from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from .. import views
from ..answers import FileAnswer, bad_request, created, no_content, not_found
from ..context import Context
from ..dates import day, millis, parse_day
from ..models import User
from ..multipart import Part, read_parts
from ..routing import route
from ..rules import Boolean, Choice, Text
from ..validate import Anything, Obj, optional

AVATAR_COLORS = ["primary", "pink", "red", "yellow", "blue", "green", "purple", "orange", "gray", "amber"]


@route("GET", "users", scope="user.read")
async def list_users(ctx: Context) -> Any:
    """List all users, newest first; only oneself if the administrator says so."""
    users = sorted(ctx.state.users.values(), key=lambda user: user.created_at, reverse=True)
    if not ctx.user.is_admin and not ctx.state.settings.public_users:
        users = [ctx.user]
    return [views.user(user) for user in users if user.deleted_at is None]


@route("GET", "users/me", scope="user.read")
async def me(ctx: Context) -> Any:
    """Tell who is asking, with the quota."""
    return views.user_admin(ctx.state, ctx.user, ctx.dialect)


@route("PATCH", "users/me", scope="user.update", since="3.0.0")
@route("PUT", "users/me", scope="user.update")
async def update_me(ctx: Context) -> Any:
    """Change one's own account."""
    values = ctx.body(
        Obj(
            {
                "email": optional(Text()),
                "name": optional(Text()),
                "avatarColor": optional(Choice(AVATAR_COLORS), nullable=True),
                "password": optional(Text()),
            }
        )
    )
    user = ctx.user
    user.name = values.get("name", user.name)
    user.email = values.get("email", user.email)
    user.password = values.get("password", user.password)
    user.avatar_color = values.get("avatarColor") or user.avatar_color
    user.updated_at = ctx.state.now()
    return views.user_admin(ctx.state, user, ctx.dialect)


def preferences(ctx: Context, user: User) -> dict[str, Any]:
    """Return a user's switches: the defaults and what was changed."""
    own = ctx.dialect.version
    people: dict[str, Any] = {"enabled": True, "sidebarWeb": False}
    if ctx.dialect.strict:
        people["minimumFaces"] = 3
    body: dict[str, dict[str, Any]] = {
        "albums": {"defaultAssetOrder": "desc"},
        "folders": {"enabled": False, "sidebarWeb": False},
        "memories": {"enabled": True},
        "people": people,
        "sharedLinks": {"enabled": True, "sidebarWeb": False},
        "ratings": {"enabled": False},
        "tags": {"enabled": False, "sidebarWeb": False},
        "emailNotifications": {"enabled": True, "albumInvite": True, "albumUpdate": True},
        "download": {"archiveSize": 4294967296, "includeEmbeddedVideos": False},
        "purchase": {"showSupportBadge": True, "hideBuyButtonUntil": "2022-02-12T00:00:00.000Z"},
        "cast": {"gCastEnabled": False},
    }
    if own.at_least("2.0.0"):
        body["memories"]["duration"] = 5
    if ctx.dialect.strict:
        body["recentlyAdded"] = {"sidebarWeb": False}
    if own.at_least("3.2.0"):
        body["memories"]["sidebarWeb"] = False
    if own.at_least("3.3.0"):
        people["updateStrategy"] = "everyone"
    return {name: {**values, **user.preferences.get(name, {})} for name, values in body.items()}


@route("GET", "users/me/preferences", scope="userPreference.read")
async def my_preferences(ctx: Context) -> Any:
    """Tell one's own switches."""
    return preferences(ctx, ctx.user)


@route("PATCH", "users/me/preferences", scope="userPreference.update", since="3.0.0")
@route("PUT", "users/me/preferences", scope="userPreference.update")
async def update_my_preferences(ctx: Context) -> Any:
    """Change one's own switches; what is not named stays."""
    names = {name: optional(Anything()) for name in preferences(ctx, ctx.user)}
    for name, changes in ctx.body(Obj(names)).items():
        ctx.user.preferences.setdefault(name, {}).update(changes)
    return preferences(ctx, ctx.user)


@route("GET", "users/me/onboarding", scope="userOnboarding.read")
async def my_onboarding(ctx: Context) -> Any:
    """Tell whether one was led through the first steps."""
    return {"isOnboarded": ctx.user.is_onboarded}


@route("PUT", "users/me/onboarding", scope="userOnboarding.update")
async def set_my_onboarding(ctx: Context) -> Any:
    """Note whether one was led through the first steps."""
    ctx.user.is_onboarded = ctx.body(Obj({"isOnboarded": Boolean()}))["isOnboarded"]
    return {"isOnboarded": ctx.user.is_onboarded}


@route("GET", "users/me/license", scope="userLicense.read")
async def my_license(ctx: Context) -> Any:
    """Tell one's licence; 404 without one."""
    if ctx.user.license is None:
        raise not_found()
    return ctx.user.license


@route("GET", "users/me/calendar-heatmap", scope="user.read", since="3.0.0")
async def my_heatmap(ctx: Context) -> Any:
    """Count one's uploads day by day over a year."""
    today = ctx.state.now().date()
    values = ctx.query(Obj({"from": optional(Text()), "to": optional(Text())}))
    last = parse_day(values.get("to", "")) or today
    first = parse_day(values.get("from", "")) or last - timedelta(days=363)
    counts: Counter[date] = Counter(
        asset.created_at.date()
        for asset in ctx.state.assets.values()
        if asset.owner_id == ctx.user.id and not asset.is_trashed
    )
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    series = [{"date": day(each), "count": counts[each]} for each in days]
    return {
        "from": day(first),
        "to": day(last),
        "series": series,
        "totalCount": sum(counts[each] for each in days),
    }


@route("GET", "users/{id}", scope="user.read")
async def get_user(ctx: Context) -> Any:
    """Tell of another user."""
    user = ctx.state.users.get(ctx.id())
    if user is None:
        raise bad_request("User not found")
    return views.user(user)


@route("GET", "users/{id}/profile-image", scope="userProfileImage.read")
async def profile_image(ctx: Context) -> Any:
    """Send a user's picture; 404 without one."""
    user = ctx.state.users.get(ctx.id())
    if user is None or user.profile_image is None:
        raise not_found()
    return FileAnswer(
        content=user.profile_image,
        content_type="image/webp",
        modified=user.profile_changed_at,
        cache_control="public, max-age=0",
    )


@route("POST", "users/profile-image", scope="userProfileImage.update", raw=True)
async def set_profile_image(ctx: Context) -> Any:
    """Take one's own picture."""
    content = bytearray()

    async def take(part: Part) -> None:
        async for block in part.blocks:
            content.extend(block)

    await read_parts(ctx.request, {"file": take})
    out = BytesIO()
    try:
        Image.open(BytesIO(content)).convert("RGB").resize((250, 250)).save(out, "WEBP")
    except OSError:
        raise bad_request("Unsupported image") from None
    user = ctx.user
    user.profile_image = out.getvalue()
    user.profile_image_path = f"/data/profile/{user.id}/{ctx.state.new_id()}.webp"
    user.profile_changed_at = ctx.state.now()
    return created(
        {
            "userId": user.id,
            "profileImagePath": user.profile_image_path,
            "profileChangedAt": millis(user.profile_changed_at),
        }
    )


@route("DELETE", "users/profile-image", scope="userProfileImage.delete")
async def delete_profile_image(ctx: Context) -> Any:
    """Remove one's own picture."""
    ctx.user.profile_image = None
    ctx.user.profile_image_path = ""
    ctx.user.profile_changed_at = ctx.state.now()
    return no_content()
