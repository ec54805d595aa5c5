"""The webhook's life: one click makes it, Immich is told, and nothing is left of it afterwards."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.immich_plus.const import CONF_WEBHOOK, DOMAIN
from custom_components.immich_plus.diagnostics import async_get_config_entry_diagnostics
from custom_components.immich_plus.news.news import SIGNAL_NEWS, News, NewsType
from custom_components.immich_plus.webhook.life import DOUBT_SECONDS, RETRY_SECONDS
from custom_components.immich_plus.webhook.secrets import HEADER, async_load_secrets
from custom_components.immich_plus.webhook.workflow import WORKFLOW_NAME
from tests.conftest import AddAccount, MakeImmich
from tests.fake.helpers import ask
from tests.fake_immich.faults import Drop, Garble, Status
from tests.fake_immich.workflow_runs import WEBHOOK
from tests.passing import first_look, let_pass, settle

from .calling import KEY, READING, WORKFLOWS, Home, home_fixture, told_of

__all__ = ["home_fixture"]

pytestmark = pytest.mark.usefixtures("no_pauses")

NEWS = {"live_updates": False, "watched_people": []}
UPLOADS = {"upload_archived": False}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def _choose(hass: HomeAssistant, entry: MockConfigEntry, **webhook: bool) -> Any:
    """Save the options with these about the webhook, and return what that leads to."""
    opened = await hass.config_entries.options.async_init(entry.entry_id)
    typed = {"news": NEWS, "uploads": UPLOADS, "webhook": webhook}
    result = await hass.config_entries.options.async_configure(opened["flow_id"], typed)
    await settle(hass)
    return result


def _issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, f"webhook_{entry.entry_id}")


def _said(hass: HomeAssistant, entry: MockConfigEntry) -> str | None:
    issue = _issue(hass, entry)
    return None if issue is None else issue.translation_key


async def _later(hass: HomeAssistant, **delta: float) -> None:
    """Turn Home Assistant's clock forward, while live connections may go on."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**delta))
    await settle(hass)


async def _five_minutes(hass: HomeAssistant, clock: FrozenDateTimeFactory) -> None:
    """Have everything looked for and told that came without a call."""
    await let_pass(hass, clock, seconds=300)
    await let_pass(hass, clock, seconds=1)


def _serve_tls(hass: HomeAssistant) -> None:
    """Have Home Assistant serve TLS itself: then its IP address is no address for others."""
    assert hass.config.api is not None
    hass.config.api.use_ssl = True


async def test_one_click_makes_the_workflow(hass: HomeAssistant, home: Home) -> None:
    entry = await home.add_account(home.immich, key=KEY)
    assert home.workflows == []
    result = await _choose(hass, entry, webhook=True, webhook_remote=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"live_updates": False, "webhook": True}
    known = await home.secrets(entry)
    (made,) = home.workflows
    assert (made.name, made.trigger, made.enabled) == (WORKFLOW_NAME, "AssetCreate", True)
    (step,) = made.steps
    assert (step["method"], step["enabled"]) == (WEBHOOK, True)
    assert step["config"] == {
        "url": f"{home.base}/api/webhook/{known.webhook_id}",
        "method": "POST",
        "headerName": HEADER,
        "headerValue": known.token,
    }
    # 256 bits each.
    assert len({known.webhook_id, known.token}) == 2
    assert [len(bytes.fromhex(each)) for each in (known.webhook_id, known.token)] == [32, 32]
    assert _said(hass, entry) is None


async def test_an_upload_is_told_without_a_live_connection(
    hass: HomeAssistant, home: Home, still_clock: FrozenDateTimeFactory
) -> None:
    told = told_of(hass)
    await home.account()
    asset_id = await home.upload()
    assert home.immich.state.workflow_calls == [204]
    await let_pass(hass, still_clock, seconds=1)
    await let_pass(hass, still_clock, seconds=1)
    assert told == [asset_id]


