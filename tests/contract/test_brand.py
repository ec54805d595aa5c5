"""The brand pictures: there, of the right size, and what scripts/brand draws."""

from functools import cache

from PIL import Image, ImageChops, ImageStat
import pytest

from scripts.lib.brand import draw_all

from .project import INTEGRATION

BRAND = INTEGRATION / "brand"
NAMES = [
    f"{prefix}{kind}{density}.png"
    for prefix in ("", "dark_")
    for kind in ("icon", "logo")
    for density in ("", "@2x")
]


@cache
def _drawn() -> dict[str, Image.Image]:
    """Return what the script draws today."""
    return draw_all()


def test_the_set_is_complete() -> None:
    """Exactly the files that Home Assistant looks for."""
    assert {path.name for path in BRAND.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_sizes_are_those_that_home_assistant_wants(name: str) -> None:
    """Icons are squares of 256 or 512 pixels, logos at least 128 or 256 high, all trimmed."""
    with Image.open(BRAND / name) as picture:
        assert picture.format == "PNG"
        assert picture.mode == "RGBA"
        double = 2 if "@2x" in name else 1
        if "icon" in name:
            assert picture.size == (256 * double, 256 * double)
        else:
            assert 128 * double <= picture.height <= 256 * double
            assert picture.width > picture.height
        assert picture.getchannel("A").getpixel((0, 0)) == 0, "the corner isn't transparent"
        box = picture.getbbox()
        assert box
        margins = (box[0], box[1], picture.width - box[2], picture.height - box[3])
        assert max(margins) <= picture.height // 16


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_what_the_script_draws(name: str) -> None:
    """Nobody changed a picture by hand; small differences between Pillows are fine."""
    drawn = _drawn()[name]
    with Image.open(BRAND / name) as picture:
        assert abs(picture.width - drawn.width) <= 2
        assert picture.height == drawn.height
        area = (0, 0, min(picture.width, drawn.width), drawn.height)
        difference = ImageChops.difference(picture.crop(area), drawn.crop(area))
    assert max(ImageStat.Stat(difference).mean) < 2
