"""The update entity: what runs, what is newest, and when there is nothing to tell."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.update import UpdateEntityFeature
from homeassistant.const import ATTR_SUPPORTED_FEATURES, STATE_OFF, STATE_ON, STATE_UNAVAILABLE, Platform
from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status, replaced
from tests.passing import entity_id, let_pass, settle, state_of

pytestmark = pytest.mark.usefixtures("still_clock")


def shown(hass: HomeAssistant, account: MockConfigEntry) -> State:
    return state_of(hass, f"{account.runtime_data.server_id}_server", Platform.UPDATE)


@pytest.mark.parametrize(
    ("told", "state", "latest"),
    [
        ("v3.3.5", STATE_ON, "3.3.5"),
        ("3.3.5", STATE_ON, "3.3.5"),
        ("v3.10.0", STATE_ON, "3.10.0"),
        ("v3.1.0", STATE_OFF, "3.1.0"),
        # The server was just upgraded and still remembers what was the newest before.
        ("v2.7.5", STATE_OFF, "3.1.0"),
        # It never looked: the check is switched off, or it has just been installed.
        (None, STATE_OFF, "3.1.0"),
        ("", STATE_OFF, "3.1.0"),
        ("soon", STATE_OFF, "3.1.0"),
    ],
)
async def test_versions(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_account: AddAccount,
    told: str | None,
    state: str,
    latest: str,
) -> None:
    immich.state.settings.release_version = told
    immich.state.settings.checked_at = None if told is None else immich.state.now()
    account = await add_account(immich)
    update = shown(hass, account)
    assert update.state == state
    assert update.attributes["installed_version"] == "3.1.0"
    assert update.attributes["latest_version"] == latest
    assert update.attributes["release_url"] == f"https://github.com/immich-app/immich/releases/tag/v{latest}"
    assert update.attributes["title"] == "Immich"
    assert update.entity_id == "update.immich_server_127_0_0_1_update"
    # How Immich is updated is up to its owner.
    assert not update.attributes[ATTR_SUPPORTED_FEATURES] & UpdateEntityFeature.INSTALL


@pytest.mark.parametrize("version", ["1.137.3", "1.144.1", "2.7.5", "3.1.0"])
async def test_each_version(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, version: str
) -> None:
    immich = await make_immich(version=version)
    immich.state.settings.release_version = "v3.3.5"
    update = shown(hass, await add_account(immich))
    assert update.state == STATE_ON
    assert update.attributes["installed_version"] == version


async def test_server_is_upgraded(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    immich.state.settings.release_version = "v3.3.5"
    await let_pass(hass, freezer, hours=6)
    assert shown(hass, account).state == STATE_ON
    await immich.stop()
    await let_pass(hass, freezer, minutes=5)
    assert shown(hass, account).state == STATE_UNAVAILABLE
    immich.set_version("3.3.5")
    await immich.start()
    await let_pass(hass, freezer, minutes=1)
    assert shown(hass, account).state == STATE_OFF
    assert shown(hass, account).attributes["installed_version"] == "3.3.5"
    assert state_of(hass, f"{account.runtime_data.server_id}_server_version").state == "3.3.5"


async def test_upgraded_between_two_polls(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Restarts that nobody saw: the version is read every ten minutes anyway."""
    immich.set_version("3.3.5")
    await let_pass(hass, freezer, minutes=10)
    assert shown(hass, account).attributes["installed_version"] == "3.3.5"


async def test_scope_is_missing(hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount) -> None:
    account = await add_account(immich, key="read-key")
    assert entity_id(hass, f"{account.runtime_data.server_id}_server", Platform.UPDATE) is None
    assert immich.requests.count("server/version-check") == 0


async def test_narrow_key_on_1_137(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    """1.137 wants a key that may do all for this; with any other there is no entity, and one question in all."""
    immich = await make_immich(version="1.137.3")
    key = immich.state.key_by_secret("read-key")
    assert key is not None
    key.permissions = [*key.permissions, "server.statistics", "memory.statistics"]
    account = await add_account(immich, key="read-key")
    assert entity_id(hass, f"{account.runtime_data.server_id}_server", Platform.UPDATE) is None
    await let_pass(hass, freezer, hours=6)
    assert immich.requests.count("server/version-check") == 1
    assert state_of(hass, f"{account.unique_id}_photos").state == "6"


async def test_second_account(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> None:
    """One server, one update."""
    await add_account(immich, key="user-key")
    assert len(hass.states.async_all(Platform.UPDATE)) == 1


@pytest.mark.parametrize("fault", [Status(500, "No"), replaced([])], ids=["fails", "odd"])
async def test_check_fails(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    fault: Status,
) -> None:
    immich.faults.add("GET server/version-check", fault)
    await let_pass(hass, freezer, hours=6)
    assert shown(hass, account).state == STATE_UNAVAILABLE
    assert state_of(hass, f"{account.unique_id}_photos").state == "6"
    immich.faults.clear()
    await let_pass(hass, freezer, hours=6)
    assert shown(hass, account).state == STATE_OFF


async def test_version_fails_alone(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Without the version that runs there is nothing to compare with."""
    immich.faults.add("GET server/version", Status(500, "No"))
    await let_pass(hass, freezer, minutes=10)
    await settle(hass)
    assert shown(hass, account).state == STATE_UNAVAILABLE
    assert state_of(hass, f"{account.unique_id}_photos").state == "6"
