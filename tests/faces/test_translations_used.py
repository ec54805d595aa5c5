"""What is shown at run time has texts, whose words in braces are filled.

All dialogs that the tests of this folder open are checked on the way (see conftest); here is what is
shown elsewhere, and that the check itself sees what is wrong.
"""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Redirect, Status

from .flow_texts import complaints, languages, wanted

pytestmark = pytest.mark.usefixtures("no_pauses")

_SCHEMA = vol.Schema(
    {
        vol.Required("url"): str,
        vol.Required("api_key"): str,
        vol.Required("tls"): section(
            vol.Schema({vol.Required("verify_ssl"): bool, vol.Optional("ca_certificate"): str})
        ),
    }
)
_FORM = {
    "type": FlowResultType.FORM,
    "step_id": "reconfigure",
    "data_schema": _SCHEMA,
    "errors": {"base": "too_old"},
    "description_placeholders": {"account": "", "version": ""},
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"step_id": "reconfigured"}, "no title"),
        ({"description_placeholders": {"version": ""}}, "isn't given {'account'}"),
        ({"description_placeholders": {"account": ""}}, "the error too_old isn't given {'version'}"),
        ({"errors": {"base": "tired"}}, "no text for the error tired"),
        ({"errors": {"door": "too_old"}}, "an error is shown at door"),
        ({"data_schema": vol.Schema({vol.Required("door"): str})}, "no data for the field door"),
        (
            {"data_schema": vol.Schema({vol.Required("door"): section(_SCHEMA)})},
            "no name for the section door",
        ),
        ({"type": FlowResultType.ABORT, "reason": "tired"}, "no text for the ending tired"),
        ({"type": FlowResultType.ABORT, "reason": "already_in_progress"}, None),
        ({"type": FlowResultType.MENU, "menu_options": ["door"]}, "no text for the choice door"),
    ],
)
def test_check_sees_what_is_wrong(changed: dict[str, Any], said: str | None) -> None:
    found = list(complaints("config", _FORM | changed))

    if said is None:
        assert not found
    else:
        assert [each for each in found if said in each]
        assert {each.partition(":")[0] for each in found} == set(languages())


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Status(502, html=True), "502"),
        (Status(403, "Missing required permission: user.read"), "permission user.read"),
        (Status(401, "Elevated permission is required"), "Elevated permission is required"),
        (Redirect("https://login.example.org/"), "https://login.example.org"),
        (Status(401, "Invalid API key"), "API key"),
    ],
)
async def test_reason_on_the_entrys_card_is_whole(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, fault: Any, reason: str
) -> None:
    immich.faults.add("GET users/me", fault)

    entry = await add_account(immich)

    assert entry.state in (ConfigEntryState.SETUP_RETRY, ConfigEntryState.SETUP_ERROR)
    assert entry.reason is not None
    assert reason in entry.reason
    assert "{" not in entry.reason


async def test_repair_is_whole(hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount) -> None:
    await add_account(immich, key="read-key")

    (issue,) = [issue for issue in ir.async_get(hass).issues.values() if issue.domain == DOMAIN]
    assert issue.translation_placeholders is not None
    for texts in languages().values():
        text = texts["issues"][issue.translation_key]
        assert text["title"]
        assert wanted(text) == set(issue.translation_placeholders)


async def test_error_of_an_action_is_whole(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    await add_account(immich, key="read-key")
    await immich.stop()

    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            DOMAIN,
            "add_to_album",
            {"assets": ["0d2d5ab9-4a4a-4a4a-8a8a-0d2d5ab94a4a"], "album": "Holiday"},
            blocking=True,
        )

    assert "can't be reached (" in str(caught.value)
    assert "{" not in str(caught.value)


async def test_mistake_in_a_call_is_whole(hass: HomeAssistant, account: MockConfigEntry) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(
            DOMAIN, "add_to_album", {"assets": ["nonsense"], "album": "Holiday"}, blocking=True
        )

    assert "nonsense is neither the id" in str(caught.value)


async def test_failure_of_a_call_is_whole(hass: HomeAssistant, account: MockConfigEntry) -> None:
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            DOMAIN,
            "add_to_album",
            {"assets": ["0d2d5ab9-4a4a-4a4a-8a8a-0d2d5ab94a4a"], "album": "Holiday"},
            blocking=True,
        )

    assert "added to the album Holiday" in str(caught.value)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
async def test_home_assistant_takes_the_texts(hass: HomeAssistant, language: str) -> None:
    """A text whose words in braces differ from the English ones would fall back to English."""
    if language not in languages():
        pytest.skip("not translated yet")
    for category in ("config", "options", "issues", "exceptions", "services", "system_health", "entity"):
        found = await async_get_translations(hass, language, category, [DOMAIN])
        prefix = f"component.{DOMAIN}.{category}."
        assert dict(_leaves(prefix, languages()[language][category])) == found


def _leaves(prefix: str, tree: dict[str, Any]) -> list[tuple[str, str]]:
    leaves: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            leaves += _leaves(f"{prefix}{key}.", value)
        else:
            leaves.append((f"{prefix}{key}", value))
    return leaves
