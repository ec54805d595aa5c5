"""What an upload sends, and what the server makes of it, in each version."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
import re

import pytest

from custom_components.immich_plus.api.assets import Uploaded
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichPermissionError,
)
from custom_components.immich_plus.api.upload_form import DEVICE_ID
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Garble, missing, replaced
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Asset, Visibility

from .conftest import MakeClient, MakeWire
from .files import TAKEN, upload_file
from .wire import Head, answer

type FormOf = Callable[..., Awaitable[tuple[Head, bytes]]]

CREATED = answer(b'{"id":"0b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8b","status":"created"}', status="201 Created")


def named(immich: FakeImmich, filename: str) -> Asset:
    return next(asset for asset in immich.state.assets.values() if asset.original_file_name == filename)


async def test_a_plain_upload(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    uploaded = await client.assets.upload(upload_file(b"some bytes", "new.jpg"))
    asset = each.state.assets[uploaded.asset_id]
    assert uploaded == Uploaded(asset_id=asset.id, duplicate=False)
    assert asset.original_file_name == "new.jpg"
    assert asset.visibility is Visibility.TIMELINE
    assert asset.is_favorite is False
    assert asset.file_created_at == TAKEN.replace(microsecond=123000)
    again = await client.assets.upload(upload_file(b"some bytes", "other.jpg"))
    assert again == Uploaded(asset_id=asset.id, duplicate=True)


async def test_favourite_and_archive(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    uploaded = await client.assets.upload(upload_file(favorite=True, archived=True))
    asset = each.state.assets[uploaded.asset_id]
    assert asset.is_favorite is True
    assert asset.visibility is Visibility.ARCHIVE


async def test_a_live_photo(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    film = await client.assets.upload(upload_file(b"moving", "live.mov"))
    still = await client.assets.upload(upload_file(b"still", "live.heic", live_photo_video_id=film.asset_id))
    assert each.state.assets[still.asset_id].live_photo_video_id == film.asset_id
    assert each.state.assets[film.asset_id].visibility is Visibility.HIDDEN


async def test_a_sidecar(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    xmp = b"<rdf:RDF><dc:description><rdf:li>From the sidecar</rdf:li></dc:description></rdf:RDF>"
    uploaded = await client.assets.upload(upload_file(sidecar=xmp))
    await each.settle()
    assert each.state.assets[uploaded.asset_id].exif.description == "From the sidecar"


@pytest.fixture
async def form_of(make_client: MakeClient, make_wire: MakeWire) -> FormOf:
    """Give a function that uploads a file and returns the request's head and body."""
    bodies: list[bytes] = []

    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = head.header("Content-Length")
        assert length is not None, "proxies like to know the length"
        bodies.append(await reader.readexactly(int(length)))
        writer.write(CREATED)

    wire = await make_wire(_respond)

    async def _send(**changes: object) -> tuple[Head, bytes]:
        await make_client(wire).assets.upload(upload_file(**changes))  # type: ignore[arg-type]
        return wire.heads[-1], bodies[-1]

    return _send


async def test_the_form(form_of: FormOf) -> None:
    head, body = await form_of(
        content=b"CONTENT",
        filename="Fête – 日本.jpg",
        favorite=True,
        archived=True,
        sidecar=b"XMP",
        live_photo_video_id="0b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8b",
        created_at=datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=2))),
        modified_at=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
        sha1="ab" * 20,
    )
    assert head.first_line == "POST /api/assets HTTP/1.1"
    assert head.header("Transfer-Encoding") is None
    assert head.header("x-api-key") == "admin-key"
    assert head.header("x-immich-checksum") is None
    boundary = (head.header("Content-Type") or "").removeprefix("multipart/form-data; boundary=")
    parts = body.decode().split(f"--{boundary}")
    assert parts[0] == ""
    assert parts[-1] == "--\r\n"
    assert re.findall(r'name="(\w+)"(?:; filename="(.*?)")?\r\n', body.decode()) == [
        ("deviceAssetId", ""),
        ("deviceId", ""),
        ("fileCreatedAt", ""),
        ("fileModifiedAt", ""),
        ("isFavorite", ""),
        ("visibility", ""),
        ("livePhotoVideoId", ""),
        ("sidecarData", "Fête – 日本.xmp"),
        ("assetData", "Fête – 日本.jpg"),
    ]
    values = [part.partition("\r\n\r\n")[2].removesuffix("\r\n") for part in parts[1:-1]]
    assert values == [
        "Fête – 日本.jpg-7-abababababab",
        DEVICE_ID,
        "2024-01-02T01:04:05.678Z",
        "2024-01-02T03:04:05.000Z",
        "true",
        "archive",
        "0b5e2c1e-7f0a-4d4e-9f0b-3c2d1e0f9a8b",
        "XMP",
        "CONTENT",
    ]
    assert "Content-Type: image/jpeg" in parts[-2]


