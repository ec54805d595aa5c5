"""What an action misses with a narrow key is named by its error, and by a repair."""

from collections.abc import Sequence

from homeassistant.config_entries import SOURCE_REAUTH
import pytest

from tests.fake_immich.models import SharedLink

from .acting import UNKNOWN, Acting, Json, MakeActing, make_acting_fixture, tiny  # noqa: F401

VIENNA, TRASHED = tiny("vienna.jpg"), tiny("trashed.jpg")

# An action, what it is called with, the scopes that the key has, and the one that it lacks.
CASES: list[tuple[str, Json, list[str], str]] = [
    ("get_albums", {}, [], "album.read"),
    ("get_albums", {"asset": VIENNA}, [], "album.read"),
    ("get_album", {"album": "Holiday"}, [], "album.read"),
    ("get_album", {"album": "Holiday"}, ["album.read"], "asset.read"),
    ("create_album", {"name": "x"}, [], "album.create"),
    ("create_album", {"name": "x", "assets": VIENNA}, ["album.create"], "albumAsset.create"),
    ("update_album", {"album": "Holiday", "name": "x"}, [], "album.read"),
    ("update_album", {"album": "Holiday", "name": "x"}, ["album.read"], "album.update"),
    ("update_album", {"album": "Holiday", "users": "Guest"}, ["album.read"], "albumUser.create"),
    ("delete_album", {"album": "Holiday"}, [], "album.read"),
    ("delete_album", {"album": "Holiday"}, ["album.read"], "album.delete"),
    ("add_to_album", {"assets": VIENNA, "album": "Empty"}, [], "album.read"),
    ("add_to_album", {"assets": VIENNA, "album": "Empty"}, ["album.read"], "albumAsset.create"),
    (
        "add_to_album",
        {"assets": VIENNA, "album": "New", "create_album": True},
        ["album.read", "albumAsset.create"],
        "album.create",
    ),
    ("remove_from_album", {"assets": VIENNA, "album": "Holiday"}, [], "album.read"),
    ("remove_from_album", {"assets": VIENNA, "album": "Holiday"}, ["album.read"], "albumAsset.delete"),
    ("get_asset", {"asset": VIENNA}, [], "asset.read"),
    ("update_assets", {"assets": VIENNA, "favorite": True}, [], "asset.update"),
    ("update_assets", {"assets": VIENNA, "tags_remove": "trips"}, [], "tag.read"),
    ("update_assets", {"assets": VIENNA, "tags_remove": "trips"}, ["tag.read"], "tag.asset"),
    ("update_assets", {"assets": VIENNA, "tags_add": "new"}, [], "tag.create"),
    ("update_assets", {"assets": VIENNA, "tags_add": "new"}, ["tag.create"], "tag.asset"),
    ("trash_assets", {"assets": VIENNA}, [], "asset.delete"),
    ("restore_assets", {"assets": TRASHED}, [], "asset.delete"),
    ("delete_assets", {"assets": TRASHED, "permanent": True}, [], "asset.delete"),
    ("create_shared_link", {"album": "Holiday"}, [], "album.read"),
    ("create_shared_link", {"album": "Holiday"}, ["album.read"], "sharedLink.create"),
    ("create_shared_link", {"assets": VIENNA}, [], "sharedLink.create"),
    ("delete_shared_link", {"link": UNKNOWN}, [], "sharedLink.delete"),
    ("delete_shared_link", {"link": "https://example.com/share/x"}, [], "sharedLink.read"),
]


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
@pytest.mark.parametrize(("action", "data", "has", "lacks"), CASES)
async def test_a_scope_that_is_missing(
    make_acting: MakeActing, action: str, data: Json, has: Sequence[str], lacks: str, version: str
) -> None:
    """Each action names the scope that it misses, whether the server tells what keys may do or not."""
    act = await make_acting(version, scopes=has)
    before = act.scopes_in_repair()
    assert await act.refused(action, **data) == ("missing_scope", {"scope": lacks})
    assert act.scopes_in_repair() == before | {lacks}


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_what_is_enough(make_acting: MakeActing, version: str) -> None:
    """No action asks for more than the scopes that are named here."""
    for number, (action, data, has, lacks) in enumerate(CASES):
        # The last case of each action and its data is the one that works with what it lacked.
        if any((action, data) == (later[0], later[1]) for later in CASES[number + 1 :]):
            continue
        act = await make_acting(version, scopes=[*has, lacks])
        _add_link(act)
        link = next(iter(act.immich.state.shared_links))
        given = {"link": link} if data.get("link") == UNKNOWN else data
        if action == "delete_shared_link" and given is data:
            assert (await act.refused(action, **given))[0] == "link_unknown"
        else:
            await act(action, **given)
        await act.hass.config_entries.async_remove(act.account.entry_id)


def _add_link(act: Acting) -> None:
    state = act.immich.state
    state.shared_links[UNKNOWN] = SharedLink(
        id=UNKNOWN,
        key=b"key",
        user_id=tiny("admin"),
        type="ALBUM",
        created_at=state.now(),
        album_id=tiny("holiday"),
    )


@pytest.mark.parametrize(("action", "data", "has", "lacks"), [case for case in CASES if not case[2]])
async def test_a_key_that_is_no_longer_good(
    make_acting: MakeActing, action: str, data: Json, has: Sequence[str], lacks: str
) -> None:
    """A key that was deleted in Immich is asked for anew."""
    act = await make_acting()
    act.immich.state.api_keys.clear()
    assert await act.refused(action, **data) == ("invalid_auth", {})
    await act.hass.async_block_till_done()
    (flow,) = act.hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
