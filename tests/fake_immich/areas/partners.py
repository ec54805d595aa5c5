"""Partners: users who see each other's whole library."""

from typing import Any

from .. import views
from ..answers import ApiError, bad_request, created
from ..context import Context
from ..models import Partner, User
from ..routing import route
from ..rules import Boolean, Choice, Uuid
from ..validate import Obj


def _view(user: User, partner: Partner) -> dict[str, Any]:
    """Write the user at the other end."""
    return views.user_nested(user) | {"inTimeline": partner.in_timeline}


def _find(ctx: Context, shared_by: str, shared_with: str) -> Partner | None:
    return next(
        (
            each
            for each in ctx.state.partners
            if each.shared_by_id == shared_by and each.shared_with_id == shared_with
        ),
        None,
    )


@route("GET", "partners", scope="partner.read")
async def list_partners(ctx: Context) -> Any:
    """List whom I share with (`shared-by` me), or who shares with me."""
    values = ctx.query(Obj({"direction": Choice(["shared-by", "shared-with"])}))
    users, me = ctx.state.users, ctx.user.id
    if values["direction"] == "shared-by":
        return [
            _view(users[each.shared_with_id], each) for each in ctx.state.partners if each.shared_by_id == me
        ]
    return [_view(users[each.shared_by_id], each) for each in ctx.state.partners if each.shared_with_id == me]


@route("POST", "partners", scope="partner.create", since="1.142.0")
async def create_partner(ctx: Context) -> Any:
    """Share my library with a user."""
    return _created(ctx, ctx.body(Obj({"sharedWithId": Uuid()}))["sharedWithId"])


@route("POST", "partners/{id}", scope="partner.create")
async def create_partner_by_path(ctx: Context) -> Any:
    """Share my library with a user: the older form."""
    return _created(ctx, ctx.id())


def _created(ctx: Context, user_id: str) -> Any:
    if _find(ctx, ctx.user.id, user_id) is not None:
        raise bad_request("Partner already exists")
    if user_id not in ctx.state.users:
        raise ApiError(500, "Failed to create partner")
    partner = Partner(shared_by_id=ctx.user.id, shared_with_id=user_id)
    ctx.state.partners.append(partner)
    return created(_view(ctx.state.users[user_id], partner))


@route("PUT", "partners/{id}", scope="partner.update")
async def update_partner(ctx: Context) -> Any:
    """Show somebody's library in my timeline, or not."""
    user_id = ctx.id()
    in_timeline = ctx.body(Obj({"inTimeline": Boolean()}))["inTimeline"]
    partner = _find(ctx, user_id, ctx.user.id)
    if partner is None:
        raise bad_request("Not found or no partner.update access")
    partner.in_timeline = in_timeline
    return _view(ctx.state.users[user_id], partner)


@route("DELETE", "partners/{id}", scope="partner.delete")
async def delete_partner(ctx: Context) -> Any:
    """Stop sharing with somebody."""
    partner = _find(ctx, ctx.user.id, ctx.id())
    if partner is None:
        raise bad_request("Partner not found")
    ctx.state.partners.remove(partner)
    return ctx.dialect.no_content()
