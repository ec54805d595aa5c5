"""Who was recognised, and how many."""

from datetime import date

import pytest

from custom_components.immich_plus.api import people
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichNotFoundError,
    ImmichPermissionError,
)
from custom_components.immich_plus.api.people import Person
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, Garble, missing, replaced
from tests.fake_immich.ids import stable_id
from tests.fake_immich.libraries import scale
from tests.fake_immich.tiny import FACTS

from .conftest import MakeClient


async def test_hidden_ones_do_not_count(each: FakeImmich, make_client: MakeClient) -> None:
    assert await make_client(each).people.count() == FACTS["people"]
    assert each.requests.entries[0].query == {"size": "1", "withHidden": "false"}


async def test_a_key_that_may_not(each: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichPermissionError) as caught:
        await make_client(each, "album-key").people.count()
    assert caught.value.scope == "person.read"


@pytest.mark.parametrize(("hidden", "count"), [(None, 3), ("x", 3), (2, 1), (9, 0)])
async def test_odd_numbers_of_hidden_ones(
    immich: FakeImmich, make_client: MakeClient, hidden: object, count: int
) -> None:
    immich.faults.add("GET people", replaced(hidden, "hidden"))
    assert await make_client(immich).people.count() == count


@pytest.mark.parametrize("fault", [missing("total"), replaced("x", "total"), replaced([])])
async def test_a_spoilt_answer_is_named(immich: FakeImmich, make_client: MakeClient, fault: Change) -> None:
    immich.faults.add("GET people", fault)
    with pytest.raises(ImmichBadAnswerError, match="people: "):
        await make_client(immich).people.count()


async def test_a_list(each: FakeImmich, make_client: MakeClient) -> None:
    alice, unnamed = await make_client(each).people.list()
    assert alice == Person(
        id=stable_id("tiny person Alice"),
        name="Alice",
        hidden=False,
        birth_date=date(1990, 5, 17),
        favorite=False,
    )
    assert (unnamed.name, unnamed.birth_date) == ("", None)
    assert each.requests.entries[0].query == {"page": "1", "size": "1000", "withHidden": "false"}


async def test_hidden_and_favourite_ones(each: FakeImmich, make_client: MakeClient) -> None:
    each.state.people[stable_id("tiny person Alice")].is_favorite = True
    listed = await make_client(each).people.list(hidden=True)
    assert [(person.name, person.hidden, person.favorite) for person in listed] == [
        ("Alice", False, True),
        ("", False, False),
        ("Bob", True, False),
    ]


async def test_a_list_that_the_key_may_not_see(each: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichPermissionError) as caught:
        await make_client(each, "album-key").people.list()
    assert caught.value.scope == "person.read"


@pytest.mark.parametrize("version", ["1.137.3", "3.3.5"])
async def test_all_pages_are_read(
    make_immich: MakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(people, "PEOPLE_PER_PAGE", 10)
    immich = await make_immich(version=version, library=scale(700))
    listed = await make_client(immich, "scale-key").people.list()
    assert sorted(person.name for person in listed) == [f"Person {number:02d}" for number in range(24)]
    assert immich.requests.count("GET people") == 3


@pytest.mark.parametrize(
    ("fault", "most", "count", "requests"),
    [
        # Not told whether there is more: a page that is not full is the last.
        (missing("hasNextPage"), 10, 24, 3),
        (replaced("true", "hasNextPage"), 10, 24, 3),
        # Told wrongly: an empty page is the last.
        (replaced(True, "hasNextPage"), 10, 24, 4),
        (replaced(False, "hasNextPage"), 10, 10, 1),
        # More than anybody reads.
        (missing("hasNextPage"), 2, 20, 2),
    ],
)
async def test_where_the_list_ends(
    make_immich: MakeImmich,
    make_client: MakeClient,
    monkeypatch: pytest.MonkeyPatch,
    fault: Change,
    most: int,
    count: int,
    requests: int,
) -> None:
    monkeypatch.setattr(people, "PEOPLE_PER_PAGE", 10)
    monkeypatch.setattr(people, "MOST_PAGES", most)
    immich = await make_immich(library=scale(700))
    immich.faults.add("GET people", fault)
    assert len(await make_client(immich, "scale-key").people.list()) == count
    assert immich.requests.count("GET people") == requests


async def test_odd_people_never_take_the_list_down(immich: FakeImmich, make_client: MakeClient) -> None:
    rows = b'{"people":[5,{"name":"x"},{"id":"a","name":null,"birthDate":"spring","isHidden":1},{"id":"a"}]}'
    immich.faults.add("GET people", Garble(text=rows))
    assert await make_client(immich).people.list() == [
        Person(id="a", name="", hidden=False, birth_date=None, favorite=False)
    ]
    for text in (b"[]", b"{}", b'{"people":{}}'):
        immich.faults.clear()
        immich.faults.add("GET people", Garble(text=text))
        with pytest.raises(ImmichBadAnswerError, match="people: expected"):
            await make_client(immich).people.list()


async def test_one_person(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    alice = await client.people.get(stable_id("tiny person Alice").upper())
    assert (alice.name, alice.birth_date) == ("Alice", date(1990, 5, 17))
    for unknown in (stable_id("nobody"), "../users/me", ""):
        with pytest.raises(ImmichNotFoundError):
            await client.people.get(unknown)
    assert each.requests.count("*users*") == 0
    with pytest.raises(ImmichPermissionError) as caught:
        await make_client(each, "album-key").people.get(alice.id)
    assert caught.value.scope == "person.read"


async def test_a_page(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    first, second, third = [await client.people.page(number, size=1) for number in (1, 2, 3)]
    assert [[person.name for person in page.people] for page in (first, second, third)] == [
        ["Alice"],
        [""],
        [],
    ]
    assert [page.more for page in (first, second, third)] == [True, False, False]
    # Bob is hidden, but counts.
    assert (first.total, (await client.people.page(1, hidden=True)).people[-1].name) == (3, "Bob")
    assert each.requests.entries[0].query == {"page": "1", "size": "1", "withHidden": "false"}


async def test_a_page_that_tells_nothing_of_more(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET people", missing("hasNextPage"))
    immich.faults.add("GET people", missing("total"))
    page = await make_client(immich).people.page(1, size=2)
    assert (page.more, page.total) == (True, None)
    assert not (await make_client(immich).people.page(1, size=3)).more
