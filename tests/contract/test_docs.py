"""The README and the pages under docs: complete, with links and examples that work."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any
from urllib.parse import unquote

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from PIL import Image
import pytest
import yaml

from custom_components.immich_plus.actions import ACTIONS
from custom_components.immich_plus.api.permissions import SCOPES

from .actions import action_schemas
from .project import INTEGRATION, ROOT, documents, project_files, relative, section, texts, translations

FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
TAG = re.compile(r"<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)=\"([^\"]+)\"")
AUTOMATION_KEYS = {
    *("id", "alias", "description", "triggers", "conditions", "actions", "mode", "max"),
    *("variables", "trigger_variables"),
}

type Example = tuple[str, Any]


class _Loader(yaml.SafeLoader):
    """Reads YAML as Home Assistant writes it."""


_Loader.add_multi_constructor("!", lambda _loader, suffix, node: f"!{suffix} {node.value}")


def _slugs(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    found: dict[str, int] = {}
    slugs: set[str] = set()
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        slugs.add(f"{slug}-{count}" if count else slug)
    return slugs | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))


def _links(page: Path) -> list[str]:
    """Return the targets of a page's links and pictures that lie in the project."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    text = re.sub(r"`[^`\n]*`", "", text)
    return [
        target
        for target in (*LINK.findall(text), *TAG.findall(text))
        if not re.match(r"[a-z][a-z+.-]*:", target)
    ]


def _examples() -> list[Example]:
    """Return every YAML example as (file:line, contents)."""
    found: list[Example] = []
    for page in documents():
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match[2] in ("yaml", "yml"):
                line = text.count("\n", 0, match.start()) + 1
                block = "\n".join(row.removeprefix(match[1]) for row in match[3].split("\n"))
                # A loader of PyYAML that only makes plain values, see above.
                parsed = yaml.load(block, Loader=_Loader)  # noqa: S506
                found.append((f"{relative(page)}:{line}", parsed))
    return found


def _calls(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every call of one of our actions in an example."""
    if isinstance(tree, list):
        for item in tree:
            yield from _calls(item)
    elif isinstance(tree, dict):
        if str(tree.get("action", "")).startswith(f"{INTEGRATION.name}."):
            yield tree
        for value in tree.values():
            yield from _calls(value)


def _automations(tree: Any) -> list[dict[str, Any]]:
    """Return the automations in an example, which may be one, a list or a part."""
    if isinstance(tree, dict) and "automation" in tree:
        tree = tree["automation"]
    candidates = tree if isinstance(tree, list) else [tree]
    return [item for item in candidates if isinstance(item, dict) and "triggers" in item]


def _readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", documents(), ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link inside the project resolves, its anchor too."""
    known = {*project_files(), *(path.parent for path in project_files())}
    wrong: list[str] = []
    for target in _links(page):
        name, _, anchor = target.partition("#")
        goal = (page.parent / unquote(name)).resolve() if name else page
        if goal not in known or (anchor and goal.suffix == ".md" and anchor not in _slugs(goal)):
            wrong.append(target)
    assert not wrong


def test_pictures_are_pictures() -> None:
    """The README shows a dashboard and a device page, and every picture can be opened."""
    shown = [name for name in _links(ROOT / "README.md") if name.endswith(".png")]
    assert len([name for name in shown if name.startswith("docs/")]) >= 2
    for path in project_files():
        if path.is_relative_to(ROOT / "docs") and path.suffix in (".png", ".jpg"):
            with Image.open(path) as picture:
                picture.verify()
                assert picture.width >= 300, relative(path)


def test_every_picture_is_shown() -> None:
    """No picture under docs that no page shows."""
    shown = {
        (page.parent / unquote(name.partition("#")[0])).resolve()
        for page in documents()
        for name in _links(page)
    }
    unused = [
        relative(path)
        for path in project_files()
        if path.is_relative_to(ROOT / "docs")
        and path.suffix in (".png", ".jpg", ".gif", ".svg")
        and path not in shown
    ]
    assert not unused


def test_readme_names_every_entity() -> None:
    """A person finds each entity by the name that Home Assistant shows."""
    readme = _readme()
    missing = [
        f"{key}: {text}"
        for key, text in texts(section(translations("en"), "entity"))
        if key.endswith(".name")
        and "state_attributes" not in key
        and re.sub(r" ?\{\w+\} ?", "", text) not in readme
    ]
    assert not missing


def test_readme_names_every_action() -> None:
    """A person finds each action by the name that is written into automations."""
    readme = _readme()
    missing = [
        name
        for name in action_schemas()
        if f"`{name}`" not in readme and f"`{INTEGRATION.name}.{name}`" not in readme
    ]
    assert not missing


def test_readme_names_every_scope() -> None:
    """The table of the key's permissions has each that something needs, and none that Immich doesn't know."""
    rows = "\n".join(line for line in _readme().splitlines() if line.startswith("|"))
    named = set(re.findall(r"`([a-z][A-Za-z]*\.[a-z][A-Za-z]*)`", rows))
    assert sorted(named) == sorted({scope for scopes in SCOPES.values() for scope in scopes})


def test_pages_tell_every_field() -> None:
    """Each field of each action is explained in the README or under docs."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in documents())
    missing = [
        f"{name}.{field}"
        for name, schema in action_schemas().items()
        for field in schema.fields
        if f"`{field}`" not in pages
    ]
    assert not missing


def test_the_table_says_who_may_do_what() -> None:
    """Each action has one row, which tells whether a person who calls it has to be an administrator."""
    page = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
    part = page.partition("\n## Who may do what\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if "`" in line
    ]
    told = [(name, who) for actions, who, _always in rows for name in re.findall(r"`(\w+)`", actions)]
    wanted = [
        (name, "administrators" if action.administrators else "everyone") for name, action in ACTIONS.items()
    ]
    assert sorted(told) == sorted(wanted)


def test_readme_has_the_two_commands() -> None:
    """A newcomer sees at once what to type."""
    commands = "\n".join(match[3] for match in FENCE.finditer(_readme()))
    for command in ("scripts/demo", "scripts/test"):
        assert re.search(rf"^\s*(?:\$ )?(?:\./)?{command}\b", commands, re.MULTILINE)


def test_examples_use_what_exists() -> None:
    """Each call of our actions in an example has known fields and good values."""
    schemas = action_schemas()
    called: set[str] = set()
    for place, example in _examples():
        for call in _calls(example):
            name = call["action"].partition(".")[2]
            called.add(name)
            assert name in schemas, f"{place} calls {call['action']}"
            data = call.get("data", {})
            assert set(data) <= set(schemas[name].fields), f"{place}: {name}"
            if "{{" not in str(data) and "!" not in str(data):
                schemas[name].schema(data)
    assert called == set(schemas), "actions without an example"


async def test_automation_examples_are_automations(hass: HomeAssistant) -> None:
    """At least three whole automations, which Home Assistant would accept."""
    found = 0
    for place, example in _examples():
        for automation in _automations(example):
            found += 1
            assert set(automation) <= AUTOMATION_KEYS, place
            assert automation["alias"], place
            assert cv.TRIGGER_SCHEMA(automation["triggers"]), place
            cv.CONDITIONS_SCHEMA(automation.get("conditions", []))
            assert cv.SCRIPT_SCHEMA(automation["actions"]), place
    assert found >= 3
