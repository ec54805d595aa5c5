"""Saving assets as files: complete or not at all, and only where it is allowed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import errno
import hashlib
import os
from pathlib import Path
from typing import Any, override

import aiohttp
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.api import transport
from custom_components.immich_plus.api.errors import ImmichError
from custom_components.immich_plus.const import DOWNLOADS_AT_ONCE
from custom_components.immich_plus.downloads import part_file
from custom_components.immich_plus.downloads.names import NameTemplate
from custom_components.immich_plus.downloads.saver import Saved, Status, Version, Wishes, async_download
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.answers import AnyAnswer, FileAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import (
    Call,
    Delay,
    Drop,
    Fault,
    LoginPage,
    Proceed,
    Status as HttpStatus,
    Trickle,
)
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Asset
from tests.fake_immich.tiny import JPEG, WEBP
from tests.uploading import folder_fixture, open_files  # noqa: F401

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")
ORIGINAL = "GET assets/{id}/original"
THUMBNAIL = "GET assets/{id}/thumbnail"
PARTY, VIENNA, ROME, FILM = (
    stable_id(f"tiny {name}") for name in ("party.jpg", "vienna.jpg", "rome.jpg", "film.mp4")
)
UNKNOWN = "12345678-1234-4234-8234-123456789012"


@dataclass(slots=True)
class Downloading:
    """Saves assets of an account into a folder, and looks at what is there."""

    hass: HomeAssistant
    immich: FakeImmich
    account: MockConfigEntry
    folder: Path

    async def __call__(self, *asset_ids: str, **wishes: Any) -> list[Saved]:
        """Save assets and return what became of each."""
        client = self.account.runtime_data.client
        outcomes = await async_download(self.hass, client, asset_ids, self.wishes(**wishes))
        assert list(outcomes) == list(asset_ids)
        return list(outcomes.values())

    def wishes(self, **wishes: Any) -> Wishes:
        """Return wishes with the usual values where nothing is said."""
        template = NameTemplate.parse(wishes.pop("filename", "{filename}"))
        usual: dict[str, Any] = {"version": Version.ORIGINAL, "folder": self.folder, "overwrite": False}
        return Wishes(template=template, **(usual | wishes))

    async def failed(self, asset_id: str = PARTY, **wishes: Any) -> tuple[str | None, dict[str, str] | None]:
        """Save an asset, which must fail and leave nothing; return the key of the text and what stands in it."""
        before = self.files()
        (saved,) = await self(asset_id, **wishes)
        assert (saved.status, saved.path, saved.size) == (Status.FAILED, None, None)
        assert saved.error is not None
        assert self.files() == before
        return saved.error.translation_key, saved.error.translation_placeholders

    def files(self) -> dict[str, bytes]:
        """Return what is in the folder, hidden files included."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}

    def asset(self, asset_id: str) -> Asset:
        """Return the server's asset."""
        return self.immich.state.assets[asset_id]

    def original(self, asset_id: str) -> bytes:
        """Return what the server keeps."""
        media = self.asset(asset_id).media
        content = media.original() if media else None
        assert isinstance(content, bytes)
        return content


@pytest.fixture(name="download")
def download_fixture(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Downloading:
    """Give downloads of the administrator's account; the client tries again at once."""
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0.001)
    immich.requests.clear()
    return Downloading(hass, immich, account, folder)


@dataclass(frozen=True, slots=True)
class Served(Fault):
    """Send other bytes, or another type, than the server would."""

    content: bytes | None = None
    content_type: str | None = None

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        answer = await proceed()
        assert isinstance(answer, FileAnswer)
        answer.content = answer.content if self.content is None else self.content
        answer.content_type = self.content_type or answer.content_type
        return answer


def _all_files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


# What is saved


@pytest.mark.parametrize("version", VERSIONS)
async def test_each_version_of_a_picture(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, folder: Path, version: str
) -> None:
    """Original, preview and thumbnail are saved under the right ending, from every server."""
    immich = await make_immich(version=version)
    download = Downloading(hass, immich, await add_account(immich), folder)
    for wanted, name, content in (
        (Version.ORIGINAL, "party.jpg", download.original(PARTY)),
        (Version.PREVIEW, "preview-party.jpg", JPEG),
        (Version.THUMBNAIL, "thumbnail-party.webp", WEBP),
    ):
        prefix = "" if wanted is Version.ORIGINAL else f"{wanted}-"
        (saved,) = await download(PARTY, version=wanted, filename=f"{prefix}{{filename}}")
        assert saved == Saved(status=Status.SAVED, path=folder / name, size=len(content))
        assert (folder / name).read_bytes() == content
    assert len(download.files()) == 3


