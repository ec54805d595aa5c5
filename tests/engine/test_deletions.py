"""Deletions that nobody announced: found by counting, told as a number, and never made up."""

from functools import partial
from typing import override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.news.news import NewsType
from tests.conftest import AddAccount
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Call, Fault, Proceed, Status
from tests.fake_immich.models import User, Visibility
from tests.passing import let_pass, settle
from tests.telling import Told

pytestmark = pytest.mark.usefixtures("still_clock")


def own(immich: FakeImmich, entry: MockConfigEntry) -> list[str]:
    """Return the ids of the account's assets that can be seen."""
    return [
        asset.id
        for asset in immich.state.assets.values()
        if asset.owner_id == entry.unique_id and asset.visibility is not Visibility.HIDDEN
    ]


async def begun(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Told:
    """Let the account find out how things are, and listen from then on."""
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, minutes=5)
    return Told(hass)


async def test_while_polling(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """What is deleted for good between two looks is told as a number, once."""
    told = await begun(hass, freezer)
    for asset_id in own(immich, account)[:2]:
        immich.state.remove_asset(asset_id)
    for _ in range(3):
        await let_pass(hass, freezer, minutes=5)
    (news,) = told.of(NewsType.ASSET_DELETED)
    assert (news.count, news.ids, news.missed) == (2, (), False)


async def test_while_away(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """What is deleted while Home Assistant doesn't run is told as missed when it runs again."""
    told = await begun(hass, freezer)
    await hass.config_entries.async_unload(account.entry_id)
    immich.state.remove_asset(own(immich, account)[0])
    freezer.tick(600)
    await hass.config_entries.async_setup(account.entry_id)
    for _ in range(3):
        await let_pass(hass, freezer, minutes=1)
    (news,) = told.of(NewsType.ASSET_DELETED)
    assert (news.count, news.missed) == (1, True)


async def test_server_away(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """What is deleted while the server can't be reached is told as missed."""
    told = await begun(hass, freezer)
    immich.faults.add("*", Status(503))
    await let_pass(hass, freezer, minutes=5)
    immich.state.remove_asset(own(immich, account)[0])
    immich.faults.clear()
    for _ in range(3):
        await let_pass(hass, freezer, minutes=5)
    (news,) = told.of(NewsType.ASSET_DELETED)
    assert (news.count, news.missed) == (1, True)


async def test_nothing_made_up(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Uploads, the trash and the archive change counts, but nothing is gone."""
    told = await begun(hass, freezer)
    owner = immich.state.users[account.unique_id or ""]
    first, second, third = own(immich, account)[:3]
    assets = immich.state.assets
    immich.state.add_asset(owner, "new.jpg", taken=immich.state.now(), thumbhash="x")
    immich.state.update_asset(assets[first], trashed_at=immich.state.now())
    await let_pass(hass, freezer, minutes=5)
    immich.state.update_asset(assets[first], trashed_at=None)
    immich.state.update_asset(assets[second], visibility=Visibility.ARCHIVE)
    immich.state.add_asset(owner, "unread.jpg", taken=immich.state.now())
    for _ in range(12):
        await let_pass(hass, freezer, minutes=5)
    immich.state.remove_asset(third)
    for _ in range(3):
        await let_pass(hass, freezer, minutes=5)
    assert told.count(NewsType.ASSET_DELETED) == 1
    assert told.count(NewsType.ASSET_ADDED) == 2


class Busy(Fault):
    """Adds an asset each time that the library is counted."""

    def __init__(self, immich: FakeImmich, owner: User) -> None:
        self.add = partial(immich.state.add_asset, owner, "busy.jpg", thumbhash="x")
        self.immich = immich

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        answer = await proceed()
        self.add(taken=self.immich.state.now())
        return answer


async def test_while_others_upload(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """A count is not believed while the library grows; when that is over, what is missing is told."""
    told = await begun(hass, freezer)
    immich.state.remove_asset(own(immich, account)[0])
    immich.faults.add("GET assets/statistics", Busy(immich, immich.state.users[account.unique_id or ""]))
    for _ in range(3):
        await let_pass(hass, freezer, minutes=5)
    assert told.count(NewsType.ASSET_DELETED) == 0
    immich.faults.clear()
    for _ in range(12):
        await let_pass(hass, freezer, minutes=5)
    added = sum(asset.original_file_name == "busy.jpg" for asset in immich.state.assets.values())
    assert (told.count(NewsType.ASSET_DELETED), told.count(NewsType.ASSET_ADDED)) == (1, added)


@pytest.mark.parametrize("route", ["POST search/metadata", "GET assets/statistics"])
async def test_trouble(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    route: str,
) -> None:
    """While looks or counts fail nothing is concluded, and nothing is lost."""
    told = await begun(hass, freezer)
    immich.faults.add(route, Status(500))
    immich.state.remove_asset(own(immich, account)[0])
    for _ in range(3):
        await let_pass(hass, freezer, minutes=5)
    assert told.count(NewsType.ASSET_DELETED) == 0
    immich.faults.clear()
    for _ in range(3):
        await let_pass(hass, freezer, minutes=5)
    assert told.count(NewsType.ASSET_DELETED) == 1


async def test_without_counts(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """A key that may not count tells of no deletions, and of all else."""
    immich.state.key_by_secret("admin-key").permissions = ["user.read", "asset.read", "album.read"]
    account = await add_account(immich)
    await settle(hass)
    told = await begun(hass, freezer)
    owner = immich.state.users[account.unique_id or ""]
    immich.state.remove_asset(own(immich, account)[0])
    immich.state.add_asset(owner, "new.jpg", taken=immich.state.now(), thumbhash="x")
    for _ in range(3):
        await let_pass(hass, freezer, minutes=5)
    assert told.count(NewsType.ASSET_DELETED) == 0
    assert told.count(NewsType.ASSET_ADDED) == 1


async def test_not_too_often(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """What is gone just after something else was gone is told a while later."""
    told = await begun(hass, freezer)
    for pause in (300, 10, 300):
        immich.state.remove_asset(own(immich, account)[0])
        freezer.tick(pause)
        await account.runtime_data.library.async_refresh()
        await settle(hass)
    assert [news.count for news in told.of(NewsType.ASSET_DELETED)] == [1, 2]


async def test_told_in_the_end(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """What was not looked into at once is looked into by itself: nobody may count again for hours."""
    told = await begun(hass, freezer)
    for pause in (300, 10):
        immich.state.remove_asset(own(immich, account)[0])
        freezer.tick(pause)
        await account.runtime_data.library.async_refresh()
        await settle(hass)
    assert told.count(NewsType.ASSET_DELETED) == 1
    account.runtime_data.library.update_interval = None
    await let_pass(hass, freezer, minutes=1)
    await let_pass(hass, freezer, minutes=1)
    assert told.count(NewsType.ASSET_DELETED) == 2
