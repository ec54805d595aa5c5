"""Draw the brand pictures of Immich Plus: a picture frame in the shape of a house.

In the frame stand two hills, and a plus shines above them where a sun would be.
Everything is drawn four times as large and scaled down, so that every edge is
smooth; the `dark_` pictures have a lighter frame for dark backgrounds.

    scripts/brand             writes custom_components/immich_plus/brand/*.png
    scripts/brand FOLDER      writes them into FOLDER instead

Needs Pillow, nothing else: the letters of the logo come from Pillow's own font.
"""

from argparse import ArgumentParser
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

OVERSAMPLING = 4
UNIT = 256
"""The pictures are described on a square of 256 by 256 units."""

BRAND_FOLDER = Path(__file__).resolve().parents[2] / "custom_components/immich_plus/brand"

type Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """The colours of one variant, as `#rrggbb`."""

    frame_top: str
    frame_bottom: str
    sky_top: str
    sky_bottom: str
    far_hill: str
    near_hill: str
    plus: str
    word: str
    accent: str


LIGHT = Palette(
    frame_top="#4b36ad",
    frame_bottom="#34248a",
    sky_top="#f0603c",
    sky_bottom="#ffc987",
    far_hill="#2bb0aa",
    near_hill="#0c6f7c",
    plus="#ffffff",
    word="#2f2178",
    accent="#e9552f",
)
DARK = replace(LIGHT, frame_top="#d6ccff", frame_bottom="#a999f7", word="#f0ecff", accent="#ff9160")

# The house on the 256-unit square: eaves, ridge and floor of the outer edge.
RIDGE = (128.0, -8.0)
EAVES_Y = 100.0
FLOOR_Y = 254.0
LEFT, RIGHT = 3.0, 253.0
CORNER = 34.0
FRAME_WIDTH = 25.0


def _rounded(points: list[Point], radius: float, steps: int = 24) -> list[Point]:
    """Return the polygon with every corner replaced by a smooth curve.

    The curve is a quadratic one from `radius` before the corner to `radius` after it.
    """
    outline: list[Point] = []
    for index, corner in enumerate(points):
        ends: list[Point] = []
        for other in (points[index - 1], points[(index + 1) % len(points)]):
            dx, dy = other[0] - corner[0], other[1] - corner[1]
            length = (dx * dx + dy * dy) ** 0.5
            part = min(radius, length / 2) / length
            ends.append((corner[0] + dx * part, corner[1] + dy * part))
        (x0, y0), (x1, y1), (x2, y2) = ends[0], corner, ends[1]
        for step in range(steps + 1):
            t = step / steps
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            outline.append((a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2))
    return outline


def _mask(size: int, points: list[Point]) -> Image.Image:
    """Return a mask of `size` pixels in which the polygon (in units) is white."""
    scale = size / UNIT
    mask = Image.new("L", (size, size), 0)
    ImageDraw.Draw(mask).polygon([(x * scale, y * scale) for x, y in points], fill=255)
    return mask


def _fade(size: int, top: str, bottom: str) -> Image.Image:
    """Return a square picture that fades from the upper to the lower colour."""
    fade = Image.linear_gradient("L").resize((size, size))
    return Image.composite(
        Image.new("RGBA", (size, size), bottom),
        Image.new("RGBA", (size, size), top),
        fade,
    )


def _house(inset: float, radius: float) -> list[Point]:
    """Return the outline of the house, moved inwards by `inset` units on every side."""
    slope = (EAVES_Y - RIDGE[1]) / (RIDGE[0] - LEFT)
    # Along the vertical, a roof of this slope is thicker than it looks.
    lowered = inset * (1 + slope * slope) ** 0.5
    left, right = LEFT + inset, RIGHT - inset
    return _rounded(
        [
            (RIDGE[0], RIDGE[1] + lowered),
            (right, EAVES_Y + lowered - inset * slope),
            (right, FLOOR_Y - inset),
            (left, FLOOR_Y - inset),
            (left, EAVES_Y + lowered - inset * slope),
        ],
        radius,
    )