async def test_several(download: Downloading) -> None:
    """Each asset tells its own result, in the order of the call; one that is gone doesn't spoil the others."""
    saved = await download(FILM, UNKNOWN, VIENNA)
    assert [each.status for each in saved] == [Status.SAVED, Status.FAILED, Status.SAVED]
    assert saved[1].error is not None
    assert saved[1].error.translation_key == "not_found"
    assert saved[1].cause is not None
    assert download.files() == {
        "film.mp4": download.original(FILM),
        "vienna.jpg": download.original(VIENNA),
    }


async def test_files_can_be_read_by_others(download: Downloading) -> None:
    """A file has the rights that files of Home Assistant have, so that a network share shows it."""
    (saved,) = await download(PARTY)
    plain = download.folder / "plain"
    plain.touch()
    assert saved.path is not None
    assert saved.path.stat().st_mode == plain.stat().st_mode
    assert saved.path.stat().st_nlink == 1


async def test_an_external_library(download: Downloading) -> None:
    """A file of an external library is saved: its checksum on the server is that of its path."""
    asset = download.asset(PARTY)
    asset.library_id = stable_id("tiny library")
    asset.checksum = hashlib.sha1(b"path:/mnt/photos/party.jpg").digest()
    (saved,) = await download(PARTY)
    assert saved.status is Status.SAVED


async def test_a_long_list_goes_a_few_at_a_time(download: Downloading) -> None:
    """However many assets a call names, only a few are fetched at once."""
    asset_ids = [asset.id for asset in download.immich.state.assets.values() if asset.owner_id]
    now = most = 0

    class Counting(Fault):
        """Count how many requests are answered at the same time."""

        @override
        async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.02)
            now -= 1
            return await proceed()

    download.immich.faults.add("*", Counting())
    saved = await download(*asset_ids, filename="{id}")
    assert {each.status for each in saved} == {Status.SAVED}
    assert most == DOWNLOADS_AT_ONCE


async def test_a_large_film(download: Downloading, tmp_path: Path) -> None:
    """A film is never held in memory: the process, the fake server included, grows by far less."""

    class Disk:
        """A film on the server's disk."""

        def original(self) -> Path:
            """Return the film."""
            return film

    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
        file.write(b"start")
    with film.open("rb") as whole:
        download.asset(FILM).checksum = hashlib.file_digest(whole, "sha1").digest()
    await download(PARTY)
    download.asset(FILM).media = Disk()  # type: ignore[assignment]

    def _resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    before = most = _resident()
    call = asyncio.create_task(download(FILM))
    while not call.done():
        await asyncio.sleep(0.01)
        most = max(most, _resident())
    (saved,) = await call
    assert saved.status is Status.SAVED
    assert saved.size == film.stat().st_size
    assert most - before < 32 * 1024 * 1024


# What is there already


async def test_what_exists_stays(download: Downloading) -> None:
    """A file that is there is left alone, whatever is in it, and its picture isn't fetched."""
    for version, name in ((Version.ORIGINAL, "party.jpg"), (Version.THUMBNAIL, "party.webp")):
        (download.folder / name).write_bytes(b"mine")
        (saved,) = await download(PARTY, version=version)
        assert saved == Saved(status=Status.EXISTS, path=download.folder / name, size=4)
        assert (download.folder / name).read_bytes() == b"mine"
    assert download.immich.requests.count(ORIGINAL) == 0


async def test_overwriting(download: Downloading) -> None:
    """If asked to, a file is replaced; at every moment it is either the old or the new one."""
    path = download.folder / "party.jpg"
    path.write_bytes(b"mine")
    with path.open("rb") as old:
        (saved,) = await download(PARTY, overwrite=True)
        assert old.read() == b"mine"
    assert saved.status is Status.SAVED
    assert download.files() == {"party.jpg": download.original(PARTY)}


