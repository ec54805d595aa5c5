"""Nothing that lies in a library, or that a hostile server sends, runs in Home Assistant's origin."""

from collections.abc import Mapping
import gzip

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.asset_reference import person_view
from tests.api.wire import always, answer
from tests.fake_immich import media_types
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import LoginPage
from tests.fake_immich.ids import stable_id

from .looking import FILM, PHOTO, Browser, browser_fixture, view, wire_instead

__all__ = ["browser_fixture"]

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
ALLOWED = {
    *("Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Length", "Content-Range"),
    *("Content-Security-Policy", "Content-Type", "Date", "ETag", "Last-Modified", "Referrer-Policy"),
    *("Server", "X-Content-Type-Options"),
}


def assert_harmless(headers: Mapping[str, str]) -> None:
    """Check what keeps a file from being a page."""
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = {part.strip() for part in headers["Content-Security-Policy"].split(";")}
    assert "default-src 'none'" in policy
    assert not any(part.startswith("script-src") for part in policy)
    is_film = headers.get("Content-Type", "").startswith("video/")
    assert ("sandbox allow-same-origin" if is_film else "sandbox") in policy
    assert headers["Cache-Control"].startswith(("private, max-age=", "no-store"))
    assert headers["Server"] == ""


@pytest.mark.parametrize(
    "headers", [{}, {"Range": "bytes=0-1"}, {"Range": "bytes=99999999-"}, {"If-None-Match": "*"}]
)
async def test_safe_headers(account: MockConfigEntry, browser: Browser, headers: Mapping[str, str]) -> None:
    """Every kind of answer carries them."""
    for asset_id in (FILM, PHOTO, "00000000-0000-4000-8000-000000000000", "no-id"):
        for version in ("thumbnail", "preview", "original", "video"):
            for method in ("GET", "HEAD"):
                reply = await browser.request(method, view(account, version, asset_id), headers=headers)
                assert_harmless(reply.headers)


async def test_true_types(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """All that Immich takes is sent as what it is, but for what could run or isn't known to be harmless."""
    asset = immich.state.assets[PHOTO]
    only_saved = []
    for ending, kind in {**media_types.IMAGE, **media_types.VIDEO}.items():
        asset.mime_type, asset.original_file_name = kind, f"x{ending}"
        reply = await browser.get(view(account, "original", PHOTO))
        assert reply.status == 200
        told = reply.headers["Content-Type"], reply.headers["Content-Disposition"]
        if told == ("application/octet-stream", f"attachment; filename*=UTF-8''x{ending}"):
            only_saved.append(kind)
        else:
            assert told == (kind, f"inline; filename*=UTF-8''x{ending}")
    assert sorted(only_saved) == ["application/mxf", "image/svg+xml"]


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "text/html; charset=utf-7",
        "TEXT/HTML",
        "application/xhtml+xml",
        "application/pdf",
        "application/x-shockwave-flash",
        "image/svg+xml; charset=utf-8",
        "IMAGE/SVG+XML",
        "image/svg",
        "image/jpegs",
        "image/jpeg, text/html",
        "image/jpeg\ttext/html",
        "image/jpeg\x01",
        "video/",
        "*/*",
        "nonsense",
        "",
    ],
)
async def test_what_could_run_is_only_for_saving(
    account: MockConfigEntry, browser: Browser, kind: str
) -> None:
    """A file of any other type is downloaded, never shown."""
    named = "Content-Disposition: inline; filename*=UTF-8''picture.jpg"
    async with wire_instead(account, always(answer(SCRIPT, named, kind=kind))):
        reply = await browser.get(view(account, "original"))
        assert (reply.status, await reply.read()) == (200, SCRIPT)
        assert reply.headers["Content-Type"] == "application/octet-stream"
        assert reply.headers["Content-Disposition"] == "attachment; filename*=UTF-8''picture.jpg"
        assert_harmless(reply.headers)


@pytest.mark.parametrize("kind", ["image/jpeg; charset=utf-7", "Image/JPEG", " image/jpeg ", "image/jpeg;;"])
async def test_types_are_written_anew(account: MockConfigEntry, browser: Browser, kind: str) -> None:
    """Of a type nothing passes but what is known."""
    async with wire_instead(account, always(answer(b"x", kind=kind))):
        reply = await browser.get(view(account, "preview"))
        assert reply.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("version", ["thumbnail", "preview", "video"])
async def test_a_page_in_place_of_a_picture(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser, version: str
) -> None:
    """What answers with a page where Immich sends pictures it made isn't Immich."""
    immich.faults.add("GET assets/*", LoginPage())
    reply = await browser.get(view(account, version))
    assert reply.status == 502
    assert "Sign in" not in await reply.text()
    immich.faults.add("GET people/*", LoginPage())
    face = await browser.get(person_view(account.entry_id, stable_id("tiny person Alice")))
    assert face.status == 502


@pytest.mark.parametrize(
    "disposition",
    [
        "attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd",
        "inline; filename*=UTF-8''a%0d%0aSet-Cookie:%20x=1.jpg",
        "inline; filename*=UTF-8''a\"b.jpg",
        "inline; filename*=UTF-8''%ff%fe.jpg",
        f"inline; filename*=UTF-8''{'x' * 5000}.jpg",
        "inline; filename*=UTF-8''%00",
        "inline; filename=plain.jpg",
        "nonsense",
    ],
)
async def test_names_are_written_anew(account: MockConfigEntry, browser: Browser, disposition: str) -> None:
    """A name leads nowhere and breaks no header."""
    async with wire_instead(
        account, always(answer(b"x", f"Content-Disposition: {disposition}", kind="image/jpeg"))
    ):
        reply = await browser.get(view(account, "original"))
        told = reply.headers["Content-Disposition"]
        assert told.startswith("inline")
        assert len(told) < 700
        assert told.isascii()
        assert told.isprintable()
        assert not {"/", '"', "\\"} & set(told)
        assert "%2F" not in told.upper()
        assert "Set-Cookie" not in reply.headers


