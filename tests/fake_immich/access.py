"""Who may see and change which asset and album."""

from collections.abc import Iterable

from .answers import elevated, no_access
from .auth import Auth
from .context import Context
from .models import Album, Asset, Role, Visibility
from .state import State


def readable(state: State, auth: Auth, asset: Asset) -> bool:
    """Tell whether somebody may look at an asset.

    One's own, a partner's that shows in the timeline, and whatever lies in an album
    one belongs to. Locked ones need the PIN; share keys see what was shared.
    """
    if auth.shared_link is not None:
        return in_link(state, auth, asset.id)
    if in_members_album(state, auth.user.id, asset.id) and not asset.is_trashed:
        return True
    if asset.visibility is Visibility.LOCKED and not auth.elevated:
        return False
    if asset.owner_id == auth.user.id:
        return True
    return (
        asset.owner_id in state.partners_of(auth.user.id)
        and asset.visibility in (Visibility.TIMELINE, Visibility.HIDDEN)
        and not asset.is_trashed
    )


def owned(auth: Auth, asset: Asset) -> bool:
    """Tell whether somebody may change an asset: the owner, and not without the PIN."""
    return (
        auth.shared_link is None
        and asset.owner_id == auth.user.id
        and (asset.visibility is not Visibility.LOCKED or auth.elevated)
    )


def addable(state: State, auth: Auth, asset: Asset) -> bool:
    """Tell whether somebody may put an asset into an album or a link: own or a partner's."""
    if owned(auth, asset):
        return True
    return asset.owner_id in state.partners_of(auth.user.id) and asset.visibility in (
        Visibility.TIMELINE,
        Visibility.HIDDEN,
    )


def in_members_album(state: State, user_id: str, asset_id: str) -> bool:
    """Tell whether an asset, or the photo it moves for, is in an album of the user."""
    return any(
        user_id in state.albums[album_id].members for album_id in state.albums_of_asset.get(asset_id, ())
    )


def in_link(state: State, auth: Auth, asset_id: str) -> bool:
    """Tell whether the share key of a request opens an asset."""
    link = auth.shared_link
    if link is None:
        return False
    if link.album_id is not None:
        return asset_id in state.albums[link.album_id].assets
    return asset_id in link.asset_ids


def require_assets(ctx: Context, permission: str, ids: Iterable[str], *, change: bool = False) -> list[Asset]:
    """Return the assets, or answer 400 for all of them if one is out of reach.

    With ``change`` only the user's own count.
    """
    found: list[Asset] = []
    for asset_id in ids:
        asset = ctx.state.assets.get(asset_id)
        if asset is None:
            raise no_access(permission)
        fine = owned(ctx.auth, asset) if change else readable(ctx.state, ctx.auth, asset)
        if not fine:
            raise no_access(permission)
        found.append(asset)
    return found


def require_asset(ctx: Context, permission: str, *, change: bool = False) -> Asset:
    """Return the asset named in the path, or answer 400."""
    return require_assets(ctx, permission, [ctx.id()], change=change)[0]


def require_album(ctx: Context, permission: str, *roles: Role, name: str = "id") -> Album:
    """Return the album named in the path if the user has one of the roles, or answer 400.

    Without roles any member will do, and a share key of that album too.
    """
    return album_for(ctx, ctx.id(name), permission, *roles)


def album_for(ctx: Context, album_id: str, permission: str, *roles: Role) -> Album:
    """Return an album by id if the user has one of the roles, or answer 400."""
    album = ctx.state.albums.get(album_id)
    if album is None:
        raise no_access(permission)
    if ctx.auth.shared_link is not None:
        if ctx.auth.shared_link.album_id == album.id and not roles:
            return album
        raise no_access(permission)
    role = album.members.get(ctx.user.id)
    if role is None or (roles and role not in roles):
        raise no_access(permission)
    return album


def require_elevated(ctx: Context, visibility: Visibility | str | None) -> None:
    """Answer 401 if the locked folder is asked for without the PIN."""
    if visibility == Visibility.LOCKED and not ctx.auth.elevated:
        raise elevated()
