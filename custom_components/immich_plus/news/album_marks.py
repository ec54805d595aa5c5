"""What is remembered of an album: how it was, and what was in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..api.album import Album
from .ledger import as_texts
from .recent import as_moment


@dataclass(frozen=True, slots=True)
class AlbumMark:
    """How an album was when we looked last."""

    name: str
    asset_count: int | None
    updated_at: str | None

    @classmethod
    def of(cls, album: Album) -> AlbumMark:
        """Note what shows that an album changed."""
        return cls(album.name, album.asset_count, _written(album.updated_at))

    def to_json(self) -> list[Any]:
        """Write it for the disk."""
        return [self.name, self.asset_count, self.updated_at]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> AlbumMark:
        """Read what `to_json` wrote; raises TypeError or ValueError for anything else."""
        name, asset_count, updated_at = data
        if not (
            isinstance(name, str)
            and (asset_count is None or isinstance(asset_count, int))
            and (updated_at is None or isinstance(updated_at, str))
        ):
            raise TypeError("no mark of an album")
        return cls(name, asset_count, updated_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumWatch:
    """What was in a watched album.

    `last_added`: when something came into it last, as far as is known. `newest`: when the last uploaded of its
    assets was. `seen`: what the album's figures were when all of it was compared; None if it wasn't for sure.
    """

    ids: Sequence[str] = ()
    last_added: datetime | None = None
    newest: datetime | None = None
    seen: str | None = None

    def to_json(self) -> list[Any]:
        """Write it for the disk."""
        return [list(self.ids), self.last_added, self.newest, self.seen]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> AlbumWatch:
        """Read what `to_json` wrote; raises TypeError or ValueError for anything else."""
        ids, last_added, newest, seen = data
        if not (seen is None or isinstance(seen, str)):
            raise TypeError("no figures of an album")
        return cls(
            ids=as_texts(ids),
            last_added=None if last_added is None else as_moment(last_added),
            newest=None if newest is None else as_moment(newest),
            seen=seen,
        )


def figures(album: Album) -> str:
    """Write down what changes whenever the contents of an album do."""
    moments = (_written(album.updated_at), _written(album.assets_changed_at))
    return f"{album.asset_count} {' '.join(str(moment) for moment in moments)}"


def _written(moment: datetime | None) -> str | None:
    # Some answers have microseconds, others don't (seen on 3.1.0).
    return None if moment is None else moment.isoformat(timespec="milliseconds")
