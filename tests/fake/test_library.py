"""The ready-made libraries and their files."""

from datetime import date
from hashlib import sha1
from io import BytesIO
import os
from pathlib import Path
import time

from aiohttp import ClientSession
from PIL import ExifTags, Image
import pytest

from tests.fake_immich import FakeImmich, libraries, videos
from tests.fake_immich.catalogue import pictures
from tests.fake_immich.library import PENDING
from tests.fake_immich.pictures import PictureStore, face_boxes
from tests.fake_immich.scenes import PAINTERS, Canvas
from tests.fake_immich.state import State
from tests.fake_immich.thumbhash import thumbhash
from tests.fake_immich.tiny import FACTS
from tests.fake_immich.videos import FilmStore

from .helpers import ask

TODAY = date(2026, 11, 23)


def test_catalogue_is_large_varied_and_stable() -> None:
    found = pictures(TODAY)
    assert len(found) >= 400
    assert len({picture.taken.year for picture in found}) == 11
    assert len({picture.place.city for picture in found if picture.place}) >= 12
    assert len({picture.width / picture.height for picture in found}) >= 5
    assert {picture.scene for picture in found} == PAINTERS.keys()
    assert len({picture.name for picture in found}) == len(found)
    assert found == pictures(TODAY)
    assert all(picture.taken.date() <= TODAY for picture in found)


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2027, 1, 31), date(2026, 12, 31)])
def test_every_day_has_memories(day: date) -> None:
    shared = [p for p in pictures(day) if (p.taken.month, p.taken.day) == (day.month, min(day.day, 28))]
    assert len({picture.taken.year for picture in shared}) >= 9


@pytest.mark.parametrize("scene", sorted(PAINTERS))
def test_every_scene_paints_the_same_twice(scene: str) -> None:
    first, second = Canvas(80, 60, seed=3), Canvas(80, 60, seed=3)
    PAINTERS[scene](first)
    PAINTERS[scene](second)
    assert first.finish().tobytes() == second.finish().tobytes()
    assert len(first.finish().getcolors(4800) or range(9)) > 3


def test_files_of_a_picture(tmp_path: Path) -> None:
    store = PictureStore(tmp_path)
    picture = next(p for p in pictures(TODAY) if p.place and p.place.city == "Sydney" and p.cast)
    assert store.facts(picture) is None
    original = store.path(picture, "original")
    facts = store.facts(picture)
    assert facts is not None
    content = original.read_bytes()
    assert (facts.sha1, facts.size) == (sha1(content).hexdigest(), len(content))
    with Image.open(original) as image:
        assert image.size == (picture.width, picture.height)
        exif = image.getexif()
    assert exif[ExifTags.Base.Make] == picture.camera.make
    shot, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert shot[ExifTags.Base.DateTimeOriginal] == f"{picture.taken:%Y:%m:%d %H:%M:%S}"
    assert shot[ExifTags.Base.OffsetTimeOriginal] == "+11:00"
    assert gps[ExifTags.GPS.GPSLatitudeRef] == "S"
    degrees, minutes, seconds = gps[ExifTags.GPS.GPSLatitude]
    assert -float(degrees + minutes / 60 + seconds / 3600) == pytest.approx(-33.86785, abs=1e-5)
    with Image.open(store.path(picture, "thumbnail")) as small:
        assert (small.format, min(small.size)) == ("WEBP", 250)
    with Image.open(store.path(picture, "preview")) as middle:
        assert (middle.format, max(middle.size) <= 1440) == ("JPEG", True)
    box = face_boxes(picture)[0][1]
    with Image.open(BytesIO(store.face(picture, box))) as face:
        assert face.size == (250, 250)


def test_store_paints_what_is_missing_and_drops_what_is_old(tmp_path: Path) -> None:
    store = PictureStore(tmp_path)
    some = pictures(TODAY)[:2]
    stale = tmp_path / "old.original.jpg"
    stale.touch()
    long_ago = time.time() - 30 * 24 * 3600
    os.utime(stale, (long_ago, long_ago))
    told: list[str] = []
    assert store.fill(some, workers=1, painted=lambda picture, facts: told.append(picture.name)) == 2
    assert sorted(told) == sorted(picture.name for picture in some)
    assert store.fill(some) == 0
    assert not stale.exists()


@pytest.mark.skipif(not videos.available(), reason="PyAV is not installed")
def test_films_play(tmp_path: Path) -> None:
    import av

    from tests.fake_immich.film_list import films

    film = films()[1]
    store = FilmStore(tmp_path)
    path = store.path(film, "original")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.frames == film.seconds * 25
    content = path.read_bytes()
    assert content.find(b"moov") < content.find(b"mdat")


