"""Photos and films as attachments of an AI task, which gets the server's preview of them."""

from typing import Any, override

from homeassistant.components import media_source
from homeassistant.components.ai_task import AITaskEntity, AITaskEntityFeature, GenDataTask, GenDataTaskResult
from homeassistant.components.ai_task.const import DATA_COMPONENT
from homeassistant.components.conversation import ChatLog
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest

from tests.fake_immich.tiny import JPEG

from .panel import ROOT, Panel, components_fixture, make_panel_fixture, panel_fixture

__all__ = ["components_fixture", "make_panel_fixture", "panel_fixture"]

if not hasattr(media_source, "async_get_media_image"):
    pytest.skip("Home Assistant 2026.10 takes local files only", allow_module_level=True)


class _Assistant(AITaskEntity):
    """An assistant that looks at what it is given."""

    _attr_name = "Assistant"
    _attr_supported_features = AITaskEntityFeature.GENERATE_DATA | AITaskEntityFeature.SUPPORT_ATTACHMENTS

    def __init__(self) -> None:
        """Start without having seen anything."""
        self.seen: list[tuple[str, bytes]] = []

    @override
    async def _async_generate_data(self, task: GenDataTask, chat_log: ChatLog) -> GenDataTaskResult:
        for attachment in task.attachments or []:
            content = await self.hass.async_add_executor_job(attachment.path.read_bytes)
            self.seen.append((attachment.mime_type, content))
        return GenDataTaskResult(conversation_id=chat_log.conversation_id, data="A picture")


@pytest.fixture(name="assistant")
async def assistant_fixture(hass: HomeAssistant) -> _Assistant:
    """Give an assistant."""
    assistant = _Assistant()
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "ai_task", {})
    await hass.data[DATA_COMPONENT].async_add_entities([assistant])
    return assistant


async def _ask(hass: HomeAssistant, *media_content_ids: str) -> Any:
    return await hass.services.async_call(
        "ai_task",
        "generate_data",
        {
            "entity_id": "ai_task.assistant",
            "task_name": "Look",
            "instructions": "What is on this?",
            "attachments": [
                {"media_content_id": media_content_id, "media_content_type": "image/jpeg"}
                for media_content_id in media_content_ids
            ],
        },
        blocking=True,
        return_response=True,
    )


async def test_attachments(hass: HomeAssistant, assistant: _Assistant, panel: Panel) -> None:
    """A photo and a film arrive as pictures."""
    answer = await _ask(hass, panel.asset("rome.jpg"), panel.asset("film.mp4"))
    assert answer["data"] == "A picture"
    assert assistant.seen == [("image/jpeg", JPEG)] * 2


async def test_what_is_no_attachment(hass: HomeAssistant, assistant: _Assistant, panel: Panel) -> None:
    """Folders and what is gone end the task with words."""
    for media_content_id, key in (
        (panel.folder("timeline"), "not_playable"),
        (f"{ROOT}/x", "media_unresolved"),
        (panel.asset("nothing.jpg"), "not_found"),
    ):
        with pytest.raises(HomeAssistantError) as info:
            await _ask(hass, media_content_id)
        assert info.value.translation_key == key
    assert not assistant.seen
