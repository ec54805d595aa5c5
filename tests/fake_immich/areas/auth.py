"""Logging in and out, sessions and the PIN."""

from datetime import timedelta
from typing import Any

from ..answers import Answer, ApiError, bad_request, created, no_content
from ..context import Context
from ..dates import millis
from ..models import Session
from ..routing import route
from ..rules import Text
from ..validate import Obj, optional

_MONTHS_13 = 34560000
_PIN_LASTS = timedelta(minutes=15)
_PIN = Text(pattern=r"\d{6}")


@route("POST", "auth/login", public=True)
async def login(ctx: Context) -> Any:
    """Start a session."""
    values = ctx.body(Obj({"email": Text(), "password": Text()}))
    user = ctx.state.user_by_email(values["email"].lower())
    if user is None or user.password != values["password"]:
        raise ApiError(401, "Incorrect email or password")
    now = ctx.state.now()
    session = Session(
        id=ctx.state.new_id(),
        token=ctx.state.new_secret(),
        user_id=user.id,
        created_at=now,
        updated_at=now,
    )
    ctx.state.sessions[session.token] = session
    until = f"{now + timedelta(seconds=_MONTHS_13):%a, %d %b %Y %H:%M:%S GMT}"
    rest = f"Max-Age={_MONTHS_13}; Path=/; Expires={until}"
    answer = created(
        {
            "accessToken": session.token,
            "userId": user.id,
            "userEmail": user.email,
            "name": user.name,
            "isAdmin": user.is_admin,
            "profileImagePath": user.profile_image_path,
            "shouldChangePassword": user.should_change_password,
            "isOnboarded": user.is_onboarded,
        }
    )
    answer.cookies = [
        f"immich_access_token={session.token}; {rest}; HttpOnly; SameSite=Lax",
        f"immich_auth_type=password; {rest}; HttpOnly; SameSite=Lax",
        f"immich_is_authenticated=true; {rest}; SameSite=Lax",
    ]
    return answer


@route("POST", "auth/logout", scope={"1.0.0": "all"})
async def logout(ctx: Context) -> Any:
    """End the session."""
    if ctx.auth.session is not None:
        ctx.state.sessions.pop(ctx.auth.session.token, None)
        ctx.state.emit("on_session_delete", ctx.user.id, ctx.auth.session.id)
    gone = "Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    return Answer(
        body={"successful": True, "redirectUri": "/auth/login?autoLaunch=0"},
        cookies=[
            f"immich_access_token=; {gone}",
            f"immich_auth_type=; {gone}",
            f"immich_is_authenticated=; {gone}",
        ],
    )


@route("POST", "auth/validateToken", scope="all", until="1.141.0")
@route("POST", "auth/validateToken", since="1.141.0")
async def validate_token(ctx: Context) -> Any:
    """Say that the credentials are good."""
    return {"authStatus": True}


@route("GET", "auth/status", scope={"1.0.0": "all"})
async def status(ctx: Context) -> Any:
    """Tell whether there are a password and a PIN, and whether the PIN was given."""
    body: dict[str, Any] = {
        "pinCode": ctx.user.pin_code is not None,
        "password": bool(ctx.user.password),
        "isElevated": ctx.auth.elevated,
    }
    if ctx.auth.elevated:
        body["pinExpiresAt"] = millis(ctx.state.now() + _PIN_LASTS)
    return body


@route("POST", "auth/pin-code", scope="pinCode.create")
async def set_pin(ctx: Context) -> Any:
    """Set a PIN for the first time."""
    values = ctx.body(Obj({"pinCode": _PIN}))
    if ctx.user.pin_code is not None:
        raise bad_request("User already has a PIN code")
    ctx.user.pin_code = values["pinCode"]
    return no_content() if ctx.dialect.version.at_least("1.138.0") else created(None)


@route("DELETE", "auth/pin-code", scope="pinCode.delete")
async def delete_pin(ctx: Context) -> Any:
    """Remove the PIN, given the password or the PIN itself."""
    values = ctx.body(Obj({"pinCode": optional(_PIN), "password": optional(Text())}))
    if ctx.user.pin_code is None:
        raise bad_request("User does not have a PIN code")
    if values.get("password") != ctx.user.password and (values.get("pinCode") != ctx.user.pin_code):
        raise bad_request("Wrong password" if "password" in values else "Wrong PIN code")
    ctx.user.pin_code = None
    return ctx.dialect.no_content()


@route("POST", "auth/session/unlock", scope="all")
async def unlock(ctx: Context) -> Any:
    """Open the locked folder for this session."""
    values = ctx.body(Obj({"pinCode": _PIN}))
    session = _session(ctx)
    if ctx.user.pin_code is None:
        raise bad_request("User does not have a PIN code")
    if ctx.user.pin_code != values["pinCode"]:
        raise bad_request("Wrong PIN code")
    session.elevated = True
    return ctx.dialect.no_content()


@route("POST", "auth/session/lock", scope="all")
async def lock(ctx: Context) -> Any:
    """Close the locked folder again."""
    _session(ctx).elevated = False
    return ctx.dialect.no_content()


def _session(ctx: Context) -> Session:
    if ctx.auth.session is None:
        raise bad_request("This endpoint can only be used with a session token")
    return ctx.auth.session


@route("GET", "sessions", scope="session.read")
async def list_sessions(ctx: Context) -> Any:
    """List one's sessions, the latest first."""
    mine = [each for each in ctx.state.sessions.values() if each.user_id == ctx.user.id]
    mine.sort(key=lambda each: each.updated_at, reverse=True)
    return [_view(ctx, each) for each in mine]


@route("DELETE", "sessions/{id}", scope="session.delete")
async def delete_session(ctx: Context) -> Any:
    """End another session."""
    session_id = ctx.id()
    for each in list(ctx.state.sessions.values()):
        if each.id == session_id and each.user_id == ctx.user.id:
            del ctx.state.sessions[each.token]
            ctx.state.emit("on_session_delete", ctx.user.id, each.id)
            return no_content()
    raise bad_request("Not found or no authDevice.delete access")


def _view(ctx: Context, each: Session) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": each.id,
        "createdAt": millis(each.created_at),
        "updatedAt": millis(each.updated_at),
        "current": ctx.auth.session is each,
        "deviceOS": each.device_os,
        "deviceType": each.device_type,
        "isPendingSyncReset": False,
    }
    if ctx.dialect.version.at_least("2.2.0"):
        body["appVersion"] = None
    return body
