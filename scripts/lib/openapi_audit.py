"""Tells which operations of an Immich server Immich Plus speaks, which it leaves out, and which nobody thought of.

The server's side is its OpenAPI description: a file, or the address of a running server's own, such as
http://immich.local:2283/api/spec.json. Our side is the source of the client, and docs/api-coverage.md for the rest.
Fails (1) if an operation is in neither, or if page and source disagree. With several descriptions, of all supported
versions, also if the client speaks something, or the page names something, that none of them has.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
import json
from pathlib import Path
import signal
import sys
from urllib.request import urlopen

from .coverage_page import LEFT_OUT, NOT_YET, PAGE, UNLISTED, USED, PageError, Row, read_page
from .paths import INTEGRATION
from .spoken import METHODS, Operation, Spoken, read_source

ADDRESS_SECONDS = 30


class SpecError(Exception):
    """A file or answer that is no OpenAPI description; the text is for the person who named it."""


@dataclass(slots=True)
class Audit:
    """What came out. Lines are ready to be printed; `mistakes` and `forgotten` make it fail."""

    used: list[str] = field(default_factory=list)
    not_here: list[str] = field(default_factory=list)
    skipped: dict[str, dict[Row, list[str]]] = field(default_factory=lambda: {NOT_YET: {}, LEFT_OUT: {}})
    forgotten: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether all is known and nothing disagrees."""
        return not self.forgotten and not self.mistakes


def read_spec(source: str) -> tuple[str, set[Operation]]:
    """Return a server's version and its operations; raises SpecError."""
    try:
        if source.startswith(("http://", "https://")):
            with urlopen(source, timeout=ADDRESS_SECONDS) as answer:  # noqa: S310 - one of the two schemes
                text = answer.read()
        else:
            text = Path(source).read_bytes()
    except OSError as error:
        raise SpecError(f"{source}: {error}") from error
    try:
        spec = json.loads(text)
        version = str(spec["info"]["version"])
        operations = {
            Operation.of(method.upper(), path)
            for path, item in spec["paths"].items()
            for method in item
            if method.upper() in METHODS
        }
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SpecError(f"{source}: this is no OpenAPI description") from error
    return version, operations


def audit(specs: Mapping[str, set[Operation]], spoken: Spoken, rows: Iterable[Row], *, strict: bool) -> Audit:
    """Compare servers, source and page.

    Args:
        specs: the operations of each version.
        spoken: what the client speaks.
        rows: what the page says.
        strict: the versions are all there are: what none of them has is a mistake.
    """
    result = Audit(mistakes=[*spoken.problems])
    offered = set().union(*specs.values())
    told = list(rows)
    skipped = [row for row in told if row.section in (NOT_YET, LEFT_OUT)]
    unlisted = [row for row in told if row.section == UNLISTED]
    for operation in sorted(offered | spoken.operations.keys()):
        line = _line(operation, specs)
        reasons = [row for row in skipped if row.covers(operation)]
        if len(reasons) > 1:
            result.mistakes.append(f"{PAGE.name} tells twice why it isn't used: {operation}")
        if operation not in spoken.operations:
            if not reasons:
                result.forgotten.append(line)
            for row in reasons[:1]:
                result.skipped[row.section].setdefault(row, []).append(line)
            continue
        places = ", ".join(spoken.operations[operation])
        if reasons:
            result.mistakes.append(f"{PAGE.name} says that it isn't used, but it is: {operation} ({places})")
        if operation in offered:
            result.used.append(f"{line}  {places}")
        elif any(row.covers(operation) for row in unlisted):
            result.not_here.append(f"{operation}  {places}")
        elif strict:
            result.mistakes.append(f"no supported version has it: {operation} ({places})")
        else:
            result.not_here.append(f"{operation}  {places}")
    result.mistakes += _untrue(told, spoken, offered, strict=strict)
    return result


def _untrue(rows: Iterable[Row], spoken: Spoken, offered: set[Operation], *, strict: bool) -> list[str]:
    """Find the page's patterns that mean nothing."""
    found: list[str] = []
    for row in rows:
        for pattern in row.patterns:
            if row.section in (USED, UNLISTED):
                if not any(pattern.covers(operation) for operation in spoken.operations):
                    found.append(f"{PAGE.name} says that it is used, but it isn't: {pattern.text}")
                if row.section == UNLISTED and any(pattern.covers(operation) for operation in offered):
                    found.append(
                        f"{PAGE.name} says that no description names it, but one does: {pattern.text}"
                    )
            elif strict and not any(pattern.covers(operation) for operation in offered):
                found.append(f"{PAGE.name} names what no supported version has: {pattern.text}")
    return found


def _line(operation: Operation, specs: Mapping[str, set[Operation]]) -> str:
    """Write an operation with the versions that have it, if not all do."""
    having = [version for version, operations in specs.items() if operation in operations]
    return f"{operation}" if len(having) == len(specs) else f"{operation} [{', '.join(having)}]"


def report(result: Audit, versions: Sequence[str]) -> None:
    """Print what came out, and a line of figures."""
    figures: list[str] = []

    def _part(title: str, lines: list[str], count: int | None = None) -> None:
        if lines:
            print(f"{title}:", *(f"  {line}" for line in lines), "", sep="\n")
        figures.append(f"{len(lines) if count is None else count} {title}")

    _part("spoken", result.used)
    _part(
        "spoken, but not in this version" if len(versions) == 1 else "spoken, but not described",
        result.not_here,
    )
    for section, rows in result.skipped.items():
        lines = [
            line
            for row, its in rows.items()
            for line in (f"{row.area}: {row.words}", *(f"  {one}" for one in its))
        ]
        _part(section.lower(), lines, sum(len(its) for its in rows.values()))
    _part("nobody has thought about", result.forgotten)
    _part("mistakes", result.mistakes)
    print(f"Immich {', '.join(versions)}: {', '.join(figures)}")


def main(arguments: Sequence[str]) -> int:
    """Audit the descriptions that were named."""
    parser = argparse.ArgumentParser(
        prog="scripts/openapi_audit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "specs", nargs="+", metavar="SPEC", help="a file, or the address of a server's api/spec.json"
    )
    parser.add_argument(
        "--strict", action="store_true", help="these are all supported versions (so it is with several)"
    )
    options = parser.parse_args(arguments)
    try:
        specs = dict(read_spec(source) for source in options.specs)
        rows = read_page()
    except SpecError as error:
        parser.error(str(error))
    except PageError as error:
        parser.error(f"{PAGE.name}: {error}")
    result = audit(specs, read_source(INTEGRATION), rows, strict=options.strict or len(options.specs) > 1)
    report(result, list(specs))
    return 0 if result.passed else 1


if __name__ == "__main__":
    # Whoever pipes this into `head` has seen enough.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))
