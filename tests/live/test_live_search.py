"""Every action that finds, on a real server: pages against its own, filters, memories, people, tags, places."""

from itertools import pairwise
from typing import Any

from .acting import YEAR, Acting, ids_of, moment
from .server import eventually

ALL = {"taken_after": f"{YEAR}-03-01", "taken_before": f"{YEAR}-04-01"}
RAW = {"takenAfter": f"{YEAR}-03-01T00:00:00.000Z", "takenBefore": f"{YEAR}-03-31T23:59:59.999Z"}


async def test_pages_are_those_of_the_server(act: Acting) -> None:
    # Several of one moment, more than a page holds.
    moments = [*(moment(day) for day in range(1, 9)), *[moment(10)] * 7, *[moment(11)] * 3]
    ids = await act.pictures(*moments)
    for order, theirs in (("newest", "desc"), ("oldest", "asc")):
        expected = await act.numbered({**RAW, "visibility": "timeline", "order": theirs}, 250)
        assert {asset_id for _, asset_id in expected} == set(ids)
        assert [at for at, _ in expected] == sorted(moments, reverse=order == "newest")
        by_id = dict(zip(ids, moments, strict=True))
        whole = (await act("search_assets", order=order, page_size=1000, **ALL))["assets"]
        assert [by_id[each["id"]] for each in whole] == [at for at, _ in expected]
        for size in (1, 2, 4, 5, 17, 18, 19):
            found = await act.pages("search_assets", order=order, page_size=size, **ALL)
            assert found == [each["id"] for each in whole], (order, size)
    answer = await act("search_assets", page_size=3, **ALL)
    assert (answer["total"], len(answer["assets"])) == (18, 3)
    # Photos of one moment are in the same order whatever the server makes of them.
    same = [each["id"] for each in whole if by_id[each["id"]] == moment(10)]
    assert all(first < second for first, second in pairwise(same))


async def test_the_ends_of_a_stretch_are_in_it(act: Acting) -> None:
    first, last, _ = await act.pictures(moment(1, 10), moment(1, 11), moment(2, 0))
    for after, before, expected in (
        ("1971-03-01T10:00:00Z", "1971-03-01T11:00:00Z", [last, first]),
        ("1971-03-01 10:00:00.001", "1971-03-01T11:00:00Z", [last]),
        ("1971-03-01 10:00", "1971-03-01T10:59:59.999Z", [first]),
        ("1971-03-01", "1971-03-02", [last, first]),
    ):
        found = await act("search_assets", taken_after=after, taken_before=before)
        assert (ids_of(found), found["total"]) == (expected, len(expected)), (after, before)
    assert await act.refused("search_assets", taken_after="1971-03-02", taken_before="1971-03-01") == (
        "dates_reversed"
    )


async def test_every_filter_finds_and_leaves_out(act: Acting) -> None:
    mark = act.server.mark
    one, two, three = await act.pictures(moment(1), moment(2), moment(3))
    await act(
        "update_assets", assets=one, favorite=True, rating=5, description=f"{mark} sea", tags_add=f"{mark}/a"
    )
    await act("update_assets", assets=two, archived=True, tags_add=[f"{mark}/a/b", f"{mark}/c"])
    await act("create_album", name=mark, assets=[one, two])
    await eventually(lambda: act.read(one), lambda asset: asset["exifInfo"]["rating"] == 5)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, [three, one]),
        ({"visibility": "any"}, [three, two, one]),
        ({"visibility": "archive"}, [two]),
        ({"favorite": True}, [one]),
        ({"favorite": False}, [three]),
        ({"rating": 5}, [one]),
        ({"rating": 4}, []),
        ({"type": "image"}, [three, one]),
        ({"type": "video"}, []),
        ({"filename": mark.upper()}, [three, one]),
        ({"filename": f"{mark}-02"}, [three]),
        ({"description": f"{mark} SEA"}, [one]),
        ({"tags": f"{mark}/a", "visibility": "any"}, [two, one]),
        ({"tags": [f"{mark}/a/b", f"{mark}/c"], "tags_match": "all", "visibility": "any"}, [two]),
        ({"tags": [f"{mark}/a", f"{mark}/c"], "tags_match": "any", "visibility": "any"}, [two, one]),
        ({"tags": f"{mark}/a", "exclude_tags": f"{mark}/a/b", "visibility": "any"}, [one]),
        ({"albums": mark, "visibility": "any"}, [two, one]),
        ({"albums": mark}, [one]),
        ({"exclude_albums": mark}, [three]),
        ({"in_album": True}, [one]),
        ({"in_album": False}, [three]),
        ({"added_after": "2020-01-01"}, [three, one]),
        ({"added_before": "2020-01-01"}, []),
        ({"updated_after": "2020-01-01"}, [three, one]),
        ({"updated_before": "2020-01-01"}, []),
        ({"trashed": True}, []),
        ({"with_partners": False}, [three, one]),
        ({"on_this_day": "2000-03-03"}, [three]),
        ({"on_this_day": "2000-03-02", "visibility": "any"}, [two]),
        ({"on_this_day": "2000-03-04"}, []),
    ]
    for filters, expected in cases:
        found = await act("search_assets", **ALL, **filters)
        assert ids_of(found) == expected, filters
        assert found["total"] in (None, len(expected)), filters
        drawn = await act("get_random_assets", count=50, **ALL, **filters)
        assert sorted(ids_of(drawn)) == sorted(expected), filters


async def test_drawing_one(act: Acting) -> None:
    ids = await act.pictures(*(moment(day) for day in range(1, 5)))
    drawn = {ids_of(await act("get_random_assets", **ALL))[0] for _ in range(30)}
    assert len(drawn) > 1
    assert drawn <= set(ids)


