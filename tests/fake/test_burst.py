"""Many uploads at once: all are there, all are announced, and faces come afterwards."""

from collections.abc import AsyncGenerator

import pytest

from tests.fake_immich.burst import upload_burst
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.libraries import tiny

from .test_live import heard, listen


@pytest.fixture
async def immich() -> AsyncGenerator[FakeImmich]:
    """Run a server with the tiny library."""
    async with FakeImmich(library=tiny()) as running:
        yield running


async def test_all_are_there_and_announced_in_order(immich: FakeImmich) -> None:
    """A client that listens hears of each upload once, and the server has them."""
    owner = immich.state.user_by_email("admin@example.com")
    assert owner is not None
    before = immich.state.count(owner.id)
    async with listen(immich, **{"x-api-key": "admin-key"}) as log:
        made = await upload_burst(immich, owner, 130)
        await heard(log, "AssetUploadReadyV2", 130)
    assert [each[1]["id"] for each in log if each[0] == "on_upload_success"] == [asset.id for asset in made]
    assert immich.state.count(owner.id) == before + 130
    assert len({asset.checksum for asset in made}) == 130


async def test_somebody_is_recognized_after_the_announcements(immich: FakeImmich) -> None:
    """Every tenth picture shows a person, of which the announcement knew nothing."""
    owner = immich.state.user_by_email("admin@example.com")
    assert owner is not None
    person = next(iter(immich.state.people.values()))
    async with listen(immich, **{"x-api-key": "admin-key"}) as log:
        made = await upload_burst(immich, owner, 40, person=person, recognition_delay=0)
        await heard(log, "AssetUploadReadyV2", 40)
    assert all(each[1]["people"] == [] for each in log if each[0] == "on_upload_success")
    shown = [person in immich.state.people_of_asset(asset.id) for asset in made]
    assert shown == [number % 10 == 0 for number in range(40)]


async def test_a_pace_is_kept(immich: FakeImmich) -> None:
    """As many a second as were asked for, and no more."""
    owner = next(iter(immich.state.users.values()))
    made = await upload_burst(immich, owner, 60, per_second=400)
    assert (made[-1].created_at - made[0].created_at).total_seconds() >= 40 / 400 * 0.9
