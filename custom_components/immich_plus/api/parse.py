"""Reading JSON from a server that may leave out, null, rename or mistype anything.

Two families: `need_*` raise `ImmichBadAnswerError` naming the field (for what nothing works without),
the others give None (for the rest). Unknown fields are never looked at.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from .errors import ImmichBadAnswerError

type Json = dict[str, Any]

# What fits into 64 bits, as in JSON; nothing that Immich counts comes near it.
_LARGEST_NUMBER = 2**63 - 1
_LONGEST_NUMBER = 19

# Rows of a list that are read before the event loop gets its turn again (well below a millisecond's work).
_ROWS_PER_TURN = 50


def need_dict(value: object, what: str) -> Json:
    """Return `value` if it is a JSON object; `what` names the answer in the error."""
    if isinstance(value, dict):
        return value
    raise ImmichBadAnswerError(f"{what}: expected an object, got {_kind(value)}")


def need_list(value: object, what: str) -> list[Any]:
    """Return `value` if it is a JSON list; `what` names the answer in the error."""
    if isinstance(value, list):
        return value
    raise ImmichBadAnswerError(f"{what}: expected a list, got {_kind(value)}")


def need_text(data: Json, key: str, what: str) -> str:
    """Return the text under `key`; missing, null, empty or not a text is an error."""
    value = data.get(key)
    if isinstance(value, str) and value:
        return value
    raise ImmichBadAnswerError(f"{what}: field {key} should be a text, is {_kind(value)}")


def need_integer(data: Json, key: str, what: str) -> int:
    """Return the whole number under `key`; anything else is an error."""
    value = integer(data, key)
    if value is None:
        raise ImmichBadAnswerError(f"{what}: field {key} should be a number, is {_kind(data.get(key))}")
    return value


def text(data: Json, key: str) -> str | None:
    """Return the text under `key`, or None if there is none or it is something else."""
    value = data.get(key)
    return value if isinstance(value, str) else None


def integer(data: Json, key: str) -> int | None:
    """Return the whole number under `key`; numbers written as text (as `nextPage` is) count too."""
    found = _integer(data.get(key))
    return found if found is not None and abs(found) <= _LARGEST_NUMBER else None


def _integer(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isascii():
        digits = value.removeprefix("-")
        return int(value) if digits.isdigit() and len(digits) <= _LONGEST_NUMBER else None
    return None


def number(data: Json, key: str) -> float | None:
    """Return the number under `key`, or None."""
    value = data.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def boolean(data: Json, key: str) -> bool | None:
    """Return the truth value under `key`, or None if it is missing or something else."""
    value = data.get(key)
    return value if isinstance(value, bool) else None


def moment(data: Json, key: str) -> datetime | None:
    """Return the point in time under `key`, in UTC.

    One server spells them three ways (`…000Z`, `+00:00`, with microseconds; seen on 3.1.0); time
    buckets have none of a zone, which is read as UTC.
    """
    value = data.get(key)
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except OverflowError:
        return None


def day(data: Json, key: str) -> date | None:
    """Return the calendar day under `key` (`YYYY-MM-DD`, or the start of a longer date-time)."""
    value = data.get(key)
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def rows[T](value: object, read: Callable[[Json], T], what: str) -> list[T]:
    """Read each row of a list with `read`; a row that can't be read is left out, the others stay."""
    result: list[T] = []
    for row in need_list(value, what):
        _read_row(row, read, what, result)
    return result


async def many_rows[T](value: object, read: Callable[[Json], T], what: str) -> list[T]:
    """Do as `rows`, giving the event loop its turn in between: for pages of up to 1,000 rows."""
    result: list[T] = []
    for position, row in enumerate(need_list(value, what), 1):
        _read_row(row, read, what, result)
        if position % _ROWS_PER_TURN == 0:
            await asyncio.sleep(0)
    return result


def _read_row[T](row: object, read: Callable[[Json], T], what: str, result: list[T]) -> None:
    try:
        result.append(read(need_dict(row, what)))
    except ImmichBadAnswerError:
        return


def _kind(value: object) -> str:
    if value is None:
        return "missing or null"
    return {bool: "a truth value", int: "a number", float: "a number", str: "a text", list: "a list"}.get(
        type(value), "an object"
    )
