"""What an album's JSON tells: in each version's form, whole or spoilt."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.immich_plus.api.album import Album, AlbumUser
from custom_components.immich_plus.api.errors import ImmichBadAnswerError
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient

HOLIDAY = stable_id("tiny holiday")
ADMIN = AlbumUser(id=stable_id("tiny admin"), name="Admin", role="owner")
USER = AlbumUser(id=stable_id("tiny user"), name="User", role="viewer")


def test_one_of_nothing_but_an_id() -> None:
    assert Album.from_json({"id": "a"}) == Album(
        id="a",
        name="",
        description="",
        asset_count=None,
        owner=None,
        shared=False,
        users=(),
        cover_id=None,
        order=None,
        created_at=None,
        updated_at=None,
        starts_at=None,
        ends_at=None,
    )
    assert Album.from_json({"id": "a"}).owner_id is None
    with pytest.raises(ImmichBadAnswerError, match="albums: field id"):
        Album.from_json({"albumName": "x"})


async def test_everything_that_is_told(each: FakeImmich, make_client: MakeClient) -> None:
    """The owner is told in two ways, and is never among those whom it is shared with."""
    kept = each.state.albums[HOLIDAY]
    album = await make_client(each).albums.get(HOLIDAY)
    assert (album.owner, album.owner_id, album.users) == (ADMIN, ADMIN.id, (USER,))
    assert (album.shared, album.asset_count, album.order) == (True, 3, "desc")
    assert album.cover_id == kept.thumbnail_asset_id
    assert album.created_at == kept.created_at.replace(microsecond=kept.created_at.microsecond // 1000 * 1000)
    assert album.starts_at is not None
    assert album.ends_at is not None
    assert (album.starts_at.date(), album.ends_at.date()) == (
        datetime(2022, 4, 1, tzinfo=UTC).date(),
        datetime(2023, 5, 14, tzinfo=UTC).date(),
    )
    empty = await make_client(each).albums.get(stable_id("tiny empty"))
    assert (empty.asset_count, empty.starts_at, empty.ends_at, empty.cover_id) == (0, None, None, None)
    assert (empty.shared, empty.users) == (False, ())


async def test_somebody_elses(each: FakeImmich, make_client: MakeClient) -> None:
    """Who looks at it is among those whom it is shared with; nobody's e-mail address is kept."""
    album = await make_client(each, "user-key").albums.get(HOLIDAY)
    assert (album.owner, album.users) == (ADMIN, (USER,))
    assert "@" not in repr(album)


@pytest.mark.parametrize(
    ("members", "owner"),
    [
        (None, None),
        ("x", None),
        ([], None),
        ([None, 3, {"role": "editor", "user": {"id": "a"}}], None),
        ([{"role": "owner"}], None),
        ([{"role": "owner", "user": None}, {"role": "owner", "user": {"id": "b"}}], "b"),
        ([{"role": "owner", "user": {}}], None),
    ],
)
def test_whose_it_is(members: object, owner: str | None) -> None:
    assert Album.from_json({"id": "a", "albumUsers": members}).owner_id == owner


@pytest.mark.parametrize(
    ("told", "owner"),
    [
        ({"ownerId": "a"}, AlbumUser(id="a", name="", role="owner")),
        ({"ownerId": "a", "owner": {"id": "b", "name": "B"}}, AlbumUser(id="a", name="B", role="owner")),
        ({"owner": {"id": "b", "name": "B"}}, AlbumUser(id="b", name="B", role="owner")),
        ({"owner": {"id": "b", "name": 3}}, AlbumUser(id="b", name="", role="owner")),
        ({"owner": {}}, None),
        ({"owner": "b", "ownerId": 5}, None),
        (
            {"ownerId": "a", "albumUsers": [{"role": "owner", "user": {"id": "c"}}]},
            AlbumUser(id="c", name="", role="owner"),
        ),
    ],
)
def test_whose_it_was_before_members_told(told: dict[str, Any], owner: AlbumUser | None) -> None:
    assert Album.from_json({"id": "x", **told}).owner == owner


def test_whom_it_is_shared_with() -> None:
    album = Album.from_json(
        {
            "id": "x",
            "ownerId": "a",
            "albumUsers": [
                {"role": "editor", "user": {"id": "a", "name": "A"}},
                {"user": {"id": "b"}},
                {"role": "editor", "user": {"id": "c", "name": "C"}},
            ],
        }
    )
    assert album.users == (
        AlbumUser(id="b", name="", role="viewer"),
        AlbumUser(id="c", name="C", role="editor"),
    )
