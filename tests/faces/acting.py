"""What the tests of actions share: an account on a server of any version, and the call itself."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

type Json = dict[str, Any]
type MakeActing = Callable[..., Awaitable[Acting]]

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")
UNKNOWN = "12345678-1234-4234-8234-123456789012"


def tiny(name: str) -> str:
    """Return the id of something in the tiny library."""
    return stable_id(f"tiny {name}")


@dataclass(slots=True)
class Acting:
    """Calls the actions of an account, and looks at what the server got."""

    hass: HomeAssistant
    immich: FakeImmich
    account: MockConfigEntry

    async def __call__(self, action: str, **data: Any) -> Json:
        """Call an action and return its whole response."""
        answer: Any = await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
        return answer

    async def refused(self, action: str, **data: Any) -> tuple[str, dict[str, str]]:
        """Call an action that must fail; return the key of the text and what stands in it."""
        with pytest.raises(HomeAssistantError) as info:
            await self(action, **data)
        assert info.value.translation_domain == DOMAIN
        assert info.value.translation_key
        return info.value.translation_key, info.value.translation_placeholders or {}

    async def results(self, action: str, **data: Any) -> dict[str, str]:
        """Call an action that tells what became of each asset; return it by the asset's id."""
        return {row["id"]: row["result"] for row in (await self(action, **data))["assets"]}

    async def changes(self) -> int:
        """Return how many requests changed something, once nothing runs any more."""
        await self.hass.async_block_till_done()
        return sum(
            entry.method != "GET" and not entry.route.startswith("POST search/")
            for entry in self.immich.requests.entries
        )

    def scopes_in_repair(self) -> set[str]:
        """Return the scopes that the account's repair names."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, f"missing_scopes_{self.account.entry_id}")
        if issue is None or issue.translation_placeholders is None:
            return set()
        lines = issue.translation_placeholders["scopes"].split("\n")
        return {line.removeprefix("- `").removesuffix("`") for line in lines}


@pytest.fixture(name="make_acting")
async def make_acting_fixture(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, no_pauses: None
) -> AsyncGenerator[MakeActing]:
    """Give a function that starts a server and sets an account up on it.

    `scopes`: a new key of that user's with these alone, and `user.read`, without which there is no account.
    """

    async def _make(
        version: str = "3.1.0",
        *,
        key: str = "admin-key",
        scopes: Sequence[str] | None = None,
        **options: Any,
    ) -> Acting:
        immich = await make_immich(version=version, **options)
        immich.state.settings.processing_delay = 0
        if scopes is not None:
            full = immich.state.key_by_secret(key)
            assert full is not None
            owner = immich.state.users[full.user_id]
            key = immich.state.add_api_key(owner, ["user.read", *scopes], secret="narrow-key").secret
        entry = await add_account(immich, key=key)
        immich.requests.clear()
        return Acting(hass, immich, entry)

    yield _make
    await hass.async_block_till_done()


@pytest.fixture(name="act")
async def act_fixture(make_acting: MakeActing) -> Acting:
    """Give the administrator's account on 3.1.0."""
    return await make_acting()


@pytest.fixture(name="act_each", params=VERSIONS)
async def act_each_fixture(request: pytest.FixtureRequest, make_acting: MakeActing) -> Acting:
    """Give the administrator's account on each version in turn."""
    return await make_acting(request.param)
