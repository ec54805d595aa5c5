"""What a folder of the media browser is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..api.asset import Asset
from ..api.query import AssetQuery
from .identifier import FolderId


@dataclass(frozen=True, slots=True, kw_only=True)
class SubFolder:
    """A folder inside of a folder.

    `picture` is the id of an asset that stands for it, `face` that of a person.
    """

    id: FolderId
    title: str
    picture: str | None = None
    face: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder, opened. `query` is what searching in it looks through; None: it can't be searched.

    `not_shown` is how much is in it that neither it nor its folders show, as far as is known.
    """

    title: str
    folders: Sequence[SubFolder] = ()
    assets: Sequence[Asset] = ()
    not_shown: int = 0
    query: AssetQuery | None = None
