"""What can go wrong between us and an Immich server, as one short tree of errors.

Every call of this floor raises only these. A text in an error is safe to show and to log:
server paths, e-mail addresses and everything that looks like a key are taken out of it first.
"""

import re

_QUOTED_PATH = re.compile(r"""(?P<quote>['"`])[^'"`]*[/\\][^'"`]*(?P=quote)""")
# Without quotes nothing says where a path with blanks ends: rather too much goes than too little.
_PATH = re.compile(r"""(?<![\w./\\+-])(?:[A-Za-z]:)?[/\\][^'"`,;:|<>]+""")
_EMAIL = re.compile(r"[^\s@]+@[\w.-]+")
_SECRET = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
_NAMED_SECRET = re.compile(r"(?i)((?:key|token|password|secret|slug)=)[^\s&]+")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_MAX_TEXT = 300
# What is looked at for secrets: an error page may be megabytes long.
_MAX_LOOKED_AT = 2000


def safe_text(text: str) -> str:
    """Return `text` without server paths, e-mail addresses and secrets, on one line, at most 300 characters.

    Ids (UUIDs) stay: people need them to find the thing, and they open nothing by themselves.
    """

    def _secret(match: re.Match[str]) -> str:
        return match[0] if _UUID.fullmatch(match[0]) else "…"

    if len(text) > _MAX_LOOKED_AT:
        # The last word may be half a secret.
        text = text[:_MAX_LOOKED_AT].rpartition(" ")[0] + "…"
    text = " ".join(text.split())
    text = _QUOTED_PATH.sub("…", text)
    text = _NAMED_SECRET.sub(r"\1…", text)
    text = _PATH.sub("…", text)
    text = _EMAIL.sub("…", text)
    text = _SECRET.sub(_secret, text)
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"


class ImmichError(Exception):
    """Anything that went wrong while talking to Immich.

    `status` is the HTTP status where there was an answer, `correlation_id` the id under which the
    server logged the request (v3: header `X-Correlation-ID`, before: `x-immich-cid` or the body).
    """

    def __init__(
        self, text: str = "", *, status: int | None = None, correlation_id: str | None = None
    ) -> None:
        """Keep the text made safe, the status and the server's id of the request."""
        self.text = safe_text(text)
        self.status = status
        self.correlation_id = correlation_id
        super().__init__(self.text)


class ImmichConnectionError(ImmichError):
    """The server could not be reached, or the line broke; the same call may work later."""


class ImmichTimeoutError(ImmichConnectionError):
    """The server did not answer, or stopped moving bytes, in time."""


class ImmichTlsError(ImmichConnectionError):
    """The server's certificate is not trusted, or TLS failed in another way."""


class ImmichUnavailableError(ImmichConnectionError):
    """A proxy or the server says "not now" (408, 429, 502, 503, 504), also after retries.

    `retry_after` is the number of seconds that it asked to wait, if it did.
    """

    def __init__(
        self,
        text: str = "",
        *,
        status: int | None = None,
        correlation_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Keep the seconds to wait beside what every error keeps."""
        super().__init__(text, status=status, correlation_id=correlation_id)
        self.retry_after = retry_after


class ImmichMaintenanceError(ImmichConnectionError):
    """The server is in maintenance mode (2.3 and later): nearly every route answers 404."""


class ImmichAuthenticationError(ImmichError):
    """The API key is missing, wrong or revoked. Only this one asks for a new key."""


class ImmichPermissionError(ImmichError):
    """The key is good but may not do this. `scope` names the permission it lacks, if Immich named one.

    Without a scope the user is no administrator, or the thing lies in the locked folder.
    """

    def __init__(
        self,
        text: str = "",
        *,
        scope: str | None = None,
        status: int | None = None,
        correlation_id: str | None = None,
    ) -> None:
        """Keep the missing scope beside what every error keeps."""
        super().__init__(text, status=status, correlation_id=correlation_id)
        self.scope = scope


class ImmichNotFoundError(ImmichError):
    """The thing does not exist, is gone, or belongs to somebody else: Immich does not tell these apart."""


class ImmichRouteMissingError(ImmichError):
    """This version of Immich has no such route."""


class ImmichBadRequestError(ImmichError):
    """Immich refused what we asked for; the text is its own."""


class ImmichTooLargeError(ImmichBadRequestError):
    """A proxy (or Immich) refused a body for its size (413)."""


class ImmichRangeError(ImmichBadRequestError):
    """The range that was asked for lies outside of the file, which has `size` bytes (None: not said)."""

    def __init__(
        self,
        text: str = "",
        *,
        size: int | None = None,
        status: int | None = None,
        correlation_id: str | None = None,
    ) -> None:
        """Keep the size of the file beside what every error keeps."""
        super().__init__(text, status=status, correlation_id=correlation_id)
        self.size = size


class ImmichServerError(ImmichError):
    """Immich failed inside (500)."""


class ImmichBadAnswerError(ImmichError):
    """The answer makes no sense: not JSON, cut off, or an expected field is missing or of a wrong type."""


class ImmichNotImmichError(ImmichBadAnswerError):
    """What answers at this address is not Immich's API: a web page, a login page, another program."""


class ImmichRedirectError(ImmichNotImmichError):
    """The address redirects to another server, where the key must not go. `target` is that server's origin."""

    def __init__(self, text: str = "", *, target: str, status: int | None = None) -> None:
        """Keep the origin (scheme, host and port, nothing else) of the other server."""
        super().__init__(text, status=status)
        self.target = target


class ImmichTooOldError(ImmichError):
    """The server is older than 1.137. `version` is the version found, such as `1.118.2`."""

    def __init__(self, version: str) -> None:
        """Keep the version that was found."""
        super().__init__(f"Immich {version} is too old")
        self.version = version
