"""What people pick or write in triggers and conditions: an account, albums, people, queues.

Everything is checked while an automation is saved. An error says in plain words what to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .api.ids import as_id
from .const import DOMAIN
from .media.identifier import FolderId
from .runtime import ImmichPlusConfigEntry

CONF_CONFIG_ENTRY_ID: Final = "config_entry_id"
# Blueprints give an empty text for what was left out.
ACCOUNT: Final = {vol.Optional(CONF_CONFIG_ENTRY_ID): vol.Any(None, vol.All(cv.string, vol.Strip))}

_MEDIA_SOURCE: Final = "media-source://"
_OURS: Final = f"{_MEDIA_SOURCE}{DOMAIN}/"
# Something long that is nothing isn't repeated whole.
_LONGEST_SHOWN: Final = 100
# Things of a kind that one trigger names.
_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Pick:
    """An album or a person that is meant, by name or id; `user_id` is whose, None: anybody's."""

    name: str
    user_id: str | None = None


def album_pick(value: object) -> Pick:
    """Read an album: its name or id, or its folder in the media browser. Raises vol.Invalid."""
    return _pick(value, "albums", "an album", "Albums")


def person_pick(value: object) -> Pick:
    """Read a person: a name or id, or the folder in the media browser. Raises vol.Invalid."""
    return _pick(value, "people", "a person", "People")


def picks(read: Callable[[object], Pick]) -> Callable[[object], list[Any]]:
    """Return a validator for one or several things that `read` understands; it leaves them as they are."""

    def _check(value: object) -> list[Any]:
        chosen = [value] if isinstance(value, dict) else cv.ensure_list(value)
        if not 1 <= len(chosen) <= _MOST:
            raise vol.Invalid(f"choose at least one, and at most {_MOST}")
        for each in chosen:
            read(each)
        return chosen

    return _check


def queue_key(name: str) -> str:
    """Return a queue's name as automations write it: `thumbnail_generation` for `thumbnailGeneration`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s-]+", "_", name.strip()).lower()


def name_account(hass: HomeAssistant, options: dict[str, Any]) -> None:
    """Put the id of its entry in place of an account's title; an empty one means any. Raises vol.Invalid."""
    wanted = options.pop(CONF_CONFIG_ENTRY_ID, None)
    if wanted:
        options[CONF_CONFIG_ENTRY_ID] = _account_id(hass, wanted)


def _account_id(hass: HomeAssistant, wanted: str) -> str:
    entries = hass.config_entries.async_entries(DOMAIN)
    for entry in entries:
        if entry.entry_id == wanted:
            return entry.entry_id
    named = [entry for entry in entries if entry.title.casefold() == wanted.casefold()]
    if len(named) != 1:
        raise vol.Invalid(f"there is no Immich Plus account {_shown(wanted)}", path=[CONF_CONFIG_ENTRY_ID])
    return named[0].entry_id


def account_of_user(hass: HomeAssistant, user_id: str) -> ImmichPlusConfigEntry | None:
    """Return the account of an Immich user, loaded or not; None if there is none."""
    return hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, user_id)


def _pick(value: object, kind: str, what: str, folder: str) -> Pick:
    picked = value.get("media_content_id") if isinstance(value, dict) else value
    if isinstance(picked, bool) or not isinstance(picked, str | int):
        raise vol.Invalid(f"write {what} as a name or an id, or pick a folder")
    name = str(picked).strip()
    if not name:
        raise vol.Invalid(f"name {what}")
    if not isinstance(value, dict) and not name.startswith(_MEDIA_SOURCE):
        return Pick(as_id(name) or name)
    chosen = FolderId.parse(name.removeprefix(_OURS)) if name.startswith(_OURS) else None
    if chosen is not None and chosen.kind == kind and len(chosen.values) == 1:
        chosen_id = as_id(chosen.values[0])
        if chosen_id is not None:
            return Pick(chosen_id, chosen.user_id)
    raise vol.Invalid(
        f"{_shown(_title(value) or name)} is not {what}: pick one of the folders inside “{folder}” of Immich Plus"
    )


def _title(value: object) -> str | None:
    """Return the name under which something was picked."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    title = metadata.get("title") if isinstance(metadata, dict) else None
    return title if isinstance(title, str) else None


def _shown(value: str) -> str:
    return f"“{value[:_LONGEST_SHOWN]}”"
