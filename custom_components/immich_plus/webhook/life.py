"""The webhook that Immich's own workflows call, for those who switched it on: its life, and what it needs in Immich."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
import logging
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later

from ..api.errors import (
    ImmichAuthenticationError,
    ImmichConnectionError,
    ImmichError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichServerError,
)
from ..api.permissions import SCOPES, Ability
from ..const import CONF_WEBHOOK, CONF_WEBHOOK_REMOTE, DOMAIN
from ..news.news import SIGNAL_NEWS, News, NewsType
from ..runtime import ImmichPlusConfigEntry, Runtime, async_create_client
from .call import MOST_AT_ONCE, Budget, RefusedCallError, async_is_hint, knows_token
from .hints import Hints
from .issues import (
    async_forget_webhook_issue,
    async_report_by_hand,
    async_report_no_address,
    async_report_not_made,
    async_report_silent,
    async_report_too_old,
)
from .secrets import (
    WebhookSecrets,
    async_forget_secrets,
    async_load_secrets,
    async_need_secrets,
    async_save_secrets,
    base_url,
)
from .workflow import async_keep_workflow, async_remove_workflow

_LOGGER = logging.getLogger(__name__)

# A server that can't be asked for its workflows now is asked again after this time, or when it is back.
RETRY_SECONDS: Final = 600
# A new asset is told about, and so long after that nobody has called: then nobody will.
DOUBT_SECONDS: Final = 60
# What the removal of an account waits for a server at the most.
REMOVAL_SECONDS: Final = 20
_WITH_BODY: Final = frozenset({hdrs.METH_POST, hdrs.METH_PUT})
# Trouble that passes by itself.
_PASSING: Final = (
    ImmichConnectionError,
    ImmichServerError,
    ImmichNotImmichError,
    ImmichAuthenticationError,
)


async def async_start_webhook(hass: HomeAssistant, entry: ImmichPlusConfigEntry) -> None:
    """Listen to Immich until the entry is unloaded, and see that Immich calls; or that it does so no more."""
    if not entry.options.get(CONF_WEBHOOK, False):
        async_forget_webhook_issue(hass, entry.entry_id)
        if (left_over := await async_load_secrets(hass, entry.entry_id)) is not None:
            _task = entry.async_create_background_task(
                hass, _async_switch_off(hass, entry, left_over), "remove the workflow"
            )
        return
    _Webhook(hass, entry, await async_need_secrets(hass, entry.entry_id)).start()


async def async_remove_webhook(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take what belongs to the webhook out of Immich and out of Home Assistant, as the account is removed.

    A server that can't be reached keeps its workflow: it calls nobody from now on.
    """
    if (known := await async_load_secrets(hass, entry.entry_id)) is None:
        return
    with suppress(ImmichError, OSError, ValueError):
        async with asyncio.timeout(REMOVAL_SECONDS):
            await async_remove_workflow(await async_create_client(hass, entry.data), known.webhook_id)
    await async_forget_secrets(hass, entry.entry_id)


async def _async_switch_off(hass: HomeAssistant, entry: ImmichPlusConfigEntry, known: WebhookSecrets) -> None:
    try:
        await async_remove_workflow(entry.runtime_data.client, known.webhook_id)
    except _PASSING:
        # The secrets stay, and with them the wish: the next start tries again.
        return
    except ImmichError as error:
        # Whoever made the workflow by hand has to remove it by hand.
        _LOGGER.debug("The workflow can't be removed: %s", error)
    await async_forget_secrets(hass, entry.entry_id)


