"""When the newest asset was added, which Immich can't sort by: few requests, and soon exact."""

from datetime import UTC, datetime, timedelta
from typing import override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.answers import Answer, AnyAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Call, Fault, Proceed, Status, replaced
from tests.fake_immich.models import Partner
from tests.fake_immich.state import State
from tests.fake_immich.tiny import THUMBHASH
from tests.passing import entity_id, let_pass, settle, state_of

pytestmark = pytest.mark.usefixtures("still_clock")

OLD = datetime(1999, 12, 31, 23, tzinfo=UTC)
VERSIONS = ["1.144.1", "2.7.5", "3.1.0", "3.3.5"]


def scan(state: State, *, owner: str = "Admin", ago: timedelta = timedelta(0), number: int = 1) -> datetime:
    """Add old pictures, a second apart, and return when the last came."""
    user = next(user for user in state.users.values() if user.name == owner)
    added = state.now() - ago
    for count in range(number):
        added = state.now() - ago + timedelta(seconds=count)
        state.add_asset(
            user,
            f"scan{count}.jpg",
            taken=OLD - timedelta(days=count),
            created_at=added,
            updated_at=added,
            thumbhash=THUMBHASH,
        )
    return added


def shown(hass: HomeAssistant, account: MockConfigEntry) -> datetime | None:
    return dt_util.parse_datetime(state_of(hass, f"{account.unique_id}_last_added").state)


def looks(immich: FakeImmich) -> int:
    """Count what is asked for this sensor alone: looks for changes come anyway, and search the trash as well."""
    searches = [each.json or {} for each in immich.requests.matching("POST search/metadata")]
    return immich.requests.count("GET search/explore") + sum("withDeleted" not in each for each in searches)


class NoChanges(Fault):
    """Fails searches for changes, and no others."""

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        answer = await proceed()
        return Answer(status=500, body={"message": "No"}) if "withDeleted" in call.entry.json else answer


