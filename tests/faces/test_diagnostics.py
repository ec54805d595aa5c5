"""Diagnostics help to find a fault, and hold nothing of the person's."""

from http import HTTPStatus
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.immich_plus.diagnostics import async_get_config_entry_diagnostics
from custom_components.immich_plus.live.watches import Watch, Watched, async_watch
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.pace import later

ACCOUNT = {"library", "account", "changes", "albums", "recognition"}

pytestmark = pytest.mark.usefixtures("no_pauses")


def _private(immich: FakeImmich, entry: MockConfigEntry) -> set[str]:
    """Return every text that says who or where somebody is."""
    state = immich.state
    owned = [
        *state.users.values(),
        *state.albums.values(),
        *state.people.values(),
        *state.tags.values(),
        *state.libraries.values(),
    ]
    found = {entry.title, entry.entry_id, immich.url, "127.0.0.1", str(immich.port), immich.sub_path}
    found |= {key.secret for key in state.api_keys.values()} | set(state.api_keys)
    found |= {row[0] for row in state.version_history}
    found |= {user.email for user in state.users.values()}
    for kind in (state.users, state.assets, state.albums, state.people, state.tags, state.libraries):
        found |= set(kind)
    found |= {str(getattr(each, name)) for each in owned for name in ("name", "value") if hasattr(each, name)}
    found |= {asset.original_file_name for asset in state.assets.values()}
    # Words that are all through any text.
    return {text.lower() for text in found} - {"", "user", "admin", "guest", "empty", "drive"}


