"""The kinds of folders: one table, and what is in each kind.

A function gives None for a place that doesn't exist; errors of the server come out as they are.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from ..api.album import Album
from ..api.asset import AssetType, Visibility
from ..api.ids import as_id
from ..api.memories import Memory
from ..api.people import Person
from ..api.query import AssetQuery, Choice, Names, Shown, Span
from ..api.timeline import TimelineFilter
from .browser import Browser
from .divide import MOST_CHILDREN, AssetSet
from .folder import Folder, SubFolder
from .identifier import FolderId, Part
from .search import async_search

# Assets that a folder of random ones shows.
_RANDOM: Final = 100
# Days whose memories are offered beside today's.
_MEMORY_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of folder: what opens it, and whether the account's folder lists it."""

    open: Callable[[Browser, FolderId], Awaitable[Folder | None]]
    listed: bool = True


async def _timeline(browser: Browser, folder: FolderId) -> Folder | None:
    which = AssetSet(
        title=browser.texts.get("timeline"),
        query=AssetQuery(),
        months=TimelineFilter(with_partners=True),
        by_year=True,
    )
    return await browser.divider.open(folder, which, folder.values)


async def _favorites(browser: Browser, folder: FolderId) -> Folder | None:
    which = AssetSet(
        title=browser.texts.get("favorites"),
        query=AssetQuery(favorite=True, with_partners=False),
        months=TimelineFilter(favorite=True),
    )
    return await browser.divider.open(folder, which, folder.values)


async def _archive(browser: Browser, folder: FolderId) -> Folder | None:
    which = AssetSet(
        title=browser.texts.get("archive"),
        query=AssetQuery(visibility=Shown.ARCHIVE, with_partners=False),
        months=TimelineFilter(visibility=Visibility.ARCHIVE),
    )
    return await browser.divider.open(folder, which, folder.values)


async def _videos(browser: Browser, folder: FolderId) -> Folder | None:
    which = AssetSet(title=browser.texts.get("videos"), query=AssetQuery(type=AssetType.VIDEO))
    return await browser.divider.open(folder, which, folder.values)


async def _unsorted(browser: Browser, folder: FolderId) -> Folder | None:
    query = AssetQuery(in_album=False, with_partners=False)
    which = AssetSet(title=browser.texts.get("unsorted"), query=query)
    return await browser.divider.open(folder, which, folder.values)


async def _random(browser: Browser, folder: FolderId) -> Folder | None:
    if folder.values:
        return None
    assets = await browser.client.random_assets.draw(AssetQuery(), _RANDOM)
    return Folder(title=browser.texts.get("random"), assets=assets, query=AssetQuery())


async def _recent(browser: Browser, folder: FolderId) -> Folder | None:
    if folder.values:
        return None
    assets = await browser.recent()
    return Folder(
        title=browser.texts.get("recent"),
        assets=assets[:MOST_CHILDREN],
        not_shown=max(0, len(assets) - MOST_CHILDREN),
        query=AssetQuery(),
    )


async def _albums(browser: Browser, folder: FolderId) -> Folder | None:
    which, *place = folder.values or ("",)
    if (album_id := as_id(which)) is not None:
        return await browser.divider.open(folder, _album_set(browser, await browser.album(album_id)), place)
    own = {"owned": True, "shared": False}
    if place or which not in ("", *own):
        return None
    albums = sorted(await browser.albums(), key=lambda album: (album.name.casefold(), album.id))
    mine = {album.id: album.owner_id == browser.user_id for album in albums}
    shown = [album for album in albums if which == "" or mine[album.id] is own[which]]
    folders = [_album_folder(browser, folder, album) for album in shown]
    if which == "" and set(mine.values()) == {True, False}:
        groups = [SubFolder(id=folder.child(name), title=browser.texts.get(f"albums_{name}")) for name in own]
        folders = [*groups, *folders]
    title = browser.texts.get("albums" if which == "" else f"albums_{which}")
    return browser.divider.listed(folder, title, folders)


def _album_folder(browser: Browser, folder: FolderId, album: Album) -> SubFolder:
    title = browser.texts.get("counted", name=album.name, count=album.asset_count or 0)
    account = FolderId(folder.user_id)
    return SubFolder(id=account.child("albums", album.id), title=title, picture=album.cover_id)


