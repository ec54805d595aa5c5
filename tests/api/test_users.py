"""Whose key it is, and who else is there."""

import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichPermissionError
from custom_components.immich_plus.api.users import Account, User
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, Garble, missing, replaced
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient


async def test_me(each: FakeImmich, make_client: MakeClient) -> None:
    account = await make_client(each).users.me()
    assert (account.id, account.name, account.is_admin) == (stable_id("tiny admin"), "Admin", True)
    assert account.quota_size is None
    assert "example.com" not in repr(account)
    user = await make_client(each, "user-key").users.me()
    assert (user.is_admin, user.quota_size) == (False, 10**9)


def test_what_may_be_missing() -> None:
    assert Account.from_json({"id": "a", "name": None, "isAdmin": "yes"}) == Account(
        id="a", name="", is_admin=False, quota_size=None, quota_usage=None
    )


@pytest.mark.parametrize(
    "fault", [missing("id"), replaced(None, "id"), replaced(5, "id"), replaced([]), Garble(text=b"")]
)
async def test_a_spoilt_answer_is_named(immich: FakeImmich, make_client: MakeClient, fault: Change) -> None:
    immich.faults.add("GET users/me", fault)
    with pytest.raises(ImmichBadAnswerError, match="users/me: "):
        await make_client(immich).users.me()


async def test_everybody(each: FakeImmich, make_client: MakeClient) -> None:
    users = {user.name: user for user in await make_client(each, "user-key").users.list()}
    assert set(users) == {"Admin", "User", "Guest"}
    assert users["Guest"] == User(id=stable_id("tiny guest"), name="Guest", email="guest@example.com")
    assert "example.com" not in repr(users)


async def test_where_the_administrator_keeps_users_private(each: FakeImmich, make_client: MakeClient) -> None:
    each.state.settings.public_users = False
    assert [user.name for user in await make_client(each, "user-key").users.list()] == ["User"]
    assert len(await make_client(each).users.list()) == 3


async def test_a_key_that_may_not(each: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichPermissionError) as caught:
        await make_client(each, "album-key").users.list()
    assert caught.value.scope == "user.read"


async def test_odd_users_never_take_the_list_down(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET users", Garble(text=b'[5,{"name":"x"},{"id":"a","name":null,"email":7}]'))
    assert await make_client(immich).users.list() == [User(id="a", name="", email="")]
    immich.faults.clear()
    immich.faults.add("GET users", Garble(text=b"{}"))
    with pytest.raises(ImmichBadAnswerError, match="users: expected a list"):
        await make_client(immich).users.list()
