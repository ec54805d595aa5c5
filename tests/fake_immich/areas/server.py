"""What the server says about itself."""

from typing import Any

from .. import media_types
from ..answers import TextAnswer, no_content, not_found, ok
from ..context import Context
from ..dates import millis, millis_or_none
from ..models import AssetType
from ..routing import route
from ..rules import Text
from ..validate import Obj


@route("GET", "server/ping", public=True, maintenance=True)
async def ping(ctx: Context) -> Any:
    """Answer pong; says nothing about the key."""
    return {"res": "pong"}


@route("GET", "server-info/version", public=True, until="1.118.0")
@route("GET", "server/version", public=True, maintenance=True, since="1.106.0")
async def version(ctx: Context) -> Any:
    """Tell the release as numbers."""
    own = ctx.dialect.version
    body: dict[str, Any] = {"major": own.major, "minor": own.minor, "patch": own.patch}
    if ctx.dialect.strict:
        body["prerelease"] = None
    return body


@route("GET", "server/about", scope="server.about")
async def about(ctx: Context) -> Any:
    """Tell the release as text, and what it was built with."""
    own = ctx.dialect.version
    return {
        "version": f"v{own}",
        "versionUrl": f"https://github.com/immich-app/immich/releases/tag/v{own}",
        "licensed": ctx.state.settings.server_license is not None,
        "repository": "immich-app/immich",
        "sourceRef": f"v{own}",
        "sourceCommit": "0" * 40,
        "nodejs": "v24.15.0",
        "exiftool": "13.59",
        "ffmpeg": "7.1.4",
        "libvips": "8.17.3",
        "imagemagick": "7.1.2-15",
    }


@route("GET", "server/config", public=True, maintenance=True)
async def config(ctx: Context) -> Any:
    """Tell public settings; in maintenance mode only that it is on (seen on 3.1.0)."""
    if ctx.fake.maintenance:
        return {"maintenanceMode": True}
    settings = ctx.state.settings
    body: dict[str, Any] = {
        "loginPageMessage": settings.login_page_message,
        "trashDays": settings.trash_days,
        "userDeleteDelay": 7,
        "oauthButtonText": "Login with OAuth",
        "isInitialized": any(user.is_admin for user in ctx.state.users.values()),
        "isOnboarded": settings.is_onboarded,
        "externalDomain": settings.external_domain,
        "publicUsers": settings.public_users,
        "mapDarkStyleUrl": "https://tiles.immich.cloud/v1/style/dark.json",
        "mapLightStyleUrl": "https://tiles.immich.cloud/v1/style/light.json",
    }
    if ctx.dialect.version.at_least("2.3.0"):
        body["maintenanceMode"] = False
    if ctx.dialect.strict:
        body["minFaces"] = 3
    if ctx.dialect.version.at_least("3.2.0"):
        body["oauthAccountManagementUrl"] = None
    return body


@route("GET", "server/features", public=True)
async def features(ctx: Context) -> Any:
    """Tell which features are switched on."""
    settings = ctx.state.settings
    body = {
        "smartSearch": settings.smart_search,
        "facialRecognition": True,
        "duplicateDetection": True,
        "map": True,
        "reverseGeocoding": True,
        "importFaces": False,
        "sidecar": True,
        "search": True,
        "trash": settings.trash_enabled,
        "oauth": False,
        "oauthAutoLaunch": False,
        "passwordLogin": True,
        "configFile": False,
        "email": False,
    }
    if ctx.dialect.version.at_least("2.2.0"):
        body["ocr"] = True
    if ctx.dialect.strict:
        body["realtimeTranscoding"] = False
    return body


@route("GET", "server/storage", scope="server.storage")
async def storage(ctx: Context) -> Any:
    """Tell how full the disk is; use and available need not add up to the size."""
    settings = ctx.state.settings
    return {
        "diskAvailable": human(settings.disk_available),
        "diskSize": human(settings.disk_size),
        "diskUse": human(settings.disk_use),
        "diskAvailableRaw": settings.disk_available,
        "diskSizeRaw": settings.disk_size,
        "diskUseRaw": settings.disk_use,
        "diskUsagePercentage": round(100 * settings.disk_use / settings.disk_size, 2),
    }


def human(size: float) -> str:
    """Write bytes as Immich does: ``252.0 GiB``."""
    unit = "B"
    for larger in ("KiB", "MiB", "GiB", "TiB", "PiB"):
        if size < 1024:
            break
        size /= 1024
        unit = larger
    return f"{size:.1f} {unit}"


