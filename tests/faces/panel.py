"""The media browser as Home Assistant's panel uses it, and a stranger who opens what it is given to play."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.immich_plus.asset_reference import AssetReference
from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.contract.project import section, translations
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

type Json = dict[str, Any]
type MakePanel = Callable[..., Awaitable[Panel]]

ROOT = f"media-source://{DOMAIN}"
UNKNOWN = "12345678-1234-4234-8234-123456789012"
VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")


def tiny(name: str) -> str:
    """Return the id of something in the tiny library."""
    return stable_id(f"tiny {name}")


def message(key: str, **values: str) -> str:
    """Return the text of an error, which Home Assistant shows without its last full stop."""
    text: str = section(translations("en"), "exceptions")[key]["message"]
    return text.format(**values).removesuffix(".")


@dataclass(slots=True)
class Panel:
    """Asks as the panel does."""

    hass: HomeAssistant
    immich: FakeImmich
    account: MockConfigEntry
    socket: MockHAClientWebSocket
    stranger: TestClient

    def folder(self, path: str = "") -> str:
        """Return the media content id of a folder of the account."""
        return f"{ROOT}/{self.account.unique_id}" + (f"/{path}" if path else "")

    def asset(self, name: str) -> str:
        """Return the media content id of an asset of the tiny library."""
        return str(AssetReference(str(self.account.unique_id), tiny(name)))

    async def _ask(self, command: str, **fields: Any) -> Json:
        await self.socket.send_json_auto_id({"type": f"media_source/{command}", **fields})
        answer: Json = await self.socket.receive_json()
        return answer

    async def _told(self, command: str, **fields: Any) -> Json:
        answer = await self._ask(command, **fields)
        assert answer["success"], answer["error"]
        result: Json = answer["result"]
        return result

    async def browse(self, media_content_id: str) -> Json:
        """Open a folder."""
        return await self._told("browse_media", media_content_id=media_content_id)

    async def names(self, media_content_id: str) -> list[str]:
        """Return the titles of what is in a folder."""
        return [child["title"] for child in (await self.browse(media_content_id))["children"]]

    async def search(self, media_content_id: str, words: str, *classes: str) -> list[str]:
        """Return the titles of what a search finds."""
        more = {"media_filter_classes": list(classes)} if classes else {}
        found = await self._told(
            "search_media", media_content_id=media_content_id, search_query=words, **more
        )
        return [each["title"] for each in found["result"]]

    async def resolve(self, media_content_id: str) -> tuple[str, str]:
        """Return the signed path and the type of what is to be played."""
        found = await self._told("resolve_media", media_content_id=media_content_id)
        return found["url"], found["mime_type"]

    async def open(self, media_content_id: str, **headers: str) -> ClientResponse:
        """Open what is to be played without being logged in."""
        path, _ = await self.resolve(media_content_id)
        return await self.stranger.get(path, headers=headers)

    async def refused(self, command: str, media_content_id: str, **fields: Any) -> str:
        """Return what is said where something can't be had."""
        answer = await self._ask(command, media_content_id=media_content_id, **fields)
        assert not answer["success"], answer
        assert answer["error"]["code"] == f"{command}_failed"
        told: str = answer["error"]["message"]
        return told


@pytest.fixture(name="components")
def components_fixture() -> tuple[str, ...]:
    """Name what else of Home Assistant is set up before its web server starts; tests may have another list."""
    return ()


@pytest.fixture(name="make_panel")
async def make_panel_fixture(
    hass: HomeAssistant,
    make_immich: MakeImmich,
    add_account: AddAccount,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    no_pauses: None,
    components: tuple[str, ...],
) -> AsyncGenerator[MakePanel]:
    """Give a function that starts a server and sets an account up on it.

    `scopes`: a new key of that user's with these alone, and `user.read`, without which there is no account.
    """

    async def _make(
        version: str = "3.1.0",
        *,
        key: str = "admin-key",
        scopes: Sequence[str] | None = None,
        **options: Any,
    ) -> Panel:
        immich = await make_immich(version=version, **options)
        immich.state.settings.processing_delay = 0
        if scopes is not None:
            full = immich.state.key_by_secret(key)
            assert full is not None
            owner = immich.state.users[full.user_id]
            key = immich.state.add_api_key(owner, ["user.read", *scopes], secret="narrow-key").secret
        account = await add_account(immich, key=key)
        for name in ("media_source", *components):
            assert await async_setup_component(hass, name, {})
        immich.requests.clear()
        return Panel(hass, immich, account, await hass_ws_client(hass), await hass_client_no_auth())

    yield _make
    await hass.async_block_till_done()


@pytest.fixture(name="panel")
async def panel_fixture(make_panel: MakePanel) -> Panel:
    """Give the administrator's account on 3.1.0."""
    return await make_panel()


@pytest.fixture(name="panel_each", params=VERSIONS)
async def panel_each_fixture(request: pytest.FixtureRequest, make_panel: MakePanel) -> Panel:
    """Give the administrator's account on each version in turn."""
    return await make_panel(request.param)
