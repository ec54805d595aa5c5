"""Fixtures for tests of what runs by itself."""

from tests.pace import no_pauses_fixture
from tests.passing import all_enabled_fixture, still_clock_fixture

__all__ = ["all_enabled_fixture", "no_pauses_fixture", "still_clock_fixture"]
