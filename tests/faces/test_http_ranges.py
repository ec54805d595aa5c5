"""Parts of films, and conditions, as HTTP says, also where the server answers otherwise."""

from collections.abc import Mapping

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus import stream_headers
from tests.api.wire import Head, Respond, always, answer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.tiny import JPEG

from .looking import FILM, PHOTO, Browser, browser_fixture, view, wire_instead

__all__ = ["browser_fixture"]

CONTENT = bytes(range(256)) * 40
SIZE = len(CONTENT)
ETAG = '"strong"'
WEAK = 'W/"weak"'
DATE, EARLIER, LATER = (f"Sun, 0{day} Mar 2024 12:00:00 GMT" for day in (3, 2, 4))


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, 20020),
        ("bytes=0-0", 0, 1),
        ("bytes=4-11", 4, 12),
        ("BYTES= 4-11 ", 4, 12),
        ("bytes=20019-", 20019, 20020),
        ("bytes=20000-99999999", 20000, 20020),
        ("bytes=-8", 20012, 20020),
        ("bytes=-99999999", 0, 20020),
        ("bytes=0-999999999999999999", 0, 20020),
    ],
)
async def test_a_part(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser, asked: str, start: int, end: int
) -> None:
    """One proper range gives that part, and no more of it comes from the server."""
    film = immich.state.assets[FILM].media
    assert film is not None
    for version in ("video", "original"):
        reply = await browser.get(view(account, version), headers={"Range": asked})
        assert reply.status == 206
        assert reply.headers["Content-Range"] == f"bytes {start}-{end - 1}/20020"
        assert reply.headers["Content-Length"] == str(end - start)
        assert reply.headers["Content-Type"] == "video/mp4"
        assert await reply.read() == film.original()[start:end]  # type: ignore[index]
        assert immich.requests.entries[-1].status == 206


@pytest.mark.parametrize("asked", ["bytes=20020-", "bytes=99999999-", "bytes=20020-20030", "bytes=-0"])
async def test_outside_of_the_file(account: MockConfigEntry, browser: Browser, asked: str) -> None:
    """A range that begins after the end is 416 with the size, which 3.1 calls not found."""
    for version, size in (("video", 20020), ("original", 20020), ("preview", len(JPEG))):
        reply = await browser.get(view(account, version), headers={"Range": asked})
        assert reply.status == 416
        assert reply.headers["Content-Range"] == f"bytes */{size}"
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert await reply.text() == "Outside of the file"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-9",
        "bytes=9-4",
        "bytes=-",
        "bytes=abc",
        "bytes=1-2-3",
        "bytes=--5",
        "bytes=１-２",
        "pages=1-2",
        "bytes",
        "",
        f"bytes={'9' * 5000}-",
    ],
)
async def test_what_may_be_ignored_gives_the_whole(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser, asked: str
) -> None:
    """Several ranges, other units and nonsense give the whole file."""
    reply = await browser.get(view(account, "video"), headers={"Range": asked})
    assert reply.status == 200
    assert len(await reply.read()) == 20020
    assert "range" not in immich.requests.entries[-1].headers


@pytest.mark.parametrize("asked", [None, "bytes=4-11", "bytes=99999999-"])
async def test_only_the_head(account: MockConfigEntry, browser: Browser, asked: str | None) -> None:
    """HEAD tells what GET would, without a body; ranges are for GET."""
    for version in ("thumbnail", "preview", "original", "video"):
        path = view(account, version)
        whole = await browser.get(path)
        head = await browser.head(path, headers={} if asked is None else {"Range": asked})
        assert (head.status, await head.read()) == (200, b"")
        assert {**head.headers, "Date": ""} == {**whole.headers, "Date": ""}
        reply = await browser.head(path, headers={"If-None-Match": whole.headers["ETag"]})
        assert reply.status == 304


