"""What is left to do when an album is gone, or when nobody wants its device any more."""

from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.live.watches import Watch, Watched, async_watch
from tests.engine.set_ups import SetUps
from tests.passing import let_pass

from .acting import tiny
from .albums import HOLIDAY, THEIRS, MakeWatching, Watching, make_watching_fixture, watched, watching_fixture

__all__ = ["make_watching_fixture", "watching_fixture"]

pytestmark = pytest.mark.usefixtures("no_pauses")


def _issues(hass: HomeAssistant) -> set[str]:
    return {issue_id for domain, issue_id in ir.async_get(hass).issues if domain == DOMAIN}


def _remembered(watching: Watching) -> set[str]:
    """Return the albums whose contents are remembered."""
    return set(watching.account.runtime_data.memory.known.watched)


async def _stored(watching: Watching, hass_storage: dict[str, Any]) -> set[str]:
    """Return the albums whose contents are on disk."""
    await let_pass(watching.hass, watching.freezer, seconds=1)
    return set(hass_storage[f"{DOMAIN}.{watching.account.entry_id}"]["data"]["watched"])


async def test_album_that_is_gone(watching: Watching) -> None:
    """Deleted in Immich: its entities are unavailable, and a repair says what to do."""
    assert watching.issue() is None
    album = watching.immich.state.albums.pop(HOLIDAY)
    await watching.look()

    assert watching.states == {STATE_UNAVAILABLE}
    issue = watching.issue()
    assert issue is not None
    assert (issue.translation_key, issue.severity, issue.is_fixable) == (
        "album_gone",
        ir.IssueSeverity.WARNING,
        False,
    )
    assert issue.translation_placeholders == {
        "album": "Our holiday",
        "account": watching.account.title,
    }

    watching.immich.state.albums[HOLIDAY] = album
    await watching.look()
    assert watching.issue() is None
    assert STATE_UNAVAILABLE not in watching.states


async def test_album_that_is_shared_no_longer(make_watching: MakeWatching) -> None:
    watching = await make_watching(albums=[watched(THEIRS, "Theirs"), watched()])
    del watching.immich.state.albums[THEIRS].members[tiny("admin")]
    await watching.look()
    assert watching.states == {STATE_UNAVAILABLE}
    assert watching.issue() is not None
    assert watching.issue(list(watching.account.subentries)[1]) is None


async def test_album_that_was_gone_at_the_start(make_watching: MakeWatching) -> None:
    watching = await make_watching(albums=[watched(tiny("nothing"))])
    assert watching.states == {STATE_UNAVAILABLE}
    assert watching.issue() is not None


async def test_new_start_leaves_the_repair(watching: Watching) -> None:
    """Also one that somebody chose to ignore."""
    del watching.immich.state.albums[HOLIDAY]
    await watching.look()
    issue = watching.issue()
    assert issue is not None
    ir.async_ignore_issue(watching.hass, DOMAIN, issue.issue_id, ignore=True)

    await watching.hass.config_entries.async_reload(watching.account.entry_id)
    await let_pass(watching.hass, watching.freezer, seconds=1)
    issue = watching.issue()
    assert issue is not None
    assert issue.dismissed_version is not None


async def test_another_album_is_chosen(hass: HomeAssistant, watching: Watching) -> None:
    del watching.immich.state.albums[HOLIDAY]
    await watching.look()
    assert watching.issue() is not None

    result = await watching.account.start_subentry_reconfigure_flow(hass, watching.subentry_id)
    await hass.config_entries.subentries.async_configure(result["flow_id"], {"album_id": THEIRS})
    await hass.async_block_till_done()
    await let_pass(hass, watching.freezer, seconds=1)

    assert watching.issue() is None
    assert watching.state("photos").state == "2"


async def test_device_is_removed(
    hass: HomeAssistant, watching: Watching, hass_storage: dict[str, Any]
) -> None:
    """The repair, and what was remembered of the album, go with it; one new start."""
    await watching.look()
    assert _remembered(watching) == {HOLIDAY}
    assert await _stored(watching, hass_storage) == {HOLIDAY}
    del watching.immich.state.albums[HOLIDAY]
    await watching.look()
    subentry_id = watching.subentry_id
    set_ups = SetUps(hass, watching.account)

    hass.config_entries.async_remove_subentry(watching.account, subentry_id)
    await hass.async_block_till_done()
    assert watching.issue(subentry_id) is None
    assert set_ups.count == 1
    await let_pass(hass, watching.freezer, seconds=1)
    assert _remembered(watching) == set()
    assert await _stored(watching, hass_storage) == set()


async def test_contents_are_forgotten(
    hass: HomeAssistant, make_watching: MakeWatching, hass_storage: dict[str, Any]
) -> None:
    """Of the album whose device was removed, and of no other."""
    watching = await make_watching(albums=[watched(), watched(THEIRS, "Theirs")])
    assert _remembered(watching) == {HOLIDAY, THEIRS}
    hass.config_entries.async_remove_subentry(watching.account, watching.subentry_id)
    await hass.async_block_till_done()
    await let_pass(hass, watching.freezer, seconds=1)
    assert _remembered(watching) == {THEIRS}
    assert await _stored(watching, hass_storage) == {THEIRS}


async def test_contents_that_a_trigger_waits_for_stay(hass: HomeAssistant, watching: Watching) -> None:
    end = async_watch(hass, [Watch(kind=Watched.ALBUM, name="holiday")])
    hass.config_entries.async_remove_subentry(watching.account, watching.subentry_id)
    await hass.async_block_till_done()
    assert _remembered(watching) == {HOLIDAY}
    end()


async def test_contents_before_the_first_look_that_succeeds(watching: Watching) -> None:
    """Remembered from an earlier run, while it isn't known how albums are called."""
    known = watching.account.runtime_data.memory.known
    known.albums = None
    hass = watching.hass
    hass.config_entries.async_remove_subentry(watching.account, watching.subentry_id)
    await hass.async_block_till_done()
    assert HOLIDAY not in _remembered(watching)


async def test_device_is_removed_while_the_account_does_not_run(
    hass: HomeAssistant, watching: Watching
) -> None:
    del watching.immich.state.albums[HOLIDAY]
    await watching.look()
    subentry_id = watching.subentry_id
    await watching.immich.stop()
    await hass.config_entries.async_reload(watching.account.entry_id)
    assert watching.account.state is ConfigEntryState.SETUP_RETRY
    assert watching.issue() is not None

    hass.config_entries.async_remove_subentry(watching.account, subentry_id)
    await hass.async_block_till_done()
    assert watching.issue(subentry_id) is None


@pytest.mark.parametrize("how", ["removed", "disabled"])
async def test_account_goes(hass: HomeAssistant, watching: Watching, how: str) -> None:
    del watching.immich.state.albums[HOLIDAY]
    await watching.look()
    assert watching.issue() is not None
    if how == "removed":
        await hass.config_entries.async_remove(watching.account.entry_id)
    else:
        await hass.config_entries.async_set_disabled_by(watching.account.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()
    assert _issues(hass) == set()


async def test_all_entities_disabled(hass: HomeAssistant, watching: Watching) -> None:
    """Nothing is shown then, and nothing breaks."""
    registry = er.async_get(hass)
    assert watching.device is not None
    for row in er.async_entries_for_device(registry, watching.device.id):
        registry.async_update_entity(row.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.config_entries.async_reload(watching.account.entry_id)
    await watching.look()
    assert hass.states.async_entity_ids(Platform.IMAGE) == []