async def test_only_known_headers_pass(account: MockConfigEntry, browser: Browser) -> None:
    """Of the server's headers only those that a picture needs reach the browser."""
    hostile = [
        "Set-Cookie: session=1; Path=/",
        "Location: https://evil.example/",
        "Refresh: 0; url=https://evil.example/",
        "Link: <https://evil.example/>; rel=preload",
        "Clear-Site-Data: *",
        "Access-Control-Allow-Origin: *",
        "Service-Worker-Allowed: /",
        "WWW-Authenticate: Basic",
        "Strict-Transport-Security: max-age=1",
        "Alt-Svc: h3=evil",
        "Connection: keep-alive, X-Hop",
        "X-Hop: 1",
        "Keep-Alive: timeout=5",
        "Trailer: X-Late",
        "Content-Security-Policy: default-src *",
        "X-Content-Type-Options: sniff",
        "Cache-Control: public, immutable",
        "Content-Language: en",
        "Content-Location: /x",
        "Vary: *",
        "Age: 3",
        "Server: evil",
        "X-Correlation-ID: secret",
        'ETag: "fine"',
        "Last-Modified: Sun, 03 Mar 2024 12:00:00 GMT",
    ]
    async with wire_instead(account, always(answer(b"picture", *hostile, kind="image/jpeg"))):
        reply = await browser.get(view(account, "thumbnail"))
    assert {name.title() for name in reply.headers} <= {name.title() for name in ALLOWED}
    assert reply.headers["ETag"] == '"fine"'
    assert reply.headers["Last-Modified"] == "Sun, 03 Mar 2024 12:00:00 GMT"
    assert_harmless(reply.headers)


@pytest.mark.parametrize(
    "header",
    [
        "ETag: nonsense",
        'ETag: "größe"',
        'ETag: "a" "b"',
        f'ETag: "{"x" * 3000}"',
        'ETag: "a\tb"',
        "Last-Modified: yesterday",
        "Last-Modified: Fri, 31 Dec 9999 23:59:59 -2300",
        "Last-Modified: Sun, 99 Mar 2024 12:00:00 GMT",
        "Last-Modified: ",
    ],
)
async def test_malformed_validators_are_left_out(
    account: MockConfigEntry, browser: Browser, header: str
) -> None:
    """A tag or date that can't be one isn't passed on, and fits no condition."""
    async with wire_instead(account, always(answer(b"x", header, kind="image/jpeg"))):
        for headers in ({}, {"If-None-Match": '"a"'}, {"If-Modified-Since": "Sun, 03 Mar 2024 12:00:00 GMT"}):
            reply = await browser.get(view(account, "preview"), headers=headers)
            assert reply.status == 200
            assert header.partition(":")[0] not in reply.headers


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n X-Evil: folded\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\rX-Evil: 1\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\nX-Evil: 1\nContent-Length: 1\n\nx",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/\xff\xfe\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\x00\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: one\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\nx" % (b"9" * 5000),
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Type: image/jpeg\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 201 Created\r\nContent-Type: image/jpeg\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 300 Multiple Choices\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"",
    ],
)
async def test_odd_answers(
    account: MockConfigEntry, browser: Browser, raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a server sends, the browser gets a harmless answer and nobody a traceback."""
    async with wire_instead(account, always(raw, close=True)):
        reply = await browser.get(view(account, "original"))
        assert reply.status in (200, 502, 503)
        assert_harmless(reply.headers)
        assert "X-Evil" not in reply.headers
        assert "evil" not in str(reply.headers)
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x-odd"])
async def test_compressed_against_our_wish(account: MockConfigEntry, browser: Browser, encoding: str) -> None:
    """A compressed body has another length and other ranges than was said: it is refused."""
    body = answer(gzip.compress(bytes(1000)), f"Content-Encoding: {encoding}", kind="image/jpeg")
    async with wire_instead(account, always(body)) as wire:
        for version in ("thumbnail", "original", "video"):
            assert (await browser.get(view(account, version))).status == 502
        assert {head.header("Accept-Encoding") for head in wire.heads} == {"identity"}


async def test_what_browsers_send_stays_here(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser
) -> None:
    """Of the browser's headers and query nothing reaches Immich but conditions and ranges."""
    sent = {
        "Cookie": "a=b",
        "Referer": "https://home.example/",
        "x-api-key": "mine",
        "Accept-Language": "de",
        "Range": "bytes=0-3",
        "If-Modified-Since": "Sun, 03 Mar 2002 12:00:00 GMT",
    }
    immich.requests.clear()
    reply = await browser.get(f"{view(account, 'original')}?key=evil&slug=evil", headers=sent)
    assert reply.status == 206
    (entry,) = immich.requests.entries
    assert entry.query == {"edited": "true"}
    assert entry.headers["x-api-key"] == "admin-key"
    assert entry.headers["range"] == "bytes=0-3"
    assert entry.headers["if-modified-since"] == sent["If-Modified-Since"]
    assert not {"authorization", "cookie", "referer", "accept-language"} & set(entry.headers)
