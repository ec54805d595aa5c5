"""The event entity of an account: what it tells of the library, live and where it is only asked."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.event import ATTR_EVENT_TYPE, ATTR_EVENT_TYPES
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import CONF_WATCHED_PEOPLE
from custom_components.immich_plus.news_data import MOST_IDS
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Asset, Partner, Role
from tests.fake_immich.processing import announce
from tests.fake_immich.tiny import THUMBHASH
from tests.passing import entity_id, let_pass, state_of

from .acting import tiny

# The fields that every event has.
ALWAYS = {"count", "missed"}
TAKEN = datetime(2026, 5, 1, 12, tzinfo=UTC)
VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")


class Heard:
    """What the event entity of an account has told since this began to listen, oldest first."""

    def __init__(self, hass: HomeAssistant, account: MockConfigEntry) -> None:
        """Begin to listen."""
        self.events: list[dict[str, Any]] = []
        self._account = account
        self._hass = hass
        self._new = asyncio.Event()
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._hear)

    @callback
    def _hear(self, event: Event[EventStateChangedData]) -> None:
        before, after = event.data["old_state"], event.data["new_state"]
        if event.data["entity_id"] != entity_id(self._hass, _id(self._account), Platform.EVENT):
            return
        # Who comes back from being unavailable shows the last event again.
        if after is None or after.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            return
        if before is not None and before.state == STATE_UNAVAILABLE:
            return
        known = {ATTR_EVENT_TYPES, "friendly_name"}
        self.events.append({key: value for key, value in after.attributes.items() if key not in known})
        self._new.set()

    @property
    def kinds(self) -> list[str]:
        """The types of all events."""
        return [event[ATTR_EVENT_TYPE] for event in self.events]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the data of all events of a type."""
        return [event for event in self.events if event[ATTR_EVENT_TYPE] == kind]

    async def wait(self, kind: str) -> dict[str, Any]:
        """Wait for the first event of a type and return its data; it has to come within two seconds."""
        async with asyncio.timeout(2):
            while not self.of(kind):
                self._new.clear()
                await self._new.wait()
        return self.of(kind)[0]


def _id(account: MockConfigEntry) -> str:
    return f"{account.unique_id}_library"


def shown(hass: HomeAssistant, account: MockConfigEntry) -> State:
    return state_of(hass, _id(account), Platform.EVENT)


def added(immich: FakeImmich, *names: str, owner: str = "admin", **more: Any) -> list[Asset]:
    """Add photos that are ready to be looked at."""
    user = immich.state.users[tiny(owner)]
    return [
        immich.state.add_asset(
            user, name, **{"taken": TAKEN, "thumbhash": THUMBHASH, "processed": True, **more}
        )
        for name in names
    ]


