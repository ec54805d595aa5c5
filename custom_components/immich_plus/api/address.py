"""From what a person pastes to the address of an Immich server."""

from dataclasses import dataclass
import re
from typing import Final
from urllib.parse import urlsplit

from yarl import URL

_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# Parts of a path that are tried as sub-path of the server; nobody nests deeper.
_DEEPEST: Final = 4


class InvalidAddressError(ValueError):
    """The text is no address of a web server."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A base address to try; `guessed` tells that the scheme was not typed, so that another may follow."""

    url: URL
    guessed: bool


def candidates(pasted: str) -> list[Candidate]:
    """Return the base addresses that `pasted` may mean, the likeliest first.

    Drops what comes with copying from a browser: blanks, query, fragment, `/api…`, and, one part after the
    other from the end, the path of a page such as `/photos`; a real sub-path answers before that. Without a
    scheme, https is tried before http. Raises InvalidAddressError, also for an address with a password in it.
    """
    typed = pasted.strip()
    guessed = not _SCHEME.match(typed)
    try:
        split = urlsplit(f"https://{typed}" if guessed else typed)
        url = URL(f"{split.scheme.lower()}://{split.netloc}{split.path}")
        port = split.port
    except ValueError as error:
        raise InvalidAddressError from error
    if url.scheme not in ("http", "https") or not url.host or split.username or split.password or port == 0:
        raise InvalidAddressError
    if any(char.isspace() for char in split.netloc):
        raise InvalidAddressError
    parts = [part for part in url.path.split("/") if part]
    if "api" in parts:
        parts = parts[: parts.index("api")]
    parts = parts[:_DEEPEST]
    schemes = ("https", "http") if guessed else (url.scheme,)
    found: list[Candidate] = []
    for scheme in schemes:
        # A port that was typed belongs to either scheme; a default port is left out.
        origin = (
            url.origin().with_scheme(scheme)
            if port is None
            else url.origin().with_scheme(scheme).with_port(port)
        )
        found += [
            Candidate(origin.joinpath(*parts[:depth]) if depth else origin, guessed)
            for depth in range(len(parts), -1, -1)
        ]
    return found
