"""Maintenance mode: nearly everything is gone until it ends."""

from datetime import timedelta
from typing import Any

from ..answers import Answer, ApiError
from ..context import Context
from ..routing import route
from ..rules import Choice
from ..validate import Obj

COOKIE = "immich_maintenance_token"
_DAY = 86400


@route("POST", "admin/maintenance", scope="maintenance", admin=True, since="2.3.0")
async def start(ctx: Context) -> Any:
    """Restart into maintenance mode; the cookie of the answer is the way out."""
    action = ctx.body(Obj({"action": Choice(_actions(ctx))}))["action"]
    if action != "start":
        return Answer(status=201)
    token = ctx.state.new_secret()
    ctx.fake.maintenance_token = token
    ctx.fake.maintenance = True
    ctx.state.emit("AppRestartV1", None, {"isMaintenanceMode": True})
    until = f"{ctx.state.now() + timedelta(seconds=_DAY):%a, %d %b %Y %H:%M:%S GMT}"
    cookie = f"{COOKIE}={token}; Max-Age={_DAY}; Path=/; Expires={until}; HttpOnly; SameSite=Lax"
    return Answer(status=201, cookies=[cookie])


def _actions(ctx: Context) -> list[str]:
    names = ["start", "end"]
    if ctx.dialect.version.at_least("2.5.0"):
        names += ["select_database_restore", "restore_database"]
    return names


@route("POST", "admin/maintenance", public=True, maintenance=True, only_maintenance=True, since="2.3.0")
async def end(ctx: Context) -> Any:
    """End maintenance mode; keys are no use here."""
    token = ctx.request.cookies.get(COOKIE)
    if token is None:
        raise ApiError(401, "Missing JWT Token")
    if token != ctx.fake.maintenance_token:
        raise ApiError(401, "Invalid JWT Token")
    if ctx.body(Obj({"action": Choice(_actions(ctx))}))["action"] == "end":
        ctx.fake.maintenance = False
        ctx.state.emit("MaintenanceStatusV1", None, {"active": False, "action": "end"})
        ctx.state.emit("AppRestartV1", None, {"isMaintenanceMode": False})
    return Answer(status=201)


@route("GET", "admin/maintenance/status", public=True, maintenance=True, since="2.5.0")
async def status(ctx: Context) -> Any:
    """Tell whether maintenance mode is on."""
    on = ctx.fake.maintenance
    return {"active": on, "action": "start" if on else "end"}
