"""The five dialogs that connect to a server, each opened, filled in and submitted in one call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockModule, mock_integration
from yarl import URL

from custom_components.immich_plus.const import BUILT_IN_DOMAIN, DOMAIN
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

ADMIN_ID = stable_id("tiny admin")
USER_ID = stable_id("tiny user")


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a person types into the form."""

    url: str
    api_key: str = "admin-key"
    tls: dict[str, Any] = field(default_factory=lambda: {"verify_ssl": True})

    @property
    def form(self) -> dict[str, Any]:
        """Return it as the frontend sends it."""
        return {"url": self.url, "api_key": self.api_key, "tls": self.tls}

    def but(self, **changes: Any) -> Typed:
        """Return it with something typed differently."""
        return replace(self, **changes)


def built_in(hass: HomeAssistant, url: str, **changes: Any) -> MockConfigEntry:
    """Add an entry of Home Assistant's own integration."""
    address = URL(url)
    data = {
        "host": address.host,
        "port": address.port,
        "ssl": address.scheme == "https",
        "verify_ssl": True,
        "api_key": "admin-key",
    } | changes.pop("data", {})
    entry = MockConfigEntry(
        **{"domain": BUILT_IN_DOMAIN, "title": "Built-in", "unique_id": ADMIN_ID, "data": data} | changes
    )
    entry.add_to_hass(hass)
    return entry


def account_entry(hass: HomeAssistant, url: str, **changes: Any) -> MockConfigEntry:
    """Add an account that isn't set up."""
    data = {"url": url, "api_key": "old-key", "verify_ssl": True} | changes.pop("data", {})
    entry = MockConfigEntry(
        **{"domain": DOMAIN, "title": "Admin (127.0.0.1)", "unique_id": ADMIN_ID, "data": data} | changes
    )
    entry.add_to_hass(hass)
    return entry


async def opened(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the dialog as "Add integration" does."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def submitted(hass: HomeAssistant, result: ConfigFlowResult, form: dict[str, Any]) -> ConfigFlowResult:
    """Fill in what a dialog shows, and wait until Home Assistant has done what follows."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], form)
    await hass.async_block_till_done()
    return result


async def user(hass: HomeAssistant, typed: Typed) -> ConfigFlowResult:
    """Add an account."""
    result = await opened(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    assert not result["errors"]
    return await submitted(hass, result, typed.form)


async def connect(hass: HomeAssistant, typed: Typed) -> ConfigFlowResult:
    """Add an account where the built-in integration has one, without copying that."""
    built_in(hass, "http://127.0.0.1:1")
    result = await opened(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "user")
    result = await submitted(hass, result, {"next_step_id": "connect"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "connect")
    assert not result["errors"]
    return await submitted(hass, result, typed.form)


async def take_over(hass: HomeAssistant, typed: Typed) -> ConfigFlowResult:
    """Copy the connection of a built-in entry that has what is typed."""
    data = {"api_key": typed.api_key, "verify_ssl": typed.tls["verify_ssl"]}
    built_in(hass, typed.url, data=data)
    return await submitted(hass, await opened(hass), {"next_step_id": "take_over"})


async def reauth(hass: HomeAssistant, typed: Typed) -> ConfigFlowResult:
    """Enter a new key for an account at the typed address."""
    entry = account_entry(hass, typed.url, data=typed.tls)
    result = await entry.start_reauth_flow(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reauth_confirm")
    return await submitted(hass, result, {"api_key": typed.api_key})


async def reconfigure(hass: HomeAssistant, typed: Typed) -> ConfigFlowResult:
    """Change an account's connection to what is typed."""
    entry = account_entry(hass, "http://127.0.0.1:1")
    result = await entry.start_reconfigure_flow(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    return await submitted(hass, result, typed.form)


type Dialog = Callable[[HomeAssistant, Typed], Awaitable[ConfigFlowResult]]

ALL_DIALOGS: tuple[Dialog, ...] = (user, connect, take_over, reauth, reconfigure)


def ends_well(result: ConfigFlowResult) -> bool:
    """Tell whether a dialog ended with a connection that works."""
    if result["type"] is FlowResultType.ABORT:
        return result["reason"] in ("reauth_successful", "reconfigure_successful")
    return result["type"] is FlowResultType.CREATE_ENTRY


def good(immich: FakeImmich) -> Typed:
    """Return what works."""
    return Typed(url=immich.url)


async def forget_everything(hass: HomeAssistant) -> None:
    """Remove all accounts, built-in entries and open dialogs."""
    # The real one wants a library that nothing else here needs.
    mock_integration(hass, MockModule(BUILT_IN_DOMAIN))
    for flow in hass.config_entries.flow.async_progress():
        hass.config_entries.flow.async_abort(flow["flow_id"])
    for domain in (DOMAIN, BUILT_IN_DOMAIN):
        for entry in hass.config_entries.async_entries(domain):
            await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
