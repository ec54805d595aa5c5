"""Run the project's checks and tests; scripts/test starts this."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
import os
from pathlib import Path
import subprocess
import sys
import time

from .paths import PROJECT, cache, interpreter

HOME_ASSISTANT = {"2026.11": "newest", "2026.10": "floor"}
"""The versions that are supported, newest first, and the environments that have them."""

WITHOUT_HOME_ASSISTANT = ("tests/api", "tests/fake", "tests/scripts")
"""Tests of what knows nothing of Home Assistant: of all tests in one go, they run on the newest only."""

LEG_SECONDS = 1500.0
"""After so long a leg is stopped: something in it waits for what never comes."""

LIVE_URL = "IMMICH_PLUS_LIVE_URL"
LIVE_KEY = "IMMICH_PLUS_LIVE_API_KEY"
"""How tests/live hears of the real server: by environment, so that no process list shows the key."""

_HELP = """\
Without arguments everything is run: the checks (ruff, mypy, hasscheck, data files), the tests on
the newest Home Assistant with coverage, those that need a Home Assistant on the oldest that is
supported, and the demo.
What is needed is fetched and kept in .cache (or where IMMICH_PLUS_CACHE says).
"""

_EXAMPLES = """\
Anything else is handed to pytest, which then runs alone, on the newest Home Assistant:
  scripts/test -k upload            tests with "upload" in their names
  scripts/test tests/api -x         one folder, stopping at the first failure
  scripts/test --ha 2026.10 -k flow the same on the oldest supported Home Assistant
  scripts/test --lint               the checks only
  scripts/test --live --immich-url http://immich.local:2283 --api-key KEY
                                    tests/live against a real server; they make what they need
                                    there, remove it, and touch nothing else
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One thing that was run: its name, how long it took in seconds, whether it went well."""

    name: str
    seconds: float
    passed: bool


def _arguments(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description=_HELP,
        epilog=_EXAMPLES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="scripts/test [--lint] [--ha VERSION] [--live --immich-url URL --api-key KEY] [pytest's arguments]",
    )
    parser.add_argument(
        "--lint", action="store_true", help="run the checks (alone, unless --ha asks for tests too)"
    )
    parser.add_argument(
        "--ha",
        choices=sorted(HOME_ASSISTANT),
        help="run the tests on this Home Assistant only, without the checks",
    )
    parser.add_argument("--live", action="store_true", help="run tests/live against a real Immich")
    parser.add_argument(
        "--immich-url",
        metavar="URL",
        default=os.environ.get(LIVE_URL),
        help=f"its address (or set {LIVE_URL})",
    )
    parser.add_argument(
        "--api-key", metavar="KEY", default=os.environ.get(LIVE_KEY), help=f"a key of it (or set {LIVE_KEY})"
    )
    options, pytest_arguments = parser.parse_known_args(argv)
    if options.live and not (options.immich_url and options.api_key):
        parser.error("--live wants --immich-url and --api-key.")
    return options, [argument for argument in pytest_arguments if argument != "--"]


class Runner:
    """Runs one leg after the other and remembers how each went."""

    def __init__(self) -> None:
        self.legs: list[Leg] = []

    def run(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: dict[str, str] | None = None,
        *,
        quiet: bool = False,
    ) -> bool:
        """Run a command in the checkout; tell whether it went well.

        Args:
            name: what to call it in the summary.
            command: the program and its arguments.
            environment: variables to set for it.
            quiet: show what it prints only when it fails.
        """
        print(f"\n=== {name}", flush=True)
        start = time.monotonic()
        passed, output = False, b""
        try:
            done = subprocess.run(
                command,
                cwd=PROJECT,
                env={**os.environ, **(environment or {})},
                stdin=None if sys.stdin and sys.stdin.isatty() else subprocess.DEVNULL,
                stdout=subprocess.PIPE if quiet else None,
                stderr=subprocess.STDOUT if quiet else None,
                check=False,
                timeout=LEG_SECONDS,
            )
            passed, output = done.returncode == 0, done.stdout or b""
        except subprocess.TimeoutExpired as err:
            output = (err.stdout or b"") + f"Stopped, as it took more than {LEG_SECONDS:.0f} s.\n".encode()
        if output and not passed:
            sys.stdout.buffer.write(output)
            sys.stdout.flush()
        self.legs.append(Leg(name=name, seconds=time.monotonic() - start, passed=passed))
        return passed

    def summary(self) -> int:
        """Print one line for each leg; give the exit status."""
        print()
        for leg in self.legs:
            print(f"{leg.name:<42} {'passed' if leg.passed else 'FAILED'} in {leg.seconds:.0f} s")
        return 0 if self.legs and all(leg.passed for leg in self.legs) else 1


def _lint(runner: Runner) -> None:
    """Run the checks, quickest first."""
    tools = Path(sys.executable).parent
    runner.run("Rules (ruff check)", [tools / "ruff", "check", "--output-format=concise", "."])
    runner.run("Format (ruff format)", [tools / "ruff", "format", "--check", "."])
    runner.run("JSON and YAML files", [sys.executable, "-m", "scripts.lib.data_files"])
    runner.run("Integration (hasscheck)", [tools / "hasscheck", "check", "--path", "."], quiet=True)
    runner.run("Types (mypy --strict)", [tools / "mypy"])


def _pytest(runner: Runner, home_assistant: str, arguments: Sequence[str], name: str | None = None) -> None:
    """Run pytest on one Home Assistant."""
    environment = HOME_ASSISTANT[home_assistant]
    shim: list[str] = []
    temporary = cache() / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    # Where pytest puts the folders of its tests.
    variables = {"PYTEST_DEBUG_TEMPROOT": str(temporary)}
    if environment == "newest":
        # The test plugin is made for the version before: see the module.
        shim = ["-p", "tests.phacc_2026_11"]
        variables["PYTHONPATH"] = str(PROJECT)
    runner.run(
        name or f"Tests on Home Assistant {home_assistant}",
        [interpreter(environment), "-m", "pytest", *shim, *arguments],
        variables,
    )


def _all_cores() -> list[str]:
    """Give pytest's arguments for using every core, and for output that fits many tests.

    A file's tests stay together, as many share a server that their file has started.
    """
    cores = min(os.process_cpu_count() or 1, 8)
    plain = ["--quiet", "--tb=short"]
    return [*plain, "-n", str(cores), "--dist", "loadfile"] if cores > 1 else plain


def _with_coverage() -> list[str]:
    """Give pytest's arguments for coverage; how much is demanded stands in pyproject.toml."""
    return ["--cov", "--cov-report=term-missing:skip-covered"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; give the exit status."""
    options, pytest_arguments = _arguments(sys.argv[1:] if argv is None else argv)
    runner = Runner()
    if options.live:
        os.environ[LIVE_URL] = options.immich_url
        os.environ[LIVE_KEY] = options.api_key
        _pytest(
            runner,
            options.ha or next(iter(HOME_ASSISTANT)),
            ["tests/live", *pytest_arguments],
            "Tests against a real Immich",
        )
        return runner.summary()
    if options.lint:
        _lint(runner)
    if pytest_arguments:
        _pytest(runner, options.ha or next(iter(HOME_ASSISTANT)), pytest_arguments)
    elif options.ha:
        _pytest(runner, options.ha, _all_cores())
    elif not options.lint:
        _lint(runner)
        newest, floor = HOME_ASSISTANT
        _pytest(runner, newest, [*_all_cores(), *_with_coverage()])
        _pytest(runner, floor, [*_all_cores(), *(f"--ignore={each}" for each in WITHOUT_HOME_ASSISTANT)])
        runner.run("The demo, in a real Home Assistant", [sys.executable, "-m", "scripts.lib.demo_check"])
    return runner.summary()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as err:
        sys.exit(err.returncode)
