"""What scripts/test finds wrong in data files, and what it runs for which arguments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from scripts.lib import checks
from scripts.lib.data_files import data_files, problem


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("good.json", '{"a": [1, {"b": null}]}', None),
        ("twin.json", '{"a": 1, "a": 2}', "'a' is there twice"),
        ("open.json", '{"a": 1', "delimiter"),
        ("good.yaml", "a: !include b.yaml\nc: [1, 2]\n---\nd: 1\n", None),
        ("twin.yaml", "a:\n  b: 1\n  b: 2\n", "'b' is there twice"),
        ("open.yaml", "a: [1, 2", "expected"),
    ],
)
def test_problem(tmp_path: Path, name: str, text: str, words: str | None) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    found = problem(file)
    assert found is None if words is None else found is not None and words in found


def test_data_files_of_tools_are_left_out(tmp_path: Path) -> None:
    for name in ("a.json", ".mypy_cache/b.json", ".venv/c.yaml", "folder/d.yml", "folder/e.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("{}", encoding="utf-8")
    assert sorted(file.name for file in data_files(tmp_path)) == ["a.json", "d.yml"]


class Recorder:
    """Takes the place of running: remembers what would have been run."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, list[str], dict[str, str]]] = []
        self.passed = True

    def run(
        self,
        name: str,
        command: Sequence[Any],
        environment: dict[str, str] | None = None,
        *,
        quiet: bool = False,
    ) -> bool:
        self.runs.append((name, [str(word) for word in command], environment or {}))
        return self.passed

    def summary(self) -> int:
        return 0


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(checks, "Runner", lambda: recorder)
    monkeypatch.setattr(checks, "interpreter", lambda environment: Path(environment) / "python")
    return recorder


def test_everything(recorder: Recorder) -> None:
    assert checks.main([]) == 0
    names = [name for name, _, _ in recorder.runs]
    assert names[-3:] == [
        "Tests on Home Assistant 2026.11",
        "Tests on Home Assistant 2026.10",
        "The demo, in a real Home Assistant",
    ]
    assert len(names) == 8
    newest, floor = recorder.runs[-3][1], recorder.runs[-2][1]
    assert newest[0] == "newest/python"
    assert "tests.phacc_2026_11" in newest
    assert "--cov" in newest
    assert floor[0] == "floor/python"
    assert "tests.phacc_2026_11" not in floor


def test_arguments_of_pytest_pass_through(recorder: Recorder) -> None:
    checks.main(["-k", "upload", "tests/api", "-x"])
    [(name, command, _)] = recorder.runs
    assert name == "Tests on Home Assistant 2026.11"
    assert command[-4:] == ["-k", "upload", "tests/api", "-x"]


def test_one_home_assistant(recorder: Recorder) -> None:
    checks.main(["--ha", "2026.10", "-k", "flow"])
    [(_, command, _)] = recorder.runs
    assert command == ["floor/python", "-m", "pytest", "-k", "flow"]


def test_checks_only(recorder: Recorder) -> None:
    checks.main(["--lint"])
    assert [name for name, _, _ in recorder.runs if name.startswith("Tests")] == []
    assert len(recorder.runs) == 5


def test_live_shows_no_key(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(checks.LIVE_URL, "")
    monkeypatch.setenv(checks.LIVE_KEY, "")
    checks.main(
        ["--live", "--immich-url", "http://immich.test:2283", "--api-key", "very-secret", "-k", "sensor"]
    )
    [(_, command, environment)] = recorder.runs
    assert command[-3:] == ["tests/live", "-k", "sensor"]
    assert "very-secret" not in " ".join([*command, *environment.values()])


def test_live_wants_a_server(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(checks.LIVE_URL, raising=False)
    monkeypatch.delenv(checks.LIVE_KEY, raising=False)
    with pytest.raises(SystemExit, match="2"):
        checks.main(["--live"])
    assert recorder.runs == []
