"""Pictures and films that are fetched first: from a URL, or from the media of another integration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Final

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from ..api.upload_form import safe_filename
from ..const import DOWNLOAD_SECONDS, DOWNLOAD_STALL_SECONDS
from ..errors import failure, mistake
from .content_types import is_picture_or_film, with_extension
from .nameless import LONGEST_NAME, Fetched, async_keep, async_save
from .source import UploadSource

_TIMEOUT: Final = aiohttp.ClientTimeout(
    total=DOWNLOAD_SECONDS, sock_connect=10, sock_read=DOWNLOAD_STALL_SECONDS
)
_REDIRECTS: Final = 5
_REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What holds for a download: `check` raises for an address that may not be fetched.

    `own` is Home Assistant's own address: its certificate names the outside one. `content_type` counts where
    the answer has none.
    """

    check: Callable[[URL], None] = lambda _address: None
    own: URL | None = None
    content_type: str = ""


async def async_open_url(hass: HomeAssistant, url: str) -> UploadSource:
    """Fetch what lies at `url`, if it and each address that it redirects to is allowed.

    An entry of `allowlist_external_urls` is an explicit permission, also for an address in the own network.
    """

    def _check(address: URL) -> None:
        if not _is_allowed(hass, address):
            raise mistake("url_not_allowed", url=_entry_for(address))

    try:
        address = URL(url.strip())
    except ValueError as error:
        raise mistake("url_invalid") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise mistake("url_invalid")
    return await async_keep(hass, partial(_download, hass, address, _Rules(check=_check)))


async def async_open_resolved(hass: HomeAssistant, url: str, content_type: str) -> UploadSource:
    """Fetch the URL that a media source of Home Assistant resolved to: relative ones are its own."""
    own = None
    if url.startswith("/"):
        from homeassistant.components.http.auth import async_sign_path

        if (api := hass.config.api) is None:
            raise failure("media_unavailable")
        own = URL.build(scheme="https" if api.use_ssl else "http", host=api.host, port=api.port)
        url = f"{own}{url if 'authSig=' in url else async_sign_path(hass, url, timedelta(minutes=5))}"
    try:
        address = URL(url)
    except ValueError as error:
        raise mistake("url_invalid") from error
    rules = _Rules(own=own, content_type=content_type)
    return await async_keep(hass, partial(_download, hass, address, rules))


def _is_allowed(hass: HomeAssistant, address: URL) -> bool:
    """Ask the allow-list, with and without user and password: an entry needs none to name a device."""
    if address.scheme not in ("http", "https") or not address.host:
        return False
    return hass.config.is_allowed_external_url(
        str(address.with_user(None))
    ) or hass.config.is_allowed_external_url(str(address))


def _entry_for(address: URL) -> str:
    """Return the entry of the allow-list that permits an address, without any secret in it.

    Home Assistant compares beginnings up to a slash: an address with a query is permitted by its folder.
    """
    shown = _shown(address)
    return f"{shown.rpartition('/')[0]}/" if address.raw_query_string else shown


def _shown(address: URL) -> str:
    """Return an address without user, password, query and fragment: those may hold secrets."""
    if not (address.absolute and address.host):
        return address.path
    return str(address.with_user(None).with_query(None).with_fragment(None))


async def _download(hass: HomeAssistant, address: URL, rules: _Rules, file: IO[bytes]) -> Fetched:
    """Write what lies at the address to `file`."""
    try:
        for _ in range(_REDIRECTS + 1):
            rules.check(address)
            session = async_get_clientsession(
                hass, verify_ssl=rules.own is None or address.origin() != rules.own
            )
            async with session.get(address, timeout=_TIMEOUT, allow_redirects=False) as response:
                if response.status in _REDIRECT_STATUSES:
                    address = address.join(URL(response.headers.get("Location", "")))
                    continue
                if response.status != 200:
                    raise failure("url_status", url=_shown(address), status=str(response.status))
                told = response.headers.get("Content-Type", rules.content_type)
                if not is_picture_or_film(told):
                    raise failure("url_no_picture", url=_shown(address), kind=told.partition(";")[0])
                size, sha1 = await async_save(hass, response, file, response.content.readany)
                if size == 0:
                    raise failure("url_empty", url=_shown(address))
                name = with_extension(_name(response, address), told)
                return Fetched(filename=name, size=size, sha1=sha1)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise failure("url_failed", url=_shown(address)) from error
    raise failure("url_failed", url=_shown(address))


def _name(response: aiohttp.ClientResponse, address: URL) -> str:
    """Return what the server calls the file, else the end of the address."""
    disposition = response.content_disposition
    named = (disposition.filename if disposition is not None else None) or PurePosixPath(address.path).name
    return safe_filename(named or "picture").lstrip(".")[-LONGEST_NAME:] or "picture"
