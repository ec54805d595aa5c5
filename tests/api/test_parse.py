"""Reading JSON from a server that may leave out, null, rename or mistype anything."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
import math
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.immich_plus.api import parse
from custom_components.immich_plus.api.albums import Album, AlbumStatistics
from custom_components.immich_plus.api.assets import Asset, AssetCounts
from custom_components.immich_plus.api.errors import ImmichBadAnswerError
from custom_components.immich_plus.api.ids import as_id, need_id
from custom_components.immich_plus.api.parse import (
    Json,
    boolean,
    day,
    integer,
    many_rows,
    moment,
    need_dict,
    need_integer,
    need_list,
    need_text,
    number,
    rows,
    text,
)
from custom_components.immich_plus.api.server import (
    MediaTypes,
    ServerStatistics,
    Storage,
    UserUsage,
    VersionCheck,
)
from custom_components.immich_plus.api.tags import Tag
from custom_components.immich_plus.api.users import Account
from custom_components.immich_plus.api.version import ServerVersion

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["1:02:03", "0:00:nan", "inf:0:0", "2024-02-30T00:00:00Z", "9999-12-31T23:59:59-01:00", "9" * 30]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "missing or null"),
        (True, "a truth value"),
        (1, "a number"),
        (1.5, "a number"),
        ("x", "a text"),
        ([], "a list"),
        ({}, "an object"),
    ],
)
def test_a_wrong_type_is_named(value: object, kind: str) -> None:
    if not isinstance(value, dict):
        with pytest.raises(ImmichBadAnswerError, match=f"^albums: expected an object, got {kind}$"):
            need_dict(value, "albums")
    if not isinstance(value, list):
        with pytest.raises(ImmichBadAnswerError, match=f"^albums: expected a list, got {kind}$"):
            need_list(value, "albums")
    if not isinstance(value, str):
        with pytest.raises(ImmichBadAnswerError, match=f"^albums: field id should be a text, is {kind}$"):
            need_text({"id": value}, "id", "albums")
    if not isinstance(value, int | float) or isinstance(value, bool):
        with pytest.raises(ImmichBadAnswerError, match=f"^albums: field n should be a number, is {kind}$"):
            need_integer({"n": value}, "n", "albums")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ImmichBadAnswerError, match="albums: field id should be a text, is missing or null"):
        need_text({}, "id", "albums")
    with pytest.raises(ImmichBadAnswerError, match="albums: field id should be a text, is a text"):
        need_text({"id": ""}, "id", "albums")
    with pytest.raises(ImmichBadAnswerError, match="field n should be a number"):
        need_integer({}, "n", "albums")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        (5.0, 5),
        (5.5, None),
        (1e300, None),
        (2**63 - 1, 2**63 - 1),
        (2**63, None),
        (math.inf, None),
        ("2", 2),
        ("-3", -3),
        ("--3", None),
        ("-", None),
        ("", None),
        ("2.0", None),
        ("²", None),
        ("٣", None),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("9" * 20, None),
        ("9" * 5000, None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_integers(value: object, expected: int | None) -> None:
    assert integer({"n": value}, "n") == expected
    assert integer({}, "n") is None


def test_other_optional_fields() -> None:
    data: Json = {"t": "x", "n": 1.5, "i": 2, "b": True, "f": False, "none": None}
    assert text(data, "t") == "x"
    assert text(data, "n") is None
    assert number(data, "n") == 1.5
    assert number(data, "i") == 2.0
    assert number(data, "b") is None
    assert number(data, "t") is None
    assert boolean(data, "b") is True
    assert boolean(data, "f") is False
    assert boolean(data, "i") is None
    assert boolean(data, "none") is None
    assert text(data, "missing") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-06T10:00:00.000Z", datetime(2024, 5, 6, 10, tzinfo=UTC)),
        ("2024-05-06T10:00:00+00:00", datetime(2024, 5, 6, 10, tzinfo=UTC)),
        ("2024-05-06T10:00:30.812317+00:00", datetime(2024, 5, 6, 10, 0, 30, 812317, tzinfo=UTC)),
        ("2024-05-06T12:00:00+02:00", datetime(2024, 5, 6, 10, tzinfo=UTC)),
        ("2024-05-06T10:00:00", datetime(2024, 5, 6, 10, tzinfo=UTC)),
        ("2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
        ("9999-12-31T23:59:59-01:00", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("2024-02-30T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (1714989600, None),
        (None, None),
    ],
)
def test_moments(value: object, expected: datetime | None) -> None:
    assert moment({"at": value}, "at") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-06", date(2024, 5, 6)),
        ("2024-05-06T23:00:00.000Z", date(2024, 5, 6)),
        ("06.05.2024", None),
        (None, None),
        (5, None),
    ],
)
def test_days(value: object, expected: date | None) -> None:
    assert day({"on": value}, "on") == expected


def read_id(row: Json) -> str:
    return need_text(row, "id", "rows")


ODD = [None, 7, "x", [], {}, {"id": None}, {"id": 5}, {"id": ""}]


async def test_one_odd_row_never_takes_a_list_down() -> None:
    listed = [*ODD, {"id": "a"}, *ODD, {"id": "b", "new": [1]}]
    assert rows(listed, read_id, "rows") == ["a", "b"]
    assert await many_rows(listed, read_id, "rows") == ["a", "b"]
    for wrong in (None, {}, "x"):
        with pytest.raises(ImmichBadAnswerError, match="rows: expected a list"):
            rows(wrong, read_id, "rows")
        with pytest.raises(ImmichBadAnswerError, match="rows: expected a list"):
            await many_rows(wrong, read_id, "rows")


async def test_long_lists_give_the_event_loop_its_turn() -> None:
    turns = 0

    async def _count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(_count())
    await many_rows([{"id": "a"}] * 1000, read_id, "rows")
    counting.cancel()
    assert turns >= 1000 // parse._ROWS_PER_TURN


READERS: list[Callable[[Any], object]] = [
    Album.from_json,
    AlbumStatistics.from_json,
    Asset.from_json,
    AssetCounts.from_json,
    Storage.from_json,
    UserUsage.from_json,
    ServerStatistics.from_json,
    VersionCheck.from_json,
    MediaTypes.from_json,
    Tag.from_json,
    Account.from_json,
    ServerVersion.from_json,
]
FIELDS = st.sampled_from(
    [
        "id",
        "albumName",
        "albumUsers",
        "ownerId",
        "assetCount",
        "shared",
        "owned",
        "notShared",
        "images",
        "videos",
        "type",
        "duration",
        "exifInfo",
        "tags",
        "createdAt",
        "fileCreatedAt",
        "width",
        "height",
        "visibility",
        "isTrashed",
        "diskSizeRaw",
        "diskUseRaw",
        "diskAvailableRaw",
        "userId",
        "photos",
        "usage",
        "usageByUser",
        "quotaSizeInBytes",
        "releaseVersion",
        "checkedAt",
        "image",
        "video",
        "sidecar",
        "value",
        "name",
        "isAdmin",
        "major",
        "minor",
        "patch",
    ]
)


def complaint(read: Callable[[Any], object], value: object) -> str | None:
    """Return what reading complains about; other errors come out."""
    try:
        read(value)
    except ImmichBadAnswerError as error:
        return str(error)
    return None


@given(st.dictionaries(FIELDS, JSON, max_size=12))
def test_any_object_is_read_or_named(data: Json) -> None:
    # As it would come over the line.
    data = orjson.loads(orjson.dumps(data))
    for read in READERS:
        assert (said := complaint(read, data)) is None or ":" in said


@given(JSON)
def test_any_answer_is_read_or_named(value: object) -> None:
    for read in READERS[1:2] + READERS[3:5] + READERS[6:9] + READERS[10:]:
        assert complaint(read, value) != ""


@given(
    st.text(max_size=60)
    | st.uuids(version=4).map(str)
    | st.uuids().map(lambda found: f" {str(found).upper()}\n")
)
def test_only_uuids_are_ids(value: str) -> None:
    found = as_id(value)
    if found is None:
        with pytest.raises(Exception, match="not an Immich id"):
            need_id(value)
        return
    assert found == need_id(value)
    assert len(found) == 36
    assert set(found) <= set("0123456789abcdef-")
    assert found == value.strip().lower()


@pytest.mark.parametrize(
    "value",
    [
        "0b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8b/../../admin",
        "0b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8b?key=x",
        "0b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8b\n/x",
        "x0b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8b",
        "0b5e2c1e7f0a4d4e9f0b3c2d1e0f9a8b",
        "{0b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8b}",
        "0b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8\u00df",
        "\uff10b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8b",
        "",
    ],
)
def test_nearly_an_id_is_none(value: str) -> None:
    assert as_id(value) is None
