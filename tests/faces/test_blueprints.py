"""The blueprints: each is loaded by Home Assistant as users load it, and does what it says."""

from dataclasses import replace
from pathlib import Path
import shutil
from types import SimpleNamespace
from typing import Any

from homeassistant.components import automation
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv, device_registry as dr, template
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    async_mock_service,
    mock_integration,
    mock_platform,
)
import voluptuous as vol
import yaml

from custom_components.immich_plus.news.news import News, NewsType
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

from .triggering import folder, into_album, recognized, tell

type Json = dict[str, Any]

FOLDER = Path(__file__).resolve().parents[2] / "blueprints"
OURS = FOLDER / "automation" / "immich_plus"
NAMES = ["album_grew", "failed_jobs", "person_on_a_screen", "welcome_home_memories"]


class _Loader(yaml.SafeLoader):
    """Reads `!input` as the name behind it."""


_Loader.add_constructor("!input", lambda loader, node: f"input {node.value}")


@pytest.fixture(autouse=True)
async def _blueprints(hass: HomeAssistant, tmp_path: Path) -> None:
    """Put the blueprints where Home Assistant looks for them, and let it be the same day here as on the server."""
    shutil.copytree(FOLDER, tmp_path / "blueprints")
    hass.config.config_dir = str(tmp_path)
    await hass.config.async_set_time_zone("UTC")


class Phone:
    """A phone with the official app, which keeps what is sent to it."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Register it, and the device action that the app's integration has."""
        self.sent: list[Json] = []
        entry = MockConfigEntry(domain="mobile_app")
        entry.add_to_hass(hass)
        entry.mock_state(hass, ConfigEntryState.LOADED)
        self.id = (
            dr.async_get(hass)
            .async_get_or_create(config_entry_id=entry.entry_id, identifiers={("mobile_app", "phone")})
            .id
        )
        mock_integration(hass, MockModule("mobile_app"))
        schema = cv.DEVICE_ACTION_BASE_SCHEMA.extend(
            {
                vol.Required("type"): "notify",
                vol.Required("message"): cv.template,
                vol.Optional("title"): cv.template,
                vol.Optional("data"): cv.template_complex,
            }
        )

        async def _notify(
            hass: HomeAssistant, config: Json, variables: Json, context: Context | None
        ) -> None:
            sent = {key: config[key] for key in ("message", "title", "data")}
            self.sent.append(template.render_complex(sent, variables))

        mock_platform(
            hass,
            "mobile_app.device_action",
            SimpleNamespace(ACTION_SCHEMA=schema, async_call_action_from_config=_notify),
        )


@pytest.fixture(name="phone")
def phone_fixture(hass: HomeAssistant) -> Phone:
    """Give a phone."""
    return Phone(hass)


@pytest.fixture(name="shown")
def shown_fixture(hass: HomeAssistant) -> list[ServiceCall]:
    """Collect what screens are asked to show."""
    return async_mock_service(hass, "media_player", "play_media")


