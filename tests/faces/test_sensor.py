"""Sensors: what they show on each version, how they are described, and what becomes of them when Immich errs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.sensor import ATTR_STATE_CLASS, SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    EntityCategory,
    UnitOfInformation,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import missing, replaced
from tests.fake_immich.models import AssetType, User, Visibility
from tests.fake_immich.state import State
from tests.passing import entity_id, let_pass, settle, state_of

VERSIONS = ["1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5"]
GIB = 1024**3

COUNT = (None, SensorStateClass.MEASUREMENT)
SIZE = (SensorDeviceClass.DATA_SIZE, SensorStateClass.MEASUREMENT)
SHARE = (None, SensorStateClass.MEASUREMENT)
BYTES = UnitOfInformation.GIBIBYTES
DIAGNOSTIC = EntityCategory.DIAGNOSTIC

ACCOUNT: dict[str, tuple[str | None, tuple[str | None, str | None], str | None, bool]] = {
    # key: unit, (device class, state class), category, enabled by default
    "albums": ("albums", COUNT, None, True),
    "albums_owned": ("albums", COUNT, None, False),
    "albums_shared": ("albums", COUNT, None, False),
    "photos": ("photos", COUNT, None, True),
    "videos": ("videos", COUNT, None, True),
    "favorites": ("items", COUNT, None, True),
    "archived": ("items", COUNT, None, False),
    "trashed": ("items", COUNT, None, True),
    "people": ("people", COUNT, None, True),
    "tags": ("tags", COUNT, None, False),
    "memories_today": ("memories", COUNT, None, True),
    "last_added": (None, (SensorDeviceClass.TIMESTAMP, None), None, True),
    "quota_used": (BYTES, SIZE, DIAGNOSTIC, True),
    "quota_size": (BYTES, SIZE, DIAGNOSTIC, False),
    "quota_usage": ("%", SHARE, DIAGNOSTIC, False),
}
SERVER = {
    "server_version": (None, (None, None), DIAGNOSTIC, True),
    "users": ("users", COUNT, None, True),
    "disk_size": (BYTES, SIZE, DIAGNOSTIC, False),
    "disk_available": (BYTES, SIZE, DIAGNOSTIC, True),
    "disk_used": (BYTES, SIZE, DIAGNOSTIC, False),
    "disk_usage": ("%", SHARE, DIAGNOSTIC, True),
    "photos_total": ("photos", COUNT, None, True),
    "videos_total": ("videos", COUNT, None, True),
    "usage_photos": (BYTES, SIZE, DIAGNOSTIC, True),
    "usage_videos": (BYTES, SIZE, DIAGNOSTIC, True),
}
USER = {
    "photos": ("photos", COUNT, None, True),
    "videos": ("videos", COUNT, None, True),
    "usage": (BYTES, SIZE, DIAGNOSTIC, True),
    "quota_usage": ("%", SHARE, DIAGNOSTIC, False),
}
DECIMALS = {"%": 1, BYTES: 1}


@dataclass
class Home:
    """An account in Home Assistant, with short ways to its entities."""

    hass: HomeAssistant
    immich: FakeImmich
    entry: MockConfigEntry

    @property
    def server_id(self) -> str:
        return str(self.entry.runtime_data.server_id)

    @property
    def owner(self) -> User:
        return self.immich.state.users[self.entry.unique_id or ""]

    def user_id(self, name: str) -> str:
        return next(user.id for user in self.immich.state.users.values() if user.name == name)

    def account(self, key: str) -> str:
        return state_of(self.hass, f"{self.entry.unique_id}_{key}").state

    def server(self, key: str) -> str:
        return state_of(self.hass, f"{self.server_id}_{key}").state

    def other(self, name: str, key: str) -> str:
        return state_of(self.hass, f"{self.server_id}_{self.user_id(name)}_{key}").state


type MakeHome = Callable[..., Any]


@pytest.fixture(name="make_home")
def make_home_fixture(hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount) -> MakeHome:
    async def _make(
        *, key: str = "admin-key", prepare: Callable[[FakeImmich], None] | None = None, **options: Any
    ) -> Home:
        immich = await make_immich(**options)
        if prepare is not None:
            prepare(immich)
        return Home(hass, immich, await add_account(immich, key=key))

    return _make


def timeline(state: State, owner: User, kind: AssetType) -> int:
    return state.count(owner.id, kind=kind, visibility=[Visibility.TIMELINE], is_trashed=False)


def shared(state: State, owner: User) -> list[str]:
    return [album.id for album in state.albums_of(owner.id) if len(album.members) > 1]


def expected_of_account(state: State, owner: User) -> dict[str, float | None]:
    """Count as Immich's own screens do, from the library itself."""
    albums = state.albums_of(owner.id)
    quota = owner.quota_size
    used = sum(a.exif.file_size or 0 for a in state.assets.values() if a.owner_id == owner.id)
    seen = {face.person_id for face in state.faces.values()}
    return {
        "albums": len(albums),
        "albums_owned": sum(album.owner_id == owner.id for album in albums),
        "albums_shared": len(shared(state, owner)),
        "photos": timeline(state, owner, AssetType.IMAGE),
        "videos": timeline(state, owner, AssetType.VIDEO),
        "favorites": state.count(
            owner.id, visibility=[Visibility.TIMELINE, Visibility.ARCHIVE], is_favorite=True, is_trashed=False
        ),
        "archived": state.count(owner.id, visibility=[Visibility.ARCHIVE], is_trashed=False),
        "trashed": state.count(owner.id, is_trashed=True),
        "people": sum(
            person.owner_id == owner.id and person.id in seen and not person.is_hidden
            for person in state.people.values()
        ),
        "tags": sum(tag.user_id == owner.id for tag in state.tags.values()),
        "memories_today": sum(
            memory.owner_id == owner.id
            and memory.show_at is not None
            # Home Assistant's day, not the server's.
            and memory.show_at.date() == dt_util.now().date()
            for memory in state.memories.values()
        ),
        "quota_used": used / GIB,
        "quota_size": None if quota is None else quota / GIB,
        "quota_usage": None if quota is None else used / quota * 100,
    }


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("key", ["admin-key", "user-key"])
@pytest.mark.parametrize("version", VERSIONS)
async def test_account(make_home: MakeHome, version: str, key: str) -> None:
    home = await make_home(version=version, key=key)
    state, owner = home.immich.state, home.owner
    expected = expected_of_account(state, owner)
    assert owner.name != "Admin" or (expected["photos"], expected["albums"]) == (6, 5)
    for name, value in expected.items():
        shown = home.account(name)
        if value is None:
            assert shown == STATE_UNKNOWN, name
        else:
            assert float(shown) == pytest.approx(value, rel=1e-6), name
    if version != "1.137.3":
        newest = max(asset.created_at for asset in state.assets.values() if asset.owner_id == owner.id)
        assert dt_util.parse_datetime(home.account("last_added")) == newest.replace(microsecond=0)


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("version", VERSIONS)
async def test_server(make_home: MakeHome, version: str) -> None:
    home = await make_home(version=version)
    state, settings = home.immich.state, home.immich.state.settings
    live = [asset for asset in state.assets.values() if asset.trashed_at is None]
    of_kind = {kind: [asset for asset in live if asset.type is kind] for kind in AssetType}
    assert home.server("server_version") == version
    expected = {
        "users": 3,
        "disk_size": settings.disk_size / GIB,
        "disk_available": settings.disk_available / GIB,
        "disk_used": settings.disk_use / GIB,
        "disk_usage": round(settings.disk_use / settings.disk_size * 100, 2),
        "photos_total": len(of_kind[AssetType.IMAGE]),
        "videos_total": len(of_kind[AssetType.VIDEO]),
        "usage_photos": sum(asset.exif.file_size or 0 for asset in of_kind[AssetType.IMAGE]) / GIB,
        "usage_videos": sum(asset.exif.file_size or 0 for asset in of_kind[AssetType.VIDEO]) / GIB,
    }
    for name, value in expected.items():
        assert float(home.server(name)) == pytest.approx(value, rel=1e-6), name
    user = state.users[home.user_id("User")]
    usage = sum(asset.exif.file_size or 0 for asset in live if asset.owner_id == user.id)
    assert home.other("User", "photos") == "2"
    assert home.other("User", "videos") == "0"
    assert float(home.other("User", "usage")) == pytest.approx(usage / GIB)
    assert user.quota_size is not None
    assert float(home.other("User", "quota_usage")) == pytest.approx(usage / user.quota_size * 100)
    assert home.other("Guest", "photos") == "0"
    assert home.other("Guest", "quota_usage") == STATE_UNKNOWN


