"""Albums, people, tags, users and places by name or id."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.immich_plus.api import Immich
from custom_components.immich_plus.api.places import Suggestion
from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.names import (
    async_albums,
    async_known_names,
    async_people,
    async_tag_paths,
    async_tags,
    async_users,
    near,
)
from tests.fake_immich.models import Role
from tests.searching import UNKNOWN, Calling, call_at_fixture, call_fixture, id_of  # noqa: F401

type Lookup = Callable[[Immich, Sequence[str]], Awaitable[Sequence[Any]]]

FIRST, SECOND = id_of("twice 1"), id_of("twice 2")


@pytest.fixture(name="client")
def client_fixture(call: Calling) -> Immich:
    """Give the administrator's client; what setting it up asked is forgotten."""
    call.immich.requests.clear()
    client: Immich = call.account.runtime_data.client
    return client


async def _mistake(lookup: Awaitable[object]) -> tuple[str, dict[str, str]]:
    with pytest.raises(ServiceValidationError) as info:
        await lookup
    assert info.value.translation_domain == DOMAIN
    assert info.value.translation_key
    return info.value.translation_key, info.value.translation_placeholders or {}


@pytest.mark.parametrize(
    ("lookup", "given", "ids"),
    [
        (async_albums, ["Holiday", " holiday ", "HOLIDAY"], [id_of("holiday")] * 3),
        (
            async_albums,
            [id_of("holiday"), SECOND.upper(), "from the USER"],
            [id_of("holiday"), SECOND, id_of("theirs")],
        ),
        (async_people, ["Alice", "bob"], [id_of("person Alice"), id_of("person Bob")]),
        (async_people, [f" {id_of('person ').upper()} "], [id_of("person ")]),
        (
            async_tags,
            ["trips", "/trips/sea/", "SEA", "Trips/SEA"],
            [id_of("tag trips"), *[id_of("tag trips/sea")] * 3],
        ),
        (async_tags, [id_of("tag trips").upper()], [id_of("tag trips")]),
        (async_users, ["User", "guest", id_of("admin")], [id_of("user"), id_of("guest"), id_of("admin")]),
        (async_users, ["USER@example.com"], [id_of("user")]),
    ],
)
async def test_what_is_meant(client: Immich, lookup: Lookup, given: list[str], ids: list[str]) -> None:
    """By name in any letter case or by id, in the order of the call."""
    assert [found.id for found in await lookup(client, given)] == ids


@pytest.mark.parametrize("lookup", [async_albums, async_people, async_tags, async_users])
async def test_nothing_is_asked_for_nothing(call: Calling, client: Immich, lookup: Lookup) -> None:
    """No names cost no request, and many cost one."""
    assert list(await lookup(client, [])) == []
    assert call.immich.requests.count() == 0
    with pytest.raises(ServiceValidationError):
        await lookup(client, [id_of("admin"), id_of("holiday"), id_of("tag trips")])
    assert call.immich.requests.count() == 1


@pytest.mark.parametrize(
    ("lookup", "given", "mistake"),
    [
        (async_albums, "Holidays", ("album_unknown", {"album": "Holidays", "candidates": "Holiday"})),
        (async_albums, UNKNOWN, ("album_unknown", {"album": UNKNOWN})),
        (
            async_albums,
            "twice",
            ("album_ambiguous", {"album": "twice", "candidates": f"Twice: {SECOND}; Twice: {FIRST}"}),
        ),
        (async_people, "Alicia", ("person_unknown", {"person": "Alicia", "candidates": "Alice"})),
        (async_people, "Zorro", ("person_unknown", {"person": "Zorro", "candidates": "Alice, Bob"})),
        (async_people, UNKNOWN, ("person_unknown", {"person": UNKNOWN, "candidates": "Alice, Bob"})),
        # A person without a name is nobody's namesake.
        (async_people, " ", ("person_unknown", {"person": " "})),
        (async_tags, "trip", ("tag_unknown", {"tag": "trip", "candidates": "trips, trips/sea"})),
        (async_tags, UNKNOWN, ("tag_unknown", {"tag": UNKNOWN})),
        (async_tags, " / ", ("tag_unknown", {"tag": " / "})),
        (async_users, "Usher", ("user_unknown", {"candidates": "User"})),
        (async_users, "nobody@example.com", ("user_unknown", {})),
    ],
)
async def test_what_is_not_there(
    client: Immich, lookup: Lookup, given: str, mistake: tuple[str, dict[str, str]]
) -> None:
    """The error names what was written, and what there is instead."""
    key, placeholders = await _mistake(lookup(client, [given]))
    assert key == mistake[0]
    assert placeholders | mistake[1] == placeholders
    assert "candidates" in placeholders
    assert "@" not in str(placeholders), "an e-mail address is not repeated"


