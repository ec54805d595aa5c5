"""Assets and albums as the responses of actions show them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType
from yarl import URL

from .api.album import Album, AlbumUser
from .api.asset import Asset, Visibility
from .asset_reference import AssetReference, album_page, asset_page, asset_view

# Assets that are written before the event loop gets its turn again.
_ROWS_PER_TURN: Final = 50


class Responses:
    """Writes what an account's server told; moments are written in Home Assistant's time zone."""

    def __init__(self, entry_id: str, user_id: str, server: URL) -> None:
        """Write for the account entry `entry_id` of the user `user_id`, with pages on `server`."""
        self._entry_id = entry_id
        self._user_id = user_id
        self._server = server
        # What all assets share is written once: a page has 1,000.
        self._page = asset_page(server, "")
        self._media = str(AssetReference(user_id, ""))

    def asset(self, asset: Asset) -> JsonObjectType:
        """Write an asset; what isn't known is null."""
        exif = asset.exif
        return {
            "id": asset.id,
            "type": asset.type.lower(),
            "filename": asset.filename,
            "taken_at": written(asset.taken_at),
            "media_content_id": self._media + asset.id,
            "thumbnail": asset_view(self._entry_id, asset.id, "thumbnail"),
            "url": self._page + asset.id,
            "favorite": asset.favorite,
            "archived": asset.visibility == Visibility.ARCHIVE,
            "trashed": asset.trashed,
            "city": exif.city if exif else None,
            "state": exif.state if exif else None,
            "country": exif.country if exif else None,
            "people": [{"id": person.id, "name": person.name} for person in asset.people],
            "description": asset.description,
            "rating": exif.rating if exif else None,
            "duration": asset.duration,
            "width": asset.width,
            "height": asset.height,
        }

    async def assets(self, assets: Sequence[Asset]) -> list[JsonValueType]:
        """Write many assets, giving the event loop its turn in between."""
        found: list[JsonValueType] = []
        for position, asset in enumerate(assets, 1):
            found.append(self.asset(asset))
            if position % _ROWS_PER_TURN == 0:
                await asyncio.sleep(0)
        return found

    def asset_details(self, asset: Asset) -> JsonObjectType:
        """Write an asset with everything that one read tells, also where it was taken."""
        details: JsonObjectType = {
            "added_at": written(asset.added_at),
            "updated_at": written(asset.updated_at),
            "tags": list(asset.tags),
            "owned": asset.owner_id == self._user_id,
        }
        if (exif := asset.exif) is not None:
            details["exif"] = {
                "make": exif.make,
                "model": exif.model,
                "lens_model": exif.lens_model,
                "f_number": exif.f_number,
                "focal_length": exif.focal_length,
                "iso": exif.iso,
                "exposure_time": exif.exposure_time,
                "file_size": exif.file_size,
                "time_zone": exif.time_zone,
                "latitude": exif.latitude,
                "longitude": exif.longitude,
            }
        return self.asset(asset) | details

    def album(self, album: Album) -> JsonObjectType:
        """Write an album; `start` and `end` are the days of its first and last asset."""
        shared_with: list[JsonValueType] = [_user(user) | {"role": user.role} for user in album.users]
        return {
            "id": album.id,
            "name": album.name,
            "description": album.description,
            "asset_count": album.asset_count,
            "created_at": written(album.created_at),
            "updated_at": written(album.updated_at),
            "start": album.starts_at.date().isoformat() if album.starts_at else None,
            "end": album.ends_at.date().isoformat() if album.ends_at else None,
            "owner": _user(album.owner) if album.owner else None,
            "owned": album.owner_id == self._user_id,
            "shared_with": shared_with,
            "cover": album.cover_id,
            "thumbnail": asset_view(self._entry_id, album.cover_id, "thumbnail") if album.cover_id else None,
            "url": album_page(self._server, album.id),
        }


def written(moment: datetime | None) -> str | None:
    """Write a moment in Home Assistant's time zone; at the ends of the calendar it stays as it is."""
    if moment is None:
        return None
    try:
        return dt_util.as_local(moment).isoformat()
    except OverflowError:
        return moment.isoformat()


def _user(user: AlbumUser) -> JsonObjectType:
    return {"id": user.id, "name": user.name}
