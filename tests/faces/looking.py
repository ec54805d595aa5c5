"""A browser that looks at pictures through Home Assistant, and a server of raw bytes in Immich's place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.immich_plus.asset_reference import asset_view
from tests.api.wire import Respond, WireServer
from tests.fake_immich.ids import stable_id

type Browser = TestClient

PHOTO = stable_id("tiny vienna.jpg")
FILM = stable_id("tiny film.mp4")
VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")


@pytest.fixture(name="browser")
async def browser_fixture(account: MockConfigEntry, hass_client: ClientSessionGenerator) -> Browser:
    """Give a browser that is logged in."""
    return await hass_client()


def view(account: MockConfigEntry, version: str, asset_id: str = FILM) -> str:
    """Return the path of an asset's view."""
    return asset_view(account.entry_id, asset_id, version)


@asynccontextmanager
async def wire_instead(account: MockConfigEntry, respond: Respond) -> AsyncIterator[WireServer]:
    """Let the account speak with a server that answers whatever it wants."""
    server = WireServer(respond)
    await server.start()
    line = account.runtime_data.client.transport
    before, line.base = line.base, URL(server.url)
    try:
        yield server
    finally:
        line.base = before
        await server.stop()
