"""Watched people: their new photos are told of, soon after the upload, once."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import CONF_WATCHED_PEOPLE
from custom_components.immich_plus.coordinator import recognition
from custom_components.immich_plus.live.watches import Watch, Watched, async_watch
from custom_components.immich_plus.news.news import NewsType
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Asset
from tests.passing import let_pass, settle
from tests.telling import Told

pytestmark = pytest.mark.usefixtures("still_clock")

ALICE = stable_id("tiny person Alice")


def upload(immich: FakeImmich, entry: MockConfigEntry, name: str = "new.jpg") -> Asset:
    """Add a photo of nobody so far."""
    owner = immich.state.users[entry.unique_id or ""]
    return immich.state.add_asset(owner, name, taken=immich.state.now(), thumbhash="x")


def recognise(immich: FakeImmich, asset: Asset, person_id: str = ALICE) -> None:
    """Find a face, as the server does a while later."""
    immich.state.add_face(asset, immich.state.people[person_id], (0, 0, 10, 10))


async def test_option(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """A person of the options: told when the face is found, also long after the upload, and only once."""
    account = await add_account(immich, options={CONF_WATCHED_PEOPLE: [ALICE]})
    await let_pass(hass, freezer, seconds=1)
    told = Told(hass)
    first, second = upload(immich, account), upload(immich, account, "other.jpg")
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, seconds=1)
    assert told.count(NewsType.ASSET_ADDED) == 2
    recognise(immich, first)
    await let_pass(hass, freezer, seconds=15)
    (news,) = told.of(NewsType.PERSON_RECOGNIZED)
    assert news.person is not None
    assert (news.person.name, news.ids, news.assets[0].filename, news.missed) == (
        "Alice",
        (first.id,),
        "new.jpg",
        False,
    )
    recognise(immich, second)
    for _ in range(3):
        await let_pass(hass, freezer, minutes=5)
    assert [news.ids for news in told.of(NewsType.PERSON_RECOGNIZED)] == [(first.id,), (second.id,)]


async def test_bounded(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Nobody is searched for while nothing was added, nor more than an hour after."""
    account = await add_account(immich, options={CONF_WATCHED_PEOPLE: [ALICE]})
    await let_pass(hass, freezer, seconds=1)
    immich.requests.clear()
    for _ in range(6):
        await let_pass(hass, freezer, minutes=5)
    searches = immich.requests.count("search/metadata")
    assert immich.requests.count("people") <= 1  # The number of people, every half hour.
    upload(immich, account)
    for _ in range(18):
        await let_pass(hass, freezer, minutes=5)
    immich.requests.clear()
    for _ in range(6):
        await let_pass(hass, freezer, minutes=5)
    assert immich.requests.count("search/metadata") == searches


async def test_missed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """What was recognised while Home Assistant didn't run is told as missed."""
    account = await add_account(immich, options={CONF_WATCHED_PEOPLE: [ALICE]})
    await let_pass(hass, freezer, seconds=1)
    await hass.config_entries.async_unload(account.entry_id)
    told = Told(hass)
    recognise(immich, upload(immich, account))
    await hass.config_entries.async_setup(account.entry_id)
    await let_pass(hass, freezer, seconds=1)
    (news,) = told.of(NewsType.PERSON_RECOGNIZED)
    assert news.missed


async def test_watches(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """A trigger names a person in any letter case; what was there when it came is no news; when it goes, all stops."""
    await let_pass(hass, freezer, seconds=1)
    recognise(immich, upload(immich, account))
    await let_pass(hass, freezer, minutes=5)
    told = Told(hass)
    end = async_watch(hass, [Watch(kind=Watched.PERSON, entry_id=account.entry_id, name="alice")])
    await settle(hass)
    assert [person.name for person in account.runtime_data.recognition.data or ()] == ["Alice"]
    new = upload(immich, account, "new2.jpg")
    await let_pass(hass, freezer, minutes=5)
    recognise(immich, new)
    await let_pass(hass, freezer, minutes=5)
    assert [news.ids for news in told.of(NewsType.PERSON_RECOGNIZED)] == [(new.id,)]
    end()
    await settle(hass)
    assert not account.runtime_data.recognition.asks_again
    recognise(immich, upload(immich, account, "new3.jpg"))
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, minutes=5)
    assert len(told.of(NewsType.PERSON_RECOGNIZED)) == 1


async def test_others_forgotten(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Who isn't watched any more is forgotten, and starts afresh when watched again."""
    known = account.runtime_data.memory.known
    end = async_watch(hass, [Watch(kind=Watched.PERSON, name="Alice")])
    await let_pass(hass, freezer, seconds=1)
    assert list(known.recognized) == [ALICE]
    other = async_watch(hass, [Watch(kind=Watched.PERSON, name="nobody of that name")])
    end()
    await let_pass(hass, freezer, seconds=30)
    assert list(known.recognized) == []
    other()


async def test_trouble(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """A search that fails loses nothing: the next one tells."""
    account = await add_account(immich, options={CONF_WATCHED_PEOPLE: [ALICE]})
    await let_pass(hass, freezer, seconds=1)
    told = Told(hass)
    recognise(immich, upload(immich, account))
    immich.faults.add("GET people", Status(500))
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, seconds=15)
    assert told.count(NewsType.ASSET_ADDED) == 1
    assert told.count(NewsType.PERSON_RECOGNIZED) == 0
    immich.faults.clear()
    await let_pass(hass, freezer, minutes=5)
    assert told.count(NewsType.PERSON_RECOGNIZED) == 1


async def test_long_ago(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Only what was added within the last day is looked at."""
    account = await add_account(immich, options={CONF_WATCHED_PEOPLE: [ALICE]})
    await let_pass(hass, freezer, seconds=1)
    told = Told(hass)
    old = upload(immich, account)
    immich.state.update_asset(old, created_at=immich.state.now() - recognition.LATELY - timedelta(hours=1))
    recognise(immich, old)
    upload(immich, account, "new.jpg")
    for _ in range(3):
        await let_pass(hass, freezer, minutes=5)
    assert told.count(NewsType.PERSON_RECOGNIZED) == 0


async def test_watched_again(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Who was recognised while nobody wanted to know for hours is no news."""
    end = async_watch(hass, [Watch(kind=Watched.PERSON, name="Alice")])
    await let_pass(hass, freezer, seconds=1)
    told = Told(hass)
    end()
    recognise(immich, upload(immich, account))
    await let_pass(hass, freezer, hours=2)
    async_watch(hass, [Watch(kind=Watched.PERSON, name="Alice")])
    await settle(hass)
    await let_pass(hass, freezer, minutes=5)
    assert told.count(NewsType.PERSON_RECOGNIZED) == 0


async def test_quiet_hours(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Hours without uploads forget nothing: what is known is not told again, what is new is told."""
    account = await add_account(immich, options={CONF_WATCHED_PEOPLE: [ALICE]})
    await let_pass(hass, freezer, seconds=1)
    told = Told(hass)
    first = upload(immich, account)
    recognise(immich, first)
    for _ in range(36):
        await let_pass(hass, freezer, minutes=5)
    second = upload(immich, account, "other.jpg")
    recognise(immich, second)
    for _ in range(2):
        await let_pass(hass, freezer, minutes=5)
    assert [news.ids for news in told.of(NewsType.PERSON_RECOGNIZED)] == [(first.id,), (second.id,)]