def _album_set(browser: Browser, album: Album) -> AssetSet:
    complete = browser.client.version.searches_shared_albums
    return AssetSet(
        title=album.name,
        query=AssetQuery(albums=Choice(ids=(album.id,)), visibility=Shown.ANY),
        months=TimelineFilter(album_id=album.id, visibility=None),
        whole_album=None if complete else album.id,
    )


async def _people(browser: Browser, folder: FolderId) -> Folder | None:
    """Show people by name; those without one are apart, as there may be thousands of passers-by."""
    which, *place = folder.values or ("",)
    if (person_id := as_id(which)) is not None:
        person = await browser.person(person_id)
        return await browser.divider.open(folder, _person_set(browser, person), place)
    if place or which not in ("", "unnamed"):
        return None
    named = which == ""
    title = browser.texts.get("people" if named else "unnamed")
    part = folder.part or Part(1, 1)
    if part.last > part.first:
        return browser.divider.grouped(folder, title, part, AssetQuery())
    page = await browser.people(part.first)
    shown = [person for person in page.people if bool(person.name) is named]
    folders = [_person_folder(browser, folder, person) for person in shown]
    # Immich lists favourites first, then those with a name: with the first other one these end.
    ended = any(not person.name and not person.favorite for person in page.people)
    if named and part.first == 1 and (len(shown) < len(page.people) or page.more):
        folders.append(SubFolder(id=folder.child("unnamed"), title=browser.texts.get("unnamed")))
    if page.more and not (named and ended):
        folders.append(browser.divider.next_part(folder, part.first))
    return Folder(title=title, folders=folders, query=AssetQuery())


def _person_folder(browser: Browser, folder: FolderId, person: Person) -> SubFolder:
    account = FolderId(folder.user_id)
    title = person.name or browser.texts.get("nobody")
    return SubFolder(id=account.child("people", person.id), title=title, face=person.id)


def _person_set(browser: Browser, person: Person) -> AssetSet:
    return AssetSet(
        title=person.name or browser.texts.get("nobody"),
        query=AssetQuery(people=Choice(ids=(person.id,)), with_partners=False),
        months=TimelineFilter(person_id=person.id),
    )


async def _tags(browser: Browser, folder: FolderId) -> Folder | None:
    """Show the tags that are below none, or what is in one: the tags below it and all that they hold together."""
    tags = sorted(await browser.tags(), key=lambda tag: tag.value.casefold())
    known = {tag.id: tag for tag in tags}
    chosen, *place = folder.values or ("",)
    tag = known.get(as_id(chosen) or "")
    if chosen and tag is None:
        return None
    account = FolderId(folder.user_id)
    inside = [
        SubFolder(id=account.child("tags", each.id), title=each.name)
        for each in tags
        if (each.parent_id if each.parent_id in known else None) == (tag.id if tag else None)
    ]
    divider = browser.divider
    if tag is None:
        return divider.listed(folder, browser.texts.get("tags"), inside)
    which = AssetSet(
        title=tag.name,
        query=AssetQuery(tags=Choice(ids=(tag.id,)), with_partners=False),
        months=TimelineFilter(tag_id=tag.id),
    )
    if place:
        return await divider.open(folder, which, place)
    return await divider.beside(folder, tag.name, inside, lambda part: divider.open(part, which, ()))


async def _places(browser: Browser, folder: FolderId) -> Folder | None:
    """Show countries, in each its cities and everything in it: photos between cities have a country only."""
    divider = browser.divider
    if not folder.values:
        names = sorted(await browser.countries(), key=str.casefold)
        pictures = {city.country: city.asset_id for city in await browser.pictures_of_cities()}
        folders = [SubFolder(id=folder.child(name), title=name, picture=pictures.get(name)) for name in names]
        return divider.listed(folder, browser.texts.get("places"), folders)
    country, *city = folder.values
    if len(city) > 1:
        return None
    query = AssetQuery(country=Names(names=(country,)), city=Names(names=tuple(city)))
    title = city[0] if city else country
    if city or folder.everything:
        return await divider.open(folder, AssetSet(title=title, query=query), ())
    names = sorted(await browser.cities(country), key=str.casefold)
    photos = {
        each.name: each.asset_id for each in await browser.pictures_of_cities() if each.country == country
    }
    folders = [SubFolder(id=folder.child(name), title=name, picture=photos.get(name)) for name in names]
    return divider.listed(folder, title, [divider.whole(folder, title), *folders], query)


