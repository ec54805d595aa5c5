"""Put the demo's dashboard into a running Home Assistant, with the entities that it really has."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import yaml

from .account import DOMAIN
from .client import HomeAssistantClient
from .paths import PROJECT
from .services import DemoError

DASHBOARD = PROJECT / "scripts" / "demo_dashboard.yaml"
"""The dashboard's description; its first lines tell how entities are named there."""

URL_PATH = "immich-plus"
"""The dashboard's place in Home Assistant's address."""

_PLATFORMS = (
    "binary_sensor",
    "button",
    "calendar",
    "event",
    "image",
    "number",
    "select",
    "sensor",
    "switch",
    "update",
)

type Names = Mapping[str, list[dict[str, str]]]
"""For each name in the description the rows (entity id and, for users, a name) that it stands for."""


async def save_dashboard(client: HomeAssistantClient, texts: Mapping[str, str]) -> str:
    """Make or renew the dashboard, make it the first page that is shown, and give its path.

    Args:
        client: the connection, signed in as an administrator.
        texts: what to put in place of ``{camera}`` and its like.

    Raises:
        DemoError: when Home Assistant refuses, or nothing of the integration is there to show.
    """
    description = yaml.safe_load(DASHBOARD.read_text(encoding="utf-8"))
    names = await _entity_names(client)
    if not names:
        raise DemoError("The account is set up, but Home Assistant has no entities of it.")
    present = {item["url_path"] for item in await client.command("lovelace/dashboards/list")}
    if URL_PATH not in present:
        await client.command(
            "lovelace/dashboards/create",
            url_path=URL_PATH,
            title="Immich Plus",
            icon="mdi:image-multiple",
            show_in_sidebar=True,
            require_admin=False,
        )
    await client.command("lovelace/config/save", url_path=URL_PATH, config=fill(description, names, texts))
    await client.command("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})
    return f"/{URL_PATH}"


async def _entity_names(client: HomeAssistantClient) -> Names:
    """Look up what the integration's entities are called."""
    devices = {device["id"]: device for device in await client.command("config/device_registry/list")}
    names: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for entity in await client.command("config/entity_registry/list"):
        if entity["platform"] != DOMAIN or entity["disabled_by"] or not entity["translation_key"]:
            continue
        platform = entity["entity_id"].partition(".")[0]
        key = entity["translation_key"]
        if entity["config_subentry_id"]:
            names[f"{platform}.album.{key}"].append({"entity": entity["entity_id"]})
        # Rows of other users are "{server id}_{user id}_{key}", all others have one id before the key.
        elif "_" in entity["unique_id"].removesuffix(f"_{key}"):
            device = devices.get(entity["device_id"], {})
            title = device.get("name_by_user") or device.get("name") or entity["entity_id"]
            names[f"{platform}.user.{key}"].append({"entity": entity["entity_id"], "name": title})
        else:
            names[f"{platform}.{key}"].append({"entity": entity["entity_id"]})
    return names


def fill(part: Any, names: Names, texts: Mapping[str, str]) -> Any:
    """Give a part of the description with real entities; None when nothing is left of it."""
    if isinstance(part, str):
        for name, text in texts.items():
            part = part.replace(f"{{{name}}}", text)
        return part
    if isinstance(part, list):
        filled = [fill(item, names, texts) for item in part]
        return [item for item in filled if item is not None]
    if not isinstance(part, dict):
        return part
    card: dict[str, Any] = {}
    for key, value in part.items():
        if key == "entity" and _is_name(value):
            rows = names.get(value)
            if not rows:
                return None
            card[key] = rows[0]["entity"]
        elif key == "entities" and isinstance(value, list):
            card[key] = [row for name in value for row in _rows(name, names, texts)]
            if not card[key]:
                return None
        else:
            card[key] = fill(value, names, texts)
    if card.get("cards") and all(item.get("type") == "heading" for item in card["cards"]):
        return None
    return card


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value.partition(".")[0] in _PLATFORMS


def _rows(name: Any, names: Names, texts: Mapping[str, str]) -> list[Any]:
    if _is_name(name):
        return list(names.get(name, []))
    row = fill(name, names, texts)
    return [] if row is None else [row]