async def use(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Make an automation from a blueprint."""
    config = {"alias": "Test", "use_blueprint": {"path": f"immich_plus/{name}.yaml", "input": inputs}}
    assert await async_setup_component(hass, "automation", {"automation": config})
    await hass.async_block_till_done()
    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "on"


def note(**data: str) -> list[Json]:
    """Return actions that tell what they got."""
    return [{"action": "test.note", "data": data}]


def test_all_are_tested() -> None:
    """There are no others."""
    assert sorted(path.stem for path in OURS.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
async def test_described(hass: HomeAssistant, name: str) -> None:
    """Each can be opened in Home Assistant, says what it is for, and each input has a name and a selector."""
    loaded = await automation.helpers.async_get_blueprints(hass).async_get_blueprint(
        f"immich_plus/{name}.yaml"
    )
    assert loaded.validate() is None
    assert loaded.name.startswith("Immich Plus: ")
    assert loaded.metadata["homeassistant"] == {"min_version": "2026.10.0"}
    assert len(loaded.metadata["description"]) > 60
    assert loaded.metadata["source_url"].endswith(f"/blueprints/automation/immich_plus/{name}.yaml")
    for key, given in loaded.inputs.items():
        assert given["name"], key
        assert given["selector"], key
    written = yaml.load((OURS / f"{name}.yaml").read_text(encoding="utf-8"), _Loader)  # noqa: S506
    assert written["blueprint"]["domain"] == "automation"


async def test_album_grew(hass: HomeAssistant, account: MockConfigEntry, phone: Phone) -> None:
    """One notification with the first picture, however many came together."""
    notes = async_mock_service(hass, "test", "note")
    await use(
        hass,
        "album_grew",
        album=[folder(account, "albums", stable_id("tiny theirs"))],
        phone=phone.id,
        not_from=" ADMIN ",
        more=note(text="{{ uploader }} {{ count }} {{ album }} {{ trigger.asset.filename }}"),
    )
    await tell(hass, account, await into_album(account, "From the user", "user1.jpg", "user2.jpg"))
    (sent,) = phone.sent
    assert (sent["title"], sent["message"]) == ("From the user", "User added 2 pictures and videos")
    picture = f"/api/immich_plus/{account.entry_id}/{stable_id('tiny user1.jpg')}/preview"
    assert sent["data"]["image"] == sent["data"]["attachment"]["url"] == picture
    page = f"{account.data['url']}/photos/{stable_id('tiny user1.jpg')}"
    assert sent["data"]["url"] == sent["data"]["clickAction"] == page
    assert sent["data"]["tag"] == f"immich_plus_{stable_id('tiny theirs')}"
    assert notes[0].data["text"] == "User 2 From the user user1.jpg"
    await tell(hass, account, await into_album(account, "From the user", "user2.jpg"))
    assert phone.sent[1]["message"] == "User added user2.jpg"
    # Somebody's own pictures are no news to them.
    await tell(hass, account, await into_album(account, "From the user", "rome.jpg"))
    assert len(phone.sent) == 2


async def test_album_grew_by_a_stranger(hass: HomeAssistant, account: MockConfigEntry, phone: Phone) -> None:
    """Without a name to leave out, and with words of one's own."""
    await use(
        hass,
        "album_grew",
        album="Holiday",
        phone=phone.id,
        title="New",
        message="{{ trigger.asset.filename }}",
    )
    news = await into_album(account, "Holiday", "rome.jpg")
    unknown = replace(news.assets[0], owner_id=stable_id("stranger"))
    await tell(hass, account, replace(news, assets=(unknown,)))
    assert [(sent["title"], sent["message"]) for sent in phone.sent] == [("New", "rome.jpg")]


async def test_failed_jobs(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """A notification for each queue, in place of the one before."""
    left = async_mock_service(hass, "persistent_notification", "create")
    notes = async_mock_service(hass, "test", "note")
    await use(hass, "failed_jobs", more=note(text="{{ queue }} {{ count }} {{ message }}"))
    await tell(hass, account, News(type=NewsType.JOB_FAILED, count=1, queue="thumbnailGeneration"))
    await tell(hass, account, News(type=NewsType.JOB_FAILED, count=3, queue="ocr"))
    first, second = (call.data for call in left)
    assert first["message"].startswith('1 job failed in the queue "thumbnail generation".')
    assert first["notification_id"] == f"immich_plus_{account.entry_id}_thumbnail_generation"
    assert second["message"].startswith('3 jobs failed in the queue "ocr".')
    assert [call.data["text"].split(".")[0] for call in notes] == [
        'thumbnail generation 1 1 job failed in the queue "thumbnail generation"',
        'ocr 3 3 jobs failed in the queue "ocr"',
    ]


async def test_failed_jobs_of_a_queue(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """Only some queues, of one account."""
    left = async_mock_service(hass, "persistent_notification", "create")
    await use(hass, "failed_jobs", queue=["thumbnailGeneration"], account=account.entry_id)
    for queue in ("ocr", "thumbnailGeneration"):
        await tell(hass, account, News(type=NewsType.JOB_FAILED, queue=queue))
    assert len(left) == 1


async def test_person_on_a_screen(
    hass: HomeAssistant, account: MockConfigEntry, shown: list[ServiceCall]
) -> None:
    """New pictures of a person, one after the other."""
    notes = async_mock_service(hass, "test", "note")
    await use(
        hass,
        "person_on_a_screen",
        person=folder(account, "people", stable_id("tiny person Alice")),
        screen=["media_player.kitchen"],
        seconds=0,
        afterwards=note(text="off"),
    )
    news = await recognized(account, "Alice", "party.jpg", "film.mp4")
    await tell(hass, account, replace(news, missed=True))
    assert not shown
    await tell(hass, account, news)
    assert [(call.data["media_content_id"], call.data["media_content_type"]) for call in shown] == [
        (f"media-source://immich_plus/{account.unique_id}/asset/{stable_id('tiny party.jpg')}", "image"),
        (f"media-source://immich_plus/{account.unique_id}/asset/{stable_id('tiny film.mp4')}", "video"),
    ]
    assert shown[0].data["entity_id"] == ["media_player.kitchen"]
    assert len(notes) == 2


async def come_home(hass: HomeAssistant, *, before: str = "not_home") -> None:
    """Have somebody leave and come home."""
    for state in (before, "home"):
        hass.states.async_set("person.anna", state)
        await hass.async_block_till_done()


async def test_welcome_home(
    hass: HomeAssistant, account: MockConfigEntry, phone: Phone, shown: list[ServiceCall]
) -> None:
    """Memories once a day, on the phone and on screens."""
    await use(
        hass,
        "welcome_home_memories",
        person="person.anna",
        account=account.entry_id,
        phone=phone.id,
        screens=["media_player.kitchen"],
        seconds=0,
    )
    hass.states.async_set("person.anna", "home")
    await hass.async_block_till_done()
    await come_home(hass, before="unknown")
    assert not phone.sent
    await come_home(hass)
    (sent,) = phone.sent
    assert (sent["title"], sent["message"]) == ("Welcome home", "On this day 3 years ago: 1 picture")
    memory = stable_id("tiny memory.jpg")
    assert sent["data"]["image"] == f"/api/immich_plus/{account.entry_id}/{memory}/preview"
    assert [call.data["media_content_id"] for call in shown] == [
        f"media-source://immich_plus/{account.unique_id}/asset/{memory}"
    ]
    await come_home(hass)
    assert len(phone.sent) == 1


async def test_welcome_home_without_memories(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, phone: Phone, shown: list[ServiceCall]
) -> None:
    """On a day without memories nothing happens."""
    immich.state.memories.clear()
    await use(hass, "welcome_home_memories", person="person.anna", account=account.entry_id, phone=phone.id)
    await come_home(hass)
    assert not phone.sent
    assert not shown


async def test_welcome_home_while_the_server_is_away(
    hass: HomeAssistant,
    account: MockConfigEntry,
    phone: Phone,
    shown: list[ServiceCall],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without a server it waits for the next time, without a screen only the phone tells."""
    await use(hass, "welcome_home_memories", person="person.anna", account=account.entry_id, phone=phone.id)
    await hass.config_entries.async_unload(account.entry_id)
    caplog.clear()
    await come_home(hass)
    assert not phone.sent
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    await hass.config_entries.async_setup(account.entry_id)
    await hass.async_block_till_done()
    await come_home(hass)
    assert len(phone.sent) == 1
    assert not shown
