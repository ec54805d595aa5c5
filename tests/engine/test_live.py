"""Live updates kept up: lost and found at every step, never in a loop, gone with the account."""

import asyncio
from collections.abc import AsyncGenerator, Callable
import logging
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.api import live as live_api, transport
from custom_components.immich_plus.live import connection as live
from custom_components.immich_plus.live.connection import LiveState
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import LoginPage, Redirect, Status
from tests.passing import state_of
from tests.talking import CONNECTED, OPEN, VERSION, live_of, says, until

type Log = Callable[[], list[str]]

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")
ON = "Live updates from 127.0.0.1 are on"
OFF = "Live updates from 127.0.0.1 stopped: it is asked every few minutes instead"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(live, "FIRST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(live, "LONGEST_PAUSE_SECONDS", 0.05)


@pytest.fixture(autouse=True)
async def _no_trouble(caplog: pytest.LogCaptureFixture) -> AsyncGenerator[None]:
    """Nothing of the library runs on, and no key is in any log, whatever is logged."""
    caplog.set_level(logging.DEBUG)
    yield
    assert not [task for task in asyncio.all_tasks() if "engineio/async_client" in str(task)]
    records = caplog.get_records("call") + caplog.get_records("setup")
    text = "\n".join(record.getMessage() for record in records)
    assert not [key for key in ("admin-key", "read-key", "user-key") if key in text]
    assert not [record for record in records if record.levelno >= logging.ERROR and record.exc_info]
    assert not [record for record in records if "never retrieved" in record.getMessage()]


@pytest.fixture
async def add_live(hass: HomeAssistant, add_account: AddAccount) -> AsyncGenerator[AddAccount]:
    """Give a function that adds an account with live updates; all are unloaded at the end."""

    async def _add(immich: FakeImmich, **options: Any) -> MockConfigEntry:
        return await add_account(immich, live=True, **options)

    yield _add
    for entry in hass.config_entries.async_loaded_entries("immich_plus"):
        await hass.config_entries.async_unload(entry.entry_id)


def state(entry: MockConfigEntry) -> LiveState:
    return entry.runtime_data.live.state


async def becomes(entry: MockConfigEntry, wanted: LiveState, *, seconds: float = 5) -> None:
    await until(lambda: state(entry) is wanted, seconds=seconds)


async def stays(hass: HomeAssistant, immich: FakeImmich, *, seconds: float = 0.4) -> int:
    """Wait a while, and return how often it was tried to connect."""
    before = immich.requests.count("GET socket.io")
    await asyncio.sleep(seconds)
    return immich.requests.count("GET socket.io") - before


@pytest.mark.parametrize("version", VERSIONS)
async def test_connects_by_itself(
    hass: HomeAssistant, make_immich: MakeImmich, add_live: AddAccount, version: str, log_of: Log
) -> None:
    immich = await make_immich(version=version)
    entry = await add_live(immich)
    await becomes(entry, LiveState.CONNECTED)
    assert entry.runtime_data.live.is_on
    assert await stays(hass, immich) == 0
    assert log_of().count(ON) == 1


async def test_switched_off(hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry) -> None:
    assert state(account) is LiveState.SWITCHED_OFF
    assert await stays(hass, immich) == 0
    assert immich.requests.count("GET socket.io") == 0


# -- keys


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_key_without_all(
    hass: HomeAssistant, make_immich: MakeImmich, add_live: AddAccount, version: str, log_of: Log
) -> None:
    """It is told once, and not tried where the server tells scopes; nobody is asked to mend it."""
    immich = await make_immich(version=version)
    entry = await add_live(immich, key="read-key")
    await becomes(entry, LiveState.KEY_LACKS_ALL)
    tried = 1 if version == "1.137.3" else 0
    assert await stays(hass, immich) == 0
    assert immich.requests.count("GET socket.io") == tried
    (line,) = [line for line in log_of() if "lacks the permission “all”" in line]
    assert line.startswith("127.0.0.1 announces nothing to this API key")
    assert not [
        issue for issue in ir.async_get(hass).issues.values() if "all" in str(issue.translation_placeholders)
    ]
    assert not [
        flow for flow in hass.config_entries.flow.async_progress() if flow["handler"] == "immich_plus"
    ]


async def test_a_key_that_gets_all_later(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount
) -> None:
    """The account's next look at the key is enough."""
    entry = await add_live(immich, key="read-key")
    await becomes(entry, LiveState.KEY_LACKS_ALL)
    key = immich.state.key_by_secret("read-key")
    assert key is not None
    key.permissions = ["all"]
    await entry.runtime_data.account_counts.async_refresh()
    await until(lambda: entry.state is ConfigEntryState.LOADED and state(entry) is LiveState.CONNECTED)


async def test_an_old_server_that_lets_a_key_in_later(
    hass: HomeAssistant, make_immich: MakeImmich, add_live: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody tells scopes, it is tried again: once an hour."""
    monkeypatch.setattr(live, "HINDERED_PAUSE_SECONDS", 0.1)
    immich = await make_immich(version="1.137.3")
    entry = await add_live(immich, key="read-key")
    await becomes(entry, LiveState.KEY_LACKS_ALL)
    key = immich.state.key_by_secret("read-key")
    assert key is not None
    key.permissions = ["all"]
    await becomes(entry, LiveState.CONNECTED)


async def test_a_key_that_is_deleted(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount, log_of: Log
) -> None:
    """Its connection lives on; the next one is refused, once."""
    entry = await add_live(immich)
    await becomes(entry, LiveState.CONNECTED)
    key = immich.state.key_by_secret("admin-key")
    assert key is not None
    del immich.state.api_keys[key.id]
    await asyncio.sleep(0.1)
    assert entry.runtime_data.live.is_on
    live_of(immich).close_all()
    await becomes(entry, LiveState.KEY_LACKS_ALL)
    assert await stays(hass, immich) == 0
    # The doubt about the server found the key refused: that asks for a new one.
    await until(lambda: list(entry.async_get_active_flows(hass, {SOURCE_REAUTH})))


# -- proxies


@pytest.mark.parametrize(
    "fault",
    [Status(400), Status(404, html=True), Status(426), LoginPage(), Redirect("http://127.0.0.1:9/")],
    ids=["400", "404", "426", "200", "redirect"],
)
async def test_a_proxy_that_lets_no_websockets_pass(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_live: AddAccount,
    log_of: Log,
    monkeypatch: pytest.MonkeyPatch,
    fault: Status | LoginPage | Redirect,
) -> None:
    """It is told once, and tried again in pauses that grow up to an hour."""
    monkeypatch.setattr(live, "FIRST_PAUSE_SECONDS", 0.05)
    immich.faults.add("GET socket.io", fault)
    entry = await add_live(immich)
    await becomes(entry, LiveState.BLOCKED)
    assert entry.runtime_data.line.is_up
    assert 1 <= await stays(hass, immich, seconds=0.6) <= 4
    assert state(entry) is LiveState.BLOCKED
    assert len([line for line in log_of() if "a proxy before it lets no websockets pass" in line]) == 1
    immich.faults.clear()
    await becomes(entry, LiveState.CONNECTED)
    assert log_of().count(ON) == 1


async def test_a_proxy_that_always_says_not_now(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_live: AddAccount,
    log_of: Log,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """First it may be the server that is away; in the end it isn't, as calls are answered."""
    monkeypatch.setattr(live, "STUBBORN_SECONDS", 0.04)
    immich.faults.add("GET socket.io", Status(502, html=True))
    entry = await add_live(immich)
    assert state(entry) is LiveState.CONNECTING
    await becomes(entry, LiveState.BLOCKED)
    assert 3 <= immich.requests.count("GET socket.io") <= 6
    assert len([line for line in log_of() if "lets no websockets pass" in line]) == 1


async def test_a_server_behind_a_proxy_is_away(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_live: AddAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody blames the proxy for that."""
    monkeypatch.setattr(live, "STUBBORN_SECONDS", 0.04)
    entry = await add_live(immich)
    await becomes(entry, LiveState.CONNECTED)
    immich.faults.add("*", Status(502, html=True))
    live_of(immich).close_all()
    await until(lambda: not entry.runtime_data.line.is_up)
    tried = immich.requests.count("GET socket.io")
    await until(lambda: immich.requests.count("GET socket.io") > tried + 5)
    assert state(entry) is LiveState.CONNECTING


# -- the server goes and comes back


async def test_one_line_down_and_one_up(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount, log_of: Log
) -> None:
    entry = await add_live(immich)
    await becomes(entry, LiveState.CONNECTED)
    await immich.stop()
    await becomes(entry, LiveState.CONNECTING)
    await asyncio.sleep(0.4)
    assert [line for line in log_of() if line.startswith("Live")] == [ON, OFF]
    await immich.start()
    await becomes(entry, LiveState.CONNECTED)
    assert [line for line in log_of() if line.startswith("Live")] == [ON, OFF, ON]


async def test_a_server_that_dies_is_unreachable_within_seconds(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lost connection leads to a look, long before the next poll; all come back with it as well."""
    entry = await add_live(immich)
    await becomes(entry, LiveState.CONNECTED)
    reachable = f"{entry.runtime_data.server_id}_reachable"
    assert state_of(hass, reachable, Platform.BINARY_SENSOR).state == "on"
    await immich.stop()
    await until(lambda: state_of(hass, reachable, Platform.BINARY_SENSOR).state == "off", seconds=2)
    # A poll would find it after a minute; the live connection does before.
    immich.requests.clear()
    await immich.start()
    await until(lambda: state_of(hass, reachable, Platform.BINARY_SENSOR).state == "on", seconds=2)
    for coordinator in entry.runtime_data.line.coordinators:
        await until(lambda coordinator=coordinator: coordinator.last_update_success)
    await until(lambda: immich.requests.count("GET albums/statistics") >= 1)
    assert immich.requests.count("GET people") == 1
    assert immich.requests.count("GET server/statistics") == 1


async def test_a_server_that_still_answers_as_it_goes_down(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount
) -> None:
    """Sockets are closed first: what fails then is the next connection, which leads to a look, too."""
    entry = await add_live(immich)
    await becomes(entry, LiveState.CONNECTED)
    immich.faults.add("GET socket.io", Status(503))
    live_of(immich).close_all()
    await becomes(entry, LiveState.CONNECTING)
    await asyncio.sleep(0.5)
    assert entry.runtime_data.line.is_up
    immich.faults.add("*", Status(503))
    await until(lambda: not entry.runtime_data.line.is_up)


async def test_the_line_is_back_first(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nobody waits for the end of a pause."""
    monkeypatch.setattr(live, "FIRST_PAUSE_SECONDS", 600)
    monkeypatch.setattr(live, "LONGEST_PAUSE_SECONDS", 600)
    entry = await add_live(immich)
    await becomes(entry, LiveState.CONNECTED)
    await immich.stop()
    await until(lambda: not entry.runtime_data.line.is_up)
    await immich.start()
    await asyncio.sleep(0.3)
    assert state(entry) is LiveState.CONNECTING
    finder = entry.runtime_data.line.finder
    assert finder is not None
    await finder.async_refresh()
    await becomes(entry, LiveState.CONNECTED)


@pytest.mark.parametrize("packets", [[], [OPEN], [OPEN, CONNECTED]], ids=["101", "open", "connect"])
@pytest.mark.parametrize("then_close", [False, True])
async def test_lost_at_every_step_and_found_again(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_live: AddAccount,
    log_of: Log,
    monkeypatch: pytest.MonkeyPatch,
    packets: list[str],
    then_close: bool,
) -> None:
    monkeypatch.setattr(live_api, "READY_SECONDS", 0.1)
    live_of(immich).speak = says(*packets, then_close=then_close)
    entry = await add_live(immich)
    assert await stays(hass, immich) >= 2
    assert state(entry) is LiveState.CONNECTING
    live_of(immich).speak = None
    await becomes(entry, LiveState.CONNECTED)
    assert [line for line in log_of() if line.startswith("Live")] == [ON]


async def test_into_maintenance_and_out_of_it(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There everybody is let in, and nobody is told anything."""
    monkeypatch.setattr(live_api, "READY_SECONDS", 0.1)
    entry = await add_live(immich)
    await becomes(entry, LiveState.CONNECTED)
    maintenance = f"{entry.runtime_data.server_id}_maintenance"
    immich.state.emit("AppRestartV1", None, {"isMaintenanceMode": True})
    immich.maintenance = True
    await becomes(entry, LiveState.CONNECTING)
    await until(lambda: state_of(hass, maintenance, Platform.BINARY_SENSOR).state == "on")
    assert await stays(hass, immich) >= 2
    assert state(entry) is LiveState.CONNECTING
    immich.maintenance = False
    live_of(immich).close_all()
    await becomes(entry, LiveState.CONNECTED)
    await until(lambda: state_of(hass, maintenance, Platform.BINARY_SENSOR).state == "off")


async def test_nonsense_in_between(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount, log_of: Log
) -> None:
    """A server gone mad is left and tried again, like one that is away."""
    entry = await add_live(immich)
    await becomes(entry, LiveState.CONNECTED)
    live_of(immich).write("x")
    await until(lambda: log_of().count(ON) == 2)


# -- pauses


class Timer:
    """Stands in for the waiting between attempts: notes how long it would be, and lets nobody wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, drawn: float) -> None:
        self.pauses: list[float] = []
        self.until = 12
        self.over = asyncio.Event()
        real = asyncio.timeout

        def _timeout(seconds: float | None) -> asyncio.Timeout:
            # Only the pause of live updates, which is the one whose event is waited for.
            self.pauses.append(seconds or 0)
            if len(self.pauses) >= self.until:
                self.over.set()
                return real(None)
            return real(0)

        class _Asyncio:
            timeout = staticmethod(_timeout)

            def __getattr__(self, name: str) -> Any:
                return getattr(asyncio, name)

        monkeypatch.setattr(live, "asyncio", _Asyncio())
        monkeypatch.setattr(live.random, "uniform", lambda low, high: low + (high - low) * drawn)


@pytest.mark.parametrize(("drawn", "factor"), [(0, 0.5), (0.5, 1), (1, 1.5)])
async def test_pauses_double_and_are_jittered(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_live: AddAccount,
    monkeypatch: pytest.MonkeyPatch,
    drawn: float,
    factor: float,
) -> None:
    monkeypatch.setattr(live, "FIRST_PAUSE_SECONDS", 5)
    monkeypatch.setattr(live, "LONGEST_PAUSE_SECONDS", 300)
    entry = await add_live(immich, set_up=False)
    immich.faults.add("GET socket.io", Status(502))
    timer = Timer(monkeypatch, drawn)
    monkeypatch.setattr(live, "STUBBORN_SECONDS", 1e9)
    await hass.config_entries.async_setup(entry.entry_id)
    await asyncio.wait_for(timer.over.wait(), 5)
    wanted = [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300, 300]
    assert timer.pauses == pytest.approx([factor * each for each in wanted])


async def test_a_proxy_is_asked_ever_less(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FIRST_PAUSE_SECONDS", 5)
    entry = await add_live(immich, set_up=False)
    immich.faults.add("GET socket.io", Status(400))
    timer = Timer(monkeypatch, 0.5)
    await hass.config_entries.async_setup(entry.entry_id)
    await asyncio.wait_for(timer.over.wait(), 5)
    assert timer.pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


async def test_a_refused_key_rests(
    hass: HomeAssistant, make_immich: MakeImmich, add_live: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    immich = await make_immich(version="1.137.3")
    entry = await add_live(immich, key="read-key", set_up=False)
    timer = Timer(monkeypatch, 0.5)
    timer.until = 3
    await hass.config_entries.async_setup(entry.entry_id)
    await asyncio.wait_for(timer.over.wait(), 5)
    assert timer.pauses == [3600, 3600, 3600]


@pytest.mark.parametrize(("good", "wanted"), [(0, [5, 5, 5, 5]), (600, [5, 10, 20, 40])])
async def test_a_good_connection_makes_the_next_pause_short(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_live: AddAccount,
    monkeypatch: pytest.MonkeyPatch,
    good: float,
    wanted: list[float],
) -> None:
    """One that is lost soon doesn't."""
    live_of(immich).speak = says(OPEN, CONNECTED, VERSION, then_close=True)
    monkeypatch.setattr(live, "FIRST_PAUSE_SECONDS", 5)
    monkeypatch.setattr(live, "LONGEST_PAUSE_SECONDS", 300)
    monkeypatch.setattr(live, "GOOD_SECONDS", good)
    entry = await add_live(immich, set_up=False)
    timer = Timer(monkeypatch, 0.5)
    timer.until = 4
    await hass.config_entries.async_setup(entry.entry_id)
    await asyncio.wait_for(timer.over.wait(), 5)
    assert timer.pauses == wanted


# -- the end


@pytest.mark.parametrize(
    "packets",
    [None, [], [OPEN], [OPEN, CONNECTED], [OPEN, CONNECTED, VERSION]],
    ids=["well", "101", "open", "connect", "version"],
)
@pytest.mark.parametrize("how", ["unload", "reload", "stop", "remove"])
async def test_nothing_stays_behind(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_live: AddAccount,
    caplog: pytest.LogCaptureFixture,
    packets: list[str] | None,
    how: str,
) -> None:
    """Whatever the server is doing or not doing, and at once."""
    live_of(immich).speak = None if packets is None else says(*packets)
    entry = await add_live(immich)
    await asyncio.sleep(0.1)
    before = hass.loop.time()
    match how:
        case "unload":
            assert await hass.config_entries.async_unload(entry.entry_id)
        case "reload":
            assert await hass.config_entries.async_reload(entry.entry_id)
            assert await hass.config_entries.async_unload(entry.entry_id)
        case "remove":
            await hass.config_entries.async_remove(entry.entry_id)
        case _:
            await hass.async_stop(force=True)
    assert hass.loop.time() - before < 3
    await asyncio.sleep(0.05)
    assert not [task for task in asyncio.all_tasks() if "engineio/async_client" in str(task)]
    assert not [task for task in asyncio.all_tasks() if "live updates of" in task.get_name()]
    assert "Unclosed" not in caplog.text
    assert "did not complete in time" not in caplog.text


async def test_stopped_while_it_waits(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FIRST_PAUSE_SECONDS", 600)
    monkeypatch.setattr(live, "LONGEST_PAUSE_SECONDS", 600)
    immich.faults.add("GET socket.io", Status(503))
    entry = await add_live(immich)
    await until(lambda: immich.requests.count("GET socket.io"))
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not [task for task in asyncio.all_tasks() if "live updates of" in task.get_name()]


async def test_several_accounts_on_one_server(
    hass: HomeAssistant, immich: FakeImmich, add_live: AddAccount
) -> None:
    """Each has a connection of its own, which ends with it."""
    first = await add_live(immich)
    second = await add_live(immich, key="user-key")
    await becomes(first, LiveState.CONNECTED)
    await becomes(second, LiveState.CONNECTED)
    assert len(live_of(immich).sockets) == 2
    await hass.config_entries.async_unload(first.entry_id)
    await until(lambda: len(live_of(immich).sockets) == 1)
    assert state(second) is LiveState.CONNECTED
    assert set(live_of(immich).sockets.values()) == {second.unique_id}