async def test_beside_a_live_connection_nothing_is_told_twice(hass: HomeAssistant, home: Home) -> None:
    entry = await home.account("admin-key", live_updates=True)
    live, changed = entry.runtime_data.live, asyncio.Event()
    end = live.async_add_listener(changed.set)
    async with asyncio.timeout(10):
        while not live.is_on:
            await changed.wait()
            changed.clear()
    end()
    await first_look(hass)
    told = told_of(hass)
    ids = [await home.upload(color) for color in ("teal", "red", "blue")]
    for _ in range(3):
        await _later(hass, seconds=10)
    assert home.immich.state.workflow_calls == [204, 204, 204]
    assert sorted(told) == sorted(ids)


async def test_nothing_is_made_twice(hass: HomeAssistant, home: Home) -> None:
    entry = await home.account()
    (before,) = home.workflows
    known = await home.secrets(entry)
    home.immich.requests.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert home.workflows == [before]
    assert await home.secrets(entry) == known
    routes = [each.route for each in home.immich.requests.entries if "workflows" in (each.route or "")]
    assert routes == ["GET workflows"]
    # A call after a restart is one like any other.
    assert (await home.call(entry)).status == 204
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert (await home.call(entry)).status == 204
    assert await home.secrets(entry) == replace(known, called=True)


async def test_another_address_is_told_to_immich(hass: HomeAssistant, home: Home) -> None:
    await home.account()
    (made,) = home.workflows
    video_filter = {"method": "immich-plugin-core#assetTypeFilter", "config": {}, "enabled": True}
    made.steps = [video_filter, {**made.steps[0], "enabled": False}]
    made.enabled = False
    made.name = "Renamed"
    await hass.config.async_update(internal_url="http://192.0.2.7:8123")
    await settle(hass)
    (after,) = home.workflows
    # What people did to it stays.
    assert (after.id, after.name, after.enabled) == (made.id, "Renamed", False)
    assert after.steps[0] == video_filter
    assert after.steps[1]["enabled"] is False
    assert after.steps[1]["config"]["url"].startswith("http://192.0.2.7:8123/api/webhook/")
    home.immich.requests.clear()
    await hass.config.async_update(location_name="Elsewhere")
    await settle(hass)
    assert home.immich.requests.count() == 0


async def test_what_was_made_before_the_secrets_were_lost_is_used_again(
    hass: HomeAssistant, home: Home
) -> None:
    odd: list[dict[str, Any]] = [
        {
            "method": WEBHOOK,
            "config": {"url": f"{home.base}/api/webhook/lost", "method": "POST"},
            "enabled": True,
        },
        {"method": WEBHOOK, "config": {"url": "http://[broken", "method": "POST"}, "enabled": True},
        {"method": WEBHOOK, "config": None, "enabled": True},
    ]
    state = home.immich.state
    client = (await home.add_account(home.immich, key=KEY)).runtime_data.client
    lost = await client.workflows.create(WORKFLOW_NAME, [])
    elsewhere = await client.workflows.create(WORKFLOW_NAME, [])
    unnamed = await client.workflows.create("Mine", [])
    state.workflows[lost].steps = odd
    state.workflows[elsewhere].steps = [
        {"method": WEBHOOK, "config": {"url": "http://192.0.2.99:8123/api/webhook/x"}, "enabled": True}
    ]
    state.workflows[unnamed].steps = [odd[0]]
    before = json.dumps([state.workflows[each].steps for each in (elsewhere, unnamed)])
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    hass.config_entries.async_update_entry(entry, options={**entry.options, CONF_WEBHOOK: True})
    await settle(hass)
    known = await async_load_secrets(hass, entry.entry_id)
    assert known is not None
    assert len(state.workflows) == 3
    assert state.workflows[lost].steps[0]["config"]["url"] == f"{home.base}/api/webhook/{known.webhook_id}"
    assert state.workflows[lost].steps[1:] == odd[1:]
    assert json.dumps([state.workflows[each].steps for each in (elsewhere, unnamed)]) == before


async def test_switching_it_off_removes_it(hass: HomeAssistant, home: Home) -> None:
    entry = await home.account()
    known = await home.secrets(entry)
    result = await _choose(hass, entry, webhook=False, webhook_remote=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"live_updates": False}
    assert home.workflows == []
    assert await async_load_secrets(hass, entry.entry_id) is None
    response = await home.client.post(f"/api/webhook/{known.webhook_id}", headers={HEADER: known.token})
    assert response.status == 200, "as for every webhook that isn't there"


