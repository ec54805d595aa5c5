"""People that Immich recognised (`people`)."""

from typing import TYPE_CHECKING

from .parse import need_dict, need_integer

if TYPE_CHECKING:
    from .transport import Transport


class People:
    """Calls about people."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def count(self) -> int:
        """Count the people that are not hidden, unnamed ones included (scope `person.read`)."""
        answer = await self._transport.get("people", {"size": 1, "withHidden": False})
        return need_integer(need_dict(answer, "people"), "total", "people")
