"""The client of one account: one object, with an area of Immich under each name."""

import asyncio
from dataclasses import dataclass
from ssl import SSLContext

import aiohttp
from yarl import URL

from .albums import Albums
from .api_keys import ApiKeys
from .assets import Assets
from .changes import Changes
from .errors import ImmichAuthenticationError, ImmichConnectionError, ImmichError
from .folders import Folders
from .live import Live
from .memories import Memories
from .people import People
from .permissions import ALL, KeyScopes
from .places import Places
from .queues import Queues
from .random_assets import RandomAssets
from .search import Search
from .server import Server
from .shared_links import SharedLinks
from .smart_search import SmartSearch
from .tags import Tags
from .timeline import Timeline
from .together import together
from .transport import Transport
from .users import Account, Users
from .version import FLOOR, ServerVersion
from .workflows import Workflows


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose key it is, and which server it opens (None where the server keeps no version history)."""

    account: Account
    server_id: str | None


class Immich:
    """One account on one Immich server, 1.137 to 3.3.

    Call `connect` first: it learns the version and what the key may do, which the other calls lean on.
    """

    def __init__(
        self, session: aiohttp.ClientSession, url: URL, api_key: str, *, ssl: SSLContext | bool = True
    ) -> None:
        """Prepare to speak with the server at `url` (any sub-path, without `/api`); sends nothing yet."""
        self.transport = Transport(session, url, api_key, ssl=ssl)
        self.transport.on_lost = self._forget_version
        self.scopes = KeyScopes()
        self.is_admin = False
        self.user_id = ""
        self.version: ServerVersion = FLOOR
        self._version_known = False
        self._version_lock = asyncio.Lock()
        self.server = Server(self.transport)
        self.users = Users(self.transport)
        self.api_keys = ApiKeys(self.transport)
        self.albums = Albums(self)
        self.assets = Assets(self)
        self.search = Search(self)
        self.changes = Changes(self)
        self.smart_search = SmartSearch(self)
        self.random_assets = RandomAssets(self)
        self.people = People(self.transport)
        self.tags = Tags(self.transport)
        self.timeline = Timeline(self.transport)
        self.memories = Memories(self)
        self.folders = Folders(self.transport)
        self.places = Places(self)
        self.shared_links = SharedLinks(self)
        self.queues = Queues(self.transport)
        self.workflows = Workflows(self.transport)
        self.live = Live(self.transport)

    @property
    def url(self) -> URL:
        """The address that people open in a browser."""
        return self.transport.base

    async def connect(self) -> Identity:
        """Learn the version, whose key this is, what it may do and which server it is: two steps, four requests.

        Raises ImmichTooOldError, ImmichNotImmichError, ImmichAuthenticationError, ImmichMaintenanceError,
        ImmichPermissionError (no `user.read`: nobody can tell whose key it is) and connection errors.
        """
        await self.refresh_version()
        async with together() as tasks:
            me = tasks.create_task(self.users.me())
            server_id = tasks.create_task(self.server.id())
            tasks.create_task(self.refresh_scopes())
        account = me.result()
        self.is_admin, self.user_id = account.is_admin, account.id
        return Identity(account=account, server_id=server_id.result())

    async def refresh_version(self) -> ServerVersion:
        """Read the version now: servers are upgraded under us."""
        # If this fails, the version may be another one by the next call.
        self._version_known = False
        self.version = await self.server.version()
        self.scopes.instead = {"server.versionCheck": self.version.version_check_scope}
        self._version_known = True
        return self.version

    async def ensure_version(self) -> ServerVersion:
        """Return the version, read again if the connection was lost since it was read last."""
        async with self._version_lock:
            return self.version if self._version_known else await self.refresh_version()

    async def refresh_scopes(self) -> bool:
        """Read what the key may do, where the server tells; return whether that changed.

        Refusals of what the key lacks stay known, those of what it was given since are forgotten.
        """
        if not self.version.tells_scopes:
            return False
        try:
            told = frozenset(await self.api_keys.scopes())
        except ImmichAuthenticationError, ImmichConnectionError:
            raise
        except ImmichError:
            # Not the news that matters: then refusals teach it, as on older servers.
            return False
        given = {scope for scope in self.scopes.refused if scope in told or ALL in told}
        changed = told != self.scopes.told or bool(given)
        self.scopes.told = told
        self.scopes.refused -= given
        return changed

    def _forget_version(self) -> None:
        self._version_known = False