class _Webhook:
    """The webhook of one loaded account."""

    def __init__(self, hass: HomeAssistant, entry: ImmichPlusConfigEntry, known: WebhookSecrets) -> None:
        """Do nothing until it is started."""
        self._hass = hass
        self._entry = entry
        self._runtime: Runtime = entry.runtime_data
        self._known = known
        self._remote: bool = entry.options.get(CONF_WEBHOOK_REMOTE, False)
        self._hints = Hints(hass, entry)
        self._budget = Budget()
        self._reading = 0
        self._warned = False
        self._keeping = asyncio.Lock()
        # The address that Immich was told, and when by its own clock; empty and None until it was.
        self._told = ""
        self._told_at: datetime | None = None
        # Whether a call came since.
        self._heard = False
        self._doubt: CALLBACK_TYPE | None = None
        self._retry: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> None:
        """Answer calls from now on, and see that Immich makes them."""
        hass, entry, webhook_id = self._hass, self._entry, self._known.webhook_id
        webhook.async_register(
            hass,
            DOMAIN,
            f"Immich Plus: {entry.title}",
            webhook_id,
            self._hear,
            local_only=not self._remote,
            # Home Assistant logs the secret address with a method that isn't allowed.
            allowed_methods=webhook.SUPPORTED_METHODS,
        )
        for end in (
            partial(webhook.async_unregister, hass, webhook_id),
            self._hints.stop,
            self._cancel_retry,
            self._cancel_doubt,
            async_dispatcher_connect(hass, SIGNAL_NEWS, self._hear_news),
            hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._addresses_changed),
            self._runtime.line.async_add_listener(self._line_changed),
        ):
            entry.async_on_unload(end)
        self._keep_soon()

    # -- being called

    async def _hear(self, hass: HomeAssistant, webhook_id: str, request: web.Request) -> web.Response:
        """Answer a call: at once, as Immich waits for minutes and makes no others meanwhile."""
        if not knows_token(request, self._known.token):
            if not self._warned:
                self._warned = True
                _LOGGER.warning(
                    "Somebody called the webhook of %s without its secret header: if that was a workflow of yours,"
                    " give it the header that the options of this account show",
                    self._entry.title,
                )
            return web.Response(status=HTTPStatus.FORBIDDEN)
        if self._reading >= MOST_AT_ONCE or not self._budget.take():
            # It wasn't read what it is about, so it may be about something.
            self._hints.hear()
            return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS)
        # A proxy that sends callers from http to https makes a GET without a body of it (seen on 3.1.0).
        is_hint = request.method not in _WITH_BODY
        if not is_hint:
            self._reading += 1
            try:
                is_hint = await async_is_hint(request, self._runtime.account.id)
            except RefusedCallError as refusal:
                return web.Response(status=refusal.status)
            finally:
                self._reading -= 1
        if is_hint:
            self._hints.hear()
        if not self._heard:
            await self._note_first_call()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _note_first_call(self) -> None:
        """Remember that it works: nobody has to be told how to make it work."""
        self._heard = True
        self._cancel_doubt()
        async_forget_webhook_issue(self._hass, self._entry.entry_id)
        if not self._known.called:
            self._known = replace(self._known, called=True)
            await async_save_secrets(self._hass, self._entry.entry_id, self._known)

    # -- not being called

    @callback
    def _hear_news(self, entry_id: str, news: News) -> None:
        """Notice that something new came without a call: Immich tells nobody whom it can't reach."""
        told_at = self._told_at
        if self._heard or told_at is None or self._doubt is not None:
            return
        if entry_id == self._entry.entry_id and news.type is NewsType.ASSET_ADDED and not news.missed:
            own = [asset for asset in news.assets if asset.owner_id == self._runtime.account.id]
            if any(asset.added_at is not None and asset.added_at > told_at for asset in own):
                self._doubt = async_call_later(self._hass, DOUBT_SECONDS, self._report_silence)

    @callback
    def _report_silence(self, _now: datetime) -> None:
        self._doubt = None
        async_report_silent(self._hass, self._entry, self._told)

    @callback
    def _cancel_doubt(self) -> None:
        if self._doubt is not None:
            self._doubt()
            self._doubt = None

    # -- having Immich call

    @callback
    def _addresses_changed(self, _event: Event) -> None:
        if (base_url(self._hass, remote=self._remote) or "") != self._told:
            self._keep_soon()

    @callback
    def _line_changed(self) -> None:
        if self._retry is not None and self._runtime.line.is_up:
            self._keep_soon()

    @callback
    def _cancel_retry(self) -> None:
        if self._retry is not None:
            self._retry()
            self._retry = None

    @callback
    def _keep_soon(self, _now: object = None) -> None:
        self._cancel_retry()
        _task = self._entry.async_create_background_task(self._hass, self._keep(), "keep the workflow")

    async def _keep(self) -> None:
        async with self._keeping:
            await self._keep_workflow()

    async def _keep_workflow(self) -> None:
        """See that Immich calls, and tell people what to do where that can't be done for them."""
        hass, entry, client = self._hass, self._entry, self._runtime.client
        if not client.version.calls_webhooks:
            async_report_too_old(hass, entry, str(client.version))
            return
        self._told, self._told_at = "", None
        self._heard = False
        self._cancel_doubt()
        if (base := base_url(hass, remote=self._remote)) is None:
            async_report_no_address(hass, entry)
            return
        if client.scopes.can(Ability.WORKFLOWS):
            try:
                await async_keep_workflow(client, self._known.call(base))
            except ImmichPermissionError:
                pass
            except _PASSING:
                self._retry = async_call_later(hass, RETRY_SECONDS, self._keep_soon)
                return
            except ImmichError as error:
                async_report_not_made(hass, entry, error.text)
                return
            else:
                self._told, self._told_at = base, client.transport.now()
                async_forget_webhook_issue(hass, entry.entry_id)
                return
        self._told = base
        if self._known.called:
            # Somebody made it by hand.
            self._told_at = client.transport.now()
            async_forget_webhook_issue(hass, entry.entry_id)
        else:
            scopes = client.scopes.missing([Ability.WORKFLOWS]) or SCOPES[Ability.WORKFLOWS]
            async_report_by_hand(hass, entry, scopes)
