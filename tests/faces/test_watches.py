"""Watches: what automations wait for is looked for as long as they do."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import CONF_WATCHED_PEOPLE
from custom_components.immich_plus.live.watches import (
    SIGNAL_WATCHES,
    Watch,
    Watched,
    are_jobs_watched,
    are_people_watched,
    async_watch,
    async_watches,
    is_album_watched,
    is_person_watched,
)
from tests.fake_immich.ids import stable_id

from .triggering import album_of, attach, folder

HOLIDAY = stable_id("tiny holiday")
ALICE = stable_id("tiny person Alice")


@pytest.mark.parametrize(
    ("name", "fits"), [(None, True), ("Holiday", True), ("holiday", True), (HOLIDAY, True), ("Holi", False)]
)
def test_fits(name: str | None, *, fits: bool) -> None:
    """By id, by name in any letter case, or anything."""
    assert Watch(kind=Watched.ALBUM, name=name).fits(HOLIDAY, "Holiday") is fits


async def test_beginning_and_end(hass: HomeAssistant) -> None:
    """The same wish may come from several, each ends its own, and everybody is told of both."""
    told: list[int] = []
    async_dispatcher_connect(hass, SIGNAL_WATCHES, lambda: told.append(len(told)))
    assert async_watches(hass, Watched.ALBUM, "one") == []
    wish = Watch(kind=Watched.ALBUM, entry_id="one", name="Holiday")
    first = async_watch(hass, [wish, Watch(kind=Watched.JOBS)])
    second = async_watch(hass, [wish])
    assert len(async_watches(hass, Watched.ALBUM, "one")) == 2
    assert not async_watches(hass, Watched.ALBUM, "two")
    assert async_watches(hass, Watched.JOBS, "two")
    first()
    assert async_watches(hass, Watched.ALBUM, "one") == [wish]
    second()
    assert not async_watches(hass, Watched.ALBUM, "one")
    await hass.async_block_till_done()
    assert len(told) == 4


async def test_triggers_watch(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """Each trigger says what it needs, also for accounts that aren't loaded, and ends that with itself."""
    holiday, empty = await album_of(account, "Holiday"), await album_of(account, "Empty")
    alice = next(person for person in await account.runtime_data.client.people.list() if person.id == ALICE)
    await hass.config_entries.async_unload(account.entry_id)
    runs = [
        await attach(hass, "asset_added"),
        await attach(hass, "asset_added_to_album", album=folder(account, "albums", HOLIDAY)),
        await attach(hass, "person_recognized", person="alice"),
        await attach(hass, "job_failed", config_entry_id=account.entry_id),
        await attach(hass, "memories_became_available"),
    ]
    assert is_album_watched(hass, account, holiday)
    assert not is_album_watched(hass, account, empty)
    assert is_person_watched(hass, account, alice)
    assert not is_person_watched(hass, account, replace(alice, id="x", name="Bob"))
    assert are_people_watched(hass, account)
    assert are_jobs_watched(hass, account)
    for each in runs:
        each.detach()
    assert not is_album_watched(hass, account, holiday)
    assert not is_person_watched(hass, account, alice)
    assert not are_people_watched(hass, account)
    assert not are_jobs_watched(hass, account)


async def test_people_of_the_options(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """People whom the account's options name are watched without any trigger."""
    hass.config_entries.async_update_entry(account, options={CONF_WATCHED_PEOPLE: [ALICE]})
    await hass.async_block_till_done()
    alice = next(person for person in await account.runtime_data.client.people.list() if person.id == ALICE)
    assert are_people_watched(hass, account)
    assert is_person_watched(hass, account, alice)
