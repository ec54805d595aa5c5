"""The current picture of a camera or image entity as an upload source."""

from collections.abc import AsyncGenerator
from datetime import datetime
import hashlib

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import SNAPSHOT_SECONDS
from ..errors import failure, mistake
from .content_types import extension_of
from .source import UploadSource


async def async_open_entity(hass: HomeAssistant, entity_id: str) -> UploadSource:
    """Take the current picture of a camera or image entity; it is named after the entity and the moment."""
    domain, _, name = entity_id.partition(".")
    if domain not in ("camera", "image"):
        raise mistake("no_picture_entity", entity=entity_id)
    if domain not in hass.config.components:
        raise failure("snapshot_failed", entity=entity_id)
    taken = dt_util.utcnow()
    try:
        if domain == "camera":
            from homeassistant.components.camera import async_get_image

            picture = await async_get_image(hass, entity_id, timeout=SNAPSHOT_SECONDS)
            content, content_type = picture.content, picture.content_type
        else:
            from homeassistant.components.image import async_get_image as image_of

            found = await image_of(hass, entity_id, timeout=SNAPSHOT_SECONDS)
            content, content_type = found.content, found.content_type
            if (state := hass.states.get(entity_id)) and (updated := dt_util.parse_datetime(state.state)):
                taken = updated
    except Exception as error:
        # Other integrations' code runs here; whatever it raises, only this source fails.
        raise failure("snapshot_failed", entity=entity_id) from error
    return await hass.async_add_executor_job(_source_of, content, content_type, name, taken)


def _source_of(content: bytes, content_type: str, name: str, taken: datetime) -> UploadSource:
    """Hash the picture and name it. Blocking."""
    stamp = dt_util.as_local(taken).strftime("%Y-%m-%d_%H-%M-%S")

    async def _open() -> AsyncGenerator[bytes]:
        yield content

    return UploadSource(
        filename=f"{name}_{stamp}{extension_of(content_type)}",
        size=len(content),
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        created_at=taken,
        modified_at=taken,
        open=_open,
    )
