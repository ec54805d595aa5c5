"""Read docs/api-coverage.md: what the client speaks, what it doesn't yet, and what it leaves out for a reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Final

from .paths import PROJECT
from .spoken import METHODS, Operation

PAGE: Final = PROJECT / "docs" / "api-coverage.md"
USED: Final = "Used"
UNLISTED: Final = "Used, though no description names it"
NOT_YET: Final = "Not yet"
LEFT_OUT: Final = "Left out on purpose"
SECTIONS: Final = (USED, UNLISTED, NOT_YET, LEFT_OUT)

_CODE: Final = re.compile(r"`([^`]*)`")
_PATTERN: Final = re.compile(
    rf"(?P<method>\*|{'|'.join(METHODS)}) (?P<path>(?:/(?:[A-Za-z0-9.-]+|\{{[A-Za-z]+\}}))+)(?P<below>/\*)?"
)


class PageError(Exception):
    """The page can't be read; the text says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Operations as the page names them: `GET /tags/{id}`, `* /sync/*`.

    `*` as the method is any; `/*` at the end takes in the path itself and all below it.
    """

    text: str
    method: str
    path: str
    below: bool

    @classmethod
    def from_text(cls, text: str) -> Pattern:
        """Read one; raises PageError if it isn't well formed."""
        if not (match := _PATTERN.fullmatch(text)):
            raise PageError(f"`{text}` is no pattern such as `GET /tags/{{id}}` or `* /sync/*`")
        return cls(
            text=text,
            method=match["method"],
            path=Operation.of("GET", match["path"]).path,
            below=match["below"] is not None,
        )

    def covers(self, operation: Operation) -> bool:
        """Whether it means this operation."""
        if self.method not in ("*", operation.method):
            return False
        return operation.path == self.path or (self.below and operation.path.startswith(f"{self.path}/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of one of the page's tables; `words` say what it is used for, or why it isn't."""

    section: str
    area: str
    patterns: tuple[Pattern, ...]
    words: str

    def covers(self, operation: Operation) -> bool:
        """Whether one of its patterns means this operation."""
        return any(pattern.covers(operation) for pattern in self.patterns)


def read_page(page: Path = PAGE) -> list[Row]:
    """Read all rows; raises PageError if a section or table isn't as it should be."""
    rows = list(_rows(page.read_text(encoding="utf-8")))
    if missing := [section for section in SECTIONS if not any(row.section == section for row in rows)]:
        raise PageError(f"no rows under “{missing[0]}”")
    return rows


def _rows(text: str) -> Iterator[Row]:
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            section = line.lstrip("#").strip()
        if section not in SECTIONS or not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[1:2] == ["operations"] or set("".join(cells)) <= set("-: "):
            continue
        try:
            yield _row(section, cells)
        except PageError as error:
            raise PageError(f"line {number}: {error}") from error


def _row(section: str, cells: list[str]) -> Row:
    if len(cells) != 3 or not all(cells):
        raise PageError("a row has an area, its operations and words")
    area, operations, words = cells
    if _CODE.sub("", operations).strip(", "):
        raise PageError("operations are written as code, with commas between")
    patterns = tuple(Pattern.from_text(code) for code in _CODE.findall(operations))
    return Row(section=section, area=area, patterns=patterns, words=words)
