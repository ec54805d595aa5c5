"""Polling: each fact in its rhythm, side by side, only what somebody looks at, and each failing alone."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Timer
from typing import override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.coordinator.facts import Fact
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Call, Fault, Proceed, Status, missing, replaced
from tests.passing import entity_id, let_pass, settle, shown, state_of

type Log = Callable[[], list[str]]

pytestmark = pytest.mark.usefixtures("still_clock")

EVERY_5 = {"GET albums/statistics", "GET assets/statistics", "GET albums", "POST search/metadata"}
EVERY_10 = {"GET server/version", "GET server/storage"}
EVERY_15 = {"GET server/statistics"}
COUNTED_FOR_DELETIONS = {("visibility", "timeline"), ("visibility", "archive"), ("isTrashed", "true")}
EVERY_30 = {"GET users/me", "GET api-keys/me", "GET people", "GET memories/statistics"}


def values(hass: HomeAssistant, account: MockConfigEntry, *keys: str) -> list[str]:
    return [state_of(hass, f"{account.unique_id}_{key}").state for key in keys]


def disable(hass: HomeAssistant, account: MockConfigEntry, *keys: str) -> None:
    for key in keys:
        found = entity_id(hass, f"{account.unique_id}_{key}")
        assert found is not None
        er.async_get(hass).async_update_entity(found, disabled_by=er.RegistryEntryDisabler.USER)


def counted(immich: FakeImmich) -> set[tuple[str, str]]:
    return {pair for each in immich.requests.matching("assets/statistics") for pair in each.query.items()}


async def test_rhythms(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    for minute in range(5, 65, 5):
        immich.requests.clear()
        await let_pass(hass, freezer, minutes=5)
        due = set(EVERY_5)
        for minutes, routes in ((10, EVERY_10), (15, EVERY_15), (30, EVERY_30)):
            if minute % minutes == 0:
                due |= routes
        assert set(immich.requests.by_route()) == due, minute
    await let_pass(hass, freezer, hours=5)
    assert immich.requests.count("server/version-check") == 1


class Meeting(Fault):
    """Answers nobody before so many have come; fewer are sent away after some seconds."""

    def __init__(self, number: int) -> None:
        self.barrier = asyncio.Barrier(number)

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        loop = asyncio.get_running_loop()
        # The loop's own clock stands still.
        timer = Timer(10, lambda: asyncio.run_coroutine_threadsafe(self.barrier.abort(), loop))
        timer.start()
        try:
            await self.barrier.wait()
        finally:
            timer.cancel()
            timer.join()
        return await proceed()


@pytest.mark.usefixtures("all_enabled")
async def test_side_by_side(hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry) -> None:
    """All five calls of the library wait for each other; so do those of the account."""
    runtime = account.runtime_data
    immich.faults.add("*", Meeting(5))
    await runtime.library.async_refresh()
    assert runtime.library.last_update_success
    immich.faults.clear()
    immich.faults.add("*", Meeting(5))
    await runtime.account_counts.async_refresh()
    assert runtime.account_counts.last_update_success
    immich.faults.clear()
    immich.faults.add("*", Meeting(2))
    await runtime.server.server.async_refresh()
    assert runtime.server.server.last_update_success


async def test_nobody_looks(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """What only disabled entities show isn't asked for; enabling one brings it."""
    registry = er.async_get(hass)
    unique_id = f"{account.unique_id}_tags"
    tags = entity_id(hass, unique_id)
    assert tags is not None
    assert hass.states.get(tags) is None
    immich.requests.clear()
    await let_pass(hass, freezer, minutes=30)
    assert immich.requests.count("GET people") == 1
    assert immich.requests.count("GET tags") == 0

    registry.async_update_entity(tags, disabled_by=None)
    await let_pass(hass, freezer, seconds=31)
    assert state_of(hass, unique_id).state == str(len(immich.state.tags))
    disable(hass, account, "people", "favorites")
    await settle(hass)
    immich.requests.clear()
    await let_pass(hass, freezer, minutes=30)
    assert immich.requests.count("GET people") == 0
    assert immich.requests.count("GET tags") == 1
    assert counted(immich) == COUNTED_FOR_DELETIONS


