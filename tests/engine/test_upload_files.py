"""Files on Home Assistant's disk: what may be read, what belongs together, what changes under us."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
import hashlib
import os
from pathlib import Path
import threading
import time
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.immich_plus.api import upload_form
from custom_components.immich_plus.const import LARGEST_SIDECAR_BYTES, READ_BYTES
from custom_components.immich_plus.uploads import files
from tests.fake_immich.models import AssetType, Visibility
from tests.uploading import Uploading, folder_fixture, open_files, photo, quick_fixture, upload_fixture  # noqa: F401


async def test_a_file(upload: Uploading) -> None:
    """A file arrives whole, under its name, with its date where the picture has none."""
    path = upload.write("door.jpg")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    asset = await upload.one(path=path)
    assert asset["status"] == "created"
    assert asset["source"] == path
    assert asset["filename"] == "door.jpg"
    stored = upload.asset(asset)
    assert stored.original_file_name == "door.jpg"
    assert stored.checksum == hashlib.sha1(photo("door.jpg")).digest()
    assert stored.file_created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert stored.visibility is Visibility.TIMELINE
    assert not stored.is_favorite


async def test_names_in_any_script(upload: Uploading) -> None:
    """A name arrives as it is written, also where a header of a form has its difficulties."""
    for name in ("Überraschung 100%.jpg", "图片.jpg", 'a "quoted" name.jpg', "Ångström & co;x=1.jpg"):
        stored = upload.asset(await upload.one(path=upload.write(name)))
        assert stored.original_file_name == name.replace('"', "_")


async def test_several_files(upload: Uploading) -> None:
    """A list of files arrives in its order."""
    paths = [upload.write(f"{number}.jpg") for number in range(5)]
    assets = await upload(path=paths)
    assert [asset["filename"] for asset in assets] == [f"{number}.jpg" for number in range(5)]
    assert {asset["status"] for asset in assets} == {"created"}
    assert len({asset["id"] for asset in assets}) == 5


async def test_a_relative_path(
    hass: HomeAssistant, upload: Uploading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path starts in the configuration folder."""
    monkeypatch.setattr(hass.config, "config_dir", str(upload.folder.parent))
    upload.write("www.jpg")
    assert (await upload.one(path="allowed/www.jpg"))["source"] == "allowed/www.jpg"


@pytest.mark.parametrize("there", [True, False])
async def test_outside_the_allowed_folders(
    hass: HomeAssistant, upload: Uploading, tmp_path: Path, there: bool
) -> None:
    """The error names the folder to allow, whether the file exists or not, and allowing it helps."""
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    if there:
        (outside / "x.jpg").write_bytes(photo())
    wanted = str(outside / "x.jpg")
    assert await upload.refused(path=wanted) == ("path_not_allowed", {"folder": str(outside)})
    assert not upload.sent()
    hass.config.allowlist_external_dirs.add(str(outside))
    if there:
        await upload.one(path=wanted)


async def test_no_climbing_out(upload: Uploading) -> None:
    """Dots don't lead out of an allowed folder."""
    (upload.folder.parent / "secret.jpg").write_bytes(photo())
    key, placeholders = await upload.refused(path=str(upload.folder / ".." / "secret.jpg"))
    assert (key, placeholders) == ("path_not_allowed", {"folder": str(upload.folder.parent)})


async def test_a_link_out_of_the_folder(upload: Uploading, tmp_path: Path) -> None:
    """A link doesn't lead out of an allowed folder; the error names the folder that would have to be allowed."""
    target = tmp_path / "private"
    target.mkdir()
    (target / "x.jpg").write_bytes(photo())
    (upload.folder / "link.jpg").symlink_to(target / "x.jpg")
    assert await upload.refused(path=str(upload.folder / "link.jpg")) == (
        "path_not_allowed",
        {"folder": str(target)},
    )


async def test_links_within(upload: Uploading, tmp_path: Path) -> None:
    """A link to an allowed file is that file; a folder reached through a link is the folder it leads to."""
    upload.write("latest-2026.jpg")
    (upload.folder / "latest.jpg").symlink_to(upload.folder / "latest-2026.jpg")
    asset = await upload.one(path=str(upload.folder / "latest.jpg"))
    assert asset["filename"] == "latest-2026.jpg"
    elsewhere = tmp_path / "real"
    elsewhere.mkdir()
    (tmp_path / "alias").symlink_to(elsewhere)
    key, placeholders = await upload.refused(path=str(tmp_path / "alias" / "x.jpg"))
    assert (key, placeholders["folder"]) == ("path_not_allowed", str(elsewhere))


