"""The media browser's folders: what is listed and how, also in Chinese, and searching in them."""

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.media import kinds
from tests.conftest import AddAccount

from .panel import (
    ROOT,
    Json,
    Panel,
    components_fixture,
    make_panel_fixture,
    message,
    panel_each_fixture,
    panel_fixture,
    tiny,
)

__all__ = ["components_fixture", "make_panel_fixture", "panel_each_fixture", "panel_fixture"]

KINDS = [
    *("Timeline", "Recently added", "Albums", "People", "Tags", "Places", "Favorites", "Videos"),
    *("Memories", "Random", "In no album", "Archive", "Folders"),
]
KINDS_IN_CHINESE = [
    *("时间线", "最近添加", "相册", "人物", "标签", "地点", "收藏", "视频"),
    *("回忆", "随机", "不在任何相册中", "归档", "文件夹"),
]


async def test_accounts(panel: Panel, add_account: AddAccount) -> None:
    """All accounts are there by name, also one that doesn't run; opening that one says so."""
    await add_account(panel.immich, key="user-key")
    broken = await add_account(panel.immich, key="guest-key", data={"url": "http://127.0.0.1:1"})
    opened = await panel.browse(ROOT)
    assert opened["title"] == "Immich Plus"
    assert [child["title"] for child in opened["children"]] == [
        "Admin (127.0.0.1)",
        "Guest (127.0.0.1)",
        "User (127.0.0.1)",
    ]
    for child in opened["children"]:
        assert (child["can_expand"], child["can_play"]) == (True, False)
    assert opened["children"][0]["media_content_id"] == panel.folder()
    assert await panel.names(opened["children"][2]["media_content_id"]) == KINDS
    assert await panel.refused("browse_media", f"{ROOT}/{broken.unique_id}") == message("account_not_loaded")


async def test_no_accounts(hass: HomeAssistant, panel: Panel) -> None:
    """Without an account nothing is empty: it is said why. A disabled one is not listed."""
    await hass.config_entries.async_set_disabled_by(panel.account.entry_id, ConfigEntryDisabler.USER)
    assert await panel.refused("browse_media", ROOT) == message("account_not_loaded")
    assert await panel.refused("browse_media", panel.folder()) == message("account_not_loaded")
    assert await panel.refused("search_media", ROOT, search_query="x") == message("account_not_loaded")


async def test_an_account(hass: HomeAssistant, panel: Panel) -> None:
    """An account's folders have a name in Home Assistant's language, and cost nothing to list."""
    opened = await panel.browse(panel.folder())
    assert opened["title"] == "Admin (127.0.0.1)"
    assert [child["title"] for child in opened["children"]] == KINDS
    icons = {child["title"]: child["children_media_class"] for child in opened["children"]}
    assert (icons["Timeline"], icons["Videos"], icons["Albums"]) == ("image", "video", None)
    hass.config.language = "zh-Hans"
    assert await panel.names(panel.folder()) == KINDS_IN_CHINESE
    assert panel.immich.requests.count() == 0


async def test_everything_offered_can_be_had(panel_each: Panel, hass_client: ClientSessionGenerator) -> None:
    """Every folder opens, every thumbnail shows, every asset plays, on each version."""
    panel = panel_each
    browser = await hass_client()
    waiting, seen, assets = [ROOT], {ROOT}, set()
    while waiting:
        opened = await panel.browse(waiting.pop())
        assert opened["title"]
        assert opened["not_shown"] == 0
        for child in opened["children"]:
            media_id = child["media_content_id"]
            assert child["can_expand"] is not child["can_play"]
            assert child["title"]
            if (thumbnail := child["thumbnail"]) is not None and media_id not in seen:
                answer = await browser.get(thumbnail)
                assert answer.status == 200, (media_id, thumbnail)
                assert answer.content_type.startswith("image/")
            if child["can_play"] and media_id not in seen:
                assets.add(child["title"])
                assert (await panel.open(media_id)).status == 200
            elif media_id not in seen:
                waiting.append(media_id)
            seen.add(media_id)
    own = {"vienna", "rome", "paris", "party", "memory", "live", "archived", "user1", "user2"}
    assert assets == {*(f"{name}.jpg" for name in own), "film.mp4"}
    assert seen >= {panel.folder(name) for name, kind in kinds.KINDS.items() if kind.listed}


async def test_how_things_are_shown(panel: Panel) -> None:
    """Albums have covers, people faces, photos and films their thumbnails; each thing has one name."""
    views = f"/api/{DOMAIN}/{panel.account.entry_id}"

    async def _child(path: str, title: str) -> Json:
        children = (await panel.browse(panel.folder(path)))["children"]
        return next(child for child in children if child["title"] == title)

    holiday = await _child("albums", "Holiday (3)")
    assert holiday["media_class"] == "album"
    assert holiday["media_content_id"] == panel.folder(f"albums/{tiny('holiday')}")
    assert holiday["thumbnail"].startswith(f"{views}/")
    empty = await _child("albums", "Empty (0)")
    assert (empty["media_class"], empty["thumbnail"]) == ("directory", None)
    alice = await _child("people", "Alice")
    assert alice["thumbnail"] == f"{views}/person/{tiny('person Alice')}"
    assert (alice["media_class"], alice["media_content_type"]) == ("album", "")
    photo = await _child(f"albums/{tiny('holiday')}", "rome.jpg")
    assert photo == {
        "title": "rome.jpg",
        "media_class": "image",
        "media_content_type": "image/jpeg",
        "media_content_id": panel.asset("rome.jpg"),
        "children_media_class": None,
        "can_play": True,
        "can_expand": False,
        "can_search": False,
        "search_media_classes": None,
        "thumbnail": f"{views}/{tiny('rome.jpg')}/thumbnail",
    }
    film = await _child("videos", "film.mp4")
    assert (film["media_class"], film["media_content_type"]) == ("video", "video/mp4")
    assert await _child("people/" + tiny("person Alice"), "rome.jpg") == photo


