"""What time it is on the server: what it was told last, and how long ago that is."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from tests.fake_immich.fake import FakeImmich

from .conftest import MakeClient, MakeWire
from .wire import always, answer

OURS = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _our_clock(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(OURS)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=400), timedelta(hours=-7)])
async def test_it_is_the_servers_clock_that_counts(
    immich: FakeImmich, make_client: MakeClient, freezer: FrozenDateTimeFactory, ahead: timedelta
) -> None:
    """In whole seconds, as HTTP tells no more, and never ahead of the server."""
    client = make_client(immich)
    assert client.transport.now() == OURS
    immich.state.clock.set(OURS + ahead, frozen=False)
    await client.users.me()
    then = OURS.replace(microsecond=0) + ahead
    assert client.transport.now() == then
    freezer.tick(90)
    assert client.transport.now() == then + timedelta(seconds=90)
    # Somebody set it right.
    immich.state.clock.reset()
    await client.users.me()
    assert client.transport.now() == OURS.replace(microsecond=0) + timedelta(seconds=90)


@pytest.mark.parametrize(
    "told",
    [
        "Sat, 01 Mar 2031 10:00:00 GMT",
        "Sat, 01 Mar 2031 10:00:00",
        "Sat, 01 Mar 2031 10:00:00 -0000",
        "Sat, 01 Mar 2031 12:00:00 +0200",
    ],
)
async def test_any_zone(make_client: MakeClient, make_wire: MakeWire, told: str) -> None:
    """HTTP knows one zone only, but proxies write what they like."""
    client = make_client(await make_wire(always(answer(b"{}", f"Date: {told}"))))
    await client.transport.get("server/about")
    assert client.transport.now() == datetime(2031, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        "X-Date: none",
        "Date:",
        "Date: now",
        "Date: Sat, 31 Feb 2031 10:00:00 GMT",
        "Date: Fri, 31 Dec 9999 23:59:59 GMT",
    ],
)
async def test_a_date_that_is_none(
    make_client: MakeClient, make_wire: MakeWire, freezer: FrozenDateTimeFactory, told: str
) -> None:
    client = make_client(await make_wire(always(answer(b"{}", told))))
    await client.transport.get("server/about")
    freezer.tick(2)
    assert client.transport.now() == OURS + timedelta(seconds=2)
