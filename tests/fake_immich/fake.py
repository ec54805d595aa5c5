"""The server itself: from a request on the wire to an answer."""

import asyncio
from collections.abc import Callable, Coroutine
from email.utils import format_datetime
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
import tempfile
import time
from typing import Any, Self
from urllib.parse import quote
from weakref import WeakKeyDictionary

from aiohttp import web

from .answers import Answer, AnyAnswer, ApiError, FileAnswer, TextAnswer, forbidden, not_found
from .auth import authenticate
from .bodies import read_body
from .context import Context
from .dialect import Dialect
from .faults import Call, Delivery, Faults, HungUpError
from .live import Live, attach
from .request_log import LoggedRequest, RequestLog
from .routing import Route, table_of
from .state import State
from .tls import self_signed
from .validate import MISSING
from .version import DEFAULT, Version
from .wire import send, strip

#: Immich closes idle connections after this many seconds and says so.
IDLE_TIMEOUT = 5.0

_PAGE = b"<!doctype html><html><head><title>Immich</title></head><body>Immich (a fake)</body></html>"

type Library = Callable[[State], None]


class FakeImmich:
    """A running fake server; use it as ``async with FakeImmich(...) as immich``.

    ``version`` is the release it speaks as. ``library`` fills the empty state (a
    function, see :mod:`.libraries`); without one there is a small default with an
    admin and a user. ``sub_path`` serves below a path such as ``/photos-app/immich``,
    ``tls`` behind a self-signed certificate (``.certificate``), ``rate`` takes at most
    so many bytes a second from uploads. ``keep_below`` is the size in bytes up to which
    uploaded files stay on disk; of larger ones only the hash is kept.
    """

    def __init__(
        self,
        *,
        version: str = DEFAULT,
        library: Library | None = None,
        state: State | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        sub_path: str = "",
        tls: bool = False,
        rate: int | None = None,
        idle_timeout: float = IDLE_TIMEOUT,
        keep_below: int = 64 * 1024 * 1024,
    ) -> None:
        """Prepare a server; nothing listens yet."""
        self.state = state or State()
        self.host = host
        self.port = port
        self.sub_path = "/" + sub_path.strip("/") if sub_path.strip("/") else ""
        self.rate = rate
        self.idle_timeout = idle_timeout
        self.keep_below = keep_below
        self.maintenance = False
        self.maintenance_token: str | None = None
        self.requests = RequestLog()
        self.faults = Faults()
        #: Called with this server and the aiohttp application before each start.
        self.extensions: list[Callable[[FakeImmich, web.Application], None]] = []
        #: The socket.io side; there once the server has been started.
        self.live: Live | None = None
        self.certificate: str | None = None
        self._tls = None
        if tls:
            self._tls, self.certificate = self_signed()
        self._runner: web.AppRunner | None = None
        self._carried: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._handlers: set[asyncio.Task[Any]] = set()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.set_version(version)
        if library is not None:
            library(self.state)
        elif state is None:
            fill_minimal(self.state)

    # -- life

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop, drop background work and uploaded files."""
        await self.stop()
        # Handlers of clients that went away work on, as the real server's do.
        running = [*self._tasks, *self._handlers]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.sleep(0)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def start(self) -> None:
        """Listen; the second time on the same port as before."""
        app = web.Application(client_max_size=0)
        self.live = attach(self, app)
        for extension in self.extensions:
            extension(self, app)
        app.on_response_prepare.append(strip)
        app.on_response_prepare.append(self._date)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=self.idle_timeout,
            shutdown_timeout=0.05,
            lingering_time=0.05,
            read_bufsize=256 * 1024,
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, ssl_context=self._tls, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]
        for job in self.state.startup:
            self.spawn(job())

    async def stop(self) -> None:
        """Go away: close every connection and stop listening. The library stays."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def set_version(self, version: str) -> None:
        """Become another release, as after an upgrade."""
        self.version = Version.parse(version)
        self.dialect = Dialect(self.version)
        self.table = table_of(self.version)
        self.maintenance_table = table_of(self.version, maintenance=True)
        history = self.state.version_history
        if not history or history[0][2] != str(self.version):
            now = self.state.now()
            history.insert(0, (self.state.new_id(), now, str(self.version)))

    @property
    def url(self) -> str:
        """Return the address without ``/api`` and without a slash at the end."""
        scheme = "http" if self._tls is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}{self.sub_path}"

    @property
    def folder(self) -> Path:
        """Return the folder of uploaded files; it is gone after the end."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="fake-immich-")
        return Path(self._folder.name)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background, at most until the end."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait until all background work (thumbnails, deletions) is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks)
            # Lets the finished ones leave the set.
            await asyncio.sleep(0)

    # -- requests

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        task = asyncio.current_task()
        if task is not None:
            self._handlers.add(task)
            task.add_done_callback(self._handlers.discard)
        return await self._respond(request)

    async def _date(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Say what time it is by the library's clock."""
        response.headers["Date"] = format_datetime(self.state.now(), usegmt=True)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        entry = LoggedRequest(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            started=time.monotonic(),
        )
        self.requests.entries.append(entry)
        earlier = self._carried.get(request.transport, 0)
        self._carried[request.transport] = earlier + 1
        delivery = Delivery()
        call = Call(request=request, entry=entry, delivery=delivery, earlier=earlier)
        correlation = "".join(self.state.random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=8))
        headers = {"Connection": "close"}
        if request.keep_alive:
            headers = {"Connection": "keep-alive", "Keep-Alive": f"timeout={self.idle_timeout:g}"}
        path = request.raw_path.partition("?")[0]
        if self.sub_path and not _below(path, self.sub_path):
            page = TextAnswer(content=b"<html>404</html>", content_type="text/html", status=404)
            return await send(request, page, headers, delivery)
        path = path[len(self.sub_path) :]
        entry.path = path
        found: tuple[Route, dict[str, str]] | None = None
        if path.lower() == "/api" or path.lower().startswith("/api/"):
            headers[self.dialect.correlation_header] = correlation
            table = self.maintenance_table if self.maintenance else self.table
            found = table.find(request.method, path[5:])
            if found is not None:
                entry.route = found[0].template
        try:
            answer = await self.faults.run(
                call, lambda: self._answer(request, path, found, entry, headers, correlation)
            )
        except HungUpError:
            return web.Response()
        if isinstance(answer, TextAnswer) and answer.anonymous:
            headers.pop(self.dialect.correlation_header, None)
        entry.status = answer.status if isinstance(answer, Answer | TextAnswer) else 200
        try:
            response = await send(request, answer, headers, delivery)
            if not request.content.at_eof():
                await _drain(request, response)
        except ConnectionError, web.RequestPayloadError:
            # The client went away in the middle of the answer.
            return web.Response()
        entry.status = response.status
        entry.duration = time.monotonic() - entry.started
        return response

    async def _answer(
        self,
        request: web.Request,
        path: str,
        found: tuple[Route, dict[str, str]] | None,
        entry: LoggedRequest,
        headers: dict[str, str],
        correlation: str,
    ) -> AnyAnswer:
        try:
            answer = await self._dispatch(request, path, found, entry)
        except ApiError as error:
            result = self.dialect.error(error, correlation)
            if error.before_routing:
                # The body parser fails before a request gets its id (seen on 3.1.0).
                headers[self.dialect.correlation_header] = "undefined"
                result.early = True
            return result
        if isinstance(answer, FileAnswer):
            answer.cache_control = answer.cache_control or self.dialect.media_cache_control
            answer.range_error = self.dialect.error(not_found(), correlation).body
        return answer

    async def _dispatch(
        self,
        request: web.Request,
        path: str,
        found: tuple[Route, dict[str, str]] | None,
        entry: LoggedRequest,
    ) -> AnyAnswer:
        if not (path.lower() == "/api" or path.lower().startswith("/api/")):
            return self._outside(request, path)
        json, entry.body_size = await read_body(request)
        entry.json = None if json is MISSING else json
        if found is None:
            asked = request.raw_path[len(self.sub_path) :]
            raise ApiError(404, f"Cannot {request.method} {asked}")
        return await self._call(request, found, entry, json)

    async def _call(
        self,
        request: web.Request,
        found: tuple[Route, dict[str, str]],
        entry: LoggedRequest,
        json: Any,
    ) -> AnyAnswer:
        route, params = found
        context = Context(
            fake=self,
            state=self.state,
            dialect=self.dialect,
            request=request,
            route=route,
            params=params,
            entry=entry,
            json=json,
        )
        if not route.public:
            auth = authenticate(self.state, _lower(request), dict(request.query), _cookies(request))
            context.maybe_auth = auth
            if auth.api_key is not None:
                entry.key_name = auth.api_key.name
            if route.admin and not auth.user.is_admin:
                raise forbidden()
            if auth.shared_link is not None and not route.shared:
                raise forbidden()
            scope = route.scope_in(self.version)
            if scope is not None and not auth.may(scope):
                raise ApiError(403, f"Missing required permission: {scope}")
        answer: Any = await route.handler(context)
        if isinstance(answer, dict | list):
            return Answer(body=answer)
        result: AnyAnswer = answer
        return result

    def _outside(self, request: web.Request, path: str) -> AnyAnswer:
        """Answer for anything that is not below ``/api``."""
        if self.maintenance and request.method in ("GET", "HEAD"):
            location = f"{self.sub_path}/maintenance?continue={quote(path, safe='')}"
            return TextAnswer(
                content=f"Found. Redirecting to {location}".encode(),
                content_type="text/plain; charset=utf-8",
                status=302,
                headers={"Location": location, "Vary": "Accept"},
            )
        if path == "/.well-known/immich":
            return Answer(body={"api": {"endpoint": "/api"}})
        if path == "/custom.css":
            return TextAnswer(
                content=b"",
                content_type="text/css; charset=utf-8",
                headers={"Vary": "Accept-Encoding"},
                strong_etag=True,
            )
        if request.method not in ("GET", "HEAD"):
            raise ApiError(404, f"Cannot {request.method} {path}")
        return TextAnswer(
            content=_PAGE,
            content_type="text/html; charset=utf-8",
            headers={"Cache-Control": "no-store"},
            strong_etag=True,
        )


def fill_minimal(state: State) -> None:
    """Fill a library with an admin, a user and a full key for each, and nothing else.

    The keys' secrets are ``admin-key`` and ``user-key``.
    """
    admin = state.add_user("Admin", "admin@example.com", is_admin=True, storage_label="admin")
    state.add_api_key(admin, name="full", secret="admin-key")
    user = state.add_user("User", "user@example.com")
    state.add_api_key(user, name="full", secret="user-key")


async def _drain(request: web.Request, response: web.StreamResponse) -> None:
    """Answer, then swallow the rest of the body, as the real server does (seen on 3.1.0).

    So a sender that is answered early may go on to the end, and the connection stays.
    """
    await response.prepare(request)
    await response.write_eof()
    async for _ in request.content.iter_any():
        pass


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")


def _lower(request: web.Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _cookies(request: web.Request) -> dict[str, str]:
    try:
        jar = SimpleCookie(request.headers.get("Cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
