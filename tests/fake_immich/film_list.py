"""Which films the demo has: six short ones, each from a journey."""

from datetime import datetime
from zoneinfo import ZoneInfo

from .places import GOREME, KYOTO, SHANGHAI, SPLIT, SYDNEY, TROMSO, Place
from .videos import Film


def _film(scene: str, seed: int, seconds: int, place: Place, moment: tuple[int, ...], trip: str) -> Film:
    year, month, day, hour, minute = moment
    taken = datetime(year, month, day, hour, minute, 12, tzinfo=ZoneInfo(place.zone))
    return Film(
        name=f"VID_{taken:%Y%m%d_%H%M%S}.mp4",
        scene=scene,
        seed=seed,
        seconds=seconds,
        taken=taken,
        owner="Anna",
        place=place,
        trip=trip,
    )


def films() -> list[Film]:
    """Return the films of the demo."""
    return [
        _film("balloons", 11, 5, GOREME, (2022, 5, 7, 6, 41), "Balloons over Göreme"),
        _film("forest", 24, 4, KYOTO, (2022, 11, 14, 15, 20), "京都の秋"),
        _film("aurora", 31, 6, TROMSO, (2023, 1, 20, 22, 5), "Northern lights"),
        _film("night_street", 44, 5, SHANGHAI, (2023, 10, 1, 20, 30), "上海"),
        _film("skyline", 53, 4, SYDNEY, (2024, 12, 31, 21, 0), "Sydney"),
        _film("sea", 62, 5, SPLIT, (2026, 7, 13, 19, 45), "Summer at the sea"),
    ]
