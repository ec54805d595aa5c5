"""Tiny integrations that benchmarks put into a running Home Assistant, to see it from inside."""

import json
from pathlib import Path
from textwrap import dedent


def add_probe(folder: Path, domain: str, name: str, code: str) -> None:
    """Put an integration into a configuration folder that is written already; `code` is its `__init__.py`."""
    place = folder / "custom_components" / domain
    place.mkdir(parents=True, exist_ok=True)
    facts = {"domain": domain, "name": name, "version": "1.0.0", "codeowners": []}
    (place / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    (place / "__init__.py").write_text(dedent(code).lstrip(), encoding="utf-8")
    settings = folder / "configuration.yaml"
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\n{domain}:\n", encoding="utf-8")
