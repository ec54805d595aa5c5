"""How folders of the media browser are named: one writer and one parser.

`<user id>/<kind>[/<value>…][/=all][/=<first>-<last>]`: values are percent-encoded, so that only these two begin
with `=`. `=all` is all that a folder with folders holds, without them; the numbers are a part of a divided
folder. Photos and films have names of their own, see `AssetReference`.
"""

from dataclasses import dataclass, replace
import re
from typing import Final, Self, override
from urllib.parse import quote, unquote

from ..api.ids import as_id

_ALL: Final = "=all"
# Deeper folders don't exist, and longer texts name nothing.
_LONGEST: Final = 2000
_PATTERN: Final = re.compile(
    r"(?P<user>[^/]+)"
    r"(?:/(?P<kind>[^/]+)(?P<values>(?:/[^/=][^/]*){0,5})(?P<all>/=all)?"
    r"(?:/=(?P<first>\d{1,7})-(?P<last>\d{1,7}))?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Part:
    """Pages of a folder that is too large for one: from `first` to `last`, counted from 1."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class FolderId:
    """A folder: whose, of what kind, and which of its kind. Without a kind it is the account itself.

    `everything`: only what it holds, without the folders in it.
    """

    user_id: str
    kind: str = ""
    values: tuple[str, ...] = ()
    everything: bool = False
    part: Part | None = None

    @override
    def __str__(self) -> str:
        """Write the identifier as it stands behind `media-source://immich_plus/`."""
        words = [self.user_id, self.kind] if self.kind else [self.user_id]
        words += (quote(value, safe="") for value in self.values)
        if self.everything:
            words.append(_ALL)
        if self.part is not None:
            words.append(f"={self.part.first}-{self.part.last}")
        return "/".join(words)

    def child(self, *values: str) -> Self:
        """Return a folder inside this one; for the account, the first value is the kind."""
        if not self.kind:
            return replace(self, kind=values[0], values=values[1:])
        return replace(self, values=(*self.values, *values), everything=False, part=None)

    def all(self) -> Self:
        """Return the folder of all that this one holds, without the folders in it."""
        return replace(self, everything=True, part=None)

    def pages(self, first: int, last: int) -> Self:
        """Return a part of this folder."""
        return replace(self, part=Part(first, last))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an identifier; None for any other text."""
        if len(text) > _LONGEST:
            return None
        match = _PATTERN.fullmatch(text)
        if match is None or (user_id := as_id(match["user"])) is None:
            return None
        part = None
        if match["first"] is not None:
            part = Part(int(match["first"]), int(match["last"]))
            if not 1 <= part.first <= part.last:
                return None
        values = tuple(unquote(value) for value in match["values"].split("/")[1:]) if match["kind"] else ()
        return cls(user_id, match["kind"] or "", values, match["all"] is not None, part)