async def test_a_failed_overwriting(download: Downloading) -> None:
    """The old file stays if the new one doesn't arrive."""
    (download.folder / "party.jpg").write_bytes(b"mine")
    download.immich.faults.add(ORIGINAL, Drop(at="body"))
    assert await download.failed(overwrite=True) == ("cannot_connect", {"reason": "the answer broke off"})


@pytest.mark.parametrize("overwrite", [False, True])
async def test_no_plain_file_is_touched(download: Downloading, tmp_path: Path, overwrite: bool) -> None:
    """Neither a folder nor a link of that name is replaced, nor written through."""
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"secret")
    (download.folder / "party.jpg").symlink_to(outside)
    (download.folder / "rome.jpg").mkdir()
    (download.folder / "vienna.jpg").symlink_to(tmp_path / "nowhere.jpg")
    for asset_id, name in ((PARTY, "party.jpg"), (ROME, "rome.jpg"), (VIENNA, "vienna.jpg")):
        assert await download.failed(asset_id, overwrite=overwrite) == ("name_taken", {"filename": name})
    assert outside.read_bytes() == b"secret"
    assert not (tmp_path / "nowhere.jpg").exists()


async def test_two_calls_at_once(download: Downloading) -> None:
    """Of two calls that save the same picture one does, and the other finds it there."""
    download.immich.faults.add(ORIGINAL, Delay(0.1))
    first, second = await asyncio.gather(download(PARTY), download(PARTY))
    assert {first[0].status, second[0].status} == {Status.SAVED, Status.EXISTS}
    assert first[0].path == second[0].path
    assert first[0].size == second[0].size == len(download.original(PARTY))
    assert list(download.files()) == ["party.jpg"]


async def test_the_same_name(download: Downloading) -> None:
    """Different assets of one call are all saved, also where they share a name or are told to."""
    for asset_id in (VIENNA, ROME):
        download.immich.state.update_asset(download.asset(asset_id), original_file_name="PARTY.jpg")
    saved = await download(PARTY, VIENNA, ROME)
    assert [each.status for each in saved] == [Status.SAVED] * 3
    assert download.files() == {
        "party.jpg": download.original(PARTY),
        f"PARTY-{VIENNA[:8]}.jpg": download.original(VIENNA),
        f"PARTY-{ROME[:8]}.jpg": download.original(ROME),
    }
    again = await download(PARTY, VIENNA, ROME)
    assert [each.path for each in again] == [each.path for each in saved]
    assert {each.status for each in again} == {Status.EXISTS}
    await download(PARTY, VIENNA, filename="frame.jpg", version=Version.THUMBNAIL)
    assert {"frame.webp", f"frame-{VIENNA[:8]}.webp"} < set(download.files())


# Disks


