"""The binary sensors: whether Immich announces what happens, answers at all, or is being maintained."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    EVENT_STATE_CHANGED,
    STATE_OFF,
    STATE_ON,
    STATE_UNKNOWN,
    EntityCategory,
    Platform,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.live import connection as live_updates
from custom_components.immich_plus.live.connection import LiveState
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.passing import entity_id, let_pass, state_of


def live_sensor(hass: HomeAssistant, account: MockConfigEntry) -> State:
    return state_of(hass, f"{account.unique_id}_live_updates", Platform.BINARY_SENSOR)


def server_sensor(hass: HomeAssistant, account: MockConfigEntry, key: str) -> State:
    return state_of(hass, f"{account.runtime_data.server_id}_{key}", Platform.BINARY_SENSOR)


def told(hass: HomeAssistant, account: MockConfigEntry) -> tuple[str, str]:
    """Return what the sensors of the server's device show."""
    return server_sensor(hass, account, "reachable").state, server_sensor(hass, account, "maintenance").state


async def becomes(hass: HomeAssistant, account: MockConfigEntry, state: str, reason: str) -> None:
    """Wait until the sensor of live updates shows a state with a reason."""
    changed = asyncio.Event()

    @callback
    def _hear(event: Event[EventStateChangedData]) -> None:
        changed.set()

    stop = hass.bus.async_listen(EVENT_STATE_CHANGED, _hear)
    async with asyncio.timeout(5):
        while True:
            shown = live_sensor(hass, account)
            if (shown.state, shown.attributes["reason"]) == (state, reason):
                break
            changed.clear()
            await changed.wait()
    stop()


# -- live updates


async def test_switched_off(hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry) -> None:
    """Nothing is tried, and the reason is said."""
    shown = live_sensor(hass, account)
    assert (shown.state, shown.attributes["reason"]) == (STATE_OFF, "switched_off")
    assert shown.attributes[ATTR_DEVICE_CLASS] == BinarySensorDeviceClass.CONNECTIVITY
    assert immich.requests.count("GET socket.io") == 0


@pytest.mark.parametrize("version", ["1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5"])
async def test_connected(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, version: str
) -> None:
    account = await add_account(await make_immich(version=version), live=True)

    await becomes(hass, account, STATE_ON, "connected")


