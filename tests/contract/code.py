"""The integration's code, as the contract tests read it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .project import integration_modules, relative


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call in the code: where it is, the called name's last part, and what it is given."""

    path: Path
    place: str
    name: str
    positional: list[ast.expr]
    keywords: dict[str | None, ast.expr]

    def text(self, keyword: str) -> str | None:
        """Return the text that is written for a keyword, None if it isn't a plain text."""
        value = self.keywords.get(keyword)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
        return None

    def keys(self, keyword: str) -> frozenset[str]:
        """Return the keys of the dictionary that is written for a keyword."""
        value = self.keywords.get(keyword, ast.Dict())
        assert isinstance(value, ast.Dict), f"{self.place}: write {keyword} itself"
        assert all(isinstance(key, ast.Constant) for key in value.keys), self.place
        return frozenset(str(key.value) for key in value.keys if isinstance(key, ast.Constant))


def calls() -> Iterator[Call]:
    """Yield every call of a plain or dotted name in the integration's code."""
    for path in integration_modules():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Attribute):
                name = node.func.attr
            elif isinstance(node.func, ast.Name):
                name = node.func.id
            else:
                continue
            yield Call(
                path=path,
                place=f"{relative(path)}:{node.lineno}",
                name=name,
                positional=node.args,
                keywords={keyword.arg: keyword.value for keyword in node.keywords},
            )
