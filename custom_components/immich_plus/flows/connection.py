"""Checking what a person typed against the server, so that each failure can be told in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from yarl import URL

from ..api import Immich
from ..api.address import Candidate, InvalidAddressError, candidates
from ..api.errors import (
    ImmichConnectionError,
    ImmichError,
    ImmichMaintenanceError,
    ImmichNotImmichError,
    ImmichRedirectError,
    ImmichTlsError,
)
from ..api.users import Account
from ..const import CONF_CA_CERTIFICATE
from ..errors import explain
from ..runtime import async_create_client, async_identify


class ConnectionFailedError(Exception):
    """A connection that can't be used; `key` is one of the flow's errors, with its placeholders."""

    def __init__(self, key: str, placeholders: Mapping[str, str] | None = None) -> None:
        """Keep what to tell."""
        super().__init__(key)
        self.key = key
        self.placeholders = dict(placeholders or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection that works: what to store, and whose it is."""

    data: dict[str, Any]
    account: Account

    @property
    def title(self) -> str:
        """The entry's title: the user's name and the host."""
        host = URL(self.data[CONF_URL]).host or ""
        return f"{self.account.name} ({host})" if self.account.name else host


async def async_check_connection(hass: HomeAssistant, typed: Mapping[str, Any]) -> Connection:
    """Find the server that was meant, and log in with the key.

    `typed` has `url`, `api_key`, `verify_ssl` and perhaps `ca_certificate`. Raises ConnectionFailedError.
    """
    try:
        found = candidates(typed[CONF_URL])
    except InvalidAddressError as error:
        raise ConnectionFailedError("invalid_url") from error
    data: dict[str, Any] = {
        CONF_URL: str(found[0].url),
        CONF_API_KEY: typed[CONF_API_KEY].strip(),
        CONF_VERIFY_SSL: typed.get(CONF_VERIFY_SSL, True),
    }
    if certificate := (typed.get(CONF_CA_CERTIFICATE) or "").strip():
        data[CONF_CA_CERTIFICATE] = certificate
    try:
        base = await _find_server(hass, data, found)
        data[CONF_URL] = str(base).rstrip("/")
        account, _ = await async_identify(await async_create_client(hass, data))
    except ImmichError as error:
        raise ConnectionFailedError(*explain(error)) from error
    except (OSError, ValueError) as error:
        raise ConnectionFailedError("invalid_certificate") from error
    return Connection(data=data, account=account)


async def _find_server(hass: HomeAssistant, data: Mapping[str, Any], found: list[Candidate]) -> URL:
    """Return the first address at which Immich answers; the key is not sent while looking."""
    first_error: ImmichError | None = None
    unreachable: set[str] = set()
    for candidate in found:
        origin = str(candidate.url.origin())
        if origin in unreachable:
            continue
        try:
            return await _probe(hass, data, candidate.url)
        except ImmichNotImmichError as error:
            if first_error is None or _tells_more(error, first_error):
                first_error = error
        except ImmichConnectionError as error:
            # Asking the same server for another path won't help, but it may speak the other scheme: unless this
            # is Immich already, in maintenance mode.
            if not candidate.guessed or isinstance(error, ImmichMaintenanceError):
                raise
            unreachable.add(origin)
            first_error = first_error or error
    assert first_error is not None  # noqa: S101 (there is always a candidate)
    raise first_error


def _tells_more(answer: ImmichNotImmichError, earlier: ImmichError) -> bool:
    """Whether what answers plain HTTP should be told instead of what became of HTTPS.

    An answer tells more than none. But 400 is what TLS servers answer to plain HTTP: then the bad certificate
    is the news.
    """
    return earlier.status is None and not (isinstance(earlier, ImmichTlsError) and answer.status == 400)


async def _probe(hass: HomeAssistant, data: Mapping[str, Any], url: URL) -> URL:
    """Ask for the version at `url`; follow the usual redirect of a proxy from http to https of the same host."""
    client = await _client_at(hass, data, url)
    try:
        await client.server.version()
    except ImmichRedirectError as error:
        target = URL(error.target)
        if target.scheme != "https" or target.host != url.host or url.scheme == "https":
            raise
        secure = target.joinpath(*(part for part in url.path.split("/") if part))
        await (await _client_at(hass, data, secure)).server.version()
        return secure
    return url


async def _client_at(hass: HomeAssistant, data: Mapping[str, Any], url: URL) -> Immich:
    return await async_create_client(hass, {**data, CONF_URL: str(url)})
