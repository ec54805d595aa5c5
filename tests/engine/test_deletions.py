"""Deletions that nobody announced: found by counting, told as a number, and never made up."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.news.news import NewsType
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.models import Visibility
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
