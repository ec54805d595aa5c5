"""Repairs about the webhook: why Immich doesn't call, and what to do about it. One for each account at the most."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN

if TYPE_CHECKING:
    from ..runtime import ImmichPlusConfigEntry


@callback
def async_report_too_old(hass: HomeAssistant, entry: ImmichPlusConfigEntry, version: str) -> None:
    """Tell that this version of Immich can't call anybody."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry.entry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="webhook_too_old",
        translation_placeholders={"account": entry.title, "version": version},
    )


@callback
def async_report_no_address(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
    """Tell that Home Assistant doesn't know under which address Immich could call it."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry.entry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="webhook_no_address",
        translation_placeholders={"account": entry.title},
    )


@callback
def async_report_not_made(hass: HomeAssistant, entry: ImmichPlusConfigEntry, reason: str) -> None:
    """Tell that Immich doesn't take the workflow, in its own words."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry.entry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="webhook_not_made",
        translation_placeholders={"account": entry.title, "reason": reason},
    )


@callback
def async_report_by_hand(hass: HomeAssistant, entry: ImmichPlusConfigEntry, scopes: Iterable[str]) -> None:
    """Tell that the key can't make the workflow, and that nobody else has so far."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry.entry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="webhook_by_hand",
        translation_placeholders={
            "account": entry.title,
            "scopes": "\n".join(f"- `{scope}`" for scope in scopes),
        },
    )


@callback
def async_report_silent(hass: HomeAssistant, entry: ImmichPlusConfigEntry, address: str) -> None:
    """Tell that Immich should call, but doesn't: most likely it can't reach `address`, which it tells nobody."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry.entry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="webhook_silent",
        translation_placeholders={"account": entry.title, "address": address},
    )


@callback
def async_forget_webhook_issue(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the repair of an account."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry_id))


def _issue_id(entry_id: str) -> str:
    return f"webhook_{entry_id}"
