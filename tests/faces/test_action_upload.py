"""The action `upload`: its fields, its answer, the account's defaults."""

import asyncio
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from PIL import Image
import pytest
import voluptuous as vol

from custom_components.immich_plus.const import DOMAIN, SOURCES_PER_CALL
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Delay
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Visibility
from tests.uploading import Uploading, folder_fixture, photo, quick_fixture, upload_fixture  # noqa: F401

ADMIN = stable_id("tiny admin")


async def test_the_whole_answer(upload: Uploading) -> None:
    """The answer has exactly the documented members."""
    path = upload.write("door.jpg")
    response = await upload.response(path=path)
    (asset,) = response["assets"]
    asset_id = asset["id"]
    assert response == {
        "assets": [
            {
                "source": path,
                "status": "created",
                "id": asset_id,
                "filename": "door.jpg",
                "media_content_id": f"media-source://immich_plus/{ADMIN}/asset/{asset_id}",
                "url": f"{upload.immich.url}/photos/{asset_id}",
                "error": None,
            }
        ],
        "album": None,
    }
    response = await upload.response(path=path, album="Empty")
    assert response["assets"][0] == asset | {"status": "duplicate"}
    assert response["album"] == {"id": stable_id("tiny empty"), "name": "Empty", "created": False}


async def test_without_an_answer(hass: HomeAssistant, upload: Uploading) -> None:
    """Most automations don't look at the answer."""
    answer = await hass.services.async_call(DOMAIN, "upload", {"path": upload.write("a.jpg")}, blocking=True)
    assert answer is None
    assert len(upload.sent()) == 1


async def test_the_counts_follow(hass: HomeAssistant, upload: Uploading) -> None:
    """The sensors know of an upload soon after it, without its waiting for them."""
    before = {state.entity_id: state.state for state in hass.states.async_all("sensor")}
    upload.immich.faults.add("GET assets/statistics", Delay(0.2))
    await upload.one(path=upload.write("a.jpg"))
    await hass.async_block_till_done()
    changed = {
        state.entity_id.rpartition("_")[2]: int(state.state) - int(before[state.entity_id])
        for state in hass.states.async_all("sensor")
        if state.entity_id.endswith("_photos") and before[state.entity_id] != state.state
    }
    assert changed == {"photos": 1}


async def test_favorite_and_archive(upload: Uploading) -> None:
    """New ones are born as wished."""
    plain = upload.asset(await upload.one(path=upload.write("plain.jpg")))
    wished = upload.asset(await upload.one(path=upload.write("wished.jpg"), favorite=True, archived=True))
    assert (plain.is_favorite, plain.visibility) == (False, Visibility.TIMELINE)
    assert (wished.is_favorite, wished.visibility) == (True, Visibility.ARCHIVE)


async def test_what_was_there_before(upload: Uploading) -> None:
    """A duplicate keeps description, date and place in the library; favourite, tags and album are added."""
    path = upload.write("a.jpg")
    first = await upload.told(
        await upload.one(path=path, description="First", taken_at="2020-01-01 12:00:00")
    )
    taken = first.file_created_at
    assert not first.is_favorite
    new = upload.write("b.jpg")
    said = await upload(
        path=[path, new],
        description="Second",
        taken_at="2021-01-01 12:00:00",
        favorite=True,
        archived=True,
        tags=["t"],
        album="Empty",
    )
    await upload.immich.settle()
    assert [asset["status"] for asset in said] == ["duplicate", "created"]
    assert (first.exif.description, first.file_created_at) == ("First", taken)
    assert (first.is_favorite, first.visibility) == (True, Visibility.TIMELINE)
    assert upload.asset(said[1]).exif.description == "Second"
    assert upload.names_in("Empty") == ["a.jpg", "b.jpg"]
    assert first.tag_ids == upload.asset(said[1]).tag_ids != []


async def test_tags(upload: Uploading) -> None:
    """Tags are named by path or id; they come with what is new, and are added to what was there."""
    wanted = [stable_id("tiny tag trips/sea"), "trips", " Home/Doorbell ", "trips", "/", "<&>"]
    path = upload.write("a.jpg")
    new = await upload.told(await upload.one(path=path, tags=wanted))
    tags = upload.immich.state.tags
    expected = ["<&>", "Home/Doorbell", "trips", "trips/sea"]
    assert sorted(tags[tag_id].value for tag_id in new.tag_ids) == expected
    assert not upload.immich.requests.matching("PUT tags*")
    new.tag_ids.clear()
    await upload.one(path=path, tags=wanted)
    assert sorted(tags[tag_id].value for tag_id in new.tag_ids) == expected


