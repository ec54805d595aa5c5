"""Photos as attachments: what AI tasks, notifications and mail of Home Assistant 2026.11 get."""

from typing import TYPE_CHECKING

from homeassistant.components import media_source
from homeassistant.components.media_source import Unresolvable
import pytest

from custom_components.immich_plus import media_source as ours
from tests.api.wire import always, answer
from tests.fake_immich.faults import Drop, LoginPage, Status
from tests.fake_immich.tiny import JPEG, WEBP

from .looking import wire_instead
from .panel import (
    ROOT,
    UNKNOWN,
    MakePanel,
    Panel,
    components_fixture,
    make_panel_fixture,
    panel_each_fixture,
    panel_fixture,
    tiny,
)

if TYPE_CHECKING:
    from homeassistant.components.media_source import MediaImage

__all__ = ["components_fixture", "make_panel_fixture", "panel_each_fixture", "panel_fixture"]

if not hasattr(media_source, "async_get_media_image"):
    pytest.skip("Home Assistant 2026.10 doesn't ask for pictures", allow_module_level=True)


async def _image(panel: Panel, media_content_id: str) -> MediaImage | None:
    return await media_source.async_get_media_image(panel.hass, media_content_id)


async def _refused(panel: Panel, media_content_id: str) -> str | None:
    with pytest.raises(Unresolvable) as info:
        await _image(panel, media_content_id)
    return info.value.translation_key


@pytest.mark.parametrize("name", ["rome.jpg", "film.mp4", "live.jpg", "trashed.jpg", "user1.jpg"])
async def test_an_image(panel_each: Panel, name: str) -> None:
    """Photos and films alike give the server's preview, for one request."""
    image = await _image(panel_each, panel_each.asset(name))
    assert image is not None
    assert (image.content, image.mime_type) == (JPEG, "image/jpeg")
    (asked,) = panel_each.immich.requests.entries
    assert asked.query["size"] == "preview"


async def test_a_key_that_may_only_look(make_panel: MakePanel) -> None:
    """No more than the scope for looking is needed."""
    panel = await make_panel(scopes=["asset.view"])
    assert await _image(panel, panel.asset("rome.jpg")) is not None


async def test_no_image(panel: Panel) -> None:
    """A folder has none: Home Assistant tells the person by itself."""
    for folder in (ROOT, panel.folder(), panel.folder("timeline")):
        assert await _image(panel, folder) is None


async def test_why_there_is_no_image(panel: Panel) -> None:
    """What can't be had is told, as with everything else."""
    photo = panel.asset("rome.jpg")
    assert await _refused(panel, f"{ROOT}/{UNKNOWN}/asset/{tiny('rome.jpg')}") == "account_not_loaded"
    assert await _refused(panel, photo.replace(tiny("rome.jpg"), UNKNOWN)) == "not_found"
    for fault, key in (
        (Status(404, message="Asset media not found"), "picture_not_ready"),
        (Status(403, message="Missing required permission: asset.view"), "missing_scope"),
        (LoginPage(), "not_immich"),
        (Drop(), "cannot_connect"),
        (Drop(at="body"), "cannot_connect"),
    ):
        panel.immich.faults.add("GET assets/*", fault)
        assert await _refused(panel, photo) == key
        panel.immich.faults.clear()


async def test_other_formats(panel: Panel) -> None:
    """The administrator of Immich may have chosen another format for previews."""
    async with wire_instead(panel.account, always(answer(WEBP, kind="image/webp"))):
        image = await _image(panel, panel.asset("rome.jpg"))
    assert image is not None
    assert (image.content, image.mime_type) == (WEBP, "image/webp")


async def test_far_too_large(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fills the memory with what is called a preview."""
    monkeypatch.setattr(ours, "LARGEST_PREVIEW_BYTES", len(JPEG))
    assert await _image(panel, panel.asset("rome.jpg")) is not None
    monkeypatch.setattr(ours, "LARGEST_PREVIEW_BYTES", len(JPEG) - 1)
    assert await _image(panel, panel.asset("rome.jpg")) is None
