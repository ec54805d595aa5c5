"""Each change of an account starts it afresh exactly once: every cell of Home Assistant's table.

The account has one update listener, so subentries and options reload through that; the dialogs for a new key
or address must reload by themselves only where that listener isn't there.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.pace import later

from .set_ups import SetUps

pytestmark = pytest.mark.usefixtures("no_pauses")


def _subentry(name: str = "Kitchen") -> ConfigSubentry:
    return ConfigSubentry(
        data=MappingProxyType({"name": name}), subentry_type="frame", title=name, unique_id=None
    )


def _form(immich: FakeImmich, key: str = "admin-key") -> dict[str, Any]:
    return {"url": immich.url, "api_key": key, "tls": {"verify_ssl": True}}


async def _submit(hass: HomeAssistant, result: Any, form: dict[str, Any], reason: str) -> None:
    result = await hass.config_entries.flow.async_configure(result["flow_id"], form)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)
    await hass.async_block_till_done()


@pytest.fixture(name="check")
def check_fixture(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> Callable[[MockConfigEntry, SetUps], None]:
    """Give the check that ends each test: loaded, set up once, nothing to complain about."""

    def _check(entry: MockConfigEntry, set_ups: SetUps) -> None:
        assert entry.state is ConfigEntryState.LOADED
        assert set_ups.count == 1
        assert len(entry.update_listeners) == 1
        assert "will stop working" not in caplog.text
        assert "Detected that custom integration" not in caplog.text

    return _check


async def test_subentry_added_changed_and_removed(
    hass: HomeAssistant, account: MockConfigEntry, check: Any
) -> None:
    subentry = _subentry()
    set_ups = SetUps(hass, account)
    hass.config_entries.async_add_subentry(account, subentry)
    await hass.async_block_till_done()
    check(account, set_ups)

    set_ups = SetUps(hass, account)
    hass.config_entries.async_update_subentry(account, subentry, data={"name": "Hall"}, title="Hall")
    await hass.async_block_till_done()
    check(account, set_ups)

    set_ups = SetUps(hass, account)
    hass.config_entries.async_remove_subentry(account, subentry.subentry_id)
    await hass.async_block_till_done()
    check(account, set_ups)


async def test_options(hass: HomeAssistant, account: MockConfigEntry, check: Any) -> None:
    set_ups = SetUps(hass, account)

    result = await hass.config_entries.options.async_init(account.entry_id)
    await hass.config_entries.options.async_configure(
        result["flow_id"], {"news": {"live_updates": False}, "uploads": {"upload_album": "Door"}}
    )
    await hass.async_block_till_done()

    check(account, set_ups)


async def test_options_that_stay_the_same(hass: HomeAssistant, account: MockConfigEntry) -> None:
    set_ups = SetUps(hass, account)

    result = await hass.config_entries.options.async_init(account.entry_id)
    await hass.config_entries.options.async_configure(
        result["flow_id"], {"news": {"live_updates": False}, "uploads": {}}
    )
    await hass.async_block_till_done()

    assert set_ups.count == 0


@pytest.mark.parametrize("key", ["read-key", "admin-key"], ids=["another key", "the same key"])
async def test_new_key_while_loaded(
    hass: HomeAssistant, account: MockConfigEntry, check: Any, key: str
) -> None:
    set_ups = SetUps(hass, account)

    await _submit(hass, await account.start_reauth_flow(hass), {"api_key": key}, "reauth_successful")

    check(account, set_ups)
    assert account.data["api_key"] == key


@pytest.mark.parametrize("key", ["read-key", "admin-key"], ids=["another key", "the same key"])
async def test_new_connection_while_loaded(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, check: Any, key: str
) -> None:
    set_ups = SetUps(hass, account)

    result = await account.start_reconfigure_flow(hass)
    await _submit(hass, result, _form(immich, key), "reconfigure_successful")

    check(account, set_ups)


@pytest.mark.parametrize("dialog", ["reauth", "reconfigure"])
async def test_new_key_after_the_old_was_refused(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, check: Any, dialog: str
) -> None:
    entry = await add_account(immich, data={"api_key": "gone"})
    assert entry.state is ConfigEntryState.SETUP_ERROR
    set_ups = SetUps(hass, entry)

    if dialog == "reauth":
        await _submit(
            hass, await entry.start_reauth_flow(hass), {"api_key": "admin-key"}, "reauth_successful"
        )
    else:
        result = await entry.start_reconfigure_flow(hass)
        await _submit(hass, result, _form(immich), "reconfigure_successful")

    check(entry, set_ups)


@pytest.mark.parametrize("dialog", ["reauth", "reconfigure"])
async def test_same_key_after_it_was_given_back(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, check: Any, dialog: str
) -> None:
    """Nothing changes in what is stored, and yet the account starts."""
    entry = await add_account(immich, data={"api_key": "given-back"})
    assert entry.state is ConfigEntryState.SETUP_ERROR
    admin = next(user for user in immich.state.users.values() if user.is_admin)
    immich.state.add_api_key(admin, secret="given-back")
    set_ups = SetUps(hass, entry)

    if dialog == "reauth":
        await _submit(
            hass, await entry.start_reauth_flow(hass), {"api_key": "given-back"}, "reauth_successful"
        )
    else:
        result = await entry.start_reconfigure_flow(hass)
        await _submit(hass, result, _form(immich, "given-back"), "reconfigure_successful")

    check(entry, set_ups)


@pytest.mark.parametrize("dialog", ["reauth", "reconfigure"])
async def test_while_the_set_up_is_tried_again(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, check: Any, dialog: str
) -> None:
    await immich.stop()
    entry = await add_account(immich)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await immich.start()
    set_ups = SetUps(hass, entry)

    if dialog == "reauth":
        await _submit(hass, await entry.start_reauth_flow(hass), {"api_key": "read-key"}, "reauth_successful")
    else:
        result = await entry.start_reconfigure_flow(hass)
        await _submit(hass, result, _form(immich), "reconfigure_successful")
    # The planned try would have come by now.
    await later(hass, seconds=90)

    check(entry, set_ups)


async def test_another_users_key_does_not_start_it_afresh(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    set_ups = SetUps(hass, account)

    await _submit(hass, await account.start_reauth_flow(hass), {"api_key": "user-key"}, "wrong_account")

    assert set_ups.count == 0


async def test_changes_do_not_pile_up_listeners(
    hass: HomeAssistant, account: MockConfigEntry, check: Any
) -> None:
    for number in range(3):
        hass.config_entries.async_update_entry(account, options={"upload_album": str(number)})
        await hass.async_block_till_done()
    set_ups = SetUps(hass, account)

    hass.config_entries.async_update_entry(account, options={})
    await hass.async_block_till_done()

    check(account, set_ups)


async def test_account_that_failed_to_load_reloads_on_change(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, check: Any
) -> None:
    """A key refused while running, in the middle of a reload, leaves nothing behind that reloads twice."""
    key = immich.state.key_by_secret("admin-key")
    assert key is not None
    del immich.state.api_keys[key.id]
    await hass.config_entries.async_reload(account.entry_id)
    await hass.async_block_till_done()
    assert account.state is ConfigEntryState.SETUP_ERROR
    assert not account.update_listeners
    set_ups = SetUps(hass, account)

    await _submit(hass, await account.start_reauth_flow(hass), {"api_key": "read-key"}, "reauth_successful")

    check(account, set_ups)
