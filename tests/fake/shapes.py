"""Comparing answers by shape: members, types, nulls and the spelling of dates."""

from collections.abc import Iterator
import re
from typing import Any

_DATES = (
    ("moment …Z", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")),
    ("moment +00:00", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\+00:00")),
    ("naive moment", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?")),
    ("day", re.compile(r"\d{4}-\d\d-\d\d")),
    ("uuid", re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")),
)

TRUNCATED = "…truncated"


def kind(value: Any) -> str:
    """Name a value's type; texts by what is spelled in them."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            for name, pattern in _DATES:
                if pattern.fullmatch(value):
                    return name
            return "text"
        case list():
            return "list"
        case _:
            return "object"


def differences(recorded: Any, ours: Any, where: str = "$", *, among_others: bool = False) -> Iterator[str]:
    """Yield what is different in shape between a recorded value and ours.

    ``among_others`` is for members of lists of assets, albums and the like: which ones
    are in them is a matter of data, so a null there may stand for a value.
    """
    if kind(recorded) != kind(ours):
        if isinstance(recorded, str) and TRUNCATED in recorded and isinstance(ours, str):
            return
        if among_others and (recorded is None or ours is None):
            return
        yield f"{where}: {kind(recorded)} recorded, {kind(ours)} here"
        return
    if isinstance(recorded, dict):
        for name in recorded.keys() - ours.keys():
            yield f"{where}.{name}: missing here"
        for name in ours.keys() - recorded.keys():
            yield f"{where}.{name}: not recorded"
        for name in recorded.keys() & ours.keys():
            yield from differences(recorded[name], ours[name], f"{where}.{name}", among_others=among_others)
    elif isinstance(recorded, list):
        yield from _lists(recorded, ours, where, among_others=among_others)


def _is_thing(value: Any) -> bool:
    """Tell whether a list element is an asset, album, person… rather than a result line."""
    if not isinstance(value, dict):
        return False
    return ("id" in value and len(value) > 4) or any(map(_is_thing, value.values()))


def _lists(recorded: list[Any], ours: list[Any], where: str, *, among_others: bool) -> Iterator[str]:
    cut = bool(recorded) and isinstance(recorded[-1], dict) and set(recorded[-1]) == {TRUNCATED}
    known = recorded[:-1] if cut else recorded
    things = any(_is_thing(each) for each in [*known, *ours])
    if among_others and not (known and ours):
        return
    exact = not (cut or things or among_others)
    if bool(known) != bool(ours) or (exact and len(known) != len(ours)):
        yield f"{where}: {len(known)} elements recorded, {len(ours)} here"
        return
    for index, item in enumerate(ours[: 2 * len(known)]):
        tries = [
            list(differences(each, item, f"{where}[{index}]", among_others=among_others or things))
            for each in known
        ]
        yield from min(tries, key=len)


def equal(recorded: Any, ours: Any) -> bool:
    """Tell whether two values are the same, but for what the recording cut off."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        return recorded.keys() == ours.keys() and all(equal(recorded[name], ours[name]) for name in recorded)
    if isinstance(recorded, list) and isinstance(ours, list):
        return len(recorded) == len(ours) and all(equal(*pair) for pair in zip(recorded, ours, strict=True))
    if isinstance(recorded, str) and TRUNCATED in recorded and isinstance(ours, str):
        return ours.startswith(recorded.partition(TRUNCATED)[0])
    return bool(recorded == ours)