async def poll(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let everything be read that is read every five minutes, and what was found be told."""
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, seconds=1)


def whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def newest(state: State, owner_id: str | None) -> datetime:
    return max(
        whole_seconds(asset.created_at) for asset in state.assets.values() if asset.owner_id == owner_id
    )


def crowd(state: State, owner: str, taken_from: datetime, number: int) -> None:
    """Add pictures that were taken after all others and came long ago."""
    user = next(user for user in state.users.values() if user.name == owner)
    for count in range(number):
        taken = taken_from + timedelta(minutes=count)
        state.add_asset(user, f"crowd{count}.jpg", taken=taken, created_at=OLD)


@pytest.mark.parametrize("version", VERSIONS)
async def test_small_library(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    version: str,
) -> None:
    """All is seen at once; from then on looks for changes tell, and nothing more is asked."""
    immich = await make_immich(version=version)
    scan(immich.state, ago=timedelta(hours=1))
    account = await add_account(immich)
    assert shown(hass, account) == newest(immich.state, account.unique_id)
    assert looks(immich) == 1
    for _ in range(3):
        immich.requests.clear()
        await poll(hass, freezer)
        assert shown(hass, account) == newest(immich.state, account.unique_id)
        assert looks(immich) == 0
    added = scan(immich.state)
    await poll(hass, freezer)
    assert shown(hass, account) == whole_seconds(added)


@pytest.mark.parametrize("version", VERSIONS)
async def test_old_picture_in_a_large_library(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    version: str,
) -> None:
    """A scan from 1999 came last: 3.x tells at set-up, older ones when the library is counted again."""
    immich = await make_immich(version=version)
    crowd(immich.state, "Admin", datetime(2025, 6, 1, tzinfo=UTC), 400)
    added = scan(immich.state, ago=timedelta(minutes=10))
    account = await add_account(immich)
    if version.startswith("3"):
        assert looks(immich) == 1
        assert shown(hass, account) == whole_seconds(added)
    immich.requests.clear()
    await poll(hass, freezer)
    assert shown(hass, account) == whole_seconds(added)
    assert looks(immich) <= 3
    # Now it is exact.
    immich.requests.clear()
    await poll(hass, freezer)
    assert looks(immich) == 0


async def test_many_at_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """1,500 old pictures, the oldest of them added last: what finds the changes finds it, and nobody else looks."""
    freezer.tick(1600)
    added = scan(immich.state, ago=timedelta(seconds=1550), number=1500)
    immich.requests.clear()
    await poll(hass, freezer)
    assert shown(hass, account) == whole_seconds(added)
    assert looks(immich) == 0


async def test_many_at_once_while_nobody_looks(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """As changes can't be read, the sensor asks itself: never more than three requests, and exact in the end."""
    immich.faults.add("POST search/metadata", NoChanges())
    freezer.tick(1600)
    added = scan(immich.state, ago=timedelta(seconds=1550), number=1500)
    await poll(hass, freezer)
    for _ in range(10):
        immich.requests.clear()
        await poll(hass, freezer)
        assert 1 <= looks(immich) <= 3
    assert shown(hass, account) == whole_seconds(added)
    # Both go on where they were.
    immich.faults.clear()
    await poll(hass, freezer)
    immich.requests.clear()
    await poll(hass, freezer)
    assert looks(immich) == 0
    assert shown(hass, account) == whole_seconds(added)


async def test_imported_at_one_moment(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """A library that was imported in one go is seen in one go."""
    freezer.tick(60)
    user = immich.state.users[account.unique_id or ""]
    moment = immich.state.now()
    for count in range(1500):
        taken = OLD - timedelta(days=count)
        immich.state.add_asset(user, f"{count}.jpg", taken=taken, created_at=moment, thumbhash=THUMBHASH)
    await poll(hass, freezer)
    assert shown(hass, account) == whole_seconds(moment)
    immich.requests.clear()
    await poll(hass, freezer)
    assert looks(immich) == 0


@pytest.mark.parametrize("version", VERSIONS)
async def test_partners_pictures_do_not_count(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    version: str,
) -> None:
    """They show in the timeline and in searches; 600 of them don't hide one's own."""
    immich = await make_immich(version=version)
    account = await add_account(immich)
    users = {user.name: user.id for user in immich.state.users.values()}
    immich.state.partners.append(
        Partner(shared_by_id=users["User"], shared_with_id=users["Admin"], in_timeline=True)
    )
    freezer.tick(60)
    own = scan(immich.state)
    freezer.tick(60)
    user = immich.state.users[users["User"]]
    for count in range(600):
        immich.state.add_asset(
            user,
            f"theirs{count}.jpg",
            taken=immich.state.now() - timedelta(minutes=count),
            thumbhash=THUMBHASH,
        )
    immich.requests.clear()
    await poll(hass, freezer)
    assert shown(hass, account) == whole_seconds(own)


@pytest.mark.parametrize("version", VERSIONS)
async def test_partners_pictures_do_not_count_at_set_up(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    version: str,
) -> None:
    """They may be all that came lately."""
    immich = await make_immich(version=version)
    users = {user.name: user.id for user in immich.state.users.values()}
    immich.state.partners.append(
        Partner(shared_by_id=users["User"], shared_with_id=users["Admin"], in_timeline=True)
    )
    own = scan(immich.state, ago=timedelta(hours=1))
    scan(immich.state, owner="User", ago=timedelta(minutes=30), number=600)
    account = await add_account(immich)
    for _ in range(2):
        await poll(hass, freezer)
    assert shown(hass, account) == whole_seconds(own)


async def test_trashing_the_newest(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Something was added then, whatever became of it: the sensor never goes back."""
    freezer.tick(60)
    added = scan(immich.state)
    await poll(hass, freezer)
    asset = max(immich.state.assets.values(), key=lambda asset: asset.created_at)
    immich.state.remove_asset(asset.id)
    await poll(hass, freezer)
    assert shown(hass, account) == whole_seconds(added)


async def test_empty_library(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    add_account: AddAccount,
) -> None:
    account = await add_account(immich, key="guest-key")
    assert state_of(hass, f"{account.unique_id}_last_added").state == STATE_UNKNOWN
    added = scan(immich.state, owner="Guest")
    await poll(hass, freezer)
    assert shown(hass, account) == whole_seconds(added)


@pytest.mark.parametrize(
    ("fault", "state"),
    [(Status(500, "No"), STATE_UNAVAILABLE), (replaced([]), STATE_UNKNOWN), (replaced([7]), STATE_UNKNOWN)],
    ids=["fails", "no groups", "odd groups"],
)
async def test_first_look_fails(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    fault: Status,
    state: str,
) -> None:
    """What Immich shows under "Explore" is a short cut only."""
    immich = await make_immich()
    immich.faults.add("GET search/explore", fault)
    account = await add_account(immich, set_up=False)
    assert await hass.config_entries.async_setup(account.entry_id)
    await settle(hass)
    assert state_of(hass, f"{account.unique_id}_last_added").state == state
    await poll(hass, freezer)
    assert shown(hass, account) == newest(immich.state, account.unique_id)


async def test_not_before_1_140(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    """Older servers don't say when an asset was added: there is no such sensor, and nothing is asked."""
    immich = await make_immich(version="1.137.3")
    account = await add_account(immich)
    freezer.tick(60)
    scan(immich.state)
    await poll(hass, freezer)
    assert account.runtime_data.library.data.last_added is None
    assert entity_id(hass, f"{account.unique_id}_last_added") is None
    assert looks(immich) == 0
