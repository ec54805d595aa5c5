"""Landscapes: mountains, water, woods, sand, snow and northern lights."""

from math import pi, sin

from .canvas import Canvas, Colour, mix, shade

DAY: list[list[Colour]] = [
    [(58, 123, 213), (127, 190, 235), (226, 241, 250)],
    [(30, 87, 153), (92, 164, 219), (200, 228, 244)],
    [(94, 147, 196), (165, 203, 224), (243, 238, 222)],
]
DUSK: list[list[Colour]] = [
    [(37, 32, 82), (142, 68, 120), (240, 128, 90), (255, 206, 128)],
    [(26, 42, 90), (108, 91, 149), (231, 140, 133), (254, 214, 170)],
    [(60, 20, 60), (178, 58, 72), (244, 132, 62), (255, 222, 120)],
    [(18, 52, 86), (62, 124, 140), (236, 170, 110), (255, 236, 190)],
]
NIGHT: list[list[Colour]] = [
    [(6, 9, 30), (18, 30, 66), (44, 62, 104)],
    [(10, 8, 36), (38, 24, 74), (80, 52, 110)],
]


def _sun(canvas: Canvas, horizon: float, colours: list[Colour]) -> None:
    """Put a sun (or a moon, above a dark sky) somewhere above the horizon."""
    radius = canvas.between(4, 9) * canvas.unit
    at = (
        canvas.between(0.15, 0.85) * canvas.width,
        canvas.between(0.12, horizon * 0.85) * canvas.height,
    )
    light = mix(colours[-1], (255, 255, 245), 0.6)
    canvas.glow(at, radius * 6, light, 0.9)
    canvas.disc(at, radius, light)


def _stars(canvas: Canvas, lowest: float) -> None:
    """Sprinkle stars down to a share of the height."""
    for _ in range(220):
        at = (
            canvas.between(0, canvas.width),
            canvas.between(0, lowest) * canvas.height,
        )
        bright = round(canvas.between(120, 255))
        canvas.disc(at, canvas.between(0.08, 0.28) * canvas.unit, (bright, bright, 255))


def _clouds(canvas: Canvas, lowest: float, colour: Colour) -> None:
    """Put a few clouds above a share of the height."""
    for _ in range(canvas.random.randint(0, 4)):
        at = (
            canvas.between(0, canvas.width),
            canvas.between(0.08, lowest) * canvas.height,
        )
        canvas.cloud(at, canvas.between(5, 11) * canvas.unit, colour)


def paint_mountains(canvas: Canvas) -> None:
    """Paint several ridges that fade into the distance."""
    colours = canvas.pick(DAY + DUSK)
    canvas.sky(colours)
    _sun(canvas, 0.5, colours)
    _clouds(canvas, 0.3, mix(colours[-1], (255, 255, 255), 0.5))
    near: Colour = canvas.pick([(28, 58, 62), (44, 40, 72), (52, 66, 40), (70, 44, 52)])
    for layer in range(5):
        share = layer / 4
        line = canvas.ridge(0.46 + 0.12 * layer, 0.22 - 0.03 * layer, 90)
        canvas.ground(line, mix(mix(colours[-1], near, 0.35), near, share))


def paint_snow(canvas: Canvas) -> None:
    """Paint white peaks above a wood of firs."""
    colours = canvas.pick(DAY + DUSK[1:2])
    canvas.sky(colours)
    _clouds(canvas, 0.25, (250, 250, 252))
    line = canvas.ridge(0.42, 0.3, 70)
    canvas.ground(line, (126, 143, 168))
    peak = min(point[1] for point in line)
    snow = peak + 0.16 * canvas.height
    cap = [(x, y) for x, y in line if y < snow + canvas.between(0, 8) * canvas.unit]
    for x, y in cap:
        drop = canvas.between(0.4, 0.8) * (snow - y + 5 * canvas.unit)
        width = canvas.width / 60
        canvas.draw.polygon(
            [(x - width, y), (x + width, y), (x + canvas.between(-1, 1) * width, y + drop)],
            fill=(246, 249, 253),
        )
    canvas.ground(canvas.ridge(0.7, 0.08, 60), (228, 236, 245))
    dark: Colour = (36, 66, 62)
    for _ in range(60):
        y = canvas.between(0.72, 0.98)
        foot = (canvas.between(0, canvas.width), y * canvas.height)
        height = (6 + 26 * (y - 0.7) / 0.3) * canvas.unit
        canvas.tree(foot, height, shade(dark, canvas.between(0.7, 1.3)))


