"""The server's version, and where versions differ."""

from datetime import date

from hypothesis import given, strategies as st
import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError
from custom_components.immich_plus.api.version import FLOOR, ServerVersion


def v(text: str) -> ServerVersion:
    found = ServerVersion.from_text(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.1.0", (3, 1, 0)),
        ("v2.7.5", (2, 7, 5)),
        ("1.137.3", (1, 137, 3)),
        ("v3.4.0-rc.1", (3, 4, 0)),
        ("3.1.0+build.5", (3, 1, 0)),
    ],
)
def test_reads_what_immich_writes(text: str, expected: tuple[int, int, int]) -> None:
    version = v(text)
    assert (version.major, version.minor, version.patch) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "3.1",
        "vv3.1.0",
        "3.1.0.5",
        "3.1.x",
        " 3.1.0",
        "3.1.0 ",
        "latest",
        "1" * 5000 + ".0.0",
        "٣.١.٠",
    ],
)
def test_reads_nothing_else(text: str) -> None:
    assert ServerVersion.from_text(text) is None


@given(st.text())
def test_survives_any_text(text: str) -> None:
    assert ServerVersion.from_text(text) is None or text[0] in "v0123456789"


@given(st.tuples(*[st.integers(0, 999)] * 3), st.tuples(*[st.integers(0, 999)] * 3))
def test_versions_are_ordered_as_numbers(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    first, second = ServerVersion(*one), ServerVersion(*other)
    assert (first < second) is (one < other)
    assert ServerVersion.from_text(str(first)) == first
    assert ServerVersion.from_text(f"v{first}") == first
    assert ServerVersion.from_json(dict(zip(("major", "minor", "patch"), one, strict=True))) == first


def test_reads_the_answer_of_all_versions() -> None:
    assert str(ServerVersion.from_json({"major": 3, "minor": 1, "patch": 0, "prerelease": None})) == "3.1.0"
    assert ServerVersion.from_json({"major": 3.0, "minor": "1", "patch": 0}) == ServerVersion(3, 1, 0)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "3.1.0",
        {},
        {"major": 3, "minor": 1},
        {"major": 3, "minor": None, "patch": 0},
        {"major": True, "minor": 1, "patch": 0},
        {"major": 3.5, "minor": 1, "patch": 0},
        {"major": "three", "minor": 1, "patch": 0},
        {"version": "3.1.0"},
    ],
)
def test_refuses_what_is_no_version(value: object) -> None:
    with pytest.raises(ImmichBadAnswerError, match="server/version"):
        ServerVersion.from_json(value)


# version: too old, scopes told, version-check scope, bulk-check scope, createdAt, apart, explore has additions
TABLE = {
    "1.106.4": (True, False, "all", "all", False, True, False),
    "1.136.0": (True, False, "all", "all", False, True, False),
    "1.137.0": (False, False, "all", "all", False, True, False),
    "1.138.0": (False, False, "server.versionCheck", "all", False, True, False),
    "1.139.0": (False, True, "server.versionCheck", "all", False, True, False),
    "1.140.0": (False, True, "server.versionCheck", "all", True, True, False),
    "1.141.0": (False, True, "server.versionCheck", "asset.upload", True, True, False),
    "1.144.1": (False, True, "server.versionCheck", "asset.upload", True, True, False),
    "2.7.5": (False, True, "server.versionCheck", "asset.upload", True, True, False),
    "3.0.0": (False, True, "server.versionCheck", "asset.upload", True, False, True),
    "3.3.5": (False, True, "server.versionCheck", "asset.upload", True, False, True),
}


@pytest.mark.parametrize(("text", "expected"), TABLE.items())
def test_where_versions_differ(text: str, expected: tuple[object, ...]) -> None:
    version = v(text)
    assert (
        version.too_old,
        version.tells_scopes,
        version.version_check_scope,
        version.bulk_check_scope,
        version.tells_when_added,
        version.lists_shared_albums_apart,
        version.tells_latest_additions,
    ) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.137.3", "2026-02-28T00:00:00.000Z"),
        ("2.7.5", "2026-02-28T00:00:00.000Z"),
        ("3.0.2", "2026-02-28T00:00:00.000Z"),
        ("3.0.3", "2026-02-28"),
        ("3.3.5", "2026-02-28"),
    ],
)
def test_how_memories_want_a_day(text: str, expected: str) -> None:
    assert v(text).memory_day(date(2026, 2, 28)) == expected


def test_the_floor() -> None:
    assert str(FLOOR) == "1.137.0"
    assert FLOOR.too_old is False


@pytest.mark.parametrize(
    ("text", "add_to_link_scope", "suggests_lenses"),
    [
        ("1.137.3", "all", False),
        ("2.1.0", "all", False),
        ("2.2.0", "all", True),
        ("2.7.5", "all", True),
        ("3.0.0", "sharedLink.update", True),
        ("3.3.5", "sharedLink.update", True),
    ],
)
def test_links_and_lenses(text: str, add_to_link_scope: str, suggests_lenses: bool) -> None:
    assert (v(text).add_to_link_scope, v(text).suggests_lenses) == (add_to_link_scope, suggests_lenses)
