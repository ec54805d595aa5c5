"""The folders of the files on the server (`view/folder`)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .asset import Asset
from .parse import many_rows, need_list
from .transport import LISTING

if TYPE_CHECKING:
    from .transport import Transport


class Folders:
    """Calls about folders (scope `folder.read` from 2.5 on, `all` before); own assets of the timeline only."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def paths(self) -> Sequence[str]:
        """List all folders that hold files. Paths of the server are nobody's business but its owner's."""
        answer = await self._transport.get("view/folder/unique-paths", timeout=LISTING)
        return [path for path in need_list(answer, "view/folder") if isinstance(path, str) and path]

    async def assets(self, path: str) -> Sequence[Asset]:
        """List the assets of one folder, those of folders inside it left out, by file name."""
        answer = await self._transport.get("view/folder", {"path": path}, timeout=LISTING)
        return await many_rows(answer, Asset.from_json, "view/folder")
