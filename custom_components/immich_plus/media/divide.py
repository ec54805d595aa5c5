"""How sets of assets become folders of a bounded size in which nothing is missing.

A set that is too large for one folder is divided by year and month where Immich can count by month, else by
numbered pages. A list of folders that is too long is divided into parts.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from math import ceil
from typing import Final

from ..api import Immich
from ..api.asset import Asset
from ..api.query import AssetQuery
from ..api.timeline import Month, TimelineFilter
from ..listings import Listings
from . import months as by_months
from .folder import Folder, SubFolder
from .identifier import FolderId, Part
from .texts import Texts

# Children of a folder: five hundred of them may be more than the 200 KB that a browser should get at once.
MOST_CHILDREN: Final = 400
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetSet:
    """Assets that are a folder: how to search them and, if Immich can count them by month, how.

    `by_year`: it is divided by year however few they are.
    """

    title: str
    query: AssetQuery
    months: TimelineFilter | None = None
    by_year: bool = False
    # An album of a server before 3.0, where searches miss what others put in.
    whole_album: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Divider:
    """Opens folders of sets for one account."""

    client: Immich
    listings: Listings
    texts: Texts
    zone: tzinfo

    async def open(self, folder: FolderId, which: AssetSet, place: Sequence[str]) -> Folder | None:
        """Open a set, or its year or month in `place` (`2024`, `05`); None if there is no such place."""
        if (timeline := which.months) is None:
            return None if place else await self._numbered(folder, which, None)
        first = by_months.first_day(place)
        if place and first is None:
            return None
        months = await self._months(timeline)
        chosen = by_months.inside(months, place)
        if first is not None:
            which = replace(which, title=self._title(place, first))
            if not chosen:
                # Nothing to search in: its query has no bounds yet.
                return Folder(title=which.title)
            # The whole set needs no bounds.
            span = by_months.span(months, chosen, self.zone)
            which = replace(which, query=replace(which.query, taken=span))
        count = sum(month.count for month in chosen)
        # A part of an album of old servers can only be read by month.
        by_month = which.whole_album is not None and len(place) == 1
        large = count > MOST_CHILDREN or (which.by_year and not place)
        if (large or by_month) and len(place) < 2:
            return self._by_time(folder, which, chosen, place)
        if which.whole_album is not None:
            month = chosen[0].first if place else None
            return await self._of_album(folder, which, which.whole_album, timeline, month)
        return await self._numbered(folder, which, count)

    async def beside(
        self,
        folder: FolderId,
        title: str,
        folders: Sequence[SubFolder],
        open_set: Callable[[FolderId], Awaitable[Folder | None]],
    ) -> Folder | None:
        """Open a set that has folders in it: both together where there is room, else the set as one of them."""
        if folder.everything or not folders:
            return await open_set(folder)
        apart = folder.all()
        if folder.part is None and len(folders) < MOST_CHILDREN:
            found = await open_set(apart)
            if found and len(folders) + len(found.folders) + len(found.assets) <= MOST_CHILDREN:
                return replace(found, folders=[*folders, *found.folders])
        return self.listed(folder, title, [self.whole(folder, title), *folders])

    def whole(self, folder: FolderId, title: str) -> SubFolder:
        """Return the folder of all that a folder with folders holds."""
        return SubFolder(id=folder.all(), title=self.texts.get("everything", name=title))

    def listed(
        self,
        folder: FolderId,
        title: str,
        folders: Sequence[SubFolder],
        query: AssetQuery | None = None,
    ) -> Folder:
        """Show folders, in parts if they are too many; without a query, searching looks through everything."""
        within = query or AssetQuery()
        part = self._part(folder, len(folders))
        if part.last > part.first:
            return self.grouped(folder, title, part, within)
        return Folder(title=title, folders=_page(folders, part), query=within)

    def sliced(
        self, folder: FolderId, title: str, assets: Sequence[Asset], query: AssetQuery | None
    ) -> Folder:
        """Show assets that are all known, page by page if they are too many."""
        part = self._part(folder, len(assets))
        if part.last > part.first:
            return self.grouped(folder, title, part, query)
        return Folder(title=title, assets=_page(assets, part), query=query)

    def grouped(self, folder: FolderId, title: str, part: Part, query: AssetQuery | None) -> Folder:
        """Show pages of a folder as folders, or groups of pages if there are too many."""
        step = 1
        while ceil((part.last - part.first + 1) / step) > MOST_CHILDREN:
            step *= MOST_CHILDREN
        pages = [
            Part(start, min(start + step - 1, part.last)) for start in range(part.first, part.last + 1, step)
        ]
        folders = [
            SubFolder(id=folder.pages(each.first, each.last), title=self._numbers(each)) for each in pages
        ]
        return Folder(title=title, folders=folders, query=query)

    def next_part(self, folder: FolderId, number: int) -> SubFolder:
        """Return the page after page `number`."""
        return SubFolder(id=folder.pages(number + 1, number + 1), title=self.texts.get("more"))

    async def _months(self, which: TimelineFilter) -> Sequence[Month]:
        return await self.listings.get(("months", which), lambda: self.client.timeline.months(which))

    def _title(self, place: Sequence[str], first: date) -> str:
        return self.texts.month(first) if len(place) > 1 else str(first.year)

    def _by_time(
        self, folder: FolderId, which: AssetSet, months: Sequence[Month], place: Sequence[str]
    ) -> Folder:
        """Divide into years, or a year into months."""
        if place:
            counted = [
                (f"{month.first.month:02}", self.texts.month(month.first), month.count) for month in months
            ]
        else:
            years = by_months.by_year(months)
            counted = [(f"{year:04}", str(year), count) for year, count in years.items()]
        folders = [
            SubFolder(id=folder.child(word), title=self.texts.get("counted", name=name, count=count))
            for word, name, count in counted
        ]
        return Folder(title=which.title, folders=folders, query=which.query)

    async def _numbered(self, folder: FolderId, which: AssetSet, count: int | None) -> Folder:
        """Show a page of a set, or its pages as folders if there are several.

        `count` is a good guess, or None. A last page that turns out not to be the last leads on.
        """
        if folder.part is not None and folder.part.last > folder.part.first:
            return self.grouped(folder, which.title, folder.part, which.query)
        number = folder.part.first if folder.part else 1
        # No set takes several searches.
        (body,) = which.query.searches(self.client.version)
        page = await self.listings.get(
            ("page", which.query, number),
            lambda: self.client.search.numbered(
                "search/metadata",
                body | {"order": "desc"},
                size=MOST_CHILDREN,
                page=number,
                details=False,
            ),
        )
        assets = [asset for asset in page.assets if which.query.keeps(asset, self.client.user_id)]
        if page.next_page is None:
            return Folder(title=which.title, assets=assets, query=which.query)
        if count is None:
            # Pages go by what is found, before what isn't meant is left out.
            counts = await self.listings.get(
                ("counts", which.query), lambda: self.client.search.counts([body])
            )
            count = sum(counts or [])
        pages = ceil(count / MOST_CHILDREN)
        if folder.part is None:
            return self.grouped(folder, which.title, Part(1, max(pages, 2)), which.query)
        more = [] if number < pages else [self.next_part(folder, number)]
        return Folder(title=which.title, folders=more, assets=assets, query=which.query)

    async def _of_album(
        self,
        folder: FolderId,
        which: AssetSet,
        album_id: str,
        by_month: TimelineFilter,
        month: date | None,
    ) -> Folder:
        """Show what everybody put into an album, on servers before 3.0: all of a small one, or a month."""
        if month is None:
            found: Sequence[Asset] = await self.listings.get(
                ("contents", album_id), lambda: self.client.albums.contents(album_id)
            )
        else:
            found = await self.listings.get(
                ("month", by_month, month), lambda: self.client.timeline.month(by_month, month)
            )
        shown = [asset for asset in found if which.query.keeps(asset, self.client.user_id)]
        shown.sort(key=lambda asset: asset.taken_at or _NEVER, reverse=True)
        return self.sliced(folder, which.title, shown, which.query)

    def _part(self, folder: FolderId, count: int) -> Part:
        """Return which pages of a list of known length a folder shows: all, if it names none."""
        return folder.part or Part(1, max(1, ceil(count / MOST_CHILDREN)))

    def _numbers(self, part: Part) -> str:
        first, last = (part.first - 1) * MOST_CHILDREN + 1, part.last * MOST_CHILDREN
        return self.texts.get("numbers", first=first, last=last)


def _page[T](listed: Sequence[T], part: Part) -> Sequence[T]:
    start = (part.first - 1) * MOST_CHILDREN
    return listed[start : start + MOST_CHILDREN]