async def test_narrow_key_asks_nobody_to_mend_it(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Where the server tells what a key may do, not even a connection is tried; it is a choice, no fault."""
    account = await add_account(immich, key="read-key", live=True)

    await becomes(hass, account, STATE_OFF, "key_lacks_all")
    assert immich.requests.count("GET socket.io") == 0


async def test_narrow_key_on_an_old_server(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    """Before 1.139 nobody tells: it is tried, and refused."""
    immich = await make_immich(version="1.137.3")
    account = await add_account(immich, key="read-key", live=True)

    await becomes(hass, account, STATE_OFF, "key_lacks_all")
    assert immich.requests.count("GET socket.io") == 1


@pytest.fixture(name="proxy")
async def proxy_fixture(immich: FakeImmich) -> AsyncGenerator[TestServer]:
    """Put a proxy in front of Immich that knows nothing of websockets."""

    async def _pass_on(request: web.Request) -> web.Response:
        if request.path.startswith("/api/socket.io"):
            return web.Response(status=400, text="<html>Bad request</html>", content_type="text/html")
        headers = {"x-api-key": request.headers.get("x-api-key", "")}
        async with session.request(
            request.method, f"{immich.url}{request.path_qs}", headers=headers, json=await _json(request)
        ) as answer:
            return web.Response(
                status=answer.status, body=await answer.read(), content_type=answer.content_type
            )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", _pass_on)
    async with ClientSession() as session, TestServer(app) as server:
        yield server


async def _json(request: web.Request) -> Any:
    return await request.json() if request.can_read_body else None


async def test_proxy_without_websockets(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, proxy: TestServer
) -> None:
    """Everything else works as it does without live updates."""
    account = await add_account(immich, live=True, data={"url": str(proxy.make_url("")).rstrip("/")})

    await becomes(hass, account, STATE_OFF, "blocked")
    assert told(hass, account) == (STATE_ON, STATE_OFF)
    assert immich.requests.count("GET socket.io") == 0


async def test_server_goes_and_comes_back(
    hass: HomeAssistant,
    immich: FakeImmich,
    add_account: AddAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Off while it is away, with the reason, and on again by itself."""
    monkeypatch.setattr(live_updates, "FIRST_PAUSE_SECONDS", 0.05)
    account = await add_account(immich, live=True)
    await becomes(hass, account, STATE_ON, "connected")
    await immich.stop()
    await becomes(hass, account, STATE_OFF, "connecting")
    await immich.start()

    await becomes(hass, account, STATE_ON, "connected")


def test_each_state_of_the_connection_is_a_reason() -> None:
    """The attribute shows the connection's own states; the texts of all are checked elsewhere."""
    assert {str(state) for state in LiveState} == {
        "connected",
        "connecting",
        "switched_off",
        "key_lacks_all",
        "blocked",
    }


# -- the server


@pytest.mark.usefixtures("still_clock")
async def test_server_that_answers(hass: HomeAssistant, account: MockConfigEntry) -> None:
    assert told(hass, account) == (STATE_ON, STATE_OFF)
    shown = server_sensor(hass, account, "reachable")
    assert shown.attributes[ATTR_DEVICE_CLASS] == BinarySensorDeviceClass.CONNECTIVITY


async def test_server_that_is_away(
    still_clock: FrozenDateTimeFactory, hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """The sensors are there just then; whether it is being maintained can't be known."""
    await immich.stop()
    await let_pass(hass, still_clock, minutes=5)
    assert told(hass, account) == (STATE_OFF, STATE_UNKNOWN)
    assert live_sensor(hass, account).state == STATE_OFF

    await immich.start()
    await let_pass(hass, still_clock, minutes=1)
    assert told(hass, account) == (STATE_ON, STATE_OFF)


async def test_server_that_is_maintained(
    still_clock: FrozenDateTimeFactory, hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """It answers, but can't be used."""
    immich.maintenance = True
    await let_pass(hass, still_clock, minutes=5)
    assert told(hass, account) == (STATE_OFF, STATE_ON)

    immich.maintenance = False
    await let_pass(hass, still_clock, minutes=1)
    assert told(hass, account) == (STATE_ON, STATE_OFF)


async def test_maintenance_after_the_server_was_away(
    still_clock: FrozenDateTimeFactory, hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """As after a restart into maintenance: first nobody answers, then the server says why."""
    await immich.stop()
    await let_pass(hass, still_clock, minutes=5)
    immich.maintenance = True
    await immich.start()
    await let_pass(hass, still_clock, minutes=1)
    assert told(hass, account) == (STATE_OFF, STATE_ON)


async def test_one_route_that_fails_is_no_lost_server(
    still_clock: FrozenDateTimeFactory, hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    immich.faults.add("GET server/storage", Status(500, "No"))
    await let_pass(hass, still_clock, minutes=10)
    assert told(hass, account) == (STATE_ON, STATE_OFF)


async def test_sensors_of_the_server_are_there_once(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> None:
    """A second account brings its own live updates, on its own device."""
    second = await add_account(immich, key="user-key")
    devices, entities = dr.async_get(hass), er.async_get(hass)

    assert len(hass.states.async_all(Platform.BINARY_SENSOR)) == 4
    assert entity_id(hass, f"{second.unique_id}_live_updates", Platform.BINARY_SENSOR)
    on_server = {
        each.unique_id
        for each in entities.entities.values()
        if each.domain == Platform.BINARY_SENSOR
        and (device := devices.async_get(each.device_id or "")) is not None
        and (DOMAIN, account.runtime_data.server_id) in device.identifiers
    }
    server_id = account.runtime_data.server_id
    assert on_server == {f"{server_id}_reachable", f"{server_id}_maintenance"}
    assert all(
        each.entity_category is EntityCategory.DIAGNOSTIC
        for each in entities.entities.values()
        if each.domain == Platform.BINARY_SENSOR
    )


async def test_removed_entities_listen_no_more(hass: HomeAssistant, account: MockConfigEntry) -> None:
    line = account.runtime_data.line
    before = len(line._listeners)
    found = entity_id(hass, f"{account.runtime_data.server_id}_maintenance", Platform.BINARY_SENSOR)
    assert found is not None
    er.async_get(hass).async_remove(found)
    await hass.async_block_till_done()

    assert len(line._listeners) == before - 1
