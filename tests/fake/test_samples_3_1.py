"""The fake as 3.1.0 answers like the real 3.1.0: recorded exchanges are played again."""

import asyncio
from collections import Counter
from pathlib import Path

from aiohttp import ClientSession, DummyCookieJar
import pytest

from tests.fake_immich import FakeImmich
from tests.fake_immich.state import State

from . import samples
from .conftest import REPORT
from .recorder import Recorder
from .replay import Outcome, Replay
from .samples import AREAS, FOLDER
from .skips import SKIPS

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no recorded exchanges here")


async def play(folder: Path) -> list[Outcome]:
    """Play everything once."""
    recordings = samples.load()
    state = State()
    recorder = Recorder(recordings, folder)
    recorder.fill(state)
    async with (
        FakeImmich(version="3.1.0", state=state) as immich,
        ClientSession(
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept-Encoding", "Accept", "User-Agent", "Content-Type"),
        ) as session,
    ):
        return [outcome async for outcome in Replay(immich, session, recorder).run(recordings)]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> list[Outcome]:
    """Play everything once for all tests below."""
    import pytest_socket

    pytest_socket.enable_socket()
    played = asyncio.run(play(tmp_path_factory.mktemp("media")))
    request.config.stash[REPORT] = report(played)
    return played


def report(played: list[Outcome]) -> list[str]:
    """Say how many exchanges were compared and why others were not."""
    skipped = Counter(f"{each.sample.area}: {each.skipped}" for each in played if each.skipped)
    compared = sum(not each.skipped for each in played)
    lines = [f"recorded exchanges: {compared} compared, {len(played) - compared} skipped"]
    lines += [f"  {number:4} {reason}" for reason, number in sorted(skipped.items())]
    return lines


@pytest.mark.parametrize("area", AREAS)
def test_area(outcomes: list[Outcome], area: str) -> None:
    wrong = [
        f"{each.sample.key}: {problem}"
        for each in outcomes
        if each.sample.area == area
        for problem in each.problems
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("start", SKIPS)
def test_left_out(outcomes: list[Outcome], start: str) -> None:
    """Say in the summary what is not compared; reasons without a sample are out of date."""
    left_out = [each for each in outcomes if each.sample.key.startswith(start)]
    assert left_out
    pytest.skip(f"{start}: {SKIPS[start]}")


def test_nearly_everything_is_compared(outcomes: list[Outcome]) -> None:
    left_out = sum(each.skipped is not None for each in outcomes)
    assert left_out < len(outcomes) / 100
