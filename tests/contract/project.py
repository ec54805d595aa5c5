"""The project's files, as the contract tests read them."""

from collections.abc import Iterator
from functools import cache
import json
from pathlib import Path
import re
import shutil
import subprocess
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
INTEGRATION = ROOT / "custom_components" / "immich_plus"
LANGUAGES = ("en", "zh-Hans")

OURS_WITH_A_DOT = {".ci", ".github", ".gitignore"}
MADE_BY_TOOLS = {"__pycache__", "htmlcov", "node_modules", "venv"}


@cache
def project_files() -> tuple[Path, ...]:
    """Return the files that belong to the project: tracked ones and new ones.

    Without git (an unpacked archive) every file outside the folders that tools make.
    """
    names: list[str] = []
    if git := shutil.which("git"):
        listing = subprocess.run(  # noqa: S603 - a fixed command
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        names = listing.stdout.decode().split("\0")
    if any(names):
        paths = [ROOT / name for name in names if name]
    else:
        paths = [
            path
            for path in ROOT.rglob("*")
            if not any(
                part in MADE_BY_TOOLS or (part.startswith(".") and part not in OURS_WITH_A_DOT)
                for part in path.relative_to(ROOT).parts
            )
        ]
    return tuple(sorted(path for path in paths if path.is_file()))


def relative(path: Path) -> str:
    """Return the path as it is written from the project's root."""
    return path.relative_to(ROOT).as_posix()


def integration_modules() -> tuple[Path, ...]:
    """Return the Python files of the integration."""
    return tuple(
        path for path in project_files() if path.suffix == ".py" and path.is_relative_to(INTEGRATION)
    )


def documents() -> tuple[Path, ...]:
    """Return the README and the pages under docs."""
    return tuple(
        path for path in project_files() if path.suffix == ".md" and path.parent in (ROOT, ROOT / "docs")
    )


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a JSON object; a key that is written twice is an error."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"The key {key!r} is written twice")
        found[key] = value
    return found


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON file's object, in the file's order, refusing doubled keys."""
    parsed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_doubles)
    return parsed


def read_yaml(path: Path) -> Any:
    """Return what a YAML file says."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def translations(language: str) -> dict[str, Any]:
    """Return the texts of one language."""
    return read_json(INTEGRATION / "translations" / f"{language}.json")


def texts(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of nested objects as (dotted path, value)."""
    for key, value in tree.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from texts(value, here)
        else:
            yield here, value


def section(tree: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the object at a dotted path, empty if there is none."""
    for key in path.split("."):
        tree = tree.get(key, {})
    return tree


def placeholders(text: str) -> set[str]:
    """Return the names in braces in a translated text."""
    return set(re.findall(r"\{(\w+)\}", text))


def manifest() -> dict[str, Any]:
    """Return the integration's manifest."""
    return read_json(INTEGRATION / "manifest.json")


def service_fields() -> dict[str, dict[str, dict[str, Any]]]:
    """Return each described action's fields, those inside sections included."""
    described: dict[str, dict[str, dict[str, Any]]] = {}
    for name, action in (read_yaml(INTEGRATION / "services.yaml") or {}).items():
        fields: dict[str, dict[str, Any]] = {}
        for key, field in ((action or {}).get("fields") or {}).items():
            if "fields" in (field or {}):
                fields.update(field["fields"])
            else:
                fields[key] = field or {}
        described[name] = fields
    return described


def automation_fields(kind: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the fields of each described trigger or condition; `kind` is "triggers" or "conditions"."""
    described = read_yaml(INTEGRATION / f"{kind}.yaml") or {}
    return {name: (each or {}).get("fields") or {} for name, each in described.items()}


def service_sections() -> dict[str, set[str]]:
    """Return the names of each described action's collapsible sections."""
    return {
        name: {
            key for key, field in ((action or {}).get("fields") or {}).items() if "fields" in (field or {})
        }
        for name, action in (read_yaml(INTEGRATION / "services.yaml") or {}).items()
    }
