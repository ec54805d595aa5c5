"""Image entities: the covers of albums."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
import logging
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import ExtraStoredData, RestoreEntity
from homeassistant.util import dt as dt_util

from .actions.common import Account, note_refusal
from .api.asset import ThumbnailSize
from .api.assets import Picture
from .api.errors import ImmichError
from .api.permissions import Ability
from .const import LARGEST_PREVIEW_BYTES, SUBENTRY_ALBUM
from .coordinator.facts import Fact
from .entity import AlbumEntity, ImmichEntityDescription
from .runtime import ImmichPlusConfigEntry

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry

_LOGGER = logging.getLogger(__name__)

# Pictures are only read when somebody looks, and each one once.
PARALLEL_UPDATES = 0

# So long a picture that was read is shown again: dashboards fetch it anew every five minutes, each for itself.
# It may be edited in Immich while it stays the cover.
FRESH_SECONDS: Final = 600


@dataclass(frozen=True, kw_only=True)
class ImmichImageDescription(ImageEntityDescription, ImmichEntityDescription):
    """The description of an image entity."""


ALBUM_COVER: Final = ImmichImageDescription(key="cover", translation_key="album_cover", fact=Fact.ALBUM_LIST)


async def async_setup_entry(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the cover of each album that has a device."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_ALBUM):
        async_add_entities([AlbumCover(hass, entry, subentry)], config_subentry_id=subentry.subentry_id)


@dataclass(frozen=True, slots=True)
class _Shown(ExtraStoredData):
    """Which asset was the cover, and since when: a new start is no change."""

    cover_id: str | None
    since: datetime | None

    @override
    def as_dict(self) -> dict[str, Any]:
        return {"cover_id": self.cover_id, "since": self.since and self.since.isoformat()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> _Shown:
        """Read what `as_dict` wrote; what makes no sense is nothing."""
        cover_id, since = data.get("cover_id"), data.get("since")
        moment = dt_util.parse_datetime(since) if isinstance(since, str) else None
        if not isinstance(cover_id, str) or moment is None:
            return cls(None, None)
        return cls(cover_id, moment)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A picture that was read, of which asset, and until when it is shown again, as the event loop counts."""

    asset_id: str
    picture: Picture
    until: float


class AlbumCover(AlbumEntity, ImageEntity, RestoreEntity):
    """The picture that stands for an album. Its state is since when it does."""

    entity_description: ImmichImageDescription

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, subentry: ConfigSubentry) -> None:
        """Show the cover of the album that `subentry` names."""
        AlbumEntity.__init__(self, hass, entry, subentry, ALBUM_COVER)
        ImageEntity.__init__(self, hass)
        self._cover_id: str | None = None
        self._reading = asyncio.Lock()
        self._kept: _Kept | None = None

    @property
    @override
    def available(self) -> bool:
        """Whether there is such an album, and the key may see pictures."""
        return super().available and self.coordinator.client.scopes.can(Ability.VIEW_ASSETS)

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData:
        return _Shown(self._cover_id, self._attr_image_last_updated)

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        if (stored := await self.async_get_last_extra_data()) is not None:
            shown = _Shown.from_dict(stored.as_dict())
            self._cover_id, self._attr_image_last_updated = shown.cover_id, shown.since
        self._follow()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._follow()
        super()._handle_coordinator_update()

    def _follow(self) -> None:
        """Take note of another cover. While nothing is known of the album, the last one is remembered."""
        if (album := self._album) is None or album.cover_id == self._cover_id:
            return
        self._cover_id = album.cover_id
        self._attr_image_last_updated = None if album.cover_id is None else dt_util.utcnow()

    @override
    async def async_image(self) -> bytes | None:
        """Return the cover as preview, read when somebody wants to see it; None if it can't be had."""
        async with self._reading:
            if not self.available or (cover_id := self._cover_id) is None:
                return None
            now = self.hass.loop.time()
            if self._kept is None or self._kept.asset_id != cover_id or self._kept.until < now:
                picture = await self._read(cover_id)
                self._kept = None if picture is None else _Kept(cover_id, picture, now + FRESH_SECONDS)
            if self._kept is None:
                return None
            self._attr_content_type = self._kept.picture.content_type
            return self._kept.picture.content

    async def _read(self, asset_id: str) -> Picture | None:
        runtime = self._entry.runtime_data
        try:
            return await runtime.client.assets.read_picture(
                asset_id, ThumbnailSize.PREVIEW, LARGEST_PREVIEW_BYTES
            )
        except ImmichError as error:
            _LOGGER.debug("No cover for %s: %s: %s", self.entity_id, type(error).__name__, error)
            note_refusal(self.hass, Account(self._entry, runtime), error)
            # A key that may not look at pictures has no cover to show.
            self.async_write_ha_state()
            return None