def paint_sea(canvas: Canvas) -> None:
    """Paint open water under a sun, with light on the waves and a boat."""
    colours = canvas.pick(DUSK + DAY)
    horizon = canvas.between(0.45, 0.62)
    canvas.sky(colours, 0, horizon)
    _sun(canvas, horizon, colours)
    _clouds(canvas, horizon * 0.6, mix(colours[-1], (255, 255, 255), 0.4))
    deep = mix(colours[0], (8, 60, 92), 0.5)
    canvas.sky([mix(colours[-1], deep, 0.4), deep, shade(deep, 0.6)], horizon, 1)
    for _ in range(320):
        depth = canvas.random.random() ** 2
        y = (horizon + 0.01 + depth * (0.98 - horizon)) * canvas.height
        length = (1 + 9 * depth) * canvas.unit * canvas.between(0.5, 1.5)
        x = canvas.between(0, canvas.width)
        tone = mix(colours[-1], deep, canvas.between(0.3, 0.8))
        thick = (0.2 + depth) * canvas.unit * 0.6
        canvas.draw.ellipse((x - length, y - thick, x + length, y + thick), fill=tone)
    if canvas.random.random() < 0.6:
        _boat(canvas, horizon)


def _boat(canvas: Canvas, horizon: float) -> None:
    """Draw a small sailing boat on the water."""
    size = canvas.between(4, 9) * canvas.unit
    x = canvas.between(0.2, 0.8) * canvas.width
    y = (horizon + canvas.between(0.02, 0.14)) * canvas.height
    hull = canvas.pick([(150, 40, 40), (60, 40, 34), (240, 240, 240)])
    canvas.draw.polygon(
        [(x - size, y), (x + size, y), (x + size * 0.6, y + size * 0.4), (x - size * 0.6, y + size * 0.4)],
        fill=hull,
    )
    canvas.draw.polygon([(x, y - size * 2), (x, y - 4), (x + size * 0.9, y - 4)], (250, 248, 240))
    canvas.draw.polygon([(x - 4, y - size * 1.7), (x - 4, y - 4), (x - size * 0.7, y - 4)], (226, 222, 214))


def paint_beach(canvas: Canvas) -> None:
    """Paint sand, surf and parasols."""
    colours = canvas.pick(DAY)
    canvas.sky(colours, 0, 0.4)
    _sun(canvas, 0.35, colours)
    _clouds(canvas, 0.25, (255, 255, 255))
    canvas.sky([(22, 110, 150), (64, 178, 190), (150, 222, 214)], 0.4, 0.72)
    sand = canvas.pick([(238, 214, 160), (226, 196, 150), (246, 228, 190)])
    for step, colour in enumerate([(244, 250, 248), mix(sand, (140, 110, 80), 0.3), sand]):
        canvas.ground(canvas.ridge(0.66 + 0.03 * step, 0.025, 60), colour)
    for _ in range(canvas.random.randint(2, 6)):
        y = canvas.between(0.78, 0.95)
        x = canvas.between(0.08, 0.92) * canvas.width
        size = (6 + 18 * (y - 0.75)) * canvas.unit
        foot = y * canvas.height
        canvas.draw.line((x, foot, x, foot - size * 1.6), fill=(120, 90, 70), width=8)
        box = (x - size, foot - size * 2.2, x + size, foot - size * 0.6)
        first = canvas.pick([(220, 60, 60), (40, 110, 170), (240, 160, 40), (60, 150, 110)])
        for part in range(6):
            colour = first if part % 2 else (250, 246, 238)
            canvas.draw.pieslice(box, 180 + part * 30, 210 + part * 30, fill=colour)