@pytest.mark.usefixtures("all_enabled")
async def test_descriptions(hass: HomeAssistant, make_home: MakeHome) -> None:
    """Units, classes, categories and decimals of every sensor, as the tables above say."""
    home = await make_home()
    registry = er.async_get(hass)
    tables = {
        f"{home.entry.unique_id}_": ACCOUNT,
        f"{home.server_id}_": SERVER,
        f"{home.server_id}_{home.user_id('User')}_": USER,
        f"{home.server_id}_{home.user_id('Guest')}_": USER,
    }
    told: dict[str, str] = {}
    for prefix, table in tables.items():
        for key, (unit, (device_class, state_class), category, _) in table.items():
            state = state_of(hass, prefix + key)
            row = registry.async_get(state.entity_id)
            assert row is not None
            told[row.unique_id] = state.entity_id
            attributes = state.attributes
            assert attributes.get(ATTR_UNIT_OF_MEASUREMENT) == unit, key
            assert attributes.get(ATTR_DEVICE_CLASS) == device_class, key
            assert attributes.get(ATTR_STATE_CLASS) == state_class, key
            assert row.entity_category == category, key
            decimals = row.options.get("sensor", {}).get("suggested_display_precision")
            assert decimals == DECIMALS.get(unit or ""), key
    rows = er.async_entries_for_config_entry(registry, home.entry.entry_id)
    assert {row.unique_id for row in rows if row.domain == "sensor"} == set(told)


