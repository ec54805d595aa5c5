"""Who may do what can't be undone or what leaves the house: administrators, automations and scripts."""

import asyncio
from pathlib import Path
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.immich_plus.actions import ACTIONS
from custom_components.immich_plus.const import DOMAIN
from tests.fake_immich.models import SharedLink

from .acting import Acting, Json, act_fixture, make_acting_fixture, tiny  # noqa: F401

VIENNA = tiny("vienna.jpg")
ONLY_ADMINISTRATORS = {"create_shared_link", "delete_assets", "delete_shared_link", "download_assets"}
LINK = "12345678-1234-4234-8234-123456789012"


@pytest.fixture(name="calls")
def calls_fixture(act: Acting, tmp_path: Path) -> dict[str, Json]:
    """Give what each of these actions is called with, so that it would work."""
    act.hass.config.allowlist_external_dirs.add(str(tmp_path))
    state = act.immich.state
    state.shared_links[LINK] = SharedLink(
        id=LINK,
        key=b"key",
        user_id=tiny("admin"),
        type="ALBUM",
        created_at=state.now(),
        album_id=tiny("holiday"),
    )
    return {
        "create_shared_link": {"album": "Holiday"},
        "delete_assets": {"assets": VIENNA, "permanent": True},
        "delete_shared_link": {"link": LINK},
        "download_assets": {"assets": VIENNA, "folder": str(tmp_path / "photos")},
    }


async def _done(act: Acting, action: str, data: Json) -> bool:
    """Tell whether an action was done on the server or the disk."""
    await act.immich.settle()
    if action == "download_assets":
        return await asyncio.to_thread((Path(data["folder"]) / "vienna.jpg").exists)
    return {
        "create_shared_link": len(act.immich.state.shared_links) > 1,
        "delete_assets": VIENNA not in act.immich.state.assets,
        "delete_shared_link": LINK not in act.immich.state.shared_links,
    }[action]


async def _call(socket: MockHAClientWebSocket, domain: str, service: str, data: Json, **more: Any) -> Json:
    await socket.send_json_auto_id(
        {"type": "call_service", "domain": domain, "service": service, "service_data": data, **more}
    )
    answer: Json = await socket.receive_json()
    return answer


def test_which_they_are() -> None:
    """Permanent deletion, shared links and files on the disk; nothing else asks for an administrator."""
    assert {name for name, action in ACTIONS.items() if action.administrators} == ONLY_ADMINISTRATORS


@pytest.mark.parametrize("action", sorted(ONLY_ADMINISTRATORS))
async def test_somebody_else(
    act: Acting,
    calls: dict[str, Json],
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    action: str,
) -> None:
    """Who is no administrator is refused in words, and the server isn't even asked."""
    socket = await hass_ws_client(act.hass, hass_read_only_access_token)
    answer = await _call(socket, DOMAIN, action, calls[action], return_response=True)
    assert answer["success"] is False
    error = answer["error"]
    assert (error["code"], error["translation_domain"], error["translation_key"]) == (
        "service_validation_error",
        DOMAIN,
        "administrators_only",
    )
    assert "administrator" in error["message"].lower()
    assert act.immich.requests.count() == 0
    assert not await _done(act, action, calls[action])


@pytest.mark.parametrize("action", sorted(ONLY_ADMINISTRATORS))
async def test_an_administrator(
    act: Acting, calls: dict[str, Json], hass_ws_client: WebSocketGenerator, action: str
) -> None:
    """Who is an administrator is let through."""
    answer = await _call(await hass_ws_client(act.hass), DOMAIN, action, calls[action], return_response=True)
    assert answer["success"] is True
    assert answer["result"]["response"]
    assert await _done(act, action, calls[action])


