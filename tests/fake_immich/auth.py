"""Who is asking: share keys, log-in tokens and API keys."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from .answers import ApiError
from .models import ApiKey, Session, SharedLink, User
from .state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """The user behind a request and by what right; exactly one of the rest is set."""

    user: User
    api_key: ApiKey | None = None
    session: Session | None = None
    shared_link: SharedLink | None = None

    @property
    def elevated(self) -> bool:
        """Tell whether the locked folder is open."""
        return self.session is not None and self.session.elevated

    def may(self, scope: str) -> bool:
        """Tell whether the credentials grant a scope; only keys are limited."""
        if self.api_key is None:
            return True
        return "all" in self.api_key.permissions or scope in self.api_key.permissions


def authenticate(
    state: State, headers: Mapping[str, str], query: Mapping[str, str], cookies: Mapping[str, str]
) -> Auth:
    """Find the user, in Immich's order: share key, slug, log-in token, API key.

    The first kind that is present decides, even if it is wrong and a later one
    would be right. Raises a 401 :class:`ApiError`.
    """
    share_key = headers.get("x-immich-share-key") or query.get("key")
    if share_key:
        return _by_share_key(state, share_key)
    share_slug = headers.get("x-immich-share-slug") or query.get("slug")
    if share_slug:
        link = next((s for s in state.shared_links.values() if s.slug == share_slug), None)
        return _by_link(state, link, "Invalid share slug")
    token = (
        headers.get("x-immich-user-token")
        or headers.get("x-immich-session-token")
        or query.get("sessionKey")
        or _bearer(headers)
        or cookies.get("immich_access_token")
    )
    if token:
        session = state.sessions.get(token)
        if session is None or session.user_id not in state.users:
            raise ApiError(401, "Invalid user token")
        return Auth(user=state.users[session.user_id], session=session)
    secret = headers.get("x-api-key") or query.get("apiKey")
    if secret:
        key = state.key_by_secret(secret)
        if key is None or key.user_id not in state.users:
            raise ApiError(401, "Invalid API key")
        return Auth(user=state.users[key.user_id], api_key=key)
    raise ApiError(401, "Authentication required")


def _bearer(headers: Mapping[str, str]) -> str | None:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" and token else None


def _by_share_key(state: State, text: str) -> Auth:
    try:
        wanted = (
            bytes.fromhex(text)
            if len(text) == 100
            else base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        )
    except ValueError, binascii.Error:
        wanted = b""
    link = next((s for s in state.shared_links.values() if s.key == wanted), None)
    return _by_link(state, link, "Invalid share key")


def _by_link(state: State, link: SharedLink | None, complaint: str) -> Auth:
    if link is None or (link.expires_at is not None and link.expires_at <= state.now()):
        raise ApiError(401, complaint)
    return Auth(user=state.users[link.user_id], shared_link=link)
