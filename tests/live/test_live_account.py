"""Set-up with a full and a narrow key, every sensor against the server's own numbers, a revoked key."""

from datetime import UTC, datetime, timedelta
import sys
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from custom_components.immich_plus.const import DOMAIN

from .conftest import Connect
from .server import NARROW, LiveServer


def values(hass: HomeAssistant, entry: Any) -> dict[str, str]:
    """Return the states of an account's sensors under `prefix_key` without the ids."""
    registry = er.async_get(hass)
    runtime = entry.runtime_data
    found: dict[str, str] = {}
    for row in er.async_entries_for_config_entry(registry, entry.entry_id):
        if row.domain != "sensor" or (state := hass.states.get(row.entity_id)) is None:
            continue
        for prefix, name in ((runtime.account.id, "account"), (runtime.server_id, "server")):
            if row.unique_id.startswith(f"{prefix}_"):
                found[f"{name} {row.unique_id.removeprefix(f'{prefix}_')}"] = state.state
    return found


async def test_every_sensor_shows_the_servers_own_number(
    hass: HomeAssistant, server: LiveServer, connect: Connect
) -> None:
    entry = await connect()
    shown = values(hass, entry)
    me = await server.ask("GET", "users/me")
    albums = await server.ask("GET", "albums/statistics")
    today = dt_util.now().date().isoformat()
    people = await server.ask("GET", "people?size=1&withHidden=false")
    timeline = await server.ask("GET", "assets/statistics?visibility=timeline")
    expected: dict[str, float] = {
        "account albums": albums["shared"] + albums["notShared"],
        "account albums_owned": albums["owned"],
        "account albums_shared": albums["shared"],
        "account photos": timeline["images"],
        "account videos": timeline["videos"],
        "account favorites": (await server.ask("GET", "assets/statistics?isFavorite=true"))["total"],
        "account archived": (await server.ask("GET", "assets/statistics?visibility=archive"))["total"],
        "account trashed": (await server.ask("GET", "assets/statistics?isTrashed=true"))["total"],
        # The total counts hidden people, whatever was asked for.
        "account people": people["total"] - people["hidden"],
        "account tags": len(await server.ask("GET", "tags")),
        "account memories_today": (await server.ask("GET", f"memories/statistics?for={today}"))["total"],
    }
    if me["isAdmin"]:
        statistics = await server.ask("GET", "server/statistics")
        expected |= {
            "server users": len(statistics["usageByUser"]),
            "server photos_total": statistics["photos"],
            "server videos_total": statistics["videos"],
        }
    assert {key: float(shown[key]) for key in expected} == expected
    version = await server.ask("GET", "server/version")
    assert shown["server server_version"] == "{major}.{minor}.{patch}".format(**version)
    storage = await server.ask("GET", "server/storage")
    for key, field in (
        ("disk_size", "diskSizeRaw"),
        ("disk_available", "diskAvailableRaw"),
        ("disk_used", "diskUseRaw"),
    ):
        # Shown in GiB; other programs write to that disk meanwhile.
        assert float(shown[f"server {key}"]) == pytest.approx(storage[field] / 2**30, rel=0.05)
    assert float(shown["server disk_usage"]) == pytest.approx(storage["diskUsagePercentage"], abs=5)
    used = (me["quotaUsageInBytes"] or 0) / 2**30
    assert float(shown["account quota_used"]) == pytest.approx(used, rel=0.01, abs=0.01)
    if shown["account last_added"] not in ("unknown", "unavailable"):
        last = datetime.fromisoformat(shown["account last_added"])
        since = (last - timedelta(seconds=1)).astimezone(UTC).isoformat().replace("+00:00", "Z")
        body = {"size": 1000, "visibility": "timeline", "createdAfter": since}
        newest = await server.ask("POST", "search/metadata", body)
        added = [item["createdAt"] for item in newest["assets"]["items"] if "createdAt" in item]
        # Before 1.140 nothing tells when it was added.
        assert not added or last <= max(map(datetime.fromisoformat, added))
    scopes = ", ".join(await server.scopes() or ["no idea"])
    # For the record of a run: which server and key these results are about.
    sys.stdout.write(
        f"Immich {shown['server server_version']}, key may: {scopes}; {len(shown)} sensors checked\n"
    )


async def test_a_narrow_key_leaves_the_rest_out_and_is_told(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    _, secret = await full.make_key(*NARROW)
    entry = await connect(secret)
    shown = values(hass, entry)
    assert {"account albums", "server server_version"} <= set(shown)
    assert not {"account photos", "account people", "server users", "server disk_usage"} & set(shown)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"missing_scopes_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    named = issue.translation_placeholders["scopes"]
    assert "asset.statistics" in named
    assert "album.statistics" not in named


async def test_a_revoked_key_asks_for_a_new_one(
    hass: HomeAssistant, full: LiveServer, connect: Connect
) -> None:
    key_id, secret = await full.make_key("all")
    entry = await connect(secret)
    await full.revoke(key_id)
    await entry.runtime_data.library.async_refresh()
    await hass.async_block_till_done()
    flows = [
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == SOURCE_REAUTH
    ]
    assert len(flows) == 1
    refused = await hass.config_entries.flow.async_configure(flows[0]["flow_id"], {"api_key": "no-such-key"})
    assert refused["errors"] == {"api_key": "invalid_auth"}
    done = await hass.config_entries.flow.async_configure(flows[0]["flow_id"], {"api_key": full.key})
    await hass.async_block_till_done()
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.library.last_update_success


async def test_a_key_without_user_read_is_told_so(hass: HomeAssistant, full: LiveServer) -> None:
    _, secret = await full.make_key("album.read")
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"url": f"{full.url}/api/", "api_key": secret, "tls": {"verify_ssl": True}}
    )
    assert result["errors"] == {"base": "missing_scope"}
    assert (result["description_placeholders"] or {})["scope"] == "user.read"
