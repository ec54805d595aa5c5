"""What a route's handler gets to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .auth import Auth
from .dialect import Dialect
from .models import User
from .request_log import LoggedRequest
from .routing import Route
from .rules import Uuid
from .state import State
from .validate import MISSING, Array, Obj, Rule, check

if TYPE_CHECKING:
    from .fake import FakeImmich


@dataclass(slots=True, kw_only=True)
class Context:
    """One request on its way through a handler.

    ``json`` is the parsed body (``MISSING`` without one); handlers read it through
    :meth:`body`. ``entry`` is the request in the log.
    """

    fake: FakeImmich
    state: State
    dialect: Dialect
    request: web.Request
    route: Route
    params: Mapping[str, str]
    entry: LoggedRequest
    json: Any = MISSING
    maybe_auth: Auth | None = None

    @property
    def auth(self) -> Auth:
        """Return who is asking; not for public routes."""
        if self.maybe_auth is None:
            raise LookupError(f"{self.route.template} is public")
        return self.maybe_auth

    @property
    def user(self) -> User:
        """Return the user who is asking; for share keys, the owner of the link."""
        return self.auth.user

    def id(self, name: str = "id") -> str:
        """Return a UUID from the path, or answer 400."""
        values = check(Obj({name: Uuid()}), dict(self.params), strict=self.dialect.strict)
        return str(values[name])

    def param(self, name: str, rule: Rule) -> Any:
        """Return a checked part of the path."""
        values = check(Obj({name: rule}), dict(self.params), strict=self.dialect.strict)
        return values[name]

    def query(self, rule: Obj) -> dict[str, Any]:
        """Return the checked query; repeated parameters make a list."""
        raw: dict[str, Any] = {}
        for name in self.request.query:
            values = self.request.query.getall(name)
            raw[name] = values if len(values) > 1 else values[0]
        return self._checked(rule, raw)

    def body(self, rule: Obj) -> dict[str, Any]:
        """Return the checked JSON (or form) body."""
        return self._checked(rule, self.json)

    def check(self, rule: Rule, value: Any) -> Any:
        """Check any other value the way of this release."""
        return check(rule, value, strict=self.dialect.strict)

    def _checked(self, rule: Obj, value: Any) -> dict[str, Any]:
        result: dict[str, Any] = check(rule, value, strict=self.dialect.strict)
        return result


#: ``{"ids": [...]}``, the body of a dozen routes.
IDS = Obj({"ids": Array(Uuid())})
