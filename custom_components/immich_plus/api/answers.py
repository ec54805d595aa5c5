"""From an answer that is not a success to the error it means, in both of Immich's forms of error bodies.

Before 3.0: `{"message": text or list, "error", "statusCode", "correlationId"}`; from 3.0 on:
`{"message": text}`, with `errors` for input it finds invalid (seen on 3.1.0). Proxies send web pages.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
import re
from typing import Final

import aiohttp
import orjson

from .errors import (
    ImmichAuthenticationError,
    ImmichBadRequestError,
    ImmichError,
    ImmichNotFoundError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichRouteMissingError,
    ImmichServerError,
    ImmichTooLargeError,
    ImmichUnavailableError,
)

# Only these say that the key is bad; other 401s are about the locked folder or come from a proxy.
_BAD_KEY: Final = frozenset({"Invalid API key", "Authentication required", "Invalid user token"})
_MISSING_SCOPE: Final = re.compile(r"Missing required permission: ([A-Za-z]+(?:\.[A-Za-z]+){0,4})")
# Adding to an unknown album is "Album not found", a link "Shared link not found" (seen on 3.1.0).
_NO_ACCESS: Final = re.compile(r"Not found or no \S+ access|([A-Z][a-z]+|Shared link) not found")
# What a correlation id may look like; it is shown and logged.
_CORRELATION_ID: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_NOT_NOW: Final = frozenset({408, 429, 502, 503, 504})
# Where the figures of a rate limit, which some proxies send with every answer, say when to come back.
_LIMITED: Final = frozenset({429, 503})
_RESET_HEADERS: Final = ("RateLimit-Reset", "X-RateLimit-Reset")
# A reset beyond this many seconds is no pause but a moment, in seconds since 1970.
_MOMENT_FROM: Final = 1_000_000_000
_LONGEST_LIST: Final = 5
# Nobody is let to keep us away for longer.
_LONGEST_RETRY_AFTER_SECONDS: Final = 3600.0


def is_json(response: aiohttp.ClientResponse) -> bool:
    """Whether the answer says that it is JSON (`application/json` or `…+json`)."""
    return response.content_type == "application/json" or response.content_type.endswith("+json")


def error_of(response: aiohttp.ClientResponse, body: bytes) -> ImmichError:
    """Return the error that an answer of 400 and above means."""
    status = response.status
    message, body_id = _message(response, body)
    correlation_id = _correlation_id(response, body_id)
    if status in _NOT_NOW:
        return ImmichUnavailableError(
            message or f"the server answers {status}",
            status=status,
            correlation_id=correlation_id,
            retry_after=_retry_after(response),
        )
    if status == 413:
        return ImmichTooLargeError("too large", status=status, correlation_id=correlation_id)
    if message is None:
        # Immich itself always explains errors in JSON; this is a proxy, a firewall or another program.
        if status >= 500:
            return ImmichUnavailableError(
                f"the server answers {status}", status=status, correlation_id=correlation_id
            )
        return ImmichNotImmichError(
            f"something in front of Immich answers {status}", status=status, correlation_id=correlation_id
        )
    return _immich_error(status, message, correlation_id)


def _immich_error(status: int, message: str, correlation_id: str | None) -> ImmichError:
    kind: type[ImmichError]
    match status:
        case 401 if message in _BAD_KEY:
            kind = ImmichAuthenticationError
        case 401 | 403:
            scope = match[1] if (match := _MISSING_SCOPE.fullmatch(message)) else None
            return ImmichPermissionError(message, scope=scope, status=status, correlation_id=correlation_id)
        case 404 if message.startswith("Cannot "):
            kind = ImmichRouteMissingError
        case 405:
            kind = ImmichRouteMissingError
        case 404 | 410:
            kind = ImmichNotFoundError
        case 400 if _NO_ACCESS.fullmatch(message):
            kind = ImmichNotFoundError
        case _ if status >= 500:
            kind = ImmichServerError
        case _:
            kind = ImmichBadRequestError
    return kind(message, status=status, correlation_id=correlation_id)


def _message(response: aiohttp.ClientResponse, body: bytes) -> tuple[str | None, str | None]:
    """Return Immich's own message and request id; None where the body is not Immich's."""
    # An impossible range is refused in JSON under the type of the picture or film (seen on 3.1.0).
    if not is_json(response) and not body.startswith(b'{"message":'):
        return None, None
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None, None
    if not isinstance(data, dict):
        return None, None
    correlation_id = data.get("correlationId")
    message = data.get("message")
    if isinstance(message, list):
        message = "; ".join(str(entry) for entry in message[:_LONGEST_LIST])
    if not isinstance(message, str):
        return None, None
    if details := _details(data.get("errors")):
        message = f"{message}: {details}"
    return message, correlation_id if isinstance(correlation_id, str) else None


def _details(issues: object) -> str:
    """Write the list of invalid fields of 3.x as `field: what is wrong; …`."""
    if not isinstance(issues, list):
        return ""
    found: list[str] = []
    for issue in issues[:_LONGEST_LIST]:
        if not isinstance(issue, dict) or not isinstance(issue.get("message"), str):
            continue
        path = issue.get("path")
        field = ".".join(str(part) for part in path) if isinstance(path, list) else ""
        found.append(f"{field}: {issue['message']}" if field else issue["message"])
    return "; ".join(found)


def _correlation_id(response: aiohttp.ClientResponse, body_id: str | None) -> str | None:
    found = response.headers.get("X-Correlation-ID") or response.headers.get("x-immich-cid") or body_id
    return found if found and _CORRELATION_ID.fullmatch(found) else None


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    """Return the seconds to stay away for, at most an hour; None if the answer doesn't say.

    `Retry-After` is a number of seconds or a date. Where it is missing or makes no sense, the end of a rate
    limit is taken: a number of seconds, or a moment.
    """
    value = response.headers.get("Retry-After", "").strip()
    if (seconds := _digits(value)) is None:
        seconds = _seconds_until(value)
    if seconds is None and response.status in _LIMITED:
        for header in _RESET_HEADERS:
            if (seconds := _digits(response.headers.get(header, "").strip())) is not None:
                if seconds >= _MOMENT_FROM:
                    seconds -= datetime.now(UTC).timestamp()
                break
    return None if seconds is None else min(max(0.0, seconds), _LONGEST_RETRY_AFTER_SECONDS)


def _digits(value: str) -> float | None:
    return float(value) if value.isascii() and value.isdigit() else None


def _seconds_until(value: str) -> float | None:
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return (when - datetime.now(UTC)).total_seconds()
