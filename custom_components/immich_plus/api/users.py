"""Users: whose key it is (`users/me`)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .parse import boolean, integer, need_dict, need_text, text

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


class Users:
    """Calls about users."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def me(self) -> Account:
        """Ask whose key this is (scope `user.read`)."""
        return Account.from_json(await self._transport.get("users/me"))
