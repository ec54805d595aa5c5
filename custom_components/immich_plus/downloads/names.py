"""Names of saved files: from a template and what the server says, safe on every file system, each once in a call.

Every name ends like a picture or film, whatever the server or the template says: nothing that Home Assistant or a
browser would run or read as settings can come about.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
import re
from typing import Final, Self
import unicodedata

from homeassistant.util import dt as dt_util

from ..api.asset import Asset
from ..errors import mistake
from ..uploads.content_types import is_media_extension

PLACEHOLDERS: Final = ("{filename}", "{id}", "{date}", "{time}", "{number}")

# Bytes in UTF-8. File systems end at 255, encrypted ones earlier; some room is kept for the ending.
_LONGEST_STEM: Final = 180
_LONGEST_ENDING: Final = 20
# For an original that ends like no picture or film: nothing opens such a file by itself.
_OTHER_ENDING: Final = ".bin"

_BRACES: Final = re.compile(r"\{[^{}]*\}|[{}]")
# What Windows, and so many network drives, can't have in a name.
_FORBIDDEN: Final = frozenset('<>:"/\\|?*')
_RESERVED: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"}
)
_UNDATED: Final = "undated"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileName:
    """A name without and with its ending, such as `.jpg`; None while only the server's answer can tell it."""

    stem: str
    ending: str | None

    def whole(self) -> str:
        """Return the name as far as it is known."""
        return f"{self.stem}{self.ending or ''}"


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """How files are to be named: text with `PLACEHOLDERS`, without an ending."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a person wrote; an ending like `.jpg` is left out, as the right one is added to each file.

        Raises a translated error for an unknown placeholder, a folder or nothing at all.
        """
        text = text.strip()
        for found in _BRACES.findall(text):
            if found not in PLACEHOLDERS:
                raise mistake("unknown_placeholder", placeholder=found, known=", ".join(PLACEHOLDERS))
        if "/" in text or "\\" in text:
            raise mistake("filename_with_folder", filename=text)
        stem, _ending = _split(text)
        if not stem.strip(" ."):
            raise mistake("filename_empty")
        return cls(stem)

    def fill(self, asset_id: str, asset: Asset, number: str) -> str:
        """Return the name for an asset, made safe; dates are in Home Assistant's time zone."""
        date, time = _moment(asset.taken_at)
        values = {
            "{filename}": _split(_last_part(asset.filename))[0],
            "{id}": asset_id,
            "{date}": date,
            "{time}": time,
            "{number}": number,
        }
        # In one go: what the server calls a file may look like a placeholder itself.
        return _safe(_BRACES.sub(lambda match: values[match[0]], self.text)) or asset_id


def name_files(
    template: NameTemplate, assets: Mapping[str, Asset | None], *, originals: bool
) -> dict[str, FileName]:
    """Name the files of a call, in its order; assets that could not be read (None) count, but get no name.

    Two assets never share a name, also not where a file system doesn't tell upper from lower case: later ones
    get a part of their id. The ending of an original is that of its own name; others are told by the answer.
    """
    width = len(str(len(assets)))
    taken: set[str] = set()
    names: dict[str, FileName] = {}
    for number, (asset_id, asset) in enumerate(assets.items(), 1):
        if asset is None:
            continue
        stem = template.fill(asset_id, asset, f"{number:0{width}}")
        ending = _ending_of(asset) if originals else None
        tried = (FileName(stem=_cut(stem, tail), ending=ending) for tail in _tails(asset_id))
        name = next(name for name in tried if name.whole().casefold() not in taken)
        taken.add(name.whole().casefold())
        names[asset_id] = name
    return names


def _tails(asset_id: str) -> Iterator[str]:
    """Return what makes a name different: nothing, then a part of the id, then numbers, too, without end."""
    part = f"-{asset_id.partition('-')[0]}"
    return chain(("", part), (f"{part}-{number}" for number in count(2)))


def _split(name: str) -> tuple[str, str]:
    """Return a name without its ending, and the ending with its dot; no ending unless of a picture or film."""
    stem, dot, extension = name.rpartition(".")
    ending = f"{dot}{extension}"
    if dot and len(ending) <= _LONGEST_ENDING and is_media_extension(ending):
        return stem, ending
    return name, ""


def _ending_of(asset: Asset) -> str:
    return _split(_last_part(asset.filename))[1] or _OTHER_ENDING


def _last_part(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].strip()


def _moment(taken_at: datetime | None) -> tuple[str, str]:
    try:
        local = dt_util.as_local(taken_at) if taken_at else None
    except OverflowError:
        # The first or last day that there is, and a zone on its other side.
        local = None
    if local is None:
        return _UNDATED, _UNDATED
    return local.date().isoformat(), local.strftime("%H-%M-%S")


def _safe(text: str) -> str:
    """Return `text` as a part of a name that every system takes; may be empty."""
    # What isn't printable would hide or turn around what a name says.
    text = "".join(
        character if character.isprintable() and character not in _FORBIDDEN else "_"
        for character in unicodedata.normalize("NFC", text)
    ).strip(" .")
    return f"_{text}" if text.partition(".")[0].strip().upper() in _RESERVED else text


def _cut(stem: str, tail: str) -> str:
    """Return the stem with its tail, cut so that the name isn't too long; no character is cut in two."""
    room = _LONGEST_STEM - len(tail)
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + tail