async def test_what_else_a_workflow_does_it_goes_on_doing(hass: HomeAssistant, home: Home) -> None:
    entry = await home.account()
    (made,) = home.workflows
    somebody_elses = replace(made, id=home.immich.state.new_id(), steps=[])
    home.immich.state.workflows[somebody_elses.id] = somebody_elses
    into_album = {"method": "immich-plugin-core#assetAddToAlbums", "config": {}, "enabled": True}
    made.steps = [*made.steps, into_album]
    await _choose(hass, entry, webhook=False, webhook_remote=False)
    assert [each.steps for each in home.workflows] == [[into_album], []]


@pytest.mark.parametrize("fault", [Drop(), Status(500), Status(401, "Invalid API key")])
async def test_what_cant_be_removed_now_is_removed_later(hass: HomeAssistant, home: Home, fault: Any) -> None:
    entry = await home.account()
    home.immich.faults.add("GET workflows", fault)
    await _choose(hass, entry, webhook=False, webhook_remote=False)
    assert len(home.workflows) == 1
    home.immich.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert home.workflows == []
    assert await async_load_secrets(hass, entry.entry_id) is None


async def test_what_the_key_may_not_remove_stays(hass: HomeAssistant, home: Home) -> None:
    entry = await home.account()
    found = home.immich.state.key_by_secret(KEY)
    assert found is not None
    found.permissions = list(READING)
    await _choose(hass, entry, webhook=False, webhook_remote=False)
    assert len(home.workflows) == 1
    assert await async_load_secrets(hass, entry.entry_id) is None


async def test_a_removed_account_leaves_nothing(hass: HomeAssistant, home: Home, hass_storage: Any) -> None:
    entry = await home.account()
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert home.workflows == []
    assert [each for each in hass_storage if entry.entry_id in each] == []


@pytest.mark.parametrize("away", ["stopped", "odd"])
async def test_an_account_is_removed_while_the_server_is_away(
    hass: HomeAssistant, home: Home, hass_storage: Any, away: str
) -> None:
    entry = await home.account()
    if away == "stopped":
        await home.immich.stop()
    else:
        home.immich.faults.add("GET workflows", Garble(text=b"{}"))
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert hass.config_entries.async_entries(DOMAIN) == []
    assert [each for each in hass_storage if "webhook" in each] == []


async def test_an_account_without_webhook_is_removed_without_a_request(
    hass: HomeAssistant, home: Home
) -> None:
    entry = await home.add_account(home.immich, key=KEY)
    home.immich.requests.clear()
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert home.immich.requests.count() == 0


async def test_an_unloaded_account_hears_nothing(hass: HomeAssistant, home: Home) -> None:
    entry = await home.account()
    told = told_of(hass)
    await home.call(entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert (await home.call(entry)).status == 200
    await _later(hass, seconds=60)
    assert told == []
    assert entry.state is ConfigEntryState.NOT_LOADED
    # Its workflow stays: it is only off for a while.
    assert len(home.workflows) == 1


async def test_two_accounts_are_called_each_by_its_own(
    hass: HomeAssistant, home: Home, add_account: AddAccount
) -> None:
    one = await home.account()
    other = await home.account("user-key")
    owners = {each.owner_id: each for each in home.workflows}
    assert set(owners) == {one.unique_id, other.unique_id}
    assert await home.secrets(one) != await home.secrets(other)
    # A call about the one's asset at the other's address is nothing to it.
    assert (await home.call(other)).status == 403
    await _choose(hass, one, webhook=False, webhook_remote=False)
    assert [each.owner_id for each in home.workflows] == [other.unique_id]


async def test_without_scopes_the_options_show_what_to_paste(hass: HomeAssistant, home: Home) -> None:
    home.give_key(*READING, secret="reader-key")
    entry = await home.add_account(home.immich, key="reader-key")
    result = await _choose(hass, entry, webhook=True, webhook_remote=False)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "webhook")
    words = result["description_placeholders"]
    known = await home.secrets(entry)
    assert (words["header"], words["token"]) == (HEADER, known.token)
    assert words["url"] == f"{home.base}/api/webhook/{known.webhook_id}"
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    await settle(hass)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"live_updates": False, "webhook": True}
    issue = _issue(hass, entry)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_key == "webhook_by_hand"
    assert issue.translation_placeholders["scopes"] == "\n".join(
        f"- `{scope}`" for scope in sorted(WORKFLOWS)
    )
    assert [each.translation_key for each in ir.async_get(hass).issues.values()].count("webhook_by_hand") == 1

    # Pasted into Immich's web page, it calls; then nobody is told any more, after a restart either.
    status, _ = await ask(home.immich, "POST", "workflows", json.loads(words["workflow"]))
    assert status == 201
    await home.upload()
    assert home.immich.state.workflow_calls == [204]
    assert _said(hass, entry) is None
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert _said(hass, entry) is None


