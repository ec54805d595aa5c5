"""Triggers: what happens in the libraries of accounts, as automations wait for it.

A thin layer over the same news that event entities tell.
"""

from abc import abstractmethod
import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
import logging
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_OPTIONS, CONF_TYPE
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import TemplateError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .api.asset import Asset
from .automation_options import (
    ACCOUNT,
    CONF_CONFIG_ENTRY_ID,
    Pick,
    account_of_user,
    album_pick,
    name_account,
    person_pick,
    picks,
    queue_key,
)
from .live.watches import Watch, Watched, async_watch
from .news.news import SIGNAL_NEWS, News, NewsType
from .news_data import MOST_IDS, NewsData
from .runtime import ImmichPlusConfigEntry

_LOGGER = logging.getLogger(__name__)

CONF_ALBUM: Final = "album"
CONF_PERSON: Final = "person"
CONF_QUEUE: Final = "queue"
CONF_INCLUDE_MISSED: Final = "include_missed"

# An automation runs for so many assets of one piece of news; `count` tells how many there are.
MOST_RUNS: Final = 100
# What one trigger remembers of who told it what.
_MOST_TOLD: Final = 5_000

_MISSED: Final = {vol.Optional(CONF_INCLUDE_MISSED, default=True): cv.boolean}


def _schema(fields: dict[vol.Marker, Any]) -> vol.Schema:
    return vol.Schema({vol.Required(CONF_OPTIONS, default=dict): {**ACCOUNT, **fields}})


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of an automation that is due; what it gets is only written when its turn comes."""

    payload: Callable[[], JsonObjectType]
    description: str


class _Runner:
    """Starts runs one by one, and gives the event loop its turn in between: a burst of photos has many."""

    def __init__(self, hass: HomeAssistant, run_action: TriggerActionRunner) -> None:
        self._hass = hass
        self._run_action = run_action
        self._due: deque[_Run] = deque()
        self._busy = False

    @callback
    def add(self, runs: Iterable[_Run]) -> None:
        self._due.extend(runs)
        if self._due and not self._busy:
            self._busy = True
            _task = self._hass.async_create_task(self._work(), "runs of Immich Plus triggers")

    @callback
    def stop(self) -> None:
        self._due.clear()

    async def _work(self) -> None:
        try:
            while self._due:
                run = self._due.popleft()
                try:
                    _task = self._run_action(dict(run.payload()), run.description)
                except TemplateError as error:
                    _LOGGER.warning("The variables of a trigger can't be rendered: %s", error)
                await asyncio.sleep(0)
        finally:
            self._busy = False


class _FirstTeller:
    """Who told what first: accounts that share an album all tell of it, and one of them is enough."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._told: OrderedDict[tuple[str, str], str] = OrderedDict()

    def is_first(self, entry_id: str, what: tuple[str, str]) -> bool:
        """Whether no other account that still runs told this before."""
        first = self._hass.config_entries.async_get_entry(self._told.setdefault(what, entry_id))
        if first is None or first.state is not ConfigEntryState.LOADED:
            self._told[what] = entry_id
        if len(self._told) > _MOST_TOLD:
            self._told.popitem(last=False)
        return self._told[what] == entry_id


