"""Fixtures of the live tests: the server named in the environment, and accounts on it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
import os
from pathlib import Path
from typing import Any

import aiohttp
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import pytest_socket

from custom_components.immich_plus.const import DOMAIN

from .acting import Acting
from .looking import Look, counting
from .server import LiveServer

type Connect = Callable[..., Awaitable[Any]]

URL, KEY = os.environ.get("IMMICH_PLUS_LIVE_URL", ""), os.environ.get("IMMICH_PLUS_LIVE_API_KEY", "")


@pytest.fixture
async def server(hass: HomeAssistant, socket_enabled: None) -> AsyncGenerator[LiveServer]:
    """Give the real server; what a test made there is removed afterwards."""
    if not (URL and KEY):
        pytest.skip("no server named: scripts/test --live --immich-url URL --api-key KEY")
    # The test plugin lets nothing but this machine be reached.
    pytest_socket.enable_socket()
    pytest_socket._remove_restrictions()
    async with aiohttp.ClientSession() as session:
        live = LiveServer(session=session, url=URL.rstrip("/").removesuffix("/api"), key=KEY)
        yield live
        await live.clean_up()


@pytest.fixture
async def full(server: LiveServer) -> LiveServer:
    """Give the server if the key may do everything, which tests that make keys need."""
    if "all" not in (await server.scopes() or ()):
        pytest.skip("the key lacks the permission all, so the test can't make keys of its own")
    return server


@pytest.fixture
def connect(hass: HomeAssistant, server: LiveServer) -> Connect:
    """Give a function that sets an account up through the config flow, as a rule with all its entities enabled."""

    async def _connect(key: str = "", *, url: str = "", all_enabled: bool = True) -> Any:
        flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        result = await hass.config_entries.flow.async_configure(
            flow["flow_id"],
            {"url": url or server.url, "api_key": key or server.key, "tls": {"verify_ssl": True}},
        )
        assert result["type"] is FlowResultType.CREATE_ENTRY, result.get("errors")
        await hass.async_block_till_done()
        entry = result["result"]
        if not all_enabled:
            return entry
        registry = er.async_get(hass)
        for row in er.async_entries_for_config_entry(registry, entry.entry_id):
            registry.async_update_entity(row.entity_id, disabled_by=None)
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        return entry

    return _connect


@pytest.fixture
async def act(hass: HomeAssistant, server: LiveServer, connect: Connect, tmp_path: Path) -> Acting:
    """Give the calls of an account, and a folder that Home Assistant may read and write."""
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    await hass.config.async_set_time_zone("UTC")
    return Acting(hass, server, await connect(), tmp_path)


@pytest.fixture
async def look(
    act: Acting, hass_client: ClientSessionGenerator, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Look]:
    """Give the account's media browser, and browsers that open what it gives to play."""
    assert await async_setup_component(act.hass, "media_source", {})
    with counting():
        yield Look(act, await hass_client_no_auth(), await hass_client())
