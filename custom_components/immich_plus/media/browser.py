"""The media browser of one account: what its kinds of folders need to open one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..api import Immich
from ..api.album import Album
from ..api.asset import Asset
from ..api.memories import Memory
from ..api.people import PeoplePage, Person
from ..api.places import City, Suggestion
from ..api.server import Features
from ..api.tags import Tag
from ..runtime import ImmichPlusConfigEntry
from .divide import MOST_CHILDREN, Divider
from .path_tree import PathTree
from .recent import recent
from .texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Opens folders of one account."""

    hass: HomeAssistant
    entry: ImmichPlusConfigEntry
    texts: Texts

    @property
    def client(self) -> Immich:
        """The account's client."""
        return self.entry.runtime_data.client

    @property
    def user_id(self) -> str:
        """Immich's id of the user."""
        return self.entry.runtime_data.account.id

    @property
    def divider(self) -> Divider:
        """What divides large sets."""
        return Divider(
            client=self.client,
            listings=self.entry.runtime_data.listings,
            texts=self.texts,
            zone=dt_util.get_default_time_zone(),
        )

    async def kept[T](self, name: str, load: Callable[[], Awaitable[T]], *more: str) -> T:
        """Return a listing that is at most a minute old."""
        return await self.entry.runtime_data.listings.get((name, *more), load)

    def moment(self, asset: Asset) -> str:
        """Return when an asset was taken, as a title for one whose file name isn't known."""
        taken_at = dt_util.as_local(asset.taken_at) if asset.taken_at else None
        return f"{self.texts.day(taken_at.date())} {taken_at:%H:%M:%S}" if taken_at else asset.id

    async def recent(self) -> Sequence[Asset]:
        """Give the latest additions, the latest first."""
        newest = self.entry.runtime_data.library.data.last_added or dt_util.utcnow()
        return await self.kept("recent", lambda: recent(self.client, newest))

    async def features(self) -> Features:
        """Ask what is switched on at the server."""
        return await self.kept("features", self.client.server.features)

    async def albums(self) -> Sequence[Album]:
        """List all albums."""
        return await self.kept("albums", self.client.albums.list)

    async def album(self, album_id: str) -> Album:
        """Read one album."""
        return await self.kept("album", lambda: self.client.albums.get(album_id), album_id)

    async def tags(self) -> Sequence[Tag]:
        """List all tags."""
        return await self.kept("tags", self.client.tags.list)

    async def countries(self) -> Sequence[str]:
        """List all countries."""
        return await self._places(Suggestion.COUNTRY)

    async def cities(self, country: str | None = None) -> Sequence[str]:
        """List all cities, or those of a country."""
        return await self._places(Suggestion.CITY, country)

    async def pictures_of_cities(self) -> Sequence[City]:
        """Give a photo of each city; one for all that share their name."""
        return await self.kept("pictures", self.client.places.cities)

    async def memories(self, day: date) -> Sequence[Memory]:
        """List a day's memories."""
        return await self.kept("memories", lambda: self.client.memories.list(day), day.isoformat())

    async def person(self, person_id: str) -> Person:
        """Read one person."""
        return await self.kept("person", lambda: self.client.people.get(person_id), person_id)

    async def people(self, number: int) -> PeoplePage:
        """List a page of people."""
        size = MOST_CHILDREN - 2
        return await self.kept("people", lambda: self.client.people.page(number, size=size), str(number))

    async def tree(self) -> PathTree:
        """Read the server's folders."""
        return await self.kept("tree", self._tree)

    async def in_folder(self, path: str) -> Sequence[Asset]:
        """List what is in one of the server's folders."""
        return await self.kept("folder", lambda: self.client.folders.assets(path), path)

    async def _places(self, kind: Suggestion, country: str | None = None) -> Sequence[str]:
        async def _load() -> Sequence[str]:
            # None is the answer of versions that don't know the kind; all know places.
            return await self.client.places.suggestions(kind, country=country) or ()

        return await self.kept(kind, _load, country or "")

    async def _tree(self) -> PathTree:
        paths = await self.client.folders.paths()
        return await self.hass.async_add_executor_job(PathTree, paths)
