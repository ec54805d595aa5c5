"""Immich's own workflows call Home Assistant: a real server does so, for a key that gets no live connection."""

import asyncio
from collections.abc import AsyncGenerator
from ipaddress import ip_address
import json
import statistics
import sys
import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.webhook.workflow import WORKFLOW_NAME

from .acting import moment
from .conftest import Connect
from .listening import Listening
from .server import LiveServer, eventually

READING = ("user.read", "asset.read", "asset.view", "asset.statistics", "album.read", "album.statistics")
WORKFLOWS = ("workflow.create", "workflow.read", "workflow.update", "workflow.delete")
UPLOADS = 20
# From the end of an upload until it is told; pictures of cameras take the server longer than these.
WEBHOOK_SECONDS = 5.0


@pytest.fixture(autouse=True)
def _own_storage(hass_storage: dict[str, Any]) -> None:
    """Keep what is remembered over restarts in the test's memory."""


@pytest.fixture(autouse=True)
async def _can_call(full: LiveServer) -> AsyncGenerator[None]:
    """Skip where the server can't call this machine, or nobody at all; leave no workflow behind."""
    host = URL(full.url).host or ""
    if host != "localhost" and not (host[:1].isdigit() and ip_address(host).is_loopback):
        pytest.skip("the server runs on another machine, which can't call the Home Assistant of the tests")
    if (await full.ask("GET", "server/version"))["major"] < 3:
        pytest.skip("Immich before 3.0 calls nobody")
    left_over = [each["id"] for each in await workflows(full)]
    assert not left_over, "another Home Assistant's: pictures of the tests would be told there"
    yield
    for workflow in await workflows(full):
        await full.ask("DELETE", f"workflows/{workflow['id']}")


async def opened_up(
    hass: HomeAssistant, connect: Connect, hass_client_no_auth: ClientSessionGenerator, key: str
) -> Any:
    """Set an account up in a Home Assistant that can be called, and return its entry."""
    entry = await connect(key, all_enabled=False)
    client = await hass_client_no_auth()
    await hass.config.async_update(internal_url=str(client.make_url("/")).rstrip("/"))
    return entry


async def switch(hass: HomeAssistant, entry: Any, *, on: bool) -> Any:
    """Switch the webhook in the options, and return what the form leads to."""
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    result = await hass.config_entries.options.async_configure(
        flow["flow_id"],
        {
            "news": {"live_updates": True, "watched_people": []},
            "uploads": {"upload_archived": False},
            "webhook": {"webhook": on, "webhook_remote": False},
        },
    )
    await asyncio.sleep(1)
    return result


async def workflows(server: LiveServer) -> list[dict[str, Any]]:
    """Return the workflows on the server that are ours."""
    found: list[dict[str, Any]] = await server.ask("GET", "workflows")
    return [each for each in found if each["name"] == WORKFLOW_NAME]


async def upload(server: LiveServer, name: str) -> str:
    """Upload a picture and return its id."""
    return await server.send(f"{server.mark}-{name}.jpg", moment(20))


async def listening_to(hass: HomeAssistant, entry: Any) -> Listening:
    """Note what the library tells, from the first look on."""
    listening = Listening(hass, entry)
    listening.begin()
    await listening.until(lambda: entry.runtime_data.changes.ledger is not None, "the first look")
    return listening


async def test_one_click_is_enough(
    hass: HomeAssistant, full: LiveServer, connect: Connect, hass_client_no_auth: ClientSessionGenerator
) -> None:
    _, secret = await full.make_key(*READING, *WORKFLOWS)
    entry = await opened_up(hass, connect, hass_client_no_auth, secret)
    assert (await switch(hass, entry, on=True))["type"] is FlowResultType.CREATE_ENTRY
    await eventually(lambda: workflows(full), lambda found: len(found) == 1)
    listening = await listening_to(hass, entry)
    assert listening.binary_sensor("live_updates").attributes["reason"] == "key_lacks_all"

    seconds: list[float] = []
    for number in range(UPLOADS):
        asset_id = await upload(full, f"{number:02}")
        answered = time.monotonic()
        told = await listening.of("asset_added", asset_id)
        assert told.data["missed"] is False
        seconds.append(told.at - answered)
        # Each by itself; what comes in a row is the next test's.
        await asyncio.sleep(4)
    sys.stdout.write(
        f"webhook: upload to event, {UPLOADS} times: median {statistics.median(seconds):.2f} s, "
        f"worst {max(seconds):.2f} s\n"
    )
    assert max(seconds) <= WEBHOOK_SECONDS
    told_of = [asset_id for told in listening.told for asset_id in told.ids if asset_id in full.assets]
    assert sorted(told_of) == sorted(full.assets), listening.summary()

    # Once more the same: nothing is made twice, and what people did to it stays.
    (made,) = await workflows(full)
    await hass.config_entries.async_reload(entry.entry_id)
    await asyncio.sleep(1)
    assert [each["id"] for each in await workflows(full)] == [made["id"]]

    assert (await switch(hass, entry, on=False))["type"] is FlowResultType.CREATE_ENTRY
    await eventually(lambda: workflows(full), lambda found: not found)


async def test_a_burst(
    hass: HomeAssistant, full: LiveServer, connect: Connect, hass_client_no_auth: ClientSessionGenerator
) -> None:
    _, secret = await full.make_key(*READING, *WORKFLOWS)
    entry = await opened_up(hass, connect, hass_client_no_auth, secret)
    await switch(hass, entry, on=True)
    await eventually(lambda: workflows(full), lambda found: len(found) == 1)
    listening = await listening_to(hass, entry)
    looks = 0
    changes = entry.runtime_data.changes
    look = changes._look

    async def _counted() -> Any:
        nonlocal looks
        looks += 1
        return await look()

    changes._look = _counted
    ids = await asyncio.gather(*(upload(full, f"{number:02}") for number in range(40)))
    for asset_id in ids:
        await listening.of("asset_added", asset_id)
    told = [asset_id for told in listening.told for asset_id in told.ids if asset_id in full.assets]
    assert sorted(told) == sorted(ids)
    sys.stdout.write(f"webhook: a burst of {len(ids)} uploads: {looks} looks\n")
    assert looks <= 10

    # What was made for an account goes with it.
    await hass.config_entries.async_remove(entry.entry_id)
    assert await workflows(full) == []


async def test_a_workflow_made_by_hand(
    hass: HomeAssistant, full: LiveServer, connect: Connect, hass_client_no_auth: ClientSessionGenerator
) -> None:
    _, secret = await full.make_key(*READING)
    entry = await opened_up(hass, connect, hass_client_no_auth, secret)
    shown = await switch(hass, entry, on=True)
    assert (shown["type"], shown["step_id"]) == (FlowResultType.FORM, "webhook")
    pasted = json.loads(shown["description_placeholders"]["workflow"])
    await hass.config_entries.options.async_configure(shown["flow_id"], {})
    issues = ir.async_get(hass)
    await eventually_true(lambda: (DOMAIN, f"webhook_{entry.entry_id}") in issues.issues)
    await full.ask("POST", "workflows", pasted)
    listening = await listening_to(hass, entry)
    asset_id = await upload(full, "pasted")
    await listening.of("asset_added", asset_id)
    await eventually_true(lambda: (DOMAIN, f"webhook_{entry.entry_id}") not in issues.issues)


async def eventually_true(good: Any) -> None:
    """Wait until something is so, ten seconds at the most."""
    end = time.monotonic() + 10
    while not good():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
