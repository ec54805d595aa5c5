"""Triggers and conditions: what the code takes, the editor shows, the texts say and the page tells is one thing."""

import ast
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import selector
import pytest
import voluptuous as vol

from custom_components.immich_plus import condition, trigger

from .code import tree
from .project import INTEGRATION, LANGUAGES, ROOT, automation_fields, section, translations

KINDS: Final = ("triggers", "conditions")
EVERY: Final = [
    pytest.param(kind, name, id=f"{kind}.{name}") for kind in KINDS for name in automation_fields(kind)
]


def _registered(kind: str) -> Mapping[str, Any]:
    """Return the classes that the code registers, by name."""
    return trigger.TRIGGERS if kind == "triggers" else condition.CONDITIONS


def _options(kind: str, name: str) -> dict[str, bool]:
    """Return each option that the code takes, and whether it must be given."""
    schema: Any = trigger.TRIGGERS[name].schema if kind == "triggers" else condition._SCHEMA
    (options,) = (inner for marker, inner in schema.schema.items() if marker == "options")
    return {str(marker): isinstance(marker, vol.Required) for marker in options}


@pytest.mark.parametrize("kind", KINDS)
async def test_described_is_what_is_registered(hass: HomeAssistant, kind: str) -> None:
    """One without a description can't be chosen in the editor, one without code breaks there."""
    described = automation_fields(kind)
    assert described
    assert set(described) == set(_registered(kind))
    found = (
        await trigger.async_get_triggers(hass)
        if kind == "triggers"
        else await condition.async_get_conditions(hass)
    )
    assert set(found) == set(described)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_fields_are_the_options(kind: str, name: str) -> None:
    """Every option can be filled in, and those that must be are marked."""
    fields = automation_fields(kind)[name]
    assert {key: field.get("required", False) for key, field in fields.items()} == _options(kind, name)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_selectors_can_show_the_fields(kind: str, name: str) -> None:
    """Each selector exists and takes the field's default; accounts are chosen among ours."""
    for key, field in automation_fields(kind)[name].items():
        chosen: Any = selector(field["selector"])
        if "default" in field:
            chosen(field["default"])
        if key == "config_entry_id":
            assert field["selector"] == {"config_entry": {"integration": INTEGRATION.name}}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_whole(kind: str, language: str) -> None:
    """Each has a name and a description, its fields too, and no text is left over."""
    told = section(translations(language), kind)
    described = automation_fields(kind)
    assert set(told) == set(described)
    for name, text in told.items():
        assert set(text) == {"name", "description", "fields"}, name
        assert set(text["fields"]) == set(described[name]), name
        for key, field in text["fields"].items():
            assert set(field) == {"name", "description"}, f"{name}.{key}"


def test_descriptions_begin_alike() -> None:
    """As Home Assistant's own do."""
    for kind, begin in (("triggers", "Triggers when "), ("conditions", "Tests if ")):
        for name, text in section(translations("en"), kind).items():
            assert text["description"].startswith(begin), name


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_the_page_tells_of_each(kind: str, name: str) -> None:
    """How it is written, with all its options."""
    page = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
    assert f"`{INTEGRATION.name}.{name}`" in page
    assert not [option for option in _options(kind, name) if f"`{option}`" not in page]


def test_the_page_tells_of_all_that_a_trigger_gives() -> None:
    """Each key that a trigger hands to the actions."""
    page = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
    given: set[str] = set()
    for name in ("trigger.py", "news_data.py"):
        for node in ast.walk(tree(INTEGRATION / name)):
            match node:
                case ast.Dict(keys=keys):
                    given |= {str(key.value) for key in keys if isinstance(key, ast.Constant)}
                case ast.Subscript(value=ast.Name(id="data"), slice=key):
                    given |= {each.value for each in ast.walk(key) if _is_text(each)}
    given -= {*trigger.TRIGGERS}
    assert {"asset", "album", "renamed_from", "removed"} <= given
    assert given
    assert not [key for key in given if f"`{key}`" not in page]


def _is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
