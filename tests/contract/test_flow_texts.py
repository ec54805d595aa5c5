"""The dialogs of set-up, options and albums say something for each step, field, error and ending."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.const import CONF_API_KEY, CONF_HOST, CONF_PORT, CONF_SSL, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section as form_section
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import BUILT_IN_DOMAIN, DOMAIN

from .code import calls, tree
from .project import INTEGRATION, LANGUAGES, placeholders, section, texts, translations
from .test_error_texts import explained_errors

FROM_HOME_ASSISTANT = {"already_in_progress", "reauth_successful", "reconfigure_successful"}
"""Endings for which Home Assistant has texts of its own."""

FROM_SUBENTRIES = "already_configured"
"""How Home Assistant itself ends a dialog for something that was added meanwhile."""

ENDINGS_BY_METHOD = {"_abort_if_unique_id_configured": "already_configured"}
FLOW_FAILURE = "ConnectionFailedError"

type Shown = dict[tuple[str, str], Any]
"""(section of the translations, step) -> the flow's result there."""


async def _open(hass: HomeAssistant) -> Any:
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


def _built_in(number: int) -> MockConfigEntry:
    """Return an entry of Home Assistant's own integration."""
    return MockConfigEntry(
        domain=BUILT_IN_DOMAIN,
        unique_id=f"user-{number}",
        title=f"Account {number}",
        data={CONF_HOST: "localhost", CONF_PORT: 1, CONF_SSL: False, CONF_API_KEY: "key"},
    )


@pytest.fixture(name="shown")
async def shown_fixture(hass: HomeAssistant, enable_custom_integrations: None) -> Shown:
    """Open each dialog at each of its steps; no server is needed for that.

    Gives the results by the section of the translations ("config" or "options") and the step. What albums are
    asked needs a server: their steps are looked at where they are tested.
    """
    results: list[Any] = [await _open(hass)]

    for number in range(2):
        _built_in(number).add_to_hass(hass)
    menu = await _open(hass)
    assert menu["type"] is FlowResultType.MENU
    results += [
        await hass.config_entries.flow.async_configure((await _open(hass))["flow_id"], {"next_step_id": step})
        for step in menu["menu_options"]
    ]

    entry = MockConfigEntry(
        domain=DOMAIN, unique_id="somebody", data={CONF_URL: "http://localhost:1", CONF_API_KEY: "key"}
    )
    entry.add_to_hass(hass)
    results += [await entry.start_reauth_flow(hass), await entry.start_reconfigure_flow(hass)]
    hass.config.internal_url = "http://192.168.1.5:8123"
    options = await hass.config_entries.options.async_init(entry.entry_id)
    # A key that may not do it itself: what to paste into Immich is shown.
    webhook = await hass.config_entries.options.async_configure(
        options["flow_id"], {"news": {}, "uploads": {}, "webhook": {"webhook": True}}
    )

    # The first and the menu share a step; what the menu says is checked on its own.
    found: Shown = {("config", result["step_id"]): result for result in results}
    found["config menu", menu["step_id"]] = menu
    found["options", options["step_id"]] = options
    found["options", webhook["step_id"]] = webhook
    return found


def _fields(result: Any) -> dict[str, set[str]]:
    """Return a form's fields by the section they are in, "" for those in none."""
    fields: dict[str, set[str]] = {"": set()}
    for marker, kind in result["data_schema"].schema.items():
        if isinstance(kind, form_section):
            fields[str(marker)] = set(map(str, kind.schema.schema))
        else:
            fields[""].add(str(marker))
    return fields