@route("GET", "server/statistics", scope="server.statistics", admin=True)
async def statistics(ctx: Context) -> Any:
    """Count everybody's files, without the trash."""
    rows = []
    for user in ctx.state.users.values():
        photos, videos = (
            ctx.state.count(user.id, kind=kind, is_trashed=False)
            for kind in (AssetType.IMAGE, AssetType.VIDEO)
        )
        of_photos, of_videos = (
            ctx.state.usage(user.id, kind, with_trash=False) for kind in (AssetType.IMAGE, AssetType.VIDEO)
        )
        rows.append(
            {
                "userId": user.id,
                "userName": user.name,
                "photos": photos,
                "videos": videos,
                "usage": of_photos + of_videos,
                "usagePhotos": of_photos,
                "usageVideos": of_videos,
                "quotaSizeInBytes": user.quota_size,
            }
        )
    names = ("photos", "videos", "usage", "usagePhotos", "usageVideos")
    return {**{name: sum(row[name] for row in rows) for name in names}, "usageByUser": rows}


@route("GET", "server/version-check", scope={"1.0.0": "all", "1.138.0": "server.versionCheck"})
async def version_check(ctx: Context) -> Any:
    """Tell what the last look for a newer release found."""
    settings = ctx.state.settings
    return {
        "checkedAt": millis_or_none(settings.checked_at),
        "releaseVersion": settings.release_version,
    }


@route("GET", "server/version-history", public=True)
async def version_history(ctx: Context) -> Any:
    """List the releases that ran here, newest first."""
    return [
        {"id": row_id, "createdAt": millis(moment), "version": text}
        for row_id, moment, text in ctx.state.version_history
    ]


@route("GET", "server/media-types", public=True)
async def allowed_media_types(ctx: Context) -> Any:
    """List the file name endings that uploads may have."""
    return {
        "video": list(media_types.VIDEO),
        "image": list(media_types.IMAGE),
        "sidecar": list(media_types.SIDECAR),
    }


@route("GET", "server/license", scope="serverLicense.read", admin=True)
async def get_license(ctx: Context) -> Any:
    """Tell the licence; 404 without one."""
    if ctx.state.settings.server_license is None:
        raise not_found()
    return ok(ctx.state.settings.server_license)


@route("PUT", "server/license", scope="serverLicense.update", admin=True)
async def set_license(ctx: Context) -> Any:
    """Enter a licence."""
    values = ctx.body(Obj({"licenseKey": Text(), "activationKey": Text()}))
    ctx.state.settings.server_license = {**values, "activatedAt": millis(ctx.state.now())}
    return ctx.state.settings.server_license


@route("DELETE", "server/license", scope="serverLicense.delete", admin=True)
async def delete_license(ctx: Context) -> Any:
    """Remove the licence."""
    ctx.state.settings.server_license = None
    return ctx.dialect.no_content()


@route("GET", "server/theme", public=True, until="3.0.0")
async def theme(ctx: Context) -> Any:
    """Tell the custom style sheet."""
    return {"customCss": ""}


@route("GET", "server/apk-links", scope="server.apkLinks")
async def apk_links(ctx: Context) -> Any:
    """List the addresses of the Android app of this release."""
    base = f"https://github.com/immich-app/immich/releases/download/v{ctx.dialect.version}"
    return {
        "arm64v8a": f"{base}/app-arm64-v8a-release.apk",
        "armeabiv7a": f"{base}/app-armeabi-v7a-release.apk",
        "universal": f"{base}/app-release.apk",
        "x86_64": f"{base}/app-x86_64-release.apk",
    }


@route("GET", "spec.json", public=True)
async def spec(ctx: Context) -> Any:
    """Give a stand-in for the server's own API description: its head only."""
    text = f'{{"openapi":"3.0.0","info":{{"title":"Immich","version":"{ctx.dialect.version}"}}}}'
    return TextAnswer(
        content=text.encode(),
        content_type="application/json; charset=utf-8",
        strong_etag=True,
        anonymous=True,
    )


@route("GET", "system-metadata/admin-onboarding", scope="systemMetadata.read", admin=True)
async def admin_onboarding(ctx: Context) -> Any:
    """Tell whether the administrator was led through the first steps."""
    return {"isOnboarded": ctx.state.settings.is_onboarded}


@route("POST", "system-metadata/admin-onboarding", scope="systemMetadata.update", admin=True)
async def set_admin_onboarding(ctx: Context) -> Any:
    """Note that the administrator was led through the first steps."""
    ctx.state.settings.is_onboarded = True
    return no_content()
