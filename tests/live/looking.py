"""The media browser of an account on a real server: every opening is held to the bounds, and requests are counted."""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
import logging
from typing import Any, override

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.components.media_player import BrowseError, SearchMediaQuery
from homeassistant.components.media_player.browse_media import async_process_play_media_url
from homeassistant.components.media_source import (
    BrowseMediaSource,
    async_browse_media,
    async_resolve_media,
    async_search_media,
)
import pytest

from custom_components.immich_plus.asset_reference import AssetReference
from custom_components.immich_plus.const import DOMAIN

from .acting import Acting, Json

MOST_CHILDREN = 400
MOST_REQUESTS = 3
# A library of more isn't walked through.
MOST_WALKED = 20_000

# Why a folder doesn't open where the key or the server lacks something.
LACKING = ("missing_scope", "route_missing")

_COUNTED: ContextVar[list[str] | None] = ContextVar("counted", default=None)
_LINE = logging.getLogger(f"custom_components.{DOMAIN}.api.transport")


class _Counter(logging.Handler):
    """Takes down the requests of whoever opens a folder, and not those of polls that run beside."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if (counted := _COUNTED.get()) is not None:
            counted.append(record.getMessage())


@contextmanager
def counting() -> Generator[None]:
    """Take requests down."""
    counter, level = _Counter(), _LINE.level
    _LINE.addHandler(counter)
    _LINE.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        _LINE.setLevel(level)
        _LINE.removeHandler(counter)


@dataclass(slots=True)
class Look:
    """Opens folders and plays what is in them; `stranger` isn't logged in, `person` is."""

    act: Acting
    stranger: TestClient[Any, Any]
    person: TestClient[Any, Any]

    @property
    def root(self) -> str:
        """The media content id of the account's folder."""
        return f"media-source://{DOMAIN}/{self.act.account.unique_id}"

    def reference(self, asset_id: str) -> str:
        """Return the media content id of an asset."""
        return str(AssetReference(self.act.account.unique_id, asset_id))

    def forget(self) -> None:
        """Forget what was listed, as after a minute."""
        self.act.account.runtime_data.listings.clear()

    async def open(self, path: str = "") -> BrowseMediaSource:
        """Open a folder by its path in the account, or by its media content id."""
        media_id = path if path.startswith("media-source:") else f"{self.root}/{path}".rstrip("/")
        counted: list[str] = []
        token = _COUNTED.set(counted)
        try:
            opened = await async_browse_media(self.act.hass, media_id)
        finally:
            _COUNTED.reset(token)
        assert isinstance(opened, BrowseMediaSource)
        assert len(counted) <= MOST_REQUESTS, (media_id, counted)
        assert opened.children is not None
        ids = [child.media_content_id for child in opened.children]
        assert len(set(ids)) == len(ids) <= MOST_CHILDREN, media_id
        return opened

    async def open_unless_lacking(self, path: str) -> BrowseMediaSource | None:
        """Open a folder; None if that is refused with a text that names what is lacking."""
        try:
            return await self.open(path)
        except BrowseError as error:
            if error.translation_key in LACKING:
                return None
            raise

    async def assets(self, path: str) -> list[str]:
        """Return the ids of the assets in a folder, in their order."""
        return [asset for child in (await self.open(path)).children or () if (asset := asset_of(child))]

    async def walk(
        self, path: str, *, into: Callable[[str], bool] = lambda media_id: True
    ) -> tuple[Counter[str], int]:
        """Open a folder and those in it that `into` wants; give how often each asset was met, and the openings."""
        assets: Counter[str] = Counter()
        waiting = [path if path.startswith("media-source:") else f"{self.root}/{path}"]
        seen = set(waiting)
        openings = 0
        while waiting:
            opened = await self.open(waiting.pop())
            openings += 1
            assert not opened.not_shown
            for child in opened.children or ():
                if (asset := asset_of(child)) is not None:
                    assets[asset] += 1
                elif child.media_content_id not in seen and into(child.media_content_id):
                    seen.add(child.media_content_id)
                    waiting.append(child.media_content_id)
        return assets, openings

    async def holds(
        self, path: str, expected: set[str], *, into: Callable[[str], bool] = lambda media_id: True
    ) -> int:
        """Walk through a folder that must hold exactly these assets, each once; return the openings."""
        assets, openings = await self.walk(path, into=into)
        assert set(assets) - expected == set(), f"too much in {path}"
        assert expected - set(assets) == set(), f"missing in {path}"
        assert set(assets.values()) <= {1}
        return openings

    async def descend(self, path: str, *titles: str) -> str | None:
        """Go down through folders by their titles; return the media content id of the last, None without one."""
        found: str | None = path
        for title in titles:
            found = found and await self._inside(found, title)
        return found

    async def _inside(self, path: str, title: str) -> str | None:
        """Return the media content id of the folder of a title in a folder or its parts; None without one."""
        waiting = [path]
        while waiting:
            for child in (await self.open(waiting.pop())).children or ():
                if asset_of(child) is not None:
                    continue
                if child.title == title:
                    return child.media_content_id
                if "/=" in child.media_content_id and not child.media_content_id.endswith("/=all"):
                    waiting.append(child.media_content_id)
        return None

    async def search(self, path: str, words: str) -> list[str]:
        """Return the ids that a search in a folder finds."""
        media_id = f"{self.root}/{path}".rstrip("/")
        found = await async_search_media(self.act.hass, media_id, SearchMediaQuery(search_query=words))
        return [asset for child in found.result if (asset := asset_of(child))]

    async def refused(self, path: str) -> str:
        """Open a folder that can't be opened; return the key of the text."""
        with pytest.raises(BrowseError) as info:
            await self.open(path)
        assert info.value.translation_domain == DOMAIN
        assert info.value.translation_key
        return info.value.translation_key

    async def address(self, asset_id: str) -> tuple[str, str]:
        """Return the signed address of an asset as a player gets it, and the type."""
        played = await async_resolve_media(self.act.hass, self.reference(asset_id), None)
        signed = async_process_play_media_url(self.act.hass, played.url, allow_relative_url=True)
        return signed, played.mime_type

    async def play(self, asset_id: str, **headers: str) -> ClientResponse:
        """Open an asset's signed address."""
        path, _ = await self.address(asset_id)
        return await self.stranger.get(path, headers=headers)

    async def raw(self, path: str) -> bytes:
        """Ask the server itself for a file."""
        async with self.act.server.session.get(
            f"{self.act.server.url}/api/{path}", headers={"x-api-key": self.act.server.key}
        ) as answer:
            assert answer.status == 200, (path, answer.status)
            return await answer.read()

    async def listing(self, *, own: bool = False, **filters: Any) -> set[str]:
        """Return the ids of the server's own listing, the timeline if nothing else is said.

        `own`: without what partners show. A library that is too large to be walked through is left alone.
        """
        statistics: Json = await self.act.server.ask("GET", "assets/statistics")
        if statistics["total"] > MOST_WALKED:
            pytest.skip(f"the library has more than {MOST_WALKED} assets")
        found: set[str] = set()
        number: str | None = "1"
        while number:
            body = {"visibility": "timeline", **filters, "size": 1000, "page": int(number)}
            page = (await self.act.server.ask("POST", "search/metadata", body))["assets"]
            mine = self.act.account.unique_id
            found |= {each["id"] for each in page["items"] if not own or each["ownerId"] == mine}
            number = page["nextPage"]
        return found

    async def shown_by_months(self, **which: str) -> set[str]:
        """Return the ids that the Immich app shows of something, month by month."""
        query = "&".join(f"{name}={value}" for name, value in which.items())
        found: set[str] = set()
        for month in await self.act.server.ask("GET", f"timeline/buckets?{query}"):
            columns = await self.act.server.ask(
                "GET", f"timeline/bucket?{query}&timeBucket={month['timeBucket']}"
            )
            found |= set(columns["id"])
        return found


def asset_of(child: Any) -> str | None:
    """Return the id of an asset in a folder; None for a folder."""
    reference = AssetReference.parse(child.media_content_id)
    return reference.asset_id if reference else None