def _named_fields(step: Mapping[str, Any], key: str) -> dict[str, set[str]]:
    """Return the fields that a step's texts name, in the shape of `_fields`."""
    named = {"": set(step.get(key, {}))}
    for name, part in step.get("sections", {}).items():
        named[name] = set(part.get(key, {}))
    return named


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_step_has_texts(shown: Shown, language: str) -> None:
    """A title, each field with a name and a hint; and no text for a step or field that isn't there."""
    for kind in ("config", "options"):
        steps = section(translations(language), f"{kind}.step")
        assert {step for where, step in shown if where.split()[0] == kind} == set(steps)
    for (kind, step_id), result in shown.items():
        step = section(translations(language), f"{kind.split()[0]}.step.{step_id}")
        place = f"{kind}.{step_id}"
        assert step["title"], place
        if result["type"] is FlowResultType.MENU:
            assert set(step["menu_options"]) == set(result["menu_options"]), place
            assert set(step.get("menu_option_descriptions", {})) <= set(result["menu_options"]), place
            continue
        assert result["type"] is FlowResultType.FORM, place
        assert _named_fields(step, "data") == _fields(result), place
        assert _named_fields(step, "data_description") == _fields(result), place
        for name, part in step.get("sections", {}).items():
            assert part["name"], f"{place}.{name}"


async def test_menus_are_menus_only_where_there_is_a_choice(shown: Shown) -> None:
    """Texts of a menu stand only at the step that shows it."""
    with_menus = {
        step for step, text in section(translations("en"), "config.step").items() if "menu_options" in text
    }
    assert with_menus == {step for kind, step in shown if kind == "config menu"}


async def test_placeholders_of_steps_are_filled(shown: Shown) -> None:
    """Each word in braces, in a step or in an error that it may show, is given by the step."""
    errors = {
        word for _, text in texts(section(translations("en"), "config.error")) for word in placeholders(text)
    }
    for (kind, step_id), result in shown.items():
        given = set(result.get("description_placeholders") or {})
        step = section(translations("en"), f"{kind.split()[0]}.step.{step_id}")
        wanted = {word for _, text in texts(step) for word in placeholders(text)}
        if result["type"] is FlowResultType.FORM and CONF_API_KEY in _fields(result)[""]:
            wanted |= errors
        assert wanted <= given, f"{kind}.{step_id}"


def test_each_error_has_a_text() -> None:
    """What can go wrong while connecting is told, and nothing else."""
    used = set(explained_errors())
    for call in calls():
        if call.name == FLOW_FAILURE and isinstance(call.positional[0], ast.Constant):
            used.add(str(call.positional[0].value))
    assert sorted(section(translations("en"), "config.error")) == sorted(used)


def test_errors_of_options_have_texts() -> None:
    """What the options complain about is told, and nothing else."""
    used = {
        str(value.value)
        for node in ast.walk(tree(INTEGRATION / "flows" / "options.py"))
        for target, value in _assigned(node)
        if "_errors" in ast.unparse(target) and isinstance(value, ast.Constant)
    }
    assert used
    assert sorted(section(translations("en"), "options.error")) == sorted(used)


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what is assigned, each value of a dictionary on its own."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            for value in node.value.values if isinstance(node.value, ast.Dict) else [node.value]:
                yield target, value


@pytest.mark.parametrize(("kind", "albums"), [("config", False), ("config_subentries.album", True)])
def test_each_ending_has_a_text(kind: str, albums: bool) -> None:
    """A dialog that ends without anything made says why."""
    used: set[str] = set()
    for call in calls():
        if "flow" not in call.place or (call.path.name == "album.py") is not albums:
            continue
        if call.name in ENDINGS_BY_METHOD:
            used.add(ENDINGS_BY_METHOD[call.name])
        elif call.name == "AbortFlow" and isinstance(call.positional[0], ast.Constant):
            used.add(str(call.positional[0].value))
        elif (reason := call.text("reason")) is not None:
            used.add(reason)
    if albums:
        used.add(FROM_SUBENTRIES)
    named = set(section(translations("en"), f"{kind}.abort"))
    assert sorted(used - named - FROM_HOME_ASSISTANT) == []
    assert sorted(named - used - FROM_HOME_ASSISTANT) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_albums_have_the_texts_of_a_subentry(language: str) -> None:
    """The button that adds one, what it is called, and each field of both steps."""
    text = section(translations(language), "config_subentries.album")
    assert set(text) == {"initiate_flow", "entry_type", "step", "abort"}
    assert set(text["initiate_flow"]) == {"user", "reconfigure"}
    assert set(text["step"]) == {"user", "reconfigure"}
    for name, step in text["step"].items():
        assert step["title"], name
        assert set(step["data"]) == set(step["data_description"]) == {"album_id", "name"}, name
