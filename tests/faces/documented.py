"""The examples of the documentation: finding them, and letting them run in Home Assistant."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
import yaml

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
FENCE = re.compile(r"^( *)```ya?ml[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def blocks() -> Iterator[tuple[str, str]]:
    """Give each block of YAML that concerns us, after its place."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            block = "\n".join(row.removeprefix(match[1]) for row in match[2].split("\n"))
            if "immich_plus." in block or "homeassistant:" in block:
                yield f"{page.name}:{text.count('\n', 0, match.start()) + 1}", block


def by_alias(alias: str) -> str:
    """Return the block of the automation or script with a name."""
    (found,) = (block for _, block in blocks() if yaml.safe_load(block).get("alias") == alias)
    return found


def calls(tree: Any) -> Iterator[dict[str, Any]]:
    """Give each call of our actions in an example, with its data."""
    if isinstance(tree, list):
        for item in tree:
            yield from calls(item)
    elif isinstance(tree, dict):
        if str(tree.get("action", "")).startswith("immich_plus."):
            yield tree
        for value in tree.values():
            yield from calls(value)


def many(value: Any) -> list[Any]:
    """Return a list, also of what stands alone."""
    return value if isinstance(value, list) else [value]


async def pull(hass: HomeAssistant, trigger: dict[str, Any]) -> None:
    """Let happen what an automation waits for."""
    match trigger["trigger"]:
        case "state":
            for entity_id in many(trigger["entity_id"]):
                hass.states.async_set(entity_id, trigger.get("to", "on"))
        case "time":
            hour, minute, second = (int(part) for part in trigger["at"].split(":"))
            at = dt_util.now().replace(hour=hour, minute=minute, second=second, microsecond=0)
            async_fire_time_changed(hass, (at + timedelta(days=1)).astimezone(UTC))
        case "event":
            hass.bus.async_fire(trigger["event_type"], trigger.get("event_data", {}))
        case other:
            pytest.fail(f"an example waits for {other}: teach this test to let that happen")


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what Home Assistant and we complained about."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelname in ("ERROR", "WARNING")
        and record.name.startswith(("homeassistant", "custom_comp"))
    ]
