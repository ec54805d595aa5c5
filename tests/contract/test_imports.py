"""Imports point down: faces, then engine, then api; nothing leans on a platform."""

import ast
from collections.abc import Iterator
from pathlib import Path
import sys

import pytest

from .code import tree
from .project import INTEGRATION, ROOT, integration_modules, relative

API = {"api"}
ENGINE = {
    *("coordinator", "downloads", "frames", "live", "news", "uploads", "webhook"),
    *("asset_filters", "asset_reference", "const", "errors", "listings", "names", "responses", "runtime"),
    *("news_data", "scopes", "server_carrier"),
}
"""Everything that isn't named here is a face."""

API_LIBRARIES = {"aiohttp", "engineio", "orjson", "socketio", "yarl"}
"""What the ground floor may use beside Python itself."""

LOADED_BY_HOME_ASSISTANT = {
    *("binary_sensor", "button", "calendar", "event", "image", "number", "select"),
    *("sensor", "switch", "update"),
    *("condition", "config_flow", "diagnostics", "intent", "llm", "media_source"),
    *("repairs", "system_health", "trigger"),
}
"""Platform modules: Home Assistant imports them by name, we never do."""

type Import = tuple[int, str]


def _module(path: Path) -> tuple[str, ...]:
    """Return a file's place in the integration, such as ("api", "albums")."""
    parts = path.relative_to(INTEGRATION).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def _imports(path: Path) -> Iterator[Import]:
    """Yield (line, name) of everything imported; our own names start with a dot.

    `from ..const import X` in `uploads/sender.py` gives `.const`; `from .. import const`
    gives `.const` too.
    """
    package = path.relative_to(INTEGRATION).parts[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= len(package) + 1, (
                f"{relative(path)}:{node.lineno} reaches outside the integration"
            )
            base = package[: len(package) - node.level + 1]
            if node.module:
                base = (*base, *node.module.split("."))
            for alias in node.names:
                yield node.lineno, "." + ".".join(base or (alias.name,))


def _floor(path: Path) -> str:
    """Return the floor a file is on."""
    module = _module(path)
    if not module:
        return "faces"
    for name, members in (("api", API), ("engine", ENGINE)):
        if module[0] in members:
            return name
    return "faces"


def _own(path: Path) -> list[Import]:
    """Return the imports of our own modules, as (line, first part of the name)."""
    return [(line, name[1:].split(".")[0]) for line, name in _imports(path) if name.startswith(".")]


def _report(path: Path, line: int, name: str) -> str:
    return f"{relative(path)}:{line} imports {name}"


@pytest.fixture(name="modules")
def modules_fixture() -> tuple[Path, ...]:
    """Return the integration's modules, of which there must be some on each floor."""
    modules = integration_modules()
    assert {_floor(path) for path in modules} == {"api", "engine", "faces"}
    return modules


def test_api_knows_nothing_above_it(modules: tuple[Path, ...]) -> None:
    """The ground floor stands alone: Python, a few libraries and itself."""
    allowed = API_LIBRARIES | set(sys.stdlib_module_names)
    wrong = [
        _report(path, line, name)
        for path in modules
        if _floor(path) == "api"
        for line, name in _imports(path)
        if (name.split(".")[1] if name.startswith(".") else name.split(".")[0])
        not in (API if name.startswith(".") else allowed)
    ]
    assert not wrong


def test_engine_knows_no_face(modules: tuple[Path, ...]) -> None:
    """The engine uses the api and itself."""
    wrong = [
        _report(path, line, name)
        for path in modules
        if _floor(path) == "engine"
        for line, name in _own(path)
        if name not in API | ENGINE
    ]
    assert not wrong


def test_nothing_imports_a_platform(modules: tuple[Path, ...]) -> None:
    """Only Home Assistant loads platform modules."""
    wrong = [
        _report(path, line, name)
        for path in modules
        for line, name in _own(path)
        if name in LOADED_BY_HOME_ASSISTANT
    ]
    assert not wrong


def test_the_plan_shows_every_room(modules: tuple[Path, ...]) -> None:
    """docs/architecture.md has a place for each module and folder at the top."""
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.relative_to(INTEGRATION).parts[0] for path in modules}
    missing = [room for room in rooms if (room if room.endswith(".py") else f"{room}/") not in plan]
    assert not missing


def test_our_own_modules_are_imported_relatively(modules: tuple[Path, ...]) -> None:
    """The integration works under whatever name Home Assistant loads it."""
    wrong = [
        _report(path, line, name)
        for path in modules
        for line, name in _imports(path)
        if name.split(".")[0] == "custom_components"
    ]
    assert not wrong


def test_schemas_are_written_with_voluptuous(modules: tuple[Path, ...]) -> None:
    """One name for one thing: never what stands behind it, nor the old future import."""
    wrong = [
        _report(path, line, name)
        for path in modules
        for line, name in _imports(path)
        if name.split(".")[0] in ("probatio", "__future__")
    ]
    assert not wrong


def test_state_is_kept_with_the_entry(modules: tuple[Path, ...]) -> None:
    """`hass.data` isn't used with our domain: what an entry needs is its runtime data."""

    def is_domain(node: ast.expr) -> bool:
        return (isinstance(node, ast.Name) and node.id == "DOMAIN") or (
            isinstance(node, ast.Constant) and node.value == INTEGRATION.name
        )

    def is_data(node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "data"

    wrong: list[str] = []
    for path in modules:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Subscript):
                found = is_data(node.value) and is_domain(node.slice)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found = is_data(node.func.value) and bool(node.args) and is_domain(node.args[0])
            else:
                continue
            if found:
                wrong.append(f"{relative(path)}:{node.lineno} uses hass.data[DOMAIN]")
    assert not wrong
