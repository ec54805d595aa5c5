"""Fixtures for tests of what runs by itself."""

from tests.pace import no_pauses_fixture
from tests.passing import all_enabled_fixture, still_clock_fixture

from .news_world import make_world_fixture, world_fixture

__all__ = [
    "all_enabled_fixture",
    "make_world_fixture",
    "no_pauses_fixture",
    "still_clock_fixture",
    "world_fixture",
]
