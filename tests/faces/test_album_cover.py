"""The cover of an album as an image entity."""

import asyncio
from datetime import datetime
from http import HTTPStatus
from typing import Any, override

from homeassistant.components.image import async_get_image
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.restore_state import RestoredExtraData
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.immich_plus import image as ours
from custom_components.immich_plus.const import DOMAIN
from tests.api.wire import always, answer
from tests.conftest import MakeImmich
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.faults import Call, Drop, Fault, LoginPage, Proceed, Status
from tests.fake_immich.tiny import JPEG, WEBP
from tests.passing import let_pass

from .acting import tiny
from .albums import VERSIONS, MakeWatching, Watching, make_watching_fixture, watched, watching_fixture
from .looking import wire_instead

__all__ = ["make_watching_fixture", "watching_fixture"]

pytestmark = pytest.mark.usefixtures("no_pauses")

COVER = "image.our_holiday_cover"


class Gate(Fault):
    """Answers only when it is opened; `asked` tells when the first request came."""

    def __init__(self) -> None:
        """Wait for the first request."""
        self.asked = asyncio.Event()
        self.open = asyncio.Event()

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        self.asked.set()
        await self.open.wait()
        return await proceed()


def _state(watching: Watching) -> State:
    return watching.state("cover", Platform.IMAGE)


def _reads(watching: Watching) -> list[str]:
    """Return which pictures the server was asked for."""
    return [
        entry.path.split("/")[3]
        for entry in watching.immich.requests.entries
        if entry.path.endswith("/thumbnail")
    ]


async def _no_picture(watching: Watching) -> bool:
    with pytest.raises(HomeAssistantError):
        await async_get_image(watching.hass, COVER)
    return True


async def _choose_cover(watching: Watching, name: str) -> None:
    albums = watching.account.runtime_data.client.albums
    watching.freezer.tick(1)
    await albums.update(watching.album.id, cover_id=tiny(name))


@pytest.mark.parametrize("version", VERSIONS)
async def test_cover(make_watching: MakeWatching, version: str) -> None:
    """The preview of the album's cover, with the scope for looking, read when somebody looks."""
    watching = await make_watching(version=version)
    await watching.look()
    assert _state(watching).entity_id == COVER
    assert _reads(watching) == []

    image = await async_get_image(watching.hass, COVER)
    assert (image.content, image.content_type) == (JPEG, "image/jpeg")
    assert _reads(watching) == [watching.album.thumbnail_asset_id]
    assert watching.immich.requests.entries[-1].query["size"] == "preview"


async def test_browsers_get_it(watching: Watching, hass_client_no_auth: ClientSessionGenerator) -> None:
    """Through the address that dashboards use."""
    client = await hass_client_no_auth()
    answer = await client.get(_state(watching).attributes["entity_picture"])
    assert answer.status == HTTPStatus.OK
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert await answer.read() == JPEG


async def test_true_type(watching: Watching) -> None:
    """The administrator of Immich may have chosen another format for previews."""
    async with wire_instead(watching.account, always(answer(WEBP, kind="image/webp"))):
        image = await async_get_image(watching.hass, COVER)
    assert (image.content, image.content_type) == (WEBP, "image/webp")


