"""The one road to the server: addresses, the key, time limits, retries, redirects, errors, streams.

Rules kept here for every call:

- The key travels in the header `x-api-key`, and only to the origin that the user named.
- An answer counts as data only if it is JSON; a proxy's page is named as such.
- Calls that may be repeated are repeated after lost connections and "not now" answers, with growing,
  jittered pauses. Uploads and calls that make a new thing never are: only their callers can find out what
  arrived. They get a fresh connection each, as Immich closes idle ones after five seconds, and a sender
  that runs into that can't tell whether it was heard.
- Nothing of a file is held in memory: bodies stream, bounded by progress, not by total time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
import logging
import random
import re
from ssl import SSLCertVerificationError, SSLContext, SSLError
from time import monotonic
from typing import Final

import aiohttp
import orjson
from yarl import URL

from .answers import error_of, is_json
from .errors import (
    ImmichAuthenticationError,
    ImmichBadAnswerError,
    ImmichConnectionError,
    ImmichError,
    ImmichMaintenanceError,
    ImmichNotImmichError,
    ImmichRangeError,
    ImmichRedirectError,
    ImmichRouteMissingError,
    ImmichTimeoutError,
    ImmichTlsError,
    ImmichUnavailableError,
)
from .progress import STALL_SECONDS, ProgressGuard
from .sockets import socket_session

_LOGGER = logging.getLogger(__name__)

type Params = Mapping[str, str | int | bool | list[str]]

CONNECT_SECONDS: Final = 10
# A quick call: one row, a count, a version.
QUICK: Final = aiohttp.ClientTimeout(total=15, sock_connect=CONNECT_SECONDS)
# A listing or a change of many things.
LISTING: Final = aiohttp.ClientTimeout(total=60, sock_connect=CONNECT_SECONDS)
# A file on its way: bounded by progress only, as a long film takes as long as it takes.
_STREAM: Final = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=STALL_SECONDS)
_UPLOAD: Final = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)

ATTEMPTS: Final = 3
BACKOFF_SECONDS: Final = 0.5
# A longer `Retry-After` is handed to the caller instead of being slept through.
LONGEST_WAIT_SECONDS: Final = 20
# As many as the last step of a set-up makes at once.
CALLS_AT_ONCE: Final = 12
# Films and originals may last for hours; small pictures are gone in a moment and must not wait for them.
STREAMS_AT_ONCE: Final = 32
PICTURES_AT_ONCE: Final = 16
UPLOADS_AT_ONCE: Final = 4
# Who finds all places taken waits so long, then is told to come again.
PLACE_WAIT_SECONDS: Final = 15.0
PLACE_RETRY_SECONDS: Final = 5.0
# Whatever has not come by then won't: after a malformed chunk aiohttp 3.14 waits for ever (tried).
DEAD_SECONDS: Final = STALL_SECONDS + 10.0
# What a refused stream says about it is a line of text.
REFUSAL_SECONDS: Final = 15.0
REDIRECTS: Final = 5
LARGEST_JSON_BYTES: Final = 64 * 1024 * 1024
_READ_BYTES: Final = 256 * 1024

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# What a proxy says while the server behind it is away.
_AWAY: Final = frozenset({502, 503, 504})
_OUTSIDE: Final = re.compile(r"bytes \*/(\d{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What is to be asked. `fresh`: over a connection that nothing used before, nor will after."""

    method: str
    path: str
    timeout: aiohttp.ClientTimeout
    params: Params | None = None
    data: aiohttp.MultipartWriter | bytes | None = None
    headers: Mapping[str, str] | None = None
    with_key: bool = True
    fresh: bool = False


