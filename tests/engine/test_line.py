"""One server that goes away and comes back: one line of log each, everything at once, and nobody knocks twice."""

from collections.abc import Callable

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.api.transport import ATTEMPTS
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import LoginPage, Redirect, Status
from tests.passing import entity_id, let_pass, settle, shown

type Log = Callable[[], list[str]]

pytestmark = pytest.mark.usefixtures("still_clock")

LIBRARY = 5
"""Minutes between two polls of the quickest coordinator."""


async def lose(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the next poll find out that something is wrong."""
    assert STATE_UNAVAILABLE not in shown(hass)
    await let_pass(hass, freezer, minutes=LIBRARY)
    assert shown(hass) == {STATE_UNAVAILABLE}


async def test_gone_and_back(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    before = {state.entity_id: state.state for state in hass.states.async_all()}
    assert len(before) > 20
    await immich.stop()
    await lose(hass, freezer)
    for _ in range(30):
        await let_pass(hass, freezer, minutes=1)
    assert shown(hass) == {STATE_UNAVAILABLE}
    (down,) = log_of()
    assert down.startswith("Error fetching Immich at 127.0.0.1 data: The Immich server can't be reached")

    immich.requests.clear()
    await immich.start()
    await let_pass(hass, freezer, minutes=1)
    # The same values as before, so that nothing but the line itself has changed.
    assert {state.entity_id: state.state for state in hass.states.async_all()} == before
    assert log_of()[1:] == ["Fetching Immich at 127.0.0.1 data recovered"]
    # All coordinators read afresh, each fact once; the version by the one that waited and by its own coordinator.
    # Who counts the library can't wait until the new assets are found.
    assert immich.requests.by_route() == {
        "GET server/version": 2,
        "GET albums": 1,
        "GET albums/statistics": 1,
        "GET assets/statistics": 4,
        "POST search/metadata": 2,
        "GET server/storage": 1,
        "GET users/me": 1,
        "GET api-keys/me": 1,
        "GET people": 1,
        "GET memories/statistics": 1,
        "GET server/statistics": 1,
        "GET server/version-check": 1,
    }


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Status(502, html=True), "not available now"),
        (Status(503), "not available now"),
        (LoginPage(), "is not Immich"),
        (Redirect("https://login.example.org/"), "https://login.example.org"),
    ],
    ids=["proxy", "busy", "login page", "redirect"],
)
async def test_lost_behind_a_proxy(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
    fault: Status | LoginPage | Redirect,
    text: str,
) -> None:
    immich.faults.add("*", fault)
    await lose(hass, freezer)
    immich.requests.clear()
    for _ in range(60):
        await let_pass(hass, freezer, minutes=1)
    # One call a minute asks whether it is back, and only that one, over an hour in which all had their turn.
    asked = immich.requests.by_route()
    assert set(asked) <= {"GET server/version", "GET /api/server-info/version"}
    assert asked["GET server/version"] in {60, 60 * ATTEMPTS}
    immich.faults.clear()
    await let_pass(hass, freezer, minutes=1)
    assert STATE_UNAVAILABLE not in shown(hass)
    down, up = log_of()
    assert text in down
    assert up.endswith("recovered")


async def test_maintenance(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    immich.maintenance = True
    await lose(hass, freezer)
    for _ in range(5):
        await let_pass(hass, freezer, minutes=1)
    immich.maintenance = False
    await let_pass(hass, freezer, minutes=1)
    assert STATE_UNAVAILABLE not in shown(hass)
    down, up = log_of()
    assert "maintenance" in down
    assert up.endswith("recovered")


@pytest.mark.parametrize(("asked", "kept"), [(600, 600), (0, 60), (10**7, 3600)])
async def test_retry_after(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    asked: int,
    kept: int,
) -> None:
    """What the server asks for is kept: not less than a minute, not more than an hour."""
    immich.faults.add("*", Status(429, retry_after=asked))
    await lose(hass, freezer)
    immich.requests.clear()
    for _ in range(kept // 60 - 1):
        await let_pass(hass, freezer, minutes=1)
        assert len(immich.requests) == 0
    await let_pass(hass, freezer, minutes=1)
    assert immich.requests.count("GET server/version") in {1, ATTEMPTS}


async def test_any_coordinator_finds_out(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    """Whoever finds the server gone asks each minute, however slow its own rhythm is."""
    await immich.stop()
    await account.runtime_data.server.release.async_refresh()
    assert shown(hass) == {STATE_UNAVAILABLE}
    await immich.start()
    await let_pass(hass, freezer, minutes=1)
    assert STATE_UNAVAILABLE not in shown(hass)
    assert len(log_of()) == 2


async def test_finder_stops_asking(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
) -> None:
    """Others take over from a coordinator whose last entity was disabled meanwhile."""
    await immich.stop()
    await account.runtime_data.server.release.async_refresh()
    update = entity_id(hass, f"{account.runtime_data.server_id}_server", "update")
    assert update is not None
    er.async_get(hass).async_update_entity(update, disabled_by=er.RegistryEntryDisabler.USER)
    await settle(hass)
    await immich.start()
    await let_pass(hass, freezer, minutes=LIBRARY)
    assert STATE_UNAVAILABLE not in shown(hass)


async def test_asked_by_hand_while_away(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    """Asking for a refresh while another coordinator waits for the server neither knocks nor logs."""
    immich.faults.add("*", Status(502, html=True))
    await account.runtime_data.library.async_refresh()
    immich.requests.clear()
    await account.runtime_data.account_counts.async_refresh()
    assert len(immich.requests) == 0
    assert len(log_of()) == 1
    assert not account.runtime_data.account_counts.last_update_success


async def test_found_out_by_several(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    """Half an hour on, three coordinators are due at the same time; still one line."""
    await let_pass(hass, freezer, minutes=1)
    await immich.stop()
    await let_pass(hass, freezer, minutes=31)
    assert shown(hass) == {STATE_UNAVAILABLE}
    assert len(log_of()) == 1


async def test_gone_again_when_woken(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    """A server that is back for a moment takes nothing up that stays up."""
    immich.faults.add("*", Status(502, html=True))
    await lose(hass, freezer)
    immich.faults.clear()
    # The library, asked first, can be read; what the others ask for can't.
    for route in ("server/*", "users/*", "people", "memories/*"):
        immich.faults.add(f"GET {route}", Status(502, html=True), after=1 if route == "server/*" else 0)
    await let_pass(hass, freezer, minutes=1)
    assert shown(hass) == {STATE_UNAVAILABLE}
    immich.faults.clear()
    await let_pass(hass, freezer, minutes=1)
    assert STATE_UNAVAILABLE not in shown(hass)
    assert len(log_of()) == 4


async def test_two_accounts_of_one_server(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    log_of: Log,
) -> None:
    """Each account has a line of its own: two keys, two proxies perhaps."""
    immich = await make_immich()
    await add_account(immich)
    await add_account(immich, key="user-key")
    await immich.stop()
    await lose(hass, freezer)
    assert len(log_of()) == 2
    await immich.start()
    await let_pass(hass, freezer, minutes=1)
    assert STATE_UNAVAILABLE not in shown(hass)
    assert len(log_of()) == 4


async def test_busy_at_set_up(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    add_account: AddAccount,
) -> None:
    """A server that says when to come back while an account is set up: Home Assistant tries again then."""
    immich.faults.add("GET assets/statistics", Status(429, retry_after=120))
    account = await add_account(immich)
    assert account.state is ConfigEntryState.SETUP_RETRY
    immich.faults.clear()
    await let_pass(hass, freezer, seconds=130)
    assert account.state is ConfigEntryState.LOADED


async def test_several_calls_fail(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    """Four calls that a proxy gives up on lead to one question whether the server is there; it is."""
    immich.faults.add("GET assets/statistics", Status(504, html=True))
    immich.requests.clear()
    await let_pass(hass, freezer, minutes=5)
    assert immich.requests.count("server/version") == 1
    assert len(log_of()) == 4
    assert {STATE_UNAVAILABLE} < shown(hass)
