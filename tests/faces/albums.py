"""What the tests of albums with a device share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import CONF_ALBUM_ID, DOMAIN, SUBENTRY_ALBUM
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.models import Album
from tests.passing import let_pass, state_of

from .acting import tiny

HOLIDAY = tiny("holiday")
THEIRS = tiny("theirs")
VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")

type MakeWatching = Callable[..., Awaitable[Watching]]


def watched(album_id: str = HOLIDAY, title: str = "Our holiday") -> ConfigSubentryData:
    """Return the subentry of an album, as its dialog would have stored it."""
    return ConfigSubentryData(
        data={CONF_ALBUM_ID: album_id}, subentry_type=SUBENTRY_ALBUM, title=title, unique_id=album_id
    )


@dataclass(slots=True)
class Watching:
    """An account with the device of an album, and short ways to what it shows."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    immich: FakeImmich
    account: MockConfigEntry

    @property
    def subentry_id(self) -> str:
        """The id of the first album's subentry."""
        return next(iter(self.account.subentries))

    @property
    def album(self) -> Album:
        """The album on the server."""
        return self.immich.state.albums[HOLIDAY]

    @property
    def device(self) -> dr.DeviceEntry | None:
        """The device of the first album."""
        registry = dr.async_get(self.hass)
        return registry.async_get_device_by_identifier((DOMAIN, self.subentry_id), self.account.entry_id)

    def state(self, key: str, platform: str = Platform.SENSOR) -> State:
        """Return what an entity of the first album shows."""
        return state_of(self.hass, f"{self.subentry_id}_{key}", platform)

    @property
    def states(self) -> set[str]:
        """The states of all entities of the first album."""
        entities = [
            ("photos", Platform.SENSOR),
            ("last_added", Platform.SENSOR),
            ("cover", Platform.IMAGE),
            ("album", Platform.EVENT),
        ]
        return {self.state(*each).state for each in entities}

    def issue(self, subentry_id: str | None = None) -> ir.IssueEntry | None:
        """Return the repair for an album that is gone."""
        issue_id = f"album_gone_{subentry_id or self.subentry_id}"
        return ir.async_get(self.hass).async_get_issue(DOMAIN, issue_id)

    async def look(self) -> None:
        """Let the next look at the albums come."""
        await let_pass(self.hass, self.freezer, minutes=5)

    async def change(self, *, add: list[str] | None = None, remove: list[str] | None = None) -> None:
        """Put assets into the album or take some out, as people do in Immich."""
        albums = self.account.runtime_data.client.albums
        self.freezer.tick(1)
        if add:
            await albums.add_assets(HOLIDAY, [tiny(name) for name in add])
        if remove:
            await albums.remove_assets(HOLIDAY, [tiny(name) for name in remove])


@pytest.fixture(name="make_watching")
def make_watching_fixture(
    hass: HomeAssistant,
    still_clock: FrozenDateTimeFactory,
    make_immich: MakeImmich,
    add_account: AddAccount,
) -> MakeWatching:
    """Give a function that sets an account up with the device of an album, up to its first look."""

    async def _make(
        *, key: str = "admin-key", immich: FakeImmich | None = None, albums: Any = None, **options: Any
    ) -> Watching:
        immich = immich or await make_immich(**options)
        account = await add_account(immich, key=key, subentries_data=albums or [watched()])
        await let_pass(hass, still_clock, seconds=1)
        return Watching(hass, still_clock, immich, account)

    return _make


@pytest.fixture(name="watching")
async def watching_fixture(make_watching: MakeWatching) -> Watching:
    """Give an account with the device of an album, after its first look."""
    return await make_watching()
