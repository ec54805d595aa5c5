"""However large a library is: few requests, few children and few bytes for every folder that is opened."""

import logging
import os
import re
import time

from homeassistant.components.media_source import BrowseMediaSource
import orjson
import pytest

from custom_components.immich_plus.media.divide import MOST_CHILDREN
from custom_components.immich_plus.media.kinds import KINDS
from tests.fake_immich.faults import replaced
from tests.fake_immich.models import AssetType, Visibility
from tests.fake_immich.scale import fill_scale
from tests.fake_immich.state import State

from .belonging import those
from .browsing import (
    MOST_REQUESTS_WARM,
    BrowseAt,
    Browsing,
    asset_of,
    browse_at_fixture,
    browsing_each_fixture,
)

__all__ = ["browse_at_fixture", "browsing_each_fixture"]

LOGGER = logging.getLogger(__name__)
# Takes three minutes and two gigabytes.
MILLION = os.environ.get("IMMICH_PLUS_MILLION") == "1"
COUNT = re.compile(r"\((\d+)\)$")


@pytest.fixture(name="large", scope="module")
def large_fixture() -> State:
    """Give a library of 100,000 assets; nobody may change it."""
    state = State()
    fill_scale(state, 100_000, None)
    for asset in state.assets.values():
        asset.original_path = f"/mnt/photos/{asset.file_created_at:%Y/%m}/{asset.original_file_name}"
    return state


def counted(opened: BrowseMediaSource) -> int:
    """Add up what the titles of folders say."""
    return sum(int(match[1]) for child in opened.children or () if (match := COUNT.search(child.title)))


async def go_down(browsing: Browsing, path: str, choose: int) -> int:
    """Open a folder and always the same child of it, each cold and then warm; return how deep that went."""
    depth, at = 0, path
    while True:
        browsing.forget()
        opened = await browsing.open(at)
        await browsing.open(at, most_requests=MOST_REQUESTS_WARM)
        folders = [child for child in opened.children or () if asset_of(child) is None]
        depth += 1
        if not folders or depth > 6:
            return depth
        at = folders[choose % len(folders)].media_content_id


async def test_each_kind_on_each_version(browsing_each: Browsing) -> None:
    """Each kind of folder, and what is in it, keeps the bounds: cold, and warm."""
    for kind in [*(name for name in KINDS if name != "search"), "search/vienna"]:
        for choose in (0, 1, -1):
            assert await go_down(browsing_each, kind, choose) <= 6
    await browsing_each.open("")


@pytest.mark.parametrize("version", ["1.144.1", "3.1.0"])
async def test_100_000(browse_at: BrowseAt, large: State, version: str) -> None:
    """100,000 assets: every folder on the way to the last photo of each kind, in the timeline also to others."""
    browsing = await browse_at(version, "scale-key", library=None, state=large)
    for kind in KINDS:
        if kind not in ("search", "timeline"):
            await go_down(browsing, kind, -1)
    for choose in (0, 11, -1):
        assert await go_down(browsing, "timeline", choose) >= 3
    shown = those(large, lambda asset: asset.visibility is Visibility.TIMELINE)
    years = await browsing.open("timeline")
    assert counted(years) == len(shown)
    year = await browsing.open("timeline/2015")
    assert counted(year) == len([each for each in shown if large.assets[each].local_date_time.year == 2015])
    films = those(large, lambda each: each.type is AssetType.VIDEO and each.visibility is Visibility.TIMELINE)
    assert len(films) > 9000
    await browsing.holds("videos", films)
    month = those(
        large,
        lambda each: each.visibility is Visibility.TIMELINE and f"{each.file_created_at:%Y-%m}" == "2015-03",
    )
    await browsing.hass.config.async_set_time_zone("UTC")
    browsing.forget()
    await browsing.holds("timeline/2015/03", month)


async def test_a_full_folder_has_room_for_long_names(browse_at: BrowseAt, large: State) -> None:
    """A page of photos is far below the bound for bytes."""
    browsing = await browse_at("3.1.0", "scale-key", library=None, state=large)
    page = await browsing.open("videos/=1-1")
    assert len(page.children or ()) == MOST_CHILDREN
    assert len(orjson.dumps(page.as_dict())) < 180 * 1024


async def test_a_million_by_its_counts(browse_at: BrowseAt) -> None:
    """A library of more than a million, as its months and totals tell: pages in groups of pages."""
    browsing = await browse_at()
    months = [{"timeBucket": f"{2000 + n // 12}-{n % 12 + 1:02}-01", "count": 5000} for n in range(300)]
    browsing.immich.faults.add("GET timeline/buckets", replaced(months))
    years = await browsing.open("timeline")
    assert (len(years.children or ()), counted(years)) == (25, 1_500_000)
    assert counted(await browsing.open("timeline/2007")) == 60_000
    browsing.immich.faults.add("POST search/statistics", replaced(1_500_000, "total"))
    browsing.immich.faults.add("POST search/metadata", replaced("2", "assets", "nextPage"))
    groups = await browsing.titles("videos")
    assert groups[0] == "1–160000"
    assert groups[-1] == "1440001–1500000"
    pages = await browsing.titles("videos/=401-800")
    assert (len(pages), pages[0], pages[-1]) == (400, "160001–160400", "319601–320000")
    # Whatever somebody writes: no folder grows.
    assert len(await browsing.titles("videos/=1-9999999")) == 63
    assert await browsing.titles("unsorted") == groups


@pytest.mark.skipif(not MILLION, reason="IMMICH_PLUS_MILLION=1 lets it take three minutes and 2 GB")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("version", ["2.7.5", "3.1.0"])
async def test_a_million(browse_at: BrowseAt, version: str) -> None:
    """A million assets: every folder on the way to the first, a middle and the last photo of each kind."""
    state = State()
    fill_scale(state, 1_000_000, None)
    browsing = await browse_at(version, "scale-key", library=None, state=state)
    for kind in KINDS:
        if kind != "search":
            for choose in (0, 11, -1):
                begun = time.perf_counter()
                depth = await go_down(browsing, kind, choose)
                LOGGER.info("%s %s: %s deep, %.1f s", kind, choose, depth, time.perf_counter() - begun)
    assert counted(await browsing.open("timeline")) == state.count(visibility=[Visibility.TIMELINE])
