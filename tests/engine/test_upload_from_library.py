"""Photos and films of an account as sources of uploads: the files as they were uploaded, never what browsers see."""

from collections.abc import AsyncGenerator
from hashlib import sha1
from pathlib import Path
from typing import Any, override

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.asset_reference import AssetReference
from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.uploads import nameless
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Drop, Fault, LoginPage, Status
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Asset
from tests.fake_immich.tiny import TinyMedia
from tests.uploading import Json, Uploading, folder_fixture, nothing_left_fixture, quick_fixture  # noqa: F401

ADMIN, USER = stable_id("tiny admin"), stable_id("tiny user")
UNKNOWN = "12345678-1234-4234-8234-123456789012"


class _Into(Uploading):
    """Uploads into the first account, where there are several."""

    @override
    async def response(self, action: str = "upload", **data: Any) -> Json:
        return await Uploading.response(self, action, config_entry_id=self.account.entry_id, **data)


@pytest.fixture(name="upload")
async def into_fixture(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, folder: Path, quick: None
) -> AsyncGenerator[Uploading]:
    """Give the calls of the administrator's account."""
    immich.state.settings.processing_delay = 0
    yield _Into(hass, immich, account, folder)
    await hass.async_block_till_done()


@pytest.fixture(name="theirs")
async def theirs_fixture(upload: Uploading, add_account: AddAccount) -> MockConfigEntry:
    """Give the account of another user of the same server."""
    return await add_account(upload.immich, key="user-key")


@pytest.fixture(name="elsewhere")
async def elsewhere_fixture(
    make_immich: MakeImmich, add_account: AddAccount, upload: Uploading
) -> FakeImmich:
    """Give another server with an account on it, whose user has another id."""
    other = await make_immich(version="2.7.5")
    other.state.settings.processing_delay = 0
    await add_account(other, key="guest-key")
    return other


def _media(name: str, user_id: str = USER) -> str:
    return str(AssetReference(user_id, stable_id(f"tiny {name}")))


def _content(immich: FakeImmich, name: str) -> bytes:
    media = immich.state.assets[stable_id(f"tiny {name}")].media
    assert isinstance(media, TinyMedia)
    return media.content


def _bytes(asset: Asset) -> bytes:
    """Return what the server has of an asset."""
    assert asset.media is not None
    content = asset.media.original()
    assert content is not None
    return content.read_bytes() if isinstance(content, Path) else content


def _make(immich: FakeImmich, name: str, mime_type: str, content: bytes) -> None:
    """Turn somebody's photo into another file."""
    asset = immich.state.assets[stable_id("tiny user1.jpg")]
    asset.original_file_name = name
    asset.mime_type = mime_type
    assert isinstance(asset.media, TinyMedia)
    asset.media.content = content
    immich.state.set_original(asset, sha1(content, usedforsecurity=False).digest(), len(content))


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [("IMG_1.HEIC", "image/heic"), ("IMG_1.dng", "image/x-adobe-dng"), ("größe 1.jpg", "image/jpeg")],
)
async def test_the_original(upload: Uploading, theirs: MockConfigEntry, name: str, mime_type: str) -> None:
    """The other account's file arrives byte for byte and under its name, with its date."""
    content = b"raw \x00 with all that is written in it " + name.encode()
    _make(upload.immich, name, mime_type, content)
    said = await upload.one(media=_media("user1.jpg"))
    assert (said["status"], said["filename"]) == ("created", name)
    assert said["source"] == _media("user1.jpg")
    asset = await upload.told(said)
    assert asset.owner_id == ADMIN
    assert _bytes(asset) == content
    assert asset.file_created_at == upload.immich.state.assets[stable_id("tiny user1.jpg")].file_created_at
    again = await upload.one(media={"media_content_id": _media("user1.jpg"), "media_content_type": "x"})
    assert (again["status"], again["id"]) == ("duplicate", said["id"])


async def test_an_edited_photo(upload: Uploading, theirs: MockConfigEntry) -> None:
    """What somebody edited in Immich is uploaded as it came out of the camera."""
    upload.immich.state.assets[stable_id("tiny user1.jpg")].edits = [
        {"action": "mirror", "parameters": {"axis": "horizontal"}}
    ]
    asset = upload.asset(await upload.one(media=_media("user1.jpg")))
    assert _bytes(asset) == _content(upload.immich, "user1.jpg")


async def test_from_another_server(upload: Uploading, elsewhere: FakeImmich) -> None:
    """Photos and films go from one server to another, several in a call."""
    guest = elsewhere.state.users[stable_id("tiny guest")]
    for name in ("user1.jpg", "film.mp4"):
        asset = elsewhere.state.assets[stable_id(f"tiny {name}")]
        elsewhere.state.update_asset(asset, touch=False, owner_id=guest.id)
    film = elsewhere.state.assets[stable_id("tiny film.mp4")]
    assert isinstance(film.media, TinyMedia)
    film.media.content += b"another film"
    elsewhere.state.set_original(
        film, sha1(film.media.content, usedforsecurity=False).digest(), len(film.media.content)
    )
    said = await upload(media=[_media("user1.jpg", guest.id), _media("film.mp4", guest.id)], album="Empty")
    assert [row["status"] for row in said] == ["created", "created"]
    for row, name in zip(said, ("user1.jpg", "film.mp4"), strict=True):
        assert _bytes(upload.asset(row)) == _content(elsewhere, name)
    assert upload.names_in("Empty") == ["film.mp4", "user1.jpg"]