async def test_disabled_by_default(hass: HomeAssistant, make_home: MakeHome) -> None:
    home = await make_home()
    registry = er.async_get(hass)
    for prefix, table in {
        f"{home.entry.unique_id}_": ACCOUNT,
        f"{home.server_id}_": SERVER,
        f"{home.server_id}_{home.user_id('User')}_": USER,
    }.items():
        for key, (*_, enabled) in table.items():
            row = registry.async_get(entity_id(hass, prefix + key) or "")
            assert row is not None
            expected = None if enabled else er.RegistryEntryDisabler.INTEGRATION
            assert row.disabled_by == expected, key


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
async def test_names(hass: HomeAssistant, make_home: MakeHome, language: str) -> None:
    """Names come from the translations, units of counts from the English ones whatever the language."""
    hass.config.language = language
    folder = Path(__file__).parents[2] / "custom_components" / DOMAIN / "translations"
    texts = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
    names = texts["entity"]["sensor"]
    devices = {key: text["name"] for key, text in texts["device"].items()}
    home = await make_home()
    kinds = (
        (f"{home.entry.unique_id}_", ACCOUNT, devices["account"].format(name="Admin")),
        (f"{home.server_id}_", SERVER, devices["server"].format(host="127.0.0.1")),
        (f"{home.server_id}_{home.user_id('Guest')}_", USER, devices["user"].format(name="Guest")),
    )
    for prefix, table, device in kinds:
        for key, (unit, *_) in table.items():
            state = state_of(hass, prefix + key)
            assert state.name == f"{device} {names[key]['name']}"
            if unit not in {None, "%", BYTES}:
                # Statistics hang on units: Home Assistant takes them from the English names only.
                assert state.attributes[ATTR_UNIT_OF_MEASUREMENT] == unit


