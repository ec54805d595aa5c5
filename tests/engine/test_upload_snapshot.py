"""The pictures of cameras and image entities as sources of uploads, alone and among others."""

from datetime import UTC, datetime, timedelta
import hashlib
from typing import Any

import aiohttp
from homeassistant.components import camera, image
from homeassistant.components.camera import Camera
from homeassistant.components.image import ImageEntity
from homeassistant.components.media_source import PlayMedia
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from tests.uploading import (  # noqa: F401
    OtherMedia,
    Uploading,
    Web,
    doorbell_fixture,
    folder_fixture,
    nothing_left_fixture,
    photo,
    quick_fixture,
    source_fixture,
    stranger_fixture,
    upload_fixture,
)


class _Camera(Camera):
    """A camera that shows what it is told."""

    _attr_name = None

    def __init__(self, name: str, content: Any = None, content_type: str = "image/jpeg") -> None:
        """Show `content`; raise it if it is an error."""
        super().__init__()
        self.entity_id = f"camera.{name}"
        self.content_type = content_type
        self._content = content

    async def async_camera_image(self, width: int | None = None, height: int | None = None) -> bytes | None:
        """Show the picture."""
        if isinstance(self._content, Exception):
            raise self._content
        return self._content


class _Image(ImageEntity):
    """An image entity that shows what it is told."""

    def __init__(
        self, hass: HomeAssistant, name: str, content: bytes | None, updated: datetime | None
    ) -> None:
        """Show `content`, which is of the moment `updated`."""
        super().__init__(hass)
        self.entity_id = f"image.{name}"
        self._content = content
        self._attr_image_last_updated = updated

    async def async_image(self) -> bytes | None:
        """Show the picture."""
        return self._content


@pytest.fixture(name="entities")
async def entities_fixture(hass: HomeAssistant) -> None:
    """Give cameras and images, good and bad."""
    assert await async_setup_component(hass, "camera", {})
    assert await async_setup_component(hass, "image", {})
    await hass.data[camera.DATA_COMPONENT].async_add_entities(
        [
            _Camera("front_door", photo("front")),
            _Camera("garden", photo("garden"), "image/jpg"),
            _Camera("png", photo("png"), "image/png"),
            _Camera("asleep"),
            _Camera("broken", aiohttp.ClientError("password hunter2")),
            _Camera("empty", b""),
        ]
    )
    await hass.data[image.DATA_COMPONENT].async_add_entities(
        [
            _Image(hass, "map", photo("map"), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
            _Image(hass, "new", photo("new"), None),
            _Image(hass, "none", None, None),
        ]
    )


async def test_a_camera(hass: HomeAssistant, upload: Uploading, entities: None) -> None:
    """The current picture of a camera is named after it and the moment."""
    said = await upload.one(entity_id="camera.front_door")
    stored = upload.asset(said)
    assert said["source"] == "camera.front_door"
    assert said["filename"].startswith("front_door_20")
    assert said["filename"].endswith(".jpg")
    assert abs(stored.file_created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert stored.checksum == hashlib.sha1(photo("front")).digest()


async def test_an_image(hass: HomeAssistant, upload: Uploading, entities: None) -> None:
    """The picture of an image entity has the moment at which it was made."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    said = await upload.one(entity_id="image.map")
    assert said["filename"] == "map_2026-01-02_04-04-05.jpg"
    assert upload.asset(said).file_created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    said = await upload.one(entity_id="image.new")
    assert abs(upload.asset(said).file_created_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_several_entities(upload: Uploading, entities: None, caplog: pytest.LogCaptureFixture) -> None:
    """Each entity tells its own result; what a camera's integration raises stays with it."""
    names = ["front_door", "garden", "png", "asleep", "broken", "empty", "unknown"]
    said = await upload(
        entity_id=[f"camera.{name}" for name in names] + ["image.map", "image.none", "light.x"]
    )
    errors = [asset["error"] for asset in said]
    assert errors[:3] == [None, None, None]
    assert [asset["filename"].rpartition(".")[2] for asset in said[:3]] == ["jpg", "jpg", "png"]
    assert [errors[3], errors[4], errors[5], errors[6], errors[8]] == [
        f"{entity} gave no picture. Check that it is available."
        for entity in ("camera.asleep", "camera.broken", "camera.empty", "camera.unknown", "image.none")
    ]
    assert errors[7] is None
    assert errors[9] == "light.x is not a camera or image entity."
    assert not [
        record
        for record in caplog.records
        if "immich_plus" in record.name and "hunter2" in record.getMessage()
    ]


async def test_entities_as_media(upload: Uploading, entities: None) -> None:
    """A camera chosen in the media browser gives its picture, not its stream."""
    said = await upload(media=["media-source://camera/camera.front_door", "media-source://image/image.map"])
    assert [asset["status"] for asset in said] == ["created", "created"]
    assert said[0]["source"] == "media-source://camera/camera.front_door"


async def test_no_cameras_at_all(upload: Uploading) -> None:
    """Where no integration brings cameras, that is no crash."""
    assert await upload.refused(entity_id="camera.x") == ("snapshot_failed", {"entity": "camera.x"})


async def test_any_mix(
    upload: Uploading, entities: None, source: OtherMedia, doorbell: Web, stranger: Web
) -> None:
    """All kinds of sources at once, in the order path, media, entity, URL."""
    source.media["clip"] = PlayMedia(stranger.give("/clip.mp4", photo("c")), "video/mp4")
    said = await upload(
        url=doorbell.give("/u.jpg", photo("u")),
        entity_id=["camera.front_door", "image.map"],
        media="media-source://test_media/clip",
        path=[upload.write("p.jpg"), upload.write("q.jpg")],
    )
    assert [asset["status"] for asset in said] == ["created"] * 6
    assert [asset["source"].rpartition("/")[2] for asset in said] == [
        "p.jpg",
        "q.jpg",
        "clip",
        "camera.front_door",
        "image.map",
        "u.jpg",
    ]
