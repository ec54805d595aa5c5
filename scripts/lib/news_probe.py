"""A tiny integration for benchmarks that notes what the event entities of Immich Plus tell, and when."""

from pathlib import Path

from .probe import add_probe

NAME = "news_probe"
_CODE = '''
"""Notes the changes of event entities, and all ids that were told, of which an entity shows but the first."""

import time

from homeassistant.core import SupportsResponse, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect


async def async_setup(hass, config):
    """Listen, and offer `news_probe.read`: what came since the last question; times are `time.monotonic()`."""
    changes, ids, seen = [], [], {}

    @callback
    def changed(event):
        entity_id, new = event.data["entity_id"], event.data["new_state"]
        if not entity_id.startswith("event.") or new is None:
            return
        data = new.attributes
        if data.get("event_type") is None or new.state in ("unavailable", seen.get(entity_id)):
            return
        seen[entity_id] = new.state
        changes.append([time.monotonic(), data["event_type"], data.get("count"), (data.get("ids") or [""])[0]])

    @callback
    def told(entry_id, news):
        ids.extend([str(news.type), each] for each in news.ids)

    async def read(call):
        found = {"changes": changes.copy(), "ids": ids.copy()}
        changes.clear()
        ids.clear()
        return found

    hass.bus.async_listen("state_changed", changed)
    async_dispatcher_connect(hass, "immich_plus_news", told)
    hass.services.async_register("news_probe", "read", read, supports_response=SupportsResponse.ONLY)
    return True
'''


def add_news_probe(folder: Path) -> None:
    """Put the probe into a configuration folder that is written already."""
    add_probe(folder, NAME, "News probe", _CODE)
