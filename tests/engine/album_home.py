"""Albums for tests of what is told of them."""

from custom_components.immich_plus.news.news import NewsType
from tests.fake_immich.models import Role

from .news_world import MakeWorld, World

CREATED, CHANGED, GONE = NewsType.ALBUM_CREATED, NewsType.ALBUM_UPDATED, NewsType.ALBUM_DELETED
CAME, LEFT = NewsType.ASSET_ADDED_TO_ALBUM, NewsType.ASSET_REMOVED_FROM_ALBUM
ALBUMS = (CREATED, CHANGED, GONE, CAME, LEFT)


class Home:
    """A world with three old photos, an album of mine and one of somebody else."""

    def __init__(self, world: World) -> None:
        """Make them, and let an hour pass."""
        self.world = world
        self.photos = [world.upload() for _ in range(3)]
        self.theirs = world.upload(world.other)
        self.mine = world.state.add_album(world.me, "Mine", self.photos[:1])
        self.shared = world.state.add_album(world.other, "Shared", members={world.me.id: Role.EDITOR})


async def begun(make_world: MakeWorld, **options: object) -> Home:
    """Give a home in which an account runs."""
    world = await make_world(running=False, **options)
    home = Home(world)
    await world.wait(3600)
    await world.start()
    await world.wait(5)
    return home


def told(world: World) -> list[tuple[NewsType, tuple[str, ...]]]:
    """Return type and ids of what was told of albums."""
    return [(news.type, news.ids) for news in world.of(*ALBUMS)]


def searches(world: World) -> int:
    """Return how often assets were searched for in an album."""
    return sum(
        isinstance(entry.json, dict) and "albumIds" in entry.json for entry in world.immich.requests.entries
    )


async def announced(home: Home) -> None:
    """Deliver what was announced, and wait for two seconds."""
    await home.world.deliver()
    await home.world.wait(1)
    await home.world.wait(1)
