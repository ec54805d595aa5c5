"""How many people there are."""

import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichPermissionError
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, missing, replaced
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
