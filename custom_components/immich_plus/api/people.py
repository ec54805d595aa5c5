"""People that Immich recognised (`people`)."""

from typing import TYPE_CHECKING

from .parse import integer, need_dict, need_integer

if TYPE_CHECKING:
    from .transport import Transport


class People:
    """Calls about people."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def count(self) -> int:
        """Count the people that are not hidden, unnamed ones included (scope `person.read`).

        `total` counts the hidden ones, too, whatever was asked for (seen on 3.1.0).
        """
        answer = await self._transport.get("people", {"size": 1, "withHidden": False})
        data = need_dict(answer, "people")
        return max(0, need_integer(data, "total", "people") - (integer(data, "hidden") or 0))
