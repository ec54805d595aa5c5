"""Many uploads at once, without sending a file for each: as when a phone is emptied into Immich."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from .models import Asset, Exif, Person, User
from .processing import announce
from .tiny import THUMBHASH, TinyMedia

if TYPE_CHECKING:
    from .fake import FakeImmich

#: Every so many uploads the other handlers of the server get their turn.
_AT_ONCE = 20
#: Every so many pictures show the person who is recognised.
_EVERY = 10
_BOX = (10, 10, 90, 90)


async def upload_burst(
    fake: FakeImmich,
    owner: User,
    count: int,
    *,
    per_second: float | None = None,
    person: Person | None = None,
    recognition_delay: float = 0.2,
) -> list[Asset]:
    """Add assets as if they were uploaded, announce each, and return them.

    ``per_second`` bounds how many come; ``None`` is as fast as it goes. On every tenth a ``person`` is recognised
    ``recognition_delay`` seconds after all were announced, which Immich announces to nobody (seen on 3.1.0).
    """
    media = TinyMedia("burst")
    loop = asyncio.get_running_loop()
    began = loop.time()
    made: list[Asset] = []
    for number in range(count):
        now = fake.state.now()
        asset = fake.state.add_asset(
            owner,
            f"burst-{number:05d}.jpg",
            # Each was taken a minute after the one before; of that Immich keeps milliseconds.
            taken=(now - timedelta(minutes=count - number)).replace(microsecond=0),
            thumbhash=THUMBHASH,
            width=4000,
            height=3000,
            media=media,
            exif=Exif(file_size=len(media.content), width=4000, height=3000, time_zone="UTC"),
        )
        made.append(asset)
        announce(fake, asset)
        if number % _AT_ONCE == _AT_ONCE - 1:
            ahead = 0.0 if per_second is None else began + (number + 1) / per_second - loop.time()
            await asyncio.sleep(max(0.0, ahead))
    if person is not None:
        await asyncio.sleep(recognition_delay)
        for asset in made[::_EVERY]:
            fake.state.add_face(asset, person, _BOX)
    return made
