"""What the media browser gives to players, browsers and AI tasks, against the server's own bytes."""

from pathlib import Path

from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import Unresolvable
from PIL import Image
import pytest

from custom_components.immich_plus.asset_reference import asset_view

from .acting import UNKNOWN, moment
from .looking import Look
from .server import eventually, film, picture


async def _holds_to_http(look: Look, path: str, content: bytes) -> None:
    """Open something whole, in parts, by its head and once more, and find what HTTP says."""
    whole = await look.stranger.get(path)
    assert (whole.status, await whole.read()) == (200, content)
    assert whole.headers["Cache-Control"].startswith("private, max-age=")
    tag = whole.headers["ETag"]
    size = len(content)
    for asked, first, after in (
        ("bytes=0-0", 0, 1),
        ("bytes=10-99", 10, 100),
        (f"bytes={size - 5}-", size - 5, size),
        ("bytes=-7", size - 7, size),
    ):
        part = await look.stranger.get(path, headers={"Range": asked})
        assert (part.status, await part.read()) == (206, content[first:after]), asked
        assert part.headers["Content-Range"] == f"bytes {first}-{after - 1}/{size}"
    outside = await look.stranger.get(path, headers={"Range": f"bytes={size}-"})
    assert (outside.status, outside.headers["Content-Range"]) == (416, f"bytes */{size}")
    again = await look.stranger.get(path, headers={"If-None-Match": tag})
    assert (again.status, await again.read()) == (304, b"")
    other = await look.stranger.get(path, headers={"If-None-Match": '"another"'})
    assert (other.status, await other.read()) == (200, content)
    head = await look.stranger.head(path)
    assert (head.status, await head.read()) == (200, b"")
    assert (head.headers["Content-Length"], head.headers["ETag"]) == (str(size), tag)
    assert (await look.stranger.get(path.partition("?")[0])).status == 401


async def test_a_photo(look: Look) -> None:
    (one,) = await look.act.pictures(moment(1))
    path, kind = await look.address(one)
    assert path.partition("?")[0].endswith(f"/{one}/original")
    assert kind == "image/jpeg"
    content = await look.raw(f"assets/{one}/original")
    assert content == next(look.act.folder.glob("*.jpg")).read_bytes()
    await _holds_to_http(look, path, content)
    assert (await look.play(one)).content_type == "image/jpeg"


async def test_a_film(look: Look) -> None:
    path = look.act.folder / "film.mp4"
    film(path)
    moving = (await look.act("upload", path=str(path)))["assets"][0]["id"]
    await look.act.settled(moving)
    address, kind = await look.address(moving)
    assert (address.partition("?")[0].rpartition("/")[2], kind) == ("video", "video/mp4")
    content = await look.raw(f"assets/{moving}/video/playback")
    await _holds_to_http(look, address, content)
    assert (await look.play(moving)).content_type == "video/mp4"


async def test_what_screens_cannot_show(look: Look) -> None:
    path = look.act.folder / "scan.tiff"
    with Image.open(_noise(look.act.folder)) as noise:
        noise.save(path)
    scan = (await look.act("upload", path=str(path)))["assets"][0]["id"]
    await look.act.settled(scan)
    await _is_shown_by_its_preview(look, scan)


async def test_a_heic(look: Look) -> None:
    body = {"originalFileName": ".heic", "visibility": "timeline", "size": 1}
    found = (await look.act.server.ask("POST", "search/metadata", body))["assets"]["items"]
    if not found:
        pytest.skip("the library has no HEIC, and none can be made here")
    if found[0]["thumbhash"] is None:
        pytest.skip("the server can't decode HEIC")
    await _is_shown_by_its_preview(look, found[0]["id"])


def _noise(folder: Path) -> Path:
    path = folder / "noise.jpg"
    path.write_bytes(picture())
    return path


async def _is_shown_by_its_preview(look: Look, asset_id: str) -> None:
    path, kind = await look.address(asset_id)
    assert (path.partition("?")[0].rpartition("/")[2], kind) == ("preview", "image/jpeg")
    await _holds_to_http(look, path, await look.raw(f"assets/{asset_id}/thumbnail?size=preview"))


@pytest.mark.parametrize("version", ["thumbnail", "preview"])
async def test_small_pictures(look: Look, version: str) -> None:
    (one,) = await look.act.pictures(moment(1))
    content = await look.raw(f"assets/{one}/thumbnail?size={version}")
    path = asset_view(look.act.account.entry_id, one, version)
    answer = await look.person.get(path)
    assert (answer.status, await answer.read()) == (200, content)
    assert answer.content_type.startswith("image/")
    assert answer.headers["Cache-Control"].startswith("private, max-age=")
    assert "Set-Cookie" not in answer.headers
    again = await look.person.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    assert (await look.stranger.get(path)).status == 401
    assert (await look.person.get(path.replace(one, UNKNOWN))).status == 404


async def test_tiles(look: Look) -> None:
    (one,) = await look.act.pictures(moment(1))
    album = (await look.act("create_album", name=look.act.server.mark, assets=one))["album"]["id"]
    content = await look.raw(f"assets/{one}/thumbnail?size=thumbnail")
    children = (await look.open("albums")).children or ()
    (cover,) = [child.thumbnail for child in children if child.media_content_id.endswith(album)]
    (tile,) = [child.thumbnail for child in (await look.open(f"albums/{album}")).children or ()]
    for thumbnail in (cover, tile, f"/api/immich_plus/{look.act.account.entry_id}/album/{album}"):
        assert thumbnail is not None
        assert await (await look.person.get(thumbnail)).read() == content


async def test_a_picture_for_an_ai_task(look: Look) -> None:
    if not hasattr(media_source, "async_get_media_image"):
        pytest.skip("Home Assistant 2026.10 doesn't ask for pictures")
    (one,) = await look.act.pictures(moment(1))
    image = await media_source.async_get_media_image(look.act.hass, look.reference(one))
    assert image is not None
    assert image.content == await look.raw(f"assets/{one}/thumbnail?size=preview")
    assert image.mime_type.startswith("image/")
    for folder in (look.root, f"{look.root}/timeline"):
        assert await media_source.async_get_media_image(look.act.hass, folder) is None
    with pytest.raises(Unresolvable) as info:
        await media_source.async_get_media_image(look.act.hass, look.reference(UNKNOWN))
    assert info.value.translation_key == "not_found"


async def test_the_trash_and_what_never_was(look: Look) -> None:
    (one,) = await look.act.pictures(moment(1))
    await look.act("trash_assets", assets=one)
    for asset_id, key in ((one, "in_the_trash"), (UNKNOWN, "not_found")):
        with pytest.raises(Unresolvable) as info:
            await look.address(asset_id)
        assert info.value.translation_key == key
        with pytest.raises(BrowseError) as refused:
            await media_source.async_browse_media(look.act.hass, look.reference(asset_id))
        assert refused.value.translation_key == key
    await look.act("restore_assets", assets=one)
    await eventually(lambda: look.act.read(one), lambda asset: not asset["isTrashed"])
    assert (await look.play(one)).status == 200
