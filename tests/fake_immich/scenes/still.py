"""Things near at hand: flowers, plates of food, lights out of focus, tiles."""

from math import cos, pi, sin

from .canvas import Canvas, Colour, mix, shade

BRIGHT: list[Colour] = [
    (232, 72, 85),
    (249, 160, 63),
    (252, 211, 77),
    (94, 180, 118),
    (66, 150, 196),
    (126, 98, 172),
    (236, 120, 160),
    (244, 236, 222),
]


def paint_flowers(canvas: Canvas) -> None:
    """Paint a meadow of flowers before a blurred background."""
    green: Colour = canvas.pick([(96, 150, 80), (70, 130, 96), (134, 160, 76)])
    canvas.sky([mix(green, (240, 248, 230), 0.7), green, shade(green, 0.6)])
    for _ in range(60):
        at = (canvas.between(0, canvas.width), canvas.between(0, canvas.height))
        tone = mix(green, canvas.pick(BRIGHT), canvas.between(0, 0.5))
        canvas.disc(at, canvas.between(3, 9) * canvas.unit, tone)
    canvas.soften(4)
    petals = canvas.random.sample(BRIGHT, 2)
    for number in range(canvas.random.randint(7, 15)):
        size = (5 + number * 0.9) * canvas.unit
        x = canvas.between(0.05, 0.95) * canvas.width
        y = canvas.between(0.15, 0.85) * canvas.height
        sway = canvas.between(-8, 8) * canvas.unit
        canvas.draw.line((x, y, x + sway, canvas.height), fill=shade(green, 0.7), width=round(size * 0.1))
        _flower(canvas, x, y, size, canvas.pick(petals))


def _flower(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    """Draw one flower seen from the front."""
    count = canvas.random.randint(5, 11)
    turn = canvas.between(0, pi)
    for ring in range(2):
        tone = shade(colour, 0.86 + 0.16 * ring)
        reach = size * (0.62 - 0.14 * ring)
        for petal in range(count):
            angle = turn + (petal + ring / 2) / count * 2 * pi
            at = (x + reach * cos(angle), y + reach * sin(angle))
            canvas.disc(at, size * (0.36 - 0.06 * ring), tone)
    canvas.disc((x, y), size * 0.3, (250, 206, 70))
    canvas.disc((x, y), size * 0.16, (200, 140, 40))


def paint_bokeh(canvas: Canvas) -> None:
    """Paint lights out of focus."""
    base: Colour = canvas.pick([(30, 24, 60), (16, 42, 60), (60, 24, 40), (34, 52, 40)])
    canvas.sky([shade(base, 0.5), base, shade(base, 1.6)])
    for layer in range(3):
        for _ in range(26 - 6 * layer):
            at = (canvas.between(0, canvas.width), canvas.between(0, canvas.height))
            radius = canvas.between(3, 7 + 3 * layer) * canvas.unit
            tone = mix(base, canvas.pick(BRIGHT), canvas.between(0.3, 0.8))
            canvas.disc(at, radius, shade(tone, 1.15))
            canvas.disc(at, radius * 0.93, tone)
        if layer < 2:
            canvas.soften(3 - layer * 2)


def paint_plate(canvas: Canvas) -> None:
    """Paint a laid table from above."""
    cloth: Colour = canvas.pick([(222, 208, 186), (156, 116, 84), (92, 104, 116), (196, 214, 208)])
    canvas.sky([shade(cloth, 1.06), shade(cloth, 0.92)])
    stripe = canvas.between(5, 10) * canvas.unit
    x = 0.0
    while x < canvas.width + canvas.height:
        canvas.draw.line(
            (x, 0, x - canvas.height, canvas.height), fill=shade(cloth, 0.95), width=round(stripe * 0.3)
        )
        x += stripe
    centre = (canvas.width * canvas.between(0.42, 0.58), canvas.height * canvas.between(0.45, 0.55))
    plate = 36 * canvas.unit
    canvas.disc((centre[0] + 10, centre[1] + 24), plate, shade(cloth, 0.7))
    canvas.disc(centre, plate, (250, 249, 246))
    canvas.disc(centre, plate * 0.78, (236, 234, 230))
    canvas.disc(centre, plate * 0.75, (250, 249, 246))
    food = canvas.random.sample(BRIGHT[:-1], 4)
    for _ in range(34):
        angle = canvas.between(0, 2 * pi)
        reach = plate * 0.6 * canvas.random.random() ** 0.6
        at = (centre[0] + reach * cos(angle), centre[1] + reach * sin(angle))
        tone = shade(canvas.pick(food), canvas.between(0.8, 1.1))
        canvas.blob(at, canvas.between(2.5, 6.5) * canvas.unit, canvas.between(0.02, 0.2), tone)
    for side in (-1, 1):
        edge = centre[0] + side * plate * 1.22
        grip = canvas.unit * 1.2
        canvas.draw.rounded_rectangle(
            (edge - grip, centre[1] - plate * 0.7, edge + grip, centre[1] + plate * 0.7),
            grip,
            (196, 198, 204),
        )
        canvas.disc((edge, centre[1] - plate * 0.7), grip * 2.2, (196, 198, 204))


def paint_tiles(canvas: Canvas) -> None:
    """Paint a wall of patterned tiles."""
    colours = canvas.random.sample(BRIGHT, 4)
    size = round(canvas.between(12, 24) * canvas.unit)
    shape = canvas.random.randrange(3)
    for top in range(0, canvas.height, size):
        for left in range(0, canvas.width, size):
            first, second, third = canvas.random.sample(colours, 3)
            box = (left, top, left + size, top + size)
            canvas.draw.rectangle(box, fill=first)
            if shape == 0:
                turn = 90 * canvas.random.randrange(4)
                corner_x = left + size * (turn in (90, 180))
                corner_y = top + size * (turn in (180, 270))
                for reach, tone in ((size, second), (size * 0.6, third)):
                    pie = (corner_x - reach, corner_y - reach, corner_x + reach, corner_y + reach)
                    canvas.draw.pieslice(pie, turn, turn + 90, fill=tone)
            elif shape == 1:
                middle = (left + size / 2, top + size / 2)
                canvas.disc(middle, size * 0.42, second)
                canvas.disc(middle, size * 0.2, third)
            else:
                cut = [(left, top), (left + size, top), (left, top + size)]
                if canvas.random.random() < 0.5:
                    cut = [(left, top), (left + size, top), (left + size, top + size)]
                canvas.draw.polygon(cut, fill=second)
    canvas.vignette(0.35)
