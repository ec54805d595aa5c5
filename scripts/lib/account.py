"""Set an Immich account up in a running Home Assistant, through the integration's config flow."""

from typing import Any

from .client import HomeAssistantClient
from .immich import Account

DOMAIN = "immich_plus"


async def set_up_account(client: HomeAssistantClient, account: Account) -> str:
    """Walk through the config flow as a person would, and give the entry's id.

    Raises:
        DemoError: when the flow refuses the account.
    """
    form = {"url": account.url, "api_key": account.api_key, "tls": {"verify_ssl": account.verify_ssl}}
    flow_steps: dict[str, dict[str, Any] | str] = {"user": form, "connect": form}
    if await _entries(client, "immich"):
        # With the built-in integration beside it the flow begins with a menu.
        flow_steps["user"] = "connect"
    return await client.walk_flow(DOMAIN, flow_steps)


async def account_entry(client: HomeAssistantClient) -> str | None:
    """Give the id of the account that is set up already, if there is one."""
    entries = await _entries(client, DOMAIN)
    return str(entries[0]["entry_id"]) if entries else None


async def remove_accounts(client: HomeAssistantClient) -> None:
    """Remove all accounts from Home Assistant; the servers aren't touched."""
    for entry in await _entries(client, DOMAIN):
        await client.request("DELETE", f"/api/config/config_entries/entry/{entry['entry_id']}")


async def set_up_camera(client: HomeAssistantClient, picture: str) -> str:
    """Make a camera that shows a picture file, unless there is one, and give its entity id.

    Args:
        client: the connection.
        picture: the file's path, which Home Assistant must be able to read.
    """
    entries = await _entries(client, "local_file")
    entry_id = (
        entries[0]["entry_id"]
        if entries
        else await client.walk_flow("local_file", {"user": {"file_path": picture}})
    )
    for entity in await client.command("config/entity_registry/list"):
        if entity["config_entry_id"] == entry_id:
            return str(entity["entity_id"])
    return ""


async def _entries(client: HomeAssistantClient, domain: str) -> list[dict[str, Any]]:
    return list(await client.command("config_entries/get", domain=domain))