class Transport:
    """Speaks HTTP with one Immich server for one key."""

    def __init__(
        self, session: aiohttp.ClientSession, base: URL, api_key: str, *, ssl: SSLContext | bool = True
    ) -> None:
        """Use `session` for everything under `base` (with any sub-path, without `/api`).

        `ssl` is what aiohttp takes: True for the session's own rules, or a context with a private authority.
        """
        self.base = base
        self._session = session
        self._api_key = api_key
        self.ssl = ssl
        self._calls = asyncio.Semaphore(CALLS_AT_ONCE)
        # Streams and uploads may last for hours: they take no places from calls.
        self._streams = asyncio.Semaphore(STREAMS_AT_ONCE)
        self._pictures = asyncio.Semaphore(PICTURES_AT_ONCE)
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        # Told when the server was lost: it may come back as another version.
        self.on_lost: Callable[[], None] = lambda: None
        # When the last answer was given, by the server's own clock, and how long ago that is.
        self._date: tuple[str, float] | None = None

    def url(self, path: str) -> URL:
        """Return the address of an API route, such as `albums/statistics`."""
        return self.base.joinpath("api", *path.split("/"))

    def credentials(self) -> dict[str, str]:
        """Return the header with the key; raises ImmichAuthenticationError for one that can't be any."""
        if not (self._api_key.isascii() and self._api_key.isprintable()):
            raise ImmichAuthenticationError("the API key has characters that no key has")
        return {"x-api-key": self._api_key}

    def now(self) -> datetime:
        """Return the server's idea of now, exact to a second or two; ours until it has answered."""
        if self._date is not None:
            told, heard = self._date
            try:
                then = parsedate_to_datetime(told)
                # HTTP knows no other zone, whatever a proxy leaves out.
                then = then.replace(tzinfo=then.tzinfo or UTC).astimezone(UTC)
                return then + timedelta(seconds=monotonic() - heard)
            except ValueError, OverflowError:
                pass
        return datetime.now(UTC)

    def socket_session(self) -> AbstractAsyncContextManager[tuple[aiohttp.ClientSession, Callable[[], None]]]:
        """Give a session for one websocket on the connections of the calls, and what cuts its line."""
        return socket_session(self._session)

    async def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        timeout: aiohttp.ClientTimeout = QUICK,
        with_key: bool = True,
        ask_maintenance: bool = True,
    ) -> object:
        """Read JSON. `ask_maintenance`: tell a missing route from maintenance mode by asking the server."""
        request = _Request(method="GET", path=path, params=params, timeout=timeout, with_key=with_key)
        return await self._call(request, ATTEMPTS, ask_maintenance=ask_maintenance)

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: aiohttp.ClientTimeout = QUICK,
        repeatable: bool = True,
    ) -> object:
        """Send JSON (nothing for None) and read JSON (None for an empty answer).

        `repeatable`: whether doing it twice is as good as once. It is for nearly all of Immich's changes;
        only calls that make a new thing say False.
        """
        data = None
        if body is not None:
            data = orjson.dumps(body)
            headers = {"Content-Type": "application/json", **(headers or {})}
        request = _Request(
            method=method, path=path, data=data, headers=headers, timeout=timeout, fresh=not repeatable
        )
        return await self._call(request, ATTEMPTS if repeatable else 1)

    async def upload(self, path: str, body: aiohttp.MultipartWriter, *, guard: ProgressGuard) -> object:
        """Send a form with files once, bounded by the progress that `guard` sees, and read the JSON answer.

        What the source of the bytes raises comes out as it is.
        """
        async with self._uploads:
            try:
                async with guard:
                    return await self._once(
                        _Request(method="POST", path=path, data=body, timeout=_UPLOAD, fresh=True)
                    )
            except (ImmichError, TimeoutError) as error:
                if guard.source_error is not None:
                    raise guard.source_error from None
                if isinstance(error, ImmichError):
                    raise
                self.on_lost()
                raise ImmichTimeoutError("the upload stopped moving") from error

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        params: Params | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        brief: bool = False,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Open a picture or film and give the response while its body still flows.

        Passes `headers` such as `Range` and `If-None-Match` on. Answers 200, 206 and 304 are given as they
        are, uncompressed, so that lengths and ranges fit; the rest is raised: ImmichRangeError for a range
        outside of the file, ImmichUnavailableError if no place gets free in time. `brief` is for small
        pictures, which have places of their own. Read the body with `next_piece`. Leaving the context closes the
        connection to the server unless its body was read to the end.
        """
        async with _place(self._pictures if brief else self._streams):
            sent = {"Accept-Encoding": "identity", **(headers or {})}
            response = await self._open(
                _Request(method="GET", path=path, params=params, headers=sent, timeout=_STREAM)
            )
            try:
                if response.status >= 400:
                    raise await self._refusal(response)
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise ImmichBadAnswerError("the answer is compressed against our wish")
                yield response
            except (aiohttp.ClientError, TimeoutError) as error:
                if error is not response.content.exception():
                    raise  # The trouble of whoever takes the stream, not the server's.
                self.on_lost()
                raise connection_error(error) from error
            finally:
                response.close()

    async def _refusal(self, response: aiohttp.ClientResponse) -> ImmichError:
        """Return what the refusal of a stream means; it may come from anybody, so it is not waited for long."""
        # Immich says 404 where 416 is due, but tells the size as with 416 (seen on 3.1.0).
        outside = _OUTSIDE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status == 416 or (response.status == 404 and outside):
            size = int(outside[1]) if outside else None
            return ImmichRangeError("the range lies outside of the file", size=size, status=response.status)
        try:
            async with asyncio.timeout(REFUSAL_SECONDS):
                body = await _read(response)
        except TimeoutError:
            body = b""
        return await self._failure(response, body)

    async def in_maintenance(self) -> bool:
        """Whether the server says that it is in maintenance mode; it answers little else then."""
        # Not through `get`: this is asked from within calls, which hold the places that it would wait for.
        try:
            answer = await self._once(
                _Request(method="GET", path="server/config", timeout=QUICK, with_key=False),
                ask_maintenance=False,
            )
        except ImmichError:
            return False
        return isinstance(answer, dict) and answer.get("maintenanceMode") is True

    async def _call(self, request: _Request, attempts: int, *, ask_maintenance: bool = True) -> object:
        """Make a call, again after lost connections and "not now" answers, and decode its answer."""
        async with self._calls:
            for attempt in range(1, attempts):
                pause = BACKOFF_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (jitter)
                try:
                    return await self._once(request, ask_maintenance=ask_maintenance)
                except ImmichTlsError, ImmichTimeoutError, ImmichMaintenanceError:
                    raise
                except ImmichUnavailableError as error:
                    if error.retry_after is not None:
                        if error.retry_after > LONGEST_WAIT_SECONDS:
                            raise
                        pause = error.retry_after
                except ImmichConnectionError:
                    pass
                await asyncio.sleep(pause)
            return await self._once(request, ask_maintenance=ask_maintenance)

    async def _once(self, request: _Request, *, ask_maintenance: bool = True) -> object:
        try:
            response = await self._open(request)
            try:
                body = await _read(response)
            finally:
                # A body that was read to its end gives its connection back; any other closes it.
                response.release() if response.content.at_eof() else response.close()
        except ImmichError:
            raise
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.on_lost()
            raise connection_error(error) from error
        if response.status >= 400:
            raise await self._failure(response, body, ask_maintenance=ask_maintenance)
        return _decode(response, body)

    async def _failure(
        self, response: aiohttp.ClientResponse, body: bytes, *, ask_maintenance: bool = True
    ) -> ImmichError:
        failure = error_of(response, body)
        if isinstance(failure, ImmichRouteMissingError) and ask_maintenance and await self.in_maintenance():
            failure = ImmichMaintenanceError("the server is in maintenance mode", status=response.status)
        if isinstance(failure, ImmichMaintenanceError) or response.status in _AWAY:
            self.on_lost()
        return failure

    async def _open(self, request: _Request) -> aiohttp.ClientResponse:
        """Send one request and follow redirects on the same origin; the caller closes the response."""
        url = self.url(request.path)
        sent = {"Accept": "application/json, */*;q=0.5", **(request.headers or {})}
        if request.with_key:
            sent |= self.credentials()
        if request.fresh:
            sent["Connection"] = "close"
        query = _query(request.params)
        for _ in range(REDIRECTS + 1):
            try:
                response = await self._session.request(
                    request.method,
                    url,
                    params=query,
                    data=request.data,
                    headers=sent,
                    timeout=request.timeout,
                    ssl=self.ssl,
                    # Saying what TLS would take anyway keeps connections apart from the pooled ones.
                    server_hostname=url.raw_host if request.fresh else None,
                    allow_redirects=False,
                )
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                self.on_lost()
                raise connection_error(error) from error
            _LOGGER.debug("%s %s: %s", request.method, request.path, response.status)
            if (date := response.headers.get("Date")) is not None:
                self._date = date, monotonic()
            if response.status not in _REDIRECTS:
                return response
            response.close()
            url, query = _redirected(request.method, url, response), []
        raise ImmichNotImmichError("too many redirects")


async def next_piece(response: aiohttp.ClientResponse) -> bytes:
    """Return what came of a stream's body since, at most about half a megabyte; empty at its end.

    For use inside of the stream's context, which names what goes wrong on the line.
    """
    try:
        async with asyncio.timeout(DEAD_SECONDS):
            return await response.content.readany()
    except TimeoutError as error:
        if error is response.content.exception():
            raise
        raise ImmichTimeoutError("nothing comes any more") from error


@asynccontextmanager
async def _place(places: asyncio.Semaphore) -> AsyncIterator[None]:
    """Hold one of the places while the context lasts."""
    try:
        async with asyncio.timeout(PLACE_WAIT_SECONDS):
            await places.acquire()
    except TimeoutError:
        raise ImmichUnavailableError(
            "too many pictures and films at once", retry_after=PLACE_RETRY_SECONDS
        ) from None
    try:
        yield
    finally:
        places.release()


def _query(params: Params | None) -> list[tuple[str, str]]:
    """Write parameters as Immich wants them: `true`/`false`, and one pair for each entry of a list."""
    pairs: list[tuple[str, str]] = []
    for key, value in (params or {}).items():
        if isinstance(value, bool):
            pairs.append((key, "true" if value else "false"))
        elif isinstance(value, list):
            pairs.extend((key, entry) for entry in value)
        else:
            pairs.append((key, str(value)))
    return pairs


def _redirected(method: str, url: URL, response: aiohttp.ClientResponse) -> URL:
    """Return where to go next; another origin must not see the key, and only reads may be sent again."""
    try:
        target = url.join(URL(response.headers["Location"]))
        origin = target.origin()
    except (KeyError, ValueError) as error:
        raise ImmichNotImmichError("a redirect without a usable address", status=response.status) from error
    if origin != url.origin():
        raise ImmichRedirectError("redirected to another server", target=str(origin), status=response.status)
    if method not in ("GET", "HEAD"):
        raise ImmichNotImmichError("a change was answered with a redirect", status=response.status)
    return target


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read a whole JSON body or error page; more than 64 MB is no answer of Immich's."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(_READ_BYTES):
        size += len(chunk)
        if size > LARGEST_JSON_BYTES:
            raise ImmichBadAnswerError("the answer is too large", status=response.status)
        chunks.append(chunk)
    return b"".join(chunks)


def _decode(response: aiohttp.ClientResponse, body: bytes) -> object:
    if not body.strip():
        return None
    if not is_json(response):
        raise ImmichNotImmichError(
            f"the answer is of the kind “{response.content_type}”, not JSON", status=response.status
        )
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ImmichBadAnswerError("the answer is broken JSON", status=response.status) from error


def connection_error(error: Exception) -> ImmichError:
    """Name what went wrong on the way, without addresses or anything else of the library's text."""
    match error:
        case (
            aiohttp.ClientConnectorCertificateError()
            | aiohttp.ClientSSLError()
            | SSLCertVerificationError()
            | SSLError()
        ):
            return ImmichTlsError("the secure connection (TLS) failed")
        case TimeoutError():
            return ImmichTimeoutError("no answer in time")
        case aiohttp.ClientConnectorDNSError():
            return ImmichConnectionError("the host name is unknown")
        case aiohttp.ClientConnectorError():
            return ImmichConnectionError("nothing accepts connections there")
        case aiohttp.ClientPayloadError():
            return ImmichConnectionError("the answer broke off")
        case aiohttp.ServerDisconnectedError() | OSError():
            return ImmichConnectionError("the connection was closed")
        case aiohttp.ClientResponseError():
            return ImmichNotImmichError("the answer is not proper HTTP")
        case _:
            return ImmichConnectionError("the connection broke")
