"""The repair that names what the key lacks."""

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.models import ApiKey
from tests.pace import later

from .set_ups import SetUps

pytestmark = pytest.mark.usefixtures("no_pauses")

# All that entities of an administrator's account are read with.
READING = {
    "album.read",
    "album.statistics",
    "asset.read",
    "asset.statistics",
    "memory.statistics",
    "person.read",
    "server.statistics",
    "server.storage",
    "server.versionCheck",
    "tag.read",
    "user.read",
}


def _issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"missing_scopes_{entry.entry_id}")
    return issue if issue is not None and issue.active else None


def _named(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return the scopes that the repair names; empty if there is none."""
    if (issue := _issue(hass, entry)) is None:
        return set()
    assert issue.translation_placeholders is not None
    lines = issue.translation_placeholders["scopes"].split("\n")
    assert lines == sorted(lines)
    return {line.removeprefix("- `").removesuffix("`") for line in lines}


def _key(immich: FakeImmich, secret: str, *scopes: str) -> ApiKey:
    """Make a key of the administrator's with a few scopes."""
    admin = next(user for user in immich.state.users.values() if user.is_admin)
    return immich.state.add_api_key(admin, list(scopes), secret=secret)


async def test_full_key_has_no_repair(hass: HomeAssistant, account: MockConfigEntry) -> None:
    assert _issue(hass, account) is None


async def test_key_with_all_that_entities_need_has_no_repair(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    _key(immich, "reading", *READING)
    entry = await add_account(immich, key="reading")

    assert _issue(hass, entry) is None


async def test_repair_names_account_and_scopes(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    _key(immich, "narrow", *READING - {"album.statistics", "server.statistics"}, "asset.upload")
    entry = await add_account(immich, key="narrow")

    assert _named(hass, entry) == {"album.statistics", "server.statistics"}
    issue = _issue(hass, entry)
    assert issue is not None
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.translation_key == "missing_scopes"
    assert issue.translation_placeholders["account"] == entry.title
    assert hass.states.get("sensor.immich_admin_albums") is None
    assert hass.states.get("sensor.immich_admin_photos") is not None


async def test_who_is_no_administrator_is_not_asked_for_what_administrators_see(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    user = next(user for user in immich.state.users.values() if user.name == "User")
    immich.state.add_api_key(user, list(READING - {"server.statistics", "tag.read"}), secret="narrow")
    entry = await add_account(immich, key="narrow")

    assert _named(hass, entry) == {"tag.read"}


async def test_who_does_not_carry_the_server_is_not_asked_for_what_its_device_shows(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> None:
    user = next(user for user in immich.state.users.values() if user.name == "User")
    scopes = READING - {"server.statistics", "server.storage", "server.versionCheck", "tag.read"}
    immich.state.add_api_key(user, list(scopes), secret="narrow")
    entry = await add_account(immich, key="narrow")

    assert _named(hass, entry) == {"tag.read"}


async def test_each_account_has_its_own_repair(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    narrow = await add_account(immich, key="read-key")
    full = await add_account(immich, key="user-key")

    assert _named(hass, narrow)
    assert not _named(hass, full)


@pytest.mark.parametrize("version", ["1.144.1", "3.3.5"])
async def test_scope_added_in_immich_heals_by_itself(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, version: str
) -> None:
    immich = await make_immich(version=version)
    key = _key(immich, "narrow", *READING - {"album.statistics", "tag.read"})
    entry = await add_account(immich, key="narrow")
    assert _named(hass, entry) == {"album.statistics", "tag.read"}
    set_ups = SetUps(hass, entry)

    key.permissions.append("album.statistics")
    await later(hass, minutes=31)

    assert _named(hass, entry) == {"tag.read"}
    assert hass.states.get("sensor.immich_admin_albums").state == "5"
    assert set_ups.count == 1

    key.permissions.append("tag.read")
    await later(hass, minutes=31)
    assert _issue(hass, entry) is None

    for _ in range(4):
        await later(hass, minutes=31)
    assert set_ups.count == 2


async def test_scope_taken_away_in_immich_is_told(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    key = _key(immich, "key", *READING)
    entry = await add_account(immich, key="key")

    key.permissions.remove("album.statistics")
    await later(hass, minutes=6)

    assert _named(hass, entry) == {"album.statistics"}
    assert not hass.config_entries.flow.async_progress()
    # Given back before anybody looked at the key again.
    key.permissions.append("album.statistics")
    await later(hass, minutes=31)
    assert _issue(hass, entry) is None
    assert hass.states.get("sensor.immich_admin_albums").state == "5"


async def test_user_read_taken_away(hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount) -> None:
    """Nobody can tell any more whose key it is, which is no reason to ask for another one."""
    key = _key(immich, "key", *READING)
    entry = await add_account(immich, key="key")

    key.permissions.remove("user.read")
    await later(hass, minutes=31)

    assert not hass.config_entries.flow.async_progress()
    assert "user.read" in _named(hass, entry) or entry.error_reason_translation_key == "missing_scope"
    key.permissions.append("user.read")
    await later(hass, minutes=31)
    await later(hass, minutes=31)
    assert _issue(hass, entry) is None
    assert hass.states.get("sensor.immich_admin_storage_used").state != "unavailable"


async def test_ignored_stays_ignored(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    entry = await add_account(immich, key="read-key")
    issue = _issue(hass, entry)
    assert issue is not None
    ir.async_ignore_issue(hass, DOMAIN, issue.issue_id, ignore=True)

    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await later(hass, minutes=31)

    issue = _issue(hass, entry)
    assert issue is not None
    assert issue.dismissed_version is not None


async def test_repair_goes_when_the_account_is_disabled(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    entry = await add_account(immich, key="read-key")
    assert _issue(hass, entry)

    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()
    assert _issue(hass, entry) is None

    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await hass.async_block_till_done()
    assert _issue(hass, entry)


async def test_old_servers_teach_by_refusing(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    immich = await make_immich(version="1.137.3")
    key = _key(immich, "narrow", "album.read", *READING - {"album.statistics", "tag.read"})

    entry = await add_account(immich, key="narrow")

    assert _named(hass, entry) == {"album.statistics", "tag.read"}
    assert hass.states.get("sensor.immich_admin_albums") is None
    # What was refused isn't asked for again.
    immich.requests.clear()
    await later(hass, minutes=31)
    assert immich.requests.count("GET albums/statistics") == 0
    assert 403 not in {each.status for each in immich.requests.entries}

    key.permissions += ["album.statistics", "tag.read"]
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert _issue(hass, entry) is None
    assert hass.states.get("sensor.immich_admin_albums").state == "5"


async def test_upgrade_to_a_server_that_tells_the_scopes(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    immich = await make_immich(version="1.137.3")
    _key(immich, "narrow", *READING - {"album.statistics"})
    entry = await add_account(immich, key="narrow")

    immich.set_version("3.1.0")
    await later(hass, minutes=31)
    await later(hass, minutes=31)

    assert entry.runtime_data.client.scopes.told == READING - {"album.statistics"}
    assert _named(hass, entry) == {"album.statistics"}


async def test_action_that_is_refused_is_told_until_the_key_may(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    key = _key(immich, "key", *READING, "album.read")
    entry = await add_account(immich, key="key")
    assert _issue(hass, entry) is None
    set_ups = SetUps(hass, entry)
    asset = next(iter(immich.state.assets))

    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            DOMAIN, "add_to_album", {"assets": [asset], "album": "Holiday"}, blocking=True
        )
    assert _named(hass, entry) == {"albumAsset.create"}

    # It stays known, and starts nothing afresh, until the key has it.
    await later(hass, minutes=31)
    await later(hass, minutes=31)
    assert _named(hass, entry) == {"albumAsset.create"}
    assert set_ups.count == 0

    key.permissions.append("albumAsset.create")
    await later(hass, minutes=31)
    assert _issue(hass, entry) is None


async def test_key_that_lists_nothing_known(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Immich has scopes that are not known here; they do no harm."""
    _key(immich, "key", *READING, "asset.dream")
    entry = await add_account(immich, key="key")

    assert _issue(hass, entry) is None
