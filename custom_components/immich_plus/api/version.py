"""The server's version, and every place where versions of Immich differ.

No other module of the integration compares versions: callers ask the properties below.
Facts: Immich's OpenAPI documents of 1.137.3, 1.144.1, 2.7.5, 3.1.0 and 3.3.5.
"""

from dataclasses import dataclass
from datetime import date
import re
from typing import Self, override

from .errors import ImmichBadAnswerError
from .parse import integer, need_dict

_TEXT = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+][\w.+-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class ServerVersion:
    """A released version of Immich such as 3.1.0; a prerelease counts as its release."""

    major: int
    minor: int
    patch: int

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read `{major, minor, patch}`, the answer of `GET server/version` on all versions."""
        data = need_dict(value, "server/version")
        parts = [integer(data, key) for key in ("major", "minor", "patch")]
        if (major := parts[0]) is None or (minor := parts[1]) is None or (patch := parts[2]) is None:
            raise ImmichBadAnswerError("server/version: major, minor and patch should be numbers")
        return cls(major, minor, patch)

    @classmethod
    def from_text(cls, value: str) -> Self | None:
        """Read `3.1.0`, `v3.1.0` or `3.1.0-rc.1`; None for anything else."""
        if not (match := _TEXT.fullmatch(value)):
            return None
        return cls(int(match[1]), int(match[2]), int(match[3]))

    @override
    def __str__(self) -> str:
        """Write it as people do: `3.1.0`."""
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def too_old(self) -> bool:
        """Whether a key with single scopes is of no use there: before 1.137 most routes wanted `all`."""
        return self < FLOOR

    @property
    def tells_scopes(self) -> bool:
        """Whether `GET api-keys/me` tells what the key may do (1.139 and later)."""
        return self >= ServerVersion(1, 139, 0)

    @property
    def version_check_scope(self) -> str:
        """The scope that `GET server/version-check` wants."""
        return "server.versionCheck" if self >= ServerVersion(1, 138, 0) else "all"

    @property
    def bulk_check_scope(self) -> str:
        """The scope that `POST assets/bulk-upload-check` wants."""
        return "asset.upload" if self >= ServerVersion(1, 141, 0) else "all"

    @property
    def tells_when_added(self) -> bool:
        """Whether assets in answers carry `createdAt`, the moment they were added (1.140 and later)."""
        return self >= ServerVersion(1, 140, 0)

    @property
    def tells_latest_additions(self) -> bool:
        """Whether `GET search/explore` has a group of the latest additions (3.0 and later; seen on 3.1.0)."""
        return self.major >= 3

    @property
    def lists_shared_albums_apart(self) -> bool:
        """Whether `GET albums` gives only owned albums unless asked with `shared=true` (before 3.0)."""
        return self.major < 3

    @property
    def searches_shared_albums(self) -> bool:
        """Whether `search/metadata` finds everybody's assets of an album (3.0 and later; before, own ones)."""
        return self.major >= 3

    @property
    def searches_archive_by_default(self) -> bool:
        """Whether a search without a visibility covers timeline, archive and hidden parts (3.0 and later)."""
        return self.major >= 3

    @property
    def searches_text_in_pictures(self) -> bool:
        """Whether searches know `ocr`, the text that was read in pictures (2.2 and later)."""
        return self >= ServerVersion(2, 2, 0)

    @property
    def searches_by_example(self) -> bool:
        """Whether smart search takes an asset instead of words (1.141 and later)."""
        return self >= ServerVersion(1, 141, 0)

    @property
    def no_rating(self) -> int | None:
        """What takes a rating away: null from 2.6 on; -1 before, which later means "rejected"."""
        return None if self >= ServerVersion(2, 6, 0) else -1

    @property
    def add_to_link_scope(self) -> str:
        """The scope that adding assets to a shared link wants."""
        return "sharedLink.update" if self.major >= 3 else "all"

    @property
    def suggests_lenses(self) -> bool:
        """Whether `GET search/suggestions` knows the names of lenses (2.2 and later)."""
        return self >= ServerVersion(2, 2, 0)

    @property
    def calls_webhooks(self) -> bool:
        """Whether workflows have a step that calls an address (3.0 and later; seen on 3.1.0)."""
        return self.major >= 3

    def memory_day(self, day: date) -> str:
        """Write a day as `memories?for=` wants it: a date from 3.0.3 on, a date-time before."""
        return day.isoformat() if self >= ServerVersion(3, 0, 3) else f"{day.isoformat()}T00:00:00.000Z"


FLOOR = ServerVersion(1, 137, 0)
