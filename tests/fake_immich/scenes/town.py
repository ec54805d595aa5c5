"""Towns: skylines by day and night, villages, balloons, wet streets."""

from .canvas import Canvas, Colour, mix, shade
from .nature import DAY, DUSK, NIGHT


def _tower(canvas: Canvas, x: float, width: float, top: float, wall: Colour, lit: float) -> None:
    """Draw one building down to the lower edge; `lit` of its windows shine."""
    canvas.draw.rectangle((x, top, x + width, canvas.height), fill=wall)
    style = canvas.random.randrange(4)
    if style == 0:
        canvas.draw.polygon([(x, top), (x + width / 2, top - width * 0.7), (x + width, top)], wall)
    elif style == 1:
        mast = x + width / 2
        canvas.draw.line((mast, top, mast, top - width), fill=wall, width=6)
    size = canvas.unit * 1.1
    y = top + size * 1.5
    glass = mix(wall, (150, 180, 210), 0.35)
    while y < canvas.height * 0.95:
        place = x + size
        while place < x + width - size:
            warm = canvas.random.random() < lit
            colour = canvas.pick([(255, 214, 130), (255, 236, 180)]) if warm else glass
            canvas.draw.rectangle((place, y, place + size, y + size * 1.2), fill=colour)
            place += size * 2
        y += size * 2.6


def paint_skyline(canvas: Canvas) -> None:
    """Paint a city of towers at some hour of the day."""
    colours = canvas.pick(DAY + DUSK + NIGHT)
    canvas.sky(colours)
    dark = colours in NIGHT
    sun = (canvas.between(0.2, 0.8) * canvas.width, canvas.between(0.15, 0.5) * canvas.height)
    canvas.glow(sun, 30 * canvas.unit, mix(colours[-1], (255, 255, 255), 0.5), 0.6)
    canvas.disc(sun, canvas.between(3, 7) * canvas.unit, (255, 248, 226))
    wall: Colour = canvas.pick([(66, 78, 100), (88, 74, 92), (60, 88, 96), (104, 86, 80)])
    lit = 0.45 if dark else (0.25 if colours in DUSK else 0.03)
    for layer in range(2):
        x = -canvas.between(0, 8) * canvas.unit
        while x < canvas.width:
            width = canvas.between(7, 16) * canvas.unit
            top = canvas.between(0.28 + 0.16 * layer, 0.66 + 0.1 * layer) * canvas.height
            tone = mix(wall, colours[-1], 0.5 - 0.45 * layer)
            tone = shade(tone, canvas.between(0.8, 1.15) * (0.5 if dark else 1))
            _tower(canvas, x, width, top, tone, lit if layer else lit / 2)
            x += width + canvas.between(0, 2) * canvas.unit


def paint_village(canvas: Canvas) -> None:
    """Paint coloured houses on a hill, with a church."""
    colours = canvas.pick(DAY + DUSK)
    canvas.sky(colours)
    canvas.ground(canvas.ridge(0.45, 0.2, 70), mix(colours[-1], (70, 104, 96), 0.6))
    canvas.ground(canvas.ridge(0.62, 0.1, 60), (104, 142, 84))
    walls: list[Colour] = [
        (240, 206, 150),
        (226, 150, 120),
        (246, 236, 214),
        (170, 196, 206),
        (236, 188, 176),
        (214, 206, 150),
    ]
    for row in range(4):
        y = (0.58 + 0.12 * row) * canvas.height
        x = -canvas.between(0, 10) * canvas.unit
        while x < canvas.width:
            width = canvas.between(9, 15) * canvas.unit
            foot = y + canvas.between(-2, 3) * canvas.unit + 14 * canvas.unit
            _house(canvas, x, foot, width, canvas.pick(walls))
            x += width + canvas.between(0, 7) * canvas.unit
        if row == 1:
            _church(canvas, canvas.between(0.2, 0.8) * canvas.width, y + 10 * canvas.unit)
    canvas.ground(canvas.ridge(0.97, 0.02, 40), (84, 120, 70))


def _house(canvas: Canvas, x: float, foot: float, width: float, wall: Colour) -> None:
    """Draw a house with a pitched roof, two windows and a door."""
    height = width * canvas.between(0.7, 1.2)
    top = foot - height
    roof = canvas.pick([(176, 82, 60), (150, 66, 56), (120, 84, 70)])
    canvas.draw.rectangle((x, top, x + width, foot), fill=wall)
    over = width * 0.08
    canvas.draw.polygon(
        [(x - over, top), (x + width / 2, top - width * 0.5), (x + width + over, top)], fill=roof
    )
    for side in (0.15, 0.6):
        left = x + width * side
        box = (left, top + height * 0.18, left + width * 0.22, top + height * 0.42)
        canvas.draw.rectangle(box, fill=(84, 104, 124), outline=(250, 248, 240), width=5)
    door = x + width * 0.4
    canvas.draw.rectangle((door, foot - height * 0.38, door + width * 0.2, foot), fill=shade(roof, 0.7))


