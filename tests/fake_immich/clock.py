"""A clock that tests can set."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The server's idea of now: real time, shifted or standing still."""

    def __init__(self) -> None:
        """Start with the real time."""
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """Return the moment in UTC, in whole microseconds."""
        if self._frozen is not None:
            return self._frozen
        return datetime.now(UTC) + self._offset

    def set(self, moment: datetime, *, frozen: bool = True) -> None:
        """Jump to a moment; it stands still there unless ``frozen`` is false."""
        moment = moment.astimezone(UTC)
        if frozen:
            self._frozen = moment
        else:
            self._frozen = None
            self._offset = moment - datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds, frozen or not."""
        step = timedelta(seconds=seconds)
        if self._frozen is not None:
            self._frozen += step
        else:
            self._offset += step

    def reset(self) -> None:
        """Return to the real time."""
        self._offset = timedelta()
        self._frozen = None
