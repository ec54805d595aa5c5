"""Immich Plus: an Immich photo server in Home Assistant. The life of an account entry."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_change
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .actions import async_register_actions
from .album_devices import async_follow_albums, async_forget_unwatched, async_tidy_repairs
from .api.errors import ImmichError
from .api.together import together
from .const import DOMAIN, PLATFORMS
from .coordinator.account import AccountCoordinator
from .coordinator.albums import AlbumsCoordinator
from .coordinator.base import ImmichCoordinator, Line
from .coordinator.changes import ChangesCoordinator
from .coordinator.library import LibraryCoordinator
from .coordinator.queues import QueuesCoordinator
from .coordinator.recognition import RecognitionCoordinator
from .coordinator.server import ReleaseCoordinator, ServerCoordinator, StatisticsCoordinator
from .entity import account_device, server_device
from .errors import setup_failed
from .http import async_register_views
from .live.attention import Attention
from .live.connection import LiveUpdates
from .live.deletions import Deletions
from .live.hearing import async_start_listening
from .live.memories import MemoriesOfToday
from .live.watches import are_people_watched, is_album_watched, is_person_watched
from .news.memory import Memory, async_forget
from .news.teller import Teller
from .runtime import ImmichPlusConfigEntry, Runtime, ServerCoordinators, async_create_client, async_identify
from .scopes import async_forget_missing_scopes, async_report_missing_scopes
from .server_carrier import async_claim_server, async_drop_left_over, async_release_server
from .webhook.issues import async_forget_webhook_issue
from .webhook.life import async_remove_webhook, async_start_webhook

if TYPE_CHECKING:
    from .api import Immich

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register what exists once, however many accounts there are."""
    async_register_actions(hass)
    async_register_views(hass)

    @callback
    def _entry_changed(change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain != DOMAIN:
            return
        # Only now is a removed entry gone, with its devices and entities. One that is disabled before it was
        # ever loaded isn't unloaded: its state is all there is to see.
        disabled = entry.disabled_by is not None and entry.state is ConfigEntryState.NOT_LOADED
        if change is ConfigEntryChange.REMOVED or disabled:
            async_release_server(hass, entry.entry_id)
            async_forget_missing_scopes(hass, entry.entry_id)
            async_forget_webhook_issue(hass, entry.entry_id)
        async_tidy_repairs(hass)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, _entry_changed)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> bool:
    """Set an account up: three steps of requests, each step at once."""
    try:
        client = await async_create_client(hass, entry.data)
    except (OSError, ValueError) as error:
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="invalid_certificate") from error
    try:
        account, server_id = await async_identify(client)
    except ImmichError as error:
        raise setup_failed(error) from error
    if account.id != entry.unique_id:
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="wrong_account")

    line = Line()
    first: list[ImmichCoordinator[Any]] = [
        library := LibraryCoordinator(hass, entry, client, line),
        account_counts := AccountCoordinator(hass, entry, client, line, account),
    ]
    memory = Memory(hass, entry.entry_id)
    await memory.async_load()
    teller = Teller(hass, entry.entry_id, memory)
    runtime = Runtime(
        client=client,
        account=account,
        server_id=server_id,
        line=line,
        library=library,
        account_counts=account_counts,
        changes=(changes := ChangesCoordinator(hass, entry, client, line, memory=memory, teller=teller)),
        albums=AlbumsCoordinator(
            hass,
            entry,
            client,
            line,
            memory=memory,
            teller=teller,
            is_watched=partial(is_album_watched, hass, entry),
        ),
        recognition=RecognitionCoordinator(
            hass,
            entry,
            client,
            line,
            memory=memory,
            teller=teller,
            is_watched=partial(is_person_watched, hass, entry),
            watches_anybody=partial(are_people_watched, hass, entry),
        ),
        queues=QueuesCoordinator(hass, entry, client, line, memory=memory, teller=teller)
        if account.is_admin
        else None,
        deletions=Deletions(hass, entry),
        memories=MemoriesOfToday(hass, entry),
        memory=memory,
        teller=teller,
        live=LiveUpdates(hass, entry, client),
    )
    library.changes = changes
    if await async_claim_server(hass, entry, server_id, is_admin=account.is_admin):
        runtime.server = _server_coordinators(hass, entry, client, line, is_admin=account.is_admin)
        first += runtime.server.all
    async with together() as tasks:
        for coordinator in first:
            tasks.create_task(coordinator.async_config_entry_first_refresh())

    entry.runtime_data = runtime
    async_report_missing_scopes(hass, entry, client)
    _register_devices(hass, entry)
    if runtime.server is not None:
        # Servers are upgraded under us; their device says which version runs.
        entry.async_on_unload(
            runtime.server.server.async_add_listener(partial(_register_devices, hass, entry))
        )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    if not account.is_admin:
        async_drop_left_over(hass, entry, server_id)

    async def _new_day(_now: datetime) -> None:
        await runtime.account_counts.async_refresh()
        # Nobody is told of a number that is the same as yesterday's.
        runtime.memories.look()

    async_follow_albums(hass, entry)

    @callback
    def _start_looking(_hass: HomeAssistant) -> None:
        Attention(hass, entry).start()
        async_start_listening(hass, entry)

    # Automations listen only from then on: what is told before, they would never hear.
    entry.async_on_unload(async_at_started(hass, _start_looking))
    await async_start_webhook(hass, entry)
    entry.async_on_unload(async_track_time_change(hass, _new_day, hour=0, minute=0, second=10))
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> bool:
    """Stop an account; nothing that was found out gets lost."""
    runtime = entry.runtime_data
    await runtime.live.async_stop()
    runtime.teller.flush()
    await runtime.memory.async_save()
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Forget what was remembered of an account, and what was made for it in Immich."""
    await async_remove_webhook(hass, entry)
    await async_forget(hass, entry.entry_id)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Allow to delete devices of users that are gone; all others stay, those of albums with their subentry."""
    if entry.state is not ConfigEntryState.LOADED:
        return False  # Nobody knows who is gone.
    runtime = entry.runtime_data
    kept = {(DOMAIN, runtime.account.id), *((DOMAIN, subentry_id) for subentry_id in entry.subentries)}
    if runtime.server is not None:
        kept.add((DOMAIN, runtime.server_id))
        if runtime.server.statistics is not None and runtime.server.statistics.data is not None:
            kept |= {
                (DOMAIN, f"{runtime.server_id}_{user.user_id}")
                for user in runtime.server.statistics.data.users
            }
    return not device.identifiers & kept


async def _async_reload(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
    """Start afresh after any change of data, options or subentries: the one update listener."""
    async_forget_unwatched(hass, entry)
    hass.config_entries.async_schedule_reload(entry.entry_id)


def _server_coordinators(
    hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line, *, is_admin: bool
) -> ServerCoordinators:
    return ServerCoordinators(
        server=ServerCoordinator(hass, entry, client, line),
        release=ReleaseCoordinator(hass, entry, client, line),
        statistics=StatisticsCoordinator(hass, entry, client, line) if is_admin else None,
    )


@callback
def _register_devices(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
    """Make the devices before any entity: those of other users hang on the server's, the account's as well."""
    registry = dr.async_get(hass)
    server_id = None
    if entry.runtime_data.server is not None:
        server_id = registry.async_get_or_create(config_entry_id=entry.entry_id, **server_device(entry)).id
    account = registry.async_get_or_create(config_entry_id=entry.entry_id, **account_device(entry))
    if server_id is not None and account.via_device_id != server_id:
        registry.async_update_device(account.id, via_device_id=server_id)
