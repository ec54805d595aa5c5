"""What the media browser gives to players: the right version, at an address that opens by itself."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount
from tests.fake_immich.models import AssetType
from tests.fake_immich.tiny import JPEG

from .panel import (
    ROOT,
    UNKNOWN,
    MakePanel,
    Panel,
    components_fixture,
    make_panel_fixture,
    message,
    panel_each_fixture,
    panel_fixture,
    tiny,
)

__all__ = ["components_fixture", "make_panel_fixture", "panel_each_fixture", "panel_fixture"]


def _original(panel: Panel, name: str) -> bytes:
    media = panel.immich.state.assets[tiny(name)].media
    assert media is not None
    content = media.original()
    assert isinstance(content, bytes)
    return content


async def test_a_photo(panel_each: Panel) -> None:
    """A photo is shown as it was uploaded, for two requests, to whoever has the signed address."""
    panel = panel_each
    path, kind = await panel.resolve(panel.asset("rome.jpg"))
    assert path.startswith(f"/api/{DOMAIN}/{panel.account.entry_id}/{tiny('rome.jpg')}/original?authSig=")
    assert kind == "image/jpeg"
    answer = await panel.stranger.get(path)
    assert (answer.status, answer.content_type) == (200, "image/jpeg")
    assert await answer.read() == _original(panel, "rome.jpg")
    assert panel.immich.requests.count() == 2
    assert (await panel.stranger.get(path.partition("?")[0])).status == 401


async def test_a_film(panel_each: Panel) -> None:
    """A film can be sought in."""
    panel = panel_each
    path, kind = await panel.resolve(panel.asset("film.mp4"))
    assert (path.partition("?")[0].rpartition("/")[2], kind) == ("video", "video/mp4")
    film = _original(panel, "film.mp4")
    answer = await panel.open(panel.asset("film.mp4"), Range="bytes=100-199")
    assert (answer.status, await answer.read()) == (206, film[100:200])
    assert answer.headers["Content-Range"] == f"bytes 100-199/{len(film)}"


@pytest.mark.parametrize(
    ("mime_type", "shown", "shown_type"),
    [
        ("image/jpeg", "original", "image/jpeg"),
        ("image/png", "original", "image/png"),
        ("image/webp", "original", "image/webp"),
        ("image/gif", "original", "image/gif"),
        ("image/heic", "preview", "image/jpeg"),
        ("image/avif", "preview", "image/jpeg"),
        ("image/tiff", "preview", "image/jpeg"),
        ("image/svg+xml", "preview", "image/jpeg"),
        ("image/x-adobe-dng", "preview", "image/jpeg"),
        ("", "preview", "image/jpeg"),
    ],
)
async def test_which_version_of_a_photo(panel: Panel, mime_type: str, shown: str, shown_type: str) -> None:
    """What screens can't show is shown through the server's preview; browsing names the same type."""
    panel.immich.state.assets[tiny("rome.jpg")].mime_type = mime_type
    path, kind = await panel.resolve(panel.asset("rome.jpg"))
    assert (path.partition("?")[0].rpartition("/")[2], kind) == (shown, shown_type)
    content = JPEG if shown == "preview" else _original(panel, "rome.jpg")
    assert await (await panel.stranger.get(path)).read() == content
    assert (await panel.browse(panel.asset("rome.jpg")))["media_content_type"] == shown_type


@pytest.mark.parametrize(
    ("mime_type", "played"),
    [
        ("video/mp4", "video/mp4"),
        ("video/webm", "video/webm"),
        ("video/quicktime", "video/mp4"),
        ("video/x-matroska", "video/mp4"),
    ],
)
async def test_which_type_of_a_film(panel: Panel, mime_type: str, played: str) -> None:
    """Films are called what players take: the server converts the others."""
    panel.immich.state.assets[tiny("film.mp4")].mime_type = mime_type
    assert (await panel.resolve(panel.asset("film.mp4")))[1] == played


async def test_other_kinds_of_files(panel: Panel) -> None:
    """What is neither photo nor film is shown by its preview."""
    panel.immich.state.update_asset(
        panel.immich.state.assets[tiny("rome.jpg")], touch=False, type=AssetType.OTHER
    )
    panel.immich.state.assets[tiny("rome.jpg")].mime_type = "application/pdf"
    assert (await panel.resolve(panel.asset("rome.jpg")))[1] == "image/jpeg"


async def test_a_motion_photo(panel_each: Panel) -> None:
    """A motion photo is shown as the photo; its film, which has an id of its own, plays."""
    panel = panel_each
    assert (await panel.resolve(panel.asset("live.jpg")))[1] == "image/jpeg"
    answer = await panel.open(panel.asset("live.mov"))
    assert (answer.status, await answer.read()) == (200, _original(panel, "live.mov"))


async def test_a_key_that_may_not_download(make_panel: MakePanel) -> None:
    """Without the scope for originals, photos are shown by their preview, and nothing is refused."""
    panel = await make_panel(key="read-key")
    path, kind = await panel.resolve(panel.asset("rome.jpg"))
    assert (path.partition("?")[0].rpartition("/")[2], kind) == ("preview", "image/jpeg")
    assert await (await panel.stranger.get(path)).read() == JPEG


async def test_anothers_photo(panel: Panel, add_account: AddAccount) -> None:
    """What is shared with an account plays through it; each account has its own address for it."""
    user = await add_account(panel.immich, key="user-key")
    shared = tiny("user1.jpg")
    for account in (panel.account, user):
        path, _ = await panel.resolve(f"{ROOT}/{account.unique_id}/asset/{shared}")
        assert path.startswith(f"/api/{DOMAIN}/{account.entry_id}/{shared}/original")
        assert await (await panel.stranger.get(path)).read() == _original(panel, "user1.jpg")


async def test_ids_in_capitals(panel: Panel) -> None:
    """What somebody wrote by hand in capitals is the same photo."""
    reference = f"{ROOT}/{str(panel.account.unique_id).upper()}/asset/{tiny('rome.jpg').upper()}"
    assert (await panel.open(reference)).status == 200


async def test_what_cannot_be_played(panel: Panel) -> None:
    """Folders, the trash, what is gone, and what was never anything: each says what it is."""
    for folder in (ROOT, panel.folder(), panel.folder("timeline"), panel.folder("search/x")):
        assert await panel.refused("resolve_media", folder) == message("not_playable")
    for command in ("resolve_media", "browse_media"):
        assert await panel.refused(command, panel.asset("trashed.jpg")) == message("in_the_trash")
        gone = panel.asset("rome.jpg").replace(tiny("rome.jpg"), UNKNOWN)
        assert await panel.refused(command, gone) == message("not_found")
        nobody = f"{ROOT}/{UNKNOWN}/asset/{tiny('rome.jpg')}"
        assert await panel.refused(command, nobody) == message("account_not_loaded")
    for nonsense in ("x", f"x/asset/{tiny('rome.jpg')}", "../../api/states", "%2e%2e/%00"):
        told = message("media_unresolved", media=f"{ROOT}/{nonsense}")
        assert await panel.refused("resolve_media", f"{ROOT}/{nonsense}") == told
    told = await panel.refused("resolve_media", f"{ROOT}/{'x' * 3000}")
    assert len(told) < 300


async def test_an_account_that_stopped(hass: HomeAssistant, panel: Panel) -> None:
    """Addresses stay what they are: a photo plays again as soon as its account runs again."""
    path, _ = await panel.resolve(panel.asset("rome.jpg"))
    await hass.config_entries.async_unload(panel.account.entry_id)
    assert await panel.refused("resolve_media", panel.asset("rome.jpg")) == message("account_not_loaded")
    assert (await panel.stranger.get(path)).status == 404
    await hass.config_entries.async_setup(panel.account.entry_id)
    assert (await panel.stranger.get(path)).status == 200