async def test_read_once_for_many_who_look(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dashboards that look at once, or a little later, share a picture; it isn't kept for ever."""
    gate = Gate()
    watching.immich.faults.add("GET assets/*", gate)
    looking = [watching.hass.async_create_task(async_get_image(watching.hass, COVER)) for _ in range(5)]
    await gate.asked.wait()
    gate.open.set()
    assert [(await each).content for each in looking] == [JPEG] * 5
    await async_get_image(watching.hass, COVER)
    assert len(_reads(watching)) == 1

    monkeypatch.setattr(ours, "FRESH_SECONDS", -1)
    await _choose_cover(watching, "rome.jpg")
    await watching.look()
    await async_get_image(watching.hass, COVER)
    await async_get_image(watching.hass, COVER)
    assert len(_reads(watching)) == 3


async def test_change(watching: Watching) -> None:
    """The state changes with the cover only, not with what else happens to the album."""
    since = _state(watching).state
    assert dt_util.parse_datetime(since) is not None
    await watching.change(add=["party.jpg"])
    await watching.look()
    assert _state(watching).state == since

    await async_get_image(watching.hass, COVER)
    await _choose_cover(watching, "rome.jpg")
    await watching.look()
    changed = dt_util.parse_datetime(_state(watching).state)
    assert isinstance(changed, datetime)
    assert changed > datetime.fromisoformat(since)
    await async_get_image(watching.hass, COVER)
    assert _reads(watching)[-1] == tiny("rome.jpg")


async def test_change_while_it_is_read(watching: Watching) -> None:
    """Whoever looks then gets the old one, and the next one the new one."""
    gate = Gate()
    watching.immich.faults.add("GET assets/*", gate)
    looking = watching.hass.async_create_task(async_get_image(watching.hass, COVER))
    await gate.asked.wait()
    await _choose_cover(watching, "rome.jpg")
    await watching.account.runtime_data.albums.async_refresh()
    gate.open.set()
    await looking
    await async_get_image(watching.hass, COVER)
    assert _reads(watching)[-1] == tiny("rome.jpg")


async def test_new_start_is_no_change(watching: Watching) -> None:
    since = _state(watching).state
    for _ in range(2):
        await let_pass(watching.hass, watching.freezer, hours=1)
        await watching.hass.config_entries.async_reload(watching.account.entry_id)
        assert _state(watching).state == since
        await let_pass(watching.hass, watching.freezer, seconds=1)
        assert _state(watching).state == since


async def test_change_while_home_assistant_was_off(watching: Watching) -> None:
    since = _state(watching).state
    await watching.hass.config_entries.async_unload(watching.account.entry_id)
    watching.freezer.tick(1)
    watching.album.thumbnail_asset_id = tiny("rome.jpg")
    await watching.hass.config_entries.async_setup(watching.account.entry_id)
    await let_pass(watching.hass, watching.freezer, seconds=1)
    assert _state(watching).state > since


@pytest.mark.parametrize(
    "stored",
    [
        None,
        {},
        {"cover_id": 1, "since": None},
        {"cover_id": tiny("vienna.jpg"), "since": "yesterday"},
        {"cover_id": None, "since": "2026-01-01T00:00:00+00:00"},
    ],
)
async def test_memory_that_makes_no_sense(
    watching: Watching, monkeypatch: pytest.MonkeyPatch, stored: dict[str, Any] | None
) -> None:
    """It is as if there was none."""
    since = _state(watching).state
    with monkeypatch.context() as patch:
        kept = None if stored is None else RestoredExtraData(stored)
        patch.setattr(ours.AlbumCover, "extra_restore_state_data", kept)
        await watching.hass.config_entries.async_unload(watching.account.entry_id)
    watching.freezer.tick(60)
    await watching.hass.config_entries.async_setup(watching.account.entry_id)
    await let_pass(watching.hass, watching.freezer, seconds=1)
    assert datetime.fromisoformat(_state(watching).state) > datetime.fromisoformat(since)


async def test_album_without_photos(make_watching: MakeWatching) -> None:
    """There is no cover, until there is one."""
    watching = await make_watching(albums=[watched(tiny("empty"))])
    assert _state(watching).state == STATE_UNKNOWN
    assert await _no_picture(watching)

    client = watching.account.runtime_data.client
    watching.freezer.tick(1)
    await client.albums.add_assets(tiny("empty"), [tiny("party.jpg")])
    await watching.look()
    assert _state(watching).state not in (STATE_UNKNOWN, STATE_UNAVAILABLE)
    assert (await async_get_image(watching.hass, COVER)).content == JPEG

    await client.albums.remove_assets(tiny("empty"), [tiny("party.jpg")])
    watching.freezer.tick(1)
    await watching.look()
    assert _state(watching).state == STATE_UNKNOWN


async def test_errors(watching: Watching, caplog: pytest.LogCaptureFixture) -> None:
    """No picture, no traceback, and the next look tries again."""
    for fault in (
        Status(404, message="Asset media not found"),
        Status(500),
        LoginPage(),
        Drop(),
        Drop(at="body"),
    ):
        watching.immich.faults.add("GET assets/*", fault)
        assert await _no_picture(watching)
        watching.immich.faults.clear()
    assert (await async_get_image(watching.hass, COVER)).content == JPEG
    assert "Traceback" not in caplog.text
    assert STATE_UNAVAILABLE not in watching.states


async def test_far_too_large(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "LARGEST_PREVIEW_BYTES", len(JPEG) - 1)
    assert await _no_picture(watching)


async def test_key_that_may_not_look(make_watching: MakeWatching, make_immich: MakeImmich) -> None:
    """The cover alone is unavailable."""
    immich = await make_immich()
    immich.state.add_api_key(
        immich.state.users[tiny("admin")], ["user.read", "album.read", "asset.read"], secret="little-key"
    )
    watching = await make_watching(immich=immich, key="little-key")
    assert _state(watching).state == STATE_UNAVAILABLE
    assert watching.state("photos").state == "3"
    assert await _no_picture(watching)
    assert _reads(watching) == []


async def test_scope_that_is_refused(watching: Watching) -> None:
    """An old server doesn't tell what a key may: it is learnt, told in the repair, and not asked again."""
    watching.immich.faults.add("GET assets/*", Status(403, message="Missing required permission: asset.view"))
    assert await _no_picture(watching)
    assert _state(watching).state == STATE_UNAVAILABLE
    issue = ir.async_get(watching.hass).async_get_issue(DOMAIN, f"missing_scopes_{watching.account.entry_id}")
    assert issue is not None
    assert await _no_picture(watching)
    assert len(_reads(watching)) == 1


async def test_server_away(watching: Watching) -> None:
    await async_get_image(watching.hass, COVER)
    await watching.immich.stop()
    await watching.look()
    assert _state(watching).state == STATE_UNAVAILABLE
    assert await _no_picture(watching)
