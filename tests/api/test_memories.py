"""Memories of a day and how many there are, in each version's way to write a day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichPermissionError
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, missing, replaced
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient

MEMORY = stable_id("tiny memory.jpg")


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


async def test_a_list_in_each_dialect(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    today = each.state.now().date()
    [memory] = await client.memories.list(today)
    assert (memory.type, memory.year, memory.saved) == ("on_this_day", today.year - 3, False)
    assert memory.memory_at == datetime(today.year - 3, today.month, today.day, tzinfo=UTC)
    assert [asset.id for asset in memory.assets] == [MEMORY]
    assert memory.assets[0].filename == "memory.jpg"
    entry = each.requests.matching("GET memories")[0]
    assert entry.query == {"for": client.version.memory_day(today)}
    assert await client.memories.list(today + timedelta(days=100)) == []


@pytest.mark.parametrize("version", ["3.0.0", "3.0.2", "3.0.3"])
async def test_a_list_between_dialects(immich: FakeImmich, make_client: MakeClient, version: str) -> None:
    immich.set_version(version)
    client = make_client(immich)
    await client.connect()
    assert len(await client.memories.list(immich.state.now().date())) == 1


async def test_a_list_that_the_key_may_not_see(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "album-key")
    with pytest.raises(ImmichPermissionError) as caught:
        await client.memories.list(date(2026, 1, 1))
    assert caught.value.scope == "memory.read"


async def test_what_lies_in_the_trash_is_no_memory(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    each.state.update_asset(each.state.assets[MEMORY], trashed_at=each.state.now())
    assert await client.memories.list(each.state.now().date()) == []


async def test_the_newest_year_comes_first(immich: FakeImmich, make_client: MakeClient) -> None:
    rows = [
        {"id": "a", "data": {"year": 2019}, "assets": [{"id": "x"}]},
        {"id": "b", "data": {"year": 2024}, "isSaved": True, "assets": [{"id": "y", "isTrashed": True}, 5, {"id": "z"}]},
        {"id": "c", "data": None, "memoryAt": "2021-05-06T00:00:00.000Z", "assets": [{"id": "x"}]},
        {"id": "d", "data": {}, "assets": [{"id": "x"}]},
        {"id": "e", "data": {"year": 2024}, "type": "birthday", "assets": [{"id": "x"}]},
        {"id": "only trash", "data": {"year": 2023}, "assets": [{"id": "x", "isTrashed": True}]},
        {"id": "empty", "data": {"year": 2022}, "assets": []},
        {"id": "without"},
        {"assets": [{"id": "x"}]},
        7,
    ]  # fmt: skip
    immich.faults.add("GET memories", replaced(rows))
    client = make_client(immich)
    await client.connect()
    memories = await client.memories.list(date(2026, 1, 1))
    assert [memory.id for memory in memories] == ["b", "e", "c", "a", "d"]
    assert [asset.id for asset in memories[0].assets] == ["z"]
    assert [memory.saved for memory in memories] == [True, False, False, False, False]
    assert [memory.type for memory in memories] == ["", "birthday", "", "", ""]
    assert (memories[2].year, memories[2].memory_at) == (None, datetime(2021, 5, 6, tzinfo=UTC))


async def test_no_list_is_named(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET memories", replaced({"memories": []}))
    client = make_client(immich)
    await client.connect()
    with pytest.raises(ImmichBadAnswerError, match="memories: expected a list"):
        await client.memories.list(date(2026, 1, 1))


async def test_saved_ones(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    assert await client.memories.saved() == []
    (memory,) = each.state.memories.values()
    memory.is_saved = True
    memory.show_at = memory.hide_at = datetime(2020, 1, 1, tzinfo=UTC)
    (saved,) = await client.memories.saved()
    assert (saved.id, saved.saved, [asset.id for asset in saved.assets]) == (memory.id, True, [MEMORY])
    assert each.requests.matching("GET memories")[-1].query == {"isSaved": "true"}
    with pytest.raises(ImmichPermissionError) as caught:
        await make_client(each, "album-key").memories.saved()
    assert caught.value.scope == "memory.read"
