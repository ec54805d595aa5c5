"""Every error that a person can meet has a text, and every text has an error."""

import ast
from collections.abc import Iterator
import inspect
from typing import Any

import pytest

from custom_components.immich_plus import errors
from custom_components.immich_plus.api import errors as api_errors

from .code import calls
from .project import LANGUAGES, placeholders, section, translations

MAKERS = {"mistake", "failure"}
"""Functions of errors.py that take a translation key and its placeholders."""

type Raised = tuple[str, str, frozenset[str]]


def _constructed(kind: type[api_errors.ImmichError]) -> list[api_errors.ImmichError]:
    """Return errors of a kind, with each optional part present and absent."""
    parameters = [
        parameter
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
    ]
    needed: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    for parameter in parameters:
        (needed if parameter.default is parameter.empty else optional)[parameter.name] = "x"
    return [kind(**needed), kind(**needed, **optional)]


def _kinds(
    kind: type[api_errors.ImmichError] = api_errors.ImmichError,
) -> Iterator[type[api_errors.ImmichError]]:
    """Yield an error class and all its subclasses."""
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def explained_errors() -> dict[str, set[frozenset[str]]]:
    """Return the keys that errors of the server lead to, with their placeholders."""
    found: dict[str, set[frozenset[str]]] = {}
    for kind in _kinds():
        for error in _constructed(kind):
            key, values = errors.explain(error)
            found.setdefault(key, set()).add(frozenset(values))
    return found


def _raised() -> list[Raised]:
    """Return the errors made in the code as (file:line, key, placeholders)."""
    found: list[Raised] = []
    for call in calls():
        if call.name in MAKERS:
            key = call.positional[0]
            assert isinstance(key, ast.Constant), f"{call.place}: write the key itself"
            assert None not in call.keywords, f"{call.place}: write the placeholders"
            found.append((call.place, str(key.value), frozenset(map(str, call.keywords))))
        elif "translation_domain" in call.keywords:
            if (text := call.text("translation_key")) is not None:
                found.append((call.place, text, call.keys("translation_placeholders")))
            else:
                assert call.path.name == "errors.py", f"{call.place}: write the key"
    return found


def _texts(path: str, language: str = "en") -> dict[str, set[str]]:
    """Return the placeholders of each text in a section of errors."""
    return {
        key: placeholders(text["message"] if isinstance(text, dict) else text)
        for key, text in section(translations(language), path).items()
    }


def test_errors_of_the_server_always_come_with_the_same_placeholders() -> None:
    """A key has one text, so it has one set of placeholders."""
    assert not {key: sets for key, sets in explained_errors().items() if len(sets) != 1}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["exceptions", "config.error"])
def test_errors_of_the_server_have_texts(path: str, language: str) -> None:
    """Both in actions and in the set-up dialog, with the placeholders they come with."""
    known = _texts(path, language)
    wrong = {
        key: sets
        for key, sets in explained_errors().items()
        if key not in known or {frozenset(known[key])} != sets
    }
    assert not wrong


def test_errors_of_the_code_have_texts() -> None:
    """What is raised exists, and fills every placeholder of its text."""
    known = _texts("exceptions")
    wrong = [
        f"{place}: {key} {sorted(words)}"
        for place, key, words in _raised()
        if words != frozenset(known.get(key, {"no such text"}))
    ]
    assert not wrong


def test_no_error_text_is_left_over() -> None:
    """Each text under exceptions can be met."""
    used = {*explained_errors(), *(key for _, key, _ in _raised())}
    assert sorted(set(_texts("exceptions")) - used) == []


def test_exceptions_have_a_message_each() -> None:
    """Home Assistant looks for exactly one text per key."""
    for language in LANGUAGES:
        for key, text in section(translations(language), "exceptions").items():
            assert set(text) == {"message"}, f"{language}: {key}"
