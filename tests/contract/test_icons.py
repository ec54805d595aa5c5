"""Each entity and each action has an icon that exists, and no icon is left over."""

from collections.abc import Iterator
import json
from pathlib import Path

import hass_frontend
import pytest

from .actions import action_schemas
from .entities import described
from .project import INTEGRATION, automation_fields, read_json, section, service_sections, texts

DRAWN_BY_HOME_ASSISTANT = {"update"}
"""Platforms whose entities get fitting icons for each state from Home Assistant."""

ICONS = read_json(INTEGRATION / "icons.json")


def _icons() -> Iterator[tuple[str, str]]:
    """Yield every icon with its place in the file."""
    yield from texts(ICONS)


@pytest.fixture(name="known_icons", scope="module")
def known_icons_fixture() -> set[str]:
    """Return the names of all icons that Home Assistant's frontend has."""
    listing = Path(hass_frontend.where()) / "static" / "mdi" / "iconList.json"
    return {f"mdi:{icon['name']}" for icon in json.loads(listing.read_bytes())}


def test_icons_exist(known_icons: set[str]) -> None:
    """A misspelt icon would be an empty place on the screen."""
    assert len(known_icons) > 7000
    assert not {key: icon for key, icon in _icons() if icon not in known_icons}


def test_entities_have_icons() -> None:
    """Each entity without a device class has one; none is there for what doesn't exist."""
    known = {(entity.platform, entity.translation_key) for entity in described()}
    needed = {
        (entity.platform, entity.translation_key)
        for entity in described()
        if not entity.has_device_class and entity.platform not in DRAWN_BY_HOME_ASSISTANT
    }
    given = {
        (platform, key)
        for platform, keys in section(ICONS, "entity").items()
        for key, icon in keys.items()
        if "default" in icon
    }
    assert sorted(needed - given) == []
    assert sorted(given - known) == []


def test_icons_of_states_belong_to_states() -> None:
    """An icon for a state is one that the entity can have."""
    options = {
        (entity.platform, entity.translation_key): set(
            getattr(entity.description, "options", None) or {"on", "off"}
        )
        for entity in described()
    }
    for platform, keys in section(ICONS, "entity").items():
        for key, icon in keys.items():
            assert set(icon) <= {"default", "state", "range"}, key
            assert set(icon.get("state", {})) <= options[platform, key], key


def test_actions_have_icons() -> None:
    """Each action and each collapsible section has one, and nothing is left over."""
    given = section(ICONS, "services")
    assert set(given) == set(action_schemas())
    for name, sections in service_sections().items():
        assert "service" in given[name], name
        assert set(given[name].get("sections", {})) == sections, name


@pytest.mark.parametrize(("kind", "key"), [("triggers", "trigger"), ("conditions", "condition")])
def test_triggers_and_conditions_have_icons(kind: str, key: str) -> None:
    """Each has exactly one, and nothing is left over."""
    given = section(ICONS, kind)
    assert set(given) == set(automation_fields(kind))
    assert all(set(icon) == {key} for icon in given.values())


def test_there_are_no_other_icons() -> None:
    """Sections that nothing reads, or that belong to what doesn't exist."""
    assert set(ICONS) <= {"entity", "services", "triggers", "conditions"}