async def test_what_everybody_may(
    act: Acting, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    """Other actions don't ask who calls."""
    socket = await hass_ws_client(act.hass, hass_read_only_access_token)
    answer = await _call(socket, DOMAIN, "get_asset", {"asset": VIENNA}, return_response=True)
    assert answer["result"]["response"]["asset"]["filename"] == "vienna.jpg"
    answer = await _call(socket, DOMAIN, "trash_assets", {"assets": VIENNA})
    assert answer["success"] is True
    assert act.immich.state.assets[VIENNA].is_trashed


@pytest.mark.parametrize("action", sorted(ONLY_ADMINISTRATORS))
async def test_nobody(act: Acting, calls: dict[str, Json], action: str) -> None:
    """What Home Assistant itself calls is let through."""
    context = Context()
    await act.hass.services.async_call(DOMAIN, action, calls[action], blocking=True, context=context)
    assert await _done(act, action, calls[action])


async def test_somebody_who_is_gone(act: Acting, calls: dict[str, Json], hass_admin_user: MockUser) -> None:
    """An unknown user is no administrator; one who was switched off isn't either."""
    hass_admin_user.is_active = False
    for user_id in ("gone", hass_admin_user.id):
        with pytest.raises(ServiceValidationError) as caught:
            await act.hass.services.async_call(
                DOMAIN,
                "delete_assets",
                calls["delete_assets"],
                blocking=True,
                context=Context(user_id=user_id),
            )
        assert caught.value.translation_key == "administrators_only"
    assert VIENNA in act.immich.state.assets


async def _set_up_script(hass: HomeAssistant, *steps: Json) -> None:
    assert await async_setup_component(hass, "script", {"script": {"tidy": {"sequence": list(steps)}}})
    await hass.async_block_till_done()


@pytest.mark.parametrize("action", sorted(ONLY_ADMINISTRATORS))
async def test_a_script_that_somebody_else_starts(
    act: Acting,
    calls: dict[str, Json],
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    action: str,
) -> None:
    """A script does what it was written for, whoever starts it."""
    step = {"action": f"{DOMAIN}.{action}", "data": calls[action], "response_variable": "answer"}
    await _set_up_script(act.hass, {"parallel": [step]})
    socket = await hass_ws_client(act.hass, hass_read_only_access_token)
    answer = await _call(socket, "script", "tidy", {})
    assert answer["success"] is True, answer
    await act.hass.async_block_till_done()
    assert await _done(act, action, calls[action])


@pytest.mark.parametrize("action", sorted(ONLY_ADMINISTRATORS))
async def test_an_automation(
    act: Acting, calls: dict[str, Json], hass_read_only_user: MockUser, action: str
) -> None:
    """An automation does, too, also if what sets it off was done by somebody else."""
    automation = {
        "alias": "Tidy",
        "triggers": {"trigger": "event", "event_type": "tidy"},
        "actions": {"action": f"{DOMAIN}.{action}", "data": calls[action]},
    }
    assert await async_setup_component(act.hass, "automation", {"automation": automation})
    await act.hass.async_block_till_done()
    act.hass.bus.async_fire("tidy", context=Context(user_id=hass_read_only_user.id))
    await act.hass.async_block_till_done()
    assert await _done(act, action, calls[action])


async def test_an_automation_that_somebody_else_runs(
    act: Acting, calls: dict[str, Json], hass_read_only_user: MockUser
) -> None:
    """An automation that is run by hand is still what its writer wanted."""
    action = "delete_assets"
    automation = {
        "id": "tidy",
        "alias": "Tidy",
        "triggers": {"trigger": "event", "event_type": "tidy"},
        "actions": {"action": f"{DOMAIN}.{action}", "data": calls[action]},
    }
    assert await async_setup_component(act.hass, "automation", {"automation": automation})
    await act.hass.async_block_till_done()
    hass_read_only_user.mock_policy({"entities": True})
    await act.hass.services.async_call(
        "automation",
        "trigger",
        {"entity_id": "automation.tidy"},
        blocking=True,
        context=Context(user_id=hass_read_only_user.id),
    )
    await act.hass.async_block_till_done()
    assert await _done(act, action, calls[action])


async def test_a_script_opens_no_door_beside_it(
    act: Acting,
    calls: dict[str, Json],
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    """While a script runs, who is no administrator is refused all the same."""
    await _set_up_script(act.hass, {"wait_for_trigger": {"trigger": "event", "event_type": "never"}})
    socket = await hass_ws_client(act.hass, hass_read_only_access_token)
    started = await _call(socket, "script", "turn_on", {"entity_id": "script.tidy"})
    assert started["success"] is True
    await asyncio.sleep(0)
    state = act.hass.states.get("script.tidy")
    assert state is not None
    assert state.state == "on"
    answer = await _call(socket, DOMAIN, "delete_assets", calls["delete_assets"])
    assert answer["error"]["translation_key"] == "administrators_only"
    assert not await _done(act, "delete_assets", {})
    await act.hass.services.async_call("script", "turn_off", {"entity_id": "script.tidy"}, blocking=True)
