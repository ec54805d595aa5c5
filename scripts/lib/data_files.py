"""Read every JSON and YAML file of the project, to find those that are broken.

``python -m scripts.lib.data_files`` prints one line for each that is, and ends with status 1 then.
"""

from collections.abc import Iterator
import json
import os
from pathlib import Path
import sys
from typing import Any

import yaml

from .paths import PROJECT, cache

_FOREIGN = {".git", "node_modules", "__pycache__", ".venv", "venv"}


def _check_yaml(node: Any) -> None:
    """Go through a YAML document's nodes, of which a mapping may have each key once only."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"the key {key!r} is there twice, near {node.start_mark}")
        for _, value in node.value:
            _check_yaml(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_yaml(item)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} is there twice")
        found[key] = value
    return found


def data_files(top: Path = PROJECT) -> Iterator[Path]:
    """Find the project's JSON and YAML files, those of the cache and of tools left out."""
    own_cache = cache()
    for folder, names, files in os.walk(top):
        names[:] = [
            name
            for name in names
            if name not in _FOREIGN and not name.endswith("_cache") and (Path(folder) / name) != own_cache
        ]
        for name in files:
            if name.endswith((".json", ".yaml", ".yml")):
                yield Path(folder) / name


def problem(file: Path) -> str | None:
    """Tell in one line what is wrong with a file, or None when it can be read."""
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".json":
            json.loads(text, object_pairs_hook=_no_twins)
        else:
            for document in yaml.compose_all(text, Loader=yaml.SafeLoader):
                _check_yaml(document)
    except (ValueError, yaml.YAMLError) as err:
        return " ".join(str(err).split())
    return None


def main() -> int:
    """Check all files; give the exit status."""
    broken = 0
    for file in sorted(data_files()):
        if found := problem(file):
            broken += 1
            print(f"{file.relative_to(PROJECT)}: {found}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
