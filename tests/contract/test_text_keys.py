"""Every name that the code gives to a text has that text, and no text is without a user."""

import ast

import pytest

from custom_components.immich_plus.live.connection import LiveState

from .code import calls, tree
from .entities import described
from .project import (
    INTEGRATION,
    LANGUAGES,
    automation_fields,
    placeholders,
    section,
    service_fields,
    texts,
    translations,
)

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


@pytest.mark.parametrize("language", LANGUAGES)
def test_event_types_have_texts(language: str) -> None:
    """What an event entity can tell is said in words, as its state is only a moment."""
    for entity in described():
        path = f"entity.{entity.platform}.{entity.translation_key}.state_attributes"
        told = section(translations(language), f"{path}.event_type.state")
        assert set(told) == set(getattr(entity.description, "event_types", None) or ()), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_have_texts(language: str) -> None:
    """Why live updates are on or off is said in words."""
    path = "entity.binary_sensor.live_updates.state_attributes.reason.state"
    assert set(section(translations(language), path)) == {str(state) for state in LiveState}


@pytest.mark.parametrize("language", LANGUAGES)
def test_attributes_have_names(language: str) -> None:
    """Each attribute with texts has a name, and texts for its states at the most."""
    for platform, keys in section(translations(language), "entity").items():
        for key, text in keys.items():
            for name, attribute in text.get("state_attributes", {}).items():
                assert attribute["name"], f"{platform}.{key}.{name}"
                assert set(attribute) <= {"name", "state"}, f"{platform}.{key}.{name}"


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
    described_fields = (service_fields(), automation_fields("triggers"), automation_fields("conditions"))
    for fields in (each for kind in described_fields for each in kind.values()):
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
