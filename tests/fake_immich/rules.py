"""The checks of single values: texts, numbers, ids, dates, choices."""

from collections.abc import Iterable
import json
import math
import re
from typing import Any, override

from .dates import parse_day, parse_lenient, parse_strict
from .validate import MISSING, Path, Problems, Rule

#: As zod prints it; only version 4 UUIDs pass.
UUID_PATTERN = "/^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})$/"
_DAY_PATTERN = (
    r"(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29"
    r"|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|(?:02)-(?:0[1-9]|1\d|2[0-8])))"
)
DAY_PATTERN = f"/^{_DAY_PATTERN}$/"
MOMENT_PATTERN = (
    f"/^{_DAY_PATTERN}" + r"T(?:(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
    r"(?:Z|([+-](?:[01]\d|2[0-3]):[0-5]\d)))$/"
)
_UUID = re.compile(UUID_PATTERN[2:-2])


class Text(Rule):
    """A text; ``pattern`` is a regular expression that is also printed."""

    def __init__(self, *, pattern: str | None = None, minimum: int = 0) -> None:
        """Describe the text."""
        self.pattern = pattern
        self.minimum = minimum

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check type, length and pattern."""
        if not isinstance(value, str):
            problems.wrong_type(path, "string", value, "must be a string")
            return ""
        if len(value) < self.minimum:
            problems.add(
                path,
                "should not be empty",
                {
                    "origin": "string",
                    "code": "too_small",
                    "minimum": self.minimum,
                    "inclusive": True,
                    "message": f"Too small: expected string to have >={self.minimum} characters",
                },
            )
        if self.pattern is not None and re.fullmatch(self.pattern, value) is None:
            shown = f"/^{self.pattern}$/"
            problems.add(
                path,
                f"must match {shown} regular expression",
                {
                    "origin": "string",
                    "code": "invalid_format",
                    "format": "regex",
                    "pattern": shown,
                    "message": f"Invalid string: must match pattern {shown}",
                },
            )
        return value


class Uuid(Rule):
    """A version 4 UUID in any case; it is looked up exactly as it came."""

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check type and form."""
        if not isinstance(value, str):
            problems.wrong_type(path, "string", value, "must be a UUID")
            return ""
        if _UUID.fullmatch(value) is None:
            problems.add(
                path,
                "must be a UUID",
                {
                    "origin": "string",
                    "code": "invalid_format",
                    "format": "uuid",
                    "pattern": UUID_PATTERN,
                    "message": "Invalid UUID",
                },
            )
        return value


class Number(Rule):
    """A number between two ends; ``whole`` for integers.

    Immich 1 and 2 turn texts into numbers where ``convert`` is set; ``text``
    numbers come from queries and forms, where all releases convert them.
    """

    def __init__(
        self,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        whole: bool = False,
        convert: bool = False,
        text: bool = False,
    ) -> None:
        """Describe the number."""
        self.minimum = minimum
        self.maximum = maximum
        self.whole = whole
        self.convert = convert
        self.text = text

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check type, wholeness and ends."""
        kind_text = (
            "must be an integer number"
            if self.whole
            else ("must be a number conforming to the specified constraints")
        )
        if isinstance(value, str) and (self.text or (self.convert and not problems.strict)):
            try:
                value = float(value) if value.strip() else 0.0
                value = int(value) if value.is_integer() else value
            except ValueError:
                value = math.nan
        if isinstance(value, float) and math.isnan(value):
            problems.add(
                path,
                kind_text,
                {
                    "expected": "number",
                    "code": "invalid_type",
                    "received": "NaN",
                    "message": "Invalid input: expected number, received NaN",
                },
            )
            return 0
        if isinstance(value, bool) or not isinstance(value, int | float):
            problems.wrong_type(path, "number", value, kind_text)
            return 0
        if self.whole and isinstance(value, float):
            if not value.is_integer():
                problems.add(
                    path,
                    kind_text,
                    {
                        "expected": "int",
                        "format": "safeint",
                        "code": "invalid_type",
                        "message": "Invalid input: expected int, received number",
                    },
                )
                return 0
            value = int(value)
        self._check_ends(value, path, problems)
        return value

    def _check_ends(self, value: float, path: Path, problems: Problems) -> None:
        if self.minimum is not None and value < self.minimum:
            problems.add(
                path,
                f"must not be less than {self.minimum}",
                {
                    "origin": "number",
                    "code": "too_small",
                    "minimum": self.minimum,
                    "inclusive": True,
                    "message": f"Too small: expected number to be >={self.minimum}",
                },
            )
        if self.maximum is not None and value > self.maximum:
            problems.add(
                path,
                f"must not be greater than {self.maximum}",
                {
                    "origin": "number",
                    "code": "too_big",
                    "maximum": self.maximum,
                    "inclusive": True,
                    "message": f"Too big: expected number to be <={self.maximum}",
                },
            )


class Boolean(Rule):
    """A JSON boolean; Immich 1 and 2 also take the words true and false."""

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check the type."""
        if not problems.strict and value in ("true", "false"):
            return value == "true"
        if not isinstance(value, bool):
            problems.wrong_type(path, "boolean", value, "must be a boolean value")
            return False
        return value


