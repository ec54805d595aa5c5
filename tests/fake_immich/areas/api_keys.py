"""API keys."""

from typing import Any

from ..answers import ApiError, bad_request, created, no_content
from ..context import Context
from ..dates import millis
from ..models import ApiKey
from ..permissions import permissions
from ..routing import route
from ..rules import Choice, Text
from ..validate import Array, Obj, optional


def view(key: ApiKey) -> dict[str, Any]:
    """Write a key without its secret."""
    return {
        "id": key.id,
        "name": key.name,
        "createdAt": millis(key.created_at),
        "updatedAt": millis(key.updated_at),
        "permissions": key.permissions,
    }


@route("GET", "api-keys/me", since="1.139.0")
async def me(ctx: Context) -> Any:
    """Tell of the key that is used; any key may ask."""
    if ctx.auth.api_key is None:
        raise ApiError(403, "Not authenticated with an API Key")
    return view(ctx.auth.api_key)


@route("GET", "api-keys", scope="apiKey.read")
async def list_keys(ctx: Context) -> Any:
    """List one's own keys, newest first."""
    keys = [key for key in ctx.state.api_keys.values() if key.user_id == ctx.user.id]
    return [view(key) for key in sorted(keys, key=lambda key: key.created_at, reverse=True)]


@route("POST", "api-keys", scope="apiKey.create")
async def create_key(ctx: Context) -> Any:
    """Make a key; the secret is told this once. A key gives no more than it has."""
    known = Array(Choice(permissions(ctx.dialect.version)), minimum=1)
    values = ctx.body(Obj({"name": optional(Text()), "permissions": known}))
    if not all(ctx.auth.may(scope) for scope in values["permissions"]):
        raise bad_request("Cannot grant permissions you do not have")
    key = ctx.state.add_api_key(ctx.user, values["permissions"], name=values.get("name", "API Key"))
    return created(_view_with_secret(ctx, key))


def _view_with_secret(ctx: Context, key: ApiKey) -> dict[str, Any]:
    """Write a key with its secret; since 3.2 its members stand beside ``apiKey``, too."""
    body = {"secret": key.secret, "apiKey": view(key)}
    return {**view(key), **body} if ctx.dialect.version.at_least("3.2.0") else body


@route("GET", "api-keys/{id}", scope="apiKey.read")
async def get_key(ctx: Context) -> Any:
    """Tell of one of one's own keys."""
    return view(_key(ctx))


@route("PATCH", "api-keys/{id}", scope="apiKey.update", since="3.0.0")
@route("PUT", "api-keys/{id}", scope="apiKey.update")
async def update_key(ctx: Context) -> Any:
    """Rename a key or change what it may."""
    key_id = ctx.id()
    known = Array(Choice(permissions(ctx.dialect.version)), minimum=1)
    values = ctx.body(Obj({"name": optional(Text()), "permissions": optional(known)}))
    key = _key(ctx, key_id)
    if not all(ctx.auth.may(scope) for scope in values.get("permissions", ())):
        raise bad_request("Cannot grant permissions you do not have")
    key.name = values.get("name", key.name)
    key.permissions = values.get("permissions", key.permissions)
    key.updated_at = ctx.state.now()
    return view(key)


@route("POST", "api-keys/{id}/rotate", scope="apiKey.rotate", since="3.2.0")
async def rotate_key(ctx: Context) -> Any:
    """Give a key a new secret; the old one is dead at once."""
    key = _key(ctx)
    key.secret = ctx.state.new_secret()
    key.updated_at = ctx.state.now()
    return created(_view_with_secret(ctx, key))


@route("DELETE", "api-keys/{id}", scope="apiKey.delete")
async def delete_key(ctx: Context) -> Any:
    """Revoke a key."""
    del ctx.state.api_keys[_key(ctx).id]
    return no_content()


def _key(ctx: Context, key_id: str | None = None) -> ApiKey:
    key = ctx.state.api_keys.get(key_id or ctx.id())
    if key is None or key.user_id != ctx.user.id:
        raise bad_request("API Key not found")
    return key
