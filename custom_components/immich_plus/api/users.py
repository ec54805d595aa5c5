"""Users: whose key it is, and who else is on the server (`users`)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .parse import Json, boolean, integer, many_rows, need_dict, need_text, text
from .transport import LISTING

if TYPE_CHECKING:
    from .transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user that a key belongs to. Quota figures are bytes; a quota of None means no limit."""

    id: str
    name: str
    is_admin: bool
    quota_size: int | None
    quota_usage: int | None

    @classmethod
    def from_json(cls, value: object) -> Account:
        """Read `GET users/me`; the e-mail address and the rest are left alone on purpose."""
        data = need_dict(value, "users/me")
        return cls(
            id=need_text(data, "id", "users/me"),
            name=text(data, "name") or "",
            is_admin=boolean(data, "isAdmin") is True,
            quota_size=integer(data, "quotaSizeInBytes"),
            quota_usage=integer(data, "quotaUsageInBytes"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody with an account on the server. `email` is only for finding who was meant: it is never shown."""

    id: str
    name: str
    email: str = field(repr=False)

    @classmethod
    def from_json(cls, data: Json) -> User:
        """Read a user; what isn't told is empty."""
        return cls(
            id=need_text(data, "id", "users"), name=text(data, "name") or "", email=text(data, "email") or ""
        )


class Users:
    """Calls about users."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def me(self) -> Account:
        """Ask whose key this is (scope `user.read`)."""
        return Account.from_json(await self._transport.get("users/me"))

    async def list(self) -> Sequence[User]:
        """List the users of the server, the account's own included (scope `user.read`).

        Where the administrator keeps users private, others than administrators see only themselves.
        """
        return await many_rows(await self._transport.get("users", timeout=LISTING), User.from_json, "users")
