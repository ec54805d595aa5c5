"""Diagnostics: what helps to find a fault, and nothing of the person's.

Written field by field instead of taking things out of a dump: nothing gets in by being forgotten.
"""

from collections import Counter
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .const import CONF_CA_CERTIFICATE, CONF_LIVE_UPDATES, VERSION
from .coordinator.base import ImmichCoordinator
from .live.watches import Watched, async_watches
from .runtime import ImmichPlusConfigEntry, Runtime
from .scopes import missing_scopes


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry
) -> dict[str, Any]:
    """Return facts about versions, the key's scopes, the polling and the entities of an account."""
    if entry.state is not ConfigEntryState.LOADED:
        return {
            "integration": VERSION,
            "state": entry.state.value,
            "error": entry.error_reason_translation_key,
            "entities": _entities(hass, entry),
        }
    runtime = entry.runtime_data
    client = runtime.client
    server = runtime.server
    coordinators: dict[str, ImmichCoordinator[Any] | None] = {
        "library": runtime.library,
        "account": runtime.account_counts,
        "changes": runtime.changes,
        "albums": runtime.albums,
        "recognition": runtime.recognition,
        "queues": runtime.queues,
        "server": server.server if server else None,
        "statistics": server.statistics if server else None,
        "release": server.release if server else None,
    }
    return {
        "integration": VERSION,
        "state": entry.state.value,
        "server": {
            "version": str(client.version),
            "scheme": client.url.scheme,
            "sub_path": client.url.path not in ("", "/"),
            "carried_here": server is not None,
        },
        "account": {
            "is_admin": client.is_admin,
            "has_quota": runtime.account.quota_size is not None,
            "verify_ssl": entry.data.get(CONF_VERIFY_SSL, True),
            "private_authority": CONF_CA_CERTIFICATE in entry.data,
        },
        "key": {
            "scopes_told": None if client.scopes.told is None else sorted(client.scopes.told),
            "scopes_refused": sorted(client.scopes.refused),
            "scopes_missing": missing_scopes(entry, client),
        },
        "coordinators": {
            name: _coordinator(coordinator)
            for name, coordinator in coordinators.items()
            if coordinator is not None
        },
        "live_updates": {
            "wanted": entry.options.get(CONF_LIVE_UPDATES, True),
            "state": runtime.live.state.value,
        },
        "watched": {kind.value: len(async_watches(hass, kind, entry.entry_id)) for kind in Watched},
        "remembered": _remembered(runtime),
        "options_set": sorted(entry.options),
        "subentries": dict(Counter(subentry.subentry_type for subentry in entry.subentries.values())),
        "entities": _entities(hass, entry),
    }


def _remembered(runtime: Runtime) -> dict[str, Any]:
    """Count what is kept so that nothing is told twice; ids, names and days stay out."""
    known = runtime.memory.known
    ledger = known.ledger
    return {
        "assets_told": None if ledger is None else len(ledger),
        "assets_without_picture": None if ledger is None else len(ledger.held),
        # All before that is done, by the server's clock; this grows while the server can't be read.
        "done_seconds_ago": None
        if ledger is None
        else round((runtime.client.transport.now() - ledger.floor).total_seconds()),
        "counted": ledger is not None and ledger.total is not None,
        "albums": None if known.albums is None else len(known.albums),
        "albums_with_contents": len(known.watched),
        "assets_in_these_albums": sum(len(watch.ids) for watch in known.watched.values()),
        "people": len(known.recognized),
    }


def _entities(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> dict[str, int]:
    """Count the enabled entities of each kind."""
    rows = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return dict(sorted(Counter(row.domain for row in rows if row.disabled_by is None).items()))


def _coordinator(coordinator: ImmichCoordinator[Any]) -> dict[str, Any]:
    error = coordinator.last_exception
    interval = coordinator.update_interval
    return {
        "last_update_success": coordinator.last_update_success,
        "interval_seconds": None if interval is None else interval.total_seconds(),
        # The kind of error only: its text may name the address.
        "last_error": None
        if error is None
        else getattr(error, "translation_key", None) or type(error).__name__,
        "unread": sorted(coordinator.troubled),
    }
