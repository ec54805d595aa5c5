"""Comparing what a dialog shows with the texts that there are for it, in each language."""

from collections.abc import Iterator
from functools import cache, reduce
import json
from operator import getitem
from pathlib import Path
import re
from typing import Any

from homeassistant.data_entry_flow import FlowResultType, section

TRANSLATIONS = Path(__file__).parents[2] / "custom_components" / "immich_plus" / "translations"

# Endings that Home Assistant has texts of its own for.
FROM_HOME_ASSISTANT = frozenset({"already_in_progress", "reauth_successful", "reconfigure_successful"})


@cache
def languages() -> dict[str, dict[str, Any]]:
    """Return the texts by language."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(TRANSLATIONS.glob("*.json"))
    }


def wanted(text: object) -> set[str]:
    """Return the words in braces in a text, or in all texts of an object."""
    if isinstance(text, dict):
        return {word for each in text.values() for word in wanted(each)}
    return set(re.findall(r"\{(\w+)\}", str(text)))


def complaints(kind: str, result: dict[str, Any]) -> Iterator[str]:
    """Yield what is missing for a step or an ending; `kind` is `config`, `options` or `config_subentries.album`."""
    for language, texts in languages().items():
        for complaint in _complaints(reduce(getitem, kind.split("."), texts), result):
            yield f"{language}: {kind}: {complaint}"


def _complaints(texts: dict[str, Any], result: dict[str, Any]) -> Iterator[str]:
    match result["type"]:
        case FlowResultType.ABORT:
            yield from _ending(texts.get("abort", {}), result)
        case FlowResultType.MENU:
            yield from _menu(texts["step"].get(result["step_id"], {}), result)
        case FlowResultType.FORM:
            yield from _form(texts["step"].get(result["step_id"], {}), result)
            yield from _errors(texts.get("error", {}), result)


def _given(result: dict[str, Any]) -> set[str]:
    return set(result.get("description_placeholders") or {})


def _ending(texts: dict[str, str], result: dict[str, Any]) -> Iterator[str]:
    reason = result["reason"]
    if reason not in texts and reason not in FROM_HOME_ASSISTANT:
        yield f"no text for the ending {reason}"
    if missing := wanted(texts.get(reason, "")) - _given(result):
        yield f"the ending {reason} isn't given {missing}"


def _menu(texts: dict[str, Any], result: dict[str, Any]) -> Iterator[str]:
    if not texts.get("title"):
        yield f"no title for {result['step_id']}"
    for option in result["menu_options"]:
        if not texts.get("menu_options", {}).get(option):
            yield f"no text for the choice {option}"


def _form(texts: dict[str, Any], result: dict[str, Any]) -> Iterator[str]:
    place = f"step {result['step_id']}"
    if not texts.get("title"):
        yield f"no title for {place}"
    if missing := wanted(texts) - _given(result):
        yield f"{place} isn't given {missing}"
    yield from _fields(place, texts, result["data_schema"].schema)


def _errors(texts: dict[str, str], result: dict[str, Any]) -> Iterator[str]:
    for field, key in (result.get("errors") or {}).items():
        if field != "base" and field not in map(str, result["data_schema"].schema):
            yield f"an error is shown at {field}, which isn't there"
        if key not in texts:
            yield f"no text for the error {key}"
        if missing := wanted(texts.get(key, "")) - _given(result):
            yield f"the error {key} isn't given {missing}"


def _fields(place: str, texts: dict[str, Any], schema: dict[Any, Any]) -> Iterator[str]:
    for marker, kind in schema.items():
        name = str(marker)
        if isinstance(kind, section):
            inside = texts.get("sections", {}).get(name, {})
            if not inside.get("name"):
                yield f"no name for the section {name} of {place}"
            yield from _fields(f"{place}, section {name}", inside, kind.schema.schema)
            continue
        for part in ("data", "data_description"):
            if not texts.get(part, {}).get(name):
                yield f"no {part} for the field {name} of {place}"
