"""How Immich writes and reads moments and days.

One server writes the same moment in several ways; which one depends on the
road it took through the server. Seen on Immich 3.1.0.
"""

from datetime import UTC, date, datetime
import re


def millis(moment: datetime) -> str:
    """Write ``2026-11-23T19:00:18.433Z``: values at the top level of an answer."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def millis_or_none(moment: datetime | None) -> str | None:
    """Write a moment like :func:`millis`, or nothing."""
    return None if moment is None else millis(moment)


def micros(moment: datetime) -> str:
    """Write ``2026-11-23T19:00:18.433828+00:00``: values nested by the database.

    Trailing zeros of the fraction are dropped, and an empty fraction too.
    """
    utc = moment.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}+00:00"


def micros_or_none(moment: datetime | None) -> str | None:
    """Write a moment like :func:`micros`, or nothing."""
    return None if moment is None else micros(moment)


def midnight(moment: datetime) -> str:
    """Write the day of a moment as ``2024-01-10T00:00:00.000Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}T00:00:00.000Z"


def naive(moment: datetime) -> str:
    """Write ``2023-05-15T11:30:00`` without a zone, as time buckets do."""
    utc = moment.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}"


def day(value: date) -> str:
    """Write ``2023-05-15``."""
    return f"{value:%Y-%m-%d}"


#: What Immich 3 takes for a moment: seconds and fraction optional, zone needed.
STRICT_MOMENT = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
    r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)

STRICT_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")


def parse_strict(text: str) -> datetime | None:
    """Read a moment as Immich 3 does; ``None`` where it answers 400."""
    if STRICT_MOMENT.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def parse_lenient(text: str) -> datetime | None:
    """Read a moment as Immich 1 and 2 do: naive values and plain days count as UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_day(text: str) -> date | None:
    """Read ``YYYY-MM-DD``; ``None`` for anything else."""
    if STRICT_DAY.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
