"""The sheet that scenes are painted on, and the few strokes they share."""

from collections.abc import Sequence
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

type Colour = tuple[int, int, int]
type Point = tuple[float, float]

# Drawing happens larger than the picture and is averaged down, which is what
# makes Pillow's hard polygon edges smooth.
OVERSAMPLE = 2


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour that lies `share` (0 to 1) of the way to `second`."""
    return (
        round(first[0] + (second[0] - first[0]) * share),
        round(first[1] + (second[1] - first[1]) * share),
        round(first[2] + (second[2] - first[2]) * share),
    )


def shade(colour: Colour, factor: float) -> Colour:
    """Return a darker (`factor` below 1) or lighter colour, kept in 0 to 255."""
    red, green, blue = (min(255, max(0, round(part * factor))) for part in colour)
    return (red, green, blue)


class Canvas:
    """A picture in the making.

    `width` and `height` are in drawing pixels (`OVERSAMPLE` times the finished
    size), `unit` is a hundredth of the shorter side: scenes measure in units,
    so that they look alike in every aspect ratio.
    """

    def __init__(self, width: int, height: int, seed: int, cast: Sequence[int] = ()) -> None:
        """Start an empty picture of `width` by `height` finished pixels.

        `cast` says who is in it, by the seeds of their looks; whoever is
        missing in a scene with more people is a stranger.
        """
        self.cast = tuple(cast)
        self.width = width * OVERSAMPLE
        self.height = height * OVERSAMPLE
        self.unit = min(self.width, self.height) / 100
        self.random = Random(seed)
        self.image = Image.new("RGB", (self.width, self.height))
        self.draw = ImageDraw.Draw(self.image)

    def finish(self) -> Image.Image:
        """Return the finished picture in its own size."""
        return self.image.reduce(OVERSAMPLE)

    def pick[T](self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return self.random.choice(choices)

    def between(self, low: float, high: float) -> float:
        """Return a random number from `low` to `high`."""
        return self.random.uniform(low, high)

    def sky(self, colours: Sequence[Colour], top: float = 0, bottom: float = 1) -> None:
        """Fill a band of the picture (shares of its height) with a gradient."""
        first, last = round(top * self.height), round(bottom * self.height)
        strip = Image.new("RGB", (1, len(colours)))
        strip.putdata(list(colours))
        strip = strip.resize((1, last - first), Image.Resampling.BILINEAR)
        # Every column is the same, so the dear interpolation is done once.
        band = strip.resize((self.width, last - first), Image.Resampling.NEAREST)
        self.image.paste(band, (0, first))

    def glow(self, at: Point, radius: float, colour: Colour, strength: float) -> None:
        """Lighten the surroundings of a point, as the sun or a lamp does."""
        size = max(2, round(radius * 2))
        mask = Image.radial_gradient("L").resize((size, size), Image.Resampling.BILINEAR)
        # Pillow's gradient reaches 181 at the middle of an edge, 255 in a corner.
        fade = [max(0.0, 1 - v / 181) ** 2 for v in range(256)]
        mask = mask.point([round(255 * strength * share) for share in fade])
        corner = (round(at[0] - radius), round(at[1] - radius))
        self.image.paste(Image.new("RGB", (size, size), colour), corner, mask)

    def disc(self, at: Point, radius: float, colour: Colour) -> None:
        """Draw a filled circle."""
        x, y = at
        box = (x - radius, y - radius, x + radius, y + radius)
        self.draw.ellipse(box, fill=colour)

    def ridge(self, base: float, rough: float, steps: int) -> list[Point]:
        """Return a mountain line from the left edge to the right one.

        `base` is its mean height and `rough` its greatest swing, as shares of
        the picture's height. The line is a sum of waves of falling size.
        """
        waves = [(self.between(0.6, 1.4) * 2**n, self.between(0, 2 * pi), 0.55**n) for n in range(6)]
        line: list[Point] = []
        for step in range(steps + 1):
            share = step / steps
            swing = sum(size * sin(share * pi * rate + phase) for rate, phase, size in waves)
            jag = self.between(-0.08, 0.08)
            line.append((share * self.width, (base + rough * (swing / 2 + jag)) * self.height))
        return line

    def ground(self, line: Sequence[Point], colour: Colour) -> None:
        """Fill everything below a line."""
        corners: list[Point] = [(self.width, self.height), (0, self.height)]
        self.draw.polygon([*line, *corners], fill=colour)

    def cloud(self, at: Point, size: float, colour: Colour) -> None:
        """Draw a heap of soft circles."""
        for _ in range(9):
            offset = self.between(-1.6, 1.6)
            radius = size * self.between(0.35, 0.75) * (1 - abs(offset) / 2.6)
            self.disc((at[0] + offset * size, at[1] - radius * 0.4), radius, colour)

    def tree(self, foot: Point, height: float, colour: Colour) -> None:
        """Draw a fir with its foot at a point."""
        x, y = foot
        for part in range(4):
            top = y - height * (0.28 + part * 0.24)
            width = height * (0.27 - part * 0.05)
            low = top + height * 0.34
            self.draw.polygon([(x, top), (x - width, low), (x + width, low)], colour)
        trunk = height * 0.03
        self.draw.rectangle((x - trunk, y - height * 0.1, x + trunk, y), fill=(70, 50, 40))

    def blob(self, at: Point, radius: float, wobble: float, colour: Colour) -> None:
        """Draw a round shape with an uneven edge."""
        phase = self.between(0, 2 * pi)
        points: list[Point] = []
        for step in range(36):
            angle = step / 36 * 2 * pi
            reach = radius * (1 + wobble * sin(3 * angle + phase))
            points.append((at[0] + reach * cos(angle), at[1] + reach * sin(angle)))
        self.draw.polygon(points, fill=colour)

    def soften(self, radius: float) -> None:
        """Blur everything painted so far; `radius` is in units."""
        small = self.image.reduce(4)
        small = small.filter(ImageFilter.GaussianBlur(radius * self.unit / 4))
        self.image.paste(small.resize(self.image.size, Image.Resampling.BILINEAR))

    def mirror(self, horizon: float, tint: Colour, strength: float) -> None:
        """Reflect what is above the horizon (a share of the height) below it."""
        line = round(horizon * self.height)
        depth = min(line, self.height - line)
        above = self.image.crop((0, line - depth, self.width, line))
        below = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        below = Image.blend(below, Image.new("RGB", below.size, tint), strength)
        if depth < self.height - line:
            rest = (self.width, self.height - line)
            below = below.resize(rest, Image.Resampling.BILINEAR)
        self.image.paste(below, (0, line))

    def vignette(self, strength: float) -> None:
        """Darken the corners a little; `strength` is 0 to 1."""
        mask = Image.radial_gradient("L").resize((64, 64))
        curve = [round(255 - strength * 255 * (v / 255) ** 2) for v in range(256)]
        grey = mask.point(curve).resize(self.image.size, Image.Resampling.BILINEAR)
        shadow = Image.merge("RGB", (grey, grey, grey))
        self.image.paste(ImageChops.multiply(self.image, shadow))
