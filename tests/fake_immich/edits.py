"""Cropping, turning and mirroring pictures without touching the original."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, override

from PIL import Image, ImageOps

from .uploads import PREVIEW_SIDE, THUMBNAIL_SIDE, encode
from .validate import Path as Where, Problems, Rule, kind_of

ACTIONS = {"crop": ("x", "y", "width", "height"), "rotate": ("angle",), "mirror": ("axis",)}
ANGLES = (0, 90, 180, 270)
AXES = ("horizontal", "vertical")


class Edit(Rule):
    """One step: ``{"action": "rotate", "parameters": {"angle": 90}}``."""

    @override
    def check(self, value: Any, path: Where, problems: Problems) -> Any:
        """Check the action and its parameters; complaints are the server's own."""
        if not isinstance(value, dict):
            problems.wrong_type(path, "object", value, "must be an object")
            return {}
        action = value.get("action")
        given = value.get("parameters")
        if action not in ACTIONS or not isinstance(given, Mapping):
            problems.custom((*path, "action"), f"Invalid action {kind_of(action)}")
            return {}
        where = (*path, "parameters")
        before = len(problems)
        if action == "rotate" and given.get("angle") not in ANGLES:
            shown = ", ".join(str(angle) for angle in ANGLES)
            problems.custom((*where, "angle"), f"Angle must be one of the following values: {shown}")
        elif action == "mirror" and given.get("axis") not in AXES:
            problems.custom((*where, "axis"), "Axis must be horizontal or vertical")
        elif action == "crop":
            for name in ACTIONS["crop"]:
                if not isinstance(given.get(name), int):
                    problems.wrong_type((*where, name), "number", given.get(name), "is no number")
        if len(problems) > before:
            keys = ", ".join(ACTIONS[action])
            problems.custom(where, f"Invalid parameters for action '{action}', expecting keys: {keys}")
        return {
            "action": action,
            "parameters": {name: given.get(name) for name in ACTIONS[action]},
        }


def size_after(edits: list[dict[str, Any]], width: int, height: int) -> tuple[int, int]:
    """Return the size in pixels after all steps."""
    for edit in edits:
        given = edit["parameters"]
        if edit["action"] == "crop":
            width, height = given["width"], given["height"]
        elif edit["action"] == "rotate" and given["angle"] in (90, 270):
            width, height = height, width
    return width, height


def render(source: Path | bytes, edits: list[dict[str, Any]], size: str) -> bytes:
    """Make the edited picture: WebP for ``thumbnail``, JPEG for ``preview`` and ``fullsize``."""
    image: Image.Image = Image.open(BytesIO(source) if isinstance(source, bytes) else source)
    image = ImageOps.exif_transpose(image).convert("RGB")
    for edit in edits:
        given = edit["parameters"]
        match edit["action"]:
            case "crop":
                x, y = given["x"], given["y"]
                image = image.crop((x, y, x + given["width"], y + given["height"]))
            case "rotate":
                image = image.rotate(-given["angle"], expand=True)
            case _:
                flip = ImageOps.mirror if given["axis"] == "horizontal" else ImageOps.flip
                image = flip(image)
    if size == "thumbnail":
        image.thumbnail((THUMBNAIL_SIDE * 2, THUMBNAIL_SIDE * 2))
        return encode(image, "WEBP", 80)
    if size == "preview":
        image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return encode(image, "JPEG", 85)
