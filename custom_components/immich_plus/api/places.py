"""Places and cameras: the names that the library's pictures have (`search/suggestions`, `search/cities`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .parse import Json, many_rows, need_dict, need_list, need_text, text
from .transport import LISTING

if TYPE_CHECKING:
    from .client import Immich


class Suggestion(StrEnum):
    """What names can be asked for; Immich's own words."""

    COUNTRY = "country"
    STATE = "state"
    CITY = "city"
    CAMERA_MAKE = "camera-make"
    CAMERA_MODEL = "camera-model"
    CAMERA_LENS_MODEL = "camera-lens-model"


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city that pictures were taken in, with one of them."""

    name: str
    state: str | None
    country: str | None
    asset_id: str

    @classmethod
    def from_json(cls, data: Json) -> City:
        """Read the asset that stands for a city."""
        exif = need_dict(data.get("exifInfo"), "search/cities")
        return cls(
            name=need_text(exif, "city", "search/cities"),
            state=text(exif, "state"),
            country=text(exif, "country"),
            asset_id=need_text(data, "id", "search/cities"),
        )


class Places:
    """Calls about the names of places and cameras."""

    def __init__(self, client: Immich) -> None:
        """Speak through the client, as not every version knows lenses."""
        self._client = client

    async def suggestions(
        self,
        kind: Suggestion,
        *,
        country: str | None = None,
        state: str | None = None,
        make: str | None = None,
        model: str | None = None,
    ) -> Sequence[str] | None:
        """List the names of one kind, sorted, as searches want them (scope `asset.read`).

        States can be narrowed down to a country, cities to a country and state, makes to a model, models to a
        make, lenses to both. None if this version can't tell: lenses before 2.2.
        """
        if kind is Suggestion.CAMERA_LENS_MODEL and not self._client.version.suggests_lenses:
            return None
        narrowed = {"country": country, "state": state, "make": make, "model": model}
        params = {"type": str(kind)} | {name: value for name, value in narrowed.items() if value is not None}
        answer = await self._client.transport.get("search/suggestions", params, timeout=LISTING)
        return [name for name in need_list(answer, "search/suggestions") if isinstance(name, str) and name]

    async def cities(self) -> Sequence[City]:
        """List the cities of the library, one asset each, sorted by name (scope `asset.read`)."""
        answer = await self._client.transport.get("search/cities", timeout=LISTING)
        return await many_rows(answer, City.from_json, "search/cities")
