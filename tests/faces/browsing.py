"""Walking through folders of the media browser, and the bounds that every opening keeps."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import (
    DOMAIN as MEDIA_SOURCE,
    BrowseMediaSource,
    async_browse_media,
    async_search_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.asset_reference import AssetReference
from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")
UNKNOWN = "12345678-1234-4234-8234-123456789012"
MOST_CHILDREN = 500
MOST_BYTES = 200 * 1024
MOST_REQUESTS = 3
MOST_REQUESTS_WARM = 2


def id_of(name: str) -> str:
    """Return the id of something in the tiny library."""
    return stable_id(f"tiny {name}")


@dataclass(slots=True)
class Walk:
    """What a walk through a folder and all folders in it met."""

    assets: Counter[str] = field(default_factory=Counter)
    folders: int = 0
    not_shown: int = 0


@dataclass(slots=True)
class Browsing:
    """The media browser of one account; every opening is held to the bounds."""

    hass: HomeAssistant
    immich: FakeImmich
    account: MockConfigEntry

    @property
    def root(self) -> str:
        """The media content id of the account's folder."""
        return f"media-source://{DOMAIN}/{self.account.unique_id}"

    def forget(self) -> None:
        """Forget what was listed, as after a minute."""
        self.account.runtime_data.listings.clear()

    async def open(self, path: str = "", *, most_requests: int = MOST_REQUESTS) -> BrowseMediaSource:
        """Open a folder by its path in the account, or by its media content id."""
        before = self.immich.requests.count()
        media_id = path if path.startswith("media-source:") else f"{self.root}/{path}".rstrip("/")
        opened = await async_browse_media(self.hass, media_id)
        assert isinstance(opened, BrowseMediaSource)
        assert self.immich.requests.count() - before <= most_requests, (
            media_id,
            self.immich.requests.by_route(),
        )
        assert opened.children is not None
        assert len(opened.children) <= MOST_CHILDREN, media_id
        ids = [(child.media_content_id, child.title) for child in opened.children]
        assert len({media_id for media_id, _ in ids}) == len(ids), media_id
        assert len(orjson.dumps(opened.as_dict())) <= MOST_BYTES, media_id
        return opened

    async def titles(self, path: str = "") -> list[str]:
        """Return the titles of what is in a folder."""
        return [child.title for child in (await self.open(path)).children or ()]

    async def named(self, path: str, title: str) -> str:
        """Return the media content id of a folder in a folder, by its title."""
        children = (await self.open(path)).children or ()
        (found,) = {child.media_content_id for child in children if child.title == title}
        return found

    async def assets(self, path: str) -> list[str]:
        """Return the ids of the assets in a folder, in their order."""
        return [asset for child in (await self.open(path)).children or () if (asset := asset_of(child))]

    async def walk(
        self, path: str, *, into: Callable[[str], bool] = lambda media_id: True, cold: bool = False
    ) -> Walk:
        """Open a folder and all folders in it (only those that `into` wants), each once."""
        walk = Walk()
        waiting = [f"{self.root}/{path}"]
        seen = set(waiting)
        while waiting:
            if cold:
                self.forget()
            opened = await self.open(waiting.pop())
            walk.folders += 1
            walk.not_shown += opened.not_shown
            for child in opened.children or ():
                if (asset := asset_of(child)) is not None:
                    walk.assets[asset] += 1
                elif child.media_content_id not in seen and into(child.media_content_id):
                    seen.add(child.media_content_id)
                    waiting.append(child.media_content_id)
        return walk

    async def holds(self, path: str, expected: set[str], **options: Any) -> Walk:
        """Walk through a folder that must hold exactly these assets, each once."""
        walk = await self.walk(path, **options)
        assert set(walk.assets) - expected == set(), f"too much in {path}"
        assert expected - set(walk.assets) == set(), f"missing in {path}"
        assert set(walk.assets.values()) <= {1}
        assert walk.not_shown == 0
        return walk

    async def search(self, path: str, words: str) -> list[str]:
        """Return the ids that a search finds."""
        from homeassistant.components.media_player import SearchMediaQuery

        media_id = f"{self.root}/{path}".rstrip("/")
        found = await async_search_media(self.hass, media_id, SearchMediaQuery(search_query=words))
        return [asset for child in found.result if (asset := asset_of(child))]

    async def refused(self, path: str) -> tuple[str, dict[str, str]]:
        """Open a folder that can't be opened; return the key of the text and what stands in it."""
        with pytest.raises(BrowseError) as info:
            await self.open(path)
        assert info.value.translation_domain == DOMAIN
        assert info.value.translation_key
        return info.value.translation_key, info.value.translation_placeholders or {}


def asset_of(child: Any) -> str | None:
    """Return the id of an asset in a folder; None for a folder."""
    reference = AssetReference.parse(child.media_content_id)
    return reference.asset_id if reference else None


type BrowseAt = Callable[..., Awaitable[Browsing]]


@pytest.fixture(name="browse_at")
def browse_at_fixture(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, no_pauses: None
) -> BrowseAt:
    """Give a function that gives the media browser of an account on a server of a version."""

    async def _browse_at(
        version: str = "3.1.0",
        key: str = "admin-key",
        *,
        scopes: tuple[str, ...] | None = None,
        **options: Any,
    ) -> Browsing:
        immich = await make_immich(version=version, **options)
        if scopes is not None:
            full = immich.state.key_by_secret(key)
            assert full is not None
            owner = immich.state.users[full.user_id]
            key = immich.state.add_api_key(owner, ("user.read", *scopes), secret="narrow-key").secret
        account = await add_account(immich, key=key)
        assert await async_setup_component(hass, MEDIA_SOURCE, {})
        await hass.async_block_till_done(wait_background_tasks=True)
        immich.requests.clear()
        return Browsing(hass, immich, account)

    return _browse_at


@pytest.fixture(name="browsing")
async def browsing_fixture(browse_at: BrowseAt) -> Browsing:
    """Give the media browser of the administrator's account on 3.1.0."""
    return await browse_at()


@pytest.fixture(name="browsing_each", params=VERSIONS)
async def browsing_each_fixture(request: pytest.FixtureRequest, browse_at: BrowseAt) -> Browsing:
    """Give the media browser of the administrator's account on each version in turn."""
    return await browse_at(request.param)
