"""Which Immich the fake pretends to be."""

from dataclasses import dataclass
import re
from typing import Self, override

_PATTERN = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")

#: The releases whose answers are checked, oldest first.
SUPPORTED = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")

DEFAULT = "3.1.0"


@dataclass(frozen=True, order=True, slots=True)
class Version:
    """A release of Immich; compares in release order."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"3.1.0"``, ``"v3.1.0"`` or ``"3.1"`` (patch 0).

        Raises ``ValueError`` for anything else.
        """
        if (match := _PATTERN.fullmatch(text.strip())) is None:
            raise ValueError(f"not a version: {text!r}")
        major, minor, patch = match.groups(default="0")
        return cls(int(major), int(minor), int(patch))

    @override
    def __str__(self) -> str:
        """Return the release as Immich writes it, without the ``v``."""
        return f"{self.major}.{self.minor}.{self.patch}"

    def at_least(self, text: str) -> bool:
        """Tell whether this release is the named one or a later one."""
        return self >= Version.parse(text)
