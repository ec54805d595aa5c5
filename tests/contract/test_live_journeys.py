"""Every action and every kind of folder is walked on a real server by tests/live, which ordinary runs leave out."""

import ast
from collections.abc import Iterator

import pytest

from custom_components.immich_plus.actions import ACTIONS
from custom_components.immich_plus.media.kinds import KINDS

from .project import ROOT

LOOKED_INTO = {"assets", "descend", "holds"}
"""What the journeys through the media browser do with a folder whose kind they name."""


def _calls() -> Iterator[ast.Call]:
    """Yield each call in the journeys."""
    for path in sorted((ROOT / "tests" / "live").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def _called() -> set[str]:
    """Return the names of the actions that must succeed somewhere in the journeys."""
    found: set[str] = set()
    for call in _calls():
        match call:
            case ast.Call(func=ast.Name(id="act"), args=[ast.Constant(str(name)), *_]):
                found.add(name)
    return found


def _looked_into() -> set[str]:
    """Return the kinds of folders whose contents are looked at somewhere in the journeys."""
    found: set[str] = set()
    for call in _calls():
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="look"), attr=attr), args=[path, *_]):
                pass
            case _:
                continue
        match path:
            case ast.Constant(str(start)) | ast.JoinedStr(values=[ast.Constant(str(start)), *_]):
                if attr in LOOKED_INTO:
                    found.add(start.partition("/")[0])
    return found


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_has_a_journey(action: str) -> None:
    """An action without one would only ever have met the fake server."""
    assert action in _called()


def test_journeys_are_of_actions() -> None:
    """Nothing is called that there is not."""
    assert _called() <= set(ACTIONS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_folder_has_a_journey(kind: str) -> None:
    """What a folder of a new kind holds must have been compared with a real server's own listing."""
    assert kind in _looked_into()


def test_journeys_are_through_kinds_of_folders() -> None:
    """Nothing is looked into that there is not."""
    assert _looked_into() <= set(KINDS)
