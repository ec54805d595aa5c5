"""The actions that find assets: `search_assets`, `smart_search`, `get_random_assets`."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import template
import homeassistant.helpers.config_validation as cv
from homeassistant.helpers.script import Script
import pytest
import voluptuous as vol

from custom_components.immich_plus.actions import ACTIONS
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.models import Visibility
from tests.searching import UNKNOWN, VERSIONS, CallAt, Calling, call_at_fixture, call_fixture, id_of  # noqa: F401

FINDING = ("search_assets", "smart_search", "get_random_assets")
TIMELINE = 6


def _fill(immich: FakeImmich, count: int, *, taken: datetime | None = None) -> None:
    """Add photos, one a minute, or all of one moment."""
    owner = immich.state.users[id_of("admin")]
    start = datetime(2020, 1, 1, tzinfo=UTC)
    for number in range(count):
        moment = taken or start + timedelta(minutes=number)
        immich.state.add_asset(owner, f"many{number:04}.jpg", taken=moment)


def _flat(pages: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(pages))


async def _pages(call: Calling, action: str = "search_assets", **data: Any) -> list[list[str]]:
    """Follow the cursors to the end."""
    pages: list[list[str]] = []
    cursor: str | None = None
    while True:
        page = await call(action, **data, cursor=cursor)
        pages.append([asset["filename"] for asset in page["assets"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return pages
        assert len(pages) < 100


# -- search_assets


@pytest.mark.parametrize("version", VERSIONS)
async def test_pages_to_the_end(call_at: CallAt, version: str) -> None:
    """Pages of any size together are the whole, each once, in order; every page knows the total."""
    call = await call_at(version)
    _fill(call.immich, 30)
    # More of one moment than a page holds.
    _fill(call.immich, 25, taken=datetime(2019, 5, 5, tzinfo=UTC))
    whole = await call.found(page_size=1000)
    assert len(whole) == len(set(whole)) + 25 == TIMELINE + 55
    for size in (1, 7, 10, 61):
        pages = await _pages(call, page_size=size)
        assert _flat(pages) == whole
        assert all(len(page) <= size for page in pages)
    oldest = await _pages(call, page_size=9, order="oldest")
    assert _flat(oldest)[25:] == whole[: TIMELINE + 30][::-1]
    assert (await call(page_size=3))["total"] == TIMELINE + 55


async def test_pages_in_a_script(hass: HomeAssistant, call: Calling) -> None:
    """A script goes on with `repeat` until there is no cursor."""
    _fill(call.immich, 30)
    steps = cv.SCRIPT_SCHEMA(
        [
            {"variables": {"found": [], "page": {"next_cursor": None}}},
            {
                "repeat": {
                    "sequence": [
                        {
                            "action": "immich_plus.search_assets",
                            "data": {"page_size": 8, "cursor": "{{ page.next_cursor }}"},
                            "response_variable": "page",
                        },
                        {
                            "variables": {
                                "found": "{{ found + page.assets | map(attribute='filename') | list }}"
                            }
                        },
                    ],
                    "until": "{{ page.next_cursor is none }}",
                }
            },
            {"stop": "done", "response_variable": "found"},
        ]
    )
    result = await Script(hass, steps, "test", "test").async_run(context=Context())
    found: Any = result and result.service_response
    assert found == await call.found()
    assert len(await call.found()) == TIMELINE + 30


async def test_pages_of_what_smart_search_finds_in_a_script(hass: HomeAssistant, call: Calling) -> None:
    """A template may make a number of a cursor: it is taken all the same."""
    rendered = template.Template("{{ next }}", hass).async_render(
        {"next": (await call("smart_search", query="sea", page_size=2))["next_cursor"]}
    )
    assert rendered == 2
    assert len(await call.found("smart_search", query="sea", page_size=2, cursor=rendered)) == 2


async def test_photos_that_arrive_meanwhile(call: Calling) -> None:
    """What is new or gone between two pages shifts nothing."""
    _fill(call.immich, 10)
    whole = await call.found()
    first = await call(page_size=5)
    _fill(call.immich, 3, taken=datetime(2026, 1, 1, tzinfo=UTC))
    call.immich.state.remove_asset(first["assets"][0]["id"])
    rest = await call.found(page_size=1000, cursor=first["next_cursor"])
    assert [asset["filename"] for asset in first["assets"]] + rest == whole


async def test_order(call: Calling) -> None:
    """Newest first unless told otherwise, by the moment of taking."""
    taken = [asset["taken_at"] for asset in (await call())["assets"]]
    assert [datetime.fromisoformat(each) for each in taken] == sorted(
        map(datetime.fromisoformat, taken), reverse=True
    )
    assert await call.found(order="oldest") == (await call.found())[::-1]
    assert await call.found(order="newest") == await call.found()


@pytest.mark.parametrize("cursor", ["", None])
async def test_no_cursor_is_the_first_page(call: Calling, cursor: str | None) -> None:
    """As a script that has none yet gives it."""
    assert await call.found(cursor=cursor) == await call.found()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        f"_{UNKNOWN}",
        f"1e3_{UNKNOWN}",
        f"٣_{UNKNOWN}",
        f"{'9' * 15}_{UNKNOWN}",
        f"{'9' * 16}_{UNKNOWN}",
        f"-{'9' * 15}_{UNKNOWN}",
        f"1000_{UNKNOWN}/../../users",
        "9" * 100_000,
        "\0",
    ],
)
@pytest.mark.parametrize("action", ["search_assets", "smart_search"])
async def test_what_is_no_cursor(call: Calling, action: str, cursor: str) -> None:
    """Text that no page gave is refused in words."""
    words = {"query": "sea"} if action == "smart_search" else {}
    key, placeholders = await call.refused(action, cursor=cursor, **words)
    assert (key, list(placeholders)) == ("refused", ["reason"])
    assert cursor not in placeholders["reason"]


TOTALS: list[tuple[dict[str, Any], int | None]] = [
    ({}, TIMELINE),
    ({"type": "video"}, 1),
    ({"visibility": "any"}, TIMELINE + 1),
    ({"visibility": "archive"}, 1),
    ({"trashed": True}, 1),
    ({"people": "Alice"}, 2),
    ({"people": ["Alice", "Bob"], "people_match": "all"}, 0),
    ({"city": ["Rome", "Paris"]}, 2),
    ({"on_this_day": "2026-08-15"}, 1),
    ({"albums": id_of("twice 2")}, 1),
    # What Immich can't count.
    ({"people": ["Alice", "Bob"]}, None),
    ({"exclude_people": "Alice"}, None),
    ({"in_album": True}, None),
    ({"filename": "rome"}, None),
    ({"with_partners": False}, None),
    ({"albums": "From the user"}, None),
]


@pytest.mark.parametrize("version", VERSIONS)
async def test_totals(call_at: CallAt, version: str) -> None:
    """The total is of all pages, and null where it can't be known; it never lies."""
    call = await call_at(version)
    for filters, total in TOTALS:
        answer = await call(page_size=1, **filters)
        assert answer["total"] == total, filters
        if total is not None:
            assert len(await call.found(**filters)) == total, filters


