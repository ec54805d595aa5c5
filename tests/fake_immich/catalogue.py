"""Which sample pictures there are: the journeys and days of a small family.

Nothing is painted here: a `Picture` is a recipe with everything that the EXIF
data will say. The list is the same on every machine and day, except for the
pictures of "this day in earlier years" and of the last days, which move along
with today so that memories and recent uploads are never empty.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from .places import (
    BERLIN,
    GOREME,
    HALLSTATT,
    KYOTO,
    LISBON,
    MARRAKESH,
    NEW_YORK,
    PARIS,
    REYKJAVIK,
    ROME,
    SHANGHAI,
    SPLIT,
    SYDNEY,
    TROMSO,
    VIENNA,
    Place,
)

#: Width and height of the originals, and how often each comes.
SIZES = {(1600, 1200): 9, (1200, 1600): 5, (1600, 900): 3, (1200, 1200): 2, (1600, 500): 1}

#: The people of the pictures and the seeds of their looks.
CAST = {
    "Anna": 3,
    "Ben": 24,
    "Grandma": 52,
    "Mia": 8,
    "Leo": 16,
    "小明": 40,
    "stranger": 61,
    "passer-by": 77,
}

FIRST_YEAR = 2016


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera with its lens and the focal length (mm) and aperture it is used at."""

    make: str
    model: str
    lens: str
    focal_length: float
    f_number: float