async def test_what_is_no_file(upload: Uploading) -> None:
    """Missing files, folders, pipes, endless loops of links and nonsense are told apart; nothing hangs."""
    (upload.folder / "folder.jpg").mkdir()
    os.mkfifo(upload.folder / "pipe.jpg")
    (upload.folder / "loop.jpg").symlink_to(upload.folder / "loop.jpg")
    upload.write("empty.jpg", b"")
    expected = {
        "missing.jpg": "file_missing",
        "none/missing.jpg": "file_missing",
        "folder.jpg": "not_a_file",
        "pipe.jpg": "not_a_file",
        "loop.jpg": "file_missing",
        "empty.jpg": "file_empty",
        "nul\0byte.jpg": "file_missing",
        "x" * 300 + ".jpg": "file_missing",
    }
    async with asyncio.timeout(10):
        for name, key in expected.items():
            found, _ = await upload.refused(path=str(upload.folder / name))
            assert found == key, name
        assert (await upload.refused(path=""))[0] in ("path_not_allowed", "not_a_file")


async def test_an_unreadable_file(upload: Uploading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that Home Assistant's user may not read is named."""
    path = upload.write("locked.jpg")
    real = os.open

    def _open(name: Any, *args: Any, **more: Any) -> int:
        if str(name).endswith(("locked.jpg", "side.jpg.xmp")):
            raise PermissionError(13, "Permission denied", name)
        return real(name, *args, **more)

    monkeypatch.setattr(files.os, "open", _open)
    assert await upload.refused(path=path) == ("file_unreadable", {"filename": "locked.jpg"})
    upload.write("side.jpg.xmp", b"<x/>")
    assert await upload.refused(path=upload.write("side.jpg")) == (
        "file_unreadable",
        {"filename": "side.jpg.xmp"},
    )


async def test_a_type_that_immich_does_not_take(upload: Uploading) -> None:
    """The server's list of types decides, before anything is sent."""
    for name in ("notes.txt", "noextension", "song.mp3"):
        assert await upload.refused(path=upload.write(name)) == ("type_not_supported", {"filename": name})
    assert not upload.sent()
    assert (await upload.one(path=upload.write("UPPER.JPG")))["status"] == "created"


async def test_one_bad_among_good_ones(upload: Uploading, log_of: Callable[[], list[str]]) -> None:
    """One bad source doesn't stop the others; each tells its own, and the log that there was one, without names."""
    good = upload.write("good.jpg")
    bad = str(upload.folder / "gone.jpg")
    first, second = await upload(path=[bad, good])
    assert first == {
        "source": bad,
        "status": "failed",
        "id": None,
        "filename": None,
        "media_content_id": None,
        "url": None,
        "error": "There is no file gone.jpg in that folder.",
    }
    assert (second["status"], second["error"]) == ("created", None)
    assert log_of() == ["1 of 2 uploads had trouble: the action's response tells which and why"]


async def test_a_file_that_is_still_written(upload: Uploading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows while it is measured isn't uploaded half."""
    path = Path(upload.write("growing.mp4", b"0" * 100))
    real = hashlib.file_digest

    def _slow(file: Any, digest: Any) -> Any:
        result = real(file, digest)
        with path.open("ab") as other:
            other.write(b"more")
        return result

    monkeypatch.setattr(files.hashlib, "file_digest", _slow)
    assert await upload.refused(path=str(path)) == ("file_changing", {"filename": "growing.mp4"})
    assert not upload.sent()


def _before_piece(monkeypatch: pytest.MonkeyPatch, number: int, work: Callable[[], None]) -> None:
    """Do something just before a piece of a file is read for sending."""
    real = files._piece
    count = 0

    def _piece(*args: Any) -> bytes:
        nonlocal count
        count += 1
        if count == number:
            work()
        return real(*args)

    monkeypatch.setattr(files, "_piece", _piece)


@pytest.mark.parametrize("change", ["grown", "shrunk", "rewritten"])
async def test_a_file_that_changes_while_it_is_sent(
    upload: Uploading, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """What isn't the file that was checked is not registered."""
    path = Path(upload.write("film.mp4", bytes(3 * READ_BYTES)))

    def _change() -> None:
        if change == "grown":
            with path.open("ab") as file:
                file.write(b"more")
        elif change == "shrunk":
            os.truncate(path, READ_BYTES)
        else:
            with path.open("r+b") as file:
                file.write(b"new")
            os.utime(path, (1, 1))

    before = len(upload.immich.state.assets)
    _before_piece(monkeypatch, 2, _change)
    assert await upload.refused(path=str(path)) == ("file_changing", {"filename": "film.mp4"})
    assert len(upload.immich.state.assets) == before


@pytest.mark.parametrize("change", ["replaced", "gone", "pipe"])
async def test_a_file_that_changes_before_it_is_sent(
    upload: Uploading, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """A file that was replaced after it was measured isn't sent at all."""
    path = Path(upload.write("film.mp4"))
    real = files._open_unchanged

    def _open(*args: Any) -> Any:
        path.unlink()
        if change == "replaced":
            path.write_bytes(b"something else")
        elif change == "pipe":
            os.mkfifo(path)
        return real(*args)

    monkeypatch.setattr(files, "_open_unchanged", _open)
    async with asyncio.timeout(10):
        key, _ = await upload.refused(path=str(path))
    assert key == {"replaced": "file_changing", "gone": "file_unreadable", "pipe": "not_a_file"}[change]
    assert not upload.sent()


async def test_a_broken_disk(upload: Uploading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails in the middle is told as such."""
    path = upload.write("film.mp4", bytes(2 * READ_BYTES))

    def _fail() -> None:
        raise OSError(5, "Input/output error")

    real = files._check_unchanged
    calls = 0

    def _check(*args: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            _fail()
        real(*args)

    monkeypatch.setattr(files, "_check_unchanged", _check)
    assert await upload.refused(path=path) == ("file_unreadable", {"filename": "film.mp4"})


async def test_no_file_stays_open(upload: Uploading, monkeypatch: pytest.MonkeyPatch) -> None:
    """After good and bad uploads nothing of the file is held open."""
    path = Path(upload.write("film.mp4", bytes(3 * READ_BYTES)))
    _before_piece(monkeypatch, 2, lambda: os.utime(path, (1, 1)))
    await upload.refused(path=str(path))
    await upload.one(path=upload.write("fine.jpg"))
    await upload.hass.async_block_till_done()
    assert not [name for name in open_files() if str(upload.folder) in name]


async def test_a_large_folder(upload: Uploading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file among thousands is found without reading its folder."""
    for number in range(5000):
        (upload.folder / f"IMG_{number}.heic").touch()
    path = upload.write("IMG_4000.heic")
    with monkeypatch.context() as patched:
        patched.setattr(os, "listdir", None)
        patched.setattr(os, "scandir", None)
        await upload.one(path=path)


@pytest.mark.parametrize("still", ["IMG_1.heic", "IMG_1.HEIC", "IMG_1.jpg"])
@pytest.mark.parametrize("film", ["IMG_1.mov", "IMG_1.MOV"])
async def test_a_live_photo(upload: Uploading, still: str, film: str) -> None:
    """The film beside a picture comes along, hidden behind it."""
    upload.write(film)
    asset = await upload.one(path=upload.write(still), favorite=True)
    picture = upload.asset(asset)
    assert picture.live_photo_video_id is not None
    video = upload.immich.state.assets[picture.live_photo_video_id]
    assert video.type is AssetType.VIDEO
    assert video.original_file_name == film
    assert video.visibility is Visibility.HIDDEN
    assert not video.is_favorite


@pytest.mark.parametrize("order", [("IMG_1.heic", "IMG_1.mov"), ("IMG_1.mov", "IMG_1.heic")])
async def test_both_parts_of_a_live_photo(upload: Uploading, order: tuple[str, str]) -> None:
    """If both are named they are still one live photo: each is sent once, the picture alone is in the album."""
    for name in order:
        upload.write(name)
    assets = await upload(
        path=[str(upload.folder / name) for name in order],
        album="Live",
        create_album=True,
        tags=["live"],
        favorite=True,
        archived=True,
    )
    said = {asset["filename"]: asset for asset in assets}
    assert {asset["error"] for asset in assets} == {None}
    still, film = upload.asset(said["IMG_1.heic"]), upload.asset(said["IMG_1.mov"])
    assert still.live_photo_video_id == film.id
    assert still.visibility is Visibility.ARCHIVE
    assert film.visibility is Visibility.HIDDEN
    assert len(upload.sent()) == 2
    assert upload.names_in("Live") == ["IMG_1.heic"]
    assert not film.tag_ids
    assert not film.is_favorite
    again = await upload(path=[str(upload.folder / name) for name in order])
    assert {asset["status"] for asset in again} == {"duplicate"}


async def test_a_film_that_is_there_already(upload: Uploading) -> None:
    """The film of a live photo isn't sent again if the server has it."""
    film = await upload.one(path=upload.write("IMG_1.mov"))
    upload.immich.requests.clear()
    still = await upload.one(path=upload.write("IMG_1.heic"))
    assert upload.asset(still).live_photo_video_id == film["id"]
    assert len(upload.sent()) == 1


async def test_a_film_that_is_refused(upload: Uploading) -> None:
    """If the film can't be sent the picture isn't either: it could never get its film later."""
    upload.write("IMG_1.mov")
    upload.immich.state.users[upload.account.unique_id].quota_size = 1
    key, placeholders = await upload.refused(path=upload.write("IMG_1.heic"))
    assert (key, placeholders) == ("refused", {"reason": "Quota has been exceeded!"})
    assert len(upload.sent()) == 1


async def test_what_is_no_live_photo(upload: Uploading) -> None:
    """Other types, links and the same bytes under another name don't make a live photo."""
    upload.write("a.mov")
    assert upload.asset(await upload.one(path=upload.write("a.png"))).live_photo_video_id is None
    (upload.folder / "b.mov").symlink_to(upload.folder / "a.mov")
    assert upload.asset(await upload.one(path=upload.write("b.jpg"))).live_photo_video_id is None
    upload.write("c.mov", photo("c"))
    assert upload.asset(await upload.one(path=upload.write("c.jpg", photo("c")))).live_photo_video_id is None


def _sidecar(description: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt>'
        f'<rdf:li xml:lang="x-default">{description}</rdf:li>'
        "</rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.xmp", "a.jpg.XMP", "a.XMP"])
async def test_a_sidecar(upload: Uploading, name: str) -> None:
    """What a sidecar beside a picture says comes along."""
    upload.write(name, _sidecar("From the sidecar"))
    asset = await upload.one(path=upload.write("a.jpg"))
    await upload.immich.settle()
    assert upload.asset(asset).exif.description == "From the sidecar"


async def test_a_sidecar_of_its_own(upload: Uploading) -> None:
    """A file's own sidecar stays as it is; what the call says is told to the server afterwards."""
    upload.immich.state.settings.processing_delay = None
    upload.write("a.jpg.xmp", _sidecar("From the sidecar"))
    said = await upload.one(
        path=upload.write("a.jpg"),
        description="From the call",
        tags=["t"],
        taken_at="2020-02-02 12:00:00+00:00",
    )
    stored = upload.asset(said)
    assert stored.exif.description == "From the call"
    assert [upload.immich.state.tags[tag].value for tag in stored.tag_ids] == ["t"]
    assert stored.file_created_at == datetime(2020, 2, 2, 12, tzinfo=UTC)
    assert upload.immich.requests.count("PUT assets") == 1


async def test_which_sidecar(upload: Uploading) -> None:
    """The one with the whole name counts; empty and huge ones and links are none."""
    upload.write("a.jpg.xmp", _sidecar("right"))
    upload.write("a.xmp", _sidecar("wrong"))
    upload.write("b.jpg.xmp", b"")
    upload.write("b.xmp", _sidecar("x" * LARGEST_SIDECAR_BYTES))
    (upload.folder / "c.xmp").symlink_to(upload.folder / "a.xmp")
    assets = await upload(path=[upload.write(f"{name}.jpg") for name in "abc"], filename="renamed.jpg")
    await upload.immich.settle()
    assert [upload.asset(asset).exif.description for asset in assets] == ["right", "", ""]


async def test_nothing_blocks_the_event_loop(upload: Uploading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring and reading happen in other threads, and the loop keeps turning meanwhile."""
    path = upload.write("film.mp4", os.urandom(48 * READ_BYTES))
    threads: set[int] = set()
    for name in ("_allowed_path", "_look_at", "_open_unchanged", "_piece"):
        real = getattr(files, name)

        def _noted(*args: Any, _real: Any = real, **more: Any) -> Any:
            threads.add(threading.get_ident())
            return _real(*args, **more)

        monkeypatch.setattr(files, name, _noted)
    longest = 0.0
    done = asyncio.Event()

    async def _watch() -> None:
        nonlocal longest
        while not done.is_set():
            start = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - start)

    watching = asyncio.create_task(_watch())
    await upload.one(path=path)
    done.set()
    await watching
    assert threads
    assert threading.get_ident() not in threads
    # The fake hashes and writes on this loop, too: what is allowed here is far above our own share.
    assert longest < 0.5


async def test_a_reader_that_ends_early(upload: Uploading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form is never closed over fewer bytes than it promised, whatever gives them."""
    path = upload.write("film.mp4", bytes(2 * READ_BYTES))

    async def _short(*_args: Any) -> AsyncIterator[bytes]:
        yield b"short"

    monkeypatch.setattr(files, "_read", _short)
    assert (await upload.refused(path=path))[0] == "refused"
    assert upload_form.DEVICE_ID