async def look(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the next look at the library come, and what it found be told."""
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, seconds=1)


@pytest.fixture(name="listened")
async def listened_fixture(
    still_clock: FrozenDateTimeFactory, hass: HomeAssistant, account: MockConfigEntry
) -> Heard:
    """Listen to an account that has had its first look and isn't told anything live."""
    await let_pass(hass, still_clock, seconds=1)
    return Heard(hass, account)


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_was_there_before_is_no_news(
    hass: HomeAssistant,
    still_clock: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    version: str,
) -> None:
    account = await add_account(await make_immich(version=version))
    await look(hass, still_clock)

    assert shown(hass, account).state == STATE_UNKNOWN
    assert shown(hass, account).entity_id == "event.immich_admin_library"
    assert shown(hass, account).attributes[ATTR_EVENT_TYPES] == [
        "asset_added",
        "asset_updated",
        "asset_trashed",
        "asset_restored",
        "asset_deleted",
        "album_created",
        "album_updated",
        "album_deleted",
        "person_recognized",
    ]


@pytest.mark.parametrize("version", VERSIONS)
async def test_photo_is_told_with_all_about_it(
    hass: HomeAssistant,
    still_clock: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    version: str,
) -> None:
    """Where nothing is announced, as well: with its name, date and the id that media players take."""
    immich = await make_immich(version=version)
    account = await add_account(immich)
    await let_pass(hass, still_clock, seconds=1)
    heard = Heard(hass, account)
    (photo,) = added(immich, "new.jpg")
    await look(hass, still_clock)

    (told,) = heard.of("asset_added")
    assert set(told) == {ATTR_EVENT_TYPE, *ALWAYS, "ids", "asset", "uploader"}
    assert (told["count"], told["missed"], told["ids"]) == (1, False, [photo.id])
    assert told["uploader"] == "Admin"
    asset = told["asset"]
    assert (asset["id"], asset["filename"], asset["type"]) == (photo.id, "new.jpg", "image")
    assert datetime.fromisoformat(asset["taken_at"]) == TAKEN
    assert asset["media_content_id"] == f"media-source://immich_plus/{account.unique_id}/asset/{photo.id}"
    assert asset["url"] == f"{immich.url}/photos/{photo.id}"
    moment = datetime.fromisoformat(shown(hass, account).state)
    assert abs((moment - datetime.now(UTC)).total_seconds()) < 2


async def test_photos_that_come_together_are_one_event(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, listened: Heard
) -> None:
    """It says how many and which; there is no single one to tell everything about."""
    photos = added(immich, "a.jpg", "b.jpg", "c.jpg")
    await look(hass, still_clock)

    (told,) = listened.of("asset_added")
    assert set(told) == {ATTR_EVENT_TYPE, *ALWAYS, "ids"}
    assert told["count"] == 3
    assert set(told["ids"]) == {photo.id for photo in photos}


async def test_large_burst_names_the_first_hundred(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, listened: Heard
) -> None:
    """Nothing of it is lost: the events' numbers add up."""
    added(immich, *(f"{number}.jpg" for number in range(620)))
    await look(hass, still_clock)

    told = listened.of("asset_added")
    assert sum(event["count"] for event in told) == 620
    assert len(told) <= 4
    assert all(len(event["ids"]) == min(event["count"], MOST_IDS) for event in told)
    ids = [each for event in told for each in event["ids"]]
    assert len(set(ids)) == len(ids)


async def test_what_becomes_of_photos(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, listened: Heard
) -> None:
    """Changed, trashed and brought back again, without anything being announced."""
    photo = immich.state.assets[tiny("memory.jpg")]
    immich.state.update_asset(photo, is_favorite=True)
    await look(hass, still_clock)
    immich.state.update_asset(photo, trashed_at=immich.state.now())
    await look(hass, still_clock)
    immich.state.update_asset(photo, trashed_at=None)
    await look(hass, still_clock)

    assert listened.kinds == ["asset_updated", "asset_trashed", "asset_restored"]
    updated, trashed, restored = listened.events
    assert (updated["asset"]["filename"], updated["asset"]["favorite"]) == ("memory.jpg", True)
    assert trashed["ids"] == [photo.id]
    assert restored["asset"]["id"] == photo.id


async def test_albums(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, listened: Heard
) -> None:
    """Made, renamed and deleted; of one that is gone, id and name are known."""
    album = immich.state.add_album(immich.state.users[tiny("admin")], "Summer", id=stable_id("summer"))
    await look(hass, still_clock)
    album.name, album.updated_at = "Winter", immich.state.now()
    await look(hass, still_clock)
    immich.state.remove_album(album.id)
    await look(hass, still_clock)

    assert listened.kinds == ["album_created", "album_updated", "album_deleted"]
    created, updated, deleted = listened.events
    assert set(created) == {ATTR_EVENT_TYPE, *ALWAYS, "album"}
    assert (created["album"]["id"], created["album"]["name"], created["album"]["asset_count"]) == (
        album.id,
        "Summer",
        0,
    )
    assert (updated["album"]["name"], updated["renamed_from"]) == ("Winter", "Summer")
    assert deleted["album"] == {"id": album.id, "name": "Winter"}


async def test_album_that_is_shared_no_longer(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, listened: Heard
) -> None:
    """For this account it is gone."""
    del immich.state.albums[tiny("theirs")].members[tiny("admin")]
    await look(hass, still_clock)

    (told,) = listened.of("album_deleted")
    assert told["album"] == {"id": tiny("theirs"), "name": "From the user"}


async def test_chosen_people(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Those whom the options name are told of, with the photo they were recognised in."""
    alice = tiny("person Alice")
    account = await add_account(immich, options={CONF_WATCHED_PEOPLE: [alice]})
    await let_pass(hass, still_clock, seconds=1)
    heard = Heard(hass, account)
    (photo,) = added(immich, "new.jpg")
    await look(hass, still_clock)
    immich.state.add_face(photo, immich.state.people[alice], (1, 1, 4, 4))
    immich.state.add_face(photo, immich.state.people[tiny("person ")], (1, 1, 4, 4))
    await look(hass, still_clock)

    (told,) = heard.of("person_recognized")
    assert told["person"] == {"id": alice, "name": "Alice"}
    assert (told["count"], told["ids"], told["asset"]["filename"]) == (1, [photo.id], "new.jpg")
    assert told["uploader"] == "Admin"


@pytest.mark.parametrize(
    ("shares", "uploader"), [(True, "User"), (False, "Guest")], ids=["in an album of ours", "in none"]
)
async def test_partners_photo_names_its_owner(
    hass: HomeAssistant,
    still_clock: FrozenDateTimeFactory,
    immich: FakeImmich,
    listened: Heard,
    shares: bool,
    uploader: str,
) -> None:
    """The name is known from an album, or from the list of users."""
    immich.state.partners.append(
        Partner(shared_by_id=tiny("guest"), shared_with_id=tiny("admin"), in_timeline=True)
    )
    immich.state.partners.append(
        Partner(shared_by_id=tiny("user"), shared_with_id=tiny("admin"), in_timeline=True)
    )
    (photo,) = added(immich, "theirs.jpg", owner="user" if shares else "guest")
    await look(hass, still_clock)

    (told,) = listened.of("asset_added")
    assert (told["asset"]["id"], told["uploader"]) == (photo.id, uploader)


async def test_other_accounts_news_are_theirs(
    hass: HomeAssistant,
    still_clock: FrozenDateTimeFactory,
    immich: FakeImmich,
    add_account: AddAccount,
    listened: Heard,
) -> None:
    other = await add_account(immich, key="user-key")
    await let_pass(hass, still_clock, seconds=1)
    theirs = Heard(hass, other)
    added(immich, "theirs.jpg", owner="user")
    await look(hass, still_clock)

    assert theirs.kinds == ["asset_added"]
    assert listened.kinds == []


async def test_what_only_triggers_and_albums_tell_is_left_to_them(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, listened: Heard
) -> None:
    """What comes into an album shows as a changed album here, and nothing else."""
    album = immich.state.albums[tiny("holiday")]
    immich.state.put_in_album(album, tiny("party.jpg"))
    album.updated_at = immich.state.now()
    await look(hass, still_clock)

    assert listened.kinds == ["album_updated"]
    assert listened.events[0]["added"] == 1


@pytest.mark.parametrize("way", ["away", "maintenance"])
async def test_what_happened_while_the_server_was_away_is_missed(
    hass: HomeAssistant,
    still_clock: FrozenDateTimeFactory,
    immich: FakeImmich,
    account: MockConfigEntry,
    listened: Heard,
    way: str,
) -> None:
    """Unavailable meanwhile; told afterwards, once, and said to be late."""
    added(immich, "before.jpg")
    await look(hass, still_clock)
    before = shown(hass, account).state
    if way == "away":
        await immich.stop()
    else:
        immich.maintenance = True
    await look(hass, still_clock)
    assert shown(hass, account).state == STATE_UNAVAILABLE
    (photo,) = added(immich, "meanwhile.jpg")
    if way == "away":
        await immich.start()
    else:
        immich.maintenance = False
    await let_pass(hass, still_clock, minutes=1)
    assert shown(hass, account).state == before
    await let_pass(hass, still_clock, seconds=1)
    added(immich, "after.jpg")
    await look(hass, still_clock)

    told = [(event["asset"]["filename"], event["missed"]) for event in listened.of("asset_added")]
    assert told == [("before.jpg", False), ("meanwhile.jpg", True), ("after.jpg", False)]
    assert listened.of("asset_added")[1]["ids"] == [photo.id]


async def test_key_that_may_not_read_photos(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, immich: FakeImmich, add_account: AddAccount
) -> None:
    """It tells of albums all the same."""
    key = immich.state.key_by_secret("read-key")
    assert key is not None
    key.permissions = [each for each in key.permissions if each != "asset.read"]
    account = await add_account(immich, key="read-key")
    await let_pass(hass, still_clock, seconds=1)
    heard = Heard(hass, account)
    added(immich, "new.jpg")
    immich.state.add_album(immich.state.users[tiny("admin")], "Summer")
    await look(hass, still_clock)

    assert heard.kinds == ["album_created"]


async def test_long_data_stays_out_of_the_database(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """Automations get it; a history of lists would only cost space."""
    info = shown(hass, account).state_info

    assert info is not None
    assert info["unrecorded_attributes"] >= {"ids", "asset"}


# -- live


@pytest.fixture(name="live")
async def live_fixture(hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount) -> MockConfigEntry:
    """Give an account to which Immich announces what happens."""
    account = await add_account(immich, live=True)
    runtime = account.runtime_data
    changed = asyncio.Event()
    ends = [
        runtime.live.async_add_listener(changed.set),
        runtime.changes.async_add_listener(changed.set),
        runtime.albums.async_add_listener(changed.set),
    ]
    async with asyncio.timeout(5):
        while not (runtime.live.is_on and runtime.changes.data and runtime.albums.data):
            changed.clear()
            await changed.wait()
    for end in ends:
        end()
    return account


async def _tell(immich: FakeImmich, photos: Sequence[Asset]) -> None:
    for photo in photos:
        announce(immich, photo)


async def test_upload_is_told_within_two_seconds(
    hass: HomeAssistant, immich: FakeImmich, live: MockConfigEntry
) -> None:
    heard = Heard(hass, live)
    photos = added(immich, "new.jpg")
    await _tell(immich, photos)

    told = await heard.wait("asset_added")
    assert told["asset"]["filename"] == "new.jpg"
    assert (told["count"], told["missed"], told["uploader"]) == (1, False, "Admin")


async def test_changes_are_told_as_they_are_announced(
    hass: HomeAssistant, immich: FakeImmich, live: MockConfigEntry
) -> None:
    heard = Heard(hass, live)
    photo, owner = tiny("rome.jpg"), tiny("admin")
    for event, kind, payload in (
        ("on_asset_trash", "asset_trashed", [photo]),
        ("on_asset_restore", "asset_restored", [photo]),
        ("on_asset_delete", "asset_deleted", photo),
    ):
        immich.state.emit(event, owner, payload)
        told = await heard.wait(kind)
        assert (told["ids"], told["count"], told["missed"]) == ([photo], 1, False)
    assert heard.kinds == ["asset_trashed", "asset_restored", "asset_deleted"]


async def test_album_is_told_when_something_comes_into_it(
    hass: HomeAssistant, immich: FakeImmich, live: MockConfigEntry
) -> None:
    heard = Heard(hass, live)
    album = immich.state.albums[tiny("holiday")]
    immich.state.put_in_album(album, tiny("party.jpg"))
    album.updated_at = immich.state.now()
    immich.state.emit("on_album_update", tiny("admin"), album.id)

    told = await heard.wait("album_updated")
    assert (told["album"]["name"], told["album"]["asset_count"]) == ("Holiday", 4)
    assert told["album"]["shared_with"] == [{"id": tiny("user"), "name": "User", "role": Role.VIEWER}]
    # An address would be there for everybody who can see Home Assistant's states.
    assert "@" not in str(told)
