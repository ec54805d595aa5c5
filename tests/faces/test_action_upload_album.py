"""The album of an upload: found, made, shared, or not."""

import asyncio
from typing import Any

import pytest

from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.faults import Change, Status
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Role
from tests.uploading import Uploading, folder_fixture, quick_fixture, upload_fixture  # noqa: F401


@pytest.mark.parametrize("wanted", ["Holiday", "holiday", "  HOLIDAY ", stable_id("tiny holiday")])
async def test_an_album_that_exists(upload: Uploading, wanted: str) -> None:
    """An album is named as written, in any letter case, or by its id."""
    response = await upload.response(path=upload.write("a.jpg"), album=wanted)
    assert response["album"] == {"id": stable_id("tiny holiday"), "name": "Holiday", "created": False}
    assert "a.jpg" in upload.names_in("Holiday")


async def test_the_exact_name_first(upload: Uploading) -> None:
    """Two albums that differ in letter case only are told apart."""
    admin = upload.immich.state.users[stable_id("tiny admin")]
    upload.immich.state.add_album(admin, "holiday")
    await upload.one(path=upload.write("a.jpg"), album="holiday")
    assert upload.names_in("holiday") == ["a.jpg"]
    assert (await upload.refused(path=upload.write("b.jpg"), album="HOLIDAY"))[0] == "album_ambiguous"


async def test_an_unknown_album(upload: Uploading) -> None:
    """An unknown name is told before anything is sent, with those that come near."""
    path = upload.write("a.jpg")
    assert await upload.refused(path=path, album="Holidays") == (
        "album_unknown",
        {"album": "Holidays", "candidates": "Holiday"},
    )
    key, placeholders = await upload.refused(path=path, album="Zzz")
    assert (key, placeholders["candidates"]) == ("album_unknown", "Empty, From the user, Holiday, Twice")
    unknown = "12345678-1234-4234-8234-123456789012"
    for create in (True, False):
        found, _ = await upload.refused(path=path, album=unknown, create_album=create)
        assert found == "album_unknown"
    assert await upload.refused(path=path, album="  ") == ("album_empty", {})
    assert not upload.sent()
    upload.immich.state.albums.clear()
    assert (await upload.refused(path=path, album="Any"))[1]["candidates"] == "–"


async def test_two_albums_of_one_name(upload: Uploading) -> None:
    """The error gives the ids to choose from; with one of them the call works."""
    path = upload.write("a.jpg")
    key, placeholders = await upload.refused(path=path, album="twice", create_album=True)
    assert key == "album_ambiguous"
    first, second = stable_id("tiny twice 1"), stable_id("tiny twice 2")
    assert first in placeholders["candidates"]
    assert second in placeholders["candidates"]
    response = await upload.response(path=path, album=second.upper())
    assert response["album"]["id"] == second


async def test_a_new_album(upload: Uploading) -> None:
    """An album is made when asked for, once something has arrived, and found from then on."""
    assert (await upload.refused(path="missing.jpg", album="New", create_album=True))[0] != "album_unknown"
    assert "New" not in {album.name for album in upload.immich.state.albums.values()}
    response = await upload.response(path=upload.write("a.jpg"), album=" New ", create_album=True)
    assert response["album"]["created"]
    assert response["album"]["name"] == "New"
    response = await upload.response(path=upload.write("b.jpg"), album="new", create_album=True)
    assert not response["album"]["created"]
    assert upload.names_in("New") == ["a.jpg", "b.jpg"]


async def test_two_calls_at_once_make_one_album(upload: Uploading) -> None:
    """Two motion sensors at the same moment don't make two albums of one name."""
    said = await asyncio.gather(
        *(
            upload.response(path=upload.write(f"{number}.jpg"), album="New", create_album=True)
            for number in range(4)
        )
    )
    assert sorted(response["album"]["created"] for response in said) == [False, False, False, True]
    assert upload.names_in("New") == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_an_album_of_somebody_else(
    make_immich: MakeImmich, add_account: AddAccount, hass: Any, folder: Any, version: str, role: Role
) -> None:
    """An editor adds to a shared album; who may only look is told so, and keeps the upload."""
    immich = await make_immich(version=version)
    immich.state.albums[stable_id("tiny theirs")].members[stable_id("tiny admin")] = role
    upload = Uploading(hass, immich, await add_account(immich), folder)
    (said,) = await upload(path=upload.write("a.jpg"), album="From the user")
    assert said["status"] == "created"
    if role is Role.EDITOR:
        assert said["error"] is None
        assert "a.jpg" in upload.names_in("From the user")
    else:
        assert said["error"] == (
            "The album From the user can't be changed: it is shared with this account to look at only, "
            "or it was deleted."
        )


async def test_single_assets_that_do_not_fit(upload: Uploading) -> None:
    """If the server leaves one asset out, that one tells it."""

    def _refuse(body: list[dict[str, Any]]) -> None:
        body[0].update(success=False, error="no_permission")
        body.pop()

    upload.immich.faults.add("PUT albums/{id}/assets", Change(_refuse))
    said = await upload(path=[upload.write(f"{number}.jpg") for number in range(3)], album="Empty")
    assert [asset["error"] is None for asset in said] == [False, True, False]
    assert "couldn't be added to the album Empty" in said[0]["error"]


async def test_every_step_fails(upload: Uploading) -> None:
    """All that went wrong after the upload is told with each asset that it concerns, the same bytes included."""
    for route in ("PUT assets", "PUT tags", "PUT albums/{id}/assets"):
        upload.immich.faults.add(route, Status(500, message=f"No {route}"))
    upload.write("a.xmp", b"<x/>")
    paths = [upload.write(name, b"same") for name in ("a.jpg", "b.jpg")]
    said = await upload(path=paths, album="Empty", tags=["t"], description="d")
    assert [asset["status"] for asset in said] == ["created", "duplicate"]
    for asset in said:
        assert asset["error"].count("Immich reports an error of its own") == 3
        assert asset["error"].endswith("log.")
