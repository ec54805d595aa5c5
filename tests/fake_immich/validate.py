"""Checking what clients send, with the complaints of each release.

Immich 3 answers a list of zod issues, Immich 1 and 2 a list of sentences of
class-validator. One description of a body or query serves both: see
:func:`check`. Unknown members are dropped without a word by all releases.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, override

from .answers import ApiError

type Path = tuple[str | int, ...]
type Refinement = Callable[[dict[str, Any]], str | tuple[Path, str] | None]

#: Stands for "not there": JSON's null is ``None``.
MISSING: Any = type("Missing", (), {"__repr__": lambda self: "MISSING"})()


def kind_of(value: Any) -> str:
    """Name the JavaScript type of a value as zod does."""
    match value:
        case _ if value is MISSING:
            return "undefined"
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


class Problems:
    """Complaints gathered while a value is checked."""

    def __init__(self, *, strict: bool) -> None:
        """Gather for Immich 3 (``strict``) or for its forerunners."""
        self.strict = strict
        self.issues: list[dict[str, Any]] = []
        self.texts: list[str] = []

    def __len__(self) -> int:
        """Return the number of complaints."""
        return len(self.issues)

    def add(self, path: Path, text: str, issue: dict[str, Any]) -> None:
        """Complain about the value at ``path``: an old sentence and a zod issue."""
        self.issues.append({**issue, "path": list(path)})
        name = ".".join(str(part) for part in path)
        if path and isinstance(path[-1], int):
            name = "each value in " + ".".join(str(part) for part in path[:-1])
        self.texts.append(f"{name} {text}".strip())

    def wrong_type(
        self, path: Path, expected: str, value: Any, text: str, *, said: str | None = None
    ) -> None:
        """Complain about a value of the wrong type."""
        self.add(
            path,
            text,
            {
                "expected": expected,
                "code": "invalid_type",
                "message": f"Invalid input: expected {said or expected}, received {kind_of(value)}",
            },
        )

    def custom(self, path: Path, message: str) -> None:
        """Complain in the server's own words."""
        self.issues.append({"code": "custom", "path": list(path), "message": message})
        self.texts.append(message)


class Rule:
    """A check of one value; returns the value to use."""

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check and convert; problems go into ``problems``."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: its rule and whether it may be missing or null."""

    rule: Rule
    optional: bool = False
    nullable: bool = False
    default: Any = MISSING


def optional(rule: Rule, *, nullable: bool = False, default: Any = MISSING) -> Member:
    """Let a member be missing, and perhaps null."""
    return Member(rule, optional=True, nullable=nullable, default=default)


def nullable(rule: Rule) -> Member:
    """Let a needed member be null."""
    return Member(rule, nullable=True)


class Obj(Rule):
    """An object with named members; others are dropped.

    ``refine`` functions see the checked object and return a complaint, a
    (path, complaint) pair or nothing; they run only when all members are fine.
    """

    def __init__(self, members: Mapping[str, Rule | Member], *refine: Refinement) -> None:
        """Describe the members, in the order in which they are complained about."""
        self.members = {
            name: rule if isinstance(rule, Member) else Member(rule) for name, rule in members.items()
        }
        self.refine = refine

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check every member."""
        if not isinstance(value, dict):
            if value is MISSING and not problems.strict:
                value = {}
            else:
                problems.wrong_type(path, "object", value, "must be an object")
                return {}
        before = len(problems)
        result: dict[str, Any] = {}
        for name, member in self.members.items():
            item = value.get(name, MISSING)
            if item is MISSING and member.optional:
                if member.default is not MISSING:
                    result[name] = member.default
                continue
            if item is None and member.nullable:
                result[name] = None
                continue
            result[name] = member.rule.check(item, (*path, name), problems)
        if len(problems) == before:
            for refinement in self.refine:
                match refinement(result):
                    case str(message):
                        problems.custom(path, message)
                    case (tuple(where), str(message)):
                        problems.custom((*path, *where), message)
        return result


class Array(Rule):
    """A list of equal things, ``minimum`` to ``maximum`` long."""

    def __init__(self, item: Rule, *, minimum: int = 0, maximum: int | None = None) -> None:
        """Describe the items and how many there may be."""
        self.item = item
        self.minimum = minimum
        self.maximum = maximum

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check every item; a single query value counts as a list before Immich 3."""
        if not isinstance(value, list):
            if problems.strict or value is MISSING or isinstance(value, dict | bool | int | float):
                problems.wrong_type(path, "array", value, "must be an array")
                return []
            value = [value]
        if len(value) < self.minimum:
            problems.add(
                path,
                f"must contain at least {self.minimum} elements"
                if self.minimum > 1
                else "should not be empty",
                {
                    "origin": "array",
                    "code": "too_small",
                    "minimum": self.minimum,
                    "inclusive": True,
                    "message": f"Too small: expected array to have >={self.minimum} items",
                },
            )
        if self.maximum is not None and len(value) > self.maximum:
            problems.add(
                path,
                f"must contain no more than {self.maximum} elements",
                {
                    "origin": "array",
                    "code": "too_big",
                    "maximum": self.maximum,
                    "inclusive": True,
                    "message": f"Too big: expected array to have <={self.maximum} items",
                },
            )
        return [self.item.check(item, (*path, n), problems) for n, item in enumerate(value)]


class Anything(Rule):
    """Whatever is there; only a missing value is wrong."""

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Complain about nothing but absence."""
        if value is MISSING:
            problems.wrong_type(path, "nonoptional", value, "should not be empty")
        return value


def check(rule: Rule, value: Any, *, strict: bool) -> Any:
    """Check a whole body, query or parameter set and return what to use.

    Raises :class:`ApiError` 400 with every complaint in the form of the release.
    """
    problems = Problems(strict=strict)
    result = rule.check(value, (), problems)
    if problems.issues:
        raise validation_error(problems.issues, problems.texts)
    return result


def validation_error(issues: Sequence[dict[str, Any]], texts: Sequence[str]) -> ApiError:
    """Make the 400 for complaints of either kind."""
    return ApiError(400, "Validation failed", issues=list(issues), texts=list(texts))
