"""Fixtures for tests of what people touch."""

from collections.abc import Generator
from typing import Any

from homeassistant.config_entries import ConfigSubentryFlowManager, OptionsFlowManager
from homeassistant.data_entry_flow import FlowHandler, FlowManager
import pytest

from custom_components.immich_plus.const import DOMAIN
from tests.pace import no_pauses_fixture
from tests.passing import all_enabled_fixture, still_clock_fixture

from .flow_texts import complaints

__all__ = ["all_enabled_fixture", "no_pauses_fixture", "still_clock_fixture"]


@pytest.fixture(autouse=True)
def _dialogs_have_texts(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Fail a test in which a dialog shows something that there is no text for, in any language."""
    found: list[str] = []
    handle = FlowManager._async_handle_step

    async def _handle(manager: FlowManager[Any, Any], flow: FlowHandler[Any, Any], *arguments: Any) -> Any:
        result = await handle(manager, flow, *arguments)
        if isinstance(manager, ConfigSubentryFlowManager):
            found.extend(complaints(f"config_subentries.{flow.handler[1]}", result))
        elif (is_options := isinstance(manager, OptionsFlowManager)) or flow.handler == DOMAIN:
            found.extend(complaints("options" if is_options else "config", result))
        return result

    monkeypatch.setattr(FlowManager, "_async_handle_step", _handle)
    yield
    assert not found, sorted(set(found))
