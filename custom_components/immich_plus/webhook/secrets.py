"""The address under which Immich calls Home Assistant, and the two secrets in it: kept in a file of their own.

They are no options: those are shown in diagnostics and handed from form to form.
"""

from dataclasses import dataclass, field
import secrets
from typing import Any, Final

from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.helpers.storage import Store

from ..api.workflows import WebhookCall
from ..const import DOMAIN

_VERSION: Final = 1
# The header that carries the second secret: the first one, in the address, gets into logs of Home Assistant and proxies.
HEADER: Final = "X-Immich-Plus-Token"
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecrets:
    """What a caller must know: the id in the address and the value of the header, of 256 bits each.

    `called`: whether somebody who knew both has called.
    """

    webhook_id: str = field(repr=False)
    token: str = field(repr=False)
    called: bool = False

    def call(self, base: str) -> WebhookCall:
        """Return what Immich has to do, at Home Assistant's address `base`."""
        path = webhook.async_generate_path(self.webhook_id)
        return WebhookCall(url=f"{base}{path}", header_name=HEADER, header_value=self.token)


async def async_load_secrets(hass: HomeAssistant, entry_id: str) -> WebhookSecrets | None:
    """Return the secrets of an account, None if it has none that make sense."""
    match await _store(hass, entry_id).async_load():
        case {"webhook_id": str(webhook_id), "token": str(token), "called": bool(called)} if (
            webhook_id and token
        ):
            return WebhookSecrets(webhook_id=webhook_id, token=token, called=called)
    return None


async def async_need_secrets(hass: HomeAssistant, entry_id: str) -> WebhookSecrets:
    """Return the secrets of an account, made now if it has none."""
    if (known := await async_load_secrets(hass, entry_id)) is not None:
        return known
    made = WebhookSecrets(webhook_id=webhook.async_generate_id(), token=secrets.token_hex(_SECRET_BYTES))
    await async_save_secrets(hass, entry_id, made)
    return made


async def async_save_secrets(hass: HomeAssistant, entry_id: str, known: WebhookSecrets) -> None:
    """Keep the secrets of an account."""
    data = {"webhook_id": known.webhook_id, "token": known.token, "called": known.called}
    await _store(hass, entry_id).async_save(data)


async def async_forget_secrets(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the secrets of an account: who knows them knows nothing any more."""
    await _store(hass, entry_id).async_remove()


def base_url(hass: HomeAssistant, *, remote: bool) -> str | None:
    """Return the address of Home Assistant for Immich, None if nobody set one that fits.

    From the local network it is never the address on the internet: calls would come back from there as strangers'.
    """
    try:
        return get_url(hass, allow_external=remote, allow_cloud=remote, prefer_external=remote)
    except NoURLAvailableError:
        return None


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, _VERSION, f"{DOMAIN}.webhook.{entry_id}", private=True)
