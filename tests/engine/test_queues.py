"""Failed jobs: told to whoever wants to know, and read only then."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.live.watches import Watch, Watched, async_watch
from custom_components.immich_plus.news.news import NewsType
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.passing import let_pass, settle
from tests.telling import Told

pytestmark = pytest.mark.usefixtures("still_clock")

JOBS = [Watch(kind=Watched.JOBS)]


async def test_failures(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Each failure is told once, with its queue; old ones, and lists that are cleared, are no news."""
    immich.state.queues["metadataExtraction"].failed = 3
    end = async_watch(hass, JOBS)
    await settle(hass)
    told = Told(hass)
    await let_pass(hass, freezer, minutes=5)
    assert not told.of(NewsType.JOB_FAILED)
    immich.state.queues["thumbnailGeneration"].failed = 2
    immich.state.queues["metadataExtraction"].failed = 0
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, minutes=5)
    (news,) = told.of(NewsType.JOB_FAILED)
    assert (news.queue, news.count, news.missed) == ("thumbnailGeneration", 2, False)
    end()
    immich.requests.clear()
    await let_pass(hass, freezer, minutes=5)
    assert immich.requests.count("GET jobs") == 0


async def test_nobody_asks(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Queues are not read while nobody wants to know."""
    await let_pass(hass, freezer, minutes=5)
    assert immich.requests.count("GET jobs") == 0


async def test_missed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """What failed while Home Assistant didn't run is told as missed."""
    async_watch(hass, JOBS)
    await settle(hass)
    await hass.config_entries.async_unload(account.entry_id)
    told = Told(hass)
    immich.state.queues["thumbnailGeneration"].failed = 1
    await hass.config_entries.async_setup(account.entry_id)
    await settle(hass)
    assert [news.missed for news in told.of(NewsType.JOB_FAILED)] == [True]


async def test_plain_user(hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount) -> None:
    """Users who are no administrators have no queues, and wishes to know of them do no harm."""
    async_watch(hass, JOBS)
    account = await add_account(immich, key="user-key")
    await settle(hass)
    assert account.runtime_data.queues is None
    assert immich.requests.count("GET jobs") == 0


async def test_trouble(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """A reading that fails loses nothing."""
    async_watch(hass, JOBS)
    await settle(hass)
    told = Told(hass)
    immich.state.queues["thumbnailGeneration"].failed = 1
    immich.faults.add("GET jobs", Status(500))
    await let_pass(hass, freezer, minutes=5)
    immich.faults.clear()
    await let_pass(hass, freezer, minutes=5)
    assert told.count(NewsType.JOB_FAILED) == 1


async def test_watched_again(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """What failed while nobody wanted to know for hours is no news; a reload of an automation loses nothing."""
    end = async_watch(hass, JOBS)
    await settle(hass)
    told = Told(hass)
    end()
    immich.state.queues["thumbnailGeneration"].failed = 1
    end = async_watch(hass, JOBS)
    await settle(hass)
    assert told.count(NewsType.JOB_FAILED) == 1
    end()
    immich.state.queues["thumbnailGeneration"].failed = 5
    await let_pass(hass, freezer, hours=2)
    async_watch(hass, JOBS)
    await settle(hass)
    assert told.count(NewsType.JOB_FAILED) == 1
