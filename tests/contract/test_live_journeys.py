"""Every action is walked on a real server by tests/live, which ordinary runs leave out."""

import ast

import pytest

from custom_components.immich_plus.actions import ACTIONS

from .project import ROOT


def _called() -> set[str]:
    """Return the names of the actions that must succeed somewhere in the journeys."""
    found: set[str] = set()
    for path in sorted((ROOT / "tests" / "live").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "act"
                and node.args
                and isinstance(name := node.args[0], ast.Constant)
                and isinstance(name.value, str)
            ):
                found.add(name.value)
    return found


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_has_a_journey(action: str) -> None:
    """An action without one would only ever have met the fake server."""
    assert action in _called()


def test_journeys_are_of_actions() -> None:
    """Nothing is called that there is not."""
    assert _called() <= set(ACTIONS)
