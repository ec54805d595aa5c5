"""Each status of Immich's leads to the right result or to the right error in words, for each action."""

import pytest

from tests.fake_immich.faults import Fault, Status
from tests.fake_immich.models import SharedLink

from .acting import Acting, Json, MakeActing, act_fixture, make_acting_fixture, tiny  # noqa: F401

VIENNA, TRASHED, LINK = tiny("vienna.jpg"), tiny("trashed.jpg"), tiny("link")

# An action, what it is called with, the one request that matters, and what "not found" means there.
CASES: list[tuple[str, Json, str, str]] = [
    ("get_albums", {}, "GET albums", "not_found"),
    ("get_album", {"album": "Holiday"}, "POST search/metadata", "not_found"),
    ("create_album", {"name": "x"}, "POST albums", "not_found"),
    ("update_album", {"album": "Holiday", "name": "x"}, "PATCH albums/{id}", "not_found"),
    ("update_album", {"album": "Holiday", "users": "Guest"}, "PUT albums/{id}/users", "not_found"),
    ("delete_album", {"album": "Holiday"}, "DELETE albums/{id}", "not_found"),
    ("add_to_album", {"album": "Empty", "assets": VIENNA}, "PUT albums/{id}/assets", "album_read_only"),
    (
        "remove_from_album",
        {"album": "Holiday", "assets": VIENNA},
        "DELETE albums/{id}/assets",
        "album_read_only",
    ),
    ("get_asset", {"asset": VIENNA}, "GET assets/{id}", "not_found"),
    ("update_assets", {"assets": VIENNA, "favorite": True}, "PUT assets", "not_found"),
    ("update_assets", {"assets": VIENNA, "tags_add": "x"}, "PUT tags/{id}/assets", "not_found"),
    ("update_assets", {"assets": VIENNA, "tags_remove": "trips"}, "DELETE tags/{id}/assets", "not_found"),
    ("trash_assets", {"assets": VIENNA}, "DELETE assets", "not_found"),
    ("restore_assets", {"assets": TRASHED}, "POST trash/restore/assets", "not_found"),
    ("delete_assets", {"assets": TRASHED, "permanent": True}, "DELETE assets", "not_found"),
    ("create_shared_link", {"album": "Holiday"}, "POST shared-links", "not_found"),
    ("delete_shared_link", {"link": LINK}, "DELETE shared-links/{id}", "not_found"),
    ("get_server_info", {}, "GET server/storage", "not_found"),
]
# What makes something new is not asked for twice: the first request may have worked.
MAKES = {"POST albums", "POST shared-links"}

FAULTS: list[tuple[Fault, str, dict[str, str]]] = [
    (Status(400, message="Bad thing"), "refused", {"reason": "Bad thing"}),
    (Status(409, message="Conflict"), "refused", {"reason": "Conflict"}),
    (Status(413, message="Too big"), "too_large", {}),
    (Status(500, message="Failed"), "server_error", {"reason": "Failed"}),
    (Status(502, html=True), "unavailable", {"reason": "the server answers 502"}),
    (Status(403, html=True), "not_immich", {"reason": "something in front of Immich answers 403"}),
]


@pytest.mark.parametrize(("action", "data", "route", "gone"), CASES)
async def test_failures(act: Acting, action: str, data: Json, route: str, gone: str) -> None:
    """The server's own words reach the user."""
    for fault, key, said in FAULTS:
        act.immich.faults.clear()
        act.immich.faults.add(route, fault)
        assert await act.refused(action, **data) == (key, said)


@pytest.mark.parametrize(("action", "data", "route", "gone"), CASES)
async def test_what_is_not_there(act: Acting, action: str, data: Json, route: str, gone: str) -> None:
    """A thing that is gone, in both of Immich's ways to say so."""
    for fault in (
        Status(404, message="Asset not found"),
        Status(400, message="Not found or no album.read access"),
    ):
        act.immich.faults.clear()
        act.immich.faults.add(route, fault)
        assert (await act.refused(action, **data))[0] == gone


@pytest.mark.parametrize(("action", "data", "route", "gone"), CASES)
async def test_what_nobody_may(act: Acting, action: str, data: Json, route: str, gone: str) -> None:
    """A refusal that names no scope is told in the server's words; for facts it means that they aren't known."""
    act.immich.faults.add(route, Status(403, message="Forbidden"))
    if action == "get_server_info":
        assert (await act(action, **data))["storage"] is None
    else:
        assert await act.refused(action, **data) == ("not_allowed", {"reason": "Forbidden"})
    assert act.scopes_in_repair() == set()


@pytest.mark.parametrize(("action", "data", "route", "gone"), CASES)
async def test_too_many_requests(act: Acting, action: str, data: Json, route: str, gone: str) -> None:
    """A long wait is left to the user; a short one is waited for, save where something new is made."""
    busy = Status(429, message="Too many requests", retry_after=600)
    act.immich.faults.add(route, busy)
    assert await act.refused(action, **data) == ("unavailable", {"reason": "Too many requests"})
    assert act.immich.requests.count(route) == 1
    act.immich.faults.clear()
    act.immich.requests.clear()
    act.immich.faults.add(route, Status(429, message="Too many requests", retry_after=0), times=1)
    if route in MAKES:
        assert (await act.refused(action, **data))[0] == "unavailable"
        assert act.immich.requests.count(route) == 1
    else:
        if action == "delete_shared_link":
            _add_link(act)
        await act(action, **data)
        assert act.immich.requests.by_route()[route] >= 2


@pytest.mark.parametrize("version", ["1.137.3", "2.7.5", "3.1.0", "3.3.5"])
async def test_what_immich_says_of_a_bad_value(make_acting: MakeActing, version: str) -> None:
    """Old versions list what is wrong, new ones name the fields beside; both reach the user."""
    act = await make_acting(version)
    # Immich takes ids of one kind of UUID only.
    odd = f"{VIENNA[:14]}1{VIENNA[15:]}"
    for action, data in (
        ("get_asset", {"asset": odd}),
        ("update_assets", {"assets": odd, "favorite": True}),
        ("delete_shared_link", {"link": odd}),
    ):
        key, said = await act.refused(action, **data)
        assert key == "refused"
        assert "uuid" in said["reason"].lower()


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_a_server_that_is_away(make_acting: MakeActing, version: str) -> None:
    """A lost connection is told as such by every action."""
    act = await make_acting(version)
    await act.immich.stop()
    for action, data, _route, _gone in CASES:
        assert (await act.refused(action, **data))[0] == "cannot_connect"


def _add_link(act: Acting) -> None:
    state = act.immich.state
    state.shared_links[LINK] = SharedLink(
        id=LINK,
        key=b"key",
        user_id=tiny("admin"),
        type="ALBUM",
        created_at=state.now(),
        album_id=tiny("holiday"),
    )
