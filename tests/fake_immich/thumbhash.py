"""ThumbHash: a picture's colours in two dozen bytes, as Immich sends it.

The hash is a short cosine transform of brightness and two colour differences.
Apps paint it as a placeholder until the thumbnail has come.
"""

from base64 import b64encode
from collections.abc import Sequence
from math import cos, pi

from PIL import Image

#: The picture is shrunk to this many pixels on its long side first: the hash
#: has at most seven waves per direction, so more would not be seen in it.
SIDE = 20


def thumbhash(image: Image.Image) -> str:
    """Return the hash of an RGB picture in base64, as in ``AssetResponseDto``."""
    small = image.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2)
    width, height = small.size
    data = small.convert("RGB").tobytes()
    pixels = [(data[n] / 255, data[n + 1] / 255, data[n + 2] / 255) for n in range(0, len(data), 3)]
    landscape = width > height
    long = max(width, height)
    waves_x = max(1, round(7 * width / long))
    waves_y = max(1, round(7 * height / long))
    light = _transform(
        [(r + g + b) / 3 for r, g, b in pixels], width, height, max(3, waves_x), max(3, waves_y)
    )
    yellow = _transform([(r + g) / 2 - b for r, g, b in pixels], width, height, 3, 3)
    red = _transform([r - g for r, g, _ in pixels], width, height, 3, 3)
    head = (
        round(63 * light[0])
        | round(31.5 + 31.5 * yellow[0]) << 6
        | round(31.5 + 31.5 * red[0]) << 12
        | round(31 * light[2]) << 18
    )
    tail = (
        (waves_y if landscape else waves_x)
        | round(63 * yellow[2]) << 3
        | round(63 * red[2]) << 9
        | landscape << 15
    )
    nibbles = [round(15 * part) for part in (*light[1], *yellow[1], *red[1])]
    if len(nibbles) % 2:
        nibbles.append(0)
    packed = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return b64encode(head.to_bytes(3, "little") + tail.to_bytes(2, "little") + packed).decode()


def _transform(
    channel: Sequence[float], width: int, height: int, waves_x: int, waves_y: int
) -> tuple[float, list[float], float]:
    """Return a channel's mean, its waves scaled to 0…1, and their greatest size."""
    columns = [[cos(pi / width * wave * (x + 0.5)) for x in range(width)] for wave in range(waves_x)]
    rows = [[cos(pi / height * wave * (y + 0.5)) for y in range(height)] for wave in range(waves_y)]
    # Rows first, then columns: the sum of a plane wave splits into two.
    partial = [
        [
            sum(a * b for a, b in zip(channel[y * width : (y + 1) * width], column, strict=True))
            for y in range(height)
        ]
        for column in columns
    ]
    mean = 0.0
    parts: list[float] = []
    for wave_y in range(waves_y):
        wave_x = 0
        while wave_x * waves_y < waves_x * (waves_y - wave_y):
            total = sum(a * b for a, b in zip(partial[wave_x], rows[wave_y], strict=True))
            value = total / (width * height)
            if wave_x or wave_y:
                parts.append(value)
            else:
                mean = value
            wave_x += 1
    scale = max((abs(part) for part in parts), default=0.0)
    if scale > 0:
        parts = [0.5 + 0.5 / scale * part for part in parts]
    return mean, parts, scale
