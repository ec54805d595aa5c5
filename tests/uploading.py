"""What the tests of uploads share: files, a small web server, and the call itself."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from homeassistant.components.media_source import MediaSource, MediaSourceItem, PlayMedia
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)

from custom_components.immich_plus.api import transport
from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.uploads import sender
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.models import Asset
from tests.fake_immich.request_log import LoggedRequest
from tests.fake_immich.tiny import JPEG

type Json = dict[str, Any]
type WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def photo(tail: str = "") -> bytes:
    """Return a JPEG; other tails make other pictures."""
    return JPEG + tail.encode()


def open_files() -> list[str]:
    """Return the names of what this process holds open, as Linux tells them."""
    found: list[str] = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(str(descriptor.readlink()))
    return found


@dataclass(slots=True)
class Uploading:
    """Calls the actions of an account, and looks at what the server got."""

    hass: HomeAssistant
    immich: FakeImmich
    account: MockConfigEntry
    folder: Path

    async def __call__(self, **data: Any) -> list[Json]:
        """Call `upload` and return what it says of each asset."""
        assets: list[Json] = (await self.response(**data))["assets"]
        return assets

    async def response(self, action: str = "upload", **data: Any) -> Json:
        """Call an action and return its whole response."""
        answer: Any = await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
        return answer

    async def one(self, **data: Any) -> Json:
        """Upload one thing, which must arrive without any trouble."""
        (asset,) = await self(**data)
        assert asset["error"] is None
        assert asset["id"] in self.immich.state.assets
        return asset

    async def refused(self, action: str = "upload", **data: Any) -> tuple[str, dict[str, str]]:
        """Call an action that must fail; return the key of the text and what stands in it."""
        with pytest.raises(HomeAssistantError) as info:
            await self.response(action, **data)
        assert info.value.translation_domain == DOMAIN
        assert info.value.translation_key
        return info.value.translation_key, info.value.translation_placeholders or {}

    def write(self, name: str, content: bytes | None = None) -> str:
        """Put a file into the allowed folder and return its path."""
        path = self.folder / name
        path.write_bytes(photo(name) if content is None else content)
        return str(path)

    def asset(self, said: Json) -> Asset:
        """Return the server's asset that a response names."""
        return self.immich.state.assets[said["id"]]

    async def told(self, said: Json) -> Asset:
        """Return the server's asset once it has read the file and its sidecar."""
        await self.immich.settle()
        return self.asset(said)

    def sent(self) -> list[LoggedRequest]:
        """Return the requests that carried bytes of files."""
        return [entry for entry in self.immich.requests.matching("POST assets") if entry.body_size]

    def names_in(self, album: str) -> list[str]:
        """Return the file names in the one album of a name."""
        (found,) = (each for each in self.immich.state.albums.values() if each.name == album)
        return sorted(self.immich.state.assets[asset_id].original_file_name for asset_id in found.assets)


@pytest.fixture(name="quick")
def quick_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything be tried again at once."""
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(sender, "_BACKOFF_SECONDS", 0.001)


@pytest.fixture(name="folder")
def folder_fixture(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give a folder that Home Assistant may read."""
    folder = tmp_path / "allowed"
    folder.mkdir()
    hass.config.allowlist_external_dirs.add(str(folder))
    return folder


@pytest.fixture(name="upload")
async def upload_fixture(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, folder: Path, quick: None
) -> AsyncGenerator[Uploading]:
    """Give the calls of the administrator's account."""
    immich.state.settings.processing_delay = 0
    immich.requests.clear()
    yield Uploading(hass, immich, account, folder)
    await hass.async_block_till_done()


@dataclass(slots=True)
class Web:
    """A web server that is not Immich: a doorbell, a camera, somebody else's page."""

    url: str = ""
    answers: dict[str, WebHandler] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def give(self, path: str, content: bytes = b"", **more: Any) -> str:
        """Answer a path with content; `more` is what a response of aiohttp takes. Return the address."""
        options = {"content_type": "image/jpeg", **more}
        if "headers" in options:
            options.pop("content_type")

        async def _answer(_request: web.Request) -> web.StreamResponse:
            return web.Response(body=content, **options)

        self.answers[path] = _answer
        return self.url + path

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        self.asked.append(request.path_qs)
        self.headers.append(dict(request.headers))
        return await self.answers[request.path](request)


async def serve() -> AsyncGenerator[Web]:
    """Run a web server on a port of its own."""
    served = Web()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", served.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


@pytest.fixture(name="doorbell")
async def doorbell_fixture(hass: HomeAssistant, socket_enabled: None) -> AsyncGenerator[Web]:
    """Give a web server in the own network that Home Assistant may fetch from."""
    async for served in serve():
        hass.config.allowlist_external_urls.add(f"{served.url}/")
        yield served


@pytest.fixture(name="stranger")
async def stranger_fixture(socket_enabled: None) -> AsyncGenerator[Web]:
    """Give a web server that Home Assistant may not fetch from."""
    async for served in serve():
        yield served


class OtherMedia(MediaSource):
    """The media of another integration."""

    name = "Test"

    def __init__(self) -> None:
        """Start with nothing to give."""
        super().__init__("test_media")
        self.media: dict[str, PlayMedia | Exception] = {}

    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Give what the test put here."""
        found = self.media[item.identifier]
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture(name="source")
async def source_fixture(hass: HomeAssistant, folder: Path) -> OtherMedia:
    """Give the media source of another integration, beside the local one."""
    source = OtherMedia()
    platform = MockPlatform()

    async def _get(_hass: HomeAssistant) -> MediaSource:
        return source

    platform.async_get_media_source = _get  # type: ignore[attr-defined]
    mock_integration(hass, MockModule("test_media"))
    mock_platform(hass, "test_media.media_source", platform)
    hass.config.media_dirs = {"local": str(folder)}
    assert await async_setup_component(hass, "test_media", {})
    assert await async_setup_component(hass, "media_source", {})
    await hass.async_block_till_done()
    return source


def held(hass: HomeAssistant) -> list[str]:
    """Return what lies or is held open in the configuration folder because of a download."""
    return [
        name
        for name in open_files()
        if name.startswith(hass.config.config_dir) and name.endswith("(deleted)")
    ]


@pytest.fixture(name="nothing_left", autouse=True)
async def nothing_left_fixture(hass: HomeAssistant, tmp_path: Path) -> AsyncGenerator[None]:
    """After each test no download is left, neither with a name nor without."""
    hass.config.config_dir = str(tmp_path / "config")
    (tmp_path / "config").mkdir()
    yield
    await hass.async_block_till_done()
    assert not held(hass)
    assert [path.name for path in (tmp_path / "config").iterdir() if path.is_file()] == []