async def test_pictures_have_parts_too(account: MockConfigEntry, browser: Browser) -> None:
    """Downloads of a picture can be resumed."""
    reply = await browser.get(view(account, "preview", PHOTO), headers={"Range": "bytes=10-"})
    assert (reply.status, await reply.read()) == (206, JPEG[10:])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "{etag}"}, 304),
        ({"If-None-Match": '"a", {etag}, "b"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": "nonsense"}, 200),
        ({"If-None-Match": f'"{"x" * 3000}", {{etag}}'}, 200),
        ({"If-None-Match": '"größe", {etag}'}, 200),
        ({"If-None-Match": "{etag}", "Range": "bytes=0-1"}, 304),
        ({"If-None-Match": '"other"', "If-Modified-Since": LATER}, 200),
        ({"If-Modified-Since": DATE}, 304),
        ({"If-Modified-Since": LATER}, 304),
        ({"If-Modified-Since": EARLIER}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": "Sun, 03 Mar 2024 12:00:00 -0000"}, 200),
        ({"If-Modified-Since": "Sun, 03 Mar 2024 12:00:00 +999999999"}, 200),
        ({"If-Range": DATE, "Range": "bytes=4-11"}, 206),
        ({"If-Range": EARLIER, "Range": "bytes=4-11"}, 200),
        ({"If-Range": LATER, "Range": "bytes=4-11"}, 200),
        ({"If-Range": "{etag}", "Range": "bytes=4-11"}, 200),
        ({"If-Range": '"other"', "Range": "bytes=4-11"}, 200),
        ({"If-Range": "nonsense", "Range": "bytes=4-11"}, 200),
        ({"If-Range": '"other"'}, 200),
        # It has become shorter since.
        ({"If-Range": EARLIER, "Range": "bytes=99999-"}, 200),
    ],
)
async def test_conditions(
    account: MockConfigEntry, browser: Browser, headers: Mapping[str, str], status: int
) -> None:
    """Conditions hold as HTTP says; Immich's weak tags never join parts."""
    etag = (await browser.head(view(account, "video"))).headers["ETag"]
    assert etag.startswith("W/")
    sent = {name: value.replace("{etag}", etag) for name, value in headers.items()}
    reply = await browser.get(view(account, "video"), headers=sent)
    assert reply.status == status
    assert len(await reply.read()) == {200: 20020, 206: 8, 304: 0}[status]


async def test_a_strong_tag_joins_parts(account: MockConfigEntry, browser: Browser) -> None:
    """A server with strong tags serves parts by them; one that ignores the condition is asked again."""
    async with wire_instead(account, _obedient(f"ETag: {ETAG}")) as wire:
        reply = await browser.get(view(account, "video"), headers={"Range": "bytes=4-11", "If-Range": ETAG})
        assert (reply.status, await reply.read()) == (206, CONTENT[4:12])
        assert len(wire.heads) == 1
        reply = await browser.get(
            view(account, "video"), headers={"Range": "bytes=4-11", "If-Range": '"old"'}
        )
        assert (reply.status, await reply.read()) == (200, CONTENT)
        assert [head.header("Range") for head in wire.heads[1:]] == ["bytes=4-11", None]


@pytest.mark.parametrize(
    ("headers", "status", "content"),
    [
        ({}, 200, CONTENT),
        ({"Range": "bytes=0-1"}, 206, CONTENT[:2]),
        ({"Range": "bytes=300-"}, 206, CONTENT[300:]),
        ({"Range": "bytes=5000-6000"}, 206, CONTENT[5000:6001]),
        ({"Range": "bytes=-5"}, 206, CONTENT[-5:]),
        ({"Range": f"bytes={SIZE}-"}, 416, b"Outside of the file"),
        ({"Range": "bytes=4-11", "If-Range": ETAG}, 206, CONTENT[4:12]),
        ({"Range": "bytes=4-11", "If-Range": WEAK}, 200, CONTENT),
        ({"Range": "bytes=4-11", "If-Range": EARLIER}, 200, CONTENT),
        ({"If-None-Match": ETAG}, 304, b""),
        ({"If-None-Match": f"W/{ETAG}"}, 304, b""),
        ({"If-None-Match": "*"}, 304, b""),
        ({"If-None-Match": WEAK}, 200, CONTENT),
        ({"If-Modified-Since": DATE}, 304, b""),
        ({"If-Modified-Since": EARLIER}, 200, CONTENT),
    ],
)
async def test_a_proxy_that_ignores_it_all(
    account: MockConfigEntry, browser: Browser, headers: Mapping[str, str], status: int, content: bytes
) -> None:
    """Where somebody in front of Immich sends the whole always, parts are cut out of it here."""
    whole = answer(CONTENT, f"ETag: {ETAG}", f"Last-Modified: {DATE}", kind="video/mp4")
    async with wire_instead(account, always(whole)) as wire:
        reply = await browser.get(view(account, "video"), headers=headers)
        assert (reply.status, await reply.read()) == (status, content)
        assert len(wire.heads) == 1


async def test_a_part_that_comes_in_pieces(account: MockConfigEntry, browser: Browser) -> None:
    """What is cut out may begin and end in any piece of the whole."""
    whole = answer(CONTENT, kind="video/mp4")
    pieces = [whole[start : start + 2000] for start in range(0, len(whole), 2000)]
    async with wire_instead(account, always(*pieces, pause=0.01)):
        for start, end in ((5000, 5001), (3000, 9000), (0, 10), (SIZE - 1, SIZE)):
            reply = await browser.get(view(account, "video"), headers={"Range": f"bytes={start}-{end - 1}"})
            assert (reply.status, await reply.read()) == (206, CONTENT[start:end])


async def test_too_far_to_skip(
    account: MockConfigEntry, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What begins far behind what would have to be thrown away is sent whole instead."""
    monkeypatch.setattr(stream_headers, "LARGEST_SKIP_BYTES", 1000)
    async with wire_instead(account, always(answer(CONTENT, kind="video/mp4"))):
        near = await browser.get(view(account, "video"), headers={"Range": "bytes=1000-1001"})
        assert (near.status, await near.read()) == (206, CONTENT[1000:1002])
        far = await browser.get(view(account, "video"), headers={"Range": "bytes=1001-1002"})
        assert (far.status, await far.read()) == (200, CONTENT)


async def test_nobody_knows_how_long(account: MockConfigEntry, browser: Browser) -> None:
    """A body without a length is passed on whole, as nothing can be cut out of it."""
    chunked = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with wire_instead(account, always(chunked, b"5\r\nhello\r\n", b"6\r\n world\r\n", b"0\r\n\r\n")):
        reply = await browser.get(view(account, "video"), headers={"Range": "bytes=2-3"})
        assert (reply.status, await reply.read()) == (200, b"hello world")
        assert "Content-Length" not in reply.headers
        assert "Accept-Ranges" not in reply.headers


async def test_an_empty_file(account: MockConfigEntry, browser: Browser) -> None:
    """A file of no bytes is sent as it is, and has no parts."""
    async with wire_instead(account, always(answer(b"", kind="video/mp4"))):
        reply = await browser.get(view(account, "video"))
        assert (reply.status, reply.headers["Content-Length"], await reply.read()) == (200, "0", b"")
        for asked in ("bytes=0-", "bytes=-1"):
            reply = await browser.get(view(account, "video"), headers={"Range": asked})
            assert (reply.status, reply.headers["Content-Range"]) == (416, "bytes */0")


@pytest.mark.parametrize(
    "told",
    [
        "bytes 5-11/10240",
        "bytes 4-12/10240",
        "bytes 4-3/10240",
        "bytes 4-11/*",
        "bytes 4-11/8",
        "bytes */10240",
        "bytes 4-11",
        "pages 4-11/10240",
        "",
    ],
)
async def test_another_part_than_was_asked_for(account: MockConfigEntry, browser: Browser, told: str) -> None:
    """A part that isn't the one is never passed off as it."""
    part = answer(bytes(8), f"Content-Range: {told}", status="206 Partial Content", kind="video/mp4")
    async with wire_instead(account, always(part)):
        reply = await browser.get(view(account, "video"), headers={"Range": "bytes=4-11"})
        assert (reply.status, reply.headers["Cache-Control"]) == (502, "no-store")


async def test_a_part_that_nobody_asked_for(account: MockConfigEntry, browser: Browser) -> None:
    """Who asks for the whole never gets a part."""
    part = answer(bytes(8), "Content-Range: bytes 4-11/99", status="206 Partial Content", kind="video/mp4")
    async with wire_instead(account, always(part)):
        assert (await browser.get(view(account, "video"))).status == 502


async def test_a_part_of_another_length(account: MockConfigEntry, browser: Browser) -> None:
    """A part whose length contradicts its place is refused."""
    part = answer(bytes(7), "Content-Range: bytes 4-11/99", status="206 Partial Content", kind="video/mp4")
    async with wire_instead(account, always(part)):
        reply = await browser.get(view(account, "video"), headers={"Range": "bytes=4-11"})
        assert reply.status == 502


@pytest.mark.parametrize(
    "length", ["Content-Length: 4\r\n\r\nftyp", "Transfer-Encoding: chunked\r\n\r\n4\r\nftyp\r\n0\r\n\r\n"]
)
async def test_less_than_was_asked_for(account: MockConfigEntry, browser: Browser, length: str) -> None:
    """A server may send the beginning of a part only, with or without its length."""
    head = "HTTP/1.1 206 Partial Content\r\nContent-Type: video/mp4\r\nContent-Range: bytes 4-7/99\r\n"
    async with wire_instead(account, always(f"{head}{length}".encode())):
        reply = await browser.get(view(account, "video"), headers={"Range": "bytes=4-"})
        assert (reply.status, await reply.read()) == (206, b"ftyp")
        assert reply.headers["Content-Range"] == "bytes 4-7/99"
        assert reply.headers["Content-Length"] == "4"


@pytest.mark.parametrize(
    ("status", "told", "expected", "size"),
    [
        ("416 Range Not Satisfiable", "bytes */77", 416, "bytes */77"),
        ("416 Range Not Satisfiable", "nonsense", 416, None),
        ("416 Range Not Satisfiable", f"bytes */{'9' * 5000}", 416, None),
        ("404 Not Found", "bytes */77", 416, "bytes */77"),
        ("404 Not Found", "nonsense", 502, None),
    ],
)
async def test_servers_ways_to_refuse_a_part(
    account: MockConfigEntry, browser: Browser, status: str, told: str, expected: int, size: str | None
) -> None:
    """Each way in which servers refuse a range is 416 here, with the size if it was told."""
    refusal = answer(b"no", f"Content-Range: {told}", status=status, kind="video/mp4")
    async with wire_instead(account, always(refusal)):
        reply = await browser.get(view(account, "video"), headers={"Range": "bytes=100-"})
        assert reply.status == expected
        assert reply.headers.get("Content-Range") == size
        if expected == 416:
            # Without a range there is none to refuse.
            assert (await browser.get(view(account, "video"))).status == 502


def _obedient(*headers: str) -> Respond:
    """Serve ranges, but look at no condition."""

    async def _respond(head: Head, *streams: object) -> None:
        first, _, last = (head.header("Range") or "").removeprefix("bytes=").partition("-")
        if not first:
            await always(answer(CONTENT, *headers, kind="video/mp4"))(head, *streams)  # type: ignore[arg-type]
            return
        part = CONTENT[int(first) : int(last) + 1]
        told = f"Content-Range: bytes {first}-{last}/{SIZE}"
        whole = answer(part, told, *headers, status="206 Partial Content", kind="video/mp4")
        await always(whole)(head, *streams)  # type: ignore[arg-type]

    return _respond