class NewsTrigger(Trigger):
    """Waits for one type of news."""

    schema: ClassVar[vol.Schema]
    news_type: ClassVar[NewsType]

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Check the options; raises vol.Invalid in plain words."""
        config = cls.schema(config)
        options = config[CONF_OPTIONS]
        name_account(hass, options)
        cls.check(hass, options)
        return config

    @classmethod
    def check(cls, hass: HomeAssistant, options: dict[str, Any]) -> None:
        """Check what depends on several options; raises vol.Invalid."""

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Wait for what the options say, once it is attached."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}
        self._account: str | None = self._options.get(CONF_CONFIG_ENTRY_ID)
        self._first = _FirstTeller(hass)

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Listen, whether the account is loaded or not, and say what is watched; give what ends both."""
        runner = _Runner(self._hass, run_action)

        @callback
        def _hear(entry_id: str, news: News) -> None:
            entry: ImmichPlusConfigEntry | None = self._hass.config_entries.async_get_entry(entry_id)
            if entry is not None and self._account in (None, entry_id) and self._is_meant(entry, news):
                runner.add(self._runs(entry, news))

        end_listening = async_dispatcher_connect(self._hass, SIGNAL_NEWS, _hear)
        end_watches = async_watch(self._hass, self._watches())

        @callback
        def _detach() -> None:
            end_listening()
            end_watches()
            runner.stop()

        return _detach

    def _is_meant(self, entry: ImmichPlusConfigEntry, news: News) -> bool:
        if news.type is not self.news_type or (
            news.missed and not self._options.get(CONF_INCLUDE_MISSED, True)
        ):
            return False
        return self._fits(entry, news)

    def _fits(self, entry: ImmichPlusConfigEntry, news: News) -> bool:
        """Whether news of the right type is what the options ask for."""
        return True

    def _watches(self) -> Sequence[Watch]:
        """What has to be looked for because of this trigger."""
        return ()

    @abstractmethod
    def _runs(self, entry: ImmichPlusConfigEntry, news: News) -> Iterable[_Run]:
        """What the automation should run with."""


class AssetNewsTrigger(NewsTrigger):
    """Runs once for each asset that the news is about."""

    @override
    def _runs(self, entry: ImmichPlusConfigEntry, news: News) -> Iterable[_Run]:
        data = NewsData(entry)
        about = news.album or news.person
        thing = "" if about is None else about.id
        wanted = [
            asset
            for asset in news.assets
            if self._is_wanted(asset) and self._first.is_first(entry.entry_id, (thing, asset.id))
        ]
        return [
            _Run(partial(_written, entry, data, news, asset, position), self._sentence(asset, news))
            for position, asset in enumerate(wanted[:MOST_RUNS], 1)
        ]

    def _is_wanted(self, asset: Asset) -> bool:
        """Whether an asset of the news counts."""
        return True

    @abstractmethod
    def _sentence(self, asset: Asset, news: News) -> str:
        """What a trace says behind "triggered by"."""


class AssetAdded(AssetNewsTrigger):
    """A picture or video was added."""

    news_type = NewsType.ASSET_ADDED
    schema = _schema({vol.Optional(CONF_TYPE): vol.All(vol.Lower, vol.In(["image", "video"])), **_MISSED})

    @override
    def _is_wanted(self, asset: Asset) -> bool:
        return self._options.get(CONF_TYPE) in (None, asset.type.lower())

    @override
    def _sentence(self, asset: Asset, news: News) -> str:
        return f"{asset.filename} added to Immich"


