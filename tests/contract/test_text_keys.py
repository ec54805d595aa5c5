"""Every name that the code gives to a text has that text, and no text is without a user."""

import ast

import pytest

from .code import calls, tree
from .entities import described
from .project import INTEGRATION, LANGUAGES, placeholders, section, service_fields, texts, translations

ENTITY_KEYS = {"name", "state", "state_attributes", "unit_of_measurement"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_entities_have_names(language: str) -> None:
    """Each described entity is named, and no name is left over."""
    named = {
        (platform, key)
        for platform, keys in section(translations(language), "entity").items()
        for key, text in keys.items()
        if text["name"]
    }
    known = {(entity.platform, entity.translation_key) for entity in described()}
    assert sorted(known - named) == []
    assert sorted(named - known) == []


def test_states_have_texts() -> None:
    """Each option of an entity with options is translated, and no other state is."""
    for entity in described():
        path = f"entity.{entity.platform}.{entity.translation_key}"
        text = section(translations("en"), path)
        assert set(text) <= ENTITY_KEYS, path
        options = getattr(entity.description, "options", None) or ()
        assert set(text.get("state", {})) == set(options), path


def test_units_are_said_once() -> None:
    """A counting word from the translations and a unit from the code exclude each other."""
    for entity in described():
        path = f"entity.{entity.platform}.{entity.translation_key}"
        unit = getattr(entity.description, "native_unit_of_measurement", None)
        assert not (unit and "unit_of_measurement" in section(translations("en"), path))


def test_devices_have_names() -> None:
    """Each kind of device is named, and its placeholders are filled."""
    used = {
        call.text("translation_key"): call.keys("translation_placeholders")
        for call in calls()
        if call.name == "DeviceInfo"
    }
    named = {key: placeholders(text["name"]) for key, text in section(translations("en"), "device").items()}
    assert used == named


def test_issues_have_texts() -> None:
    """Each repair has a title and a description, and its placeholders are filled."""
    used = {
        call.text("translation_key"): call.keys("translation_placeholders")
        for call in calls()
        if call.name == "async_create_issue"
    }
    given = {
        key: {word for _, part in texts(text) for word in placeholders(part)}
        for key, text in section(translations("en"), "issues").items()
    }
    assert used == given
    for key, text in section(translations("en"), "issues").items():
        assert "title" in text, key
        assert ("description" in text) != ("fix_flow" in text), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_choices_have_texts(language: str) -> None:
    """Each choice of a translated selector has a text, and none is left over."""
    offered: dict[str, set[str]] = {}
    for fields in service_fields().values():
        for field in fields.values():
            chosen = (field["selector"] or {}).get("select") or {}
            if "translation_key" in chosen:
                offered.setdefault(chosen["translation_key"], set()).update(
                    option if isinstance(option, str) else option["value"] for option in chosen["options"]
                )
            elif "options" in chosen:
                assert all(isinstance(option, dict) for option in chosen["options"])
    for call in calls():
        if call.name == "SelectSelectorConfig" and (key := call.text("translation_key")):
            choices = ast.literal_eval(call.keywords["options"])
            offered.setdefault(key, set()).update(choices)
    named = {key: set(text["options"]) for key, text in section(translations(language), "selector").items()}
    assert offered == named


@pytest.mark.parametrize("language", LANGUAGES)
def test_system_information_has_texts(language: str) -> None:
    """Each line of the system information is named, and no name is left over."""
    shown = {
        str(key.value)
        for node in ast.walk(tree(INTEGRATION / "system_health.py"))
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant)
    }
    assert shown
    assert set(section(translations(language), "system_health.info")) == shown
