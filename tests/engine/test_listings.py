"""What is kept of what was just asked for, how long, and what becomes of errors and of those who go away."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from custom_components.immich_plus.listings import KEPT_SECONDS, MOST_KEPT, Listings


class Server:
    """Counts its answers, gives them when it is told to, and fails on demand."""

    def __init__(self) -> None:
        """Answer at once."""
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.fails = False

    async def __call__(self) -> int:
        """Answer with the number of the question."""
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        if self.fails:
            raise ValueError(str(number))
        return number


type Turn = Callable[[float], None]


@pytest.fixture(name="turn")
async def turn_fixture(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Give a function that turns the clock of the event loop forward."""
    loop = asyncio.get_running_loop()
    passed = 0.0
    clock = loop.time
    monkeypatch.setattr(loop, "time", lambda: clock() + passed)

    def _turn(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    return _turn


async def test_kept_for_a_minute(turn: Turn) -> None:
    """Asking again within a minute costs nothing; later the server is asked again."""
    listings, server = Listings(), Server()
    assert [await listings.get("a", server) for _ in range(3)] == [1, 1, 1]
    assert await listings.get("b", server) == 2
    turn(KEPT_SECONDS - 1)
    assert await listings.get("a", server) == 1
    turn(2)
    assert await listings.get("a", server) == 3
    # What is too old is gone, also if nobody asks for it.
    assert len(listings) == 1


async def test_asked_at_once() -> None:
    """Two who ask at the same time share one request."""
    listings, server = Listings(), Server()
    server.may_answer.clear()
    both = [asyncio.ensure_future(listings.get("a", server)) for _ in range(2)]
    await asyncio.sleep(0)
    server.may_answer.set()
    assert await asyncio.gather(*both) == [1, 1]


async def test_bounded() -> None:
    """The least used answers go first."""
    listings, server = Listings(), Server()
    for number in range(MOST_KEPT):
        await listings.get(number, server)
    assert await listings.get(0, server) == 1
    await listings.get("one more", server)
    assert len(listings) == MOST_KEPT
    assert await listings.get(0, server) == 1
    assert await listings.get(1, server) == MOST_KEPT + 2


async def test_cleared() -> None:
    """After a change everything is asked for again; what is on its way still arrives, but isn't kept."""
    listings, server = Listings(), Server()
    server.may_answer.clear()
    waiting = asyncio.ensure_future(listings.get("a", server))
    await asyncio.sleep(0)
    listings.clear()
    server.may_answer.set()
    assert await waiting == 1
    assert len(listings) == 0
    assert await listings.get("a", server) == 2


async def test_errors_are_not_kept() -> None:
    """All who wait get the error, the next one asks again."""
    listings, server = Listings(), Server()
    server.fails = True
    both = await asyncio.gather(*(listings.get("a", server) for _ in range(2)), return_exceptions=True)
    assert [str(error) for error in both] == ["1", "1"]
    server.fails = False
    assert await listings.get("a", server) == 2


async def test_who_goes_away_takes_nothing_along() -> None:
    """One of two leaves: the other one gets the answer, which is kept."""
    listings, server = Listings(), Server()
    server.may_answer.clear()
    leaving, staying = (asyncio.ensure_future(listings.get("a", server)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    server.may_answer.set()
    assert await staying == 1
    assert leaving.cancelled()
    assert await listings.get("a", server) == 1


@pytest.mark.parametrize("clear", [False, True])
async def test_an_error_that_nobody_waits_for(caplog: pytest.LogCaptureFixture, clear: bool) -> None:
    """Everybody left, then it fails: no complaint in the log, and the next one asks again."""
    listings, server = Listings(), Server()
    server.may_answer.clear()
    leaving = asyncio.ensure_future(listings.get("a", server))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    if clear:
        listings.clear()
    server.fails = True
    server.may_answer.set()
    await asyncio.sleep(0.01)
    assert len(listings) == 0
    server.fails = False
    assert await listings.get("a", server) == 2
    assert caplog.records == []


async def test_a_load_that_is_cancelled_from_within() -> None:
    """What the event loop's end takes down isn't kept either."""

    async def _gone() -> int:
        raise asyncio.CancelledError

    listings, server = Listings(), Server()
    with pytest.raises(asyncio.CancelledError):
        await listings.get("a", _gone)
    await asyncio.sleep(0)
    assert await listings.get("a", server) == 1


async def test_a_late_error_leaves_a_newer_answer_alone() -> None:
    """An error of before a change doesn't take the answer of after it."""
    listings = Listings()
    late, fresh = Server(), Server()
    late.may_answer.clear()
    late.fails = True
    waiting: Awaitable[int] = asyncio.ensure_future(listings.get("a", late))
    await asyncio.sleep(0)
    listings.clear()
    assert await listings.get("a", fresh) == 1
    late.may_answer.set()
    with pytest.raises(ValueError, match="1"):
        await waiting
    assert await listings.get("a", fresh) == 1