async def test_deletions_are_found_whoever_looks(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """What automations wait for doesn't hang on sensors: the three counts that make up a library go on."""
    assert counted(immich) >= COUNTED_FOR_DELETIONS
    disable(hass, account, "photos", "videos", "trashed", "favorites")
    await settle(hass)
    immich.requests.clear()
    await let_pass(hass, freezer, minutes=5)
    assert counted(immich) == COUNTED_FOR_DELETIONS
    assert immich.requests.count("assets/statistics") == 3


async def test_all_disabled(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """An account none of whose entities is enabled asks only for what automations may wait for."""
    account = await add_account(immich, key="user-key")
    registry = er.async_get(hass)
    for row in er.async_entries_for_config_entry(registry, account.entry_id):
        registry.async_update_entity(row.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    await settle(hass)
    immich.requests.clear()
    for _ in range(3):
        await let_pass(hass, freezer, hours=1)
    # New and changed assets, albums, deletions and memories; the last come with what the user and the key may do.
    # The server's device is listened to, so that it tells the version that runs.
    assert set(immich.requests.by_route()) == {
        "POST search/metadata",
        "GET albums",
        "GET assets/statistics",
        "GET memories/statistics",
        "GET users/me",
        "GET api-keys/me",
        "GET server/version",
    }
    assert counted(immich) == COUNTED_FOR_DELETIONS


@pytest.mark.parametrize(
    "fault",
    [
        Status(500, "Failed to count"),
        Status(504, html=True),
        Status(403, "Forbidden"),
        replaced("many", "images"),
        replaced(None, "images"),
        missing("images"),
        replaced([]),
    ],
    ids=["500", "504 of a proxy", "403", "text", "null", "missing", "list"],
)
async def test_one_call_fails(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
    fault: Fault,
) -> None:
    """Favorites can't be read for an hour: nothing else is touched, and the log has two lines."""
    assert values(hass, account, "photos", "favorites", "trashed") == ["6", "2", "1"]

    class OnlyFavorites(Fault):
        @override
        def applies(self, call: Call) -> bool:
            return "isFavorite" in call.entry.query

        @override
        async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
            return await fault.around(call, proceed)

    immich.faults.add("GET assets/statistics", OnlyFavorites())
    for _ in range(12):
        await let_pass(hass, freezer, minutes=5)
        assert values(hass, account, "photos", "favorites", "trashed", "albums") == [
            "6",
            STATE_UNAVAILABLE,
            "1",
            "5",
        ]
    (line,) = log_of()
    assert line.startswith("Immich at 127.0.0.1: favorites can't be read: ")
    assert account.runtime_data.library.troubled == {Fact.FAVORITES}
    immich.faults.clear()
    await let_pass(hass, freezer, minutes=5)
    assert values(hass, account, "favorites") == ["2"]
    assert log_of()[1:] == ["Immich at 127.0.0.1: favorites can be read again"]


async def test_slow_statistics(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    """A proxy that gives up on one heavy route doesn't take the whole server down."""
    immich.faults.add("GET server/statistics", Status(504, html=True))
    for _ in range(6):
        await let_pass(hass, freezer, minutes=15)
        assert state_of(hass, f"{account.runtime_data.server_id}_users").state == STATE_UNAVAILABLE
        assert values(hass, account, "photos") == ["6"]
    assert len(log_of()) == 1
    immich.faults.clear()
    await let_pass(hass, freezer, minutes=15)
    assert state_of(hass, f"{account.runtime_data.server_id}_users").state == "3"


async def test_slow_account(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    """Without the user itself the account's coordinator fails as a whole, and only that one."""
    immich.faults.add("GET users/me", Status(500, "No"))
    for _ in range(3):
        await let_pass(hass, freezer, minutes=30)
        assert values(hass, account, "quota_used", "photos") == [STATE_UNAVAILABLE, "6"]
    assert len(log_of()) == 1
    immich.faults.clear()
    await let_pass(hass, freezer, minutes=30)
    assert STATE_UNAVAILABLE not in values(hass, account, "quota_used", "people")


async def test_refusals_are_learnt_at_set_up(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    log_of: Log,
) -> None:
    """1.138 doesn't tell what a key may do: what it refuses once isn't there, nor asked for again."""
    immich = await make_immich(version="1.138.0")
    account = await add_account(immich, key="read-key")
    assert account.state is ConfigEntryState.LOADED
    assert values(hass, account, "photos") == ["6"]
    assert entity_id(hass, f"{account.unique_id}_memories_today") is None
    assert entity_id(hass, f"{account.runtime_data.server_id}_users") is None
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"missing_scopes_{account.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["scopes"] == (
        "- `memory.statistics`\n- `server.statistics`\n- `server.versionCheck`"
    )
    immich.requests.clear()
    for _ in range(3):
        await let_pass(hass, freezer, hours=6)
    assert {each.status for each in immich.requests.entries} == {200}
    assert log_of() == []


async def test_refused_later(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    log_of: Log,
) -> None:
    """A key that loses a scope on a server that doesn't tell: unavailable alone, asked once, told as a repair."""
    immich = await make_immich(version="1.138.0")
    account = await add_account(immich)
    key = immich.state.key_by_secret("admin-key")
    assert key is not None
    key.permissions = ["user.read", "asset.statistics", "album.statistics"]
    immich.requests.clear()
    for _ in range(6):
        await let_pass(hass, freezer, minutes=30)
    assert values(hass, account, "photos", "albums", "people") == ["6", "5", STATE_UNAVAILABLE]
    assert immich.requests.count("people") == 1
    assert state_of(hass, f"{account.runtime_data.server_id}_disk_available").state == STATE_UNAVAILABLE
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"missing_scopes_{account.entry_id}") is not None
    assert log_of() == []


async def test_scopes_are_told(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """From 1.139 on a key that is edited in Immich brings and takes entities by itself."""
    await hass.config.async_set_time_zone("UTC")
    account = await add_account(immich, key="read-key")
    memories = f"{account.unique_id}_memories_today"
    assert entity_id(hass, memories) is None
    key = immich.state.key_by_secret("read-key")
    assert key is not None
    key.permissions = [*key.permissions, "memory.statistics"]
    await let_pass(hass, freezer, minutes=30)
    await settle(hass)
    assert state_of(hass, memories).state == "1"
    key.permissions = ["user.read"]
    await let_pass(hass, freezer, minutes=30)
    await settle(hass)
    assert account.state is ConfigEntryState.LOADED
    assert state_of(hass, memories).state == STATE_UNAVAILABLE
    assert values(hass, account, "quota_used") != [STATE_UNAVAILABLE]


async def test_no_longer_an_administrator(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    assert account.runtime_data.server.statistics is not None
    assert account.unique_id is not None
    immich.state.users[account.unique_id].is_admin = False
    await let_pass(hass, freezer, minutes=30)
    await settle(hass)
    assert account.runtime_data.server.statistics is None
    immich.requests.clear()
    await let_pass(hass, freezer, minutes=30)
    assert immich.requests.count("server/statistics") == 0


async def test_key_is_revoked(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    log_of: Log,
) -> None:
    """All entities go at once, one line says why, one flow asks for a key, and the server is left alone."""
    immich.state.api_keys.clear()
    await let_pass(hass, freezer, minutes=5)
    assert shown(hass) == {STATE_UNAVAILABLE}
    immich.requests.clear()
    for _ in range(12):
        await let_pass(hass, freezer, minutes=30)
    assert len(immich.requests) == 0
    (line,) = log_of()
    assert line.startswith("Authentication failed while fetching Immich at 127.0.0.1 data: ")
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH


@pytest.mark.parametrize(
    ("zone", "now", "day", "next_day"),
    [
        ("Pacific/Kiritimati", datetime(2026, 11, 23, 9, 59, tzinfo=UTC), "2026-11-23", "2026-11-24"),
        ("Pacific/Pago_Pago", datetime(2026, 11, 23, 10, 59, tzinfo=UTC), "2026-11-22", "2026-11-23"),
        ("Asia/Kathmandu", datetime(2026, 11, 23, 18, 14, tzinfo=UTC), "2026-11-23", "2026-11-24"),
    ],
)
@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_memories_at_midnight(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    zone: str,
    now: datetime,
    day: str,
    next_day: str,
    version: str,
) -> None:
    """The day is Home Assistant's, 14 hours ahead of UTC or 11 behind, and changes when it does."""
    await hass.config.async_set_time_zone(zone)
    freezer.move_to(now)
    immich = await make_immich(version=version)
    await add_account(immich)
    assert _asked_days(immich) == [day]
    await let_pass(hass, freezer, seconds=75)
    assert _asked_days(immich) == [day, next_day]


def _asked_days(immich: FakeImmich) -> list[str]:
    return [each.query["for"][:10] for each in immich.requests.matching("memories/statistics")]
