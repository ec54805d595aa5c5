"""The table of routes: one line above each handler says all about it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
import importlib
import pkgutil
import re
from typing import TYPE_CHECKING, Any

from .version import Version

if TYPE_CHECKING:
    from .context import Context

type Handler = Callable[[Context], Awaitable[Any]]
type Scope = str | Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method on one path, and who may use it.

    ``scope`` is the permission that an API key needs; a mapping gives it by
    release (``{"1.137.0": "all", "1.141.0": "asset.upload"}``); ``None`` lets any key
    in. ``admin`` wants an administrator, ``public`` no credentials at all.
    ``shared`` lets share keys in. ``raw`` handlers read the body themselves.
    ``maintenance`` routes also live in maintenance mode, ``only_maintenance`` ones
    nowhere else.
    """

    method: str
    path: str
    handler: Handler
    scope: Scope = None
    admin: bool = False
    public: bool = False
    shared: bool = False
    raw: bool = False
    maintenance: bool = False
    only_maintenance: bool = False
    since: Version | None = None
    until: Version | None = None

    @property
    def template(self) -> str:
        """Return ``GET albums/{id}``."""
        return f"{self.method} {self.path}"

    def lives_in(self, version: Version) -> bool:
        """Tell whether the release has this route; ``until`` is the first without."""
        return (self.since is None or version >= self.since) and (self.until is None or version < self.until)

    def scope_in(self, version: Version) -> str | None:
        """Return the permission that the release asks for."""
        if isinstance(self.scope, Mapping):
            fitting = [name for name in self.scope if version.at_least(name)]
            return self.scope[max(fitting, key=Version.parse)]
        return self.scope


_ROUTES: list[Route] = []


def route(
    method: str,
    path: str,
    *,
    scope: Scope = None,
    admin: bool = False,
    public: bool = False,
    shared: bool = False,
    raw: bool = False,
    maintenance: bool = False,
    only_maintenance: bool = False,
    since: str | None = None,
    until: str | None = None,
) -> Callable[[Handler], Handler]:
    """Put a handler into the table; see :class:`Route` for the words.

    Several of these may stand above one handler. Paths are relative to ``/api/``;
    ``{name}`` stands for one part. Fixed parts win over such parts.
    """

    def register(handler: Handler) -> Handler:
        _ROUTES.append(
            Route(
                method=method,
                path=path,
                handler=handler,
                scope=scope,
                admin=admin,
                public=public,
                shared=shared,
                raw=raw,
                maintenance=maintenance,
                only_maintenance=only_maintenance,
                since=None if since is None else Version.parse(since),
                until=None if until is None else Version.parse(until),
            )
        )
        return handler

    return register


class Table:
    """The routes of one release, ready for look-up."""

    def __init__(self, version: Version, *, maintenance: bool = False) -> None:
        """Gather the routes that live in the release, or in its maintenance mode."""
        _load_areas()
        self._fixed: dict[tuple[str, str], Route] = {}
        self._patterns: list[tuple[int, re.Pattern[str], Route]] = []
        for each in _ROUTES:
            if not each.lives_in(version):
                continue
            if not each.maintenance if maintenance else each.only_maintenance:
                continue
            if "{" not in each.path:
                self._fixed[each.method, each.path.lower()] = each
                continue
            parts = re.split(r"\{(\w+)\}", each.path)
            expression = "".join(
                f"(?P<{part}>[^/]+)" if n % 2 else re.escape(part) for n, part in enumerate(parts)
            )
            # Fewer placeholders first, so that `users/me` style paths win.
            self._patterns.append((len(parts), re.compile(expression, re.IGNORECASE), each))
        self._patterns.sort(key=lambda entry: (entry[0], -entry[2].path.count("/")))

    def __iter__(self) -> Any:
        """Yield every route of the release."""
        yield from self._fixed.values()
        yield from (entry[2] for entry in self._patterns)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Find the route of a path below ``/api/``; HEAD is answered by GET routes.

        Paths are not case sensitive and may end in one slash.
        """
        if method == "HEAD":
            method = "GET"
        path = path.removesuffix("/")
        if (fixed := self._fixed.get((method, path.lower()))) is not None:
            return fixed, {}
        for _, pattern, each in self._patterns:
            if each.method == method and (match := pattern.fullmatch(path)) is not None:
                return each, match.groupdict()
        return None


@cache
def table_of(version: Version, *, maintenance: bool = False) -> Table:
    """Return the routes of a release, gathered once per process."""
    return Table(version, maintenance=maintenance)


@cache
def _load_areas() -> None:
    """Import every area, so that its routes are in the list."""
    areas = importlib.import_module(".areas", __package__)
    for module in pkgutil.iter_modules(areas.__path__):
        importlib.import_module(f".areas.{module.name}", __package__)
