"""The folders of the files on the server."""

from datetime import UTC, datetime

import pytest

from custom_components.immich_plus.api.errors import ImmichBadAnswerError, ImmichPermissionError
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import replaced
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient


async def test_folders_and_what_is_in_one(each: FakeImmich, make_client: MakeClient) -> None:
    """Folders that hold files of one's timeline, and the files of one of them by name."""
    admin = each.state.users[stable_id("tiny admin")]
    for name in ("b & c.jpg", "a.jpg"):
        path = f"/mnt/photos/100% Spaß/{name}"
        each.state.add_asset(admin, name, taken=datetime(2020, 1, 1, tzinfo=UTC), original_path=path)
    client = make_client(each)
    paths = await client.folders.paths()
    assert "/mnt/photos/100% Spaß" in paths
    assert len(paths) == 8
    found = await client.folders.assets("/mnt/photos/100% Spaß")
    assert [asset.filename for asset in found] == ["a.jpg", "b & c.jpg"]
    assert await client.folders.assets("/mnt/photos") == []


async def test_a_key_that_may_not(each: FakeImmich, make_client: MakeClient) -> None:
    """The missing scope is named; servers before 2.5 want a key that may do everything."""
    scope = "folder.read" if each.dialect.version.at_least("2.5.0") else "all"
    for call in (
        make_client(each, "read-key").folders.paths(),
        make_client(each, "read-key").folders.assets("/"),
    ):
        with pytest.raises(ImmichPermissionError) as caught:
            await call
        assert caught.value.scope == scope


async def test_odd_answers(immich: FakeImmich, make_client: MakeClient) -> None:
    """What isn't a path is left out; no list is an error."""
    immich.faults.add("GET view/folder/unique-paths", replaced(["/a", 5, None, "", "/b"]))
    assert await make_client(immich).folders.paths() == ["/a", "/b"]
    immich.faults.clear()
    immich.faults.add("*", replaced({}))
    with pytest.raises(ImmichBadAnswerError, match="view/folder: expected a list"):
        await make_client(immich).folders.paths()
    with pytest.raises(ImmichBadAnswerError, match="view/folder: expected a list"):
        await make_client(immich).folders.assets("/a")
