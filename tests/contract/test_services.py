"""The actions as services.yaml describes them are the actions as the code takes them."""

from datetime import datetime
from typing import Any

from homeassistant.core import SupportsResponse
from homeassistant.helpers.selector import selector
import pytest
import voluptuous as vol
import yaml

from .actions import action_schemas
from .project import (
    INTEGRATION,
    LANGUAGES,
    read_yaml,
    section,
    service_fields,
    service_sections,
    translations,
)

FIELD_KEYS = {"default", "example", "filter", "required", "selector"}
ACTION_KEYS = {"fields", "target"}
SECTION_KEYS = {"collapsed", "fields"}
ACTIONS = sorted(service_fields())


def test_every_action_is_described() -> None:
    """Each registered action is in services.yaml, and nothing else."""
    assert sorted(action_schemas()) == ACTIONS


def test_every_action_can_answer() -> None:
    """A script may ask each action what it did; one that only asks makes no sense without an answer."""
    for name, schema in action_schemas().items():
        only_asks = name.startswith(("get_", "search_")) or name == "smart_search"
        expected = SupportsResponse.ONLY if only_asks else SupportsResponse.OPTIONAL
        assert schema.supports_response is expected, name


def test_every_action_takes_an_account() -> None:
    """Where there are several accounts, each action can say which one is meant."""
    for name, schema in action_schemas().items():
        assert schema.fields.get("config_entry_id") is False, name


@pytest.mark.parametrize("action", ACTIONS)
def test_every_field_is_described(action: str) -> None:
    """The fields are those of the schema, and equally many of them are required."""
    described = {name: field.get("required", False) for name, field in service_fields()[action].items()}
    assert described == action_schemas()[action].fields


@pytest.mark.parametrize("action", ACTIONS)
def test_descriptions_are_well_formed(action: str) -> None:
    """Names and descriptions belong into translations; the rest has known keys only."""
    whole: dict[str, Any] = read_yaml(INTEGRATION / "services.yaml")[action]
    assert set(whole) <= ACTION_KEYS
    for name in service_sections()[action]:
        assert set(whole["fields"][name]) <= SECTION_KEYS, name
        assert whole["fields"][name]["fields"], name
    for name, field in service_fields()[action].items():
        assert set(field) <= FIELD_KEYS, name
        assert "selector" in field, f"{name} can't be filled in"


def _filled_in(field: dict[str, Any], key: str) -> Any:
    """Return a field's default or example as the frontend fills it in: texts are read as YAML."""
    value = field[key]
    return yaml.safe_load(value) if key == "example" and isinstance(value, str) else value


@pytest.mark.parametrize("action", ACTIONS)
def test_selectors_are_those_of_home_assistant(action: str) -> None:
    """Each field's selector exists, and can show the field's own default and example."""
    for name, field in service_fields()[action].items():
        chosen: Any = selector(field["selector"])
        (options,) = field["selector"].values()
        for key in {"default", "example"} & set(field):
            value = _filled_in(field, key)
            if (options or {}).get("multiple") and not isinstance(value, list):
                value = [value]
            try:
                chosen(str(value) if isinstance(value, datetime) else value)
            except vol.Invalid as err:
                pytest.fail(f"{name}: {key} {field[key]!r}: {err}")


@pytest.mark.parametrize("action", ACTIONS)
def test_examples_make_a_call(action: str) -> None:
    """What "fill example data" puts into the form is accepted, all of it together."""
    fields = service_fields()[action]
    schema = action_schemas()[action].schema
    filled = {name: _filled_in(field, "example") for name, field in fields.items() if "example" in field}
    assert set(filled) <= set(schema(filled))
    for name, field in fields.items():
        if "default" in field:
            assert schema({**filled, name: field["default"]})[name] == field["default"]
            assert schema(filled)[name] == field["default"], f"{name} has another default in the code"


@pytest.mark.parametrize("action", ACTIONS)
def test_entry_is_chosen_among_our_own(action: str) -> None:
    """The account field offers our accounts."""
    field = service_fields()[action].get("config_entry_id")
    if field is not None:
        assert field["selector"] == {"config_entry": {"integration": INTEGRATION.name}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_actions_have_names_and_descriptions(language: str) -> None:
    """Actions, fields and sections are named and explained, and no text is left over."""
    named = section(translations(language), "services")
    assert set(named) == set(ACTIONS)
    for action in ACTIONS:
        text = named[action]
        assert set(text) <= {"name", "description", "fields", "sections"}, action
        assert text["name"], action
        assert text["description"], action
        assert set(text.get("fields", {})) == set(service_fields()[action]), action
        for name, field in text.get("fields", {}).items():
            assert set(field) == {"name", "description"}, f"{action}.{name}"
        assert set(text.get("sections", {})) == service_sections()[action], action
        for name, part in text.get("sections", {}).items():
            assert "name" in part, f"{action}.{name}"
            assert set(part) <= {"name", "description"}, f"{action}.{name}"
