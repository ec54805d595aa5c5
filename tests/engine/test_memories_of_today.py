"""Memories: told once a day, when there are some."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.news.news import NewsType
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.memory_maker import make_memories
from tests.passing import let_pass, settle
from tests.telling import Told

pytestmark = pytest.mark.usefixtures("still_clock")


async def to_midnight(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let time pass until just after midnight at home."""
    now = dt_util.now()
    freezer.move_to(dt_util.start_of_local_day(now + timedelta(days=1)) + timedelta(seconds=11))
    await let_pass(hass, freezer, seconds=1)


def remember(immich: FakeImmich, entry: MockConfigEntry) -> None:
    """Have a photo of exactly a year before tomorrow at home, and Immich's memory of it."""
    tomorrow = dt_util.now() + timedelta(days=1)
    taken = dt_util.as_utc(tomorrow.replace(year=tomorrow.year - 1, hour=12))
    owner = immich.state.users[entry.unique_id or ""]
    immich.state.add_asset(owner, "year_ago.jpg", taken=taken, local_date_time=taken, thumbhash="x")
    make_memories(immich.state)


async def test_at_midnight(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Those of a new day are told at midnight, once; those of the day on which the account was added are not."""
    told = Told(hass)
    await let_pass(hass, freezer, minutes=30)
    assert not told.of(NewsType.MEMORIES_BECAME_AVAILABLE)
    remember(immich, account)
    await to_midnight(hass, freezer)
    await let_pass(hass, freezer, minutes=30)
    (news,) = told.of(NewsType.MEMORIES_BECAME_AVAILABLE)
    assert "year_ago.jpg" in [asset.filename for asset in news.assets]
    assert not news.missed


async def test_missed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """If Home Assistant didn't run at midnight, they are told as missed when it runs again."""
    remember(immich, account)
    await hass.config_entries.async_unload(account.entry_id)
    await to_midnight(hass, freezer)
    told = Told(hass)
    await hass.config_entries.async_setup(account.entry_id)
    await settle(hass)
    assert [news.missed for news in told.of(NewsType.MEMORIES_BECAME_AVAILABLE)] == [True]


async def test_server_away_at_midnight(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """If they can't be read then, they are told when they can."""
    remember(immich, account)
    told = Told(hass)
    immich.faults.add("GET memories", Status(500))
    await to_midnight(hass, freezer)
    assert not told.news
    immich.faults.clear()
    account.runtime_data.memories.look()
    await settle(hass)
    assert told.count(NewsType.MEMORIES_BECAME_AVAILABLE) > 0


async def test_all_in_the_trash(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Memories of which nothing is left to see are none."""
    remember(immich, account)
    for asset in list(immich.state.assets.values()):
        immich.state.update_asset(asset, trashed_at=immich.state.now())
    told = Told(hass)
    await to_midnight(hass, freezer)
    assert not told.of(NewsType.MEMORIES_BECAME_AVAILABLE)


async def test_key_may_count_only(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """A key that may count memories, but not read them: a repair names the scope, and it is asked for once."""
    key = immich.state.key_by_secret("admin-key")
    assert key is not None
    key.permissions = ["user.read", "asset.read", "asset.statistics", "album.read", "memory.statistics"]
    account = await add_account(immich)
    remember(immich, account)
    await to_midnight(hass, freezer)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"missing_scopes_{account.entry_id}")
    assert issue is not None
    assert "memory.read" in (issue.translation_placeholders or {})["scopes"]
