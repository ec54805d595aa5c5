"""When the newest asset was added, which Immich can't sort by: few requests, and soon exact."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status, replaced
from tests.fake_immich.models import Partner
from tests.fake_immich.state import State
from tests.passing import entity_id, let_pass, state_of

pytestmark = pytest.mark.usefixtures("still_clock")

OLD = datetime(1999, 12, 31, 23, tzinfo=UTC)
VERSIONS = ["1.144.1", "2.7.5", "3.1.0", "3.3.5"]
LOOKS = ("GET search/explore", "POST search/metadata")


def scan(state: State, *, owner: str = "Admin", ago: timedelta = timedelta(0), number: int = 1) -> datetime:
    """Add old pictures, a second apart, and return when the last came."""
    user = next(user for user in state.users.values() if user.name == owner)
    added = state.now() - ago
    for count in range(number):
        added = state.now() - ago + timedelta(seconds=count)
        state.add_asset(user, f"scan{count}.jpg", taken=OLD - timedelta(days=count), created_at=added)
    return added


def shown(hass: HomeAssistant, account: MockConfigEntry) -> datetime | None:
    return dt_util.parse_datetime(state_of(hass, f"{account.unique_id}_last_added").state)


def looks(immich: FakeImmich) -> int:
    return sum(immich.requests.count(each) for each in LOOKS)


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
    """All is seen at once; then only what was added since is asked for, however long nothing comes."""
    immich = await make_immich(version=version)
    scan(immich.state, ago=timedelta(hours=1))
    account = await add_account(immich)
    assert shown(hass, account) == newest(immich.state, account.unique_id)
    assert looks(immich) == 1
    for _ in range(3):
        immich.requests.clear()
        await let_pass(hass, freezer, minutes=5)
        assert shown(hass, account) == newest(immich.state, account.unique_id)
        assert looks(immich) == 1
    added = scan(immich.state)
    await let_pass(hass, freezer, minutes=5)
    assert shown(hass, account) == whole_seconds(added)


@pytest.mark.parametrize("version", VERSIONS)
async def test_old_picture_in_a_large_library(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
    version: str,
) -> None:
    """A scan from 1999 came last: 3.x tells at set-up, older ones at the next poll."""
    immich = await make_immich(version=version)
    crowd(immich.state, "Admin", datetime(2025, 6, 1, tzinfo=UTC), 400)
    added = scan(immich.state, ago=timedelta(minutes=10))
    account = await add_account(immich)
    assert looks(immich) == 1
    if version.startswith("3"):
        assert shown(hass, account) == whole_seconds(added)
    immich.requests.clear()
    await let_pass(hass, freezer, minutes=5)
    assert shown(hass, account) == whole_seconds(added)
    assert looks(immich) <= 3


async def test_many_at_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """1,500 old pictures, the oldest of them added last: never more than three requests, and exact in the end."""
    freezer.tick(600)
    added = scan(immich.state, number=1500)
    for _ in range(10):
        immich.requests.clear()
        await let_pass(hass, freezer, minutes=5)
        assert 1 <= looks(immich) <= 3
    assert shown(hass, account) == whole_seconds(added)


async def test_imported_at_one_moment(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """A library that was imported in one go doesn't come page by page at each poll."""
    freezer.tick(60)
    user = immich.state.users[account.unique_id or ""]
    moment = immich.state.now()
    for count in range(1500):
        immich.state.add_asset(user, f"{count}.jpg", taken=OLD - timedelta(days=count), created_at=moment)
    await let_pass(hass, freezer, minutes=5)
    assert shown(hass, account) == whole_seconds(moment)
    immich.requests.clear()
    await let_pass(hass, freezer, minutes=5)
    assert looks(immich) == 1


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
            user, f"theirs{count}.jpg", taken=immich.state.now() - timedelta(minutes=count)
        )
    immich.requests.clear()
    await let_pass(hass, freezer, minutes=5)
    assert shown(hass, account) == whole_seconds(own)
    assert looks(immich) == 3


async def test_trashing_the_newest(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, account: MockConfigEntry
) -> None:
    """Something was added then, whatever became of it: the sensor never goes back."""
    freezer.tick(60)
    added = scan(immich.state)
    await let_pass(hass, freezer, minutes=5)
    asset = max(immich.state.assets.values(), key=lambda asset: asset.created_at)
    immich.state.remove_asset(asset.id)
    await let_pass(hass, freezer, minutes=5)
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
    await let_pass(hass, freezer, minutes=5)
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
    account = await add_account(immich)
    assert state_of(hass, f"{account.unique_id}_last_added").state == state
    await let_pass(hass, freezer, minutes=5)
    assert shown(hass, account) == newest(immich.state, account.unique_id)


async def test_not_before_1_140(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    """Older servers don't say when an asset was added: there is no such sensor, and nothing is asked."""
    immich = await make_immich(version="1.137.3")
    account = await add_account(immich)
    assert entity_id(hass, f"{account.unique_id}_last_added") is None
    assert looks(immich) == 0
