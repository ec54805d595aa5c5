"""The dialog that gives an album a device, and the one that changes it."""

from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_schema_suggested_value

from custom_components.immich_plus.const import DOMAIN, SUBENTRY_ALBUM
from tests.conftest import AddAccount, MakeImmich
from tests.engine.set_ups import SetUps
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Drop, Fault, LoginPage, Status, replaced
from tests.fake_immich.state import State

from .acting import tiny
from .albums import HOLIDAY, THEIRS, VERSIONS, watched

pytestmark = pytest.mark.usefixtures("no_pauses")


async def _opened(hass: HomeAssistant, account: MockConfigEntry) -> Any:
    return await hass.config_entries.subentries.async_init(
        (account.entry_id, SUBENTRY_ALBUM), context={"source": SOURCE_USER}
    )


async def _submit(hass: HomeAssistant, result: Any, **typed: str) -> Any:
    assert result["type"] is FlowResultType.FORM
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], typed)
    await hass.async_block_till_done()
    return result


def _offered(result: Any) -> dict[str, str]:
    """Return the albums that a form offers by their labels."""
    assert result["type"] is FlowResultType.FORM, result
    selector = result["data_schema"].schema["album_id"]
    assert selector.config["mode"] == "dropdown"
    assert selector.config["sort"]
    assert not selector.config["custom_value"]
    return {option["label"]: option["value"] for option in selector.config["options"]}


def _chosen(result: Any) -> str | None:
    """Return the album that a form has chosen."""
    marker = next(key for key in result["data_schema"].schema if key == "album_id")
    return marker.default() if callable(marker.default) else None


def _named(result: Any) -> str:
    return str(get_schema_suggested_value(result["data_schema"].schema, "name"))


@pytest.mark.parametrize("version", VERSIONS)
async def test_albums_are_offered_with_number_and_owner(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, version: str
) -> None:
    """Shared ones as well; those of one name are told apart."""
    immich = await make_immich(version=version)
    twice = [immich.state.albums[tiny(f"twice {number}")] for number in (1, 2)]
    twice[1].assets.clear()
    result = await _opened(hass, await add_account(immich))
    assert (result["step_id"], result["errors"]) == ("user", None)
    day = twice[0].created_at.date().isoformat()
    assert _offered(result) == {
        "Empty (0) · Admin": tiny("empty"),
        "From the user (2) · User": THEIRS,
        "Holiday (3) · Admin": HOLIDAY,
        **{f"Twice (0) · Admin · {day} · {album.id}": album.id for album in twice},
    }
    assert list(_offered(result)) == sorted(_offered(result))