async def test_defaults(call: Calling) -> None:
    """250 assets of the timeline, newest first."""
    _fill(call.immich, 300)
    assert len((await call())["assets"]) == 250
    assert len(await call.found(page_size="1000")) == TIMELINE + 300
    call.immich.state.update_asset(call.asset("rome.jpg"), visibility=Visibility.ARCHIVE)
    assert "rome.jpg" not in await call.found()


@pytest.mark.parametrize("action", FINDING)
async def test_a_call_without_a_response_is_for_nothing(
    hass: HomeAssistant, call: Calling, action: str
) -> None:
    """Home Assistant says that the answer must be taken."""
    assert ACTIONS[action].only_asks
    data = {"query": "sea"} if action == "smart_search" else {}
    with pytest.raises(Exception, match="response"):
        await hass.services.async_call("immich_plus", action, data, blocking=True)


@pytest.mark.parametrize("action", FINDING)
@pytest.mark.parametrize(
    ("status", "key"),
    [(401, "invalid_auth"), (404, "not_found"), (500, "server_error"), (503, "unavailable")],
)
async def test_what_the_server_says(call: Calling, action: str, status: int, key: str) -> None:
    """Each status is its own error in words."""
    message = "Invalid API key" if status == 401 else "Something"
    call.immich.faults.add("POST search/*", Status(status, message))
    words = {"query": "sea"} if action == "smart_search" else {}
    assert (await call.refused(action, **words))[0] == key


