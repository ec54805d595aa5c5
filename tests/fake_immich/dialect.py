"""How one release of Immich says things: error bodies, header names, strictness."""

from typing import Any

from .answers import Answer, ApiError
from .version import Version

_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    500: "Internal Server Error",
}


class Dialect:
    """The habits of one release.

    Routes ask it instead of comparing versions wherever the difference is a
    general one; differences of a single route stay beside that route.
    """

    def __init__(self, version: Version) -> None:
        """Take on the habits of a release."""
        self.version = version
        #: Zod validation, short error bodies, PATCH aliases (3.0.0).
        self.strict = version.at_least("3.0.0")
        #: The header that carries the id of a request.
        self.correlation_header = "x-correlation-id" if self.strict else "x-immich-cid"
        #: DELETE routes and the like answer 204 from here on, 200 before (1.138.0).
        self.no_content_status = 204 if version.at_least("1.138.0") else 200

    @property
    def media_cache_control(self) -> str:
        """Return how long clients may keep pictures and videos."""
        plain = "private, max-age=86400, no-transform"
        if self.strict:
            return f"{plain}, stale-while-revalidate=2592000, stale-if-error=2592000"
        return plain

    def no_content(self) -> Answer:
        """Answer as the 22 routes do whose success code changed in 1.138.0."""
        return Answer(status=self.no_content_status)

    def error(self, error: ApiError, correlation_id: str) -> Answer:
        """Turn an error into the body of this release."""
        if self.strict:
            body: dict[str, Any] = {"message": error.message}
            if error.issues is not None:
                body["errors"] = error.issues
            return Answer(status=error.status, body=body)
        body = {"message": error.texts if error.texts is not None else error.message}
        if not error.bare:
            body["error"] = _REASONS.get(error.status, "Error")
        body["statusCode"] = error.status
        body["correlationId"] = correlation_id
        return Answer(status=error.status, body=body)
