"""A small gazetteer: the places where sample pictures were taken, and a few more.

It stands in for Immich's geocoding data: ``search/places`` and
``map/reverse-geocode`` answer from it, and an asset that is given a position
gets its city, state and country here.
"""

from dataclasses import dataclass
from math import cos, radians

#: Immich looks for a city within about 25 km.
REACH_KM = 25


@dataclass(frozen=True, slots=True)
class Place:
    """A city with its position in degrees, its time zone and its ISO country code."""

    city: str
    state: str
    country: str
    latitude: float
    longitude: float
    zone: str
    district: str = ""

    def distance_km(self, latitude: float, longitude: float) -> float:
        """Return how far away a position is, near enough for short ways."""
        north = (latitude - self.latitude) * 111.2
        east = (longitude - self.longitude) * 111.3 * cos(radians(latitude))
        return float((north**2 + east**2) ** 0.5)


VIENNA = Place("Vienna", "Vienna", "Austria", 48.20849, 16.37208, "Europe/Vienna", "Wien Stadt")
HALLSTATT = Place("Hallstatt", "Upper Austria", "Austria", 47.56222, 13.64889, "Europe/Vienna", "Gmunden")
PARIS = Place("Paris", "Île-de-France", "France", 48.85341, 2.3488, "Europe/Paris", "Paris")
ROME = Place("Rome", "Lazio", "Italy", 41.89193, 12.51133, "Europe/Rome", "Rome")
LISBON = Place("Lisbon", "Lisbon", "Portugal", 38.71667, -9.13333, "Europe/Lisbon", "Lisbon")
REYKJAVIK = Place("Reykjavík", "Capital Region", "Iceland", 64.13548, -21.89541, "Atlantic/Reykjavik")
TROMSO = Place("Tromsø", "Troms", "Norway", 69.6489, 18.95508, "Europe/Oslo", "Tromsø")
BERLIN = Place("Berlin", "State of Berlin", "Germany", 52.52437, 13.41053, "Europe/Berlin")
MARRAKESH = Place("Marrakesh", "Marrakesh-Safi", "Morocco", 31.63416, -7.99994, "Africa/Casablanca")
NEW_YORK = Place(
    "New York City", "New York", "United States of America", 40.71427, -74.00597,
    "America/New_York",
)  # fmt: skip
KYOTO = Place("Kyoto", "Kyoto", "Japan", 35.02107, 135.75385, "Asia/Tokyo")
TOKYO = Place("Tokyo", "Tokyo", "Japan", 35.6895, 139.69171, "Asia/Tokyo")
SHANGHAI = Place("Shanghai", "Shanghai", "People's Republic of China", 31.22222, 121.45806, "Asia/Shanghai")
SYDNEY = Place("Sydney", "New South Wales", "Australia", -33.86785, 151.20732, "Australia/Sydney")
GOREME = Place("Göreme", "Nevşehir", "Turkey", 38.64306, 34.82889, "Europe/Istanbul")
SPLIT = Place("Split", "Split-Dalmatia", "Croatia", 43.50891, 16.43915, "Europe/Zagreb")

#: Where somebody of the demo's household has been.
VISITED = (
    VIENNA, HALLSTATT, PARIS, ROME, LISBON, REYKJAVIK, TROMSO, BERLIN, MARRAKESH,
    NEW_YORK, KYOTO, SHANGHAI, SYDNEY, GOREME, SPLIT,
)  # fmt: skip

GAZETTEER = (
    *VISITED,
    TOKYO,
    Place("London", "England", "United Kingdom", 51.50853, -0.12574, "Europe/London"),
    Place("Madrid", "Madrid", "Spain", 40.4165, -3.70256, "Europe/Madrid", "Madrid"),
    Place("Prague", "Prague", "Czechia", 50.08804, 14.42076, "Europe/Prague"),
    Place("Zürich", "Zurich", "Switzerland", 47.36667, 8.55, "Europe/Zurich"),
    Place("Cape Town", "Western Cape", "South Africa", -33.92584, 18.42322, "Africa/Johannesburg"),
    Place("Lima", "Lima", "Peru", -12.04318, -77.02824, "America/Lima"),
)


def nearest(latitude: float, longitude: float) -> Place | None:
    """Return the known city at a position (degrees), or ``None`` in the wilderness."""
    best = min(GAZETTEER, key=lambda place: place.distance_km(latitude, longitude))
    return best if best.distance_km(latitude, longitude) <= REACH_KM else None


def find_places(name: str) -> list[Place]:
    """Return the cities whose names resemble a word.

    Immich compares by trigrams: the start of a name is not enough, an accent
    or a typing error does no harm. Seen on 3.1.0: ``vie`` does not find Vienna.
    """
    wanted = _trigrams(name)
    if not wanted:
        return []
    found: list[tuple[float, Place]] = []
    for place in GAZETTEER:
        own = _trigrams(place.city)
        likeness = len(own & wanted) / len(own | wanted)
        if likeness > 0.5:
            found.append((likeness, place))
    return [place for _, place in sorted(found, key=lambda pair: -pair[0])]


def _trigrams(text: str) -> set[str]:
    """Return the sets of three letters that PostgreSQL's pg_trgm would take."""
    grams: set[str] = set()
    for word in text.lower().split():
        padded = f"  {word} "
        grams |= {padded[n : n + 3] for n in range(len(padded) - 2)}
    return grams
