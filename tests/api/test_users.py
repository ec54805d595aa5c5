"""Whose key it is."""

import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError
from custom_components.immich_plus.api.users import Account
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
