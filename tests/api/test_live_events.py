"""Live events as objects: what each version sends, and whatever else may come."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import given, strategies as st
import pytest

from custom_components.immich_plus.api.live_events import (
    AlbumChanged,
    AssetDeleted,
    AssetEdited,
    AssetHidden,
    AssetReady,
    AssetsRestored,
    AssetsTrashed,
    AssetUpdated,
    LiveEvent,
    Notified,
    PersonChanged,
    ReleaseFound,
    ServerReady,
    SettingsChanged,
    read_event,
)
from custom_components.immich_plus.api.version import ServerVersion
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.processing import announce

from .conftest import MakeClient

ID: Final = "11111111-2222-4333-8444-555555555555"
OTHER: Final = "11111111-2222-4333-8444-666666666666"
ASSET: Final = {
    "id": ID,
    "ownerId": OTHER,
    "type": "IMAGE",
    "originalFileName": "a.jpg",
    "createdAt": "2026-11-23T20:14:51.971Z",
    "updatedAt": "2026-11-23T20:15:00.000Z",
    "thumbhash": "XrYB",
    "visibility": "archive",
}
NAMES: Final = (
    "on_server_version",
    "on_upload_success",
    "on_asset_update",
    "on_asset_trash",
    "on_asset_restore",
    "on_asset_delete",
    "on_asset_hidden",
    "AssetEditReadyV1",
    "AssetEditReadyV2",
    "on_album_update",
    "on_person_thumbnail",
    "on_notification",
    "on_new_release",
    "on_config_update",
    "on_user_delete",
)


@pytest.mark.parametrize(
    ("name", "payload", "event"),
    [
        ("on_server_version", [{"major": 3, "minor": 1, "patch": 0}], ServerReady(ServerVersion(3, 1, 0))),
        ("on_asset_trash", [[ID, OTHER]], AssetsTrashed((ID, OTHER))),
        ("on_asset_trash", [ID], AssetsTrashed((ID,))),
        ("on_asset_trash", [[None, 5, "x", ID.upper(), {}]], AssetsTrashed((ID,))),
        ("on_asset_restore", [[ID]], AssetsRestored((ID,))),
        ("on_asset_delete", [ID], AssetDeleted(ID)),
        ("on_asset_hidden", [ID], AssetHidden(ID)),
        ("AssetEditReadyV1", [{"asset": {"id": ID}, "edit": []}], AssetEdited(ID)),
        ("AssetEditReadyV2", [{"asset": {"id": ID}}], AssetEdited(ID)),
        ("on_album_update", [ID], AlbumChanged(ID)),
        ("on_person_thumbnail", [ID, "more"], PersonChanged(ID)),
        (
            "on_notification",
            [{"type": "AlbumInvite", "data": f'{{"albumId":"{ID}"}}'}],
            Notified("AlbumInvite", ID),
        ),
        ("on_notification", [{"type": "AlbumUpdate", "data": {"albumId": ID}}], Notified("AlbumUpdate", ID)),
        ("on_notification", [{"type": "JobFailed", "data": None}], Notified("JobFailed", None)),
        ("on_notification", [{"type": "Custom", "data": '{"albumId":5}'}], Notified("Custom", None)),
        ("on_notification", [{"data": "[" * 5000}], Notified("", None)),
        ("on_new_release", [{"isAvailable": True}], ReleaseFound()),
        ("on_config_update", [], SettingsChanged()),
        ("on_user_delete", [ID], SettingsChanged()),
    ],
)
def test_read(name: str, payload: list[Any], event: LiveEvent) -> None:
    assert read_event(name, payload) == event


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("on_session_delete", [ID]),
        ("AssetUploadReadyV2", [{"asset": ASSET}]),
        ("AppRestartV1", [{"isMaintenanceMode": True}]),
        ("on_server_version", [{"major": "three"}]),
        ("on_upload_success", [{**ASSET, "id": "../albums"}]),
        ("on_upload_success", [{**ASSET, "id": None}]),
        ("on_asset_trash", [[]]),
        ("on_asset_trash", [["x"]]),
        ("on_asset_delete", [[ID]]),
        ("AssetEditReadyV2", [{"asset": [ID]}]),
        ("on_notification", [["JobFailed"]]),
    ],
)
def test_not_read(name: str, payload: list[Any]) -> None:
    assert read_event(name, payload) is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("payload", [[None], [5], ["x"], [[]], [{}], [True], [1e300]])
def test_what_is_none_is_not_read(name: str, payload: list[Any]) -> None:
    event = read_event(name, payload)
    assert event in (None, ReleaseFound(), SettingsChanged(), Notified("", None))


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(ID),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [*ASSET, "exifInfo", "people", "tags", "asset", "data", "type", "duration", "major"]
            )
            | st.text(),
            inner,
            max_size=8,
        )
    ),
    max_leaves=30,
)


@given(name=st.sampled_from(NAMES) | st.text(), payload=st.lists(JSON, max_size=3))
def test_nothing_is_too_odd(name: str, payload: list[Any]) -> None:
    read_event(name, payload)


@given(changes=st.dictionaries(st.sampled_from([*ASSET, "exifInfo", "people", "tags", "duration"]), JSON))
def test_odd_assets(changes: dict[str, Any]) -> None:
    event = read_event("on_upload_success", [{**ASSET, **changes}])
    assert event is None or isinstance(event, AssetReady)


def test_an_asset_is_read_as_from_the_api() -> None:
    event = read_event("on_upload_success", [ASSET])
    assert isinstance(event, AssetReady)
    assert event.asset.id == ID
    assert event.asset.filename == "a.jpg"
    assert event.asset.processed
    assert event.asset.added_at == datetime(2026, 11, 23, 20, 14, 51, 971000, tzinfo=UTC)


def test_old_versions_tell_when_it_changed_only() -> None:
    event = read_event("on_upload_success", [{key: ASSET[key] for key in ASSET if key != "createdAt"}])
    assert isinstance(event, AssetReady)
    assert event.asset.added_at == event.asset.updated_at == datetime(2026, 11, 23, 20, 15, tzinfo=UTC)


async def test_what_each_version_announces(each: FakeImmich, make_client: MakeClient) -> None:
    """What happens on a server is heard as what it is."""
    client = make_client(each)
    key = each.state.key_by_secret("admin-key")
    assert key is not None
    owner = each.state.users[key.user_id]
    asset = next(
        found
        for found in each.state.assets.values()
        if found.owner_id == owner.id and found.visibility == "timeline" and not found.is_trashed
    )
    filled = each.state.albums_of_asset.get(asset.id, set())
    album = next(
        found for found in each.state.albums.values() if found.owner_id == owner.id and found.id not in filled
    )
    send = client.transport.send
    async with asyncio.timeout(10), client.live.connect() as line:
        assert isinstance(await anext(line), ServerReady)
        announce(each, asset)
        ready = await anext(line)
        assert isinstance(ready, AssetReady)
        assert (ready.asset.id, ready.asset.owner_id) == (asset.id, owner.id)
        assert ready.asset.added_at is not None
        assert ready.asset.exif is not None
        await send("PUT", f"assets/{asset.id}", {"description": "seen"})
        updated = await anext(line)
        assert isinstance(updated, AssetUpdated)
        assert updated.asset.description == "seen"
        await send("DELETE", "assets", {"ids": [asset.id], "force": False})
        assert await anext(line) == AssetsTrashed((asset.id,))
        await send("POST", "trash/restore/assets", {"ids": [asset.id]})
        assert await anext(line) == AssetsRestored((asset.id,))
        await send("PUT", f"albums/{album.id}/assets", {"ids": [asset.id]})
        await send("DELETE", f"albums/{album.id}/assets", {"ids": [asset.id]})
        if each.version.at_least("3.1.0"):
            assert await anext(line) == AlbumChanged(album.id)
            assert {await anext(line)} <= {AlbumChanged(album.id)}
        await send("DELETE", "assets", {"ids": [asset.id], "force": True})
        assert await anext(line) == AssetDeleted(asset.id)
