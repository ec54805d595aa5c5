"""Searching assets (`search`): page by page in the order of taking, all at once, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from .asset import Asset
from .errors import ImmichBadAnswerError, ImmichPermissionError
from .merge import LARGEST_PAGE, Contents, Merge, Position, Source
from .parse import Json, integer, many_rows, need_dict, need_integer, rows, text
from .query import AssetQuery, Match, Order, Shown, Span
from .timeline import TimelineFilter
from .together import together
from .transport import LISTING

if TYPE_CHECKING:
    from .client import Immich

# Counts that one total may be the sum of.
_MOST_COUNTS: Final = 12
# What every search brings along; smart search has no use for people (seen on 3.1.0).
DETAILS: Final[Json] = {"withExif": True, "withPeople": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPage:
    """A page of found assets; `next_cursor` leads to the next one, None on the last."""

    assets: list[Asset]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedPage:
    """A page of found assets as Immich counts them; `next_page` is the number of the next one, None on the last."""

    assets: list[Asset]
    next_page: int | None


class Search:
    """Calls that search. All need the scope `asset.read`, and `asset.statistics` to count."""

    def __init__(self, client: Immich) -> None:
        """Speak through the client, as what a search covers differs between versions."""
        self._client = client

    async def page(
        self,
        query: AssetQuery,
        *,
        order: Order = Order.NEWEST,
        size: int = LARGEST_PAGE,
        cursor: str | None = None,
    ) -> AssetPage:
        """Give assets by the moment of taking, at most `size` (1 to 1,000), behind `cursor`.

        A page may be shorter than `size` although there is a cursor. Raises ImmichNotFoundError for an
        unknown album, ImmichBadRequestError for a bad cursor or too many searches at once.
        """
        start = Position.parse(cursor) if cursor else None
        merge = self._merge(query, await self.days(query), order, size, start)
        assets, position = await merge.page(size)
        return AssetPage(assets=assets, next_cursor=position.cursor() if position else None)

    async def gather(self, query: AssetQuery, most: int) -> tuple[list[Asset], bool]:
        """Give all assets of a query, newest first, and whether that is all: it ends after `most`."""
        days = await self.days(query)
        found: list[Asset] = []
        start: Position | None = None
        while True:
            merge = self._merge(query, days, Order.NEWEST, LARGEST_PAGE, start)
            assets, start = await merge.page(most - len(found))
            found += assets
            if start is None or len(found) >= most:
                return found, start is None

    async def ids_left_out(self, query: AssetQuery, most: int) -> set[str] | None:
        """Give the ids of what a query leaves out of what its searches find; None if there are more than `most`."""
        found: set[str] = set()
        bodies = query.left_out(query.searches(self._client.version, await self.days(query)))
        for source in (
            self._source(body, order=Order.NEWEST, size=LARGEST_PAGE, start=None) for body in bodies
        ):
            while not source.done:
                await source.read()
                found |= {asset.id for group in source.groups for asset in group.assets}
                source.groups.clear()
                if len(found) > most:
                    return None
        return found

    async def total(self, query: AssetQuery) -> int | None:
        """Count the assets of a query; None where Immich can't tell or the key may not ask."""
        if query.overlaps or query.leaves_out or not query.with_partners or query.filename is not None:
            return None
        if query.albums.ids and await self.has_foreign(query.albums.ids):
            return None
        bodies = query.searches(self._client.version, await self.days(query), split=True)
        counts = await self.counts(bodies) if len(bodies) <= _MOST_COUNTS else None
        return None if counts is None else sum(counts)

    async def counts(self, bodies: Sequence[Json]) -> list[int] | None:
        """Count what each search finds; None where the key may not ask (scope `asset.statistics`)."""
        if not self._client.scopes.has("asset.statistics"):
            return None
        try:
            async with together() as tasks:
                counts = [tasks.create_task(self._count(body)) for body in bodies]
        except ImmichPermissionError as error:
            self._learn(error)
            return None
        return [task.result() for task in counts]

    async def has_foreign(self, album_ids: Sequence[str]) -> bool:
        """Whether one of the albums may hold other people's assets; without the scope `album.read` all may."""
        if not self._client.scopes.has("album.read"):
            return True
        try:
            async with together() as tasks:
                asked = [tasks.create_task(self._client.albums.get(album_id)) for album_id in album_ids]
        except ImmichPermissionError as error:
            self._learn(error)
            return True
        albums = [task.result() for task in asked]
        return any(album.shared or album.owner_id != self._client.user_id for album in albums)

    async def days(self, query: AssetQuery) -> list[Span]:
        """Return the spans of the query's day of the year in all years that have photos then, the latest first.

        Two years too many cost a request each; one too few would miss photos. So time buckets only say which
        months have any: they are of the place where a photo was taken, the day is of the query's zone.
        """
        yearly = query.on_this_day
        if yearly is None:
            return []
        kinds = [TimelineFilter(visibility=None, trashed=query.trashed or None)]
        if not (query.trashed or query.albums.ids) and query.visibility is not Shown.ARCHIVE:
            # Partners' photos are only told of together with one's own in the timeline (seen on 3.1.0).
            partners = TimelineFilter(with_partners=True)
            kinds = [partners] if query.visibility is Shown.TIMELINE else [*kinds, partners]
        which = [replace(kind, album_id=album) for kind in kinds for album in query.albums.ids or [None]]
        months = {month.first for each in which for month in await self._client.timeline.months(each)}
        years = {
            year
            for month in months
            for year in range(month.year - 1, month.year + 2)
            if abs((year - month.year) * 12 + yearly.month - month.month) <= 1
        }
        spans = (yearly.in_year(year) for year in sorted(years, reverse=True))
        return [span for span in spans if span is not None]

    async def numbered(
        self, path: str, body: Json, *, size: int, page: int, details: bool = True
    ) -> NumberedPage:
        """Give a page of `search/metadata` or `search/smart` as the server counts them, with exif and people or bare."""
        more = DETAILS if details else {}
        assets, found = await self._found(path, body | more | {"size": size, "page": page})
        return NumberedPage(assets=assets, next_page=integer(found, "nextPage"))

    async def added(
        self, *, size: int = LARGEST_PAGE, page: int = 1, added_after: datetime | None = None
    ) -> NumberedPage:
        """Give a page of the timeline's assets added since a moment, newest taken first (size 1 to 1,000); bare."""
        (body,) = AssetQuery(added=Span(after=added_after)).searches(self._client.version)
        body["order"] = "desc"
        return await self.numbered("search/metadata", body, size=size, page=page, details=False)

    async def latest_additions(self) -> list[Asset]:
        """Give the account's own latest additions, newest first, a dozen at most.

        A part of what Immich shows under "Explore" from 3.0 on; empty before.
        """
        answer = await self._client.transport.get("search/explore", timeout=LISTING)
        groups = rows(answer, lambda group: (text(group, "fieldName"), group.get("items")), "search/explore")
        items: object = next((items for name, items in groups if name == "createdAt"), [])
        return rows(
            items, lambda row: Asset.from_json(need_dict(row.get("data"), "search/explore")), "search/explore"
        )

    def _merge(
        self, query: AssetQuery, days: Sequence[Span], order: Order, size: int, start: Position | None
    ) -> Merge:
        bodies = query.searches(self._client.version, days)
        # One more tells whether the last moment of a page is complete; the last of the page before comes again.
        source = partial(self._source, order=order, size=size + (1 if start is None else 2), start=start)
        wanted = [source(body | DETAILS) for body in bodies]
        if bodies and query.finds_foreign and not self._client.version.searches_shared_albums:
            since = start.moment if start else None
            wanted.append(Contents(partial(self._foreign, query), order, start=since))
        return Merge(
            wanted=wanted,
            unwanted=[source(body) for body in query.left_out(bodies)],
            order=order,
            start=start,
            keep=lambda asset: query.keeps(asset, self._client.user_id),
        )

    def _source(self, body: Json, *, order: Order, size: int, start: Position | None) -> Source:
        return Source(self._fetch, body, order, size=size, start=start.moment if start else None)

    async def _fetch(self, body: Json) -> tuple[Sequence[Asset], bool]:
        assets, found = await self._found("search/metadata", body)
        if "nextPage" in found:
            return assets, found["nextPage"] is not None
        return assets, len(assets) >= need_integer(body, "size", "search/metadata")

    async def _found(self, path: str, body: Json) -> tuple[list[Asset], Json]:
        """Return the assets of an answer, and the object that they came in."""
        answer = await self._client.transport.send("POST", path, body, timeout=LISTING)
        found = need_dict(need_dict(answer, path).get("assets"), path)
        items = found.get("items")
        if items is None:
            raise ImmichBadAnswerError(f"{path}: field items is missing")
        return await many_rows(items, Asset.from_json, path), found

    async def _foreign(self, query: AssetQuery) -> list[Asset]:
        """Give other people's assets of the query's albums (before 3.0, where searches miss them)."""
        wanted = [await self._contents(album_id) for album_id in query.albums.ids]
        unwanted = [await self._contents(album_id) for album_id in query.albums.excluded]
        everything = {asset_id: asset for album in wanted for asset_id, asset in album.items()}
        enough = any if query.albums.match is Match.ANY else all
        return [
            asset
            for asset_id, asset in everything.items()
            if enough(asset_id in album for album in wanted)
            and not any(asset_id in album for album in unwanted)
            and asset.owner_id != self._client.user_id
            and query.fits_foreign(asset)
        ]

    async def _contents(self, album_id: str) -> dict[str, Asset]:
        return {asset.id: asset for asset in await self._client.albums.contents(album_id)}

    def _learn(self, error: ImmichPermissionError) -> None:
        if error.scope is not None:
            self._client.scopes.refuse(error.scope)

    async def _count(self, body: Json) -> int:
        answer = await self._client.transport.send("POST", "search/statistics", body, timeout=LISTING)
        return need_integer(need_dict(answer, "search/statistics"), "total", "search/statistics")