async def test_what_was_made_by_hand_gets_no_new_address_by_itself(hass: HomeAssistant, home: Home) -> None:
    """Once it worked, only the lack of an address or of calls is told."""
    home.give_key(*READING, secret="reader-key")
    entry = await home.account("reader-key")
    assert (await home.call(entry)).status == 204
    _serve_tls(hass)
    await hass.config.async_update(internal_url=None)
    await settle(hass)
    assert _said(hass, entry) == "webhook_no_address"
    await hass.config.async_update(internal_url="https://home.example.org:8123")
    await settle(hass)
    assert _said(hass, entry) is None


async def test_a_key_of_which_nobody_tells_what_it_may(hass: HomeAssistant, home: Home) -> None:
    """The refusal tells; it is no reason to ask for scopes that few need."""
    home.give_key(*READING, secret="reader-key")
    home.immich.faults.add("GET api-keys/me", Status(403))
    entry = await home.account("reader-key")
    assert _said(hass, entry) == "webhook_by_hand"
    assert not entry.runtime_data.client.scopes.refused & set(WORKFLOWS)


async def test_without_an_address_people_are_told(hass: HomeAssistant, home: Home) -> None:
    _serve_tls(hass)
    await hass.config.async_update(internal_url=None, external_url="https://home.example.org")
    home.give_key(*READING, secret="reader-key")
    entry = await home.add_account(home.immich, key="reader-key")
    # An address on the internet is for those only who allow it.
    result = await _choose(hass, entry, webhook=True, webhook_remote=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert _said(hass, entry) == "webhook_no_address"
    result = await _choose(hass, entry, webhook=True, webhook_remote=True)
    assert result["description_placeholders"]["url"].startswith("https://home.example.org/api/webhook/")


async def test_an_address_that_is_set_later_is_used(hass: HomeAssistant, home: Home) -> None:
    _serve_tls(hass)
    await hass.config.async_update(internal_url=None)
    entry = await home.account()
    assert (home.workflows, _said(hass, entry)) == ([], "webhook_no_address")
    await hass.config.async_update(internal_url="https://home.example.org:8123")
    await settle(hass)
    (made,) = home.workflows
    assert made.steps[0]["config"]["url"].startswith("https://home.example.org:8123/api/webhook/")
    assert _said(hass, entry) is None
    await hass.config.async_update(internal_url=None)
    await settle(hass)
    assert _said(hass, entry) == "webhook_no_address"


@pytest.mark.parametrize("version", ["2.7.5", "1.144.1"])
async def test_old_servers_call_nobody(
    hass: HomeAssistant, home: Home, make_immich: MakeImmich, version: str
) -> None:
    old = await make_immich(version=version)
    entry = await home.add_account(old)
    opened = await hass.config_entries.options.async_init(entry.entry_id)
    assert opened["data_schema"] is not None
    assert "webhook" not in opened["data_schema"].schema
    typed = {"news": NEWS, "uploads": UPLOADS}
    await hass.config_entries.options.async_configure(opened["flow_id"], typed)
    assert CONF_WEBHOOK not in entry.options
    # Who switched it on before the server was known can switch it off.
    hass.config_entries.async_update_entry(entry, options={**entry.options, CONF_WEBHOOK: True})
    await settle(hass)
    issue = _issue(hass, entry)
    assert issue is not None
    assert issue.translation_key == "webhook_too_old"
    assert issue.translation_placeholders == {"account": entry.title, "version": version}
    opened = await hass.config_entries.options.async_init(entry.entry_id)
    assert opened["data_schema"] is not None
    assert "webhook" in opened["data_schema"].schema
    await hass.config_entries.options.async_configure(opened["flow_id"], typed)
    assert entry.options[CONF_WEBHOOK] is True, "what isn't asked for stays"
    await _choose(hass, entry, webhook=False, webhook_remote=False)
    assert _said(hass, entry) is None


async def test_a_server_that_refuses_the_workflow(hass: HomeAssistant, home: Home) -> None:
    home.immich.faults.add("POST workflows", Status(400))
    entry = await home.account()
    assert entry.state is ConfigEntryState.LOADED
    assert _said(hass, entry) == "webhook_not_made"
    home.immich.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert (len(home.workflows), _said(hass, entry)) == (1, None)


@pytest.mark.parametrize("fault", [Drop(), Status(503)])
async def test_a_server_that_cant_be_asked_now_is_asked_later(
    hass: HomeAssistant, home: Home, still_clock: FrozenDateTimeFactory, fault: Any
) -> None:
    home.immich.faults.add("GET workflows", fault)
    entry = await home.account()
    assert (entry.state, _said(hass, entry)) == (ConfigEntryState.LOADED, None)
    assert home.workflows == []
    home.immich.faults.clear()
    await let_pass(hass, still_clock, seconds=RETRY_SECONDS + 1)
    assert len(home.workflows) == 1


async def test_a_server_that_is_back_is_asked_at_once(hass: HomeAssistant, home: Home) -> None:
    home.immich.faults.add("GET workflows", Drop())
    entry = await home.account()
    home.immich.faults.clear()
    line = entry.runtime_data.line
    await home.immich.stop()
    await entry.runtime_data.changes.async_refresh()
    assert not line.is_up
    await home.immich.start()
    await entry.runtime_data.changes.async_refresh()
    await settle(hass)
    assert line.is_up
    assert len(home.workflows) == 1


async def test_calls_that_dont_arrive_are_noticed(
    hass: HomeAssistant, home: Home, still_clock: FrozenDateTimeFactory
) -> None:
    """Immich tells nobody that it can't reach an address."""
    entry = await home.account()
    (made,) = home.workflows
    right = made.steps
    made.steps = [{**right[0], "config": {**right[0]["config"], "url": "http://127.0.0.1:9/api/webhook/x"}}]
    still_clock.tick(5)
    await home.upload()
    await _five_minutes(hass, still_clock)
    assert _said(hass, entry) is None
    # One more in the same minute is no news.
    await home.upload("red")
    await let_pass(hass, still_clock, seconds=DOUBT_SECONDS + 1)
    issue = _issue(hass, entry)
    assert issue is not None
    assert issue.translation_key == "webhook_silent"
    assert issue.translation_placeholders == {"account": entry.title, "address": home.base}
    made.steps = right
    await home.upload("blue")
    assert home.immich.state.workflow_calls[-1] == 204
    assert _said(hass, entry) is None
    # From the first call on, nobody doubts.
    made.enabled = False
    await home.upload("green")
    await _five_minutes(hass, still_clock)
    await _five_minutes(hass, still_clock)
    assert _said(hass, entry) is None


async def test_what_comes_without_a_call_for_good_reasons(
    hass: HomeAssistant, home: Home, still_clock: FrozenDateTimeFactory
) -> None:
    entry = await home.account()
    asset = await entry.runtime_data.client.assets.get(await home.upload())
    home.immich.state.workflow_calls.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert asset.added_at is not None
    later_on = replace(asset, added_at=asset.added_at + timedelta(hours=1))
    for entry_id, news in (
        ("another", News(type=NewsType.ASSET_ADDED, assets=(later_on,))),
        (entry.entry_id, News(type=NewsType.ASSET_UPDATED, assets=(later_on,))),
        (entry.entry_id, News(type=NewsType.ASSET_ADDED, assets=(later_on,), missed=True)),
        (entry.entry_id, News(type=NewsType.ASSET_ADDED, assets=(replace(later_on, owner_id="partner"),))),
        (entry.entry_id, News(type=NewsType.ASSET_ADDED, assets=(replace(later_on, added_at=None),))),
        # Before Immich was told to call.
        (entry.entry_id, News(type=NewsType.ASSET_ADDED, assets=(replace(asset, added_at=LONG_AGO),))),
    ):
        async_dispatcher_send(hass, SIGNAL_NEWS, entry_id, news)
        await let_pass(hass, still_clock, seconds=DOUBT_SECONDS + 1)
        assert _said(hass, entry) is None
    async_dispatcher_send(
        hass, SIGNAL_NEWS, entry.entry_id, News(type=NewsType.ASSET_ADDED, assets=(later_on,))
    )
    await let_pass(hass, still_clock, seconds=DOUBT_SECONDS + 1)
    assert _said(hass, entry) == "webhook_silent"


async def test_a_call_that_comes_late_is_waited_for(
    hass: HomeAssistant, home: Home, still_clock: FrozenDateTimeFactory
) -> None:
    entry = await home.account()
    (made,) = home.workflows
    made.enabled = False
    still_clock.tick(5)
    await home.upload()
    await _five_minutes(hass, still_clock)
    assert (await home.call(entry)).status == 204
    await let_pass(hass, still_clock, seconds=DOUBT_SECONDS + 1)
    assert _said(hass, entry) is None


@pytest.mark.parametrize("called", [False, True])
async def test_what_was_made_by_hand_is_doubted_once_it_has_worked(
    hass: HomeAssistant, home: Home, still_clock: FrozenDateTimeFactory, *, called: bool
) -> None:
    home.give_key(*READING, secret="reader-key")
    entry = await home.account("reader-key")
    if called:
        assert (await home.call(entry)).status == 204
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    still_clock.tick(5)
    await home.upload()
    await _five_minutes(hass, still_clock)
    await let_pass(hass, still_clock, seconds=DOUBT_SECONDS + 1)
    assert _said(hass, entry) == ("webhook_silent" if called else "webhook_by_hand")


async def test_secrets_are_nowhere_to_be_seen(
    hass: HomeAssistant, home: Home, log_of: Callable[[], list[str]]
) -> None:
    entry = await home.account()
    await home.upload()
    known = await home.secrets(entry)
    shown = [
        json.dumps(await async_get_config_entry_diagnostics(hass, entry), default=str),
        json.dumps([state.as_dict() for state in hass.states.async_all()], default=str),
        str([issue.translation_placeholders for issue in ir.async_get(hass).issues.values()]),
        str(dict(entry.data)),
        str(dict(entry.options)),
        repr(known),
        *log_of(),
    ]
    for secret in (known.webhook_id, known.token):
        assert [each for each in shown if secret in each] == []


@pytest.mark.parametrize("odd", [{}, {"webhook_id": "", "token": "x", "called": False}, {"webhook_id": 5}])
async def test_a_file_that_makes_no_sense_is_made_anew(
    hass: HomeAssistant, home: Home, hass_storage: dict[str, Any], odd: dict[str, Any]
) -> None:
    entry = await home.add_account(home.immich, key=KEY, set_up=False, options={CONF_WEBHOOK: True})
    key = f"{DOMAIN}.webhook.{entry.entry_id}"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": odd}
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert len(home.workflows) == 1
    assert len((await home.secrets(entry)).webhook_id) == 64


async def test_options_of_an_account_that_isnt_loaded(hass: HomeAssistant, home: Home) -> None:
    """Nobody knows what the key may do: then it is shown what to paste, which hurts nobody."""
    entry = await home.add_account(home.immich, key=KEY, set_up=False)
    result = await _choose(hass, entry, webhook=True, webhook_remote=False)
    assert result["step_id"] == "webhook"
