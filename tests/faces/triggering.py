"""What the tests of triggers share: attaching one, hearing its runs, and news to send."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.trigger import async_initialize_triggers, async_validate_trigger_config
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.immich_plus.api.album import Album
from custom_components.immich_plus.api.asset import Asset, AssetPerson
from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.news.news import SIGNAL_NEWS, News, NewsType
from tests.fake_immich.ids import stable_id

type Json = dict[str, Any]

_numbers = count(1)


@dataclass(slots=True)
class Runs:
    """What a trigger ran with: the variable `trigger` of each run."""

    found: list[Json] = field(default_factory=list)
    detach: CALLBACK_TYPE = lambda: None

    def of(self, word: str) -> list[Any]:
        """Return one word of each run."""
        return [each.get(word) for each in self.found]

    def files(self) -> list[str]:
        """Return the file name of each run's asset."""
        return [each["asset"]["filename"] for each in self.found]


async def attach(hass: HomeAssistant, trigger: str, variables: Json | None = None, **options: Any) -> Runs:
    """Attach a trigger as an automation does."""
    runs = Runs()

    async def _run(variables: Json, context: Context | None = None) -> None:
        runs.found.append(variables["trigger"])

    config: Json = {"trigger": f"{DOMAIN}.{trigger}", "options": options}
    if variables is not None:
        config["variables"] = variables
    checked = await async_validate_trigger_config(hass, cv.TRIGGER_SCHEMA([config]))
    detach = await async_initialize_triggers(hass, checked, _run, "test", "test", lambda *_, **__: None)
    assert detach is not None
    runs.detach = detach
    return runs


async def refusal(hass: HomeAssistant, trigger: str, **options: Any) -> str:
    """Return why a trigger with such options can't be saved."""
    with pytest.raises(vol.Invalid) as info:
        await attach(hass, trigger, **options)
    return str(info.value)


def send(hass: HomeAssistant, entry: MockConfigEntry, news: News) -> None:
    """Send a piece of news of an account."""
    async_dispatcher_send(hass, SIGNAL_NEWS, entry.entry_id, news)


async def tell(hass: HomeAssistant, entry: MockConfigEntry, news: News) -> None:
    """Send a piece of news, and wait for what it starts."""
    send(hass, entry, news)
    await hass.async_block_till_done()


async def asset_of(entry: MockConfigEntry, name: str) -> Asset:
    """Return an asset of the tiny library as the server tells of it."""
    asset: Asset = await entry.runtime_data.client.assets.get(stable_id(f"tiny {name}"))
    return asset


async def album_of(entry: MockConfigEntry, name: str) -> Album:
    """Return an album of the account."""
    albums: Sequence[Album] = await entry.runtime_data.client.albums.list()
    return next(album for album in albums if album.name == name)


async def added(entry: MockConfigEntry, *names: str) -> News:
    """Return the news that some assets were added."""
    return news_of(*[await asset_of(entry, name) for name in names])


async def into_album(entry: MockConfigEntry, album: str, *names: str) -> News:
    """Return the news that some assets came into an album."""
    news = await added(entry, *names)
    return replace(news, type=NewsType.ASSET_ADDED_TO_ALBUM, album=await album_of(entry, album))


async def recognized(entry: MockConfigEntry, person: str, *names: str) -> News:
    """Return the news that a person was recognised in some assets."""
    found = AssetPerson(id=stable_id(f"tiny person {person}"), name=person)
    return replace(await added(entry, *names), type=NewsType.PERSON_RECOGNIZED, person=found)


def news_of(*assets: Asset) -> News:
    """Return the news that assets were added."""
    ids = tuple(asset.id for asset in assets)
    return News(type=NewsType.ASSET_ADDED, count=len(ids), ids=ids, assets=assets)


def copies(asset: Asset, number: int) -> tuple[Asset, ...]:
    """Return assets like one, with ids of their own."""
    return tuple(replace(asset, id=stable_id(f"copy {next(_numbers)}")) for _ in range(number))


def folder(entry: MockConfigEntry, kind: str, each_id: str, title: str = "Something") -> Json:
    """Return what Home Assistant's picker gives for a folder of the media browser."""
    return {
        "media_content_id": f"media-source://{DOMAIN}/{entry.unique_id}/{kind}/{each_id}",
        "media_content_type": "",
        "metadata": {"title": title, "media_class": "directory", "navigateIds": [{}]},
    }
