"""Fixtures for the tests of the fake server."""

from collections.abc import AsyncGenerator

from aiohttp import ClientSession
import pytest

from tests.fake_immich import FakeImmich

#: Lines for the end of the run: how many recorded exchanges were compared.
REPORT = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the replay of recorded exchanges compared and skipped."""
    for line in terminalreporter.config.stash.get(REPORT, []):
        terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def allow_sockets(socket_enabled: None) -> None:
    """Let these tests use the network of this machine: the fake speaks real HTTP."""


@pytest.fixture
async def immich() -> AsyncGenerator[FakeImmich]:
    """Run a fake server with an admin, a user and nothing else."""
    async with FakeImmich() as server:
        yield server


@pytest.fixture
async def session() -> AsyncGenerator[ClientSession]:
    """Open a client that sends the admin's full key."""
    async with ClientSession(headers={"x-api-key": "admin-key"}) as client:
        yield client
