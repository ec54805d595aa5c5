"""Uploads: streamed, hashed on the way, processed afterwards."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha1
import time

from aiohttp import ClientSession
from PIL import ExifTags, Image
import pytest

from tests.fake_immich import FakeImmich

from .helpers import KEY, ask, form, jpeg, upload


async def test_created_then_duplicate(immich: FakeImmich) -> None:
    content = jpeg()
    status, made = await upload(immich, content)
    assert (status, made["status"]) == (201, "created")
    assert await upload(immich, content, "other.jpg") == (
        200,
        {"status": "duplicate", "id": made["id"]},
    )
    digest = sha1(content)
    for said in (digest.hexdigest(), b64encode(digest.digest()).decode()):
        status, body = await ask(immich, "POST", "assets", headers={"x-immich-checksum": said}, data=b"")
        assert (status, body) == (200, {"status": "duplicate", "id": made["id"]})
    _, asset = await ask(immich, "GET", f"assets/{made['id']}")
    assert asset["checksum"] == b64encode(digest.digest()).decode()


async def test_a_thumbnail_takes_a_moment(immich: FakeImmich) -> None:
    immich.state.settings.processing_delay = 0.2
    _, made = await ask(immich, "POST", "assets", data=form(jpeg()))
    path = f"assets/{made['id']}/thumbnail"
    assert await ask(immich, "GET", path) == (404, {"message": "Asset media not found"})
    assert (await ask(immich, "GET", f"assets/{made['id']}"))[1]["thumbhash"] is None
    await immich.settle()
    status, picture = await ask(immich, "GET", path)
    assert (status, picture[8:12]) == (200, b"WEBP")
    status, picture = await ask(immich, "GET", path, {"size": "preview"})
    assert (status, picture[:2]) == (200, b"\xff\xd8")


async def test_garbage_never_gets_a_thumbnail(immich: FakeImmich) -> None:
    status, made = await upload(immich, b"no picture at all", "bad.jpg")
    assert status == 201
    assert (await ask(immich, "GET", f"assets/{made['id']}/thumbnail"))[0] == 404


async def test_exif_wins_over_the_form(immich: FakeImmich) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2019:05:05 05:05:05"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (48.0, 12.0, 29.52),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (16.0, 22.0, 25.68),
        }
    )
    _, made = await upload(immich, jpeg(exif=exif))
    _, asset = await ask(immich, "GET", f"assets/{made['id']}")
    assert asset["localDateTime"] == "2019-05-05T05:05:05.000Z"
    assert asset["fileCreatedAt"] == "2019-05-05T03:05:05.000Z"
    info = asset["exifInfo"]
    assert (info["make"], info["city"], info["timeZone"]) == ("Maker", "Vienna", "Europe/Vienna")


async def test_only_the_name_decides(immich: FakeImmich) -> None:
    for name in ("note.txt", "snapshot"):
        assert await upload(immich, jpeg(), name) == (
            400,
            {"message": f"Unsupported file type {name}"},
        )
    status, made = await upload(immich, jpeg(), "blob", filename="snapshot.JPG")
    assert status == 201
    assert immich.state.assets[made["id"]].original_file_name == "snapshot.JPG"


async def test_names_are_taken_as_they_are(immich: FakeImmich) -> None:
    _, made = await upload(immich, jpeg(), "Käse.jpg")
    assert immich.state.assets[made["id"]].original_file_name == "Käse.jpg"
    _, made = await upload(immich, jpeg("red"), "K%C3%A4se.jpg")
    assert immich.state.assets[made["id"]].original_file_name == "K%C3%A4se.jpg"


async def test_a_live_photo_hides_its_film(immich: FakeImmich) -> None:
    events: list[str] = []
    immich.state.subscribers.append(lambda event, user, payload: events.append(event))
    _, film = await upload(immich, b"film", "live.mov")
    _, still = await upload(immich, jpeg(), "live.jpg", livePhotoVideoId=film["id"])
    assert immich.state.assets[still["id"]].live_photo_video_id == film["id"]
    assert (await ask(immich, "GET", f"assets/{film['id']}"))[1]["visibility"] == "hidden"
    assert "on_asset_hidden" in events
    assert events.count("on_upload_success") == 2


async def test_a_sidecar_is_read(immich: FakeImmich) -> None:
    data = form(jpeg())
    xmp = b'<x xmp:Rating="4"><dc:description><rdf:li>Hi &amp; ho</rdf:li></dc:description></x>'
    data.add_field("sidecarData", xmp, filename="picture.jpg.xmp", content_type="application/xml")
    _, made = await ask(immich, "POST", "assets", data=data)
    await immich.settle()
    exif = immich.state.assets[made["id"]].exif
    assert (exif.description, exif.rating) == ("Hi & ho", 4)


async def test_tags_of_a_sidecar_bring_those_above_them(immich: FakeImmich) -> None:
    data = form(jpeg())
    xmp = b"<x><digiKam:TagsList><rdf:Seq><rdf:li>Sea/Deep</rdf:li></rdf:Seq></digiKam:TagsList></x>"
    data.add_field("sidecarData", xmp, filename="picture.jpg.xmp", content_type="application/xml")
    _, made = await ask(immich, "POST", "assets", data=data)
    await immich.settle()
    by_path = {tag.value: tag for tag in immich.state.tags.values()}
    assert by_path["Sea/Deep"].parent_id == by_path["Sea"].id
    assert immich.state.assets[made["id"]].tag_ids == [by_path["Sea/Deep"].id]


async def test_quota(immich: FakeImmich) -> None:
    immich.state.users[next(iter(immich.state.users))].quota_size = 10
    assert await upload(immich, jpeg()) == (400, {"message": "Quota has been exceeded!"})


async def test_bulk_check_tells_of_the_trash(immich: FakeImmich) -> None:
    content = jpeg()
    _, made = await upload(immich, content)
    await ask(immich, "DELETE", "assets", {"ids": [made["id"]]})
    asked = {"assets": [{"id": "mine", "checksum": sha1(content).hexdigest()}]}
    _, body = await ask(immich, "POST", "assets/bulk-upload-check", asked)
    assert body["results"] == [
        {
            "id": "mine",
            "action": "reject",
            "reason": "duplicate",
            "assetId": made["id"],
            "isTrashed": True,
        }
    ]


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 300_001])
@pytest.mark.parametrize("step", [1000, 65_536])
async def test_any_size_in_any_pieces(immich: FakeImmich, size: int, step: int) -> None:
    content = bytes(n * 7 % 251 for n in range(size - 1)) + b"\r"
    whole = (
        b'--b\r\nContent-Disposition: form-data; name="fileCreatedAt"\r\n\r\n2024-03-10T09:15:00Z\r\n'
        b'--b\r\nContent-Disposition: form-data; name="fileModifiedAt"\r\n\r\n2024-03-10T09:15:00Z\r\n'
        b'--b\r\nContent-Disposition: form-data; name="assetData"; filename="a.jpg"\r\n\r\n'
        + content
        + b"\r\n--b--\r\n"
    )

    async def pieces() -> AsyncIterator[bytes]:
        for offset in range(0, len(whole), step):
            yield whole[offset : offset + step]

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    status, made = await ask(immich, "POST", "assets", data=pieces(), headers=headers)
    assert status == 201
    assert immich.state.assets[made["id"]].checksum == sha1(content).digest()
    assert await ask(immich, "GET", f"assets/{made['id']}/original") == (200, content)


async def test_large_files_are_not_kept() -> None:
    async with FakeImmich(keep_below=100_000) as immich:
        content = bytes(250_000)
        _, made = await upload(immich, content, "large.mp4")
        asset = immich.state.assets[made["id"]]
        assert (asset.checksum, asset.exif.file_size) == (sha1(content).digest(), 250_000)
        assert asset.media is None
        assert not list(immich.folder.iterdir())
        assert immich.requests.matching("POST assets")[0].body_size >= 250_000


async def test_a_slow_receiver() -> None:
    async with FakeImmich(rate=1_000_000) as immich, ClientSession(headers=KEY) as session:
        started = time.monotonic()
        async with session.post(f"{immich.url}/api/assets", data=form(bytes(500_000))) as response:
            assert response.status == 201
        assert 0.4 < time.monotonic() - started < 2


async def test_an_early_answer_does_not_break_the_sender(immich: FakeImmich) -> None:
    content = jpeg()
    await upload(immich, content)
    reader, writer = await asyncio.open_connection("127.0.0.1", immich.port)
    length = 20_000_000
    head = (
        "POST /api/assets HTTP/1.1\r\nHost: x\r\nx-api-key: admin-key\r\n"
        f"x-immich-checksum: {sha1(content).hexdigest()}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n"
    )
    writer.write(head.encode())
    await writer.drain()
    answer = await reader.readuntil(b"\r\n\r\n")
    assert b"200 OK" in answer
    for _ in range(length // 1_000_000):
        writer.write(bytes(1_000_000))
        await writer.drain()
    await reader.readexactly(66)
    writer.write(b"GET /api/server/ping HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    writer.close()
