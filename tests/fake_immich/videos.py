"""A few short films, made with PyAV where it is installed.

A film is a slow camera movement over a painted scene: H.264 in MP4, playable
in every browser. Without PyAV the sample library simply has no films.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache
from hashlib import sha1, sha256
import importlib.util
from io import BytesIO
import json
import os
from pathlib import Path
from threading import Event, Lock
from typing import Any

from PIL import Image

from .pictures import PREVIEW_SIDE, THUMBNAIL_SIDE, PictureFacts, in_processes, write_atomically
from .places import Place
from .scenes import PAINTERS, Canvas
from .thumbhash import thumbhash

#: Raise this when the films would come out differently.
FILM_VERSION = 1

WIDTH, HEIGHT, FRAMES_PER_SECOND = 1280, 720, 25

#: How much larger the painted scene is than the frame that moves over it.
MARGIN = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """The recipe of one film; `seconds` is its whole length."""

    name: str
    scene: str
    seed: int
    seconds: int
    taken: datetime
    owner: str
    place: Place | None = None
    trip: str = ""


@cache
def available() -> bool:
    """Tell whether films can be made here."""
    return importlib.util.find_spec("av") is not None


class FilmStore:
    """A directory of films with their stills, each made on first use."""

    def __init__(self, directory: Path) -> None:
        """Use a directory, which is made when it is missing."""
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = Lock()

    def path(self, film: Film, version: str) -> Path:
        """Return the file of a version (`original`, `preview`, `thumbnail`).

        Blocks for about a second where the film has to be made first.
        """
        ending = {"original": "mp4", "preview": "jpg", "thumbnail": "webp"}[version]
        path = self.directory / f"{self._key(film)}.{version}.{ending}"
        if not path.exists():
            self.render(film)
        return path

    def facts(self, film: Film) -> PictureFacts | None:
        """Return the facts about a film, `None` while it isn't made."""
        try:
            found = json.loads((self.directory / f"{self._key(film)}.json").read_bytes())
        except OSError, ValueError:
            return None
        return PictureFacts(**found)

    def render(self, film: Film) -> PictureFacts:
        """Make the files of a film where they are missing; return the facts."""
        with self._lock:
            if (known := self.facts(film)) is not None:
                return known
            key = self._key(film)
            scene = _paint(film)
            scratch = self.directory / f".{key}.{os.getpid()}.mp4"
            _encode(film, scene, scratch)
            content = scratch.read_bytes()
            still = _frame(film, scene, 0)
            preview = still.copy()
            preview.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
            scale = THUMBNAIL_SIDE / HEIGHT
            small = still.resize((round(WIDTH * scale), THUMBNAIL_SIDE))
            facts = PictureFacts(sha1(content).hexdigest(), len(content), thumbhash(small))
            scratch.replace(self.directory / f"{key}.original.mp4")
            write_atomically(self.directory / f"{key}.preview.jpg", _bytes(preview, "JPEG"))
            write_atomically(self.directory / f"{key}.thumbnail.webp", _bytes(small, "WEBP"))
            line = {"sha1": facts.sha1, "size": facts.size, "thumbhash": facts.thumbhash}
            write_atomically(self.directory / f"{key}.json", json.dumps(line).encode())
            return facts

    def fill(self, films: Iterable[Film], *, stop: Event | None = None) -> None:
        """Make what is missing in a process of its own; setting `stop` ends the work."""
        jobs = {film: (self.directory, film) for film in films if self.facts(film) is None}
        if not jobs:
            return
        for _ in in_processes(_render, jobs, 1, stop):
            pass

    def _key(self, film: Film) -> str:
        return "film-" + sha256(f"{FILM_VERSION} {film!r}".encode()).hexdigest()[:20]


class FilmMedia:
    """The bytes of one film, as an asset of the library wants them."""

    def __init__(self, store: FilmStore, film: Film) -> None:
        """Take a film out of a store, making it when first asked."""
        self.store = store
        self.film = film

    def original(self) -> Path | bytes | None:
        """Return the MP4."""
        return self.store.path(self.film, "original")

    def thumbnail(self) -> Path | bytes | None:
        """Return the small WebP of the first frame."""
        return self.store.path(self.film, "thumbnail")

    def preview(self) -> Path | bytes | None:
        """Return the first frame as JPEG."""
        return self.store.path(self.film, "preview")

    def playback(self) -> Path | bytes | None:
        """Return the MP4: it plays everywhere as it is."""
        return self.original()


def _render(directory: Path, film: Film) -> None:
    """Make one film in a worker process."""
    FilmStore(directory).render(film)


def _paint(film: Film) -> Image.Image:
    canvas = Canvas(round(WIDTH * MARGIN), round(HEIGHT * MARGIN), film.seed)
    PAINTERS[film.scene](canvas)
    return canvas.finish()


def _frame(film: Film, scene: Image.Image, number: int) -> Image.Image:
    """Return one frame: a window that wanders over the scene."""
    share = number / max(1, film.seconds * FRAMES_PER_SECOND - 1)
    spare_x, spare_y = scene.width - WIDTH, scene.height - HEIGHT
    smooth = share * share * (3 - 2 * share)
    left = round(spare_x * (smooth if film.seed % 2 else 1 - smooth))
    top = round(spare_y * (0.5 + 0.5 * (smooth - 0.5)))
    return scene.crop((left, top, left + WIDTH, top + HEIGHT))


def _encode(film: Film, scene: Image.Image, path: Path) -> None:
    """Encode all frames; the index goes to the front, so that browsers start at once.

    FFmpeg moves the index in a second pass over the file, so it needs a real one.
    """
    # PyAV is imported late: it may be missing, and it is slow to import.
    import av
    from av.video.frame import VideoFrame

    from_image: Any = VideoFrame.from_image
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream: Any = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "26", "threads": "2"}
        stream.time_base = Fraction(1, FRAMES_PER_SECOND)
        for number in range(film.seconds * FRAMES_PER_SECOND):
            frame: Any = from_image(_frame(film, scene, number))
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _bytes(image: Image.Image, kind: str) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, quality=80)
    return buffer.getvalue()