async def test_albums_of_one_name_from_different_days(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    first, second = (immich.state.albums[tiny(f"twice {number}")] for number in (1, 2))
    second.assets.clear()
    second.created_at = first.created_at.replace(year=first.created_at.year - 1)
    days = [album.created_at.date().isoformat() for album in (first, second)]
    assert {label for label in _offered(await _opened(hass, account)) if label.startswith("Twice")} == {
        f"Twice (0) · Admin · {day}" for day in days
    }


async def test_albums_of_which_little_is_told(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """No name, no number, no owner: still there to be chosen."""
    immich.faults.add("GET albums", replaced([{"id": HOLIDAY}, {"id": THEIRS, "albumName": " "}]))
    result = await _opened(hass, account)
    assert set(_offered(result)) == {f"– · {HOLIDAY}", f"– · {THEIRS}"}

    result = await _submit(hass, result, album_id=HOLIDAY)
    assert result["title"] == HOLIDAY


async def test_add(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """The album has its device at once, after one new start of the account."""
    set_ups = SetUps(hass, account)
    result = await _submit(hass, await _opened(hass, account), album_id=HOLIDAY, name="  Our trip ")

    assert result["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = account.subentries.values()
    assert (subentry.title, subentry.unique_id, dict(subentry.data), subentry.subentry_type) == (
        "Our trip",
        HOLIDAY,
        {"album_id": HOLIDAY},
        "album",
    )
    assert set_ups.count == 1
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, subentry.subentry_id), account.entry_id
    )
    assert device is not None
    assert device.name == "Our trip"


@pytest.mark.parametrize("typed", [{}, {"name": "   "}])
async def test_without_a_name(hass: HomeAssistant, account: MockConfigEntry, typed: dict[str, str]) -> None:
    """The device is called as the album is."""
    result = await _submit(hass, await _opened(hass, account), album_id=THEIRS, **typed)
    assert result["title"] == "From the user"


async def test_only_albums_that_are_offered(hass: HomeAssistant, account: MockConfigEntry) -> None:
    with pytest.raises(InvalidData):
        await _submit(hass, await _opened(hass, account), album_id=tiny("nothing"))


async def test_an_album_has_one_device(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """It isn't offered again; from a dialog that was open meanwhile it isn't taken."""
    early = await _opened(hass, account)
    await _submit(hass, await _opened(hass, account), album_id=HOLIDAY)

    assert HOLIDAY not in _offered(await _opened(hass, account)).values()
    result = await _submit(hass, early, album_id=HOLIDAY)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert len(account.subentries) == 1


async def test_nothing_left_to_choose(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    account = await add_account(
        immich, subentries_data=[watched(each) for each in immich.state.albums], key="admin-key"
    )
    result = await _opened(hass, account)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "all_watched")


async def test_no_albums(hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry) -> None:
    immich.state.albums.clear()
    result = await _opened(hass, account)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_albums")


async def test_account_that_does_not_run(hass: HomeAssistant, account: MockConfigEntry) -> None:
    await hass.config_entries.async_unload(account.entry_id)
    assert account.state is ConfigEntryState.NOT_LOADED
    result = await _opened(hass, account)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "account_not_loaded")


def _in_maintenance(immich: FakeImmich) -> None:
    immich.maintenance = True


def _fails(fault: Fault) -> Callable[[FakeImmich], None]:
    return lambda immich: immich.faults.add("GET albums", fault)


@pytest.mark.parametrize(
    ("prepare", "reason", "told"),
    [
        (_fails(Drop()), "cannot_connect", {"reason": None}),
        (_fails(Status(500, message="No luck")), "cannot_connect", {"reason": "No luck"}),
        (_fails(LoginPage()), "cannot_connect", {"reason": None}),
        (
            _fails(Status(403, message="Missing required permission: album.read")),
            "missing_scope",
            {"scope": "album.read"},
        ),
        (_fails(Status(403, message="Forbidden")), "cannot_connect", {"reason": "Forbidden"}),
        (_fails(Status(401, message="Invalid API key")), "invalid_auth", None),
        (_in_maintenance, "maintenance", None),
    ],
)
async def test_why_there_is_no_list(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    prepare: Callable[[FakeImmich], None],
    reason: str,
    told: dict[str, str | None] | None,
) -> None:
    prepare(immich)
    result = await _opened(hass, account)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)
    given = result["description_placeholders"]
    assert given == told or (given.keys() == (told or {}).keys() and all(given.values()))
    asked = [flow for flow in hass.config_entries.flow.async_progress() if flow["handler"] == DOMAIN]
    assert [flow["context"]["source"] for flow in asked] == (
        [SOURCE_REAUTH] if reason == "invalid_auth" else []
    )


# -- changing


async def _reconfigured(hass: HomeAssistant, account: MockConfigEntry) -> Any:
    return await account.start_subentry_reconfigure_flow(hass, next(iter(account.subentries)))


@pytest.fixture(name="watching")
async def watching_fixture(immich: FakeImmich, add_account: AddAccount) -> MockConfigEntry:
    """Give an account with devices for two albums."""
    return await add_account(immich, subentries_data=[watched(title="Our trip"), watched(THEIRS, "Theirs")])


async def test_change_of_the_album(hass: HomeAssistant, watching: MockConfigEntry) -> None:
    """Entities stay, the device gets another page; one new start."""
    subentry_id = next(iter(watching.subentries))
    result = await _reconfigured(hass, watching)
    assert result["step_id"] == "reconfigure"
    assert HOLIDAY in _offered(result).values()
    assert THEIRS not in _offered(result).values()
    assert (_chosen(result), _named(result)) == (HOLIDAY, "Our trip")

    set_ups = SetUps(hass, watching)
    result = await _submit(hass, result, album_id=tiny("empty"), name="Our trip")

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert set_ups.count == 1
    subentry = watching.subentries[subentry_id]
    assert (subentry.title, subentry.unique_id, dict(subentry.data)) == (
        "Our trip",
        tiny("empty"),
        {"album_id": tiny("empty")},
    )
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, subentry_id), watching.entry_id)
    assert device is not None
    assert str(device.configuration_url).endswith(tiny("empty"))


async def test_change_of_the_name(hass: HomeAssistant, watching: MockConfigEntry) -> None:
    subentry_id = next(iter(watching.subentries))
    set_ups = SetUps(hass, watching)
    await _submit(hass, await _reconfigured(hass, watching), album_id=HOLIDAY, name="Italy")

    assert watching.subentries[subentry_id].title == "Italy"
    assert set_ups.count == 1
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, subentry_id), watching.entry_id)
    assert device is not None
    assert device.name == "Italy"


async def test_nothing_changed(hass: HomeAssistant, watching: MockConfigEntry) -> None:
    set_ups = SetUps(hass, watching)
    result = await _submit(hass, await _reconfigured(hass, watching), album_id=HOLIDAY, name="Our trip")
    assert result["reason"] == "reconfigure_successful"
    assert set_ups.count == 0


async def test_name_of_the_album_follows_the_album(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Who never gave a name gets the other album's name."""
    account = await add_account(immich, subentries_data=[watched(title="Holiday")])
    result = await _reconfigured(hass, account)
    assert _named(result) == ""

    await _submit(hass, result, album_id=THEIRS)
    assert [subentry.title for subentry in account.subentries.values()] == ["From the user"]


async def test_album_that_is_gone(hass: HomeAssistant, immich: FakeImmich, watching: MockConfigEntry) -> None:
    """Nothing is chosen then; the name stays."""
    state: State = immich.state
    state.remove_album(HOLIDAY)
    result = await _reconfigured(hass, watching)
    assert HOLIDAY not in _offered(result).values()
    assert (_chosen(result), _named(result)) == (None, "Our trip")


async def test_album_that_was_taken_meanwhile(hass: HomeAssistant, watching: MockConfigEntry) -> None:
    early = await _reconfigured(hass, watching)
    await _submit(hass, await _opened(hass, watching), album_id=tiny("empty"))

    result = await _submit(hass, early, album_id=tiny("empty"), name="Our trip")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert next(iter(watching.subentries.values())).data == {"album_id": HOLIDAY}