async def test_a_motion_photo(upload: Uploading, elsewhere: FakeImmich) -> None:
    """The film of a motion photo comes along and stays with its photo."""
    guest = elsewhere.state.users[stable_id("tiny guest")]
    for name in ("live.jpg", "live.mov"):
        asset = elsewhere.state.assets[stable_id(f"tiny {name}")]
        elsewhere.state.update_asset(asset, touch=False, owner_id=guest.id)
        assert isinstance(asset.media, TinyMedia)
        asset.media.content += b"of another phone"
        elsewhere.state.set_original(
            asset, sha1(asset.media.content, usedforsecurity=False).digest(), len(asset.media.content)
        )
    photo = await upload.told(await upload.one(media=_media("live.jpg", guest.id)))
    assert _bytes(photo) == _content(elsewhere, "live.jpg")
    assert photo.live_photo_video_id is not None
    assert _bytes(upload.immich.state.assets[photo.live_photo_video_id]) == _content(elsewhere, "live.mov")


async def test_a_motion_photo_whose_film_is_lost(upload: Uploading, elsewhere: FakeImmich) -> None:
    """A motion photo isn't uploaded by half, and leaves nothing behind."""
    guest = elsewhere.state.users[stable_id("tiny guest")]
    photo = elsewhere.state.assets[stable_id("tiny live.jpg")]
    elsewhere.state.update_asset(photo, touch=False, owner_id=guest.id)
    photo.live_photo_video_id = UNKNOWN
    assert (await upload.refused(media=_media("live.jpg", guest.id)))[0] == "not_found"
    assert not upload.sent()


async def test_the_same_account(upload: Uploading) -> None:
    """An account's own photo is there already: it is only put into the album."""
    said = await upload.one(media=_media("rome.jpg", ADMIN), album="Empty")
    assert (said["status"], said["id"]) == ("duplicate", stable_id("tiny rome.jpg"))
    assert upload.names_in("Empty") == ["rome.jpg"]
    assert not upload.sent()


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Status(404, message="Asset media not found"), "not_found"),
        (Status(403, message="Missing required permission: asset.download"), "missing_scope"),
        (Status(500, message="broke"), "server_error"),
        (Status(206, message="half"), "bad_answer"),
        (LoginPage(), "not_immich"),
        (Drop(), "cannot_connect"),
        (Drop(at="body"), "cannot_connect"),
    ],
)
async def test_what_cannot_be_had(upload: Uploading, theirs: MockConfigEntry, fault: Fault, key: str) -> None:
    """What the other account's server refuses is told, and nothing else is sent instead."""
    upload.immich.faults.add("GET assets/*/original", fault)
    assert (await upload.refused(media=_media("user1.jpg")))[0] == key
    assert not upload.sent()


async def test_refusals_belong_to_the_account_that_is_read(
    hass: HomeAssistant, upload: Uploading, theirs: MockConfigEntry
) -> None:
    """The account whose key is no good is asked for a new one, and it gets the repair; not the one that uploads."""
    key = upload.immich.state.key_by_secret("user-key")
    assert key is not None
    key.permissions[:] = ["user.read", "asset.read"]
    assert await upload.refused(media=_media("user1.jpg")) == ("missing_scope", {"scope": "asset.download"})
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, f"missing_scopes_{theirs.entry_id}")
    assert not issues.async_get_issue(DOMAIN, f"missing_scopes_{upload.account.entry_id}")
    del upload.immich.state.api_keys[key.id]
    assert (await upload.refused(media=_media("user1.jpg")))[0] == "invalid_auth"
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert (flow["context"]["source"], flow["context"]["entry_id"]) == (SOURCE_REAUTH, theirs.entry_id)


async def test_accounts_that_do_not_run(
    hass: HomeAssistant, upload: Uploading, theirs: MockConfigEntry
) -> None:
    """A photo of an account that isn't there fails alone."""
    await hass.config_entries.async_unload(theirs.entry_id)
    said = await upload(path=upload.write("a.jpg"), media=[_media("user1.jpg"), _media("user1.jpg", UNKNOWN)])
    assert [row["status"] for row in said] == ["created", "failed", "failed"]
    assert (await upload.refused(media=_media("user1.jpg")))[0] == "account_not_loaded"


async def test_a_damaged_file(upload: Uploading, theirs: MockConfigEntry) -> None:
    """What isn't the file that was uploaded, or is empty, isn't passed on."""
    media = upload.immich.state.assets[stable_id("tiny user1.jpg")].media
    assert isinstance(media, TinyMedia)
    media.content += b"!"
    assert (await upload.refused(media=_media("user1.jpg")))[0] == "download_damaged"
    media.content = b""
    assert (await upload.refused(media=_media("user1.jpg")))[0] == "bad_answer"
    assert not upload.sent()


async def test_too_much(upload: Uploading, theirs: MockConfigEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file fills the disk."""
    monkeypatch.setattr(nameless, "LARGEST_DOWNLOAD_BYTES", 20)
    assert (await upload.refused(media=_media("user1.jpg")))[0] == "download_too_large"


async def test_names(upload: Uploading, theirs: MockConfigEntry) -> None:
    """A file whose name Immich doesn't tell is called by its id, with an ending that fits."""
    upload.immich.state.assets[stable_id("tiny user1.jpg")].original_file_name = ""
    said = await upload.one(media=_media("user1.jpg"))
    assert said["filename"] == f"{stable_id('tiny user1.jpg')}.jpg"
