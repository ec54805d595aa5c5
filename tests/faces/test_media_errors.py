"""What the media browser says where something can't be had: never an empty folder, never a traceback."""

from collections.abc import Generator
from urllib.parse import quote

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.immich_plus.const import DOMAIN
from tests.fake_immich.faults import Drop, Fault, LoginPage, Status, replaced

from .panel import (
    ROOT,
    UNKNOWN,
    MakePanel,
    Panel,
    components_fixture,
    make_panel_fixture,
    message,
    panel_fixture,
    tiny,
)

__all__ = ["components_fixture", "make_panel_fixture", "panel_fixture"]

FOLDERS = [
    *("timeline", "recent", "albums", "people", "tags", "places", "favorites", "videos"),
    *("memories", "random", "unsorted", "archive", "folders", "search/rome"),
]


@pytest.fixture(autouse=True)
def _no_tracebacks(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Fail a test that leaves a traceback in the log."""
    yield
    assert not [record.getMessage() for record in caplog.get_records("call") if record.exc_info]


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize(
    ("fault", "key", "values"),
    [
        (Drop(), "cannot_connect", None),
        (Status(503, html=True), "unavailable", None),
        (Status(401, message="Invalid API key"), "invalid_auth", {}),
        (Status(500, message="/usr/src/app broke"), "server_error", None),
        (LoginPage(), "not_immich", None),
        (replaced(7), "bad_answer", None),
    ],
    ids=["gone", "busy", "refused", "broken", "login", "nonsense"],
)
async def test_a_server_in_trouble(
    panel: Panel,
    folder: str,
    fault: Fault,
    key: str,
    values: dict[str, str] | None,
) -> None:
    """Each folder says what is wrong with the server."""
    panel.immich.faults.add("*", fault)
    told = await panel.refused("browse_media", panel.folder(folder))
    if values is None:
        start, _, end = message(key, reason="\0").partition("\0")
        assert told.startswith(start)
        assert told.endswith(end)
    else:
        assert told == message(key, **values)
    assert "/usr/src" not in told
    panel.immich.faults.clear()
    assert (await panel.browse(panel.folder(folder)))["title"]


@pytest.mark.parametrize(
    ("folder", "scope"),
    [
        ("timeline", "asset.read"),
        ("recent", "asset.read"),
        ("albums", "album.read"),
        (f"albums/{tiny('holiday')}", "album.read"),
        ("people", "person.read"),
        (f"people/{tiny('person Alice')}", "person.read"),
        ("tags", "tag.read"),
        ("places", "asset.read"),
        ("favorites", "asset.read"),
        ("videos", "asset.read"),
        ("memories", "memory.read"),
        ("random", "asset.read"),
        ("unsorted", "asset.read"),
        ("archive", "asset.read"),
        ("search/x", "asset.read"),
    ],
)
async def test_a_missing_scope(make_panel: MakePanel, folder: str, scope: str) -> None:
    """What the key may not do is said, and becomes part of the repair."""
    panel = await make_panel(scopes=["tag.create"])
    told = await panel.refused("browse_media", panel.folder(folder))
    assert told == message("missing_scope", scope=scope)
    issue = ir.async_get(panel.hass).async_get_issue(DOMAIN, f"missing_scopes_{panel.account.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert f"`{scope}`" in issue.translation_placeholders["scopes"]


async def test_a_scope_taken_away(make_panel: MakePanel) -> None:
    """Photos and searches say so as well, once the key may less than before."""
    panel = await make_panel(key="read-key")
    key = panel.immich.state.key_by_secret("read-key")
    assert key is not None
    key.permissions.remove("asset.read")
    for command in ("browse_media", "resolve_media"):
        told = await panel.refused(command, panel.asset("rome.jpg"))
        assert told == message("missing_scope", scope="asset.read")
    told = await panel.refused("search_media", panel.folder(), search_query="x")
    assert told == message("missing_scope", scope="asset.read")
    assert ir.async_get(panel.hass).async_get_issue(DOMAIN, f"missing_scopes_{panel.account.entry_id}")


@pytest.mark.parametrize("command", ["browse_media", "resolve_media", "search_media"])
async def test_a_key_that_was_revoked(hass: HomeAssistant, panel: Panel, command: str) -> None:
    """Whoever looks first learns that the key is no good, and Home Assistant asks for a new one."""
    panel.immich.state.api_keys.clear()
    where = panel.folder("albums") if command != "resolve_media" else panel.asset("rome.jpg")
    more = {"search_query": "x"} if command == "search_media" else {}
    assert await panel.refused(command, where, **more) == message("invalid_auth")
    await hass.async_block_till_done()
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"albums/{UNKNOWN}", "not_found"),
        (f"people/{UNKNOWN}", "not_found"),
        (f"tags/{UNKNOWN}", "folder_unknown"),
        ("albums/mine", "folder_unknown"),
        ("people/Alice", "folder_unknown"),
        ("people/unnamed/2024", "folder_unknown"),
        ("tags/trips", "folder_unknown"),
        ("timeline/now", "folder_unknown"),
        ("timeline/2022/13", "folder_unknown"),
        ("timeline/2022/08/01", "folder_unknown"),
        ("recent/x", "folder_unknown"),
        ("random/x", "folder_unknown"),
        ("places/Austria/Vienna/x", "folder_unknown"),
        ("memories/yesterday", "folder_unknown"),
        (f"memories/saved/{UNKNOWN}", "folder_unknown"),
        ("folders/..", "folder_unknown"),
        ("search", "folder_unknown"),
        ("search/a/b", "folder_unknown"),
        ("nothing", "folder_unknown"),
        ("asset", "folder_unknown"),
        ("asset/x", "folder_unknown"),
        ("timeline/", "folder_unknown"),
        ("timeline/2022/=0-1", "folder_unknown"),
        (f"albums/{quote('../users', safe='')}", "folder_unknown"),
        (f"people/{quote('?x=1#', safe='')}", "folder_unknown"),
        ("albums/%00", "folder_unknown"),
        ("a" * 3000, "folder_unknown"),
        ("/".join("timeline"), "folder_unknown"),
    ],
)
async def test_places_that_do_not_exist(panel: Panel, path: str, key: str) -> None:
    """What was deleted and what never was is not an empty folder, for browsing and searching alike."""
    assert await panel.refused("browse_media", panel.folder(path)) == message(key)
    assert await panel.refused("search_media", panel.folder(path), search_query="x") == message(key)
    for entry in panel.immich.requests.entries:
        assert "users" not in entry.path
        assert ".." not in entry.path


@pytest.mark.parametrize("identifier", ["x", "..", f"{UNKNOWN}x/timeline", "%2e%2e", " ", "\u202e"])
async def test_names_of_nobody(panel: Panel, identifier: str) -> None:
    """What isn't even an account is no folder."""
    told = await panel.refused("browse_media", f"{ROOT}/{identifier}")
    assert told == message("folder_unknown")
    told = await panel.refused("search_media", f"{ROOT}/{identifier}", search_query="x")
    assert told == message("folder_unknown")


async def test_an_album_that_was_deleted_meanwhile(panel: Panel) -> None:
    """A folder that was there a moment ago and is gone says so."""
    holiday = panel.folder(f"albums/{tiny('holiday')}")
    assert len(await panel.names(holiday)) == 3
    panel.immich.state.remove_album(tiny("holiday"))
    panel.account.runtime_data.listings.clear()
    assert await panel.refused("browse_media", holiday) == message("not_found")


async def test_one_of_several_accounts_in_trouble(panel: Panel) -> None:
    """A search in all accounts fails as a whole, so that nobody takes a part for all."""
    panel.immich.faults.add("POST search/*", Drop())
    told = await panel.refused("search_media", ROOT, search_query="x")
    assert told.startswith(message("cannot_connect", reason="\0").partition("\0")[0])
