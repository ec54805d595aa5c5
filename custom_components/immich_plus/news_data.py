"""News as automations read it: the same words in event entities and in triggers."""

from typing import TYPE_CHECKING, Final

from homeassistant.util.json import JsonObjectType

from .api.album import Album
from .api.asset import Asset
from .news.news import News
from .responses import Responses

if TYPE_CHECKING:
    from .runtime import ImmichPlusConfigEntry

# Ids that one event names.
MOST_IDS: Final = 100


class NewsData:
    """Writes the news of one account."""

    def __init__(self, entry: ImmichPlusConfigEntry) -> None:
        """Write for the account of `entry`."""
        runtime = entry.runtime_data
        self._runtime = runtime
        self._responses = Responses(entry.entry_id, runtime.account.id, runtime.client.url)

    def of(self, news: News) -> JsonObjectType:
        """Write news: how many, which (the first 100), and all about it if it is a single asset."""
        data: JsonObjectType = {"count": news.count, "missed": news.missed}
        if news.ids:
            data["ids"] = list(news.ids[:MOST_IDS])
        if news.count == 1 and len(news.assets) == 1:
            data["asset"] = self._responses.asset(news.assets[0])
            data["uploader"] = self.uploader(news.assets[0], news)
        if isinstance(news.album, Album):
            data["album"] = self._responses.album(news.album)
        elif news.album is not None:
            data["album"] = {"id": news.album.id, "name": news.album.name}
        if news.renamed_from is not None:
            data["renamed_from"] = news.renamed_from
        if news.more is not None:
            data["added" if news.more > 0 else "removed"] = abs(news.more)
        if news.person is not None:
            data["person"] = {"id": news.person.id, "name": news.person.name}
        return data

    def uploader(self, asset: Asset, news: News) -> str | None:
        """Return the name of whose asset it is: the account's own user, somebody an album is shared with, or a partner."""
        if asset.owner_id == self._runtime.account.id:
            return self._runtime.account.name
        albums = list((self._runtime.albums.data or {}).values())
        if isinstance(news.album, Album):
            albums.insert(0, news.album)
        members = (user for album in albums for user in (album.owner, *album.users) if user is not None)
        found = next((user.name for user in members if user.id == asset.owner_id), None)
        return found or self._runtime.changes.user_names.get(asset.owner_id or "") or None
