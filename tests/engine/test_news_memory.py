"""The file that survives: whatever is in it, and whatever happens to the disk, the account is set up."""

from collections.abc import Callable, Generator
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
import pytest

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.news.memory import SAVE_SECONDS
from custom_components.immich_plus.news.news import NewsType
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.passing import let_pass, settle

from .news_world import World

pytestmark = pytest.mark.usefixtures("still_clock")


def put(data: object, *path: str | int) -> Callable[[dict[str, Any]], object]:
    """Return what writes something into a good file."""

    def _put(file: dict[str, Any]) -> object:
        place: Any = file["data"]
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = data
        return file

    return _put


ODD: dict[str, Callable[[dict[str, Any]], object]] = {
    "nothing of ours": lambda _file: {"version": 1, "minor_version": 1, "data": {"other": 1}},
    "a list": lambda _file: {"version": 1, "minor_version": 1, "data": []},
    "a text": lambda _file: {"version": 1, "minor_version": 1, "data": "text"},
    "of the future": lambda file: file | {"version": 9},
    "of the past": lambda file: file | {"version": 0},
    "ledger is a text": put("text", "ledger"),
    "floor is none": put(None, "ledger", "floor"),
    "floor is no moment": put("yesterday", "ledger", "floor"),
    "floor has no zone": put("2026-01-01T00:00:00", "ledger", "floor"),
    "told is a list": put([], "ledger", "told"),
    "told has a number": put({"a": 5}, "ledger", "told"),
    "trashed is a text": put("text", "ledger", "trashed"),
    "expected has numbers": put([1, 2], "ledger", "expected"),
    "total is a text": put("5", "ledger", "total"),
    "albums is a number": put(5, "albums"),
    "an album is too long": put({"a": ["a", 1, None, None]}, "albums"),
    "an album has no name": put({"a": [None, 1, None]}, "albums"),
    "an album is no list": put({"a": 5}, "albums"),
    "albums were looked at never": put("never", "albums_at"),
    "a watched album is empty": put({"a": []}, "watched"),
    "figures are a number": put({"a": [[], None, None, 5]}, "watched"),
    "contents are a text": put({"a": ["text", None, None, None]}, "watched"),
    "people are a list": put([], "recognized"),
    "no such day": put("2026-02-31", "memories_day"),
    "failed jobs are words": put({"library": "many"}, "failed_jobs"),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_odd_files(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    immich: FakeImmich,
    add_account: AddAccount,
    caplog: pytest.LogCaptureFixture,
    odd: Callable[[dict[str, Any]], object],
) -> None:
    """A file that makes no sense: one line of log, and all starts afresh."""
    entry = await add_account(immich)
    await let_pass(hass, freezer, seconds=30)
    await hass.config_entries.async_unload(entry.entry_id)
    key = f"{DOMAIN}.{entry.entry_id}"
    hass_storage[key] = odd(hass_storage[key])
    caplog.clear()
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    lines = [record.getMessage() for record in caplog.records if "told before" in record.getMessage()]
    assert len(lines) == 1, caplog.text
    assert "Traceback" not in caplog.text
    await let_pass(hass, freezer, seconds=30)
    await let_pass(hass, freezer, seconds=30)
    # There is a good file again.
    assert hass_storage[key]["data"]["ledger"]["floor"]


# As they are before Home Assistant's test fixture keeps files in a dict.
_TRUE_STORE = {name: getattr(Store, name) for name in ("_async_load", "_async_write_data")}


@pytest.fixture
def real_disk(hass: HomeAssistant, tmp_path: Path) -> Generator[Path]:
    """Give Home Assistant a folder of its own for real files, and return that of the storage."""
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / ".storage"
    folder.mkdir()
    with patch.multiple(Store, **_TRUE_STORE):
        yield folder


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged by the integration with a traceback."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.exc_info and record.name.startswith("custom_components")
    ]


@pytest.mark.parametrize("content", ["", "{", '{"version": 1, "data": {"led', "[]", "null", "\0\0\0"])
async def test_broken_files(
    hass: HomeAssistant,
    real_disk: Path,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    add_account: AddAccount,
    caplog: pytest.LogCaptureFixture,
    content: str,
) -> None:
    """A half-written file, or one of zeros after the power went: the account is set up, and writes a new one."""
    entry = await add_account(immich, set_up=False)
    file = real_disk / f"{DOMAIN}.{entry.entry_id}"
    await hass.async_add_executor_job(file.write_text, content)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert not tracebacks(caplog)
    await let_pass(hass, freezer, seconds=30)
    await hass.config_entries.async_unload(entry.entry_id)
    assert json.loads(await hass.async_add_executor_job(file.read_text))["data"]["ledger"]["told"] == {}


async def test_disk_that_cannot_be_written(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    immich: FakeImmich,
    add_account: AddAccount,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A full disk: the account works, only what was told isn't remembered."""

    async def _full(_store: Store[Any], _data: object) -> None:
        raise WriteError("no space left")

    with patch.object(Store, "_async_write_data", _full):
        entry = await add_account(immich)
        await let_pass(hass, freezer, minutes=5)
        assert entry.state is ConfigEntryState.LOADED
        assert await hass.config_entries.async_unload(entry.entry_id)
    assert "Traceback" not in caplog.text


async def test_told_before_it_is_written(world: World) -> None:
    """Nothing is on disk as told that wasn't: what waits is told when the file is written."""
    asset = world.upload()
    assert world.run is not None
    world.run.hear(world.announced[0])
    assert world.told == []
    await world.run.memory.async_save()
    assert world.ids(NewsType.ASSET_ADDED) == [asset.id]
    assert world.file is not None
    assert asset.id in world.file["data"]["ledger"]["told"]
    await world.kill()
    await world.start()
    assert len(world.told) == 1


async def test_killed_before_it_is_written(world: World) -> None:
    """What was told in the last half second is told again, as missed; nothing is lost."""
    asset = world.upload()
    await world.deliver()
    world.freezer.tick(0.1)
    assert world.run is not None
    world.run.teller.flush()
    await world.kill()
    await world.start()
    await world.wait(1)
    assert [(news.ids, news.missed) for news in world.told] == [((asset.id,), False), ((asset.id,), True)]


async def test_written_while_news_keep_coming(world: World) -> None:
    """News in quick succession don't put the writing off."""
    for _ in range(4):
        world.upload()
        await world.deliver()
        await world.wait(SAVE_SECONDS * 0.6)
    assert world.file is not None
    assert len(world.file["data"]["ledger"]["told"]) >= 3


async def test_forgotten_with_the_account(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    immich: FakeImmich,
    add_account: AddAccount,
) -> None:
    """Nothing stays on disk of an account that is removed."""
    entry = await add_account(immich)
    await let_pass(hass, freezer, seconds=30)
    assert f"{DOMAIN}.{entry.entry_id}" in hass_storage
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert f"{DOMAIN}.{entry.entry_id}" not in hass_storage
