"""Media of Home Assistant and of other integrations as sources of uploads."""

from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web
from homeassistant.components.http import ApiConfig, HomeAssistantView
from homeassistant.components.media_source import PlayMedia
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import voluptuous as vol

from custom_components.immich_plus.uploads import fetched
from tests.fake_immich.tls import self_signed
from tests.uploading import (  # noqa: F401
    OtherMedia,
    Uploading,
    Web,
    folder_fixture,
    nothing_left_fixture,
    photo,
    quick_fixture,
    source_fixture,
    stranger_fixture,
    upload_fixture,
)


async def test_local_media(upload: Uploading, source: OtherMedia) -> None:
    """A file of the media browser is read from disk, with what lies beside it."""
    upload.write("IMG_1.mov")
    upload.write("IMG_1.heic")
    media = "media-source://media_source/local/IMG_1.heic"
    for given in (
        media,
        {"media_content_id": media, "media_content_type": "image/heic", "metadata": {"title": "x"}},
    ):
        said = await upload.one(media=given)
        assert (said["source"], said["filename"]) == (media, "IMG_1.heic")
    assert upload.asset(said).live_photo_video_id
    found, _ = await upload.refused(media="media-source://media_source/local/missing.jpg")
    assert found in ("media_unresolved", "file_unreadable")


async def test_media_of_another_server(upload: Uploading, source: OtherMedia, stranger: Web) -> None:
    """An integration's media may lie anywhere: Home Assistant's own integration vouches for it."""
    source.media["clip"] = PlayMedia(
        stranger.give("/clip", photo("clip"), content_type="video/mp4"), "video/mp4"
    )
    assert (await upload.one(media="media-source://test_media/clip"))["filename"] == "clip.mp4"
    source.media["page"] = PlayMedia(
        stranger.give("/page", b"<html>", content_type="text/html"), "image/jpeg"
    )
    assert (await upload.refused(media="media-source://test_media/page"))[0] == "url_no_picture"
    source.media["odd"] = PlayMedia("http://[", "image/jpeg")
    assert (await upload.refused(media="media-source://test_media/odd"))[0] == "url_invalid"
    source.media["relative"] = PlayMedia("x.jpg", "image/jpeg")
    assert await upload.refused(media="media-source://test_media/relative") == (
        "url_failed",
        {"url": "x.jpg"},
    )


async def test_media_that_cannot_be_had(
    upload: Uploading, source: OtherMedia, log_of: Callable[[], list[str]]
) -> None:
    """Unknown media and integrations that stumble fail alone."""
    source.media |= {"broken": KeyError("x"), "late": TimeoutError()}
    names = ["test_media/unknown", "test_media/broken", "test_media/late", "nobody/x"]
    good = upload.write("good.jpg")
    said = await upload(media=[f"media-source://{name}" for name in names], path=good)
    assert [asset["status"] for asset in said] == ["created", "failed", "failed", "failed", "failed"]
    for name, asset in zip(names, said[1:], strict=True):
        assert asset["error"] == f"media-source://{name} is not in the media browser, or can't be played."
    assert log_of() == ["4 of 5 uploads had trouble: the action's response tells which and why"]


async def test_without_media_sources(upload: Uploading) -> None:
    """Where media sources are not loaded, the error says so."""
    assert await upload.refused(media="media-source://media_source/local/x.jpg") == ("media_unavailable", {})


@pytest.mark.parametrize("value", ["door.jpg", "https://example.com/x.jpg", {"media_content_id": 5}, {}, 7])
async def test_what_is_no_media(upload: Uploading, value: Any) -> None:
    """Only what the media browser offers is media."""
    with pytest.raises(vol.Invalid):
        await upload(media=value)


class _View(HomeAssistantView):
    """A view of another integration, which only signed in people may see."""

    url = "/api/test_media/{name}"
    name = "api:test_media"

    async def get(self, request: web.Request, name: str) -> web.Response:
        """Give a picture, or lead to one."""
        if name == "moved":
            return web.Response(status=302, headers={"Location": request.query["to"]})
        return web.Response(body=photo(name), content_type="image/jpeg")


async def test_media_of_home_assistant_itself(
    hass: HomeAssistant,
    upload: Uploading,
    source: OtherMedia,
    stranger: Web,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """A relative address is fetched from Home Assistant itself, with a signature."""
    hass.http.register_view(_View)
    client = await hass_client_no_auth()
    assert (await client.get("/api/test_media/picture")).status == 401
    hass.config.api = ApiConfig("127.0.0.1", "127.0.0.1", client.port, False)
    source.media["own"] = PlayMedia("/api/test_media/picture of me", "image/jpeg")
    assert (await upload.one(media="media-source://test_media/own"))["filename"] == "picture of me.jpg"
    goal = stranger.give("/elsewhere.jpg", photo("e"))
    source.media["moved"] = PlayMedia(f"/api/test_media/moved?to={goal}", "image/jpeg")
    assert (await upload.one(media="media-source://test_media/moved"))["filename"] == "elsewhere.jpg"
    source.media["signed"] = PlayMedia("/api/test_media/x?authSig=bad", "image/jpeg")
    assert (await upload.refused(media="media-source://test_media/signed")) == (
        "url_status",
        {"url": f"http://127.0.0.1:{client.port}/api/test_media/x", "status": "401"},
    )
    hass.config.api = None
    assert await upload.refused(media="media-source://test_media/own") == ("media_unavailable", {})


async def test_own_certificate(
    hass: HomeAssistant, upload: Uploading, source: OtherMedia, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant's own certificate is for its outside name, so inside it isn't checked; others' are."""
    served = Web()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", served.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    context, _ = self_signed()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    port = runner.addresses[0][1]
    served.give("/api/own.jpg", photo("own"))
    hass.config.api = ApiConfig("127.0.0.1", "127.0.0.1", port, True)
    source.media["own"] = PlayMedia("/api/own.jpg", "image/jpeg")
    source.media["other"] = PlayMedia("https://127.0.0.1:1/api/own.jpg", "image/jpeg")
    real = fetched.async_get_clientsession
    checked: list[bool] = []

    def _session(hass: HomeAssistant, *, verify_ssl: bool) -> aiohttp.ClientSession:
        checked.append(verify_ssl)
        return real(hass, verify_ssl=verify_ssl)

    monkeypatch.setattr(fetched, "async_get_clientsession", _session)
    await upload.one(media="media-source://test_media/own")
    assert (await upload.refused(media="media-source://test_media/other"))[0] == "url_failed"
    assert checked == [False, True]
    await runner.cleanup()