async def test_a_disk_without_hard_links(download: Downloading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory cards and network drives know no links: the name is reserved, and nothing is overwritten."""

    def _no_links(*_arguments: Any, **_more: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", _no_links)
    (saved,) = await download(PARTY)
    assert saved.status is Status.SAVED
    download.immich.faults.add(ORIGINAL, Delay(0.1))
    first, second = await asyncio.gather(download(ROME), download(ROME))
    assert {first[0].status, second[0].status} == {Status.SAVED, Status.EXISTS}
    assert set(download.files()) == {"party.jpg", "rome.jpg"}

    def _no_moves(*_arguments: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "replace", _no_moves)
    key, placeholders = await download.failed(VIENNA)
    assert key == "folder_unwritable"
    assert placeholders == {"folder": str(download.folder), "reason": "Input/output error"}


@pytest.mark.parametrize("at", ["write", "fsync"])
async def test_a_full_disk(download: Downloading, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """A full disk is told as such, nothing half stays, and the rest isn't tried."""
    full = Path("/dev/full")
    open_file = Path.open

    def _open(path: Path, *arguments: Any, **more: Any) -> Any:
        is_part = path.name.endswith(part_file.SUFFIX)
        return open_file(full, "wb", buffering=0) if is_part else open_file(path, *arguments, **more)

    def _fsync(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if at == "write":
        monkeypatch.setattr(Path, "open", _open)
    else:
        monkeypatch.setattr(os, "fsync", _fsync)
    assert await download.failed() == ("no_space_folder", {"folder": str(download.folder)})
    download.immich.requests.clear()
    download.immich.faults.add(ORIGINAL, Delay(0.05))
    saved = await download(*(asset.id for asset in download.immich.state.assets.values()))
    assert {each.error.translation_key for each in saved if each.error} == {"no_space_folder"}
    assert len(saved) > 2 * DOWNLOADS_AT_ONCE
    assert download.immich.requests.count(ORIGINAL) == DOWNLOADS_AT_ONCE
    assert download.files() == {}


@pytest.mark.parametrize("call", ["open", "lstat"])
async def test_an_unwritable_folder(
    download: Downloading, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A folder that can't be written to is told with the system's reason."""

    def _refuse(_path: Path, *_arguments: Any, **_more: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, call, _refuse)
        (saved,) = await download(PARTY)
    assert saved.error is not None
    assert saved.error.translation_key == "folder_unwritable"
    assert saved.error.translation_placeholders == {
        "folder": str(download.folder),
        "reason": "Permission denied",
    }
    assert download.files() == {}


# Trouble on the way


@pytest.mark.parametrize("at", ["before", "headers", "body"])
async def test_a_broken_line(download: Downloading, at: Any) -> None:
    """A file that breaks off isn't saved; the next call saves it."""
    # Asked again on a fresh connection, as everybody does who meets a closed one.
    download.immich.faults.add(ORIGINAL, Drop(at=at, after=100), times=2)
    key, _ = await download.failed()
    assert key == "cannot_connect"
    download.immich.faults.clear()
    assert (await download(PARTY))[0].status is Status.SAVED


async def test_a_stalled_file(download: Downloading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may take as long as it takes, but not stand still."""
    limits = aiohttp.ClientTimeout(total=None, sock_read=0.3)
    monkeypatch.setattr(transport, "_STREAM", limits)
    download.immich.faults.add(ORIGINAL, Trickle(2000, 0.05), times=1)
    assert (await download(FILM))[0].status is Status.SAVED
    download.immich.faults.add(ORIGINAL, Trickle(200, 1.0), times=1)
    assert await download.failed() == ("timeout", {})


async def test_other_bytes(download: Downloading) -> None:
    """An original that isn't what was uploaded is refused; without a checksum nobody can tell."""
    download.immich.faults.add(ORIGINAL, Served(JPEG + b"something else"))
    assert await download.failed() == ("download_damaged", {})


@pytest.mark.parametrize("version", list(Version))
async def test_no_picture(download: Downloading, version: Version) -> None:
    """Login pages, empty answers and odd statuses are never saved as pictures."""
    download.immich.faults.add("GET assets/{id}/*", LoginPage(), times=1)
    key, placeholders = await download.failed(version=version)
    assert key == "not_immich"
    assert placeholders == {"reason": "the answer is of the kind “text/html”, not a picture"}
    download.immich.faults.add("GET assets/{id}/*", Served(b""), times=1)
    assert await download.failed(version=version) == ("bad_answer", {"reason": "the file is empty"})
    download.immich.faults.add("GET assets/{id}/*", HttpStatus(206), times=1)
    assert await download.failed(version=version) == ("bad_answer", {"reason": "the server answers 206"})


async def test_hostile_types(download: Downloading) -> None:
    """The type of an answer decides the ending of a preview only if it is a picture's."""
    for kind in (
        "application/octet-stream",
        "image/../../x",
        "image/x-unheard-of",
        "application/x-sh",
        "text/x.py",
    ):
        download.immich.faults.add(THUMBNAIL, Served(content_type=kind), times=1)
        key, _ = await download.failed(version=Version.PREVIEW)
        assert key == "not_immich", kind
    download.immich.faults.add(THUMBNAIL, Served(content_type="image/webp; x=/../y"), times=1)
    (saved,) = await download(PARTY, version=Version.PREVIEW)
    assert saved.path == download.folder / "party.webp"


async def test_hostile_names(download: Downloading, tmp_path: Path) -> None:
    """Whatever the server calls its files, they stay in the folder and are no settings or programs."""
    names = {PARTY: "../../secrets.yaml", VIENNA: "/etc/passwd", ROME: "..\\..\\x.jpg"}
    for asset_id, name in names.items():
        download.immich.state.update_asset(download.asset(asset_id), original_file_name=name)
    before = _all_files(tmp_path)
    await download(*names, overwrite=True)
    assert _all_files(tmp_path) - before == {
        download.folder / name for name in ("secrets.yaml.bin", "passwd.bin", "x.jpg")
    }


async def test_a_picture_that_is_not_made_yet(download: Downloading) -> None:
    """A preview that Immich hasn't made yet is told as that, an original that is gone as gone."""
    download.asset(PARTY).thumbhash = None
    assert await download.failed(version=Version.PREVIEW) == ("picture_not_ready", {})
    download.asset(PARTY).media = None
    assert await download.failed() == ("not_found", {})
    download.immich.faults.add(THUMBNAIL, HttpStatus(400, "Not found or no asset.view access"))
    assert await download.failed(version=Version.THUMBNAIL) == ("not_found", {})


# Trouble of the server or the key


def _all(download: Downloading) -> list[str]:
    return [asset.id for asset in download.immich.state.assets.values()]


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (HttpStatus(403, "Missing required permission: asset.download"), "missing_scope"),
        (HttpStatus(401, "Invalid API key"), "invalid_auth"),
    ],
)
async def test_what_would_be_in_vain(download: Downloading, fault: Fault, key: str) -> None:
    """After a refusal that holds for all assets the rest isn't asked for."""
    download.immich.faults.add(ORIGINAL, fault)
    saved = await download(*_all(download))
    assert {each.error.translation_key for each in saved if each.error} == {key}
    assert len(saved) > 2 * DOWNLOADS_AT_ONCE
    assert download.immich.requests.count(ORIGINAL) <= DOWNLOADS_AT_ONCE


async def test_a_server_that_goes_away(download: Downloading) -> None:
    """After three files in a row were lost the rest isn't asked for; one loss between others is just that."""
    asset_ids = _all(download)
    assert len(asset_ids) > 9
    download.immich.faults.add(ORIGINAL, Drop(at="body"), times=2)
    saved = await download(*asset_ids)
    assert sum(each.status is Status.FAILED for each in saved) == 2
    download.immich.requests.clear()
    download.immich.faults.add(ORIGINAL, Drop(at="body"))
    saved = await download(*asset_ids, filename="again-{filename}")
    assert {each.status for each in saved} == {Status.FAILED}
    assert download.immich.requests.count(ORIGINAL) < 3 + DOWNLOADS_AT_ONCE


@pytest.mark.parametrize(
    "fault",
    [
        HttpStatus(403, "Missing required permission: asset.read"),
        HttpStatus(401, "Invalid API key"),
        HttpStatus(503, html=True),
        Drop(),
    ],
)
async def test_when_nothing_can_be_read(download: Downloading, fault: Fault) -> None:
    """If the server can't be asked for details, the whole call fails at once."""
    download.immich.faults.add("GET assets/{id}", fault)
    with pytest.raises(ImmichError):
        await download(*_all(download))
    asked = {entry.path for entry in download.immich.requests.matching("GET assets/{id}")}
    assert len(asked) < 2 * DOWNLOADS_AT_ONCE
    assert download.files() == {}


async def test_one_refusal_is_about_one_asset(download: Downloading) -> None:
    """A picture that may not be had, as in the locked folder, doesn't stop the others."""
    download.immich.faults.add("GET assets/{id}", HttpStatus(403, "Forbidden"), times=1)
    download.immich.faults.add(ORIGINAL, HttpStatus(403, "Forbidden"), times=1)
    saved = await download(PARTY, VIENNA, ROME, FILM)
    assert sum(each.status is Status.SAVED for each in saved) == 2


# Cancelled calls


async def test_a_cancelled_call(download: Downloading) -> None:
    """A cancelled call leaves what was complete and nothing else, neither a file nor an open one."""
    await download(PARTY)
    download.immich.faults.add(ORIGINAL, Trickle(1000, 0.05))
    call = asyncio.create_task(download(FILM, stable_id("tiny live.mov")))
    await _until(lambda: sum(name.endswith(part_file.SUFFIX) for name in download.files()) == 2)
    assert all(name.startswith(".") for name in download.files() if name != "party.jpg")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await download.hass.async_block_till_done()
    assert list(download.files()) == ["party.jpg"]
    assert not [name for name in open_files() if name.startswith(str(download.folder))]