def paint_lake(canvas: Canvas) -> None:
    """Paint mountains and their mirror image in still water."""
    colours = canvas.pick(DUSK + DAY)
    horizon = canvas.between(0.5, 0.6)
    canvas.sky(colours, 0, horizon)
    _sun(canvas, horizon * 0.7, colours)
    far: Colour = canvas.pick([(58, 84, 112), (74, 66, 104), (50, 90, 88)])
    for layer in range(3):
        line = canvas.ridge(horizon - 0.16 + 0.06 * layer, 0.14 - 0.03 * layer, 80)
        canvas.ground(line, mix(mix(colours[-1], far, 0.5), shade(far, 0.6), layer / 2))
    for _ in range(50):
        x = canvas.between(0, canvas.width)
        height = canvas.between(3, 9) * canvas.unit
        canvas.tree((x, horizon * canvas.height), height, shade((30, 60, 50), canvas.between(0.6, 1.2)))
    canvas.mirror(horizon, shade(far, 0.7), 0.3)
    for _ in range(90):
        y = canvas.between(horizon + 0.01, 1) * canvas.height
        x = canvas.between(0, canvas.width)
        length = canvas.between(4, 22) * canvas.unit
        canvas.draw.line((x, y, x + length, y), mix(colours[-1], far, 0.4), width=3)


def paint_desert(canvas: Canvas) -> None:
    """Paint dunes with a lit and a shaded side."""
    colours = canvas.pick(DUSK + DAY[2:])
    canvas.sky(colours, 0, 0.6)
    _sun(canvas, 0.4, colours)
    sand: Colour = canvas.pick([(222, 160, 92), (206, 132, 84), (232, 186, 124)])
    for layer in range(4):
        line = canvas.ridge(0.5 + 0.13 * layer, 0.1, 50)
        canvas.ground(line, shade(sand, 1 - 0.1 * layer))
        low = canvas.between(0.05, 0.1) * canvas.height
        canvas.ground(
            [(x, y + low * (1 + sin(x / canvas.width * 3 * pi + layer))) for x, y in line],
            shade(sand, 0.84 - 0.1 * layer),
        )


def paint_forest(canvas: Canvas) -> None:
    """Paint a wood in one of the four seasons, in layers of mist."""
    season: list[Colour] = canvas.pick(
        [
            [(92, 140, 66), (46, 100, 58), (28, 66, 48)],
            [(206, 130, 50), (180, 84, 44), (112, 56, 40)],
            [(150, 170, 80), (104, 136, 70), (58, 90, 54)],
            [(120, 150, 156), (76, 110, 116), (40, 66, 74)],
        ]
    )
    mist = mix(season[0], (248, 246, 232), 0.75)
    canvas.sky([mix(mist, (255, 255, 255), 0.5), mist, mix(mist, season[0], 0.3)])
    _sun(canvas, 0.5, [(255, 250, 220)])
    for layer in range(5):
        share = layer / 4
        colour = mix(mix(mist, season[0], 0.4), season[2 if layer > 2 else 1], share)
        base = 0.5 + 0.12 * layer
        canvas.ground(canvas.ridge(base, 0.04, 40), colour)
        for _ in range(26 - 3 * layer):
            x = canvas.between(-0.02, 1.02) * canvas.width
            height = (14 + 9 * layer) * canvas.unit * canvas.between(0.7, 1.25)
            foot = (x, (base + 0.03) * canvas.height)
            canvas.tree(foot, height, shade(colour, canvas.between(0.88, 1.1)))


def paint_aurora(canvas: Canvas) -> None:
    """Paint northern lights above a dark ridge."""
    colours = canvas.pick(NIGHT)
    canvas.sky(colours)
    light: Colour = canvas.pick([(70, 240, 160), (90, 220, 210), (160, 120, 240)])
    for band in range(3):
        phase = canvas.between(0, 2 * pi)
        rate = canvas.between(1, 2.4)
        middle = canvas.between(0.2, 0.45)
        for step in range(150):
            share = step / 149
            x = share * canvas.width
            y = (middle + 0.1 * sin(share * pi * rate + phase)) * canvas.height
            length = canvas.between(10, 26) * canvas.unit
            tone = mix(colours[1], light, canvas.between(0.15, 0.55) / (1 + band * 0.3))
            width = canvas.width / 149
            canvas.draw.rectangle((x - width, y - length, x + width, y + length * 0.3), tone)
    canvas.soften(1.6)
    _stars(canvas, 0.7)
    canvas.ground(canvas.ridge(0.78, 0.1, 80), (14, 20, 34))
    canvas.ground(canvas.ridge(0.9, 0.05, 80), (6, 10, 20))
