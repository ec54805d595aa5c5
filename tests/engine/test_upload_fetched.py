"""What is fetched first: URLs, media of other integrations, the pictures of entities."""

import asyncio
from datetime import UTC, datetime, timedelta
import hashlib
import logging
import os
from typing import Any

import aiohttp
from aiohttp import web
from homeassistant.core import HomeAssistant
import pytest

from custom_components.immich_plus.uploads import fetched, nameless
from custom_components.immich_plus.uploads.content_types import extension_of, is_picture_or_film
from tests.fake_immich.faults import Delay, Drop
from tests.uploading import (  # noqa: F401
    Uploading,
    Web,
    doorbell_fixture,
    folder_fixture,
    held,
    nothing_left_fixture,
    photo,
    quick_fixture,
    stranger_fixture,
    upload_fixture,
)

# URLs


async def test_a_url(upload: Uploading, doorbell: Web) -> None:
    """A picture is fetched from an allowed address, also a private one, and sent on."""
    address = doorbell.give("/cgi/snapshot.jpg", photo("bell"))
    said = await upload.one(url=address)
    assert said["source"] == address
    assert said["filename"] == "snapshot.jpg"
    stored = upload.asset(said)
    assert stored.checksum == hashlib.sha1(photo("bell")).digest()
    assert abs(stored.file_created_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_an_address_that_is_not_allowed(hass: HomeAssistant, upload: Uploading, stranger: Web) -> None:
    """The error shows the entry that is missing, and with it the call works."""
    plain = stranger.give("/a/b.jpg", photo("1"))
    asking = stranger.give("/c/d.cgi", photo("2")) + "?user=me&token=hunter2"
    for address, entry in ((plain, plain), (asking, f"{stranger.url}/c/")):
        assert await upload.refused(url=address) == ("url_not_allowed", {"url": entry})
        assert not stranger.asked
        # As Home Assistant reads it from its configuration.
        hass.config.allowlist_external_urls.add(entry if entry.endswith("/") else f"{entry}/")
        await upload.one(url=address)
        stranger.asked.clear()


async def test_what_is_no_address(upload: Uploading) -> None:
    """Only web addresses are fetched."""
    for address in (
        "",
        "door.jpg",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://h/x.jpg",
        "http://",
        "http:///x",
    ):
        assert await upload.refused(url=address) == ("url_invalid", {}), address
    for address in ("http://[::1", "javascript:x", "media-source://image/x"):
        assert await upload.refused(url=address) == ("url_invalid", {}), address


async def test_no_climbing_out_of_an_allowed_folder(
    hass: HomeAssistant, upload: Uploading, stranger: Web
) -> None:
    """Dots don't lead out of the part of a site that is allowed."""
    hass.config.allowlist_external_urls.add(f"{stranger.url}/public/")
    for way in ("../private/x.jpg", "%2e%2e/private/x.jpg"):
        key, _ = await upload.refused(url=f"{stranger.url}/public/{way}")
        assert key == "url_not_allowed"
    assert not stranger.asked


async def test_user_and_password(upload: Uploading, doorbell: Web, caplog: pytest.LogCaptureFixture) -> None:
    """Credentials in an address reach the device, and nobody else: neither response, nor error, nor log."""
    caplog.set_level(logging.DEBUG)
    doorbell.give("/snap", photo("x"))
    secret = doorbell.url.replace("http://", "http://admin:hunter2@")
    said = await upload(url=[f"{secret}/snap?token=hunter2#hunter2", f"{secret}/gone.jpg?token=hunter2"])
    assert doorbell.headers[0]["Authorization"].startswith("Basic ")
    assert said[0]["source"] == f"{doorbell.url}/snap"
    assert [asset["status"] for asset in said] == ["created", "failed"]
    key, placeholders = await upload.refused(url=f"{secret}/gone.jpg?token=hunter2")
    other = await upload.refused(url="http://admin:hunter2@192.0.2.1/x.jpg?token=hunter2")
    ours = "\n".join(record.getMessage() for record in caplog.records if "immich_plus" in record.name)
    assert (key, other[0]) == ("url_status", "url_not_allowed")
    assert "hunter2" not in f"{said} {placeholders} {other} {ours}"


async def test_redirects(upload: Uploading, doorbell: Web, stranger: Web) -> None:
    """A redirect is followed if its goal is allowed as well."""
    stranger.give("/x.jpg", photo("x"))
    for status in (301, 302, 303, 307, 308):
        doorbell.give("/new.jpg", photo(f"new {status}"))
        start = doorbell.give("/old", headers={"Location": "/new.jpg"}, status=status)
        assert (await upload.one(url=start))["filename"] == "new.jpg"
        away = doorbell.give("/away", headers={"Location": f"{stranger.url}/x.jpg?token=s"}, status=status)
        assert await upload.refused(url=away) == ("url_not_allowed", {"url": f"{stranger.url}/"})
    assert not stranger.asked


async def test_redirects_that_lead_nowhere(upload: Uploading, doorbell: Web) -> None:
    """Loops end, and nonsense is refused."""
    for goal in ("/loop", "http://[", "", "ftp://x/y", None):
        doorbell.asked.clear()
        start = doorbell.give("/loop", headers={} if goal is None else {"Location": goal}, status=302)
        key, _ = await upload.refused(url=start)
        assert key == ("url_not_allowed" if goal == "ftp://x/y" else "url_failed"), goal
        assert len(doorbell.asked) <= 6


NO_PICTURES: list[tuple[dict[str, Any], str]] = [
    ({"status": 404}, "url_status"),
    ({"status": 401}, "url_status"),
    ({"status": 500}, "url_status"),
    ({"status": 204}, "url_status"),
    ({"content": b""}, "url_empty"),
    ({"content_type": "text/html"}, "url_no_picture"),
    ({"content_type": "text/plain"}, "url_no_picture"),
    ({"content_type": "application/json"}, "url_no_picture"),
    ({"content_type": "audio/mpeg"}, "url_no_picture"),
    ({"content_type": "application/vnd.apple.mpegurl"}, "url_no_picture"),
    ({"headers": {"Content-Type": "multipart/x-mixed-replace; boundary=frame"}}, "url_no_picture"),
]


async def test_what_is_no_picture(upload: Uploading, doorbell: Web) -> None:
    """Errors, web pages, playlists and streams aren't pictures, whatever their address ends with."""
    for options, key in NO_PICTURES:
        address = doorbell.give("/snap.jpg", **{"content": b"<html>Please log in</html>", **options})
        found, placeholders = await upload.refused(url=address)
        assert found == key, options
        assert placeholders["url"] == address
    assert not upload.sent()


NAMES = [
    ("/door.jpg", "image/jpeg", None, "door.jpg"),
    ("/door.jpg", "application/octet-stream", None, "door.jpg"),
    ("/door.jpg", None, None, "door.jpg"),
    ("/snapshot", "image/jpeg", None, "snapshot.jpg"),
    ("/snapshot", "image/jpg; charset=x", None, "snapshot.jpg"),
    ("/snapshot.cgi", "image/png", None, "snapshot.cgi.png"),
    ("/page.html", "image/webp", None, "page.html.webp"),
    ("/", "video/mp4", None, "picture.mp4"),
    ("/clip", "video/quicktime", None, "clip.mov"),
    ("/x", "image/jpeg", 'attachment; filename="front door.jpg"', "front door.jpg"),
    ("/x", "image/jpeg", "attachment; filename*=UTF-8''T%C3%BCr.jpg", "Tür.jpg"),
    ("/x", "image/jpeg", 'attachment; filename="../../../etc/cron.d/evil.jpg"', "evil.jpg"),
    ("/x", "image/jpeg", 'attachment; filename="..\\\\..\\\\evil.jpg"', "evil.jpg"),
    ("/x", "image/jpeg", 'attachment; filename="/etc/passwd"', "passwd.jpg"),
    ("/x", "image/jpeg", 'attachment; filename=".."', "picture.jpg"),
    ("/x", "image/jpeg", "attachment; filename=", "x.jpg"),
    ("/x", "image/jpeg", f'attachment; filename="{"n" * 400}.jpg"', "n" * 146 + ".jpg"),
    ("/x/%2e%2e%2f%2e%2e%2fdoor.jpg", "image/jpeg", None, "door.jpg"),
]


async def test_names(upload: Uploading, doorbell: Web) -> None:
    """The server's name counts, else the end of the address; the content type gives an ending that is missing."""
    for path, content_type, disposition, name in NAMES:
        headers = {} if content_type is None else {"Content-Type": content_type}
        if disposition is not None:
            headers["Content-Disposition"] = disposition

        async def _answer(_request: web.Request, headers: dict[str, str] = headers) -> web.StreamResponse:
            response = web.Response(body=photo(str(len(upload.immich.state.assets))), headers=headers)
            if "Content-Type" not in headers:
                response.headers.popall("Content-Type", None)
            return response

        doorbell.answers = dict.fromkeys([path, "/x/../../door.jpg"], _answer)
        said = await upload.one(url=doorbell.url + path)
        assert said["filename"] == name
        assert upload.asset(said).original_file_name == name


async def test_no_known_type_at_all(upload: Uploading, doorbell: Web) -> None:
    """Bytes without name and type are refused before they are sent."""
    address = doorbell.give("/blob", photo(), content_type="application/octet-stream")
    assert await upload.refused(url=address) == ("type_not_supported", {"filename": "blob"})
    assert (await upload.one(url=address, filename="door.jpg"))["filename"] == "door.jpg"


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
    await response.prepare(request)
    try:
        while True:
            await response.write(bytes(64 * 1024))
    except OSError:
        return response


async def _stalling(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
    await response.prepare(request)
    await response.write(photo())
    await asyncio.sleep(0.6)
    return response


async def _breaking(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "image/jpeg", "Content-Length": "100000"})
    await response.prepare(request)
    await response.write(photo())
    assert request.transport is not None
    request.transport.close()
    return response


async def test_too_much(upload: Uploading, doorbell: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download has a bound, told or not; nothing of it is kept."""
    monkeypatch.setattr(nameless, "LARGEST_DOWNLOAD_BYTES", 1_000_000)
    doorbell.answers["/endless.jpg"] = _endless
    assert (await upload.refused(url=f"{doorbell.url}/endless.jpg"))[0] == "download_too_large"
    told = doorbell.give("/large.jpg", bytes(1_000_001))
    assert (await upload.refused(url=told))[0] == "download_too_large"
    await upload.one(url=doorbell.give("/right.jpg", bytes(1_000_000)))


async def test_too_slow(upload: Uploading, doorbell: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that stops moving, breaks off or takes for ever ends."""
    doorbell.answers |= {"/stall.jpg": _stalling, "/break.jpg": _breaking, "/endless.jpg": _endless}
    monkeypatch.setattr(fetched, "_TIMEOUT", aiohttp.ClientTimeout(total=30, sock_read=0.1))
    for name in ("stall", "break"):
        key, placeholders = await upload.refused(url=f"{doorbell.url}/{name}.jpg")
        assert (key, placeholders) == ("url_failed", {"url": f"{doorbell.url}/{name}.jpg"})
    monkeypatch.setattr(fetched, "_TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    assert (await upload.refused(url=f"{doorbell.url}/endless.jpg"))[0] == "url_failed"
    await asyncio.sleep(0.6)


async def test_nobody_there(hass: HomeAssistant, upload: Uploading) -> None:
    """An address that nobody answers at is told as such."""
    hass.config.allowlist_external_urls.add("http://127.0.0.1:1/")
    assert await upload.refused(url="http://127.0.0.1:1/x.jpg") == (
        "url_failed",
        {"url": "http://127.0.0.1:1/x.jpg"},
    )


class _Full:
    """A file on a full disk."""

    def __init__(self, at: str) -> None:
        self._at = at

    def write(self, piece: bytes) -> int:
        """Fail, or take it."""
        return self._fail("write") or len(piece)

    def flush(self) -> None:
        """Fail, or not."""
        self._fail("flush")

    def close(self) -> None:
        """Do nothing."""

    def _fail(self, at: str) -> None:
        if at == self._at:
            raise OSError(28, "No space left on device")


@pytest.mark.parametrize("at", ["open", "write", "flush"])
async def test_a_full_disk(
    upload: Uploading, doorbell: Web, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """A disk without room is told as such."""

    def _make(_folder: str) -> _Full:
        if at == "open":
            raise OSError(28, "No space left on device")
        return _Full(at)

    monkeypatch.setattr(nameless, "_nameless_file", _make)
    assert await upload.refused(url=doorbell.give("/a.jpg", photo())) == ("no_space", {})


async def test_a_large_film(upload: Uploading, doorbell: Web) -> None:
    """A film is sent on in pieces, and again from its start after a broken line."""
    content = os.urandom(3_500_000)
    upload.immich.faults.add("POST assets", Drop(), times=1)
    said = await upload.one(url=doorbell.give("/film.mp4", content, content_type="video/mp4"))
    assert upload.asset(said).checksum == hashlib.sha1(content).digest()


@pytest.mark.parametrize("when", ["fetching", "sending"])
async def test_a_cancelled_call(hass: HomeAssistant, upload: Uploading, doorbell: Web, when: str) -> None:
    """A call that is cancelled leaves nothing behind: no file, no asset, no open connection."""
    doorbell.answers["/endless.jpg"] = _endless
    doorbell.give("/small.jpg", photo())
    upload.immich.faults.add("POST assets", Delay(0.3))
    before = len(upload.immich.state.assets)
    names = ["small.jpg"] * 3 if when == "sending" else ["small.jpg", "endless.jpg"]
    call = asyncio.create_task(
        upload(url=[f"{doorbell.url}/{name}" for name in names], album="Never", create_album=True)
    )
    for _ in range(1000):
        if upload.immich.requests.count("POST assets") if when == "sending" else len(held(hass)) > 1:
            break
        await asyncio.sleep(0.01)
    assert held(hass)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.sleep(0.5)
    assert not held(hass)
    assert len(upload.immich.state.assets) <= before + (when == "sending")
    assert "Never" not in {album.name for album in upload.immich.state.albums.values()}


def test_content_types() -> None:
    """Each type has the ending that Immich knows."""
    assert extension_of("IMAGE/JPEG; q=1") == ".jpg"
    assert extension_of("image/heic") == ".heic"
    assert extension_of("image/unheard-of") == ""
    assert extension_of("text/html") == ""
    assert is_picture_or_film("")
    assert not is_picture_or_film("Text/HTML; charset=utf-8")
