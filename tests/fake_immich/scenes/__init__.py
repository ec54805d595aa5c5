"""Painted scenes for the sample pictures.

`PAINTERS` maps a scene's name to the function that paints it. A painter takes
a `Canvas` and draws on it; everything that varies comes from the canvas's
seeded random numbers, so the same seed always gives the same picture.
"""

from collections.abc import Callable

from .canvas import Canvas
from .nature import (
    paint_aurora,
    paint_beach,
    paint_desert,
    paint_forest,
    paint_lake,
    paint_mountains,
    paint_sea,
    paint_snow,
)
from .people import paint_couple, paint_group, paint_portrait
from .still import paint_bokeh, paint_flowers, paint_plate, paint_tiles
from .town import paint_balloons, paint_night_street, paint_skyline, paint_village

type Painter = Callable[[Canvas], None]

PAINTERS: dict[str, Painter] = {
    "aurora": paint_aurora,
    "balloons": paint_balloons,
    "beach": paint_beach,
    "bokeh": paint_bokeh,
    "couple": paint_couple,
    "desert": paint_desert,
    "flowers": paint_flowers,
    "forest": paint_forest,
    "group": paint_group,
    "lake": paint_lake,
    "mountains": paint_mountains,
    "night_street": paint_night_street,
    "plate": paint_plate,
    "portrait": paint_portrait,
    "sea": paint_sea,
    "skyline": paint_skyline,
    "snow": paint_snow,
    "tiles": paint_tiles,
    "village": paint_village,
}

__all__ = ["PAINTERS", "Canvas", "Painter"]