# -- smart_search


async def test_in_plain_words(call: Calling) -> None:
    """The best comes first, in the language of Home Assistant."""
    for name, subjects in (("paris.jpg", ("tower", "night")), ("rome.jpg", ("tower",))):
        call.asset(name).subjects = subjects
    assert (await call.found("smart_search", query=" tower at night "))[:2] == ["paris.jpg", "rome.jpg"]
    (asked,) = call.immich.requests.matching("POST search/smart")
    assert (asked.json["query"], asked.json["language"]) == ("tower at night", "en")
    assert set(await call("smart_search", query="tower")) == {"assets", "next_cursor"}


@pytest.mark.parametrize("version", VERSIONS[1:])
async def test_by_likeness(call_at: CallAt, version: str) -> None:
    """An example is named by its id, its media content id, as an asset of another response, or as one itself."""
    call = await call_at(version)
    for name in ("paris.jpg", "rome.jpg"):
        call.asset(name).subjects = ("tower",)
    found = await call(filename="paris")
    for like in (
        id_of("paris.jpg"),
        [id_of("paris.jpg").upper()],
        found["assets"][0]["media_content_id"],
        found["assets"][0],
        found["assets"],
        found,
    ):
        assert (await call.found("smart_search", like=like))[:2] == ["paris.jpg", "rome.jpg"]
    asked = call.immich.requests.matching("POST search/smart")[-1].json
    assert asked["queryAssetId"] == id_of("paris.jpg")
    assert not {"query", "language"} & asked.keys()


async def test_by_likeness_before_1_141(call_at: CallAt) -> None:
    """Versions that can't say so."""
    call = await call_at("1.137.3")
    assert await call.refused("smart_search", like=id_of("paris.jpg")) == ("route_missing", {})
    assert await call.found("smart_search", query="sea")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({}, "query_or_like"),
        ({"query": ""}, "query_or_like"),
        ({"query": " ", "like": ""}, "query_or_like"),
        ({"like": [" "]}, "query_or_like"),
        ({"like": {"assets": []}}, "query_or_like"),
        ({"query": "sea", "like": UNKNOWN}, "query_or_like"),
        ({"like": [UNKNOWN, id_of("paris.jpg")]}, "one_asset_only"),
        ({"like": "paris.jpg"}, "not_an_asset"),
        ({"like": UNKNOWN}, "not_found"),
    ],
)
async def test_words_or_an_example(call: Calling, data: dict[str, Any], key: str) -> None:
    """One of both, and an example that there is."""
    assert (await call.refused("smart_search", **data))[0] == key


@pytest.mark.parametrize(
    "data", [{"query": ["sea"]}, {"query": "x" * 1001}, {"query": None}, {"like": [[1]]}, {"total": True}]
)
async def test_what_smart_search_does_not_take(call: Calling, data: dict[str, Any]) -> None:
    """Wrong types are refused at once."""
    with pytest.raises(vol.Invalid):
        await call("smart_search", **{"query": "sea", **data})


