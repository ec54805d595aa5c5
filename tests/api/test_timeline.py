"""Months with counts, and a month's assets, which come as columns."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from custom_components.immich_plus.api.asset import Asset, Visibility
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichNotFoundError,
    ImmichPermissionError,
)
from custom_components.immich_plus.api.timeline import Month, TimelineFilter
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import replaced
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Partner

from .conftest import MakeClient

PLAIN = TimelineFilter()


def asset(name: str) -> str:
    """Return the id of an asset of the tiny library."""
    return stable_id(f"tiny {name}")


async def test_months_of_the_timeline(each: FakeImmich, make_client: MakeClient) -> None:
    """Counts by month, the latest first; archived, hidden and trashed ones don't count."""
    each.state.remove_asset(asset("memory.jpg"))
    months = await make_client(each).timeline.months(PLAIN)
    firsts = [(2025, 2), (2024, 3), (2024, 1), (2023, 5), (2022, 8), (2022, 4)]
    assert months == [Month(first=date(*first, 1), count=1) for first in firsts]
    assert each.requests.entries[0].query == {"visibility": "timeline"}


@pytest.mark.parametrize(
    ("which", "query", "names"),
    [
        (TimelineFilter(favorite=True), {"isFavorite": "true", "visibility": "timeline"}, {"rome", "party"}),
        (TimelineFilter(visibility=Visibility.ARCHIVE), {"visibility": "archive"}, {"archived"}),
        (
            TimelineFilter(album_id=stable_id("tiny holiday"), visibility=None),
            {"albumId": stable_id("tiny holiday")},
            {"vienna", "rome", "paris"},
        ),
        (
            TimelineFilter(person_id=stable_id("tiny person Alice")),
            {"personId": stable_id("tiny person Alice"), "visibility": "timeline"},
            {"vienna", "rome"},
        ),
        (
            TimelineFilter(tag_id=stable_id("tiny tag trips")),
            {"tagId": stable_id("tiny tag trips"), "visibility": "timeline"},
            {"vienna", "rome"},
        ),
    ],
)
async def test_filters(
    each: FakeImmich, make_client: MakeClient, which: TimelineFilter, query: dict[str, str], names: set[str]
) -> None:
    """Each filter finds the same by months and in months."""
    line = make_client(each).timeline
    months = await line.months(which)
    assert each.requests.entries[0].query == query
    found = [one for month in months for one in await line.month(which, month.first)]
    assert {one.id for one in found} == {asset(f"{name}.jpg") for name in names}
    assert sum(month.count for month in months) == len(found)
    bucket = each.requests.matching("GET timeline/bucket")[0].query
    assert bucket == query | {"timeBucket": months[0].first.isoformat()}


async def test_partners(each: FakeImmich, make_client: MakeClient) -> None:
    """Partners' photos come where they are asked for."""
    me, partner = stable_id("tiny admin"), stable_id("tiny user")
    each.state.partners.append(Partner(shared_by_id=partner, shared_with_id=me, in_timeline=True))
    line = make_client(each).timeline
    month = Month(first=date(2023, 9, 1), count=2)
    assert month in await line.months(TimelineFilter(with_partners=True))
    assert each.requests.entries[0].query == {"visibility": "timeline", "withPartners": "true"}
    assert month not in await line.months(PLAIN)
    found = await line.month(TimelineFilter(with_partners=True), month.first)
    assert {one.owner_id for one in found} == {partner}


async def test_assets_of_a_month(each: FakeImmich, make_client: MakeClient) -> None:
    """What columns tell is there, in each dialect; names and details aren't."""
    client = make_client(each)
    (film,) = await client.timeline.month(PLAIN, date(2024, 3, 1))
    assert film == Asset(
        id=asset("film.mp4"),
        type="VIDEO",
        filename="",
        mime_type=None,
        owner_id=stable_id("tiny admin"),
        taken_at=datetime(2024, 3, 3, 12, tzinfo=UTC),
        added_at=datetime(2024, 3, 4, 12, tzinfo=UTC) if each.dialect.strict else None,
        updated_at=None,
        favorite=False,
        visibility="timeline",
        trashed=False,
        duration=3.0,
        width=None,
        height=None,
        live_photo_video_id=None,
        checksum=None,
        processed=True,
        exif=None,
        people=(),
        tags=(),
    )
    (live,) = await client.timeline.month(PLAIN, date(2025, 2, 1))
    assert (live.type, live.duration, live.live_photo_video_id) == ("IMAGE", None, asset("live.mov"))
    assert await client.timeline.month(PLAIN, date(2019, 2, 1)) == []


async def test_vanished_albums_and_scopes(each: FakeImmich, make_client: MakeClient) -> None:
    """An album that is gone is said to be gone, a missing scope is named."""
    with pytest.raises(ImmichNotFoundError):
        await make_client(each).timeline.months(TimelineFilter(album_id=asset("vienna.jpg"), visibility=None))
    with pytest.raises(ImmichPermissionError) as caught:
        await make_client(each, "album-key").timeline.months(PLAIN)
    assert caught.value.scope == "asset.read"


async def test_odd_months(immich: FakeImmich, make_client: MakeClient) -> None:
    """Rows without a month are left out, whatever their order; one without a number has photos all the same."""
    rows = [
        {"timeBucket": "2020-01-01", "count": "7"},
        {"timeBucket": "2021-02-01T00:00:00.000Z", "count": 3},
        {"timeBucket": "spring", "count": 3},
        {"count": 3},
        {"timeBucket": "2022-01-01", "count": None},
        5,
    ]
    immich.faults.add("GET timeline/buckets", replaced(rows))
    assert await make_client(immich).timeline.months(PLAIN) == [
        Month(first=date(2022, 1, 1), count=0),
        Month(first=date(2021, 2, 1), count=3),
        Month(first=date(2020, 1, 1), count=7),
    ]
    immich.faults.clear()
    immich.faults.add("GET timeline/buckets", replaced({}))
    with pytest.raises(ImmichBadAnswerError, match="timeline/buckets: expected a list"):
        await make_client(immich).timeline.months(PLAIN)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        # A column of another length, or none, tells nothing.
        ({"id": ["a", "b"], "isImage": [False], "ownerId": "x"}, [("a", "IMAGE"), ("b", "IMAGE")]),
        ({"id": ["a", None, 5, "d"], "isImage": [False, True, True, None]}, [("a", "VIDEO"), ("d", "IMAGE")]),
        ({"id": []}, []),
    ],
)
async def test_odd_columns(
    immich: FakeImmich, make_client: MakeClient, columns: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """What columns don't tell is not known; assets without an id are left out."""
    immich.faults.add("GET timeline/bucket", replaced(columns))
    found = await make_client(immich).timeline.month(PLAIN, date(2020, 1, 1))
    assert [(one.id, one.type) for one in found] == expected


@pytest.mark.parametrize("answer", [{}, {"id": "x"}, []])
async def test_no_columns(immich: FakeImmich, make_client: MakeClient, answer: object) -> None:
    """Without ids there is nothing to read."""
    immich.faults.add("GET timeline/bucket", replaced(answer))
    with pytest.raises(ImmichBadAnswerError, match="timeline/bucket: expected"):
        await make_client(immich).timeline.month(PLAIN, date(2020, 1, 1))
