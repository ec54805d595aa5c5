"""Tags: names that people give to assets, nested with slashes (`tags`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .parse import Json, need_text, rows
from .transport import LISTING

if TYPE_CHECKING:
    from .transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag; `value` is the whole path (`holiday/sea`), `name` its last part."""

    id: str
    name: str
    value: str

    @classmethod
    def from_json(cls, data: Json) -> Tag:
        """Read a tag."""
        value = need_text(data, "value", "tags")
        return cls(id=need_text(data, "id", "tags"), name=value.rpartition("/")[2], value=value)


class Tags:
    """Calls about tags."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def list(self) -> Sequence[Tag]:
        """List all tags of the account (scope `tag.read`)."""
        return rows(await self._transport.get("tags", timeout=LISTING), Tag.from_json, "tags")

    async def upsert(self, values: Sequence[str]) -> Sequence[Tag]:
        """Return the tags of these paths, making those that are missing (scope `tag.create`)."""
        answer = await self._transport.send("PUT", "tags", {"tags": values})
        return rows(answer, Tag.from_json, "tags")

    async def assign(self, tag_ids: Sequence[str], asset_ids: Sequence[str]) -> None:
        """Put each tag on each asset; those that have it already stay as they are (scope `tag.asset`)."""
        await self._transport.send("PUT", "tags/assets", {"tagIds": tag_ids, "assetIds": asset_ids})
