"""What the tests of finding share: calls of actions, and what the server was asked by them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.api import transport
from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Asset, Person, Tag

type Json = dict[str, Any]

VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")
UNKNOWN = "12345678-1234-4234-8234-123456789012"
# What every search brings along; what is left says which photos.
_ALWAYS = {"withExif": True, "withPeople": True, "visibility": "timeline"}
_PAGING = {"order", "size"}


def id_of(name: str) -> str:
    """Return the id of something in the tiny library."""
    return stable_id(f"tiny {name}")


@dataclass(slots=True)
class Calling:
    """Calls actions of an account."""

    hass: HomeAssistant
    immich: FakeImmich
    account: MockConfigEntry

    async def __call__(self, action: str = "search_assets", **data: Any) -> Json:
        """Call an action and return its response, which is plain JSON."""
        answer: Any = await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
        assert orjson.loads(orjson.dumps(answer)) == answer
        return answer  # type: ignore[no-any-return]

    async def found(self, action: str = "search_assets", **data: Any) -> list[str]:
        """Return the file names that an action finds, in its order."""
        return [asset["filename"] for asset in (await self(action, **data))["assets"]]

    async def sent(self, **filters: Any) -> list[Json]:
        """Search, and return what each search of the server was, without what all have."""
        self.immich.requests.clear()
        await self(**filters)
        return [
            {
                name: value
                for name, value in request.json.items()
                if name not in _PAGING and _ALWAYS.get(name) != value
            }
            for request in self.immich.requests.matching("POST search/metadata")
            # The sensor of the last addition asks in the background, by numbered pages; looks for changes see the trash.
            if "page" not in request.json and "withDeleted" not in request.json
        ]

    async def refused(self, action: str = "search_assets", **data: Any) -> tuple[str, dict[str, str]]:
        """Call an action that must fail; return the key of the text and what stands in it."""
        with pytest.raises(HomeAssistantError) as info:
            await self(action, **data)
        assert info.value.translation_domain == DOMAIN
        assert info.value.translation_key
        return info.value.translation_key, info.value.translation_placeholders or {}

    def asset(self, name: str) -> Asset:
        """Return an asset of the tiny library."""
        return self.immich.state.assets[id_of(name)]

    def add_person(self, name: str, *shown: str) -> Person:
        """Let the administrator's library know one more person."""
        state = self.immich.state
        now = state.now()
        person = Person(id=state.new_id(), owner_id=id_of("admin"), created_at=now, updated_at=now, name=name)
        state.people[person.id] = person
        for each in shown:
            state.add_face(self.asset(each), person, (1, 1, 4, 4))
        return person

    def add_tag(self, path: str, *tagged: str) -> Tag:
        """Let the administrator's library have one more tag."""
        state = self.immich.state
        now = state.now()
        tag = Tag(id=state.new_id(), user_id=id_of("admin"), value=path, created_at=now, updated_at=now)
        state.tags[tag.id] = tag
        for each in tagged:
            self.asset(each).tag_ids.append(tag.id)
        return tag


type CallAt = Callable[..., Awaitable[Calling]]


@pytest.fixture(name="call_at")
def call_at_fixture(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, monkeypatch: pytest.MonkeyPatch
) -> CallAt:
    """Give a function that gives the calls of an account on a server of a version."""
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0.001)

    async def _call_at(version: str = "3.1.0", key: str = "admin-key") -> Calling:
        immich = await make_immich(version=version)
        # Its date is that of the test's day, which other photos may share.
        immich.state.remove_asset(id_of("memory.jpg"))
        return Calling(hass, immich, await add_account(immich, key=key))

    return _call_at


@pytest.fixture(name="call")
async def call_fixture(call_at: CallAt) -> Calling:
    """Give the calls of the administrator's account on 3.1.0."""
    return await call_at()