async def test_smart_search_as_far_as_the_server_can(act: Acting) -> None:
    (one,) = await act.pictures(moment(1))
    assert await act.refused("smart_search") == "query_or_like"
    if (await act("get_server_info"))["features"]["smart_search"]:
        answer = await act("smart_search", query="something", page_size=5, **ALL)
        assert set(ids_of(answer)) <= {one}
        return
    for example in ({"query": "something"}, {"like": one}):
        assert await act.refused("smart_search", **example) == "smart_search_off"


async def test_memories(act: Acting) -> None:
    one, two = await act.pictures(moment(1), moment(1, 13))
    body = {
        "type": "on_this_day",
        "data": {"year": YEAR},
        "memoryAt": f"{YEAR}-03-01T00:00:00.000Z",
        "showAt": "2031-03-01T00:00:00.000Z",
        "hideAt": "2031-03-01T23:59:59.999Z",
        "assetIds": [one, two],
    }
    made = await act.server.ask("POST", "memories", body)
    act.server.memories.add(made["id"])
    answer = await act("get_memories", date="2031-03-01")
    assert answer["date"] == "2031-03-01"
    (memory,) = (each for each in answer["memories"] if each["id"] == made["id"])
    assert (memory["type"], memory["year"], memory["years_ago"], memory["saved"]) == (
        "on_this_day",
        YEAR,
        2031 - YEAR,
        False,
    )
    assert sorted(ids_of(memory)) == sorted([one, two])
    # Before 2.6 a memory that is made by hand shows every day.
    if "hideAt" in made:
        other = (await act("get_memories", date="2031-03-02"))["memories"]
        assert made["id"] not in [each["id"] for each in other]
    await act("trash_assets", assets=two)
    (memory,) = (
        each
        for each in (await act("get_memories", date="2031-03-01"))["memories"]
        if each["id"] == made["id"]
    )
    assert ids_of(memory) == [one]
    assert isinstance((await act("get_memories"))["memories"], list)


async def test_people(act: Acting) -> None:
    one, two = await act.pictures(moment(1), moment(2))
    name = f"Anna {act.server.mark}"
    person = await act.server.ask("POST", "people", {"name": name, "birthDate": "1990-05-17"})
    act.server.people.add(person["id"])
    face = {"imageWidth": 96, "imageHeight": 64, "x": 1, "y": 1, "width": 20, "height": 20}
    await act.server.ask("POST", "faces", {"assetId": one, "personId": person["id"], **face})
    (told,) = (each for each in (await act("get_people"))["people"] if each["id"] == person["id"])
    assert told == {
        "id": person["id"],
        "name": name,
        "birth_date": "1990-05-17",
        "favorite": False,
        "hidden": False,
    }
    for wanted in (name.upper(), person["id"]):
        found = await act("search_assets", people=wanted, **ALL)
        assert (ids_of(found), found["total"]) == ([one], 1)
    assert found["assets"][0]["people"] == [{"id": person["id"], "name": name}]
    assert ids_of(await act("search_assets", exclude_people=name, **ALL)) == [two]
    await act.server.ask("PUT", f"people/{person['id']}", {"isHidden": True})
    assert person["id"] not in [each["id"] for each in (await act("get_people"))["people"]]
    hidden = (await act("get_people", hidden=True, unnamed=True))["people"]
    assert [each["hidden"] for each in hidden if each["id"] == person["id"]] == [True]
    assert await act.refused("search_assets", people=f"no {name}") == "person_unknown"


async def test_tags(act: Acting) -> None:
    mark = act.server.mark
    made = (await act("create_tags", tags=[f"{mark}/Deep/er", f"{mark}/Deep"]))["tags"]
    assert [tag["path"] for tag in made] == [f"{mark}/Deep", f"{mark}/Deep/er"]
    listed = [tag for tag in (await act("get_tags"))["tags"] if tag["path"].startswith(mark)]
    assert [tag["path"] for tag in listed] == [mark, f"{mark}/Deep", f"{mark}/Deep/er"]
    assert listed[1:] == made
    (one,) = await act.pictures(moment(1))
    before = await act.read(one)
    await act("update_assets", assets=one, tags_add=made[1]["id"])
    await act.read_back(one, before)
    for wanted in (mark, f"{mark}/deep", made[1]["id"]):
        assert ids_of(await act("search_assets", tags=wanted, **ALL)) == [one]
    await act("update_assets", assets=one, tags_remove=made[1]["id"])
    assert ids_of(await act("search_assets", tags=mark, **ALL)) == []


async def test_places(act: Acting) -> None:
    one, two = await act.pictures(moment(1), moment(2))
    await act("update_assets", assets=one, latitude=52.52, longitude=13.405)
    raw = await eventually(lambda: act.read(one), lambda asset: bool(asset["exifInfo"]["city"]))
    city, country = raw["exifInfo"]["city"], raw["exifInfo"]["country"]
    (place,) = (each for each in (await act("get_places"))["places"] if each["city"] == city)
    assert (place["country"], place["state"]) == (country, raw["exifInfo"]["state"])
    for filters in ({"city": city.upper()}, {"country": country.lower()}, {"city": city, "country": country}):
        found = await act("search_assets", **ALL, **filters)
        assert (ids_of(found), found["total"]) == ([one], 1)
    assert ids_of(await act("search_assets", exclude_city=city.lower(), **ALL)) == [two]
    assert await act.refused("search_assets", city=act.server.mark) == "name_unknown"