async def _dump(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    found = await async_get_config_entry_diagnostics(hass, entry)
    assert json.loads(json.dumps(found)) == found
    return found


def _clean(found: dict[str, Any], immich: FakeImmich, entry: MockConfigEntry) -> None:
    text = json.dumps(found).lower()
    assert not [private for private in _private(immich, entry) if private in text]


async def test_what_they_say(hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry) -> None:
    found = await _dump(hass, account)

    assert found["state"] == "loaded"
    assert found["server"] == {
        "version": "3.1.0",
        "scheme": "http",
        "sub_path": False,
        "carried_here": True,
    }
    assert found["account"] == {
        "is_admin": True,
        "has_quota": False,
        "verify_ssl": True,
        "private_authority": False,
    }
    assert found["key"] == {"scopes_told": ["all"], "scopes_refused": [], "scopes_missing": []}
    assert found["coordinators"].keys() == ACCOUNT | {"queues", "server", "statistics", "release"}
    assert found["coordinators"]["library"]["last_update_success"] is True
    assert found["coordinators"]["library"]["interval_seconds"] == 300
    assert found["coordinators"]["library"]["last_error"] is None
    assert found["entities"]["update"] == 1
    assert found["entities"]["sensor"] > 10
    _clean(found, immich, account)


async def test_nothing_private_in_anything_unusual(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    """A sub-path with a name in it, an authority, options with words of the person's, and errors."""
    immich = await make_immich(sub_path="/the-millers", tls=True)
    entry = await add_account(
        immich,
        key="read-key",
        data={"ca_certificate": immich.certificate},
        options={"upload_album": "Honeymoon", "upload_tags": ["Secret"]},
    )
    assert entry.state is ConfigEntryState.LOADED
    hass.config_entries.async_update_entry(entry, title="Erika Mustermann")
    await hass.async_block_till_done()
    message = f"admin@example.com may not read {immich.url}/upload/library/vienna.jpg with admin-key"
    immich.faults.add("GET albums/statistics", Status(500, message))
    immich.faults.add("GET users/me", Status(500, message))
    await later(hass, minutes=31)

    found = await _dump(hass, entry)

    assert found["server"]["scheme"] == "https"
    assert found["server"]["sub_path"] is True
    assert found["account"]["private_authority"] is True
    assert found["options_set"] == ["live_updates", "upload_album", "upload_tags"]
    assert "server.statistics" in found["key"]["scopes_missing"]
    assert found["coordinators"]["library"]["unread"] == ["albums"]
    assert found["coordinators"]["account"]["last_error"] == "server_error"
    _clean(found, immich, entry)
    text = json.dumps(found).lower()
    for private in ("mustermann", "honeymoon", "secret", "miller", "certificate--", "vienna", "@"):
        assert private not in text


async def test_what_is_remembered_is_counted(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, freezer: FrozenDateTimeFactory
) -> None:
    """Ids, names and days of what was told of, and of what somebody waits for, stay out."""
    state = immich.state
    owner = next(user for user in state.users.values() if user.is_admin)
    album = next(album for album in state.albums.values() if album.name == "Holiday")
    person = next(person for person in state.people.values() if person.name)
    stop = async_watch(
        hass,
        [
            Watch(kind=Watched.ALBUM, name=album.name),
            Watch(kind=Watched.PERSON, name=person.name),
            Watch(kind=Watched.PERSON, entry_id="another"),
        ],
    )
    entry = await add_account(immich)
    found = await _dump(hass, entry)
    assert found["live_updates"] == {"wanted": False, "state": "switched_off"}
    assert found["watched"] == {"album": 1, "person": 1, "jobs": 0}
    assert found["remembered"] == {
        "assets_told": 0,
        "assets_without_picture": 0,
        "done_seconds_ago": 0,
        "counted": True,
        "albums": sum(owner.id in each.members for each in state.albums.values()),
        "albums_with_contents": 1,
        "assets_in_these_albums": len(album.assets),
        "people": 1,
    }
    _clean(found, immich, entry)

    freezer.tick(600)
    for name, more in (("new.jpg", {"thumbhash": "x"}), ("newer.jpg", {})):
        state.add_asset(owner, name, taken=state.now(), **more)
    await later(hass, minutes=5)
    found = await _dump(hass, entry)
    assert found["remembered"]["assets_told"] >= 1
    assert found["remembered"]["assets_without_picture"] == 1
    _clean(found, immich, entry)
    stop()


async def test_nothing_is_remembered_so_far(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Before the first look, while live updates are being connected."""
    entry = await add_account(immich, live=True, set_up=False)
    immich.faults.add("GET socket.io", Status(502))
    assert await hass.config_entries.async_setup(entry.entry_id)

    found = await _dump(hass, entry)

    assert found["live_updates"] == {"wanted": True, "state": "connecting"}
    assert found["remembered"] == {
        "assets_told": None,
        "assets_without_picture": None,
        "done_seconds_ago": None,
        "counted": False,
        "albums": None,
        "albums_with_contents": 0,
        "assets_in_these_albums": 0,
        "people": 0,
    }


async def test_errors_are_named(hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry) -> None:
    await immich.stop()
    await later(hass, minutes=6)

    found = await _dump(hass, account)

    assert found["coordinators"]["library"]["last_update_success"] is False
    assert found["coordinators"]["library"]["last_error"] == "cannot_connect"
    _clean(found, immich, account)


async def test_account_that_did_not_start(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """Just when they are needed most."""
    await immich.stop()
    entry = await add_account(immich)

    found = await _dump(hass, entry)

    assert found["state"] == "setup_retry"
    assert found["error"] == "cannot_connect"
    assert found["entities"] == {}
    _clean(found, immich, entry)


async def test_account_without_the_servers_device(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> None:
    entry = await add_account(immich, key="user-key")

    found = await _dump(hass, entry)

    assert found["server"]["carried_here"] is False
    assert found["account"]["has_quota"] is True
    assert found["coordinators"].keys() == ACCOUNT
    _clean(found, immich, entry)


async def test_server_that_does_not_tell_scopes(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    immich = await make_immich(version="1.137.3")
    entry = await add_account(immich, key="read-key")

    found = await _dump(hass, entry)

    assert found["key"]["scopes_told"] is None
    assert "server.statistics" in found["key"]["scopes_refused"]
    _clean(found, immich, entry)


async def test_download(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    await hass.async_block_till_done()
    client = await hass_client()

    response = await client.get(str(URL("/api/diagnostics/config_entry") / account.entry_id))

    assert response.status == HTTPStatus.OK
    assert (await response.json())["data"]["server"]["version"] == "3.1.0"
