"""Time in tests: no real pauses between tries, and a clock that is turned by hand."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.immich_plus.api import transport
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.faults import Call, Fault, Proceed
from tests.passing import settle


@pytest.fixture(name="no_pauses")
def no_pauses_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client try again at once."""
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0.001)


async def later(hass: HomeAssistant, **delta: float) -> None:
    """Turn Home Assistant's clock forward, and wait until what was due is done."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**delta))
    await settle(hass)


class Silence(Fault):
    """Never answers (within an hour); `asked` tells when a request came."""

    def __init__(self) -> None:
        """Wait for the first request."""
        self.asked = asyncio.Event()

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        self.asked.set()
        await asyncio.sleep(3600)
        return await proceed()


async def waited[T](hass: HomeAssistant, silence: Silence, call: Awaitable[T], **delta: float) -> T:
    """Make a call that runs into silence, turn the clock when it does, and return what comes of it."""
    task = asyncio.ensure_future(call)
    await silence.asked.wait()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**delta))
    return await task
