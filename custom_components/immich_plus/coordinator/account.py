"""What changes slowly about an account: the user, the quota, people, tags, today's memories, the key's scopes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..api import Immich
from ..api.errors import ImmichPermissionError
from ..api.together import together
from ..api.users import Account
from ..const import ACCOUNT_INTERVAL, LIVE_ACCOUNT_INTERVAL
from .base import ImmichCoordinator, Line
from .facts import Fact

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCounts:
    """The user and counts of what belongs to it; None where nothing is known."""

    account: Account
    people: int | None
    tags: int | None
    memories_today: int | None


class AccountCoordinator(ImmichCoordinator[AccountCounts]):
    """Reads the slow facts every half hour, and just after midnight, when the memories change."""

    def __init__(
        self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, client: Immich, line: Line, account: Account
    ) -> None:
        """Start from `account`, which was read just before to see whose key it is."""
        super().__init__(hass, entry, client, line, ACCOUNT_INTERVAL, live_rhythm=LIVE_ACCOUNT_INTERVAL)
        self._just_read: Account | None = account

    @override
    async def _fetch(self) -> AccountCounts:
        today = dt_util.now().date()
        async with together() as tasks:
            me = tasks.create_task(self._read_account())
            people = tasks.create_task(self._ask(Fact.PEOPLE, self.client.people.count))
            tags = tasks.create_task(self._ask(Fact.TAGS, self._count_tags))
            memories = tasks.create_task(self._ask(Fact.MEMORIES, lambda: self.client.memories.count(today)))
        return AccountCounts(
            account=me.result(),
            people=people.result(),
            tags=tags.result(),
            memories_today=memories.result(),
        )

    async def _read_account(self) -> Account:
        """Read the user, and what user and key may do now: entities may have to come or go with that."""
        if (account := self._just_read) is not None:
            self._just_read = None
            return account
        async with together() as tasks:
            me = tasks.create_task(self._read_user())
            scopes_changed = tasks.create_task(self.client.refresh_scopes())
            if self.config_entry.runtime_data.server is None:
                # Nobody else notices that the server was upgraded.
                tasks.create_task(self._hear())
        account = me.result()
        if scopes_changed.result() or account is None or account.is_admin != self.client.is_admin:
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
        return account or self.data.account

    async def _read_user(self) -> Account | None:
        """Read the user; None if the key lost `user.read`, which the new start that follows then tells."""
        try:
            return await self.client.users.me()
        except ImmichPermissionError:
            return None

    async def _count_tags(self) -> int:
        return len(await self.client.tags.list())
