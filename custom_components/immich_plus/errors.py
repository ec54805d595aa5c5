"""From the client's errors to Home Assistant's, in one place; every text is translated."""

from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    ConfigEntryNotReady,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.update_coordinator import UpdateFailed

from .api.errors import (
    ImmichAuthenticationError,
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichError,
    ImmichMaintenanceError,
    ImmichNotFoundError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichRedirectError,
    ImmichRouteMissingError,
    ImmichServerError,
    ImmichTimeoutError,
    ImmichTlsError,
    ImmichTooLargeError,
    ImmichTooOldError,
    ImmichUnavailableError,
)
from .const import DOMAIN

# The first kind that fits decides, so the narrow ones come first.
_KEYS: tuple[tuple[type[ImmichError], str], ...] = (
    (ImmichTlsError, "tls_failed"),
    (ImmichTimeoutError, "timeout"),
    (ImmichMaintenanceError, "maintenance"),
    (ImmichUnavailableError, "unavailable"),
    (ImmichAuthenticationError, "invalid_auth"),
    (ImmichNotFoundError, "not_found"),
    (ImmichRouteMissingError, "route_missing"),
    (ImmichTooLargeError, "too_large"),
    (ImmichBadRequestError, "refused"),
    (ImmichServerError, "server_error"),
    (ImmichRedirectError, "redirected"),
    (ImmichNotImmichError, "not_immich"),
    (ImmichBadAnswerError, "bad_answer"),
    (ImmichTooOldError, "too_old"),
)


def explain(error: ImmichError) -> tuple[str, dict[str, str]]:
    """Return the translation key of an error (the same in flows and in `exceptions`) and its placeholders.

    Each key always comes with the same placeholders; none of them holds a secret or a path.
    """
    if isinstance(error, ImmichPermissionError):
        if error.scope is not None:
            return "missing_scope", {"scope": error.scope}
        return "not_allowed", {"reason": error.text}
    key = next((key for kind, key in _KEYS if isinstance(error, kind)), "cannot_connect")
    match error:
        case ImmichTooOldError():
            return key, {"version": error.version}
        case ImmichRedirectError():
            return key, {"target": error.target}
        case _ if key in (
            "refused",
            "server_error",
            "bad_answer",
            "not_immich",
            "unavailable",
            "cannot_connect",
        ):
            return key, {"reason": error.text}
        case _:
            return key, {}


def update_failed(error: ImmichError, retry_after: float | None = None) -> UpdateFailed:
    """Return what a coordinator raises; `retry_after` is the number of seconds until it should try again."""
    key, placeholders = explain(error)
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
        retry_after=retry_after,
    )


def auth_failed(error: ImmichAuthenticationError) -> ConfigEntryAuthFailed:
    """Return what makes Home Assistant ask for a new key."""
    key, placeholders = explain(error)
    return ConfigEntryAuthFailed(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def setup_failed(error: ImmichError) -> ConfigEntryAuthFailed | ConfigEntryNotReady:
    """Return what setting an entry up raises: a new key is asked for, all else is tried again by itself.

    That holds for servers that are too old and keys that lack `user.read`, too: both are mended on the
    server, and Home Assistant should notice.
    """
    if isinstance(error, ImmichAuthenticationError):
        return auth_failed(error)
    key, placeholders = explain(error)
    return ConfigEntryNotReady(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def explained[E: HomeAssistantError](kind: type[E], error: ImmichError) -> E:
    """Return an error of a kind that another part of Home Assistant wants, such as its media browser."""
    key, placeholders = explain(error)
    return kind(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)


def action_failed(error: ImmichError) -> HomeAssistantError:
    """Return what an action raises when the server fails or refuses."""
    return explained(HomeAssistantError, error)


def mistake(key: str, **placeholders: str) -> ServiceValidationError:
    """Return what an action raises when the call itself can't be right; `key` is one of `exceptions`."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def failure(key: str, **placeholders: str) -> HomeAssistantError:
    """Return what an action raises when something other than the server failed; `key` is one of `exceptions`."""
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )
