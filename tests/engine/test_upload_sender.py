"""The way to the server: nothing sent that is there, nothing lost, nothing sent twice, whatever breaks."""

import asyncio
from collections.abc import Callable
import hashlib
import time

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.immich_plus.api import progress
from custom_components.immich_plus.const import DOMAIN, UPLOAD_ATTEMPTS
from custom_components.immich_plus.uploads import sender
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import (
    Call,
    Change,
    CloseReused,
    Delay,
    Drop,
    Fault,
    Garble,
    LoginPage,
    Proceed,
    Redirect,
    Status,
    hang_up,
)
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Asset, Role
from tests.uploading import Uploading, folder_fixture, photo, quick_fixture, upload_fixture  # noqa: F401

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")
NARROW = ["user.read", "asset.upload", "album.read", "albumAsset.create"]


@pytest.fixture
def with_key(add_account: AddAccount, folder: object, quick: None) -> Callable[..., object]:
    """Give a function that sets an account up whose key has certain scopes."""

    async def _make(hass: HomeAssistant, immich: FakeImmich, *scopes: str) -> Uploading:
        admin = immich.state.users[stable_id("tiny admin")]
        immich.state.add_api_key(admin, list(scopes), name="some", secret="some-key")
        entry = await add_account(immich, key="some-key")
        immich.state.settings.processing_delay = 0
        immich.requests.clear()
        return Uploading(hass, immich, entry, folder)  # type: ignore[arg-type]

    return _make


def _asset(immich: FakeImmich, name: str) -> Asset:
    return immich.state.assets[stable_id(f"tiny {name}")]


def _content(immich: FakeImmich, name: str) -> bytes:
    content = _asset(immich, name).media.original()
    assert isinstance(content, bytes)
    return content


def _reauths(hass: HomeAssistant) -> int:
    return len(
        [
            flow
            for flow in hass.config_entries.flow.async_progress()
            if flow["context"]["source"] == SOURCE_REAUTH
        ]
    )


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_duplicate_is_not_sent(
    make_immich: MakeImmich, add_account: AddAccount, hass: HomeAssistant, folder: object, version: str
) -> None:
    """What the server has is found by its checksum: no byte of the file is sent, and it is left as it is."""
    immich = await make_immich(version=version)
    upload = Uploading(hass, immich, await add_account(immich), folder)  # type: ignore[arg-type]
    before = _asset(immich, "vienna.jpg")
    description = before.exif.description
    path = upload.write("copy.jpg", _content(immich, "vienna.jpg"))
    said = await upload.one(path=path, description="Other", album="Empty", tags=["copies"], favorite=True)
    assert (said["status"], said["id"]) == ("duplicate", before.id)
    assert not upload.sent()
    assert before.original_file_name == "vienna.jpg"
    assert before.exif.description == description
    assert before.is_favorite
    assert upload.names_in("Empty") == ["vienna.jpg"]
    assert "copies" in {immich.state.tags[tag_id].value for tag_id in before.tag_ids}


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_trashed_duplicate_comes_back(
    make_immich: MakeImmich, add_account: AddAccount, hass: HomeAssistant, folder: object, version: str
) -> None:
    """What lies in the trash is brought back, as Immich would purge it; unless the call says not to."""
    immich = await make_immich(version=version)
    upload = Uploading(hass, immich, await add_account(immich), folder)  # type: ignore[arg-type]
    trashed = _asset(immich, "trashed.jpg")
    path = upload.write("trashed.jpg", _content(immich, "trashed.jpg"))
    said = await upload.one(path=path, restore_trashed=False)
    assert (said["status"], said["id"], trashed.is_trashed) == ("duplicate", trashed.id, True)
    said = await upload.one(path=path)
    assert (said["status"], said["id"], trashed.is_trashed) == ("restored", trashed.id, False)
    assert (await upload.one(path=path))["status"] == "duplicate"
    assert not upload.sent()


async def test_a_key_that_may_not_restore(
    hass: HomeAssistant, immich: FakeImmich, with_key: Callable[..., object]
) -> None:
    """A refused return from the trash is told, with the scope, as an error and as a repair."""
    upload = await with_key(hass, immich, *NARROW)  # type: ignore[misc]
    trashed = upload.write("trashed.jpg", _content(immich, "trashed.jpg"))
    key, placeholders = await upload.refused(path=trashed)
    assert key == "restore_failed"
    assert "asset.delete" in placeholders["reason"]
    first, second = await upload(path=[trashed, upload.write("new.jpg")])
    assert (first["status"], first["id"], second["status"]) == ("failed", None, "created")
    assert "asset.delete" in first["error"]
    (issue,) = ir.async_get(hass).issues.values()
    assert "asset.delete" in issue.translation_placeholders["scopes"]
    assert not _reauths(hass)


@pytest.mark.parametrize("version", ["1.137.3", "1.140.0"])
async def test_old_servers_with_a_narrow_key(
    make_immich: MakeImmich, hass: HomeAssistant, with_key: Callable[..., object], version: str
) -> None:
    """Where the check for duplicates wants a key that may do everything, each is still found unsent."""
    immich = await make_immich(version=version)
    upload = await with_key(hass, immich, *NARROW, "asset.delete")  # type: ignore[misc]
    known = upload.write("vienna.jpg", _content(immich, "vienna.jpg"))
    trashed = upload.write("trashed.jpg", _content(immich, "trashed.jpg"))
    said = await upload(path=[known, trashed, upload.write("new.jpg")])
    assert [asset["status"] for asset in said] == ["duplicate", "duplicate", "created"]
    # The key may not see what lies in the trash; it is brought back all the same.
    assert not _asset(immich, "trashed.jpg").is_trashed
    assert len(upload.sent()) == 1
    assert (await upload.one(path=known))["status"] == "duplicate"


async def test_old_servers_that_close_idle_connections(
    make_immich: MakeImmich, hass: HomeAssistant, with_key: Callable[..., object]
) -> None:
    """The old way to ask for a duplicate survives a connection that was just closed, too."""
    immich = await make_immich(version="1.137.3")
    upload = await with_key(hass, immich, *NARROW)  # type: ignore[misc]
    known = upload.write("vienna.jpg", _content(immich, "vienna.jpg"))
    immich.faults.add("*", CloseReused(), times=2)
    assert (await upload.one(path=known))["status"] == "duplicate"


async def test_the_same_bytes_twice(upload: Uploading) -> None:
    """Of several sources with the same bytes one is sent, under the first name."""
    paths = [upload.write(name, photo("same")) for name in ("a.jpg", "b.jpg", "c.jpg")]
    first, *rest = await upload(path=[*paths, paths[0]])
    assert first["status"] == "created"
    assert {asset["status"] for asset in rest} == {"duplicate"}
    assert {asset["id"] for asset in rest} == {first["id"]}
    assert len(upload.sent()) == 1
    assert upload.asset(first).original_file_name == "a.jpg"


async def test_many_files_two_at_a_time(upload: Uploading) -> None:
    """A long list is sent a few at a time; the answers keep its order."""
    running = most = 0

    class _Watch(Fault):
        async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            try:
                return await proceed()
            finally:
                running -= 1

    upload.immich.faults.add("POST assets", _Watch())
    said = await upload(path=[upload.write(f"{number}.jpg") for number in range(20)])
    assert [asset["filename"] for asset in said] == [f"{number}.jpg" for number in range(20)]
    assert most == 2
    assert upload.immich.requests.count("POST assets/bulk-upload-check") == 1


BROKEN = {
    "before": Drop(),
    "reset": Drop(reset=True),
    "headers": Drop("headers"),
    "body": Drop("body", after=5),
    "stored, then dropped": Drop(work=True),
    "stored, then broken JSON": Garble(keep=5),
    "stored, then no id": Change(lambda body: body.clear()),
    "502": Status(502, html=True),
    "504": Status(504, html=True),
    "503 in JSON": Status(503),
    "429": Status(429, retry_after=0),
    "408": Status(408),
    "500 without words": Status(500, html=True),
    "login page": LoginPage(),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_never_lost_never_twice(upload: Uploading, broken: str) -> None:
    """However an upload breaks, the file is there in the end, once, and is told to be new."""
    stored = len(upload.immich.state.assets)
    arrives = broken.startswith("stored") or broken == "body"
    for times in (1, UPLOAD_ATTEMPTS - 1):
        upload.immich.requests.clear()
        upload.immich.faults.add("POST assets", BROKEN[broken], times=times)
        said = await upload.one(path=upload.write(f"{times}.jpg"), description="New", album="Empty")
        stored += 1
        assert said["status"] == "created"
        assert len(upload.immich.state.assets) == stored
        assert (await upload.told(said)).exif.description == "New"
        assert f"{times}.jpg" in upload.names_in("Empty")
        assert upload.immich.requests.count("POST assets") == (1 if arrives else times + 1)
        upload.immich.faults.clear()


async def test_idle_connections(upload: Uploading) -> None:
    """A connection that the server closed while it was idle is nobody's error, whichever call meets it."""
    upload.immich.faults.add("*", CloseReused(), times=3)
    said = await upload.one(
        path=upload.write("door.jpg"), description="New", album="Fresh", create_album=True
    )
    assert said["status"] == "created"
    assert upload.immich.faults.hits
    assert upload.names_in("Fresh") == ["door.jpg"]
    assert upload.immich.requests.count("POST albums") == 1


async def test_dropped_in_the_middle_of_the_file(upload: Uploading) -> None:
    """A line that breaks while the bytes of a film are on their way is nobody's error."""

    class _HangUp(Fault):
        async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
            await call.request.content.readexactly(300_000)
            return await Drop(reset=True).around(call, proceed)

    upload.immich.faults.add("POST assets", _HangUp(), times=2)
    content = bytes(5_000_000)
    said = await upload.one(path=upload.write("film.mp4", content))
    assert (said["status"], upload.asset(said).checksum) == ("created", hashlib.sha1(content).digest())


async def test_finished_by_the_first_try_after_all(
    upload: Uploading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the second try is told "duplicate", the first had arrived: it is new all the same."""

    async def _late(*_args: object) -> None:
        return None

    monkeypatch.setattr(sender, "_arrived", _late)
    upload.immich.faults.add("POST assets", Drop(work=True), times=1)
    said = await upload.one(path=upload.write("door.jpg"), description="New")
    assert said["status"] == "created"
    assert (await upload.told(said)).exif.description == "New"


GIVEN_UP = {
    "cannot_connect": Drop(),
    "unavailable": Status(502, html=True),
    "not_immich": LoginPage(),
    "redirected": Redirect("https://login.example.com/"),
}


@pytest.mark.parametrize("key", GIVEN_UP)
async def test_given_up_in_the_end(upload: Uploading, key: str) -> None:
    """A server that stays away ends the call with an error that says so; others are not waited for as long."""
    upload.immich.faults.add("POST assets", GIVEN_UP[key])
    found, _ = await upload.refused(path=upload.write("door.jpg"))
    assert found == key
    assert upload.immich.requests.count("POST assets") == UPLOAD_ATTEMPTS


async def test_away_for_all(upload: Uploading) -> None:
    """Once the server was found away, each further file is tried once only."""
    upload.immich.faults.add("POST assets", Drop())
    await upload.refused(path=[upload.write(f"{number}.jpg") for number in range(8)])
    assert upload.immich.requests.count("POST assets") <= 2 * UPLOAD_ATTEMPTS + 6


async def test_asked_to_wait_too_long(upload: Uploading) -> None:
    """A server that asks for a pause of minutes isn't waited for."""
    upload.immich.faults.add("POST assets", Status(429, retry_after=300))
    assert (await upload.refused(path=upload.write("door.jpg")))[0] == "unavailable"
    assert upload.immich.requests.count("POST assets") == 1


REFUSED = {
    "too_large": Status(413, html=True),
    "server_error": Status(500),
    "refused": Status(400, message="Something is wrong with it"),
    "not_immich": Status(403, html=True),
}


@pytest.mark.parametrize("key", REFUSED)
async def test_refused_for_good(upload: Uploading, key: str) -> None:
    """What would be refused again isn't sent again; the other files are not concerned."""
    upload.immich.faults.add("POST assets", REFUSED[key], times=UPLOAD_ATTEMPTS if key == "not_immich" else 1)
    found, _ = await upload.refused(path=upload.write("a.jpg"))
    assert found == key
    upload.immich.faults.clear()
    upload.immich.faults.add("POST assets", Status(413, html=True), times=1)
    said = await upload(path=[upload.write("b.jpg"), upload.write("c.jpg")])
    assert sorted(asset["status"] for asset in said) == ["created", "failed"]


async def test_a_full_quota(upload: Uploading) -> None:
    """A full quota is told in the server's words."""
    upload.immich.state.users[upload.account.unique_id].quota_size = 1
    assert await upload.refused(path=upload.write("a.jpg")) == (
        "refused",
        {"reason": "Quota has been exceeded!"},
    )


async def test_maintenance(make_immich: MakeImmich, upload: Uploading) -> None:
    """Maintenance mode is named, from the first call on and in the middle of one."""
    path = upload.write("a.jpg")

    class _Begin(Fault):
        async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
            upload.immich.maintenance = True
            return await Status(404, message="Cannot POST /api/assets").around(call, proceed)

    upload.immich.faults.add("POST assets", _Begin(), times=1)
    assert (await upload.refused(path=path))[0] == "maintenance"
    assert (await upload.refused(path=path))[0] == "maintenance"


async def test_a_server_that_is_gone(upload: Uploading) -> None:
    """Without a server the call fails at once in plain words, and works again as soon as it is back."""
    path = upload.write("a.jpg")
    await upload.immich.stop()
    assert (await upload.refused(path=path))[0] == "cannot_connect"
    await upload.immich.start()
    await upload.one(path=path)


async def test_back_in_the_middle(upload: Uploading) -> None:
    """A server that restarts while a file is on its way gets it afterwards."""

    class _Restart(Fault):
        async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
            hang_up(call.request, reset=True)
            return await Drop(reset=True).around(call, proceed)

    upload.immich.faults.add("POST assets", _Restart(), times=1)
    upload.immich.faults.add("POST assets/bulk-upload-check", Drop(), times=3, after=1)
    assert (await upload.one(path=upload.write("a.jpg")))["status"] == "created"


async def test_a_line_that_stops_moving(upload: Uploading, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload that doesn't move any more ends by itself, and is tried again."""
    monkeypatch.setattr(progress, "STALL_SECONDS", 0.2)
    monkeypatch.setattr(progress, "ANSWER_SECONDS", 0.2)
    upload.immich.faults.add("POST assets", Delay(0.5), times=1)
    started = time.monotonic()
    assert (await upload.one(path=upload.write("a.jpg")))["status"] == "created"
    assert time.monotonic() - started < 2
    upload.immich.faults.add("POST assets", Delay(0.5))
    assert (await upload.refused(path=upload.write("b.jpg")))[0] == "timeout"
    await asyncio.sleep(0.5)


async def test_a_slow_server_has_all_the_time(upload: Uploading, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as bytes move, an upload takes as long as it takes."""
    monkeypatch.setattr(progress, "STALL_SECONDS", 0.5)
    upload.immich.rate = 3_000_000
    assert (await upload.one(path=upload.write("film.mp4", bytes(4_000_000))))["status"] == "created"


async def test_a_revoked_key(hass: HomeAssistant, upload: Uploading) -> None:
    """A key that is revoked between two files: what arrived is told, nothing more is sent, a new key is asked for."""

    class _Revoke(Fault):
        async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
            answer = await proceed()
            upload.immich.state.api_keys.clear()
            return answer

    upload.immich.faults.add("POST assets", _Revoke(), times=1)
    said = await upload(path=[upload.write(f"{number}.jpg") for number in range(6)], album="Empty")
    assert [asset["status"] for asset in said].count("failed") >= 4
    assert "Immich no longer accepts the API key" in next(
        asset["error"] for asset in said if asset["status"] == "failed"
    )
    assert "Immich no longer accepts the API key" in next(
        asset["error"] for asset in said if asset["status"] == "created"
    )
    assert upload.immich.requests.count("POST assets") <= 4
    assert _reauths(hass) == 1


async def test_a_key_that_was_revoked_before(hass: HomeAssistant, upload: Uploading) -> None:
    """With a dead key the call fails and a new one is asked for, once."""
    upload.immich.state.api_keys.clear()
    for _ in range(2):
        assert (await upload.refused(path=upload.write("a.jpg")))[0] == "invalid_auth"
    assert _reauths(hass) == 1
    assert not upload.sent()


async def test_a_key_without_upload(
    hass: HomeAssistant, immich: FakeImmich, with_key: Callable[..., object]
) -> None:
    """A missing scope is named by an error and a repair; nobody is asked for a new key."""
    upload = await with_key(hass, immich, "user.read")  # type: ignore[misc]
    assert await upload.refused(path=upload.write("a.jpg")) == ("missing_scope", {"scope": "asset.upload"})
    (issue,) = ir.async_get(hass).issues.values()
    assert "asset.upload" in issue.translation_placeholders["scopes"]
    assert not _reauths(hass)
    assert hass.config_entries.async_entries(DOMAIN)


async def test_steps_that_the_key_may_not(
    hass: HomeAssistant, immich: FakeImmich, with_key: Callable[..., object]
) -> None:
    """Each step that is refused is told with the asset, which is there all the same."""
    upload = await with_key(hass, immich, "user.read", "asset.upload", "album.read")  # type: ignore[misc]
    known = upload.write("vienna.jpg", _content(immich, "vienna.jpg"))
    new = upload.write("new.jpg")
    said = await upload(
        path=[new, known], album="Holiday", tags=["a"], description="x", favorite=True, create_album=True
    )
    assert [asset["status"] for asset in said] == ["created", "duplicate"]
    for scope, times in {"asset.update": 1, "tag.create": 1, "albumAsset.create": 2}.items():
        assert sum(scope in asset["error"] for asset in said) == times
    (issue,) = ir.async_get(hass).issues.values()
    for scope in ("asset.update", "tag.create", "albumAsset.create"):
        assert scope in issue.translation_placeholders["scopes"]
    assert not _reauths(hass)
    (asset,) = await upload(path=new, album="Brand new", create_album=True)
    assert "album.create" in asset["error"]
    immich.state.albums[stable_id("tiny holiday")].members[stable_id("tiny admin")] = Role.VIEWER


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_main_path_on_every_version(
    make_immich: MakeImmich, add_account: AddAccount, hass: HomeAssistant, folder: object, version: str
) -> None:
    """A picture, into a new album, with all that can be wished for."""
    immich = await make_immich(version=version)
    immich.state.settings.processing_delay = 0
    upload = Uploading(hass, immich, await add_account(immich), folder)  # type: ignore[arg-type]
    immich.requests.clear()
    upload.write("IMG_1.mov")
    response = await upload.response(
        path=upload.write("IMG_1.heic"),
        album="Front door",
        create_album=True,
        favorite=True,
        archived=True,
        description="Somebody rang",
        tags=["Home/Doorbell"],
        taken_at="2024-05-06 07:08:09",
    )
    (said,) = response["assets"]
    stored = await upload.told(said)
    assert response["album"]["created"]
    assert upload.names_in("Front door") == ["IMG_1.heic"]
    assert (stored.is_favorite, stored.visibility.value) == (True, "archive")
    assert stored.exif.description == "Somebody rang"
    assert {immich.state.tags[tag].value for tag in stored.tag_ids} == {"Home/Doorbell"}
    assert stored.file_created_at.isoformat().startswith("2024-05-06T14:08:09")
    assert stored.live_photo_video_id
    await hass.async_block_till_done()
    assert not [entry for entry in immich.requests.entries if entry.status >= 400]