async def _memories(browser: Browser, folder: FolderId) -> Folder | None:
    """Show today's memories, then the days before, then what was saved."""
    today = dt_util.now().date()
    chosen, *place = folder.values or (today.isoformat(),)
    if chosen == "saved":
        day, memories = None, await browser.kept("saved", browser.client.memories.saved)
    elif (day := dt_util.parse_date(chosen)) is not None:
        memories = await browser.memories(day)
    else:
        return None
    if place:
        memory = next((memory for memory in memories if memory.id == as_id(place[0])), None)
        if memory is None or len(place) > 1:
            return None
        title = _memory_title(browser, memory, today)
        return browser.divider.sliced(folder, title, memory.assets, _memory_query(memory))
    inside = folder if folder.values else folder.child(chosen)
    folders = [
        SubFolder(
            id=inside.child(memory.id),
            title=_memory_title(browser, memory, today),
            picture=memory.assets[0].id,
        )
        for memory in memories
    ]
    if folder.values:
        title = browser.texts.day(day) if day else browser.texts.get("memories_saved")
        return browser.divider.listed(folder, title, folders)
    for days in range(1, _MEMORY_DAYS + 1):
        before = today - timedelta(days=days)
        folders.append(SubFolder(id=folder.child(before.isoformat()), title=browser.texts.day(before)))
    folders.append(SubFolder(id=folder.child("saved"), title=browser.texts.get("memories_saved")))
    return browser.divider.listed(folder, browser.texts.get("memories"), folders)


def _memory_title(browser: Browser, memory: Memory, today: date) -> str:
    if memory.year is None:
        return browser.texts.get("memories")
    if (years := today.year - memory.year) == 1:
        return browser.texts.get("year_ago", year=memory.year)
    return browser.texts.get("years_ago", count=years, year=memory.year)


def _memory_query(memory: Memory) -> AssetQuery | None:
    """Return the search through a memory: what was taken then."""
    moments = [asset.taken_at for asset in memory.assets if asset.taken_at is not None]
    if not moments:
        return None
    return AssetQuery(taken=Span(after=min(moments), before=max(moments)), with_partners=False)


async def _folders(browser: Browser, folder: FolderId) -> Folder | None:
    """Show the server's folders; identifiers carry a digest, as the server's paths stay with the server."""
    if len(folder.values) > 1:
        return None
    tree = await browser.tree()
    node = tree.node(folder.values[0]) if folder.values else tree.root
    if node is None:
        return None
    divider = browser.divider
    title = node.name if folder.values else browser.texts.get("folders")
    account = FolderId(folder.user_id, "folders")
    nodes = sorted(node.children, key=lambda each: each.name.casefold())
    inside = [SubFolder(id=account.child(each.key), title=each.name) for each in nodes]
    if not node.holds_files:
        return divider.listed(folder, title, inside)

    async def _open(part: FolderId) -> Folder:
        # A folder can't be searched for itself.
        return divider.sliced(part, title, await browser.in_folder(node.path), None)

    return await divider.beside(folder, title, inside, _open)


async def _search(browser: Browser, folder: FolderId) -> Folder | None:
    """Show what some words find, so that a search can be kept as a folder."""
    if len(folder.values) != 1:
        return None
    words = folder.values[0]
    assets = await browser.kept(
        "search", lambda: async_search(browser, AssetQuery(), words, brief=True), words
    )
    return Folder(title=browser.texts.get("search", words=words), assets=assets, query=AssetQuery())


KINDS: Final[dict[str, Kind]] = {
    "timeline": Kind(_timeline),
    "recent": Kind(_recent),
    "albums": Kind(_albums),
    "people": Kind(_people),
    "tags": Kind(_tags),
    "places": Kind(_places),
    "favorites": Kind(_favorites),
    "videos": Kind(_videos),
    "memories": Kind(_memories),
    "random": Kind(_random),
    "unsorted": Kind(_unsorted),
    "archive": Kind(_archive),
    "folders": Kind(_folders),
    "search": Kind(_search, listed=False),
}
