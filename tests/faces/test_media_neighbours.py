"""Parts of Home Assistant that take photos and films from us: each gets what it needs to show them."""

from typing import Any, override

from homeassistant.components import media_source
from homeassistant.components.media_player import (
    BrowseMedia,
    MediaPlayerEntity,
    MediaPlayerEntityFeature,
    async_process_play_media_url,
)
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .panel import Panel, make_panel_fixture, panel_fixture, tiny

__all__ = ["make_panel_fixture", "panel_fixture"]


@pytest.fixture(name="components")
def components_fixture() -> tuple[str, ...]:
    """Have these loaded."""
    return ("image", "media_player")


@pytest.fixture(name="address")
def address_fixture(hass: HomeAssistant, panel: Panel) -> str:
    """Give the address under which players and helpers find this Home Assistant."""
    hass.config.internal_url = f"http://127.0.0.1:{panel.stranger.port}"
    return hass.config.internal_url


def _original(panel: Panel, name: str) -> bytes:
    media = panel.immich.state.assets[tiny(name)].media
    assert media is not None
    content = media.original()
    assert isinstance(content, bytes)
    return content


async def test_collection_image(
    hass: HomeAssistant, panel: Panel, address: str, hass_client: ClientSessionGenerator
) -> None:
    """Home Assistant's own slide show takes a folder of ours, shows a photo, and goes through all of them."""
    assert await async_setup_component(hass, "collection_image", {})
    started = await hass.config_entries.flow.async_init("collection_image", context={"source": SOURCE_USER})
    assert started["type"] is FlowResultType.FORM
    chosen = {
        "media_content_id": panel.folder(f"albums/{tiny('holiday')}"),
        "media_content_type": "",
        "metadata": {"title": "Holiday", "media_class": "album"},
    }
    done = await hass.config_entries.flow.async_configure(started["flow_id"], {"media": [chosen]})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["title"] == "Holiday collection"
    await hass.async_block_till_done()
    browser = await hass_client()
    entity_id = "image.holiday_collection"

    async def _shown() -> str:
        state = hass.states.get(entity_id)
        assert state is not None
        answer = await browser.get(state.attributes["entity_picture"])
        assert answer.status == 200
        assert answer.content_type == "image/jpeg"
        content = await answer.read()
        return next(name for name in names if content == _original(panel, name))

    names = await panel.names(panel.folder(f"albums/{tiny('holiday')}"))
    assert await _shown() in names
    seen: list[str] = []
    for action in ("select_first", "select_next", "select_next", "select_previous"):
        await hass.services.async_call("collection_image", action, {"entity_id": entity_id}, blocking=True)
        seen.append(await _shown())
    assert seen == [*names, names[1]]


class _Player(MediaPlayerEntity):
    """A player of films, written as Home Assistant's handbook says."""

    _attr_name = "Television"
    _attr_supported_features = MediaPlayerEntityFeature.PLAY_MEDIA | MediaPlayerEntityFeature.BROWSE_MEDIA

    def __init__(self) -> None:
        """Start without anything to play."""
        self.playing: list[tuple[str, str]] = []

    @override
    async def async_play_media(self, media_type: str, media_id: str, **kwargs: Any) -> None:
        """Note what is to be played."""
        media = await media_source.async_resolve_media(self.hass, media_id, self.entity_id)
        self.playing.append((async_process_play_media_url(self.hass, media.url), media.mime_type))

    @override
    async def async_browse_media(
        self, media_content_type: str | None = None, media_content_id: str | None = None
    ) -> BrowseMedia:
        """Show what can be played."""
        return await media_source.async_browse_media(
            self.hass,
            media_content_id,
            content_filter=lambda item: item.media_content_type.startswith("video/"),
        )


@pytest.fixture(name="player")
async def player_fixture(hass: HomeAssistant) -> _Player:
    """Give a player."""
    player = _Player()

    async def _set_up(
        hass: HomeAssistant, config: Any, add: AddEntitiesCallback, discovery: Any = None
    ) -> None:
        add([player])

    mock_integration(hass, MockModule("television"))
    mock_platform(hass, "television.media_player", MockPlatform(async_setup_platform=_set_up))
    assert await async_setup_component(hass, "media_player", {"media_player": {"platform": "television"}})
    await hass.async_block_till_done()
    return player


@pytest.mark.parametrize(
    ("name", "kind"), [("film.mp4", "video/mp4"), ("rome.jpg", "image/jpeg"), ("live.mov", "video/mp4")]
)
async def test_players(
    hass: HomeAssistant, player: _Player, panel: Panel, address: str, name: str, kind: str
) -> None:
    """A player in the network gets a whole address with a signature, and can seek."""
    await hass.services.async_call(
        "media_player",
        "play_media",
        {
            "entity_id": "media_player.television",
            "media": {"media_content_id": panel.asset(name), "media_content_type": kind},
        },
        blocking=True,
    )
    ((url, told),) = player.playing
    assert told == kind
    assert url.startswith(f"{address}/api/immich_plus/")
    assert "authSig=" in url
    content = _original(panel, name)
    answer = await panel.stranger.get(url.removeprefix(address), headers={"Range": "bytes=5-"})
    assert (answer.status, await answer.read()) == (206, content[5:])
    assert answer.content_type in (kind, "video/quicktime")


async def test_what_a_player_offers(player: _Player, panel: Panel) -> None:
    """A player that shows films only can leave photos out, and says how many."""
    panel.immich.state.put_in_album(panel.immich.state.albums[tiny("holiday")], tiny("film.mp4"))
    await panel.socket.send_json_auto_id(
        {
            "type": "media_player/browse_media",
            "entity_id": "media_player.television",
            "media_content_type": "",
            "media_content_id": panel.folder(f"albums/{tiny('holiday')}"),
        }
    )
    answer = await panel.socket.receive_json()
    assert answer["success"], answer
    assert [child["title"] for child in answer["result"]["children"]] == ["film.mp4"]
    assert answer["result"]["not_shown"] == 3


async def test_dashboards(panel: Panel) -> None:
    """A background or picture card asks for a path of this Home Assistant, which an `<img>` can open as it is."""
    await panel.socket.send_json_auto_id(
        {"type": "media_source/resolve_media", "media_content_id": panel.asset("rome.jpg"), "expires": 60}
    )
    path = (await panel.socket.receive_json())["result"]["url"]
    assert path.startswith("/api/immich_plus/")
    answer = await panel.stranger.get(path)
    assert (answer.status, answer.content_type) == (200, "image/jpeg")
    assert await answer.read() == _original(panel, "rome.jpg")
