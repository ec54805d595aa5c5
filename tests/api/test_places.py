"""Names of places and cameras."""

import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichPermissionError
from custom_components.immich_plus.api.places import City, Suggestion
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Garble, replaced
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient

VIENNA = stable_id("tiny memory.jpg")


@pytest.mark.parametrize(
    ("kind", "narrow", "names"),
    [
        (Suggestion.COUNTRY, {}, ["Austria", "France", "Italy"]),
        (Suggestion.STATE, {"country": "Italy"}, ["Lazio"]),
        (Suggestion.CITY, {}, ["Paris", "Rome", "Vienna"]),
        (Suggestion.CITY, {"country": "Austria", "state": "Vienna"}, ["Vienna"]),
        (Suggestion.CITY, {"country": "Austria", "state": "Lazio"}, []),
        (Suggestion.CAMERA_MAKE, {"model": "S1"}, ["SampleCam"]),
        (Suggestion.CAMERA_MODEL, {"make": "SampleCam"}, ["S1"]),
        (Suggestion.CAMERA_MODEL, {"make": "Other"}, []),
    ],
)
async def test_names(
    each: FakeImmich, make_client: MakeClient, kind: Suggestion, narrow: dict[str, str], names: list[str]
) -> None:
    assert await make_client(each).places.suggestions(kind, **narrow) == names
    assert each.requests.entries[0].query == {"type": str(kind), **narrow}


async def test_lenses_where_the_server_knows_them(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    each.requests.clear()
    lenses = await client.places.suggestions(Suggestion.CAMERA_LENS_MODEL, make="SampleCam", model="S1")
    if client.version.suggests_lenses:
        assert lenses == ["35mm F2"]
    else:
        assert lenses is None
        assert each.requests.count() == 0


async def test_cities(each: FakeImmich, make_client: MakeClient) -> None:
    cities = await make_client(each).places.cities()
    assert [city.name for city in cities] == ["Paris", "Rome", "Vienna"]
    assert cities[2] == City(name="Vienna", state="Vienna", country="Austria", asset_id=VIENNA)


async def test_a_key_that_may_not(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "album-key")
    for call in (client.places.cities(), client.places.suggestions(Suggestion.CITY)):
        with pytest.raises(ImmichPermissionError) as caught:
            await call
        assert caught.value.scope == "asset.read"


async def test_odd_names_are_left_out(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET search/suggestions", replaced(["Rome", None, "", 5, {"a": 1}]))
    assert await make_client(immich).places.suggestions(Suggestion.CITY) == ["Rome"]
    immich.faults.clear()
    immich.faults.add("GET search/suggestions", Garble(text=b"{}"))
    with pytest.raises(ImmichBadAnswerError, match="search/suggestions: expected a list"):
        await make_client(immich).places.suggestions(Suggestion.CITY)


async def test_odd_cities_never_take_the_others_down(immich: FakeImmich, make_client: MakeClient) -> None:
    rows = b'[5,{"id":"a"},{"id":"b","exifInfo":{"city":null}},{"exifInfo":{"city":"Rome"}},'
    rows += b'{"id":"c","exifInfo":{"city":"Rome","country":7}}]'
    immich.faults.add("GET search/cities", Garble(text=rows))
    assert await make_client(immich).places.cities() == [
        City(name="Rome", state=None, country=None, asset_id="c")
    ]
    immich.faults.clear()
    immich.faults.add("GET search/cities", replaced("x"))
    with pytest.raises(ImmichBadAnswerError, match="search/cities: expected a list"):
        await make_client(immich).places.cities()