async def test_people_of_one_name(call: Calling, client: Immich) -> None:
    """Two people with the same name are told apart by their ids."""
    twin = call.add_person("ALICE", "party.jpg")
    key, placeholders = await _mistake(async_people(client, ["alice"]))
    assert key == "person_ambiguous"
    assert placeholders["person"] == "alice"
    assert set(placeholders["candidates"].split("; ")) == {
        f"Alice: {id_of('person Alice')}",
        f"ALICE: {twin.id}",
    }
    # As it is written, only one has it.
    assert [found.id for found in await async_people(client, ["ALICE", twin.id])] == [twin.id, twin.id]


async def test_tags_of_one_last_part(call: Calling, client: Immich) -> None:
    """The last part of a path is enough if only one tag has it; a whole path comes before."""
    work = call.add_tag("work/sea")
    key, placeholders = await _mistake(async_tags(client, ["Sea"]))
    assert key == "tag_ambiguous"
    assert set(placeholders["candidates"].split("; ")) == {
        f"trips/sea: {id_of('tag trips/sea')}",
        f"work/sea: {work.id}",
    }
    top = call.add_tag("sea")
    assert [tag.id for tag in await async_tags(client, ["sea", "work/sea"])] == [top.id, work.id]


async def test_users_of_one_name(call: Calling, client: Immich) -> None:
    """Users of one name are told by id, or meant by their e-mail address."""
    twin = call.immich.state.add_user("Guest", "other@example.com")
    key, placeholders = await _mistake(async_users(client, ["guest"]))
    assert key == "user_ambiguous"
    assert twin.id in placeholders["candidates"]
    assert "@" not in placeholders["candidates"]
    assert [user.id for user in await async_users(client, ["other@example.com"])] == [twin.id]


async def test_only_some_candidates(call: Calling, client: Immich) -> None:
    """An error lists five at the most."""
    state = call.immich.state
    owner = state.users[id_of("admin")]
    for number in range(8):
        state.add_album(owner, f"Summer {number}")
        state.add_album(owner, "Same")
    _, placeholders = await _mistake(async_albums(client, ["Summer"]))
    assert len(placeholders["candidates"].split(", ")) == 5
    _, placeholders = await _mistake(async_albums(client, ["Same"]))
    assert len(placeholders["candidates"].split("; ")) == 5


async def test_a_library_without_anything(call: Calling, client: Immich) -> None:
    """Where there is nothing, the list of candidates is a dash."""
    call.immich.state.tags.clear()
    assert (await _mistake(async_tags(client, ["trips"])))[1] == {"tag": "trips", "candidates": "–"}


def test_near() -> None:
    """The nearest names, without blanks and doubles; long texts cost nothing."""
    assert near("berlin", ["Rome", "Berlin", "Berlin", ""]) == "Berlin"
    assert near("xyz", ["b", "a", ""]) == "a, b"
    assert near("xyz", []) == near("xyz", [""]) == "–"
    assert near("x" * 1_000_000, [f"name {number}" for number in range(10_000)])


async def test_albums_shared_with_the_account(call: Calling, client: Immich) -> None:
    """An album of somebody else's is found, too, and may share its name with an own one."""
    state = call.immich.state
    shared = state.add_album(state.users[id_of("user")], "Holiday", members={id_of("admin"): Role.VIEWER})
    key, placeholders = await _mistake(async_albums(client, ["Holiday"]))
    assert key == "album_ambiguous"
    assert shared.id in placeholders["candidates"]


