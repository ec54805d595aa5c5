"""Each source of an upload, duplicates, the trash, albums, tags, on a real server."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, override

from aiohttp import web
from homeassistant.components.image import ImageEntity
from homeassistant.components.image.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from .conftest import Connect
from .server import NARROW, LiveServer, eventually, picture


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give a folder that Home Assistant may read, and that is its local media, too."""
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    hass.config.media_dirs = {"local": str(tmp_path)}
    return tmp_path


@pytest.fixture
async def page(hass: HomeAssistant, server: LiveServer) -> AsyncGenerator[str]:
    """Give the address of a picture on a web server of this machine that Home Assistant may fetch."""
    content = picture()

    async def _answer(request: web.Request) -> web.Response:
        return web.Response(body=content, content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/snapshot", _answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    hass.config.allowlist_external_urls.add(f"http://{host}:{port}/")
    yield f"http://{host}:{port}/snapshot?token=secret"
    await runner.cleanup()


class Snapshot(ImageEntity):
    """An image entity with one picture."""

    entity_id = "image.live_door"
    _attr_content_type = "image/jpeg"

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__(hass)
        self._content = picture()
        self._attr_image_last_updated = dt_util.utcnow()

    @override
    async def async_image(self) -> bytes:
        return self._content


async def upload(hass: HomeAssistant, server: LiveServer, **data: Any) -> dict[str, Any]:
    """Perform the action and remember what it made."""
    response = await hass.services.async_call(
        "immich_plus", "upload", data, blocking=True, return_response=True
    )
    assert isinstance(response, dict)
    server.note(response)
    return response


async def test_all_kinds_of_sources_in_one_call(
    hass: HomeAssistant, server: LiveServer, connect: Connect, folder: Path, page: str
) -> None:
    await connect()
    await async_setup_component(hass, "media_source", {})
    await async_setup_component(hass, "image", {})
    await hass.data[DATA_COMPONENT].async_add_entities([Snapshot(hass)])
    (folder / 'Käse "1".jpg').write_bytes(picture(taken="2019:07:08 09:10:11"))
    (folder / "media.jpg").write_bytes(picture())
    response = await upload(
        hass,
        server,
        path=str(folder / 'Käse "1".jpg'),
        media={
            "media_content_id": "media-source://media_source/local/media.jpg",
            "media_content_type": "image/jpeg",
        },
        entity_id="image.live_door",
        url=page,
        album=server.mark,
        create_album=True,
        description="Made by a test",
        tags=[f"{server.mark}/Door"],
        favorite=True,
    )
    assert [asset["status"] for asset in response["assets"]] == ["created"] * 4
    assert [asset["error"] for asset in response["assets"]] == [None] * 4
    assert response["album"]["created"]
    assert "secret" not in str(response)
    album = await server.ask("GET", f"albums/{response['album']['id']}")
    assert (album["albumName"], album["assetCount"]) == (server.mark, 4)
    first = response["assets"][0]["id"]
    found = await eventually(
        lambda: server.ask("GET", f"assets/{first}"),
        lambda asset: (
            asset["exifInfo"]["description"] == "Made by a test"
            and asset["localDateTime"].startswith("2019-07-08")
        ),
    )
    assert found["isFavorite"]
    assert found["originalFileName"].startswith("Käse")
    assert [tag["value"] for tag in found["tags"]] == [f"{server.mark}/Door"]


async def test_a_date_wins_over_the_one_in_the_picture(
    hass: HomeAssistant, server: LiveServer, connect: Connect, folder: Path
) -> None:
    await connect()
    (folder / "old.jpg").write_bytes(picture(taken="2019:07:08 09:10:11"))
    response = await upload(
        hass, server, path=str(folder / "old.jpg"), taken_at="2021-02-03T04:05:06+00:00", archived=True
    )
    asset_id = response["assets"][0]["id"]
    found = await eventually(
        lambda: server.ask("GET", f"assets/{asset_id}"),
        lambda asset: asset["fileCreatedAt"].startswith("2021-02-03T04:05:06"),
    )
    assert found["visibility"] == "archive"


async def test_duplicates_are_found_and_brought_back_from_the_trash(
    hass: HomeAssistant, server: LiveServer, connect: Connect, folder: Path
) -> None:
    await connect()
    path = folder / "twice.jpg"
    path.write_bytes(picture())
    first = (await upload(hass, server, path=str(path)))["assets"][0]
    again = (await upload(hass, server, path=str(path)))["assets"][0]
    assert (first["status"], again["status"], again["id"]) == ("created", "duplicate", first["id"])
    await server.ask("DELETE", "assets", {"ids": [first["id"]], "force": False})
    left = (await upload(hass, server, path=str(path), restore_trashed=False))["assets"][0]
    assert left["status"] == "duplicate"
    assert (await server.ask("GET", f"assets/{first['id']}"))["isTrashed"]
    back = (await upload(hass, server, path=str(path)))["assets"][0]
    assert (back["status"], back["id"]) == ("restored", first["id"])
    assert not (await server.ask("GET", f"assets/{first['id']}"))["isTrashed"]


async def test_a_live_photo_arrives_as_one(
    hass: HomeAssistant, server: LiveServer, connect: Connect, folder: Path
) -> None:
    await connect()
    (folder / "live.jpg").write_bytes(picture())
    # Immich looks at names only; the film needn't play to be linked.
    (folder / "live.mov").write_bytes(picture())
    asset_id = (await upload(hass, server, path=str(folder / "live.jpg")))["assets"][0]["id"]
    still = await server.ask("GET", f"assets/{asset_id}")
    assert still["livePhotoVideoId"]
    server.assets.add(still["livePhotoVideoId"])


async def test_an_album_is_found_by_name_and_filled(
    hass: HomeAssistant, server: LiveServer, connect: Connect, folder: Path
) -> None:
    await connect()
    (folder / "one.jpg").write_bytes(picture())
    first = await upload(hass, server, path=str(folder / "one.jpg"), album=server.mark, create_album=True)
    (folder / "two.jpg").write_bytes(picture())
    second = (await upload(hass, server, path=str(folder / "two.jpg")))["assets"][0]
    added: Any = await hass.services.async_call(
        "immich_plus",
        "add_to_album",
        {"assets": [second["media_content_id"], first["assets"][0]["id"]], "album": server.mark.upper()},
        blocking=True,
        return_response=True,
    )
    assert [row["result"] for row in added["assets"]] == ["added", "already_there"]
    assert added["album"] == {"id": first["album"]["id"], "name": server.mark, "created": False}
    album = await server.ask("GET", f"albums/{first['album']['id']}")
    assert album["assetCount"] == 2


async def test_a_narrow_key_uploads_what_it_may(
    hass: HomeAssistant, full: LiveServer, connect: Connect, folder: Path
) -> None:
    _, secret = await full.make_key(*NARROW)
    await connect(secret)
    path = folder / "narrow.jpg"
    path.write_bytes(picture())
    # Description and tags travel with the file; a mark on what is there already needs a scope of its own.
    first = (await upload(hass, full, path=str(path), description="With the file"))["assets"][0]
    assert (first["status"], first["error"]) == ("created", None)
    again = (await upload(hass, full, path=str(path), favorite=True))["assets"][0]
    assert again["status"] == "duplicate"
    assert "asset.update" in again["error"]
