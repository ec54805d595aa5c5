"""The files of the sample pictures: painted on first use, then kept.

A store keeps three files per picture (original, preview, thumbnail) and a line
of facts about the original. The names are made from the picture's recipe and
the painter's version: a changed recipe or painter makes new files and never
shows old ones, and two programs may share one store.
"""

from base64 import b64encode
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from hashlib import sha1, sha256
from io import BytesIO
import json
import os
from pathlib import Path
from threading import Event, Lock
import time
from typing import Any

import PIL
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from .catalogue import CAST, Picture
from .scenes import PAINTERS, Canvas
from .scenes.people import seats
from .thumbhash import thumbhash

#: Raise this when a painter or an encoder setting changes.
PAINTER_VERSION = 1

PREVIEW_SIDE = 1440
THUMBNAIL_SIDE = 250
FACE_SIDE = 250

#: How often work in other processes looks whether it is still wanted.
STOP_CHECK_SECONDS = 0.2

#: Files nobody has asked for in this time are dropped when a store is filled.
KEEP_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the library must know of an original: SHA-1 (hex), bytes, ThumbHash."""

    sha1: str
    size: int
    thumbhash: str

    @property
    def checksum(self) -> str:
        """Return the SHA-1 in base64, as Immich writes it."""
        return b64encode(bytes.fromhex(self.sha1)).decode()


def paint(picture: Picture) -> Image.Image:
    """Paint a picture in its full size."""
    cast = [CAST[name] for name in picture.cast]
    canvas = Canvas(picture.width, picture.height, picture.seed, cast)
    PAINTERS[picture.scene](canvas)
    return canvas.finish()


def face_boxes(picture: Picture) -> list[tuple[str, tuple[int, int, int, int]]]:
    """Return who is where in a picture: name and (left, top, right, bottom) in pixels."""
    places = seats(picture.scene, picture.width, picture.height)
    return [(name, seat.face()) for name, seat in zip(picture.cast, places, strict=False)]


def exif_of(picture: Picture) -> Image.Exif:
    """Return the EXIF block that a camera would have written."""
    exif = Image.Exif()
    camera = picture.camera
    stamp = f"{picture.taken:%Y:%m:%d %H:%M:%S}"
    zone = f"{picture.taken:%:z}"
    exif[ExifTags.Base.Make] = camera.make
    exif[ExifTags.Base.Model] = camera.model
    exif[ExifTags.Base.Orientation] = 1
    exif[ExifTags.Base.Software] = "Immich Plus sample pictures"
    exif[ExifTags.Base.DateTime] = stamp
    shot = exif.get_ifd(ExifTags.IFD.Exif)
    shot[ExifTags.Base.DateTimeOriginal] = stamp
    shot[ExifTags.Base.DateTimeDigitized] = stamp
    shot[ExifTags.Base.OffsetTimeOriginal] = zone
    shot[ExifTags.Base.OffsetTimeDigitized] = zone
    shot[ExifTags.Base.ExposureTime] = IFDRational(1, picture.shutter)
    shot[ExifTags.Base.FNumber] = IFDRational(round(camera.f_number * 100), 100)
    shot[ExifTags.Base.ISOSpeedRatings] = picture.iso
    shot[ExifTags.Base.FocalLength] = IFDRational(round(camera.focal_length * 100), 100)
    shot[ExifTags.Base.LensModel] = camera.lens
    shot[ExifTags.Base.ExifImageWidth] = picture.width
    shot[ExifTags.Base.ExifImageHeight] = picture.height
    if (place := picture.place) is not None:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef] = "N" if place.latitude >= 0 else "S"
        gps[ExifTags.GPS.GPSLatitude] = _degrees(place.latitude)
        gps[ExifTags.GPS.GPSLongitudeRef] = "E" if place.longitude >= 0 else "W"
        gps[ExifTags.GPS.GPSLongitude] = _degrees(place.longitude)
    return exif


def _degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Return degrees, minutes and seconds of a position."""
    seconds = round(abs(value) * 360000)
    return (
        IFDRational(seconds // 360000),
        IFDRational(seconds // 6000 % 60),
        IFDRational(seconds % 6000, 100),
    )


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers see all of it or nothing."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    scratch.write_bytes(content)
    scratch.replace(path)


def in_processes[Key, Result](
    work: Callable[..., Result],
    jobs: Mapping[Key, tuple[Any, ...]],
    workers: int,
    stop: Event | None = None,
) -> Generator[tuple[Key, Result]]:
    """Call a function for each job in processes of their own; yield results as they come.

    Setting `stop` or closing the generator ends the processes at once. They give way to
    others: a Home Assistant that starts at the same time is more urgent.
    """
    with ProcessPoolExecutor(workers, initializer=_give_way) as pool:
        tasks = {pool.submit(work, *arguments): key for key, arguments in jobs.items()}
        try:
            pending = set(tasks)
            while pending and not (stop is not None and stop.is_set()):
                done, pending = wait(pending, STOP_CHECK_SECONDS, FIRST_COMPLETED)
                for task in done:
                    yield tasks[task], task.result()
        finally:
            if not all(task.done() for task in tasks):
                pool.terminate_workers()


def _give_way() -> None:
    """Take what processor time others leave."""
    os.nice(10)


class PictureStore:
    """A directory of painted pictures."""

    def __init__(self, directory: Path) -> None:
        """Use a directory, which is made when it is missing."""
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._locks: dict[str, Lock] = {}

    def key(self, picture: Picture) -> str:
        """Return the name that a picture's files share."""
        recipe = f"{PAINTER_VERSION} {PIL.__version__} {picture!r}"
        return sha256(recipe.encode()).hexdigest()[:24]

    def path(self, picture: Picture, version: str) -> Path:
        """Return the file of a version (`original`, `preview`, `thumbnail`).

        Blocks for about a tenth of a second where it has to be painted first.
        """
        ending = "webp" if version == "thumbnail" else "jpg"
        path = self.directory / f"{self.key(picture)}.{version}.{ending}"
        if not path.exists():
            self.render(picture)
        return path

    def facts(self, picture: Picture) -> PictureFacts | None:
        """Return the facts about an original, `None` while it isn't painted."""
        try:
            found = json.loads((self.directory / f"{self.key(picture)}.json").read_bytes())
        except OSError, ValueError:
            return None
        return PictureFacts(**found)

    def render(self, picture: Picture) -> PictureFacts:
        """Make the files of a picture where they are missing; return the facts."""
        key = self.key(picture)
        with self._locks.setdefault(key, Lock()):
            if (known := self.facts(picture)) is not None:
                return known
            image = paint(picture)
            original = _jpeg(image, 85, exif_of(picture))
            preview = image.copy()
            preview.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.BILINEAR)
            # Immich's thumbnails have 250 pixels on the short side.
            scale = THUMBNAIL_SIDE / min(image.size)
            small = image.resize(
                (round(image.width * scale), round(image.height * scale)),
                Image.Resampling.BICUBIC,
                reducing_gap=2,
            )
            facts = PictureFacts(sha1(original).hexdigest(), len(original), thumbhash(small))
            buffer = BytesIO()
            small.save(buffer, "WEBP", quality=80, method=1)
            write_atomically(self.directory / f"{key}.original.jpg", original)
            write_atomically(self.directory / f"{key}.preview.jpg", _jpeg(preview, 80))
            write_atomically(self.directory / f"{key}.thumbnail.webp", buffer.getvalue())
            # The facts last: their presence says that the picture is complete.
            write_atomically(self.directory / f"{key}.json", json.dumps(asdict(facts)).encode())
            return facts

    def face(self, picture: Picture, box: tuple[int, int, int, int]) -> bytes:
        """Return the square JPEG around a face of a picture."""
        left, top, right, bottom = box
        half = max(right - left, bottom - top) * 0.7
        middle = ((left + right) / 2, (top + bottom) / 2)
        with Image.open(self.path(picture, "original")) as image:
            half = min(half, image.width / 2, image.height / 2)
            x = min(max(middle[0], half), image.width - half)
            y = min(max(middle[1], half), image.height - half)
            square = image.resize(
                (FACE_SIDE, FACE_SIDE),
                Image.Resampling.BICUBIC,
                (x - half, y - half, x + half, y + half),
            )
        return _jpeg(square, 85)

    def missing(self, pictures: Iterable[Picture]) -> list[Picture]:
        """Return the pictures that are not painted yet."""
        there = {path.name for path in self.directory.iterdir()}
        return [picture for picture in pictures if f"{self.key(picture)}.json" not in there]

    def fill(
        self,
        pictures: Iterable[Picture],
        *,
        workers: int | None = None,
        stop: Event | None = None,
        painted: Callable[[Picture, PictureFacts], None] | None = None,
    ) -> int:
        """Paint what is missing on all cores and drop what is no longer used.

        Blocks; `painted` is called in this thread for each new picture. Setting
        `stop` ends the work after the pictures in hand. Returns how many were
        painted.
        """
        pictures = list(pictures)
        wanted = self.missing(pictures)
        self._prune({self.key(picture) for picture in pictures})
        if not wanted:
            return 0
        workers = min(workers or os.cpu_count() or 1, len(wanted))
        done = 0
        with closing(self._painted(wanted, workers, stop)) as work:
            for picture, facts in work:
                done += 1
                if painted is not None:
                    painted(picture, facts)
                if stop is not None and stop.is_set():
                    break
        return done

    def _painted(
        self, wanted: list[Picture], workers: int, stop: Event | None
    ) -> Generator[tuple[Picture, PictureFacts]]:
        """Paint pictures, in processes of their own where there is more than one core."""
        if workers == 1:
            yield from ((picture, self.render(picture)) for picture in wanted)
            return
        jobs = {picture: (self.directory, picture) for picture in wanted}
        yield from in_processes(_render, jobs, workers, stop)

    def _prune(self, keep: set[str]) -> None:
        """Drop old files of pictures that are not in the catalogue any more."""
        oldest = time.time() - KEEP_SECONDS
        for path in self.directory.iterdir():
            if path.name.lstrip(".").partition(".")[0] not in keep:
                with suppress(OSError):
                    if path.stat().st_mtime < oldest:
                        path.unlink()


class PictureMedia:
    """The bytes of one picture, as an asset of the library wants them."""

    def __init__(self, store: PictureStore, picture: Picture) -> None:
        """Take a picture out of a store, painting it when first asked."""
        self.store = store
        self.picture = picture

    def original(self) -> Path | bytes | None:
        """Return the JPEG with EXIF data."""
        return self.store.path(self.picture, "original")

    def thumbnail(self) -> Path | bytes | None:
        """Return the small WebP."""
        return self.store.path(self.picture, "thumbnail")

    def preview(self) -> Path | bytes | None:
        """Return the middle-sized JPEG."""
        return self.store.path(self.picture, "preview")

    def playback(self) -> Path | bytes | None:
        """Return nothing: a picture can't be played."""
        return None


class FaceMedia:
    """The thumbnail of a person: a face cut out of a picture."""

    def __init__(self, store: PictureStore, picture: Picture, box: tuple[int, int, int, int]) -> None:
        """Cut a box (left, top, right, bottom) out of a picture when first asked."""
        self.store = store
        self.picture = picture
        self.box = box

    def original(self) -> Path | bytes | None:
        """Return the face: it has one version only."""
        return self.thumbnail()

    def thumbnail(self) -> Path | bytes | None:
        """Return the square JPEG."""
        return self.store.face(self.picture, self.box)

    def preview(self) -> Path | bytes | None:
        """Return the face: it has one version only."""
        return self.thumbnail()

    def playback(self) -> Path | bytes | None:
        """Return nothing: a face can't be played."""
        return None


def _render(directory: Path, picture: Picture) -> PictureFacts:
    """Paint one picture in a worker process."""
    return PictureStore(directory).render(picture)


def _jpeg(image: Image.Image, quality: int, exif: Image.Exif | None = None) -> bytes:
    """Encode a JPEG."""
    buffer = BytesIO()
    if exif is None:
        image.save(buffer, "JPEG", quality=quality)
    else:
        image.save(buffer, "JPEG", quality=quality, exif=exif)
    return buffer.getvalue()