class PickedTrigger(AssetNewsTrigger):
    """Waits for something about certain albums or people."""

    option: ClassVar[str]
    watched: ClassVar[Watched]

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Wait for what was picked."""
        super().__init__(hass, config)
        self._picks = [self.read(each) for each in self._options[self.option]]

    @staticmethod
    @abstractmethod
    def read(value: object) -> Pick:
        """Read what was picked or written; raises vol.Invalid."""

    @classmethod
    @override
    def check(cls, hass: HomeAssistant, options: dict[str, Any]) -> None:
        """Check that what was picked is in an account that there is, and in the one that was chosen."""
        chosen = options.get(CONF_CONFIG_ENTRY_ID)
        for pick in map(cls.read, options[cls.option]):
            if pick.user_id is None:
                continue
            if (entry := account_of_user(hass, pick.user_id)) is None:
                raise vol.Invalid("it was picked from an account that Home Assistant doesn't have any more")
            if chosen not in (None, entry.entry_id):
                raise vol.Invalid("it was picked from another account than the chosen one")

    @override
    def _watches(self) -> Sequence[Watch]:
        return [
            Watch(kind=self.watched, entry_id=self._entry_id(pick), name=pick.name) for pick in self._picks
        ]

    def _entry_id(self, pick: Pick) -> str | None:
        entry = None if pick.user_id is None else account_of_user(self._hass, pick.user_id)
        return self._account if entry is None else entry.entry_id

    @override
    def _fits(self, entry: ImmichPlusConfigEntry, news: News) -> bool:
        about = news.album or news.person
        return about is not None and any(
            pick.user_id in (None, entry.unique_id)
            and Watch(kind=self.watched, name=pick.name).fits(about.id, about.name)
            for pick in self._picks
        )


class AssetAddedToAlbum(PickedTrigger):
    """A picture or video came into an album."""

    news_type = NewsType.ASSET_ADDED_TO_ALBUM
    schema = _schema({vol.Required(CONF_ALBUM): picks(album_pick), **_MISSED})
    option = CONF_ALBUM
    watched = Watched.ALBUM

    @staticmethod
    @override
    def read(value: object) -> Pick:
        return album_pick(value)

    @override
    def _sentence(self, asset: Asset, news: News) -> str:
        return f"{asset.filename} added to the album {news.album.name if news.album else ''}".strip()


class PersonRecognized(PickedTrigger):
    """Immich recognised a person in a picture or video."""

    news_type = NewsType.PERSON_RECOGNIZED
    schema = _schema({vol.Required(CONF_PERSON): picks(person_pick), **_MISSED})
    option = CONF_PERSON
    watched = Watched.PERSON

    @staticmethod
    @override
    def read(value: object) -> Pick:
        return person_pick(value)

    @override
    def _sentence(self, asset: Asset, news: News) -> str:
        return f"{news.person.name if news.person else ''} recognized in {asset.filename}".strip()


class MemoriesBecameAvailable(NewsTrigger):
    """There are memories of this day."""

    news_type = NewsType.MEMORIES_BECAME_AVAILABLE
    schema = _schema({})

    @override
    def _runs(self, entry: ImmichPlusConfigEntry, news: News) -> Iterable[_Run]:
        data, first = NewsData(entry), next(iter(news.assets), None)
        return [_Run(partial(_written, entry, data, news, first, 1), "memories became available")]


class JobFailed(NewsTrigger):
    """Some of the server's jobs failed."""

    news_type = NewsType.JOB_FAILED
    schema = _schema({vol.Optional(CONF_QUEUE): vol.All(cv.ensure_list, [cv.string])})

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Wait for failures in the queues that were chosen, else in all."""
        super().__init__(hass, config)
        self._queues = {queue_key(name) for name in self._options.get(CONF_QUEUE, [])}

    @override
    def _watches(self) -> Sequence[Watch]:
        return [Watch(kind=Watched.JOBS, entry_id=self._account)]

    @override
    def _fits(self, entry: ImmichPlusConfigEntry, news: News) -> bool:
        return not self._queues or queue_key(news.queue or "") in self._queues

    @override
    def _runs(self, entry: ImmichPlusConfigEntry, news: News) -> Iterable[_Run]:
        queue = queue_key(news.queue or "")
        # Each administrator's account tells of the same server.
        if not self._first.is_first(entry.entry_id, (entry.runtime_data.server_id, queue)):
            return []
        payload = {**_account(entry), "queue": queue, "count": news.count, "missed": news.missed}
        return [_Run(lambda: payload, f"failed jobs: {queue.replace('_', ' ')}")]


def _written(
    entry: ImmichPlusConfigEntry, data: NewsData, news: News, asset: Asset | None, position: int
) -> JsonObjectType:
    """Write news about one of its assets: `count` and `ids` are about all of them, `position` counts from 1."""
    single = news if asset is None else replace(news, count=1, ids=(asset.id,), assets=(asset,))
    more: JsonObjectType = {
        "count": news.count,
        "position": position,
        "ids": list(news.ids[:MOST_IDS]),
    }
    return _account(entry) | data.of(single) | more


def _account(entry: ImmichPlusConfigEntry) -> JsonObjectType:
    return {"config_entry_id": entry.entry_id, "account": entry.runtime_data.account.name}


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "asset_added": AssetAdded,
    "asset_added_to_album": AssetAddedToAlbum,
    "person_recognized": PersonRecognized,
    "memories_became_available": MemoriesBecameAvailable,
    "job_failed": JobFailed,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
