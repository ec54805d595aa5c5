"""The examples of uploads, run as they stand: in Home Assistant, against the fake Immich."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

from homeassistant.components import camera, image
from homeassistant.components.camera import Camera
from homeassistant.components.image import ImageEntity
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.helpers.template import Template
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
import yaml

from tests.fake_immich.models import Album, Asset
from tests.uploading import (  # noqa: F401
    Uploading,
    Web,
    doorbell_fixture,
    folder_fixture,
    photo,
    quick_fixture,
    upload_fixture,
)

from .documented import FENCE, ROOT, blocks, calls, complaints, many, pull


def _examples() -> Iterator[Any]:
    """Give each block of YAML that uploads or configures, by its place."""
    for place, block in blocks():
        if "immich_plus.upload" in block or "homeassistant:" in block:
            yield pytest.param(block, id=place)


class _Camera(Camera):
    """A camera whose picture is its own."""

    def __init__(self, entity_id: str) -> None:
        """Be the camera of an example."""
        super().__init__()
        self.entity_id = entity_id

    async def async_camera_image(self, width: int | None = None, height: int | None = None) -> bytes | None:
        """Show something that no other camera shows."""
        return photo(self.entity_id)


class _Image(ImageEntity):
    """An image entity whose picture is its own."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        """Be the image of an example."""
        super().__init__(hass)
        self.entity_id = entity_id

    async def async_image(self) -> bytes | None:
        """Show something that no other image shows."""
        return photo(self.entity_id)


async def _furnish(hass: HomeAssistant, block: str, example: Any) -> None:
    """Make the entities that an example names; conditions on states hold."""
    found = set(re.findall(r"\b((?:camera|image|binary_sensor|input_boolean)\.[a-z0-9_]+)", block))
    assert await async_setup_component(hass, "camera", {})
    assert await async_setup_component(hass, "image", {})
    for entity_id in sorted(found):
        if entity_id.startswith("camera."):
            await hass.data[camera.DATA_COMPONENT].async_add_entities([_Camera(entity_id)])
        elif entity_id.startswith("image."):
            await hass.data[image.DATA_COMPONENT].async_add_entities([_Image(hass, entity_id)])
        else:
            hass.states.async_set(entity_id, "off")
    for entity_id, state in re.findall(r'condition: state\n\s*entity_id: (\S+)\n\s*state: "?(\w+)"?', block):
        hass.states.async_set(entity_id, state)
    await hass.async_block_till_done()


def _render(hass: HomeAssistant, text: str, variables: dict[str, Any]) -> str:
    return str(Template(text, hass).async_render(variables, parse_result=False))


def _variables(hass: HomeAssistant, example: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for step in many(example.get("actions", example.get("sequence", []))):
        for name, value in step.get("variables", {}).items() if isinstance(step, dict) else ():
            found[name] = _render(hass, str(value), found)
    return found


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _new(upload: Uploading, before: set[str]) -> list[Asset]:
    return [asset for asset_id, asset in upload.immich.state.assets.items() if asset_id not in before]


def _album(upload: Uploading, name: str) -> Album:
    (found,) = (album for album in upload.immich.state.albums.values() if album.name == name)
    return found


@pytest.mark.parametrize("block", _examples())
async def test_an_example(
    hass: HomeAssistant, upload: Uploading, caplog: pytest.LogCaptureFixture, tmp_path: Path, block: str
) -> None:
    """Each example does what its fields promise, and without a complaint in the log."""
    example = yaml.safe_load(block.replace("/media/", f"{upload.folder}/"))
    if "homeassistant" in example:
        await _check_configuration(hass, example["homeassistant"], tmp_path)
        return
    await _furnish(hass, block, example)
    variables = _variables(hass, example)
    sources = 0
    for call in calls(example):
        data = call["data"]
        for path in many(data.get("path", [])):
            _put(Path(_render(hass, path, variables)), photo(path))
        sources += sum(len(many(data.get(kind, []))) for kind in ("path", "entity_id", "media", "url"))
    before = set(upload.immich.state.assets)
    if "triggers" in example:
        assert await async_setup_component(hass, "automation", {"automation": [example]})
        await hass.async_block_till_done()
        for trigger in many(example["triggers"]):
            await pull(hass, trigger)
        await hass.async_block_till_done(wait_background_tasks=True)
        await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)
    else:
        sequence = example["sequence"] if "sequence" in example else many(example)
        assert await async_setup_component(hass, "script", {"script": {"example": {"sequence": sequence}}})
        await hass.services.async_call("script", "example", blocking=True)
    await hass.async_block_till_done(wait_background_tasks=True)

    await upload.immich.settle()
    assert not complaints(caplog)
    made = _new(upload, before)
    assert len(made) == sources
    for call in calls(example):
        _check_call(hass, upload, call["data"], made, variables)


def _check_call(
    hass: HomeAssistant, upload: Uploading, data: dict[str, Any], made: list[Asset], variables: dict[str, Any]
) -> None:
    """What a call names is so: album, tags, description, archive, favourite, date and file name."""
    if "album" in data:
        assert {asset.id for asset in made} <= set(_album(upload, data["album"]).assets)
    tags = upload.immich.state.tags
    for asset in made:
        assert set(data.get("tags", [])) <= {tags[tag_id].value for tag_id in asset.tag_ids}
        if "description" in data:
            # The minute may have passed since.
            start = _render(hass, data["description"], variables)[:12]
            assert asset.exif.description.startswith(start)
        if "archived" in data:
            assert asset.visibility == ("archive" if data["archived"] else "timeline")
        if "favorite" in data:
            assert asset.is_favorite is data["favorite"]
        if "filename" in data:
            assert asset.original_file_name == _render(hass, data["filename"], variables)
        if "taken_at" in data:
            wanted = dt_util.parse_datetime(_render(hass, data["taken_at"], variables), raise_on_error=True)
            assert asset.file_created_at == wanted.replace(tzinfo=dt_util.get_default_time_zone())


async def _check_configuration(hass: HomeAssistant, config: dict[str, Any], tmp_path: Path) -> None:
    """The lists in the example are read by Home Assistant and open what the page says."""
    folders = [tmp_path / str(number) for number, _ in enumerate(config["allowlist_external_dirs"])]
    for folder in folders:
        folder.mkdir()
    changed = {**config, "allowlist_external_dirs": [str(folder) for folder in folders]}
    await async_process_ha_core_config(hass, changed)
    for folder in folders:
        assert await hass.async_add_executor_job(hass.config.is_allowed_path, str(folder / "x.jpg"))
    for address in config["allowlist_external_urls"]:
        assert hass.config.is_allowed_external_url(f"{address}cgi/snapshot.jpg?channel=1")


def test_the_three_journeys() -> None:
    """The page of uploads has the three automations that people ask for most."""
    text = (ROOT / "docs" / "uploads.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(match[2]) for match in FENCE.finditer(text)]
    names = [block["alias"] for block in blocks if "triggers" in block]
    assert len(names) == len(set(names)) >= 3
