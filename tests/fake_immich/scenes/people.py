"""People, drawn simply: one face, two, or a whole party."""

from dataclasses import dataclass
from random import Random

from .canvas import Canvas, Colour, mix, shade
from .nature import DAY, DUSK

SKINS: list[Colour] = [
    (255, 219, 188),
    (240, 194, 154),
    (205, 148, 106),
    (150, 98, 68),
    (106, 70, 52),
]
HAIRS: list[Colour] = [
    (48, 36, 32),
    (96, 62, 40),
    (160, 110, 60),
    (220, 180, 110),
    (150, 150, 156),
    (140, 60, 40),
]
CLOTHES: list[Colour] = [
    (196, 70, 76),
    (60, 104, 150),
    (90, 140, 100),
    (230, 170, 70),
    (120, 90, 150),
    (70, 74, 90),
    (236, 230, 220),
]


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a head is: middle and chin, and half of its width, in pixels."""

    x: float
    chin: float
    size: float

    def face(self) -> tuple[int, int, int, int]:
        """Return the box around the face: left, top, right, bottom."""
        return (
            round(self.x - self.size * 1.1),
            round(self.chin - self.size * 2.6),
            round(self.x + self.size * 1.1),
            round(self.chin + self.size * 0.1),
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What one person looks like in every picture."""

    skin: Colour
    hair: Colour
    long: bool

    @classmethod
    def of(cls, seed: int) -> Look:
        """Return the look that belongs to a seed."""
        random = Random(seed)
        return cls(random.choice(SKINS), random.choice(HAIRS), random.random() < 0.5)


def seats(scene: str, width: float, height: float) -> list[Seat]:
    """Return where the people of a scene are, none for other scenes.

    The places depend on the picture's size alone: the faces of a picture that
    was never painted are known, too.
    """
    unit = min(width, height) / 100
    if scene == "portrait":
        return [Seat(width / 2, height * 0.62, 16 * unit)]
    if scene == "couple":
        reach = 11.5 * unit * 1.55
        return [
            Seat(width / 2 - reach, height * 0.62, 11.5 * unit),
            Seat(width / 2 + reach, height * 0.66, 11.5 * unit),
        ]
    if scene != "group":
        return []
    size = 6.5 * unit
    found: list[Seat] = []
    for row in range(2):
        count = max(3, round(width / (size * 4.4))) - row
        found += [
            Seat(
                (0.06 + (place + 0.5) / count * 0.88) * width,
                (0.45 + 0.22 * row + 0.02 * (place % 2)) * height,
                size,
            )
            for place in range(count)
        ]
    return found


def _person(canvas: Canvas, seat: Seat, look: Look) -> None:
    """Draw head and shoulders."""
    x, chin, size = seat.x, seat.chin, seat.size
    skin, hair, coat = look.skin, look.hair, canvas.pick(CLOTHES)
    draw = canvas.draw
    top = chin - size * 2.5
    if look.long:
        box = (x - size * 1.2, top + size * 0.2, x + size * 1.2, chin + size * 0.7)
        draw.rounded_rectangle(box, size, fill=hair)
    body = (x - size * 2.3, chin + size * 0.35, x + size * 2.3, chin + size * 7)
    draw.rounded_rectangle(body, size * 1.4, fill=coat)
    neck = (x - size * 0.42, chin - size * 0.5, x + size * 0.42, chin + size * 0.6)
    draw.rectangle(neck, fill=shade(skin, 0.88))
    canvas.disc((x, chin + size * 0.42), size * 0.48, shade(skin, 0.88))
    draw.ellipse((x - size, top, x + size, chin), fill=skin)
    # The hair: a cap on the upper third, with a fringe on one side.
    cap = (x - size * 1.1, top - size * 0.25, x + size * 1.1, top + size * 2)
    draw.pieslice(cap, 180, 360, fill=hair)
    side = 1 if look.long else -1
    canvas.disc((x + side * size * 0.5, top + size * 0.62), size * 0.5, hair)
    eye = top + size * 1.4
    for offset in (-0.4, 0.4):
        canvas.disc((x + offset * size, eye), size * 0.11, (44, 34, 34))
    for offset in (-0.62, 0.62):
        cheek = mix(skin, (230, 110, 100), 0.35)
        canvas.disc((x + offset * size, eye + size * 0.4), size * 0.16, cheek)
    smile = (x - size * 0.42, eye + size * 0.1, x + size * 0.42, eye + size * 0.72)
    thick = max(3, round(size * 0.08))
    draw.arc(smile, 20, 160, fill=(150, 60, 60), width=thick)


def _backdrop(canvas: Canvas) -> None:
    """Paint what is behind the people: hills or a wall, out of focus."""
    colours = canvas.pick(DAY + DUSK)
    canvas.sky(colours)
    for layer in range(3):
        hill = canvas.pick([(90, 130, 90), (110, 110, 130), (150, 120, 100)])
        tone = mix(colours[-1], hill, 0.4 + 0.2 * layer)
        canvas.ground(canvas.ridge(0.55 + 0.12 * layer, 0.1, 40), tone)
    canvas.soften(2)


def _paint(canvas: Canvas, scene: str) -> None:
    """Paint everybody of a scene."""
    _backdrop(canvas)
    for number, seat in enumerate(seats(scene, canvas.width, canvas.height)):
        known = number < len(canvas.cast)
        seed = canvas.cast[number] if known else canvas.random.randrange(10**6)
        _person(canvas, seat, Look.of(seed))


def paint_portrait(canvas: Canvas) -> None:
    """Paint one person."""
    _paint(canvas, "portrait")


def paint_couple(canvas: Canvas) -> None:
    """Paint two people close together."""
    _paint(canvas, "couple")


def paint_group(canvas: Canvas) -> None:
    """Paint a party in two rows."""
    _paint(canvas, "group")