async def test_an_asset_by_itself(panel: Panel) -> None:
    """A photo can be looked up; one without a name is called by its date."""
    found = await panel.browse(panel.asset("rome.jpg"))
    assert (found["title"], found["media_class"], found["children"]) == ("rome.jpg", "image", [])
    panel.immich.state.assets[tiny("rome.jpg")].original_file_name = ""
    await panel.hass.config.async_set_time_zone("Europe/Rome")
    assert (await panel.browse(panel.asset("rome.jpg")))["title"] == "15 August 2022 20:30:00"


async def test_what_is_not_shown_is_counted(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a folder can't show all, it says how much is missing."""
    for name in ("rome.jpg", "party.jpg", "live.jpg"):
        panel.immich.state.assets[tiny(name)].created_at = panel.immich.state.now()
    most = len(await panel.names(panel.folder("recent"))) - 2
    monkeypatch.setattr(kinds, "MOST_CHILDREN", most)
    opened = await panel.browse(panel.folder("recent"))
    assert (len(opened["children"]), opened["not_shown"]) == (most, 2)


async def test_search(panel: Panel) -> None:
    """Searching looks through the folder that is open, or through all accounts."""
    panel.immich.state.settings.smart_search = False
    opened = await panel.browse(panel.folder(f"albums/{tiny('holiday')}"))
    assert opened["can_search"] is True
    assert sorted(opened["search_media_classes"]) == ["image", "video"]
    assert await panel.search(panel.folder(), "party") == ["party.jpg"]
    assert await panel.search(panel.folder(f"albums/{tiny('holiday')}"), " rome ") == ["rome.jpg"]
    assert await panel.search(panel.folder(f"albums/{tiny('holiday')}"), "party") == []
    assert await panel.search(panel.folder("timeline/2022/08"), "vienna") == []
    assert await panel.search(panel.folder("timeline/2022"), "vienna") == ["vienna.jpg"]
    for blank in ("", "  "):
        assert await panel.search(panel.folder(), blank) == []


async def test_search_all_accounts(panel: Panel, add_account: AddAccount) -> None:
    """From the top, all accounts that run are searched."""
    panel.immich.state.settings.smart_search = False
    assert (await panel.browse(ROOT))["can_search"] is True
    await add_account(panel.immich, key="user-key")
    await add_account(panel.immich, key="guest-key", data={"url": "http://127.0.0.1:1"})
    assert await panel.search(ROOT, "user1") == ["user1.jpg"]
    assert await panel.search(ROOT, "rome") == ["rome.jpg"]


async def test_search_for_photos_or_films(panel: Panel) -> None:
    """The server looks for what is wanted only; nothing else can be wanted."""
    panel.immich.state.settings.smart_search = False
    account, videos = panel.folder(), panel.folder("videos")
    panel.immich.state.assets[tiny("film.mp4")].original_file_name = "rome.mp4"
    assert await panel.search(account, "rome") == ["rome.mp4", "rome.jpg"]
    assert await panel.search(account, "rome", "image", "video") == ["rome.mp4", "rome.jpg"]
    assert await panel.search(account, "rome", "image") == ["rome.jpg"]
    assert await panel.search(account, "rome", "video") == ["rome.mp4"]
    assert await panel.search(account, "rome", "music") == []
    assert await panel.search(videos, "rome") == ["rome.mp4"]
    assert await panel.search(videos, "rome", "video", "music") == ["rome.mp4"]
    panel.immich.requests.clear()
    assert await panel.search(videos, "rome", "image") == []
    assert not panel.immich.requests.matching("POST search/metadata")


async def test_smart_search(panel: Panel) -> None:
    """What pictures show is searched where the server can."""
    panel.immich.state.assets[tiny("paris.jpg")].subjects = ("tower",)
    found = await panel.search(panel.folder(), "tower", "image")
    assert found[0] == "paris.jpg"
    assert "film.mp4" not in found


async def test_folders_that_cannot_be_searched(panel: Panel) -> None:
    """A folder of the server's disk can't be searched by itself, and says so instead of finding nothing."""
    (folder, *_) = [
        child for child in (await panel.browse(panel.folder("folders")))["children"] if child["can_expand"]
    ] or [await panel.browse(panel.folder("folders"))]
    opened = await panel.browse(folder["media_content_id"])
    while not any(child["can_play"] for child in opened["children"]):
        opened = await panel.browse(opened["children"][0]["media_content_id"])
    assert opened["can_search"] is False
    told = await panel.refused("search_media", opened["media_content_id"], search_query="x")
    assert told == message("folder_not_searchable")
