"""Prove the demo: start it, look at what the dashboard shows, press its buttons, and stop it.

``python -m scripts.lib.demo_check`` prints what it saw, and ends with status 1 when something was wrong.
It has a Home Assistant of its own, beside that of a demo that may be running.
"""

import asyncio
from collections.abc import Iterator
import sys
import time
from typing import Any

from .account import account_entry
from .dashboard import URL_PATH
from .demo import ALBUM, Demo, DemoOptions, run_demo
from .services import DemoError, free_port

_PLACE = "demo-check"
# One of the library, one of the album.
_EVENTS = 2
_PATIENCE = 20.0

# What Home Assistant says about faults, ours or its own, and about use of what it will drop.
_COMPLAINTS = (" ERROR ", "Detected that custom integration", "Detected blocking call", "Traceback")


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    """Go through all mappings of a dashboard."""
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from _parts(item)


async def _check(demo: Demo) -> list[str]:
    """Look at a running demo; give what is wrong with it."""
    problems: list[str] = []
    dashboard = await demo.client.command("lovelace/config", url_path=URL_PATH)
    states = {state["entity_id"]: state["state"] for state in await demo.client.request("GET", "/api/states")}
    shown = {
        part["entity"]
        for part in _parts(dashboard)
        if isinstance(part.get("entity"), str) and "." in part["entity"]
    }
    # Nothing has happened so far, and an album without pictures has no cover.
    quiet = ("event.", "image.", "sensor.home_assistant_last_added")
    empty = sorted(
        entity
        for entity in shown
        if states.get(entity) in (None, "unavailable")
        or (states.get(entity) == "unknown" and not entity.startswith(quiet))
    )
    print(f"{len(shown)} entities on the dashboard, {len(empty)} of them without a value")
    problems += [f"{entity} has no value" for entity in empty]
    buttons = [part for part in _parts(dashboard) if part.get("perform_action")]
    for button in buttons:
        response = await demo.client.perform(button["perform_action"], button["data"])
        for asset in response["assets"]:
            print(f"upload of {asset['source'].rpartition('/')[2]}: {asset['status']}")
            if asset["status"] != "created" or not response["album"]["id"]:
                problems.append(f"the upload of {asset['source']} gave {response}")
    if not buttons:
        problems.append("the dashboard has no buttons")
    problems += await _live(demo, shown)
    entry = await account_entry(demo.client)
    await demo.client.request("POST", f"/api/config/config_entries/entry/{entry}/reload")
    log = demo.home_assistant.service.log.read_text(encoding="utf-8", errors="replace")
    problems += [line for line in log.splitlines() if any(words in line for words in _COMPLAINTS)]
    return problems


async def _live(demo: Demo, shown: set[str]) -> list[str]:
    """Look whether what was uploaded has arrived in the entities that tell of it."""
    waiting = sorted(entity for entity in shown if entity.startswith("event."))
    problems = [] if len(waiting) == _EVENTS else [f"the dashboard shows the events {waiting}"]
    started = time.monotonic()
    while waiting and time.monotonic() - started < _PATIENCE:
        await asyncio.sleep(0.1)
        states = await demo.client.request("GET", "/api/states")
        unknown = {state["entity_id"] for state in states if state["state"] == "unknown"}
        waiting = [entity for entity in waiting if entity in unknown]
    print(f"the events of the uploads took {time.monotonic() - started:.1f} s")
    problems += [f"{entity} told nothing" for entity in waiting]
    found = await demo.client.command("persistent_notification/get")
    if not any(each["title"] == ALBUM for each in found):
        problems.append("the automation sent no notification")
    return problems


async def _run() -> int:
    options = DemoOptions(port=free_port(18123), immich_port=free_port(12383), reset=True, place=_PLACE)
    try:
        async with run_demo(options) as demo:
            problems = await _check(demo)
    except DemoError as err:
        problems = [str(err)]
    else:
        if demo.immich is None or demo.home_assistant.service.running or demo.immich.service.running:
            problems.append("something still runs")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_run()))
