"""What GitHub runs for us: pinned, with few rights, and a release that can't be wrong."""

import json
from pathlib import Path
import re
from typing import Any
from zipfile import ZipFile

import pytest

from scripts.lib import release

from .project import INTEGRATION, ROOT, manifest, project_files, read_yaml, relative

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # \S.*")
OURS = re.compile(r"uses: \./\.github/workflows/[\w.-]+")


def test_the_workflows_are_there() -> None:
    """Tests, hassfest, HACS and releases all run on GitHub."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    for needed in (
        "run: scripts/test",
        "uses: home-assistant/actions/hassfest@",
        "uses: hacs/action@",
        "run: scripts/release ",
        "gh release create ",
    ):
        assert needed in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned(path: Path) -> None:
    """A moved tag of somebody else can't change what runs: full commit, version beside."""
    lines = [
        line.strip().removeprefix("- ")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    assert lines
    wrong = [line for line in lines if not PINNED.fullmatch(line) and not OURS.fullmatch(line)]
    assert not wrong


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_may_only_read(path: Path) -> None:
    """A workflow starts with reading rights; only the release job may write."""
    workflow = read_yaml(path)
    assert workflow["permissions"] == {"contents": "read"}
    writers = {
        name for name, job in workflow["jobs"].items() if "write" in json.dumps(job.get("permissions", {}))
    }
    assert writers == ({"release"} if path.stem == "release" else set())
    for name, job in workflow["jobs"].items():
        assert "timeout-minutes" in job or "uses" in job, f"{name} may run for hours"


def test_commits_of_one_action_are_the_same_everywhere() -> None:
    """Raising an action in one place and forgetting it in another is noticed."""
    used: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for action, commit in re.findall(r"uses: ([\w./-]+)@(\S+)", path.read_text(encoding="utf-8")):
            used.setdefault(action, set()).add(commit)
    assert used
    assert not {action: commits for action, commits in used.items() if len(commits) > 1}


def test_code_owners_are_those_of_the_manifest() -> None:
    """GitHub asks the same people that Home Assistant names."""
    lines = (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").split("\n")
    owners = [line.split()[1:] for line in lines if line and line[0] != "#"]
    assert owners == [manifest()["codeowners"]]


def test_a_problem_report_asks_for_diagnostics() -> None:
    """The form asks for what one needs to help, in forms that GitHub accepts."""
    forms: dict[str, Any] = {
        path.stem: read_yaml(path)
        for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
        if path.stem != "config"
    }
    assert {field.get("id") for field in forms["problem"]["body"]} >= {
        "diagnostics",
        "home_assistant",
        "integration",
        "log",
        "server",
    }
    for form in forms.values():
        assert form["name"]
        assert form["description"]
        for field in form["body"]:
            assert field["type"] in ("markdown", "textarea", "input", "checkboxes")
            assert field["attributes"]


@pytest.mark.parametrize(
    ("tag", "changelog", "complaint"),
    [
        ("v{version}0", "## [{version}] - 2026-12-01\n", "The tag is"),
        ("{version}", "## [{version}] - 2026-12-01\n", "The tag is"),
        ("v{version}", "## [9.9.9] - 2026-12-01\n", "newest version"),
        ("v{version}", "# Changelog\n", "newest version"),
        ("v{version}", "## [{version}] - Unreleased\n", "no date"),
    ],
    ids=["another tag", "a tag without v", "another changelog", "no changelog", "no date"],
)
def test_a_release_that_disagrees_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tag: str,
    changelog: str,
    complaint: str,
) -> None:
    """Tag, manifest and changelog name one version, and the changelog dates it."""
    version = manifest()["version"]
    (tmp_path / "CHANGELOG.md").write_text(changelog.format(version=version))
    monkeypatch.setattr(release, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match=complaint):
        release.main([tag.format(version=version), str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_a_release_holds_the_integration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive has the integration's files at its top; the notes are this version's."""
    version = manifest()["version"]
    (tmp_path / "CHANGELOG.md").write_text(
        f"# Changelog\n\n## [{version}] - 2026-12-01\n\n- New\n\n## [0.0.1] - 2026-11-01\n\n- Old\n"
    )
    monkeypatch.setattr(release, "ROOT", tmp_path)
    release.main([f"v{version}", str(tmp_path)])

    assert (tmp_path / "notes.md").read_text() == "- New\n"
    with ZipFile(tmp_path / "immich_plus.zip") as archive:
        names = set(archive.namelist())
        assert json.loads(archive.read("manifest.json"))["version"] == version
    expected = {
        path.relative_to(INTEGRATION).as_posix()
        for path in project_files()
        if path.is_relative_to(INTEGRATION)
    }
    assert expected <= names
    assert not [name for name in names if name.endswith(".pyc")]


def test_hacs_takes_the_released_archive() -> None:
    """If hacs.json names an archive, it is the one that the release publishes."""
    hacs = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    if not hacs.get("zip_release"):
        assert "filename" not in hacs
        return
    release = ROOT / ".github" / "workflows" / "release.yml"
    assert f"/{hacs['filename']}" in release.read_text(encoding="utf-8"), relative(release)
