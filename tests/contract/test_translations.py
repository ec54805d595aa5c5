"""The texts of all languages agree with each other and are fit to be shown."""

import re
from string import Formatter

import pytest

from .project import INTEGRATION, LANGUAGES, placeholders, texts, translations

SECTIONS = {
    *("title", "config", "config_subentries", "options", "entity", "device"),
    *("services", "exceptions", "issues", "selector", "system_health", "common"),
    *("triggers", "conditions"),
}
SAME_IN_CHINESE = re.compile(
    r"Immich Plus|Immich|Home Assistant|HACS|API|URL|PEM|TLS|HTTPS|HTTP|EXIF|ID|MB|GB"
)
"""Names and abbreviations that stay as they are."""

CHINESE = r"\u3400-\u9fff"

UNFIT = {
    "an address": re.compile(r"https?:|www\.", re.IGNORECASE),
    "HTML": re.compile(r"</?[a-zA-Z][^>]*>|&\w+;"),
    "a reference to another text": re.compile(r"\[%"),
    "a blank at an end": re.compile(r"^\s|\s$"),
    "two blanks in a row": re.compile(r"  "),
    "a placeholder in single quotes": re.compile(r"'\{\w+\}'"),
}

ALL_TEXTS = [pytest.param(language, id=language) for language in LANGUAGES]


def test_there_are_the_languages_we_promise() -> None:
    """English and Chinese, and no file beside them that nobody checks."""
    folder = INTEGRATION / "translations"
    assert {path.name for path in folder.iterdir()} == {f"{language}.json" for language in LANGUAGES}
    assert not (INTEGRATION / "strings.json").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_are_known_to_home_assistant(language: str) -> None:
    """A misspelt section would be ignored without a word."""
    assert set(translations(language)) <= SECTIONS


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_languages_have_the_same_texts(language: str) -> None:
    """Nothing is missing, nothing is left over."""
    english = {key for key, _ in texts(translations("en"))}
    other = {key for key, _ in texts(translations(language))}
    assert sorted(english - other) == []
    assert sorted(other - english) == []


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_languages_have_the_same_placeholders(language: str) -> None:
    """Home Assistant falls back to English where they differ."""
    english = dict(texts(translations("en")))
    wrong = [
        key
        for key, text in texts(translations(language))
        if placeholders(text) != placeholders(english.get(key, ""))
    ]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_fit_to_be_shown(language: str) -> None:
    """Texts, with well-formed placeholders and nothing that Home Assistant refuses."""
    wrong: list[str] = []
    for key, text in texts(translations(language)):
        if not isinstance(text, str) or not text:
            wrong.append(f"{key} is no text")
            continue
        wrong.extend(f"{key} has {what}" for what, pattern in UNFIT.items() if pattern.search(text))
        try:
            names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as err:
            wrong.append(f"{key}: {err}")
        else:
            if names != placeholders(text):
                wrong.append(f"{key} has a strange placeholder: {names}")
    assert not wrong


def test_chinese_is_chinese() -> None:
    """Where English has words, Chinese has Chinese ones, and its own punctuation."""
    chinese = dict(texts(translations("zh-Hans")))
    wrong: list[str] = []
    for key, english in texts(translations("en")):
        words = SAME_IN_CHINESE.sub("", re.sub(r"\{\w+\}", "", english))
        translated = chinese.get(key, "")
        if re.search(r"[a-z]{2}", words) and not re.search(f"[{CHINESE}]", translated):
            wrong.append(f"{key}: {translated}")
        if re.search(f"[{CHINESE}][,;!?]|[{CHINESE}]\\.(?:\\s|$)", translated):
            wrong.append(f"{key} has English punctuation: {translated}")
    assert not wrong
