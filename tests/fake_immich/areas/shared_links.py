"""Shared links: public addresses of albums and of single assets."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any, Literal

from .. import album_views, views
from ..access import addable, album_for
from ..answers import Answer, ApiError, bad_request, created, forbidden, no_access
from ..context import Context
from ..dates import micros, millis, millis_or_none
from ..models import Role, SharedLink
from ..routing import route
from ..rules import Boolean, Choice, Moment, Text, Uuid
from ..validate import Array, Obj, optional

COOKIE = "immich_shared_link_token"
ASSET_IDS = Obj({"assetIds": Array(Uuid())})

TEXTS = {
    "description": optional(Text(), nullable=True),
    "password": optional(Text(), nullable=True),
    "slug": optional(Text(), nullable=True),
    "expiresAt": optional(Moment(), nullable=True),
}
CREATE = Obj(
    {
        "type": Choice(["ALBUM", "INDIVIDUAL"]),
        "assetIds": optional(Array(Uuid())),
        "albumId": optional(Uuid()),
        **TEXTS,
        "allowUpload": optional(Boolean(), default=True),
        "allowDownload": optional(Boolean(), default=True),
        "showMetadata": optional(Boolean(), default=True),
    }
)
EDIT = {
    **TEXTS,
    "allowUpload": optional(Boolean()),
    "allowDownload": optional(Boolean()),
    "showMetadata": optional(Boolean()),
}


type Form = Literal["change", "entry", "detail"]


def _view(ctx: Context, link: SharedLink, form: Form) -> dict[str, Any]:
    """Write a link; the password stands there in clear text.

    Answers to changes carry no album, and only a single link the assets' EXIF data.
    As an entry of a list a link shows just its first asset (all seen on 3.1.0).
    """
    shown = link.asset_ids[:1] if form == "entry" else link.asset_ids
    body: dict[str, Any] = {
        "id": link.id,
        "description": link.description,
        "password": link.password,
        "userId": link.user_id,
        "key": urlsafe_b64encode(link.key).decode().rstrip("="),
        "type": link.type,
        "createdAt": millis(link.created_at),
        "expiresAt": millis_or_none(link.expires_at),
        "assets": [
            views.asset(
                ctx.dialect,
                ctx.state,
                ctx.state.assets[asset_id],
                ctx.user.id,
                exif=form == "detail",
                people="empty",
                nested_dates=True,
            )
            for asset_id in shown
        ],
    }
    if form != "change" and link.album_id is not None:
        body["album"] = _album(ctx, link.album_id, form)
    body |= {
        "allowUpload": link.allow_upload,
        "allowDownload": link.allow_download,
        "showMetadata": link.show_metadata,
        "slug": link.slug,
    }
    if not ctx.dialect.strict:
        body["token"] = None
    return body


def _album(ctx: Context, album_id: str, form: Form) -> dict[str, Any]:
    """Write the album of a link: without members, in lists without its assets' facts."""
    album = ctx.state.albums[album_id]
    body = album_views.album(ctx, album, changed=True)
    if form == "entry":
        body["assetCount"] = 0
        body.pop("startDate", None)
        body.pop("endDate", None)
    return body | {
        "createdAt": micros(album.created_at),
        "updatedAt": micros(album.updated_at),
        "albumUsers": [],
    }


def _own(ctx: Context, link_id: str) -> SharedLink:
    link = ctx.state.shared_links.get(link_id)
    if link is None or link.user_id != ctx.user.id:
        raise bad_request("Shared link not found")
    return link


@route("GET", "shared-links", scope="sharedLink.read")
async def list_links(ctx: Context) -> Any:
    """List the user's links, newest first, those that have run out included."""
    values = ctx.query(Obj({"albumId": optional(Uuid()), "id": optional(Uuid())}))
    if not ctx.dialect.version.at_least("2.5.0"):
        values.pop("id", None)
    found = [
        link
        for link in ctx.state.shared_links.values()
        if link.user_id == ctx.user.id
        and values.get("albumId", link.album_id) == link.album_id
        and values.get("id", link.id) == link.id
    ]
    found.sort(key=lambda link: link.created_at, reverse=True)
    return [_view(ctx, link, "entry") for link in found]


@route("POST", "shared-links", scope="sharedLink.create")
async def create_link(ctx: Context) -> Any:
    """Share an album or single assets; uploads are allowed unless told otherwise."""
    values = ctx.body(CREATE)
    album_id: str | None = None
    asset_ids: list[str] = []
    if values["type"] == "ALBUM":
        album_id = values.get("albumId")
        if not album_id:
            raise bad_request("Invalid albumId")
        album_for(ctx, album_id, "album.share", Role.OWNER)
    else:
        asset_ids = values.get("assetIds") or []
        if not asset_ids:
            raise bad_request("Invalid assetIds")
        for asset_id in asset_ids:
            asset = ctx.state.assets.get(asset_id)
            if asset is None or not addable(ctx.state, ctx.auth, asset):
                raise no_access("asset.share")
    slug = values.get("slug")
    if slug and any(link.slug == slug for link in ctx.state.shared_links.values()):
        raise bad_request("Failed to save shared link")
    link = SharedLink(
        id=ctx.state.new_id(),
        key=ctx.state.random.randbytes(50),
        user_id=ctx.user.id,
        type=values["type"],
        created_at=ctx.state.now(),
        album_id=album_id,
        asset_ids=list(asset_ids),
        description=values.get("description"),
        password=values.get("password"),
        slug=slug,
        expires_at=values.get("expiresAt"),
        allow_upload=values["allowUpload"],
        # Whoever may not see the metadata may not have the file either.
        allow_download=values["allowDownload"] and values["showMetadata"],
        show_metadata=values["showMetadata"],
    )
    ctx.state.shared_links[link.id] = link
    return created(_view(ctx, link, "change"))


