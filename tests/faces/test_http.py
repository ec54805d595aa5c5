"""Photos, films, faces and covers through Home Assistant, from each version of Immich: what, and at what cost."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.asset_reference import album_view, person_view
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.tiny import JPEG, WEBP

from .looking import FILM, PHOTO, VERSIONS, Browser, browser_fixture, view

__all__ = ["browser_fixture"]

UNKNOWN = "00000000-0000-4000-8000-000000000000"
LIVE, LIVE_FILM = stable_id("tiny live.jpg"), stable_id("tiny live.mov")


@pytest.fixture(name="immich", params=VERSIONS)
async def immich_fixture(request: pytest.FixtureRequest, make_immich: MakeImmich) -> FakeImmich:
    """Give a fake of each version in turn."""
    return await make_immich(version=request.param)


async def test_versions_of_an_asset(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """Each view gives its own bytes with their true type and length, for one request."""
    film = immich.state.assets[FILM].media
    assert film is not None
    for version, kind, content in (
        ("thumbnail", "image/webp", WEBP),
        ("preview", "image/jpeg", JPEG),
        ("original", "video/mp4", film.original()),
        ("video", "video/mp4", film.playback()),
    ):
        immich.requests.clear()
        answer = await browser.get(view(account, version))
        assert answer.status == 200
        assert isinstance(content, bytes)
        assert await answer.read() == content
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Length"] == str(len(content))
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert immich.requests.count() == 1


async def test_names_for_saving(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """A file keeps its name, in any script."""
    immich.state.assets[PHOTO].original_file_name = 'Wien "1" größe 東京.jpg'
    answer = await browser.get(view(account, "original", PHOTO))
    assert answer.content_disposition is not None
    assert answer.content_disposition.type == "inline"
    assert answer.content_disposition.filename == "Wien _1_ größe 東京.jpg"


async def test_edited_photos_show_as_edited(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser
) -> None:
    """The edited picture is asked for always; versions before 2.5 have none."""
    plain = {
        "thumbnail": WEBP,
        "preview": JPEG,
        "original": await (await browser.get(view(account, "original", PHOTO))).read(),
    }
    immich.state.assets[PHOTO].edits = [{"action": "mirror", "parameters": {"axis": "horizontal"}}]
    for version, before in plain.items():
        immich.requests.clear()
        content = await (await browser.get(view(account, version, PHOTO))).read()
        assert immich.requests.entries[0].query["edited"] == "true"
        assert (content != before) is immich.version.at_least("2.5.0")


async def test_motion_photos_play(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """The film of a motion photo is found by its photo, with ranges; films cost nothing more."""
    film = immich.state.assets[LIVE_FILM].media
    assert film is not None
    immich.requests.clear()
    answer = await browser.get(view(account, "video", LIVE))
    assert answer.status == 200
    assert await answer.read() == film.playback()
    assert [entry.path.partition("assets/")[2] for entry in immich.requests.entries] == [
        f"{LIVE}/video/playback",
        LIVE,
        f"{LIVE_FILM}/video/playback",
    ]
    answer = await browser.get(view(account, "video", LIVE), headers={"Range": "bytes=4-7"})
    assert (answer.status, await answer.read()) == (206, b"ftyp")
    answer = await browser.get(view(account, "video", LIVE), headers={"Range": "bytes=99999999-"})
    assert answer.status == 416


@pytest.mark.parametrize("asset", [PHOTO, UNKNOWN])
async def test_a_photo_without_a_film(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser, asset: str
) -> None:
    """A photo that doesn't move has no film to play."""
    answer = await browser.get(view(account, "video", asset))
    assert (answer.status, await answer.text()) == (404, "Not found")


async def test_a_film_outside_of_the_range_is_not_looked_for_elsewhere(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser
) -> None:
    """An impossible range in a film is not taken for a motion photo."""
    immich.requests.clear()
    answer = await browser.get(view(account, "video"), headers={"Range": "bytes=99999999-"})
    assert answer.status == 416
    assert immich.requests.count() == 1


async def test_faces(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """Somebody's face is shown; people without one, and unknown ones, are not found."""
    answer = await browser.get(person_view(account.entry_id, stable_id("tiny person Alice")))
    assert (answer.status, await answer.read()) == (200, JPEG)
    assert answer.headers["Cache-Control"] == "private, max-age=600"
    immich.state.people[stable_id("tiny person Bob")].thumbnail = None
    for person in (stable_id("tiny person Bob"), UNKNOWN):
        answer = await browser.get(person_view(account.entry_id, person))
        assert answer.status == 404


async def test_covers(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """An album shows its cover's thumbnail, also one that is shared with the account; empty ones have none."""
    for album in ("tiny holiday", "tiny theirs"):
        answer = await browser.get(album_view(account.entry_id, stable_id(album)))
        assert (answer.status, await answer.read()) == (200, WEBP)
        assert answer.headers["Cache-Control"] == "private, max-age=600"
    for album in (stable_id("tiny empty"), UNKNOWN):
        answer = await browser.get(album_view(account.entry_id, album))
        assert answer.status == 404


@pytest.mark.parametrize(
    ("version", "seconds"), [("thumbnail", 86400), ("preview", 3600), ("original", 3600), ("video", 3600)]
)
async def test_a_second_look(
    immich: FakeImmich,
    account: MockConfigEntry,
    browser: Browser,
    version: str,
    seconds: int,
) -> None:
    """Browsers may show what they have without asking, and afterwards ask without getting it again."""
    first = await browser.get(view(account, version))
    assert first.headers["Cache-Control"] == f"private, max-age={seconds}"
    again = await browser.get(view(account, version), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    for name in ("ETag", "Last-Modified", "Cache-Control"):
        assert again.headers[name] == first.headers[name]
    assert "Content-Type" not in again.headers
    assert immich.requests.entries[-1].status == 304