def test_thumbhash_of_a_plain_picture() -> None:
    # A grey picture has no waves: mean brightness, no colour, nothing else.
    head = bytes.fromhex(
        __import__("base64").b64decode(thumbhash(Image.new("RGB", (8, 8), (128, 128, 128)))).hex()
    )
    assert head[0] & 63 == 32
    assert (head[2] >> 2) & 31 == 0


async def test_demo_household(tmp_path: Path) -> None:
    state = State()
    started = time.perf_counter()
    libraries.demo(tmp_path)(state)
    assert time.perf_counter() - started < 1
    assert len(state.assets) >= 400
    names = [album.name for album in state.albums.values()]
    assert names.count("Summer at the sea") == 2
    assert state.people
    assert {"Anna", "", "小明"} <= {person.name for person in state.people.values()}
    assert any(person.is_hidden for person in state.people.values())
    assert any(tag.parent_id for tag in state.tags.values())
    again = State()
    libraries.demo(tmp_path)(again)
    assert state.assets.keys() == again.assets.keys()
    assert state.people.keys() == again.people.keys()
    state.startup.clear()
    async with FakeImmich(state=state) as immich:
        _, memories = await ask(immich, "GET", "memories", key="anna-full")
        assert len(memories) >= 9
        status, found = await ask(
            immich, "POST", "search/smart", {"query": "beach", "size": 5}, key="anna-full"
        )
        assert status == 200
        assert len(found["assets"]["items"]) == 5
        assert await ask(immich, "GET", "people", key="anna-narrow") == (
            403,
            {"message": "Missing required permission: person.read"},
        )
        asset = found["assets"]["items"][0]["id"]
        async with (
            ClientSession(headers={"x-api-key": "anna-full"}) as session,
            session.get(f"{immich.url}/api/assets/{asset}/thumbnail") as answer,
        ):
            assert answer.content_type == "image/webp"
            assert len(await answer.read()) > 1000


async def test_demo_learns_what_it_painted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fake_immich.library.pictures", lambda day: pictures(day)[-330:-328])
    monkeypatch.setattr("tests.fake_immich.library.add_extras", lambda home: None)
    monkeypatch.setattr("tests.fake_immich.libraries.available", lambda: False)
    # Other processes would need a socket, which tests may not open.
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    async with FakeImmich(library=libraries.demo(tmp_path)) as immich:
        await immich.settle()
        for asset in immich.state.assets.values():
            assert asset.thumbhash not in (None, PENDING)
            assert asset.media is not None
            original = asset.media.original()
            assert isinstance(original, Path)
            assert asset.checksum == sha1(original.read_bytes()).digest()
            assert immich.state.find_by_checksum(asset.owner_id, asset.checksum) is asset


async def test_tiny_library_is_as_told() -> None:
    async with FakeImmich(library=libraries.tiny()) as immich:

        async def get(path: str) -> dict[str, int]:
            return (await ask(immich, "GET", path))[1]

        timeline = await get("assets/statistics?visibility=timeline")
        assert (timeline["images"], timeline["videos"]) == (FACTS["photos"], FACTS["videos"])
        assert (await get("assets/statistics?isFavorite=true"))["total"] == FACTS["favorites"]
        assert (await get("assets/statistics?isTrashed=true"))["total"] == FACTS["trashed"]
        assert (await get("assets/statistics?visibility=archive"))["total"] == FACTS["archived"]
        assert len(await get("albums?isOwned=true")) == FACTS["albums_owned"]
        assert len(await get("albums?isOwned=false")) == FACTS["albums_shared_with_me"]
        assert len((await get("people"))["people"]) == FACTS["people"]  # type: ignore[arg-type]
        assert len(await get("tags")) == FACTS["tags"]
        assert len(immich.state.users) == FACTS["users"]
        assert len(await get(f"memories?for={immich.state.now():%Y-%m-%d}")) == 1


async def test_huge_library_is_quick() -> None:
    state = State()
    started = time.perf_counter()
    libraries.scale(20_000)(state)
    assert time.perf_counter() - started < 3
    async with FakeImmich(state=state) as immich:
        _, found = await ask(
            immich,
            "POST",
            "search/metadata",
            {"page": 19, "size": 1000, "visibility": "timeline"},
            key="scale-key",
        )
        assert found["assets"]["count"] == 1000
        assert await ask(immich, "POST", "search/statistics", {"type": "VIDEO"}, key="scale-key") == (
            200,
            {"total": 2000},
        )


async def test_small_server_starts_quickly() -> None:
    async with FakeImmich(library=libraries.tiny()):
        pass
    started = time.perf_counter()
    async with FakeImmich(library=libraries.tiny()):
        took = time.perf_counter() - started
    assert took < 0.05
