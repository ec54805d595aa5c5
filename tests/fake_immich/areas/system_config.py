"""The administrator's settings, and what ordinary users and visitors see of them."""

from typing import Any

from ..context import Context
from ..dates import millis_or_none
from ..routing import route
from ..rules import Boolean, Number, Text
from ..system_settings import Document, current, defaults, save
from ..validate import Anything, Array, Obj, Rule, optional

READ = "systemConfig.read"


@route("GET", "system-config", scope=READ, admin=True)
@route("GET", "admin/config", scope="adminConfig.read", admin=True, since="3.2.0")
async def get_config(ctx: Context) -> Any:
    """Show all settings."""
    return current(ctx.state.settings, ctx.dialect.version)


def _rule(value: Any) -> Rule:
    """Return the check that a value of the same kind passes."""
    match value:
        case dict():
            return Obj({name: _member(part) for name, part in value.items()})
        case bool():
            return Boolean()
        case int() | float():
            return Number()
        case list():
            return Array(Anything())
        case _:
            return Text()


def _member(value: Any) -> Any:
    return optional(Number(), nullable=True) if value is None else _rule(value)


@route("PUT", "system-config", scope="systemConfig.update", admin=True)
@route("PUT", "admin/config", scope="adminConfig.update", admin=True, since="3.2.0")
async def put_config(ctx: Context) -> Any:
    """Save all settings; a part of them is refused."""
    rule = _rule(defaults(ctx.dialect.version))
    if not isinstance(rule, Obj):
        raise TypeError("the settings are an object")
    save(ctx.state.settings, ctx.body(rule))
    ctx.state.emit("on_config_update", None)
    return current(ctx.state.settings, ctx.dialect.version)


@route("GET", "system-config/defaults", scope=READ, admin=True)
@route("GET", "admin/config/defaults", scope="adminConfig.read", admin=True, since="3.2.0")
async def get_defaults(ctx: Context) -> Any:
    """Show the settings of a fresh server."""
    return defaults(ctx.dialect.version)


@route("GET", "system-config/storage-template-options", scope=READ, admin=True)
async def storage_template_options(ctx: Context) -> Any:
    """List the words that a storage template may use."""
    return {
        "secondOptions": ["s", "ss", "SSS"],
        "minuteOptions": ["m", "mm"],
        "dayOptions": ["d", "dd"],
        "weekOptions": ["W", "WW"],
        "hourOptions": ["h", "hh", "H", "HH"],
        "yearOptions": ["y", "yy"],
        "monthOptions": ["M", "MM", "MMM", "MMMM"],
        "presetOptions": [
            "{{y}}/{{y}}-{{MM}}-{{dd}}/{{filename}}",
            "{{y}}/{{MM}}-{{dd}}/{{filename}}",
            "{{y}}/{{MM}}/{{filename}}",
            "{{album}}/{{filename}}",
        ],
    }


@route("GET", "system-metadata/reverse-geocoding-state", scope="systemMetadata.read", admin=True)
async def reverse_geocoding_state(ctx: Context) -> Any:
    """Tell how old the geocoding data is."""
    return {"lastUpdate": "2026-01-01T00:00:00+00:00", "lastImportFileName": "cities500.txt"}


@route("GET", "system-metadata/version-check-state", scope="systemMetadata.read", admin=True)
async def version_check_state(ctx: Context) -> Any:
    """Tell what the last version check found."""
    settings = ctx.state.settings
    return {
        "checkedAt": millis_or_none(settings.checked_at),
        "releaseVersion": settings.release_version,
    }


#: What users see since 3.2, by path; a name without more is shown whole.
_FOR_USERS = (
    "ffmpeg.realtime",
    "image.fullsize.enabled",
    "image.preview.size",
    "image.thumbnail.size",
    "machineLearning.clip.enabled",
    "machineLearning.duplicateDetection.enabled",
    "machineLearning.enabled",
    "machineLearning.facialRecognition.enabled",
    "machineLearning.facialRecognition.minFaces",
    "machineLearning.ocr.enabled",
    "map",
    "oauth.autoLaunch",
    "oauth.buttonText",
    "oauth.enabled",
    "passwordLogin",
    "reverseGeocoding",
    "server",
    "theme",
    "trash",
    "user",
)

#: What visitors without a key see since 3.2.
_FOR_VISITORS = (
    "oauth.autoLaunch",
    "oauth.buttonText",
    "oauth.enabled",
    "passwordLogin",
    "server.loginPageMessage",
    "theme",
)


def _pick(document: Document, paths: tuple[str, ...]) -> Document:
    """Copy some parts of a document."""
    picked: Document = {}
    for path in paths:
        *parents, last = path.split(".")
        source, target = document, picked
        for name in parents:
            source, target = source[name], target.setdefault(name, {})
        target[last] = source[last]
    return picked


@route("GET", "config", scope="userConfig.read", since="3.2.0")
async def user_config(ctx: Context) -> Any:
    """Show users the settings that concern them."""
    return _pick(current(ctx.state.settings, ctx.dialect.version), _FOR_USERS)


@route("GET", "public/config", public=True, since="3.2.0")
async def public_config(ctx: Context) -> Any:
    """Show visitors what the log-in page needs."""
    return _pick(current(ctx.state.settings, ctx.dialect.version), _FOR_VISITORS)
