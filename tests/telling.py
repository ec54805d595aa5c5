"""Listening to what is told of a library, for tests."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from custom_components.immich_plus.news.news import SIGNAL_NEWS, News, NewsType


class Told:
    """All news since it was made, in their order."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin to listen."""
        self.news: list[News] = []
        async_dispatcher_connect(hass, SIGNAL_NEWS, self._hear)

    @callback
    def _hear(self, _entry_id: str, news: News) -> None:
        self.news.append(news)

    def of(self, kind: NewsType) -> list[News]:
        """Return the news of a kind."""
        return [news for news in self.news if news.type is kind]

    def count(self, kind: NewsType) -> int:
        """Return how many things of a kind were told."""
        return sum(news.count for news in self.of(kind))
