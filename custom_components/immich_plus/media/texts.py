"""The words of the media browser, in Home Assistant's language: browsing doesn't tell who looks."""

from collections.abc import Mapping
from datetime import date
import re
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN

_CATEGORY: Final = "common"
_PLACE: Final = re.compile(r"\{(\w+)\}")


class Texts:
    """Texts by key, with what is to be filled in."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Take the translations of the integration."""
        self._texts = texts

    def get(self, key: str, **values: str | int) -> str:
        """Return a text; the key itself if nobody translated it."""
        text = self._texts.get(f"component.{DOMAIN}.{_CATEGORY}.media_{key}", key)
        # All at once: an album may be called "{count}".
        return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), text)

    def month(self, day: date) -> str:
        """Write a month with its year."""
        return self.get("month", month=self.get(f"month_{day.month}"), year=day.year)

    def day(self, day: date) -> str:
        """Write a day with its year."""
        return self.get("day", day=day.day, month=self.get(f"month_{day.month}"), year=day.year)


async def async_texts(hass: HomeAssistant) -> Texts:
    """Load the texts of Home Assistant's language, in English where a translation is missing."""
    return Texts(await async_get_translations(hass, hass.config.language, _CATEGORY, [DOMAIN]))
