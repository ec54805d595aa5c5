"""What a route hands back, before it is written to the wire."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(slots=True, kw_only=True)
class Answer:
    """One HTTP answer.

    ``body`` is anything that JSON can hold, or ``None`` for no body at all. ``early``
    answers were given before the request got through the server's middleware.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    early: bool = False


@dataclass(slots=True, kw_only=True)
class TextAnswer:
    """A body that is not JSON: a page, a style sheet, raw bytes.

    ``anonymous`` ones are sent without the id of the request.
    """

    content: bytes
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    strong_etag: bool = False
    anonymous: bool = False


@dataclass(slots=True, kw_only=True)
class FileAnswer:
    """A picture, video or other file; ranges and conditional requests work on it.

    ``content`` is held in memory or read from a path. ``filename`` makes a
    ``Content-Disposition`` header. ``cache_control`` and the body for impossible ranges
    are filled in by the server where a route says nothing.
    """

    content: bytes | Path
    content_type: str
    modified: datetime
    filename: str | None = None
    cache_control: str = ""
    range_error: Any = None


@dataclass(slots=True, kw_only=True)
class StreamAnswer:
    """A body that is produced while it is sent (archives), in chunks."""

    chunks: Any
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)


type AnyAnswer = Answer | TextAnswer | FileAnswer | StreamAnswer


class ApiError(Exception):
    """An error answer: status, the server's words, zod issues for validation.

    ``texts`` is the list of messages that Immich 1 and 2 give in place of
    ``issues``. ``bare`` errors have no ``error`` member in those versions.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        issues: list[dict[str, Any]] | None = None,
        texts: list[str] | None = None,
        bare: bool = False,
        before_routing: bool = False,
    ) -> None:
        """Describe the error; ``before_routing`` marks what the body parser refused."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.issues = issues
        self.texts = texts
        self.bare = bare
        self.before_routing = before_routing


def ok(body: Any) -> Answer:
    """Answer 200 with JSON."""
    return Answer(body=body)


def created(body: Any) -> Answer:
    """Answer 201 with JSON, or with an empty body for ``None``."""
    return Answer(status=201, body=body)


def no_content() -> Answer:
    """Answer 204."""
    return Answer(status=204)


def bad_request(message: str) -> ApiError:
    """Make a 400 with the server's words."""
    return ApiError(400, message)


def no_access(permission: str) -> ApiError:
    """Make the 400 for an unknown or foreign id: both look the same."""
    return ApiError(400, f"Not found or no {permission} access")


def not_found() -> ApiError:
    """Make the bare 404 for a missing file."""
    return ApiError(404, "Not Found", bare=True)


def forbidden() -> ApiError:
    """Make the bare 403."""
    return ApiError(403, "Forbidden", bare=True)


def elevated() -> ApiError:
    """Make the 401 for the locked folder."""
    return ApiError(401, "Elevated permission is required")
