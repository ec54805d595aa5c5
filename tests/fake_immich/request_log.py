"""The log of every request, for tests that count."""

from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any


@dataclass(slots=True, kw_only=True)
class LoggedRequest:
    """One request as the server saw it.

    ``path`` is as sent, without the sub-path; ``route`` the template such as
    ``GET albums/{id}``, empty for unknown ones. ``json`` is the parsed body, None if
    there was none or of another type. ``body_size`` counts the bytes that were read,
    ``status`` is 0 if no answer was sent. Times are in seconds of the monotonic clock.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    started: float
    route: str = ""
    key_name: str | None = None
    json: Any = None
    body_size: int = 0
    status: int = 0
    duration: float = 0.0


@dataclass(slots=True)
class RequestLog:
    """All requests since the start or the last :meth:`clear`, oldest first."""

    entries: list[LoggedRequest] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self.entries)

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()

    def matching(self, pattern: str) -> list[LoggedRequest]:
        """Return the requests whose ``METHOD template`` or ``METHOD path`` fits.

        ``*`` stands for anything; a pattern without a method fits all methods.
        """
        return [entry for entry in self.entries if fits(pattern, entry)]

    def count(self, pattern: str = "*") -> int:
        """Return how many requests fit a pattern."""
        return len(self.matching(pattern))

    def by_route(self) -> Counter[str]:
        """Return how often each route was asked; unknown ones by method and path."""
        return Counter(entry.route or f"{entry.method} {entry.path}" for entry in self.entries)


def fits(pattern: str, entry: LoggedRequest) -> bool:
    """Tell whether a pattern such as ``GET albums/*`` fits a request."""
    path = entry.path.removeprefix("/api/")
    template = entry.route.partition(" ")[2]
    if " " in pattern:
        method, _, pattern = pattern.partition(" ")
        if method not in ("*", entry.method):
            return False
    return any(fnmatchcase(each, pattern) or each == pattern for each in (template, path, entry.path))