async def test_an_unknown_tag(upload: Uploading) -> None:
    """An id that is no tag's is told before anything is sent."""
    unknown = "12345678-1234-4234-8234-123456789012"
    assert await upload.refused(path=upload.write("a.jpg"), tags=["a", unknown]) == (
        "tag_unknown",
        {"tag": unknown, "candidates": "trips, trips/sea"},
    )
    assert not upload.sent()


async def test_words_of_all_kinds(upload: Uploading) -> None:
    """A description arrives as it was written, also where XML has its difficulties."""
    text = 'Anna & Ben <3 "Käse" ]]> 门铃\nsecond line'
    said = await upload.one(path=upload.write("a.jpg"), description=text + "\x00\x0b")
    assert (await upload.told(said)).exif.description == text


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2024-07-01 12:00:00", "2024-07-01T10:00:00+00:00"),
        ("2024-07-01T12:00:00Z", "2024-07-01T12:00:00+00:00"),
        ("2024-07-01 12:00:00-05:00", "2024-07-01T17:00:00+00:00"),
        (datetime(2024, 7, 1, 12, tzinfo=UTC), "2024-07-01T12:00:00+00:00"),
    ],
)
async def test_taken_at(hass: HomeAssistant, upload: Uploading, given: Any, moment: str) -> None:
    """A date without a zone is meant as Home Assistant's clocks show it."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    upload.write("a.mov")
    stored = await upload.told(await upload.one(path=upload.write("a.jpg"), taken_at=given))
    assert stored.file_created_at.isoformat() == moment
    film = upload.immich.state.assets[str(stored.live_photo_video_id)]
    assert film.file_created_at.isoformat() == moment


async def test_the_date_in_the_picture(upload: Uploading) -> None:
    """The date that a picture carries counts, unless the call gives another one."""
    exif = Image.Exif()
    exif[306] = "2019:08:07 06:05:04"
    exif.get_ifd(0x8769)[36867] = "2019:08:07 06:05:04"
    content = BytesIO()
    Image.new("RGB", (8, 8)).save(content, "JPEG", exif=exif)
    said = await upload.one(path=upload.write("exif.jpg", content.getvalue()))
    assert (await upload.told(said)).file_created_at == datetime(2019, 8, 7, 6, 5, 4, tzinfo=UTC)
    content.write(b"another")
    said = await upload.one(path=upload.write("two.jpg", content.getvalue()), taken_at="2020-01-01 00:00:00Z")
    assert (await upload.told(said)).file_created_at == datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "files", "names"),
    [
        ("door.jpg", ["a.jpg"], ["door.jpg"]),
        ("door", ["a.jpg"], ["door.jpg"]),
        ("Front door 12.30", ["a.jpg"], ["Front door 12.30.jpg"]),
        ("door.jpeg", ["a.jpg"], ["door.jpeg"]),
        ("door.jpg", ["a.jpg", "b.png", "c.mp4"], ["door-1.jpg", "door-2.jpg", "door-3.mp4"]),
        ("door", ["a.jpg", "b.mp4"], ["door-1.jpg", "door-2.mp4"]),
        ("night.mp4", ["a.jpg"], ["night.jpg"]),
        ("door.jpg", ["noextension"], ["door.jpg"]),
        ("../../etc/door.jpg", ["a.jpg"], ["door.jpg"]),
        ("a\\b/c:d\n.jpg", ["a.jpg"], ["c:d_.jpg"]),
        (".jpg", ["a.jpg"], [".jpg.jpg"]),
    ],
)
async def test_filename(upload: Uploading, wanted: str, files: list[str], names: list[str]) -> None:
    """A wanted name is numbered for several files, and keeps pictures pictures and films films."""
    said = await upload(path=[upload.write(name) for name in files], filename=wanted)
    assert [asset["filename"] for asset in said] == names
    assert [upload.asset(asset).original_file_name for asset in said] == names


async def test_defaults_of_the_account(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, folder: Any
) -> None:
    """The options say what happens where the call says nothing, and the call has the last word."""
    options = {"upload_album": "From Home Assistant", "upload_tags": ["ha"], "upload_archived": True}
    entry = await add_account(immich, options=options)
    upload = Uploading(hass, immich, entry, folder)
    immich.state.settings.processing_delay = 0
    response = await upload.response(path=upload.write("a.jpg"))
    assert response["album"]["created"]
    first = await upload.told(response["assets"][0])
    assert first.visibility is Visibility.ARCHIVE
    assert [immich.state.tags[tag].value for tag in first.tag_ids] == ["ha"]
    response = await upload.response(path=upload.write("b.jpg"))
    assert (response["album"]["name"], response["album"]["created"]) == ("From Home Assistant", False)
    response = await upload.response(path=upload.write("c.jpg"), album="Empty", tags=[], archived=False)
    last = upload.asset(response["assets"][0])
    assert (last.visibility, last.tag_ids) == (Visibility.TIMELINE, [])
    assert upload.names_in("Empty") == ["c.jpg"]
    assert upload.names_in("From Home Assistant") == ["a.jpg", "b.jpg"]


async def test_nothing_to_upload(upload: Uploading) -> None:
    """A call needs a source, and not too many of them."""
    with pytest.raises(vol.Invalid):
        await upload(album="Empty")
    assert await upload.refused(path=[]) == ("no_source", {})
    key, placeholders = await upload.refused(path=["x.jpg"] * (SOURCES_PER_CALL + 1))
    assert (key, placeholders) == ("too_many_sources", {"most": str(SOURCES_PER_CALL)})
    with pytest.raises(vol.Invalid):
        await upload(path="x.jpg", when_unreachable="queue")


async def test_which_account(
    hass: HomeAssistant, upload: Uploading, immich: FakeImmich, add_account: AddAccount
) -> None:
    """With two accounts a call says which; what it names must be one of ours and loaded."""
    path = upload.write("a.jpg")
    other = await add_account(immich, key="user-key")
    with pytest.raises(ServiceValidationError):
        await upload(path=path)
    said = await upload.one(path=path, config_entry_id=other.entry_id)
    assert upload.asset(said).owner_id == stable_id("tiny user")
    assert said["media_content_id"].startswith(f"media-source://immich_plus/{stable_id('tiny user')}/")
    with pytest.raises(ServiceValidationError) as info:
        await upload(path=path, config_entry_id="nonsense")
    assert info.value.translation_key == "service_config_entry_not_found"
    await hass.config_entries.async_unload(other.entry_id)
    with pytest.raises(ServiceValidationError) as info:
        await upload(path=path, config_entry_id=other.entry_id)
    assert info.value.translation_key == "service_config_entry_not_loaded"
    first = upload.account.entry_id
    assert (await upload.one(path=path, config_entry_id=first))["status"] == "created"


async def test_without_any_account(hass: HomeAssistant) -> None:
    """The actions exist without a loaded account, so that automations can be checked, and say what is missing."""
    assert await async_setup_component(hass, DOMAIN, {})
    for action in ("upload", "add_to_album"):
        assert hass.services.has_service(DOMAIN, action)
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(DOMAIN, "upload", {"path": "x.jpg"}, blocking=True)


async def test_an_upgraded_server(upload: Uploading, make_immich: MakeImmich) -> None:
    """A server that comes back as another release is spoken to as that one."""
    await upload.immich.stop()
    with pytest.raises(HomeAssistantError):
        await upload(path=upload.write("a.jpg"))
    upload.immich.set_version("1.137.3")
    await upload.immich.start()
    said = await upload.one(path=upload.write("a.jpg", photo("old")), album="From the user")
    assert said["status"] == "created"


async def test_a_reload_in_the_middle(hass: HomeAssistant, upload: Uploading) -> None:
    """An upload that is under way ends well, although its account is unloaded meanwhile."""
    upload.immich.faults.add("POST assets", Delay(0.6))
    running = hass.async_create_task(upload(path=upload.write("long.jpg")))
    await asyncio.sleep(0.3)
    assert upload.immich.requests.count("POST assets") == 1
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert [asset["status"] for asset in await running] == ["created"]
