"""Hints lead to looks: soon, not too often, and again while pictures aren't ready."""

import asyncio
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed_exact

from custom_components.immich_plus.coordinator.changes import PATIENCE
from custom_components.immich_plus.webhook.hints import LONGEST_GAP_SECONDS, LONGEST_WAIT_SECONDS, Hints
from tests.fake.helpers import jpeg, upload
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.processing import process_now
from tests.passing import let_pass, settle, still_clock_fixture

__all__ = ["still_clock_fixture"]


class Watched:
    """Hints of an account, and how its server is asked because of them."""

    def __init__(self, hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry) -> None:
        """Start without any hint."""
        self.hass = hass
        self.immich = immich
        self.hints = Hints(hass, account)
        self.looked_after: list[float] = []
        self._entry = account
        self._passed = 0.0
        look = account.runtime_data.changes._look

        async def _look() -> Any:
            self.looked_after.append(self._passed)
            return await look()

        account.runtime_data.changes._look = _look

    async def pass_by(self, freezer: FrozenDateTimeFactory, seconds: float, step: float = 0.5) -> None:
        """Let time pass in small steps."""
        for _ in range(round(seconds / step)):
            self._passed += step
            freezer.tick(timedelta(seconds=step))
            async_fire_time_changed_exact(self.hass)
            await settle(self.hass)

    def asked(self, *routes: str) -> int:
        """Count requests."""
        return sum(each.route in routes for each in self.immich.requests.entries)


@pytest.fixture(name="watched")
async def watched_fixture(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, still_clock: FrozenDateTimeFactory
) -> Watched:
    """Give the hints of an account on a server that takes its time with pictures."""
    immich.state.settings.processing_delay = None
    # Until everything that follows a start is over.
    await let_pass(hass, still_clock, seconds=20)
    await let_pass(hass, still_clock, seconds=20)
    return Watched(hass, immich, account)


async def test_a_hint_is_followed_by_one_look(watched: Watched, still_clock: FrozenDateTimeFactory) -> None:
    watched.hints.hear()
    await watched.pass_by(still_clock, 60)
    assert watched.looked_after == [0.5]


async def test_a_thousand_hints_cost_a_handful_of_looks(
    watched: Watched, still_clock: FrozenDateTimeFactory
) -> None:
    for _ in range(50):
        for _ in range(20):
            watched.hints.hear()
        await watched.pass_by(still_clock, 0.5)
    await watched.pass_by(still_clock, 60)
    assert watched.looked_after[:4] == [0.5, 2.5, 6.5, 11.5]
    assert len(watched.looked_after) <= 7
    # What came last was looked at.
    assert watched.looked_after[-1] > 25


async def test_after_a_rest_it_is_quick_again(watched: Watched, still_clock: FrozenDateTimeFactory) -> None:
    for _ in range(20):
        watched.hints.hear()
        await watched.pass_by(still_clock, 1)
    await watched.pass_by(still_clock, 3 * LONGEST_GAP_SECONDS)
    watched.looked_after.clear()
    watched.hints.hear()
    start = watched._passed
    await watched.pass_by(still_clock, 30)
    assert watched.looked_after == [start + 0.5]


async def test_it_waits_for_a_picture(
    watched: Watched, still_clock: FrozenDateTimeFactory, immich: FakeImmich
) -> None:
    _, answer = await upload(immich, jpeg())
    watched.hints.hear()
    await watched.pass_by(still_clock, 20)
    assert watched.looked_after == [0.5, 1.5, 3.5, 7.5, 15.5]
    # A hint meanwhile is looked at at once.
    watched.hints.hear()
    await watched.pass_by(still_clock, 1)
    assert watched.looked_after[5:] == [20.5]
    await process_now(immich, immich.state.assets[answer["id"]])
    await watched.pass_by(still_clock, 60)
    assert watched.looked_after[6] == 21.5
    assert not watched._entry.runtime_data.changes.is_waiting


async def test_it_waits_for_a_picture_not_for_ever(
    watched: Watched, still_clock: FrozenDateTimeFactory, immich: FakeImmich
) -> None:
    await upload(immich, jpeg())
    watched.hints.hear()
    await watched.pass_by(still_clock, 2 * PATIENCE.total_seconds(), step=5)
    watched.hints.stop()
    # Five-minute looks go on as ever.
    assert len(watched.looked_after) <= PATIENCE.total_seconds() / LONGEST_WAIT_SECONDS + 12
    late = [each for each in watched.looked_after if each > PATIENCE.total_seconds() + 60]
    assert len(late) <= 4


async def test_a_hint_while_it_looks_leads_to_another_look(
    watched: Watched, still_clock: FrozenDateTimeFactory
) -> None:
    changes = watched._entry.runtime_data.changes
    look, begun, go = changes._look, asyncio.Event(), asyncio.Event()

    async def _slow() -> Any:
        begun.set()
        await go.wait()
        return await look()

    changes._look = _slow
    watched.hints.hear()
    task = asyncio.create_task(watched.pass_by(still_clock, 0.5))
    await begun.wait()
    watched.hints.hear()
    watched.hints.hear()
    go.set()
    await task
    await watched.pass_by(still_clock, 30)
    assert len(watched.looked_after) == 2


async def test_what_was_found_is_counted_and_shown(
    watched: Watched, still_clock: FrozenDateTimeFactory, immich: FakeImmich
) -> None:
    immich.state.settings.processing_delay = 0
    immich.requests.clear()
    watched.hints.hear()
    await watched.pass_by(still_clock, 15)
    assert watched.asked("GET albums/statistics") == 0
    assert watched.asked("GET albums") == 0
    await upload(immich, jpeg("red"))
    watched.hints.hear()
    await watched.pass_by(still_clock, 15)
    assert watched.asked("GET albums/statistics") == 1
    assert watched.asked("GET albums") >= 1


async def test_a_look_that_fails_is_no_trouble(
    watched: Watched, still_clock: FrozenDateTimeFactory, immich: FakeImmich
) -> None:
    immich.faults.add("POST search/metadata", Status(500))
    watched.hints.hear()
    await watched.pass_by(still_clock, 1)
    immich.faults.clear()
    watched.hints.hear()
    await watched.pass_by(still_clock, 5)
    assert len(watched.looked_after) == 2


async def test_nobody_looks_while_home_assistant_starts(
    hass: HomeAssistant, watched: Watched, still_clock: FrozenDateTimeFactory
) -> None:
    hass.set_state(CoreState.starting)
    watched.hints.hear()
    hass.set_state(CoreState.running)
    await watched.pass_by(still_clock, 10)
    assert watched.looked_after == []


async def test_it_ends_with_the_entry(watched: Watched, still_clock: FrozenDateTimeFactory) -> None:
    watched.hints.hear()
    watched.hints.stop()
    await watched.pass_by(still_clock, 10)
    assert watched.looked_after == []
