"""Helpers for tests in which time passes and entities are looked up."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_fire_time_changed_exact,
)

from custom_components.immich_plus.api import transport
from custom_components.immich_plus.const import DOMAIN

# The names of background tasks that only end with their entry.
_ENDLESS: Final = "live updates of "


async def settle(hass: HomeAssistant) -> None:
    """Wait until nothing is on its way any more, polls included; live connections are, as long as they last."""
    await hass.async_block_till_done()
    while busy := [task for task in hass._background_tasks if not _is_endless(task)]:
        await asyncio.wait(busy)
        await hass.async_block_till_done()


def _is_endless(task: asyncio.Future[Any]) -> bool:
    return isinstance(task, asyncio.Task) and task.get_name().startswith(_ENDLESS)


async def first_look(hass: HomeAssistant) -> None:
    """Let accounts that were set up just now look for what happened meanwhile, as they do a moment later."""
    async_fire_time_changed_exact(hass, dt_util.utcnow() + timedelta(seconds=1))
    await settle(hass)


async def let_pass(hass: HomeAssistant, freezer: FrozenDateTimeFactory, **span: float) -> None:
    """Let time pass at once (`minutes=5`) and what is due then happen."""
    freezer.tick(timedelta(**span))
    async_fire_time_changed(hass)
    await settle(hass)


def entity_id(hass: HomeAssistant, unique_id: str, platform: str = Platform.SENSOR) -> str | None:
    """Return the id of the entity with a unique id, None if it isn't registered."""
    return er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)


def state_of(hass: HomeAssistant, unique_id: str, platform: str = Platform.SENSOR) -> State:
    """Return the state of the entity with a unique id."""
    found = entity_id(hass, unique_id, platform)
    assert found is not None, unique_id
    state = hass.states.get(found)
    assert state is not None, f"{found} is disabled"
    return state


def shown(hass: HomeAssistant) -> set[str]:
    """Return what all entities show but those that tell how the connection is, which stay when it is lost."""
    return {state.state for state in hass.states.async_all() if state.domain != Platform.BINARY_SENSOR}


@pytest.fixture(name="still_clock")
def still_clock_fixture(
    monkeypatch: pytest.MonkeyPatch, freezer: FrozenDateTimeFactory
) -> FrozenDateTimeFactory:
    """Stop the clock, which only `let_pass` moves; the client tries again without a pause, which would never end."""
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0)
    return freezer


@pytest.fixture(name="all_enabled")
def all_enabled_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable what is disabled by default as well."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)
