"""Tags: names that people give to assets, nested with slashes (`tags`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .bulk import Changed, in_pages, pages
from .errors import ImmichNotFoundError
from .ids import need_id
from .parse import Json, boolean, many_rows, need_text, rows, text
from .transport import LISTING

if TYPE_CHECKING:
    from .transport import Transport

# Tags put on a page of 1,000 assets in one request: Immich's database takes about 32,000 pairs at once.
TAGS_PER_REQUEST: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag; `value` is the whole path (`holiday/sea`), `name` its last part, `parent_id` the tag above it."""

    id: str
    name: str
    value: str
    parent_id: str | None

    @classmethod
    def from_json(cls, data: Json) -> Tag:
        """Read a tag."""
        value = need_text(data, "value", "tags")
        return cls(
            id=need_text(data, "id", "tags"),
            name=value.rpartition("/")[2],
            value=value,
            parent_id=text(data, "parentId"),
        )


class Tags:
    """Calls about tags."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def list(self) -> Sequence[Tag]:
        """List all tags of the account (scope `tag.read`)."""
        return await many_rows(await self._transport.get("tags", timeout=LISTING), Tag.from_json, "tags")

    async def upsert(self, values: Sequence[str]) -> Sequence[Tag]:
        """Return the tags of these paths, making those that are missing (scope `tag.create`)."""
        answer = await self._transport.send("PUT", "tags", {"tags": values})
        return rows(answer, Tag.from_json, "tags")

    async def assign(self, tag_ids: Sequence[str], asset_ids: Sequence[str]) -> None:
        """Put each tag on each asset, any numbers of both (scope `tag.asset`).

        Assets that have a tag already stay as they are; unknown ones are skipped without a word.
        """
        tags = [need_id(tag_id) for tag_id in tag_ids]
        for page in pages(asset_ids):
            for start in range(0, len(tags), TAGS_PER_REQUEST):
                body = {"tagIds": tags[start : start + TAGS_PER_REQUEST], "assetIds": page}
                await self._transport.send("PUT", "tags/assets", body, timeout=LISTING)

    async def assign_each(self, tag_id: str, asset_ids: Sequence[str]) -> Changed[None]:
        """Put a tag on assets, and tell which can't have it: unknown and other people's ones (scope `tag.asset`).

        Takes any number, 1,000 a request. Raises ImmichNotFoundError if the tag is unknown, or all the assets.
        """
        path = f"tags/{need_id(tag_id)}/assets"

        async def _assign(ids: list[str]) -> dict[str, bool]:
            answer = await self._transport.send("PUT", path, {"ids": ids}, timeout=LISTING)
            told = dict(rows(answer, _assigned, path))
            return {asset_id: told.get(asset_id, False) for asset_id in ids}

        told = await in_pages(asset_ids, _assign)
        changed: Changed[None] = Changed(failed=dict(told.failed))
        for asset_id, has_it in told.results.items():
            if has_it:
                changed.results[asset_id] = None
            else:
                changed.failed[asset_id] = ImmichNotFoundError("Not found or no asset.update access")
        return changed.or_raise()

    async def unassign(self, tag_id: str, asset_ids: Sequence[str]) -> dict[str, bool]:
        """Take a tag off assets, and tell for each whether it had it (scope `tag.asset`).

        Takes any number, 1,000 a request. Raises ImmichNotFoundError if the tag is unknown.
        """
        path = f"tags/{need_id(tag_id)}/assets"
        results: dict[str, bool] = {}
        for page in pages(asset_ids):
            answer = await self._transport.send("DELETE", path, {"ids": page}, timeout=LISTING)
            told = dict(rows(answer, _removed, path))
            results |= {asset_id: told.get(asset_id, False) for asset_id in page}
        return results


def _assigned(row: Json) -> tuple[str, bool]:
    has_it = boolean(row, "success") is True or text(row, "error") == "duplicate"
    return need_text(row, "id", "tags/assets"), has_it


def _removed(row: Json) -> tuple[str, bool]:
    return need_text(row, "id", "tags/assets"), boolean(row, "success") is True