async def test_a_plain_form_says_no_more_than_needed(form_of: FormOf) -> None:
    _, body = await form_of(filename="film.weird")
    for word in (b"isFavorite", b"visibility", b"livePhotoVideoId", b"sidecarData", b"duration", b"metadata"):
        assert word not in body
    assert b"Content-Type: application/octet-stream" in body


@pytest.mark.parametrize(
    "content",
    [b"x", b"\r\n--boundary\r\n", bytes(range(256)) * 40, b"--\r\n\r\n" * 9],
)
async def test_bytes_arrive_as_they_are(immich: FakeImmich, make_client: MakeClient, content: bytes) -> None:
    client = make_client(immich)
    uploaded = await client.assets.upload(upload_file(content, "bytes.jpg"))
    async with client.assets.open_original(uploaded.asset_id) as response:
        assert await response.read() == content


@pytest.mark.parametrize(
    "filename",
    [
        "Ünïcödé ☃ 日本語.jpg",
        "100% sure %20 & more; x=y.jpg",
        "it's \u2018quoted\u2019.jpg",
        "wide\u2028line\u00a0space.jpg",
        "emoji 👨‍👩‍👧.png",
        "semi;colon, comma.jpg",
    ],
)
async def test_names_arrive_as_they_are(each: FakeImmich, make_client: MakeClient, filename: str) -> None:
    uploaded = await make_client(each).assets.upload(upload_file(filename=filename))
    assert each.state.assets[uploaded.asset_id].original_file_name == filename


@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ('say "cheese".jpg', "say _cheese_.jpg"),
        ("two\r\nX-Evil: 1\r\n\r\nlines.jpg", "two__X-Evil: 1____lines.jpg"),
        ("nul\0.jpg", "nul_.jpg"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("undecodable \udcff\udce4.jpg", "undecodable ??.jpg"),
        ("  blanks.jpg  ", "blanks.jpg"),
    ],
)
async def test_names_that_no_form_can_carry(
    immich: FakeImmich, make_client: MakeClient, filename: str, kept: str
) -> None:
    uploaded = await make_client(immich).assets.upload(upload_file(filename=filename))
    assert immich.state.assets[uploaded.asset_id].original_file_name == kept


@pytest.mark.parametrize("filename", ["notes.txt", "", "/", "...", "no-ending"])
async def test_the_server_decides_by_the_name(
    immich: FakeImmich, make_client: MakeClient, filename: str
) -> None:
    with pytest.raises(ImmichBadRequestError, match="Unsupported file type"):
        await make_client(immich).assets.upload(upload_file(filename=filename))


async def test_a_full_quota(each: FakeImmich, make_client: MakeClient) -> None:
    each.state.users[stable_id("tiny user")].quota_size = 10
    with pytest.raises(ImmichBadRequestError, match="Quota has been exceeded"):
        await make_client(each, "user-key").assets.upload(upload_file(b"more than ten bytes"))


async def test_a_key_that_may_not(each: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichPermissionError) as caught:
        await make_client(each, "read-key").assets.upload(upload_file())
    assert caught.value.scope == "asset.upload"


@pytest.mark.parametrize(
    "fault",
    [
        missing("id"),
        replaced(None, "id"),
        replaced(7, "id"),
        replaced("", "id"),
        replaced("../../admin", "id"),
        replaced([], "id"),
        replaced([]),
        replaced("ok"),
        Garble(text=b""),
    ],
)
async def test_an_answer_without_a_usable_id(
    immich: FakeImmich, make_client: MakeClient, fault: Garble
) -> None:
    immich.faults.add("POST assets", fault)
    with pytest.raises(ImmichBadAnswerError, match="assets"):
        await make_client(immich).assets.upload(upload_file())


async def test_an_unknown_status_is_no_duplicate(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("POST assets", missing("status"))
    assert (await make_client(immich).assets.upload(upload_file())).duplicate is False