async def test_entity_ids(hass: HomeAssistant, make_home: MakeHome) -> None:
    """Ids that people will write down."""
    home = await make_home()
    assert {
        entity_id(hass, f"{home.entry.unique_id}_photos"),
        entity_id(hass, f"{home.server_id}_photos_total"),
        entity_id(hass, f"{home.server_id}_{home.user_id('Guest')}_usage"),
    } == {
        "sensor.immich_admin_photos",
        "sensor.immich_server_127_0_0_1_photos_of_all_users",
        "sensor.immich_user_guest_storage_used",
    }


@pytest.mark.usefixtures("all_enabled")
async def test_narrow_key(hass: HomeAssistant, make_home: MakeHome) -> None:
    """What a scope is missing for isn't there; the rest is as ever."""
    home = await make_home(key="read-key")
    absent = {"memories_today"}
    for key in ACCOUNT:
        assert (entity_id(hass, f"{home.entry.unique_id}_{key}") is None) == (key in absent), key
    absent = {"users", "photos_total", "videos_total", "usage_photos", "usage_videos"}
    for key in SERVER:
        assert (entity_id(hass, f"{home.server_id}_{key}") is None) == (key in absent), key
    assert entity_id(hass, f"{home.server_id}_{home.user_id('User')}_photos") is None
    assert {state.state for state in hass.states.async_all()} & {STATE_UNAVAILABLE} == set()
    assert {each.status for each in home.immich.requests.entries} == {200}


@pytest.mark.usefixtures("all_enabled")
async def test_user_scope_only(hass: HomeAssistant, make_home: MakeHome) -> None:
    """The least that works: whose account it is, the public version, and what is heard without reading anything."""

    def prepare(immich: FakeImmich) -> None:
        key = immich.state.key_by_secret("read-key")
        assert key is not None
        key.permissions = ["user.read"]

    home = await make_home(key="read-key", prepare=prepare)
    rows = er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id)
    keys = {row.unique_id.rpartition(f"{home.entry.unique_id}_")[2] for row in rows}
    connection = {"live_updates", f"{home.server_id}_reachable", f"{home.server_id}_maintenance"}
    assert keys - connection == {
        *("quota_used", "quota_size", "quota_usage", "library"),
        f"{home.server_id}_server_version",
    }
    assert keys >= connection


OUT = {STATE_UNKNOWN, STATE_UNAVAILABLE}


@pytest.mark.usefixtures("all_enabled", "still_clock")
@pytest.mark.parametrize(
    ("route", "field", "lost"),
    [
        ("GET albums/statistics", "owned", {"albums", "albums_owned", "albums_shared"}),
        ("GET people", "total", {"people"}),
        ("GET memories/statistics", "total", {"memories_today"}),
        ("GET server/storage", "diskUseRaw", {"disk_size", "disk_available", "disk_used", "disk_usage"}),
        ("GET server/storage", "diskUsagePercentage", {"disk_usage"}),
        ("GET users/me", "quotaUsageInBytes", {"quota_used", "quota_usage"}),
        ("GET users/me", "quotaSizeInBytes", {"quota_size", "quota_usage"}),
        ("GET server/statistics", "usagePhotos", {"usage_photos"}),
    ],
)
async def test_one_field_is_odd(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make_home: MakeHome,
    log_of: Callable[[], list[str]],
    route: str,
    field: str,
    lost: set[str],
) -> None:
    """A field is missing, null or wrong: only what it says goes, as long as it lasts, with one line at most."""

    def prepare(immich: FakeImmich) -> None:
        next(iter(immich.state.users.values())).quota_size = 10**9

    home = await make_home(prepare=prepare)
    before = {state.entity_id: state.state for state in hass.states.async_all()}
    assert STATE_UNKNOWN not in {home.account(key) for key in ACCOUNT}
    for fault in (missing(field), replaced(None, field), replaced({"a": 1}, field)):
        home.immich.faults.add(route, fault)
        await let_pass(hass, freezer, minutes=30)
        odd = set()
        for state in hass.states.async_all():
            if state.state in OUT and before[state.entity_id] not in OUT:
                row = er.async_get(hass).async_get(state.entity_id)
                assert row is not None
                odd.add(row.unique_id.partition("_")[2])
        assert odd == lost
        home.immich.faults.clear()
    assert len(log_of()) <= 1
    await let_pass(hass, freezer, minutes=30)
    assert {state.entity_id: state.state for state in hass.states.async_all()} == before