PHONE = Camera("Google", "Pixel 8", "Pixel 8 back camera 6.9mm f/1.68", 6.9, 1.68)
OLD_PHONE = Camera("Apple", "iPhone 7", "iPhone 7 back camera 3.99mm f/1.8", 3.99, 1.8)
SYSTEM = Camera("FUJIFILM", "X-T4", "XF16-55mmF2.8 R LM WR", 23.0, 4.0)
REFLEX = Camera("Canon", "EOS R6", "RF24-105mm F4 L IS USM", 50.0, 5.6)
COMPACT = Camera("SONY", "DSC-RX100M7", "24-200mm F2.8-4.5", 9.0, 2.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The recipe of one picture.

    `taken` carries the place's zone. `cast` names who is in it, in the order of
    the scene's seats; `trip` names the album it belongs to, if any.
    """

    name: str
    scene: str
    seed: int
    width: int
    height: int
    taken: datetime
    owner: str
    camera: Camera
    place: Place | None = None
    cast: tuple[str, ...] = ()
    trip: str = ""

    @property
    def iso(self) -> int:
        """Return the sensitivity: high where the scene is dark."""
        return 1600 if self.scene in ("aurora", "night_street", "bokeh") else 100 << self.seed % 3

    @property
    def shutter(self) -> int:
        """Return the exposure as the lower part of 1/n seconds."""
        return 30 if self.iso > 800 else (60, 125, 250, 500)[self.seed % 4]


@dataclass(frozen=True, slots=True)
class Trip:
    """A journey: where, when, whose camera, and what there was to see."""

    title: str
    place: Place
    start: date
    days: int
    count: int
    scenes: tuple[str, ...]
    camera: Camera = SYSTEM
    owner: str = "Anna"


TRIPS = (
    Trip("Rome 2016", ROME, date(2016, 9, 10), 5, 14, ("village", "skyline", "plate", "couple", "tiles"), COMPACT),
    Trip("Lisbon", LISBON, date(2017, 5, 12), 6, 18, ("tiles", "village", "sea", "plate", "couple", "night_street"), COMPACT),
    Trip("Iceland", REYKJAVIK, date(2018, 2, 16), 8, 20, ("aurora", "snow", "mountains", "sea", "lake", "couple")),
    Trip("New York", NEW_YORK, date(2018, 10, 3), 7, 18, ("skyline", "night_street", "bokeh", "plate", "portrait")),
    Trip("Summer at the sea", SPLIT, date(2019, 7, 20), 12, 24, ("beach", "sea", "village", "group", "plate", "portrait")),
    Trip("Marrakesh", MARRAKESH, date(2019, 11, 8), 6, 14, ("desert", "tiles", "plate", "night_street", "couple")),
    Trip("Hallstatt", HALLSTATT, date(2020, 8, 14), 4, 14, ("lake", "mountains", "village", "forest", "portrait")),
    Trip("Paris weekend", PARIS, date(2021, 10, 22), 3, 12, ("skyline", "plate", "night_street", "couple", "village"), PHONE),
    Trip("Balloons over Göreme", GOREME, date(2022, 5, 6), 5, 16, ("balloons", "desert", "village", "mountains", "couple"), REFLEX),
    Trip("京都の秋", KYOTO, date(2022, 11, 12), 9, 20, ("forest", "lake", "village", "flowers", "plate", "portrait"), REFLEX),
    Trip("Northern lights", TROMSO, date(2023, 1, 19), 6, 16, ("aurora", "snow", "sea", "mountains", "group"), REFLEX),
    Trip("上海", SHANGHAI, date(2023, 9, 29), 8, 18, ("skyline", "night_street", "plate", "group", "lake"), PHONE),
    Trip("Sydney", SYDNEY, date(2024, 12, 27), 14, 22, ("beach", "sea", "skyline", "group", "bokeh", "portrait"), REFLEX),
    Trip("Garden", VIENNA, date(2025, 4, 26), 90, 18, ("flowers", "portrait", "tiles"), PHONE, "Grandma"),
    Trip("Summer at the sea", SPLIT, date(2026, 7, 11), 10, 20, ("beach", "sea", "village", "group", "plate"), PHONE),
    Trip("Berlin with Ben", BERLIN, date(2026, 5, 1), 3, 12, ("skyline", "night_street", "couple", "plate"), PHONE, "Ben"),
)  # fmt: skip

#: What one sees at home, and how often somebody is in the picture.
EVERYDAY = (
    "flowers", "plate", "forest", "village", "bokeh", "portrait", "couple", "group", "lake", "balloons",
)  # fmt: skip


def pictures(today: date) -> list[Picture]:
    """Return all sample pictures, more than 400, oldest first."""
    random = Random(20161)
    found: list[Picture] = []
    for trip in TRIPS:
        for number in range(trip.count):
            day = trip.start + timedelta(days=trip.days * number // trip.count)
            scene = trip.scenes[number % len(trip.scenes)]
            found.append(_picture(random, day, scene, trip.owner, trip.camera, trip.place, trip.title))
    for number in range(110):
        # About one picture every five weeks at home, by whoever was there.
        day = date(FIRST_YEAR, 1, 9) + timedelta(days=35 * number + random.randrange(20))
        owner = ("Anna", "Anna", "Ben", "Grandma")[number % 4]
        camera = OLD_PHONE if day.year < 2021 else PHONE
        scene = EVERYDAY[number % len(EVERYDAY)]
        if day < today:
            place = VIENNA if random.random() < 0.8 else None
            found.append(_picture(random, day, scene, owner, camera, place))
    found += _moving(today)
    return sorted(_unique(found), key=lambda picture: picture.taken)


def _moving(today: date) -> list[Picture]:
    """Return the pictures that hang on today: this day in earlier years, last days."""
    random = Random(today.toordinal())
    found: list[Picture] = []
    for year in range(FIRST_YEAR, today.year):
        for number in range(2 + year % 2):
            day = today.replace(year=year, day=min(today.day, 28)) if number else _same_day(today, year)
            scene = EVERYDAY[(year * 3 + number) % len(EVERYDAY)]
            camera = OLD_PHONE if year < 2021 else PHONE
            found.append(_picture(random, day, scene, "Anna", camera, VIENNA))
    for back in range(12):
        day = today - timedelta(days=back // 2 + 1)
        scene = EVERYDAY[(back * 7) % len(EVERYDAY)]
        owner = "Ben" if back % 4 == 3 else "Anna"
        found.append(_picture(random, day, scene, owner, PHONE, VIENNA))
    return found


def _same_day(today: date, year: int) -> date:
    """Return today's day of another year; the 29th of February counts as the 28th."""
    if (today.month, today.day) == (2, 29):
        return date(year, 2, 28)
    return today.replace(year=year)


def _picture(
    random: Random,
    day: date,
    scene: str,
    owner: str,
    camera: Camera,
    place: Place | None,
    trip: str = "",
) -> Picture:
    """Make the recipe of a picture that was taken on a day."""
    width, height = random.choices(list(SIZES), list(SIZES.values()))[0]
    if scene in ("portrait", "couple"):
        width, height = random.choice([(1200, 1600), (1600, 1200), (1200, 1200)])
    hour = 21 if scene in ("aurora", "night_street") else random.randrange(8, 19)
    zone = ZoneInfo(place.zone if place else VIENNA.zone)
    taken = datetime(
        day.year, day.month, day.day, hour, random.randrange(60), random.randrange(60), tzinfo=zone
    )
    return Picture(
        name=f"IMG_{taken:%Y%m%d_%H%M%S}.jpg",
        scene=scene,
        seed=random.randrange(10**6),
        width=width,
        height=height,
        taken=taken,
        owner=owner,
        camera=camera,
        place=place,
        cast=_cast(random, scene, owner),
        trip=trip,
    )


def _cast(random: Random, scene: str, owner: str) -> tuple[str, ...]:
    """Choose who is in a picture; whoever holds the camera is not."""
    wanted = {"portrait": 1, "couple": 2, "group": 5}.get(scene, 0)
    names = [name for name in CAST if name != owner or scene != "portrait"]
    weights = {"stranger": 0.3, "passer-by": 0.3, "Grandma": 0.8}
    chosen: list[str] = []
    while len(chosen) < wanted:
        name = random.choices(names, [weights.get(each, 1.0) for each in names])[0]
        names.remove(name)
        chosen.append(name)
    return tuple(chosen)


def _unique(found: list[Picture]) -> list[Picture]:
    """Drop pictures with the same name: two of one second are one too many."""
    return list({picture.name: picture for picture in found}.values())