def _token(link: SharedLink) -> str:
    """Return the cookie's value that proves that a link's password was given."""
    return sha256(f"{link.id} {link.password}".encode()).hexdigest()


@route("GET", "shared-links/me", shared=True)
async def my_link(ctx: Context) -> Any:
    """Describe the link of the share key; the only place that asks for its password."""
    link = ctx.auth.shared_link
    if link is None:
        raise forbidden()
    if link.password is not None:
        given = ctx.request.cookies.get(COOKIE) == _token(link)
        if not ctx.dialect.version.at_least("2.6.0"):
            given = given or ctx.request.query.get("password") == link.password
        if not given:
            raise ApiError(401, "Password required")
    return _view(ctx, link, "detail")


@route("POST", "shared-links/login", shared=True, since="2.6.0")
async def log_in(ctx: Context) -> Any:
    """Give the password of a link and get a cookie for it."""
    password = ctx.body(Obj({"password": Text()}))["password"]
    link = ctx.auth.shared_link
    if link is None:
        raise forbidden()
    if link.password != password:
        raise ApiError(401, "Invalid password")
    cookie = f"{COOKIE}={_token(link)}; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax"
    return Answer(status=201, body=_view(ctx, link, "detail"), cookies=[cookie])


@route("GET", "shared-links/{id}", scope="sharedLink.read")
async def get_link(ctx: Context) -> Any:
    """Describe one link."""
    return _view(ctx, _own(ctx, ctx.id()), "detail")


@route("PATCH", "shared-links/{id}", scope="sharedLink.update")
async def update_link(ctx: Context) -> Any:
    """Change a link. Leaving `slug` out resets it (seen on 3.1.0)."""
    link_id = ctx.id()
    rules = dict(EDIT)
    if not ctx.dialect.strict:
        rules["changeExpiryTime"] = optional(Boolean())
    values = ctx.body(Obj(rules))
    link = _own(ctx, link_id)
    link.description = values.get("description", link.description)
    link.password = values.get("password", link.password)
    link.slug = values.get("slug")
    if ctx.dialect.strict:
        link.expires_at = values.get("expiresAt", link.expires_at)
    elif values.get("changeExpiryTime"):
        link.expires_at = values.get("expiresAt")
    elif values.get("expiresAt") is not None:
        link.expires_at = values["expiresAt"]
    link.allow_upload = values.get("allowUpload", link.allow_upload)
    link.allow_download = values.get("allowDownload", link.allow_download)
    link.show_metadata = values.get("showMetadata", link.show_metadata)
    return _view(ctx, link, "change")


@route("DELETE", "shared-links/{id}", scope="sharedLink.delete")
async def delete_link(ctx: Context) -> Any:
    """Remove a link."""
    del ctx.state.shared_links[_own(ctx, ctx.id()).id]
    return ctx.dialect.no_content()


@route(
    "PUT",
    "shared-links/{id}/assets",
    scope={"1.137.0": "all", "3.0.0": "sharedLink.update"},
)
async def add_assets(ctx: Context) -> Any:
    """Put more assets under a link of single assets."""
    link_id = ctx.id()
    ids = ctx.body(ASSET_IDS)["assetIds"]
    link = _individual(_own(ctx, link_id))
    results: list[dict[str, Any]] = []
    for asset_id in ids:
        asset = ctx.state.assets.get(asset_id)
        if asset_id in link.asset_ids:
            results.append({"assetId": asset_id, "success": False, "error": "duplicate"})
        elif asset is None or not addable(ctx.state, ctx.auth, asset):
            results.append({"assetId": asset_id, "success": False, "error": "no_permission"})
        else:
            link.asset_ids.append(asset_id)
            results.append({"assetId": asset_id, "success": True})
    return results


@route(
    "DELETE",
    "shared-links/{id}/assets",
    scope={"1.137.0": "all", "2.6.0": "sharedLink.update"},
)
async def remove_assets(ctx: Context) -> Any:
    """Take assets away from a link of single assets."""
    link_id = ctx.id()
    ids = ctx.body(ASSET_IDS)["assetIds"]
    link = _individual(_own(ctx, link_id))
    results: list[dict[str, Any]] = []
    for asset_id in ids:
        if asset_id in link.asset_ids:
            link.asset_ids.remove(asset_id)
            results.append({"assetId": asset_id, "success": True})
        else:
            results.append({"assetId": asset_id, "success": False, "error": "not_found"})
    return results


def _individual(link: SharedLink) -> SharedLink:
    if link.type != "INDIVIDUAL":
        raise bad_request("Invalid shared link type")
    return link
