"""The media browser has a text for everything that it shows, and no text that it doesn't."""

import ast
from collections.abc import Iterator

import pytest

from custom_components.immich_plus.media.kinds import KINDS

from .code import tree
from .project import INTEGRATION, LANGUAGES, integration_modules, placeholders, section, translations

PREFIX = "media_"
MADE = {
    "albums_": {"albums_owned", "albums_shared"},
    "month_": {f"month_{month}" for month in range(1, 13)},
}
"""Keys that the code puts together, by their beginnings."""


def _keys(node: ast.expr) -> set[str]:
    """Return the keys that an expression may give."""
    match node:
        case ast.Constant(value=str(key)):
            return {key}
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue()]):
            return MADE[start]
        case ast.IfExp(body=body, orelse=otherwise):
            return _keys(body) | _keys(otherwise)
        case ast.Name(id="name"):
            return {name for name, kind in KINDS.items() if kind.listed}
    raise AssertionError(f"line {node.lineno}: write the key itself")


def _asked() -> Iterator[tuple[set[str], set[str]]]:
    """Yield the keys that each call for a text may ask for, and what it fills in."""
    for path in integration_modules():
        own = path == INTEGRATION / "media" / "texts.py"
        for node in ast.walk(tree(path)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="texts"), attr="get"), args=[key]):
                    pass
                case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr="get"), args=[key]) if own:
                    pass
                case _:
                    continue
            yield _keys(key), {keyword.arg for keyword in node.keywords if keyword.arg}


def _texts(language: str) -> dict[str, str]:
    """Return the texts of the media browser by what stands behind their prefix."""
    return {
        key.removeprefix(PREFIX): text
        for key, text in section(translations(language), "common").items()
        if key.startswith(PREFIX)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_folder_has_a_name(language: str) -> None:
    """Whatever an account lists has a name of its own."""
    names = [_texts(language)[name] for name, kind in KINDS.items() if kind.listed]
    assert len(set(names)) == len(names) > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_is_there_and_filled(language: str) -> None:
    """Each call finds its text, fills in all of it, and none is left over."""
    texts = _texts(language)
    used: set[str] = set()
    for keys, filled in _asked():
        for key in keys:
            assert key in texts
            assert placeholders(texts[key]) == filled, key
        used |= keys
    assert sorted(set(texts) - used) == []