class BooleanWord(Rule):
    """The word ``true`` or ``false`` in a query or form."""

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check the word."""
        if value not in ("true", "false"):
            problems.add(
                path,
                "must be a boolean value",
                {
                    "code": "invalid_value",
                    "expected": "stringbool",
                    "values": ["true", "false"],
                    "message": 'Invalid option: expected one of "true"|"false"',
                },
            )
            return False
        return value == "true"


class Choice(Rule):
    """One of several words."""

    def __init__(self, values: Iterable[str]) -> None:
        """List the words in the order in which they are printed."""
        self.values = [str(value) for value in values]

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check the word."""
        if not isinstance(value, str) or value not in self.values:
            shown = "|".join(f'"{each}"' for each in self.values)
            message = (
                f"Invalid input: expected {shown}"
                if len(self.values) == 1
                else f"Invalid option: expected one of {shown}"
            )
            problems.add(
                path,
                f"must be one of the following values: {', '.join(self.values)}",
                {"code": "invalid_value", "values": self.values, "message": message},
            )
            return self.values[0]
        return value


class Moment(Rule):
    """A moment; Immich 3 insists on a zone. Returns a ``datetime`` in UTC."""

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check type and form."""
        said = "ISO 8601 datetime string"
        if not isinstance(value, str):
            text = "should not be empty" if value in (MISSING, None) else "must be a Date instance"
            problems.wrong_type(path, "string", value, text, said=said)
            return None
        moment = parse_strict(value) if problems.strict else parse_lenient(value)
        if moment is None:
            problems.add(
                path,
                "must be a Date instance",
                {
                    "origin": "string",
                    "code": "invalid_format",
                    "format": "datetime",
                    "pattern": MOMENT_PATTERN,
                    "message": f"Invalid input: expected {said}, received string",
                },
            )
        return moment


class Day(Rule):
    """A plain day. Returns a ``date``."""

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check type and form."""
        said = "ISO date string (YYYY-MM-DD)"
        if not isinstance(value, str):
            problems.wrong_type(path, "string", value, "must be a date string", said=said)
            return None
        result = parse_day(value)
        if result is None:
            problems.add(
                path,
                "must be a string in the format yyyy-MM-dd",
                {
                    "origin": "string",
                    "code": "invalid_format",
                    "format": "date",
                    "pattern": DAY_PATTERN,
                    "message": f"Invalid input: expected {said}, received string",
                },
            )
        return result


class JsonText(Rule):
    """A text that holds JSON, as forms carry it."""

    def __init__(self, rule: Rule) -> None:
        """Describe what the text must hold."""
        self.rule = rule

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Decode and check."""
        try:
            decoded = json.loads(value)
        except TypeError, ValueError:
            problems.custom(path, "Invalid input: expected JSON string, received string")
            return None
        return self.rule.check(decoded, path, problems)
