"""Rules that a linter doesn't know: sizes, leftovers, and what must never be public."""

import ast
import re

import pytest

from .code import tree
from .project import ROOT, integration_modules, project_files, relative

MOST_LINES = 600

_SLASH = "/"
MACHINE_FOLDERS = re.compile(r"(?:^|[^A-Za-z0-9_.])" + _SLASH + r"(?:work|farm|root|tmp)" + _SLASH)
_HOSTS = (
    ("pypi", "org"),
    ("python" + "hosted", "org"),
    ("registry.npm" + "js", "org"),
    ("registry.yarn" + "pkg", "com"),
    ("deb.debi" + "an", "org"),
    ("security.debi" + "an", "org"),
    ("archive.ubun" + "tu", "com"),
)
REGISTRIES = re.compile("|".join(re.escape(".".join(host)) for host in _HOSTS))
HOME = re.compile(_SLASH + r"(?:home|Users)" + _SLASH + r"(?!\.\.\.|you\b|user\b|<)\w")


def _lines_matching(pattern: re.Pattern[str]) -> list[str]:
    """Return "file:line" of every text line in the project that matches."""
    found: list[str] = []
    for path in project_files():
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found.extend(
            f"{relative(path)}:{number}"
            for number, line in enumerate(content.splitlines(), 1)
            if pattern.search(line)
        )
    return found


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        (MACHINE_FOLDERS, "open('" + _SLASH + "tmp" + _SLASH + "x')"),
        (REGISTRIES, "https://" + ".".join(_HOSTS[0])),
        (HOME, _SLASH + "home" + _SLASH + "jane"),
    ],
    ids=["folders of a machine", "registries", "homes"],
)
def test_no_trace_of_a_machine(pattern: re.Pattern[str], example: str) -> None:
    """No path of the machine that wrote a file, and no package registry's address."""
    assert pattern.search(example)
    assert _lines_matching(pattern) == []


def test_files_stay_small() -> None:
    """A file of the integration can be held in the head."""
    long = [
        f"{relative(path)}: {count} lines"
        for path in integration_modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    ]
    assert not long


def test_nothing_is_left_undone() -> None:
    """No notes to oneself in code, scripts or pages."""
    pattern = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert pattern.search("# TO" + "DO: later")
    assert _lines_matching(pattern) == []


def test_no_prints_and_no_bare_excepts() -> None:
    """The integration logs, and names what it catches."""
    wrong: list[str] = []
    for path in integration_modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                wrong.append(f"{relative(path)}:{node.lineno} prints")
            elif isinstance(node, ast.ExceptHandler) and node.type is None:
                wrong.append(f"{relative(path)}:{node.lineno} catches everything")
    assert not wrong


def test_modules_say_what_they_are() -> None:
    """Every module, public class and public function has a docstring."""
    wrong: list[str] = []
    for path in integration_modules():
        module = tree(path)
        if module.body and not ast.get_docstring(module):
            wrong.append(relative(path))
        wrong.extend(
            f"{relative(path)}:{node.lineno} {node.name}"
            for node in module.body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        )
    assert not wrong


def test_scripts_can_be_run() -> None:
    """What lies directly in scripts is a command."""
    wrong = [
        relative(path)
        for path in project_files()
        if path.parent == ROOT / "scripts" and not path.suffix and not path.stat().st_mode & 0o111
    ]
    assert not wrong