@pytest.mark.parametrize(
    ("kind", "given", "found"),
    [
        (Suggestion.CITY, ["vienna", " ROME "], ["Vienna", "Rome"]),
        (Suggestion.STATE, ["lazio"], ["Lazio"]),
        (Suggestion.COUNTRY, ["AUSTRIA"], ["Austria"]),
        (Suggestion.CAMERA_MAKE, ["samplecam"], ["SampleCam"]),
        (Suggestion.CAMERA_MODEL, ["s1"], ["S1"]),
        (Suggestion.CAMERA_LENS_MODEL, ["35mm f2"], ["35mm F2"]),
    ],
)
async def test_places_and_cameras(
    call: Calling, client: Immich, kind: Suggestion, given: list[str], found: list[str]
) -> None:
    """They are found in any letter case, as Immich compares letter by letter."""
    assert await async_known_names(client, kind, given) == found
    assert call.immich.requests.count("GET search/suggestions") == 1
    key, placeholders = await _mistake(async_known_names(client, kind, ["Zzz", *given]))
    assert (key, placeholders["name"]) == ("name_unknown", "Zzz")
    assert found[0] in placeholders["candidates"]
    assert await async_known_names(client, kind, ["Zzz", *given], anything=True) == ["Zzz", *found]


async def test_no_places_ask_nothing(call: Calling, client: Immich) -> None:
    """No names cost no request."""
    assert await async_known_names(client, Suggestion.CITY, []) == []
    assert call.immich.requests.count() == 0


async def test_paths_of_tags(call: Calling, client: Immich) -> None:
    """Blanks and slashes around a path go, each tag counts once, an id in any letter case is found."""
    given = [id_of("tag trips").upper(), " new ", "/new/", "", " / ", "trips", "other/one"]
    assert await async_tag_paths(client, given) == ["trips", "new", "other/one"]
    assert call.immich.requests.count() == 1


async def test_paths_alone_ask_nothing(call: Calling, client: Immich) -> None:
    """Only an id has to be looked up; one that no tag has is no name of a new tag."""
    assert await async_tag_paths(client, ["new", "other"]) == ["new", "other"]
    assert await async_tag_paths(client, []) == []
    assert call.immich.requests.count() == 0
    assert (await _mistake(async_tag_paths(client, [UNKNOWN])))[0] == "tag_unknown"


@pytest.mark.parametrize(
    ("filters", "key"),
    [
        ({"albums": "Nowhere"}, "album_unknown"),
        ({"exclude_albums": "twice"}, "album_ambiguous"),
        ({"people": ["Alice", "Zorro"]}, "person_unknown"),
        ({"exclude_people": "Zorro"}, "person_unknown"),
        ({"tags": "nothing"}, "tag_unknown"),
        ({"city": "Atlantis"}, "name_unknown"),
        ({"state": "Bliss"}, "name_unknown"),
        ({"country": ["Italy", "Utopia"]}, "name_unknown"),
        ({"make": "NoCam"}, "name_unknown"),
        ({"model": "Z"}, "name_unknown"),
        ({"lens_model": "1000mm"}, "name_unknown"),
        ({"people": UNKNOWN}, "person_unknown"),
        ({"albums": UNKNOWN}, "album_unknown"),
        ({"exclude_tags": UNKNOWN}, "tag_unknown"),
    ],
)
@pytest.mark.parametrize("action", ["search_assets", "smart_search", "get_random_assets"])
async def test_a_search_for_what_is_not_there(
    call: Calling, action: str, filters: dict[str, Any], key: str
) -> None:
    """No search is made with a name that means nothing: it would find everything or nothing."""
    words = {"query": "sea"} if action == "smart_search" else {}
    call.immich.requests.clear()
    found, placeholders = await call.refused(action, **words, **filters)
    assert found == key
    assert placeholders["candidates"]
    asked = [each for each in call.immich.requests.entries if each.route.startswith("POST search/")]
    assert not asked


async def test_a_new_place_counts_at_once(call: Calling, client: Immich) -> None:
    """Names are looked up when they are needed."""
    with pytest.raises(ServiceValidationError):
        await async_known_names(client, Suggestion.CITY, ["Graz"])
    state = call.immich.state
    new = state.add_asset(state.users[id_of("admin")], "graz.jpg", taken=datetime(2026, 1, 1, tzinfo=UTC))
    new.exif.city = "Graz"
    assert await async_known_names(client, Suggestion.CITY, ["graz"]) == ["Graz"]
