"""docs/live.md tells of every event type, every piece of news and every blueprint, and of none that isn't there."""

from pathlib import Path
import re
from typing import Any, Final
from urllib.parse import quote

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.immich_plus.event import ALBUM_EVENTS, LIBRARY_EVENTS
from custom_components.immich_plus.news.news import NewsType
from custom_components.immich_plus.trigger import TRIGGERS

from .project import INTEGRATION, ROOT, manifest, project_files, relative

PAGE: Final = ROOT / "docs" / "live.md"
BLUEPRINTS: Final = ROOT / "blueprints" / "automation" / INTEGRATION.name
IMPORT: Final = "https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url="
FILES: Final = sorted(path for path in project_files() if path.is_relative_to(ROOT / "blueprints"))


def _text() -> str:
    return PAGE.read_text(encoding="utf-8")


def _table_below(heading: str) -> list[str]:
    """Return what stands first in each row of the first table below a heading, without its head."""
    part = _text().partition(f"\n{heading}\n")[2]
    rows = [line for line in part.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return re.findall(r"^\| `(\w+)` \|", "\n".join(rows), re.MULTILINE)


def test_event_types_of_the_library() -> None:
    """Each in one row of the table."""
    assert _table_below("## The event entity") == list(LIBRARY_EVENTS.values())


def test_event_types_of_albums() -> None:
    """Each in one row of the table."""
    assert _table_below("## An album with a device of its own") == list(ALBUM_EVENTS.values())


def test_news_of_each_type_reach_somebody() -> None:
    """As an event or a trigger."""
    heard = {*LIBRARY_EVENTS, *ALBUM_EVENTS, *(NewsType(name) for name in TRIGGERS)}
    assert heard == set(NewsType)


def test_each_event_type_of_the_library_has_an_example() -> None:
    """An automation that waits for it."""
    blocks = "\n".join(re.findall(r"```yaml\n(.*?)```", _text(), re.DOTALL))
    assert not [
        kind for kind in LIBRARY_EVENTS.values() if not re.search(rf"\b{kind}$", blocks, re.MULTILINE)
    ]


def test_each_trigger_has_an_example() -> None:
    """An automation that waits for it."""
    assert not [name for name in TRIGGERS if f"- trigger: {INTEGRATION.name}.{name}\n" not in _text()]


def test_the_readme_shows_an_automation_that_is_tried() -> None:
    """The tests run the automations of the page; the README's is one of them."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [
        block
        for block in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
        if f"trigger: {INTEGRATION.name}." in block
    ]
    assert shown
    assert all(block in _text() for block in shown)


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_blueprints_are_offered(path: Path) -> None:
    """Each lies where Home Assistant would put it, and the page links to it and to its import."""
    assert path.parent == BLUEPRINTS
    address = f"{manifest()['documentation']}/blob/main/{relative(path)}"
    assert f"](../{relative(path)})" in _text()
    assert f"[import][{path.stem}]" in _text()
    assert f"\n[{path.stem}]: {IMPORT}{quote(address, safe='')}\n" in _text()


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_blueprints_are_blueprints(path: Path) -> None:
    """Home Assistant takes each, knows where it comes from, and what it asks for has names."""
    data = load_yaml_dict(str(path))
    blueprint = Blueprint(
        data, expected_domain="automation", path=path.name, schema=AUTOMATION_BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    about = blueprint.metadata
    assert about["source_url"] == f"{manifest()['documentation']}/blob/main/{relative(path)}"
    assert about["name"].startswith(f"{manifest()['name']}: ")
    assert about["description"]
    for name, asked in _inputs(data["blueprint"]["input"]):
        assert asked["name"], name
        assert asked["selector"], name


def _inputs(inputs: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return all inputs, those in sections as well."""
    found: list[tuple[str, Any]] = []
    for name, asked in inputs.items():
        found += _inputs(asked["input"]) if "input" in asked else [(name, asked)]
    return found


def test_there_are_blueprints() -> None:
    """Four that people asked for."""
    assert len(FILES) >= 4
