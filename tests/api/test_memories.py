"""How many memories a day has, in each version's way to write a day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichPermissionError
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, missing, replaced

from .conftest import MakeClient


async def test_today(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    today = each.state.now().date()
    assert await client.memories.count(today) == 1
    assert await client.memories.count(today + timedelta(days=100)) == 0
    entry = each.requests.matching("GET memories/statistics")[0]
    assert entry.query["for"].startswith(today.isoformat())


@pytest.mark.parametrize("version", ["3.0.0", "3.0.2", "3.0.3"])
async def test_the_days_between_dialects(immich: FakeImmich, make_client: MakeClient, version: str) -> None:
    immich.set_version(version)
    client = make_client(immich)
    await client.connect()
    assert await client.memories.count(datetime.now(UTC).date()) in (0, 1)


async def test_a_key_that_may_not(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "read-key")
    await client.connect()
    with pytest.raises(ImmichPermissionError) as caught:
        await client.memories.count(date(2026, 1, 1))
    assert caught.value.scope == "memory.statistics"


@pytest.mark.parametrize("fault", [missing("total"), replaced(None, "total"), replaced([])])
async def test_a_spoilt_answer_is_named(immich: FakeImmich, make_client: MakeClient, fault: Change) -> None:
    client = make_client(immich)
    await client.connect()
    immich.faults.add("GET memories/statistics", fault)
    with pytest.raises(ImmichBadAnswerError, match="memories/statistics: "):
        await client.memories.count(date(2026, 1, 1))
