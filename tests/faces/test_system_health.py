"""What Settings → System → Repairs → System information says."""

from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.pace import later

pytestmark = pytest.mark.usefixtures("no_pauses")


async def _health(hass: HomeAssistant) -> dict[str, Any]:
    assert await async_setup_component(hass, DOMAIN, {})
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    return await get_system_health_info(hass, DOMAIN)


async def test_no_account(hass: HomeAssistant) -> None:
    assert await _health(hass) == {"accounts": 0, "reached": 0, "versions": "–"}


async def test_accounts_and_versions(
    hass: HomeAssistant, immich: FakeImmich, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    old = await make_immich(version="1.144.1", library=None)
    away = await make_immich(version="2.7.5", library=None)
    await away.stop()
    for server in (immich, old, away):
        await add_account(server)
    await add_account(immich, key="user-key")
    await add_account(immich, key="guest-key", disabled_by=ConfigEntryDisabler.USER, set_up=False)

    assert await _health(hass) == {"accounts": 4, "reached": 3, "versions": "1.144.1, 3.1.0"}

    await immich.stop()
    await later(hass, minutes=6)
    assert await _health(hass) == {"accounts": 4, "reached": 1, "versions": "1.144.1, 3.1.0"}
