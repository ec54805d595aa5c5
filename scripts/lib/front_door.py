"""Draw what the demo's door camera sees: a front door by day or night, with the time in a corner."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = (1280, 720)
"""Width and height of the picture in pixels."""


def draw_front_door(now: datetime) -> bytes:
    """Give a JPEG of the door at that time; no two seconds look the same."""
    day = 7 <= now.hour < 19
    wall, sky, path = ("#d9c7a8", "#a9d3f0", "#9a9a94") if day else ("#4b4553", "#141a33", "#33343a")
    picture = Image.new("RGB", SIZE, sky)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 90, 1280, 560), fill=wall)
    for row, top in enumerate(range(90, 560, 47)):
        pen.line((0, top, 1280, top), fill="#00000020", width=1)
        for left in range(-60 * (row % 2), 1280, 120):
            pen.line((left, top, left, top + 47), fill="#00000020", width=1)
    pen.rectangle((0, 560, 1280, 720), fill="#5f8a4a" if day else "#23351f")
    pen.polygon(((500, 560), (780, 560), (980, 720), (300, 720)), fill=path)
    pen.rectangle((490, 150, 790, 560), fill="#f3efe6")
    pen.rectangle((515, 175, 765, 560), fill="#1f5f6b")
    for box in ((545, 205, 735, 330), (545, 360, 735, 520)):
        pen.rectangle(box, outline="#174852", width=6)
    pen.ellipse((725, 345, 747, 367), fill="#e0b64c")
    lamp = "#fff3b0" if not day else "#f7f7f2"
    pen.rounded_rectangle((845, 220, 885, 290), radius=10, fill=lamp, outline="#333333", width=4)
    for left in (110, 960):
        pen.rectangle(
            (left, 200, left + 220, 400), fill="#8fb8d0" if day else "#f2c96b", outline="#f3efe6", width=12
        )
    # A parcel that wanders over the path, so that pictures differ at a glance.
    left = 360 + now.second * 8
    pen.rectangle((left, 600, left + 90, 665), fill="#b98a55", outline="#8a6438", width=3)
    pen.line((left + 45, 600, left + 45, 665), fill="#e7d3b1", width=8)
    font = ImageFont.load_default(size=30)
    pen.rectangle((20, 664, 430, 706), fill="#000000")
    pen.text((32, 668), f"Front door  {now:%Y-%m-%d %H:%M:%S}", font=font, fill="white")
    exif = Image.Exif()
    exif[0x0132] = f"{now:%Y:%m:%d %H:%M:%S}"
    exif[0x010F] = "Immich Plus demo"
    content = BytesIO()
    picture.save(content, "JPEG", quality=88, exif=exif)
    return content.getvalue()


def write_front_door(file: Path, now: datetime) -> None:
    """Put a new picture in the place of the old one; a reader never sees half of it."""
    beside = file.with_suffix(".new")
    beside.write_bytes(draw_front_door(now))
    beside.replace(file)
