"""A Home Assistant that Immich can call, and an account whose key gets no live connection."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import json
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.components import webhook
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.immich_plus.const import CONF_WEBHOOK, DOMAIN
from custom_components.immich_plus.news.news import SIGNAL_NEWS, News, NewsType
from custom_components.immich_plus.webhook.secrets import HEADER, WebhookSecrets, async_load_secrets
from tests.conftest import AddAccount
from tests.fake.helpers import jpeg, upload
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Workflow
from tests.passing import settle

READING = ("user.read", "asset.read", "asset.view", "asset.statistics", "album.read", "album.statistics")
WORKFLOWS = ("workflow.create", "workflow.read", "workflow.update", "workflow.delete")
KEY = "calling-key"
ADMIN = stable_id("tiny admin")
ASSET = "12345678-1234-4234-8234-123456789012"

type Switch = Callable[..., Awaitable[MockConfigEntry]]


@dataclass(slots=True)
class Home:
    """A Home Assistant with an open door, and a fake Immich."""

    hass: HomeAssistant
    immich: FakeImmich
    client: TestClient[Any, Any]
    add_account: AddAccount

    @property
    def base(self) -> str:
        """Return the address of Home Assistant."""
        return str(self.client.make_url("/")).rstrip("/")

    @property
    def workflows(self) -> list[Workflow]:
        """Return the workflows on the server."""
        return list(self.immich.state.workflows.values())

    def give_key(self, *scopes: str, secret: str = KEY) -> None:
        """Make a key of the administrator's."""
        self.immich.state.add_api_key(self.immich.state.users[ADMIN], scopes, secret=secret)

    async def account(self, key: str = KEY, **options: Any) -> MockConfigEntry:
        """Set an account up whose webhook is on."""
        entry = await self.add_account(self.immich, key=key, options={CONF_WEBHOOK: True} | options)
        await settle(self.hass)
        return entry

    async def secrets(self, entry: MockConfigEntry) -> WebhookSecrets:
        """Return what a caller has to know."""
        found = await async_load_secrets(self.hass, entry.entry_id)
        assert found is not None
        return found

    async def call(
        self, entry: MockConfigEntry, body: object = None, *, method: str = "POST", **more: Any
    ) -> ClientResponse:
        """Call as Immich does, with what is said otherwise."""
        known = await self.secrets(entry)
        data = body if isinstance(body, str | bytes) else json.dumps(call_body() if body is None else body)
        usual = {"data": data, "headers": {HEADER: known.token, "Content-Type": "application/json"}}
        sent: dict[str, Any] = usual | more
        path = webhook.async_generate_path(known.webhook_id)
        response = await self.client.request(method, path, **sent)
        await response.read()
        return response

    async def upload(self, color: str = "teal") -> str:
        """Upload a picture to the administrator's library, and wait until Immich has done all about it."""
        status, answer = await upload(self.immich, jpeg(color), f"{color}.jpg")
        assert status == 201
        asset_id: str = answer["id"]
        return asset_id


def call_body(asset_id: str = ASSET, owner: str = ADMIN, **changes: Any) -> dict[str, Any]:
    """Return what Immich says about a new asset, as far as it matters."""
    asset = {"id": asset_id, "ownerId": owner, "visibility": "timeline", "originalPath": "/data/secret.jpg"}
    return {"type": "AssetV1", "trigger": "AssetCreate", "data": {"asset": asset | changes}}


def told_of(hass: HomeAssistant) -> list[str]:
    """Return the ids of all assets that are told as new from now on, as they come."""
    ids: list[str] = []

    @callback
    def _hear(_entry_id: str, news: News) -> None:
        if news.type is NewsType.ASSET_ADDED:
            ids.extend(news.ids)

    async_dispatcher_connect(hass, SIGNAL_NEWS, _hear)
    return ids


@pytest.fixture(name="home")
async def home_fixture(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_account: AddAccount,
    hass_client_no_auth: ClientSessionGenerator,
) -> Home:
    """Give a Home Assistant that Immich can call."""
    for each in (DOMAIN, Platform.IMAGE, "websocket_api"):
        # Whoever answers requests has to be there before the door is opened.
        assert await async_setup_component(hass, each, {})
    home = Home(hass, immich, await hass_client_no_auth(), add_account)
    await hass.config.async_update(internal_url=home.base)
    home.give_key(*READING, *WORKFLOWS)
    # A clock that stands still would never let it pass.
    immich.state.settings.processing_delay = 0
    return home