@pytest.mark.usefixtures("still_clock")
async def test_users_come_and_go(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, make_home: MakeHome
) -> None:
    home = await make_home()
    state = home.immich.state
    registry = dr.async_get(hass)
    anna = state.add_user("Anna", "anna@example.com")
    state.add_asset(anna, "a.jpg", taken=state.now() - timedelta(days=1))
    await let_pass(hass, freezer, minutes=15)
    assert home.other("Anna", "photos") == "1"
    identifier = (DOMAIN, f"{home.server_id}_{anna.id}")
    assert registry.async_get_device_by_identifier(identifier, home.entry.entry_id) is not None

    del state.users[anna.id]
    await let_pass(hass, freezer, minutes=15)
    assert registry.async_get_device_by_identifier(identifier, home.entry.entry_id) is None
    assert entity_id(hass, f"{home.server_id}_{anna.id}_photos") is None
    assert home.server("users") == "3"
    assert home.other("Guest", "photos") == "0"

    state.users[anna.id] = anna
    await let_pass(hass, freezer, minutes=15)
    assert home.other("Anna", "photos") == "1"


@pytest.mark.usefixtures("still_clock")
async def test_user_who_left_while_away(hass: HomeAssistant, make_home: MakeHome) -> None:
    """A device of a user who was deleted while Home Assistant was off goes at the next start."""
    home = await make_home()
    guest = home.user_id("Guest")
    await hass.config_entries.async_unload(home.entry.entry_id)
    del home.immich.state.users[guest]
    await hass.config_entries.async_setup(home.entry.entry_id)
    await settle(hass)
    assert entity_id(hass, f"{home.server_id}_{guest}_photos") is None
    assert home.other("User", "photos") == "2"


@pytest.mark.usefixtures("still_clock")
@pytest.mark.parametrize(
    "fault",
    [missing("usageByUser"), replaced([], "usageByUser"), replaced([7, {"photos": 1}], "usageByUser")],
)
async def test_list_of_users_is_odd(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, make_home: MakeHome, fault: Any
) -> None:
    """Nobody is taken for deleted because the list of users is empty or can't be read."""
    home = await make_home()
    home.immich.faults.add("GET server/statistics", fault)
    await let_pass(hass, freezer, minutes=15)
    assert home.other("Guest", "photos") == STATE_UNAVAILABLE
    home.immich.faults.clear()
    await let_pass(hass, freezer, minutes=15)
    assert home.other("Guest", "photos") == "0"


@pytest.mark.usefixtures("still_clock")
async def test_account_is_no_other_user(
    hass: HomeAssistant, make_home: MakeHome, add_account: AddAccount
) -> None:
    """A user who is set up as an account as well has both devices: one's own, and a row of the administrator's."""
    home = await make_home()
    await add_account(home.immich, key="user-key")
    user = home.user_id("User")
    assert state_of(hass, f"{user}_photos").state == "2"
    assert home.other("User", "photos") == "2"
    assert entity_id(hass, f"{home.server_id}_{home.entry.unique_id}_photos") is None


async def test_counts_follow(
    hass: HomeAssistant, still_clock: FrozenDateTimeFactory, make_home: MakeHome
) -> None:
    """What changes on the server shows at the next poll."""
    home = await make_home()
    state = home.immich.state
    taken = datetime(2024, 1, 1, tzinfo=dt_util.UTC)
    state.add_asset(home.owner, "new.jpg", taken=taken, is_favorite=True)
    state.add_album(home.owner, "New")
    await let_pass(hass, still_clock, minutes=5)
    assert (home.account("photos"), home.account("favorites"), home.account("albums")) == ("7", "3", "6")
