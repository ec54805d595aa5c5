"""How often the server is asked: at set-up, while nothing happens, and with a large library."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import sys
from typing import override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.api.live import Live
from custom_components.immich_plus.api.live_events import LiveEvent
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Call, Fault, Proceed
from tests.fake_immich.libraries import scale
from tests.passing import first_look, let_pass

MOST_REQUESTS_AT_SET_UP = 16
MOST_STEPS_AT_SET_UP = 3
MOST_REQUESTS_OF_THE_FIRST_LOOK = 16
MOST_REQUESTS_A_MINUTE = 2.0
MOST_REQUESTS_A_MINUTE_LIVE = 0.5
# Before 3.0 the albums are two lists, and changes are searched for in each visibility (seen on 2.7.5).
MOST_REQUESTS_A_MINUTE_LIVE_BEFORE_3 = 1.0
LARGE = 100_000


type Tell = Callable[[str], None]


@pytest.fixture(name="tell")
def tell_fixture(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Give a function that shows a figure although the test passes."""

    def _tell(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n  {text}\n")

    return _tell


class Steps(Fault):
    """Holds all requests back until no more come, then lets them pass together: that was one step."""

    QUIET_SECONDS = 0.3

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._waiting: list[asyncio.Event] = []

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        gate = asyncio.Event()
        self._waiting.append(gate)
        asyncio.get_running_loop().call_later(self.QUIET_SECONDS, self._open, len(self._waiting), gate)
        await gate.wait()
        return await proceed()

    def _open(self, number: int, gate: asyncio.Event) -> None:
        # Only the last to come finds that nobody came after it.
        if gate.is_set() or len(self._waiting) != number:
            return
        self.sizes.append(number)
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.set()


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("version", ["1.137.3", "2.7.5", "3.1.0", "3.3.5"])
async def test_set_up(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, version: str, tell: Tell
) -> None:
    """Everything enabled, an administrator's key: all that there is to ask for."""
    immich = await make_immich(version=version)
    steps = Steps()
    immich.faults.add("*", steps)
    account = await add_account(immich, set_up=False)
    assert await hass.config_entries.async_setup(account.entry_id)
    assert account.state is ConfigEntryState.LOADED
    tell(f"set-up on {version}: {len(immich.requests)} requests in steps of {steps.sizes}")
    assert len(immich.requests) <= MOST_REQUESTS_AT_SET_UP
    assert len(steps.sizes) <= MOST_STEPS_AT_SET_UP
    assert sum(steps.sizes) == len(immich.requests)
    assert {each.status for each in immich.requests.entries} == {200}
    # What happened meanwhile is looked for when all that is shown is there.
    immich.faults.clear()
    immich.requests.clear()
    await first_look(hass)
    tell(f"first look on {version}: {len(immich.requests)} requests")
    assert 0 < len(immich.requests) <= MOST_REQUESTS_OF_THE_FIRST_LOOK
    assert {each.status for each in immich.requests.entries} == {200}


async def idle(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, key: str, *, hours: int
) -> float:
    """Let hours pass in which nothing happens; return the requests of an account in a minute."""
    immich.requests.clear()
    for _ in range(hours * 12):
        await let_pass(hass, freezer, minutes=5)
    # The version is asked for without a key, by the account that carries the server's device.
    keys = {key, None} if key == "admin-key" else {key}
    asked = [each for each in immich.requests.entries if each.headers.get("x-api-key") in keys]
    return len(asked) / hours / 60


@pytest.mark.usefixtures("still_clock")
async def test_idle(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    tell: Tell,
) -> None:
    """One account with default options that carries the server's device."""
    rate = await idle(hass, freezer, immich, "admin-key", hours=6)
    tell(f"idle, an administrator's account: {rate:.2f} requests a minute")
    assert 0.5 < rate <= MOST_REQUESTS_A_MINUTE


@pytest.mark.usefixtures("all_enabled", "still_clock")
async def test_idle_with_everything_enabled(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    tell: Tell,
) -> None:
    rate = await idle(hass, freezer, immich, "admin-key", hours=2)
    tell(f"idle, everything enabled: {rate:.2f} requests a minute")
    assert rate <= MOST_REQUESTS_A_MINUTE


@pytest.mark.usefixtures("still_clock")
async def test_idle_second_account(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    add_account: AddAccount,
    tell: Tell,
) -> None:
    """A second user of the same server doesn't ask for the server's facts once more."""
    await add_account(immich, key="user-key")
    rate = await idle(hass, freezer, immich, "user-key", hours=2)
    tell(f"idle, a second account: {rate:.2f} requests a minute more")
    assert 0.5 < rate <= MOST_REQUESTS_A_MINUTE
    assert immich.requests.count("server/statistics") == 2 * 4
    assert immich.requests.count("server/storage") == 2 * 6


class Silence:
    """A live connection on which nothing comes: real ones ping, for which a clock that is turned goes too fast."""

    async def __anext__(self) -> LiveEvent:
        await asyncio.Event().wait()
        raise StopAsyncIteration


@asynccontextmanager
async def connected(_live: Live) -> AsyncIterator[Silence]:
    """Stay connected for ever."""
    yield Silence()


@pytest.mark.usefixtures("still_clock")
@pytest.mark.parametrize(
    ("version", "most"),
    [("2.7.5", MOST_REQUESTS_A_MINUTE_LIVE_BEFORE_3), ("3.1.0", MOST_REQUESTS_A_MINUTE_LIVE)],
)
async def test_idle_live(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    make_immich: MakeImmich,
    add_account: AddAccount,
    tell: Tell,
    version: str,
    most: float,
) -> None:
    """A whole day in which Immich would announce everything."""
    monkeypatch.setattr(Live, "connect", connected)
    immich = await make_immich(version=version)
    account = await add_account(immich, live=True)
    await let_pass(hass, freezer, minutes=5)
    rate = await idle(hass, freezer, immich, "admin-key", hours=24)
    tell(f"idle, live on {version}: {rate:.2f} requests a minute")
    assert account.runtime_data.live.is_on
    # What nobody announces has to be known within five minutes.
    looks = [each for each in immich.requests.entries if each.route == "POST search/metadata"]
    assert len(looks) >= 24 * 60 / 5
    assert rate <= most


@pytest.mark.usefixtures("all_enabled", "still_clock")
async def test_large_library(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
) -> None:
    """A library of 100,000 assets costs the same requests as one of 100, and no more bytes than a page has."""
    asked = {}
    for size in (100, LARGE):
        immich = await make_immich(library=scale(size))
        account = await add_account(immich, key="scale-key")
        at_set_up = immich.requests.by_route()
        for _ in range(6):
            await let_pass(hass, freezer, minutes=5)
        asked[size] = (at_set_up, immich.requests.by_route())
        assert account.runtime_data.library.data.timeline.total == immich.state.count() - size // 50
        await hass.config_entries.async_remove(account.entry_id)
        await hass.async_block_till_done()
    assert asked[100] == asked[LARGE]
