"""Home Assistant's own Immich integration on the same server, to measure both side by side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..immich import Account
from .home import Bench

DOMAIN = "immich"


@asynccontextmanager
async def built_in_account(bench: Bench, account: Account) -> AsyncIterator[bool]:
    """Set an account up in the built-in integration while the block lasts; False if it can't run here."""
    if not bench.built_in:
        print("  the built-in integration: not installed")
        yield False
        return
    form = {"url": account.url, "api_key": account.api_key, "verify_ssl": account.verify_ssl}
    entry_id = await bench.client.walk_flow(DOMAIN, {"user": form})
    try:
        yield True
    finally:
        await bench.client.request("DELETE", f"/api/config/config_entries/entry/{entry_id}")
