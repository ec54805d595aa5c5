"""What a loaded account entry carries, and how its client is made from what was configured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import ssl
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.ssl import create_client_context
from yarl import URL

from .api import Immich
from .api.errors import ImmichBadAnswerError
from .api.users import Account
from .const import CONF_CA_CERTIFICATE, DOMAIN
from .coordinator.account import AccountCoordinator
from .coordinator.albums import AlbumsCoordinator
from .coordinator.base import ImmichCoordinator, Line
from .coordinator.changes import ChangesCoordinator
from .coordinator.library import LibraryCoordinator
from .coordinator.queues import QueuesCoordinator
from .coordinator.recognition import RecognitionCoordinator
from .coordinator.server import ReleaseCoordinator, ServerCoordinator, StatisticsCoordinator
from .listings import Listings
from .live.connection import LiveUpdates
from .live.deletions import Deletions
from .live.memories import MemoriesOfToday
from .news.memory import Memory
from .news.teller import Teller

type ImmichPlusConfigEntry = ConfigEntry[Runtime]


@dataclass(slots=True, kw_only=True)
class ServerCoordinators:
    """The coordinators of the server's device; only the entry that carries the device has them.

    `statistics` is None unless the key belongs to an administrator.
    """

    server: ServerCoordinator
    release: ReleaseCoordinator
    statistics: StatisticsCoordinator | None

    @property
    def all(self) -> list[ImmichCoordinator[Any]]:
        """All that there are."""
        found: list[ImmichCoordinator[Any] | None] = [self.server, self.release, self.statistics]
        return [each for each in found if each is not None]


@dataclass(slots=True, kw_only=True)
class Runtime:
    """Everything that lives as long as a loaded entry; `queues` is None unless the user is an administrator."""

    client: Immich
    account: Account
    server_id: str
    line: Line
    library: LibraryCoordinator
    account_counts: AccountCoordinator
    changes: ChangesCoordinator
    albums: AlbumsCoordinator
    recognition: RecognitionCoordinator
    queues: QueuesCoordinator | None
    deletions: Deletions
    memories: MemoriesOfToday
    memory: Memory
    teller: Teller
    live: LiveUpdates
    server: ServerCoordinators | None = None
    listings: Listings = field(default_factory=Listings)


def loaded_account(hass: HomeAssistant, user_id: str) -> ImmichPlusConfigEntry | None:
    """Return the running account of an Immich user, None if there is none."""
    entry: ImmichPlusConfigEntry | None = hass.config_entries.async_entry_for_domain_unique_id(
        DOMAIN, user_id
    )
    return entry if entry is not None and entry.state is ConfigEntryState.LOADED else None


async def async_create_client(hass: HomeAssistant, data: Mapping[str, Any]) -> Immich:
    """Make the client of an account from an entry's data; sends nothing.

    Raises ssl.SSLError or ValueError if the private authority's certificate can't be read.
    """
    verify: bool = data.get(CONF_VERIFY_SSL, True)
    context: ssl.SSLContext | bool = True
    if verify and (pem := data.get(CONF_CA_CERTIFICATE)):
        context = await hass.async_add_executor_job(_context_with_authority, pem)
    return Immich(
        async_get_clientsession(hass, verify_ssl=verify), URL(data[CONF_URL]), data[CONF_API_KEY], ssl=context
    )


async def async_identify(client: Immich) -> tuple[Account, str]:
    """Log in, and return whose account this is and the id of the server.

    Raises ImmichError, also for a server that can't be told from others.
    """
    identity = await client.connect()
    if identity.server_id is None:
        raise ImmichBadAnswerError("the server has no version history")
    return identity.account, identity.server_id


def _context_with_authority(pem: str) -> ssl.SSLContext:
    """Trust the usual authorities and the private one as well. Reads files: not for the event loop."""
    if not pem.isascii():
        raise ValueError("a certificate in PEM has no such characters")
    context = create_client_context()
    # Home-made authorities often leave out what the strict rules ask for, such as key identifiers.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=pem)
    return context