def _church(canvas: Canvas, x: float, foot: float) -> None:
    """Draw a white tower with a pointed roof."""
    width, height = 6 * canvas.unit, 30 * canvas.unit
    canvas.draw.rectangle((x, foot - height, x + width, foot), fill=(250, 246, 236))
    canvas.draw.polygon(
        [
            (x - 8, foot - height),
            (x + width / 2, foot - height - 13 * canvas.unit),
            (x + width + 8, foot - height),
        ],
        fill=(86, 104, 112),
    )
    canvas.disc((x + width / 2, foot - height + 4 * canvas.unit), 1.6 * canvas.unit, (70, 70, 80))


def paint_balloons(canvas: Canvas) -> None:
    """Paint hot-air balloons above low hills."""
    colours = canvas.pick(DAY + DUSK[1:])
    canvas.sky(colours)
    for layer in range(3):
        tone = mix(colours[-1], (96, 120, 90), 0.4 + 0.3 * layer)
        canvas.ground(canvas.ridge(0.78 + 0.07 * layer, 0.06, 60), tone)
    paints: list[Colour] = [
        (220, 70, 60),
        (240, 170, 50),
        (60, 130, 180),
        (90, 160, 110),
        (150, 90, 160),
        (246, 240, 226),
    ]
    for number in range(canvas.random.randint(5, 11)):
        radius = canvas.between(3, 5 + number) * canvas.unit
        x = canvas.between(0.08, 0.92) * canvas.width
        y = canvas.between(0.12, 0.68) * canvas.height
        first, second = canvas.random.sample(paints, 2)
        canvas.draw.polygon(
            [
                (x - radius * 0.86, y + radius * 0.5),
                (x + radius * 0.86, y + radius * 0.5),
                (x + radius * 0.2, y + radius * 1.5),
                (x - radius * 0.2, y + radius * 1.5),
            ],
            fill=shade(first, 0.9),
        )
        canvas.disc((x, y), radius, first)
        for share in (0.62, 0.24):
            colour = second if share > 0.5 else first
            canvas.draw.ellipse((x - radius * share, y - radius, x + radius * share, y + radius), fill=colour)
        basket = radius * 0.18
        low = y + radius * 1.75
        canvas.draw.rectangle((x - basket, low, x + basket, low + basket * 1.6), fill=(110, 74, 50))


def paint_night_street(canvas: Canvas) -> None:
    """Paint a street in the rain: lamps, house fronts and their reflections."""
    colours = canvas.pick(NIGHT)
    canvas.sky(colours)
    middle = canvas.between(0.4, 0.6) * canvas.width
    horizon = 0.58 * canvas.height
    for side in (-1, 1):
        edge = 0 if side < 0 else canvas.width
        for step in range(6):
            near = edge + (middle - edge) * step / 6
            far = edge + (middle - edge) * (step + 1) / 6
            size = 1 - step / 6.6
            wall = shade(
                canvas.pick([(120, 84, 74), (92, 96, 120), (140, 110, 84), (84, 100, 96)]), 0.3 + 0.3 * size
            )
            top = horizon - 0.55 * canvas.height * size
            canvas.draw.rectangle((min(near, far), top, max(near, far), horizon), fill=wall)
            for _ in range(5):
                x = canvas.between(min(near, far), max(near, far))
                y = canvas.between(top + 10, horizon - 10)
                box = 1.6 * canvas.unit * size
                canvas.draw.rectangle((x, y, x + box, y + box * 1.4), fill=(255, 214, 140))
    for step in range(5):
        size = 1 - step / 6
        for side in (-1, 1):
            at = (middle + side * 0.36 * canvas.width * size, horizon - 0.2 * canvas.height * size)
            canvas.draw.line((at[0], at[1], at[0], horizon), fill=(20, 22, 30), width=8)
            canvas.glow(at, 14 * canvas.unit * size, (255, 200, 110), 0.8)
            canvas.disc(at, 1.6 * canvas.unit * size, (255, 244, 214))
    canvas.mirror(horizon / canvas.height, (16, 18, 36), 0.45)
    for _ in range(260):
        x, y = canvas.between(0, canvas.width), canvas.between(0, canvas.height)
        length = canvas.between(2, 5) * canvas.unit
        canvas.draw.line((x, y, x - length * 0.2, y + length), fill=(120, 130, 160), width=2)
