"""The actions that tell what names there are: `get_people`, `get_tags`, `create_tags`, `get_places`."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
import voluptuous as vol

from custom_components.immich_plus.actions import ACTIONS
from custom_components.immich_plus.const import DOMAIN
from tests.passing import state_of
from tests.searching import VERSIONS, CallAt, Calling, call_at_fixture, call_fixture, id_of  # noqa: F401


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, {"Alice"}),
        ({"unnamed": True}, {"Alice", ""}),
        ({"hidden": True}, {"Alice", "Bob"}),
        ({"hidden": True, "unnamed": True}, {"Alice", "Bob", ""}),
    ],
)
async def test_people(call_at: CallAt, version: str, data: dict[str, Any], expected: set[str]) -> None:
    """Those with a name, and others if wanted."""
    call = await call_at(version)
    people = (await call("get_people", **data))["people"]
    assert {person["name"] for person in people} == expected
    assert len(people) == len(expected)
    (alice,) = (person for person in people if person["name"] == "Alice")
    assert alice == {
        "id": id_of("person Alice"),
        "name": "Alice",
        "birth_date": "1990-05-17",
        "favorite": False,
        "hidden": False,
    }
    assert all(person["hidden"] is (person["name"] == "Bob") for person in people)
    assert {person["birth_date"] for person in people if person["name"] != "Alice"} <= {None}


async def test_people_can_be_given_on(call: Calling) -> None:
    """An id of the list is an id that searches take."""
    (alice,) = (await call("get_people"))["people"]
    assert (
        await call.found(people=alice["id"]) == await call.found(people="Alice") == ["rome.jpg", "vienna.jpg"]
    )


async def test_tags(call: Calling) -> None:
    """By their paths."""
    call.add_tag("Art")
    assert (await call("get_tags"))["tags"][1:] == [
        {"id": id_of("tag trips"), "name": "trips", "path": "trips"},
        {"id": id_of("tag trips/sea"), "name": "sea", "path": "trips/sea"},
    ]
    assert (await call("get_tags"))["tags"][0]["path"] == "Art"


@pytest.mark.parametrize("version", VERSIONS)
async def test_making_tags(call_at: CallAt, version: str) -> None:
    """Nested ones are made with what lies above; those that exist stay; blanks and doubles don't count."""
    call = await call_at(version)
    made = (await call("create_tags", tags=["/trips/", " new/deep/one ", "new/deep/one", "", "Zoo"]))["tags"]
    assert [tag["path"] for tag in made] == ["new/deep/one", "trips", "Zoo"]
    assert made[1]["id"] == id_of("tag trips")
    (asked,) = call.immich.requests.matching("PUT tags")
    assert asked.json == {"tags": ["trips", "new/deep/one", "Zoo"]}
    paths = [tag["path"] for tag in (await call("get_tags"))["tags"]]
    assert paths == ["new", "new/deep", "new/deep/one", "trips", "trips/sea", "Zoo"]
    assert (await call("create_tags", tags="one"))["tags"][0]["name"] == "one"


@pytest.mark.parametrize("tags", [[], "", " / ", ["/", ""], None, [[]], {"a": 1}, ["x" * 501], ["x"] * 1001])
async def test_no_tags_to_make(call: Calling, tags: object) -> None:
    """A call without any name is a mistake."""
    with pytest.raises(vol.Invalid):
        await call("create_tags", tags=tags)
    assert call.immich.requests.count("PUT tags") == 0


@pytest.mark.usefixtures("all_enabled")
async def test_making_tags_without_an_answer(hass: HomeAssistant, call_at: CallAt) -> None:
    """The answer needs not be asked for, and the count of tags follows."""
    await call_at()
    assert state_of(hass, f"{id_of('admin')}_tags").state == "2"
    data = {"tags": "quiet"}
    assert await hass.services.async_call(DOMAIN, "create_tags", data, blocking=True) is None
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=30))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, f"{id_of('admin')}_tags").state == "3"


@pytest.mark.parametrize("version", VERSIONS)
async def test_places(call_at: CallAt, version: str) -> None:
    """Each city once, with a picture of it, and never where exactly."""
    call = await call_at(version)
    places = (await call("get_places"))["places"]
    assert [place["city"] for place in places] == ["Paris", "Rome", "Vienna"]
    assert places[1] == {
        "city": "Rome",
        "state": "Lazio",
        "country": "Italy",
        "thumbnail": f"/api/immich_plus/{call.account.entry_id}/{id_of('rome.jpg')}/thumbnail",
    }


async def test_places_can_be_given_on(call: Calling) -> None:
    """Each city of the list is one that searches take."""
    for place in (await call("get_places"))["places"]:
        found = (await call(city=place["city"], country=place["country"]))["assets"]
        assert {asset["city"] for asset in found} == {place["city"]}


async def test_a_library_of_nothing(call_at: CallAt) -> None:
    """A library without people, tags and places gives empty lists."""
    call = await call_at(key="guest-key")
    assert await call("get_people") == {"people": []}
    assert await call("get_tags") == {"tags": []}
    assert await call("get_places") == {"places": []}


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("get_people", {"unnamed": "perhaps"}),
        ("get_people", {"hidden": None}),
        ("get_people", {"name": "Alice"}),
        ("get_tags", {"tags": []}),
        ("get_places", {"country": "Italy"}),
        ("create_tags", {}),
    ],
)
async def test_other_fields(call: Calling, action: str, data: dict[str, Any]) -> None:
    """What an action doesn't know is refused, not dropped."""
    with pytest.raises(vol.Invalid):
        await call(action, **data)


def test_which_only_tell() -> None:
    """Lists change nothing, so they are for their answer."""
    for action in ("get_people", "get_tags", "get_places", "create_tags"):
        assert ACTIONS[action].only_asks is (action != "create_tags")
        assert not ACTIONS[action].administrators
