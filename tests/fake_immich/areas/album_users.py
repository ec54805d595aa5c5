"""Sharing albums with other users."""

import json
from typing import Any, override

from ..access import album_for
from ..album_views import album
from ..answers import bad_request, no_access, no_content
from ..context import Context
from ..dates import millis
from ..dialect import Dialect
from ..models import Album, Notification, Role
from ..routing import route
from ..rules import Choice, Uuid
from ..validate import Array, Obj, Path, Problems, Rule


def role_rule(dialect: Dialect) -> Choice:
    """Return the roles that one may name; owner is a role since Immich 3."""
    return Choice(Role if dialect.strict else (Role.EDITOR, Role.VIEWER))


class _UserOrMe(Rule):
    """A user's id, or the word ``me``."""

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        return value if value == "me" else Uuid().check(value, path, problems)


def invite(ctx: Context, shared: Album, user_id: str) -> None:
    """Tell a user about an album that was shared; ``data`` is JSON in a text (seen on 3.1)."""
    note = Notification(
        id=ctx.state.new_id(),
        user_id=user_id,
        created_at=ctx.state.now(),
        level="success",
        type="AlbumInvite",
        title="Shared Album Invitation",
        description=f"{ctx.user.name} shared an album ({shared.name}) with you",
        data=json.dumps({"albumId": shared.id}, separators=(",", ":")),
    )
    ctx.state.notifications[note.id] = note
    payload = {
        "id": note.id,
        "createdAt": millis(note.created_at),
        "level": note.level,
        "type": note.type,
        "title": note.title,
        "description": note.description,
        "data": note.data,
    }
    ctx.state.emit("on_notification", user_id, payload)


@route("PUT", "albums/{id}/users", scope="albumUser.create")
async def add_users(ctx: Context) -> Any:
    """Share an album; whoever is a member already is left as is."""
    album_id = ctx.id()
    entry = Obj({"userId": Uuid(), "role": role_rule(ctx.dialect)})
    values = ctx.body(Obj({"albumUsers": Array(entry, minimum=1)}))
    allowed = (Role.OWNER, Role.EDITOR) if ctx.dialect.strict else (Role.OWNER,)
    found = album_for(ctx, album_id, "album.share", *allowed)
    for each in values["albumUsers"]:
        if each["role"] == Role.OWNER:
            raise bad_request("Cannot add another owner")
        user_id = each["userId"]
        if user_id in found.members:
            if not ctx.dialect.strict:
                owner = found.members[user_id] is Role.OWNER
                raise bad_request("Cannot be shared with owner" if owner else "User already added")
            continue
        if user_id not in ctx.state.users:
            raise bad_request("Invalid user" if ctx.dialect.strict else "User not found")
        found.members[user_id] = Role(each["role"])
        found.updated_at = ctx.state.now()
        invite(ctx, found, user_id)
    return album(ctx, found, changed=True)


@route("PUT", "albums/{id}/user/{userId}", scope="albumUser.update")
async def set_role(ctx: Context) -> Any:
    """Give a member another role."""
    album_id = ctx.id()
    user_id = _user_id(ctx)
    role = Role(ctx.body(Obj({"role": role_rule(ctx.dialect)}))["role"])
    found = album_for(ctx, album_id, "album.share", Role.OWNER)
    if user_id not in found.members:
        raise bad_request("Album not shared with user")
    if Role.OWNER in (role, found.members[user_id]):
        raise bad_request("Cannot add another owner")
    found.members[user_id] = role
    return ctx.dialect.no_content()


@route("DELETE", "albums/{id}/user/{userId}", scope="albumUser.delete")
async def remove_user(ctx: Context) -> Any:
    """Take a member out; members may leave by themselves."""
    album_id = ctx.id()
    user_id = _user_id(ctx)
    found = album_for(ctx, album_id, "album.read")
    if user_id not in found.members:
        raise bad_request("Album not shared with user")
    if found.members[user_id] is Role.OWNER:
        whom = "the last album owner" if ctx.dialect.strict else "album owner"
        raise bad_request(f"Cannot remove {whom}")
    if ctx.user.id not in (user_id, found.owner_id):
        raise no_access("album.share")
    del found.members[user_id]
    found.updated_at = ctx.state.now()
    return no_content() if ctx.dialect.strict else ctx.dialect.no_content()


def _user_id(ctx: Context) -> str:
    given = str(ctx.param("userId", _UserOrMe()))
    return ctx.user.id if given == "me" else given
