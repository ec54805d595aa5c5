"""What changes slowly about an account: the user, the quota, people, tags, today's memories, the key's scopes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..api import Immich
from ..api.permissions import Ability
from ..api.together import together
from ..api.users import Account
from ..const import ACCOUNT_INTERVAL
from .base import ImmichCoordinator, Line

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCounts:
    """The user and counts of what belongs to it; None where the key may not count."""

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
        super().__init__(hass, entry, client, line, ACCOUNT_INTERVAL)
        self._just_read: Account | None = account

    @override
    async def _fetch(self) -> AccountCounts:
        today = dt_util.now().date()
        async with together() as tasks:
            me = tasks.create_task(self._read_account())
            people = tasks.create_task(self._ask(Ability.PEOPLE, self.client.people.count))
            tags = tasks.create_task(self._ask(Ability.TAGS, self._count_tags))
            memories = tasks.create_task(
                self._ask(Ability.MEMORIES, lambda: self.client.memories.count(today))
            )
        return AccountCounts(
            account=me.result(),
            people=people.result(),
            tags=tags.result(),
            memories_today=memories.result(),
        )

    async def _read_account(self) -> Account:
        """Read the user, and what the key may do now: entities may have to come or go with that."""
        if (account := self._just_read) is not None:
            self._just_read = None
            return account
        account = await self.client.users.me()
        if await self.client.refresh_scopes():
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
        return account

    async def _count_tags(self) -> int:
        return len(await self.client.tags.list())
