"""How an asset is named outside Immich: one media content id for each, with one writer and one parser."""

from dataclasses import dataclass
import re
from typing import Final, Self, override

from yarl import URL

from .api.ids import as_id
from .const import DOMAIN

_PATTERN: Final = re.compile(rf"media-source://{DOMAIN}/([^/]+)/asset/([^/]+)")


@dataclass(frozen=True, slots=True)
class AssetReference:
    """An asset of an account; both ids are Immich's."""

    user_id: str
    asset_id: str

    @property
    def identifier(self) -> str:
        """What stands behind the name of the media source in a media content id."""
        return f"{self.user_id}/asset/{self.asset_id}"

    @override
    def __str__(self) -> str:
        """Write the media content id."""
        return f"media-source://{DOMAIN}/{self.identifier}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a media content id; None for any other text."""
        if not (match := _PATTERN.fullmatch(text.strip())):
            return None
        user_id, asset_id = as_id(match[1]), as_id(match[2])
        return None if user_id is None or asset_id is None else cls(user_id, asset_id)


def asset_id_of(text: str) -> str | None:
    """Return the id in what a person wrote: a plain id or a media content id; None for any other text."""
    if (reference := AssetReference.parse(text)) is not None:
        return reference.asset_id
    return as_id(text)


def asset_view(entry_id: str, asset_id: str, version: str) -> str:
    """Return the path under which Home Assistant shows an asset: `thumbnail`, `preview`, `original` or `video`."""
    return f"/api/{DOMAIN}/{entry_id}/{asset_id}/{version}"


def person_view(entry_id: str, person_id: str) -> str:
    """Return the path under which Home Assistant shows a person's face."""
    return f"/api/{DOMAIN}/{entry_id}/person/{person_id}"


def album_view(entry_id: str, album_id: str) -> str:
    """Return the path under which Home Assistant shows an album's cover."""
    return f"/api/{DOMAIN}/{entry_id}/album/{album_id}"


def album_page(server: URL, album_id: str) -> str:
    """Return the address of an album's page on the server, for people."""
    return str(server / "albums" / album_id)


def asset_page(server: URL, asset_id: str) -> str:
    """Return the address of an asset's page on the server, for people."""
    return str(server / "photos" / asset_id)
