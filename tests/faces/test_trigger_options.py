"""Options of triggers: what can't be right is refused in plain words when an automation is saved."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.automation_options import queue_key
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

from .triggering import added, attach, folder, refusal, tell

HOLIDAY = stable_id("tiny holiday")
ALICE = stable_id("tiny person Alice")
SOURCE = "media-source://immich_plus"


@pytest.mark.parametrize("trigger", ["asset_added", "memories_became_available", "job_failed"])
@pytest.mark.parametrize("wanted", ["nobody", "01JUNKNOWN", "x" * 5000])
async def test_unknown_account(
    hass: HomeAssistant, account: MockConfigEntry, trigger: str, wanted: str
) -> None:
    """An account that isn't there."""
    text = await refusal(hass, trigger, config_entry_id=wanted)
    assert "there is no Immich Plus account" in text
    assert "config_entry_id" in text
    assert len(text) < 300


@pytest.mark.parametrize("nothing", ["", "  ", None])
async def test_account_left_empty(hass: HomeAssistant, account: MockConfigEntry, nothing: str | None) -> None:
    """Blueprints give something empty for an account that was left out: any."""
    runs = await attach(hass, "asset_added", config_entry_id=nothing)
    await tell(hass, account, await added(account, "vienna.jpg"))
    assert runs.files() == ["vienna.jpg"]


async def test_two_accounts_with_one_title(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> None:
    """A title that two accounts have names none of them."""
    other = await add_account(immich, key="user-key")
    hass.config_entries.async_update_entry(other, title=account.title)
    assert "there is no" in await refusal(hass, "asset_added", config_entry_id=account.title)


@pytest.mark.parametrize(
    ("album", "words"),
    [
        ("", "name an album"),
        ("  ", "name an album"),
        ([], "choose at least one"),
        (None, "choose at least one"),
        (["x"] * 51, "at most 50"),
        ([["x"]], "write an album as a name or an id"),
        (True, "write an album as a name or an id"),
        ({}, "write an album as a name or an id"),
        ({"media_content_id": 7.5}, "write an album as a name or an id"),
        ({"media_content_id": "Holiday"}, "“Holiday” is not an album"),
        ({"media_content_id": 7, "metadata": {"title": 8}}, "“7” is not an album"),
        (f"{SOURCE}/nonsense", "is not an album"),
        ("media-source://media_source/local/holiday", "is not an album"),
        (f"{SOURCE}/{ALICE}", "is not an album"),
        (f"{SOURCE}/{ALICE}/albums", "is not an album"),
        (f"{SOURCE}/{ALICE}/albums/owned", "is not an album"),
        (f"{SOURCE}/{ALICE}/albums/{HOLIDAY}/2022/05", "is not an album"),
        (f"{SOURCE}/{ALICE}/people/{ALICE}", "is not an album"),
        (f"{SOURCE}/{ALICE}/albums/..%2F..%2Fusers", "is not an album"),
        (f"{SOURCE}/{ALICE}/albums/{HOLIDAY}", "an account that Home Assistant doesn't have any more"),
    ],
)
async def test_wrong_albums(hass: HomeAssistant, account: MockConfigEntry, album: Any, words: str) -> None:
    """Whatever is no album."""
    text = await refusal(hass, "asset_added_to_album", album=album)
    assert words in text
    assert len(text) < 300


async def test_errors_name_what_was_picked(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """The picker can't know which folders are albums; the error says the name that people saw."""
    picked = folder(account, "albums", "owned", title="My albums")
    text = await refusal(hass, "asset_added_to_album", album=[picked])
    assert "“My albums” is not an album: pick one of the folders inside “Albums” of Immich Plus" in text
    text = await refusal(hass, "person_recognized", person=folder(account, "albums", HOLIDAY, "Holiday"))
    assert "“Holiday” is not a person: pick one of the folders inside “People” of Immich Plus" in text


async def test_pick_of_another_account(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, add_account: AddAccount
) -> None:
    """What was picked belongs to the chosen account."""
    other = await add_account(immich, key="user-key")
    picked = folder(account, "people", ALICE)
    text = await refusal(hass, "person_recognized", person=picked, config_entry_id=other.entry_id)
    assert "another account than the chosen one" in text
    await attach(hass, "person_recognized", person=picked, config_entry_id=account.entry_id)


@pytest.mark.parametrize(
    ("trigger", "options"),
    [
        ("asset_added", {"type": "audio"}),
        ("asset_added", {"include_missed": "perhaps"}),
        ("asset_added", {"album": "Holiday"}),
        ("asset_added_to_album", {}),
        ("person_recognized", {}),
        ("memories_became_available", {"include_missed": True}),
        ("job_failed", {"queue": [{}]}),
        ("no_such_trigger", {}),
    ],
)
async def test_other_mistakes(
    hass: HomeAssistant, account: MockConfigEntry, trigger: str, options: dict[str, Any]
) -> None:
    """What doesn't fit is refused, not ignored."""
    assert await refusal(hass, trigger, **options)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("thumbnailGeneration", "thumbnail_generation"),
        ("thumbnail_generation", "thumbnail_generation"),
        (" Smart search ", "smart_search"),
        ("ocr", "ocr"),
        ("", ""),
    ],
)
def test_queue_names(name: str, key: str) -> None:
    """Immich's names and ours mean the same."""
    assert queue_key(name) == key
