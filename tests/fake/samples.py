"""Exchanges recorded with a real Immich 3.1.0, where the folder with them is present."""

from collections.abc import Iterator
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
FOLDER = _ROOT.parent / "shared" / "samples" / "immich-3.1.0"
SPECS = _ROOT.parent / "shared" / "reference" / "openapi"

#: Areas in the order in which they were recorded: later ones use what earlier ones made.
AREAS = [
    "server",
    "auth",
    "api-keys",
    "users",
    "errors",
    "albums",
    "albums-shared",
    "assets-upload",
    "assets-read",
    "assets-update",
    "assets-delete",
    "trash",
    "assets-media",
    "locked",
    "search",
    "memories",
    "people",
    "tags",
    "timeline",
    "map",
    "stacks",
    "partners",
    "shared-links",
    "activities",
    "notifications",
    "download",
    "duplicates",
    "libraries",
    "jobs",
    "queues",
    "system-config",
    "maintenance",
    "other",
]

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Sample:
    """One recorded exchange."""

    area: str
    name: str
    request: dict[str, Any]
    response: dict[str, Any]
    note: str

    @property
    def key(self) -> str:
        """Return ``area/nn-name``."""
        return f"{self.area}/{self.name}"


def load() -> list[Sample]:
    """Return all exchanges in the order of recording, without the websocket's."""
    return [sample for area in AREAS for sample in _area(area)]


def _area(area: str) -> Iterator[Sample]:
    for path in sorted((FOLDER / area).glob("*.json")):
        data = json.loads(path.read_text("utf-8"))
        yield Sample(area, path.stem, data["request"], data["response"], data["note"])


def events() -> list[dict[str, Any]]:
    """Return the websocket's recordings, for the objects in them."""
    paths = sorted((FOLDER / "websocket").glob("*.json"))
    return [json.loads(path.read_text("utf-8")) for path in paths]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every JSON object in a value, the outer ones first."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)
