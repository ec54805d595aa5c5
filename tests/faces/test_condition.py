"""The condition `is_reachable`."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, config_validation as cv
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.passing import let_pass

pytestmark = pytest.mark.usefixtures("still_clock")


async def check(hass: HomeAssistant, **options: Any) -> bool | None:
    """Check the condition as an automation does."""
    config: dict[str, Any] = {"condition": "immich_plus.is_reachable"}
    if options:
        config["options"] = options
    checked = await condition.async_validate_condition_config(hass, cv.CONDITION_SCHEMA(config))
    checker = await condition.async_from_config(hass, checked)
    return checker.async_check()


async def test_server_goes_and_returns(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """True while the server answers, by the id of the account's entry, its title, or without an account."""
    for options in ({}, {"config_entry_id": account.entry_id}, {"config_entry_id": account.title}):
        assert await check(hass, **options) is True
    await immich.stop()
    await let_pass(hass, freezer, minutes=5)
    assert await check(hass) is False
    assert await check(hass, config_entry_id=account.entry_id) is False
    await immich.start()
    await let_pass(hass, freezer, minutes=5)
    assert await check(hass) is True


async def test_not_loaded(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """False for an account that doesn't run."""
    await hass.config_entries.async_unload(account.entry_id)
    assert await check(hass) is False
    assert await check(hass, config_entry_id=account.entry_id) is False


async def test_no_account(hass: HomeAssistant) -> None:
    """Without any account nothing can be reached."""
    assert await check(hass) is False


async def test_all_accounts(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> None:
    """Without an account, all that aren't disabled have to be reachable."""
    other = await add_account(immich, key="user-key")
    assert await check(hass) is True
    await hass.config_entries.async_unload(other.entry_id)
    assert await check(hass) is False
    assert await check(hass, config_entry_id=account.entry_id) is True
    await hass.config_entries.async_set_disabled_by(other.entry_id, ConfigEntryDisabler.USER)
    assert await check(hass) is True
    assert await check(hass, config_entry_id=other.entry_id) is False


@pytest.mark.parametrize("options", [{"config_entry_id": "nobody"}, {"account": "Admin"}])
async def test_mistakes(hass: HomeAssistant, account: MockConfigEntry, options: dict[str, str]) -> None:
    """What can't be right is refused when it is saved."""
    with pytest.raises(vol.Invalid):
        await check(hass, **options)
