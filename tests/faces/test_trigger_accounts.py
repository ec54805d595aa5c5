"""Triggers and several accounts: one of them, all of them, and none twice."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus import trigger
from custom_components.immich_plus.live.watches import Watched, async_watches
from custom_components.immich_plus.news.news import News, NewsType
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

from .triggering import added, attach, folder, into_album, recognized, tell

HOLIDAY = stable_id("tiny holiday")
ALICE = stable_id("tiny person Alice")


@pytest.fixture(name="other")
async def other_fixture(
    immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> MockConfigEntry:
    """Give a second account on the same server, with which the album Holiday is shared."""
    return await add_account(immich, key="user-key")


async def test_one_account_or_any(
    hass: HomeAssistant, account: MockConfigEntry, other: MockConfigEntry
) -> None:
    """An account is chosen by the id of its entry or by its title; without one, all count."""
    by_id = await attach(hass, "asset_added", config_entry_id=account.entry_id)
    by_title = await attach(hass, "asset_added", config_entry_id="user (127.0.0.1)")
    of_any = await attach(hass, "asset_added")
    await tell(hass, account, await added(account, "vienna.jpg"))
    await tell(hass, other, await added(other, "user1.jpg"))
    assert by_id.files() == ["vienna.jpg"]
    assert by_title.files() == ["user1.jpg"]
    assert of_any.files() == ["vienna.jpg", "user1.jpg"]
    assert of_any.of("account") == ["Admin", "User"]


async def test_picks_imply_their_account(
    hass: HomeAssistant, account: MockConfigEntry, other: MockConfigEntry
) -> None:
    """A shared album that was picked in one account is heard, and looked for, in that one alone."""
    runs = await attach(hass, "asset_added_to_album", album=folder(other, "albums", HOLIDAY))
    await tell(hass, account, await into_album(account, "Holiday", "party.jpg"))
    assert not runs.found
    assert not async_watches(hass, Watched.ALBUM, account.entry_id)
    await tell(hass, other, await into_album(other, "Holiday", "vienna.jpg"))
    assert runs.of("account") == ["User"]
    (watch,) = async_watches(hass, Watched.ALBUM, other.entry_id)
    assert watch.name == HOLIDAY
    runs.detach()
    assert not async_watches(hass, Watched.ALBUM, other.entry_id)


async def test_shared_album_tells_once(
    hass: HomeAssistant, account: MockConfigEntry, other: MockConfigEntry
) -> None:
    """Both accounts see what comes into a shared album; the automation runs once, also when it comes again."""
    runs = await attach(hass, "asset_added_to_album", album="Holiday")
    news = {entry.entry_id: await into_album(entry, "Holiday", "vienna.jpg") for entry in (account, other)}
    await tell(hass, other, news[other.entry_id])
    await tell(hass, account, news[account.entry_id])
    assert runs.of("account") == ["User"]
    await tell(hass, account, news[account.entry_id])
    await tell(hass, other, news[other.entry_id])
    assert runs.of("account") == ["User", "User"]
    # The same asset in another album is something else.
    album = await into_album(account, "Empty")
    both = await attach(hass, "asset_added_to_album", album=["Holiday", "Empty"])
    await tell(hass, account, news[account.entry_id])
    await tell(hass, account, replace(news[account.entry_id], album=album.album))
    assert [each["album"]["name"] for each in both.found] == ["Holiday", "Empty"]


async def test_other_account_takes_over(
    hass: HomeAssistant, account: MockConfigEntry, other: MockConfigEntry
) -> None:
    """An account that doesn't run any more keeps the others from telling nothing."""
    runs = await attach(hass, "asset_added_to_album", album="Holiday")
    await tell(hass, other, await into_album(other, "Holiday", "vienna.jpg"))
    await hass.config_entries.async_unload(other.entry_id)
    await tell(hass, account, await into_album(account, "Holiday", "vienna.jpg"))
    assert runs.of("account") == ["User", "Admin"]


async def test_memory_of_first_tellers_is_bounded(
    hass: HomeAssistant, account: MockConfigEntry, other: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest are forgotten."""
    monkeypatch.setattr(trigger, "_MOST_TOLD", 1)
    runs = await attach(hass, "asset_added")
    for name in ("vienna.jpg", "rome.jpg"):
        await tell(hass, account, await added(account, name))
    for name in ("rome.jpg", "vienna.jpg"):
        await tell(hass, other, await added(account, name))
    assert runs.files() == ["vienna.jpg", "rome.jpg", "vienna.jpg"]


async def test_failed_jobs_of_one_server(
    hass: HomeAssistant, account: MockConfigEntry, other: MockConfigEntry
) -> None:
    """Two administrators of one server tell of the same failures; those of another server are others."""
    runs = await attach(hass, "job_failed")
    news = News(type=NewsType.JOB_FAILED, count=2, queue="ocr")
    await tell(hass, account, news)
    await tell(hass, other, news)
    assert runs.of("account") == ["Admin"]
    other.runtime_data.server_id = "another server"
    await tell(hass, other, news)
    assert runs.of("account") == ["Admin", "User"]


async def test_people_of_two_accounts(
    hass: HomeAssistant, account: MockConfigEntry, other: MockConfigEntry
) -> None:
    """Each account knows its own Alice."""
    runs = await attach(hass, "person_recognized", person="Alice")
    picked = await attach(hass, "person_recognized", person=folder(account, "people", ALICE))
    await tell(hass, account, await recognized(account, "Alice", "party.jpg"))
    await tell(hass, other, await recognized(other, "Alice", "user1.jpg"))
    assert runs.files() == ["party.jpg", "user1.jpg"]
    assert picked.files() == ["party.jpg"]
