"""Telling the user which scopes the key lacks: one repair for each account, gone when nothing is missing."""

from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .api import Immich
from .api.permissions import ADMIN_ABILITIES, ALL, Ability
from .const import DOMAIN, SUBENTRY_ALBUM

if TYPE_CHECKING:
    from .runtime import ImmichPlusConfigEntry

# What fills entities. What only actions need is named when an action misses it: nobody who wants to look only
# should be asked to allow uploads.
_READING: Final[tuple[Ability, ...]] = (
    Ability.ACCOUNT,
    Ability.ALBUM_COUNTS,
    Ability.FIND_ALBUM,
    Ability.ASSET_COUNTS,
    Ability.FIND_ASSETS,
    Ability.PEOPLE,
    Ability.TAGS,
    Ability.MEMORY_COUNTS,
)
# What fills entities of the server, on the account that carries its device.
_READING_SERVER: Final = (Ability.STORAGE, Ability.STATISTICS, Ability.VERSION_CHECK)

# What fills the devices of albums.
_READING_ALBUMS: Final = (Ability.VIEW_ASSETS,)


def missing_scopes(entry: ImmichPlusConfigEntry, client: Immich) -> list[str]:
    """Return the scopes that the key should be given, sorted: for entities, and those that were refused.

    `all` is left out: the few routes of old servers that want it are not worth a key that may do everything.
    """
    # While an account is set up, nobody knows yet; it is asked again when that is done.
    runtime = getattr(entry, "runtime_data", None)
    reading = _READING
    if runtime is not None and runtime.server is not None:
        reading += _READING_SERVER
    if entry.get_subentries_of_type(SUBENTRY_ALBUM):
        reading += _READING_ALBUMS
    wanted = [ability for ability in reading if client.is_admin or ability not in ADMIN_ABILITIES]
    return sorted({*client.scopes.missing(wanted), *client.scopes.refused} - {ALL})


@callback
def async_report_missing_scopes(hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich) -> None:
    """Raise, renew or remove the repair that names the scopes that the key of `entry` lacks."""
    if not (missing := missing_scopes(entry, client)):
        async_forget_missing_scopes(hass, entry.entry_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry.entry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="missing_scopes",
        translation_placeholders={
            "account": entry.title,
            "scopes": "\n".join(f"- `{scope}`" for scope in missing),
        },
    )


@callback
def async_forget_missing_scopes(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the repair of an account."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry_id))


def _issue_id(entry_id: str) -> str:
    return f"missing_scopes_{entry_id}"
