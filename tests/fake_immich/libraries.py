"""Ready-made libraries for a fake server: the demo, a tiny one, a huge one."""

import asyncio
from collections.abc import Callable
import logging
from pathlib import Path
from threading import Event

from .catalogue import Picture
from .library import PENDING, Household
from .pictures import PictureFacts, PictureStore
from .scale import fill_scale
from .state import State
from .tiny import fill_tiny
from .videos import FilmStore, available

_LOGGER = logging.getLogger(__name__)


def demo(cache: Path) -> Callable[[State], None]:
    """Return the fill-in of the demo: a household with more than 400 photos and six films.

    Files are kept in `cache`. What is missing there is made on first use, and in
    the background from the start of the server on.
    """

    def fill(state: State) -> None:
        store = PictureStore(cache / "pictures")
        films: FilmStore | None = None
        if available():
            films = FilmStore(cache / "films")
        else:
            _LOGGER.warning("PyAV is not installed: the demo has no films")
        home = Household(state, store, films)
        home.fill()
        state.startup.append(lambda: _make_files(home))

    return fill


async def _make_files(home: Household) -> None:
    """Make all files that are missing, telling the library what they turned out to be."""
    loop = asyncio.get_running_loop()
    stop = Event()
    names = {recipe: home.assets[recipe.name] for recipe in home.recipes}

    def painted(recipe: Picture, facts: PictureFacts) -> None:
        loop.call_soon_threadsafe(home.learn, names[recipe], facts)

    try:
        made = await asyncio.to_thread(
            home.store.fill,
            home.recipes,
            stop=stop,
            painted=painted,
        )
        if made:
            _LOGGER.info("Painted %s sample pictures", made)
        for recipe, asset in names.items():
            # Painted meanwhile because somebody looked at it.
            if asset.thumbhash == PENDING and (facts := home.store.facts(recipe)) is not None:
                home.learn(asset, facts)
        if home.films is not None:
            films = dict(home.shown_films)
            await asyncio.to_thread(home.films.fill, films, stop=stop)
            for film, asset in films.items():
                if (facts := home.films.facts(film)) is not None:
                    home.learn(asset, facts)
    except asyncio.CancelledError:
        stop.set()
        raise


def tiny() -> Callable[[State], None]:
    """Return the fill-in of a tiny library for tests: three users, a dozen assets."""
    return fill_tiny


def scale(count: int, cache: Path | None = None) -> Callable[[State], None]:
    """Return the fill-in of a library of `count` assets with made-up metadata.

    All of them show the same few pictures, kept in `cache` where one is given.
    """
    return lambda state: fill_scale(state, count, cache)
