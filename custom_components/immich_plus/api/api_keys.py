"""The key itself: what it may do (`api-keys/me`)."""

from typing import TYPE_CHECKING

from .parse import need_dict, need_list

if TYPE_CHECKING:
    from .transport import Transport


class ApiKeys:
    """Calls about API keys."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def scopes(self) -> list[str]:
        """Ask for the permissions of the key in use (any key, no scope; from 1.139 on)."""
        data = need_dict(await self._transport.get("api-keys/me"), "api-keys/me")
        listed = need_list(data.get("permissions"), "api-keys/me")
        return [entry for entry in listed if isinstance(entry, str)]