def _hill(top: Point, half_width: float, height: float) -> list[Point]:
    """Return a hill: a triangle with a rounded peak."""
    x, y = top
    return [
        *_rounded([(x - half_width, y + height), top, (x + half_width, y + height)], 26.0)[25:50],
        (x + half_width, y + height),
        (x - half_width, y + height),
    ]


def draw_icon(palette: Palette, size: int, oversampling: int = OVERSAMPLING) -> Image.Image:
    """Return the icon as a square RGBA picture of `size` pixels."""
    large = size * oversampling
    clear = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    icon = Image.composite(
        _fade(large, palette.frame_top, palette.frame_bottom),
        clear,
        _mask(large, _house(0, CORNER)),
    )

    scene = _fade(large, palette.sky_top, palette.sky_bottom)
    for colour, hill in (
        (palette.far_hill, _hill((182, 136), 116, 118)),
        (palette.near_hill, _hill((86, 166), 112, 94)),
    ):
        scene.paste(colour, (0, 0), _mask(large, hill))
    scale = large / UNIT
    middle_x, middle_y, arm, half = 118.0, 104.0, 37.0, 12.5
    draw = ImageDraw.Draw(scene)
    for reach_x, reach_y in ((arm, half), (half, arm)):
        draw.rounded_rectangle(
            (
                (middle_x - reach_x) * scale,
                (middle_y - reach_y) * scale,
                (middle_x + reach_x) * scale,
                (middle_y + reach_y) * scale,
            ),
            radius=5 * scale,
            fill=palette.plus,
        )
    icon = Image.composite(scene, icon, _mask(large, _house(FRAME_WIDTH, CORNER - FRAME_WIDTH / 2)))
    return icon.resize((size, size), Image.Resampling.LANCZOS)


def draw_logo(palette: Palette, height: int) -> Image.Image:
    """Return the logo, the icon with the name beside it, trimmed to its contents."""
    large = height * OVERSAMPLING
    font = ImageFont.load_default(large * 0.5)
    weight = large // 90
    words = (("Immich", palette.word), ("Plus", palette.accent))
    space = font.getlength(" ")
    width = large + int(sum(font.getlength(word) + space for word, _ in words)) + large
    logo = Image.new("RGBA", (width, large), (0, 0, 0, 0))
    logo.paste(draw_icon(palette, large, 1), (0, 0))
    draw = ImageDraw.Draw(logo)
    x = large * 1.12
    for word, colour in words:
        draw.text(
            (x, large * 0.8),
            word,
            font=font,
            fill=colour,
            stroke_width=weight,
            stroke_fill=colour,
            anchor="ls",
        )
        x += font.getlength(word) + space
    box = logo.getbbox()
    logo = logo.crop((0, 0, box[2] if box else width, large))
    return logo.resize((round(logo.width * height / large), height), Image.Resampling.LANCZOS)


def draw_all() -> dict[str, Image.Image]:
    """Return every picture that Home Assistant looks for, by its file name."""
    pictures: dict[str, Image.Image] = {}
    for prefix, palette in (("", LIGHT), ("dark_", DARK)):
        pictures[f"{prefix}icon.png"] = draw_icon(palette, 256)
        pictures[f"{prefix}icon@2x.png"] = draw_icon(palette, 512)
        pictures[f"{prefix}logo.png"] = draw_logo(palette, 128)
        pictures[f"{prefix}logo@2x.png"] = draw_logo(palette, 256)
    return pictures


def main() -> None:
    """Write the pictures into the brand folder, or into the folder that is named."""
    parser = ArgumentParser(description="Draw the brand pictures of Immich Plus.")
    parser.add_argument("folder", nargs="?", type=Path, default=BRAND_FOLDER)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in draw_all().items():
        picture.save(folder / name, optimize=True)


if __name__ == "__main__":
    main()
