"""Fixtures for all tests: Home Assistant with the integration, and a fake Immich over real HTTP."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
import logging
import traceback
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components  # noqa: F401  (first, so that it is ours and not the plugin's)
from custom_components.immich_plus.const import CONF_LIVE_UPDATES, DOMAIN
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.libraries import tiny
from tests.passing import first_look

_extract_stack = traceback.StackSummary.extract


def _one_line(frames: Any, **_options: Any) -> traceback.StackSummary:
    """Note where something was made, but not who called that.

    The plugin runs all in asyncio's debug mode. Its checks stay; but it notes the whole stack for each future, task
    and callback, which takes half of all the time of the tests.
    """
    return _extract_stack(frames, limit=1, lookup_lines=False)


traceback.StackSummary.extract = _one_line  # type: ignore[method-assign, assignment]

type MakeImmich = Callable[..., Awaitable[FakeImmich]]
type AddAccount = Callable[..., Awaitable[MockConfigEntry]]


@pytest.fixture(autouse=True)
def _integration_enabled(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find custom integrations, where a test has a Home Assistant."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def _no_deprecated_calls(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Fail a test in which Home Assistant complains about how we call it."""
    yield
    complaints = [
        record.getMessage()
        for phase in ("setup", "call", "teardown")
        for record in caplog.get_records(phase)
        if "Detected that custom integration" in record.getMessage()
    ]
    assert not complaints, complaints


@pytest.fixture
async def make_immich(socket_enabled: None) -> AsyncGenerator[MakeImmich]:
    """Give a function that starts a fake Immich with a tiny library; all are stopped at the end."""
    running: list[FakeImmich] = []

    async def _make(**options: Any) -> FakeImmich:
        immich = FakeImmich(**{"version": "3.1.0", "library": tiny(), **options})
        await immich.start()
        running.append(immich)
        return immich

    yield _make
    for immich in running:
        await immich.__aexit__()


@pytest.fixture
async def immich(make_immich: MakeImmich) -> FakeImmich:
    """Give a fake Immich 3.1.0 with a tiny library."""
    return await make_immich()


@pytest.fixture
def add_account(hass: HomeAssistant) -> AddAccount:
    """Give a function that sets an account up as its config flow would have stored it."""

    async def _add(
        immich: FakeImmich, *, key: str = "admin-key", set_up: bool = True, live: bool = False, **changes: Any
    ) -> MockConfigEntry:
        found = immich.state.key_by_secret(key)
        owner = immich.state.users[found.user_id if found else next(iter(immich.state.users))]
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=f"{owner.name} (127.0.0.1)",
            unique_id=owner.id,
            data={"url": immich.url, "api_key": key, "verify_ssl": True} | changes.pop("data", {}),
            # Live updates run on in the background: most tests want to see everything come to rest.
            options=({} if live else {CONF_LIVE_UPDATES: False}) | changes.pop("options", {}),
            **changes,
        )
        entry.add_to_hass(hass)
        if set_up:
            await hass.config_entries.async_setup(entry.entry_id)
            # Else it would come at any moment, into whatever a test counts or waits for.
            await first_look(hass)
        return entry

    return _add


@pytest.fixture
async def account(immich: FakeImmich, add_account: AddAccount) -> MockConfigEntry:
    """Give a loaded account of the fake's administrator."""
    return await add_account(immich)


@pytest.fixture
def log_of(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Give a function that returns what the integration logged at info and above."""
    caplog.set_level(logging.INFO, logger="custom_components.immich_plus")
    return lambda: [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.immich_plus") and record.levelno >= logging.INFO
    ]