@pytest.mark.parametrize("version", VERSIONS)
async def test_smart_search_is_off(call_at: CallAt, version: str) -> None:
    """A server without machine learning is told so, whatever is searched."""
    call = await call_at(version)
    call.immich.state.settings.smart_search = False
    for data in ({"query": "sea"}, {"like": id_of("paris.jpg")}, {"query": "sea", "people": "nobody"}):
        assert await call.refused("smart_search", **data) == ("smart_search_off", {})
    assert call.immich.requests.count("POST search/smart") == 0


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"people": ["alice", "bob"]}, {"party", "rome", "vienna"}),
        ({"people": "alice", "exclude_tags": "sea"}, {"vienna"}),
        ({"city": "rome"}, {"rome"}),
        ({"filename": "PARIS"}, {"paris"}),
        ({"type": "video"}, {"film"}),
        ({"visibility": "any", "taken_before": "2022-01-01"}, {"archived"}),
        ({"on_this_day": "2026-08-15"}, {"rome"}),
        ({"in_album": True}, {"party", "paris", "rome", "vienna"}),
        ({"description": "river"}, {"vienna"}),
    ],
)
async def test_smart_search_with_filters(call: Calling, filters: dict[str, Any], expected: set[str]) -> None:
    """All filters hold here, too, also those that Immich's smart search would drop without a word."""
    call.asset("vienna.jpg").exif.description = "By the river"
    found = await call.found("smart_search", query="sea", **filters)
    assert {name.partition(".")[0] for name in found} == expected
    assert len(found) == len(expected)


async def test_pages_of_smart_search(call: Calling) -> None:
    """Pages together are the whole."""
    pages = await _pages(call, "smart_search", query="sea", page_size=3)
    assert [len(page) for page in pages] == [3, 3]
    assert _flat(pages) == await call.found("smart_search", query="sea")


# -- get_random_assets


@pytest.mark.parametrize("version", VERSIONS)
async def test_drawing(call_at: CallAt, version: str) -> None:
    """One unless told otherwise, each at most once, never more than there are."""
    call = await call_at(version)
    assert len(await call.found("get_random_assets")) == 1
    timeline = await call.found()
    assert sorted(await call.found("get_random_assets", count=1000)) == sorted(timeline)
    drawn = {(await call.found("get_random_assets"))[0] for _ in range(40)}
    assert len(drawn) > 1
    assert drawn <= set(timeline)
    assert set(await call("get_random_assets")) == {"assets"}


DRAWN: list[tuple[dict[str, Any], set[str]]] = [
    ({"people": ["alice", "bob"]}, {"party", "rome", "vienna"}),
    ({"albums": "Holiday"}, {"paris", "rome", "vienna"}),
    ({"albums": "From the user"}, {"user1", "user2"}),
    ({"exclude_albums": "Holiday", "type": "image", "taken_before": "2024-06-01"}, {"party"}),
    ({"filename": "rome"}, {"rome"}),
    ({"trashed": True}, {"trashed"}),
    ({"on_this_day": "2026-08-15"}, {"rome"}),
    ({"on_this_day": "2026-12-24"}, set()),
    ({"city": ["Rome", "Vienna"], "favorite": True}, {"rome"}),
]


@pytest.mark.parametrize("version", VERSIONS)
async def test_drawing_with_filters(call_at: CallAt, version: str) -> None:
    """Only what fits is drawn, and all that fits can be."""
    call = await call_at(version)
    for filters, expected in DRAWN:
        found = await call.found("get_random_assets", count=50, **filters)
        assert {name.partition(".")[0] for name in found} == expected, filters
        assert len(found) == len(expected), filters


@pytest.mark.parametrize("count", [0, 1001, -1, "many", None, [1], float("inf"), 1.5])
async def test_how_many_to_draw(call: Calling, count: object) -> None:
    """From 1 to 1,000."""
    with pytest.raises(vol.Invalid):
        await call("get_random_assets", count=count)


async def test_no_more_fields_than_those(call: Calling) -> None:
    """What one action has, another may not: it would be dropped without a word otherwise."""
    for action, field in (
        ("search_assets", {"query": "sea"}),
        ("get_random_assets", {"cursor": "x"}),
        ("get_random_assets", {"order": "newest"}),
        ("smart_search", {"query": "sea", "order": "newest"}),
    ):
        with pytest.raises(vol.Invalid):
            await call(action, **field)
