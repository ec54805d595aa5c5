"""Whose photo is new: the account's own user's, or a partner's, by name."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.models import Partner, User
from tests.passing import let_pass, state_of

from .connecting import ADMIN_ID, USER_ID

pytestmark = pytest.mark.usefixtures("still_clock")


async def added_by(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, immich: FakeImmich, owner: User
) -> str | None:
    """Add a photo and return the name that the event gives."""
    immich.state.add_asset(owner, "new.jpg", taken=immich.state.now(), thumbhash="x")
    await let_pass(hass, freezer, minutes=5)
    await let_pass(hass, freezer, seconds=1)
    name: str | None = state_of(hass, f"{ADMIN_ID}_library", "event").attributes["uploader"]
    return name


@pytest.fixture(name="guest")
def guest_fixture(immich: FakeImmich) -> User:
    """Give a partner who shares no album with the account."""
    guest = next(user for user in immich.state.users.values() if user.name == "Guest")
    immich.state.partners.append(Partner(shared_by_id=guest.id, shared_with_id=ADMIN_ID, in_timeline=True))
    return guest


async def test_names(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    guest: User,
    account: MockConfigEntry,
) -> None:
    """One's own name, and the partner's; users are listed once for all that come from partners."""
    assert await added_by(hass, freezer, immich, immich.state.users[ADMIN_ID]) == "Admin"
    assert immich.requests.count("GET users") == 0
    assert await added_by(hass, freezer, immich, guest) == "Guest"
    assert await added_by(hass, freezer, immich, guest) == "Guest"
    assert immich.requests.count("GET users") == 1


async def test_nobody_says(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    immich: FakeImmich,
    guest: User,
    account: MockConfigEntry,
) -> None:
    """Where users can't be listed the photo is told all the same, by nobody; later it is asked again."""
    immich.faults.add("GET users", Status(500))
    assert await added_by(hass, freezer, immich, guest) is None
    immich.faults.clear()
    assert await added_by(hass, freezer, immich, guest) == "Guest"
    assert USER_ID in account.runtime_data.changes.user_names
