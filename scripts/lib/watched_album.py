"""Give an album a device in a running Home Assistant, and an automation that waits for what comes into it."""

import asyncio

from .account import DOMAIN, account_entry
from .client import HomeAssistantClient
from .services import DemoError

AUTOMATION = "immich_plus_demo"
"""The automation's id, which is a part of the address of its page."""


async def watch_album(client: HomeAssistantClient, album: str) -> None:
    """Make an album unless it is there, its device, and the automation; what an earlier run made stays.

    Raises:
        DemoError: when Home Assistant or the server refuses.
    """
    entry_id = await account_entry(client)
    if any(await client.command("config_entries/subentries/list", entry_id=entry_id)):
        return
    found = await client.perform(f"{DOMAIN}.get_albums")
    ids = {each["name"]: each["id"] for each in found["albums"]}
    if album not in ids:
        ids[album] = (await client.perform(f"{DOMAIN}.create_album", {"name": album}))["album"]["id"]
    path = "/api/config/config_entries/subentries/flow"
    form = await client.request("POST", path, {"handler": [entry_id, "album"]})
    await client.request("POST", f"{path}/{form['flow_id']}", {"album_id": ids[album]})
    await _wait_for_device(client)
    user = (await client.perform(f"{DOMAIN}.get_server_info"))["user"]["id"]
    picked = {
        "media_content_id": f"media-source://{DOMAIN}/{user}/albums/{ids[album]}",
        "media_content_type": "",
        # As the picker writes it: the editor shows the title.
        "metadata": {"title": album, "media_class": "directory", "children_media_class": "image"},
    }
    await client.request(
        "POST",
        f"/api/config/automation/config/{AUTOMATION}",
        {
            "alias": "Something new in the album",
            "triggers": [
                {"trigger": f"{DOMAIN}.asset_added_to_album", "options": {"album": [picked]}},
            ],
            "actions": [
                {
                    "action": "persistent_notification.create",
                    "data": {
                        "title": "{{ trigger.album.name }}",
                        "message": "{{ trigger.asset.filename }} from {{ trigger.uploader }}",
                    },
                }
            ],
        },
    )


async def _wait_for_device(client: HomeAssistantClient) -> None:
    """Wait until the entities of the new device are there: the account starts afresh for it."""
    for _ in range(100):
        await asyncio.sleep(0.1)
        registry = await client.command("config/entity_registry/list")
        ours = {each["entity_id"] for each in registry if each["config_subentry_id"]}
        states = await client.request("GET", "/api/states")
        there = {state["entity_id"] for state in states if state["state"] != "unavailable"}
        if ours and ours <= there:
            return
    raise DemoError("The album's device doesn't come up.")
