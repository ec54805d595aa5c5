"""Misbehaviour on demand.

``immich.faults.add("GET albums/statistics", Status(502, html=True), times=2)``:
the next two requests of that route get a proxy's error page.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
import copy
from dataclasses import dataclass, field
import json
from typing import Any, Literal, override

from aiohttp import web

from .answers import Answer, AnyAnswer, TextAnswer
from .request_log import LoggedRequest, fits

type Proceed = Callable[[], Awaitable[AnyAnswer]]
type Where = tuple[str | int, ...]


@dataclass(slots=True, kw_only=True)
class Delivery:
    """How the body goes out: whole and at once, unless a fault says otherwise."""

    text_changes: list[Callable[[bytes], bytes]] = field(default_factory=list)
    break_after: int | None = None
    trickle: tuple[int, float] | None = None
    broken: bool = False

    @property
    def plain(self) -> bool:
        """Tell whether nothing is odd about the sending."""
        return self.break_after is None and self.trickle is None

    def change_text(self, text: bytes) -> bytes:
        """Apply what faults do to the finished JSON."""
        for change in self.text_changes:
            text = change(text)
        return text

    def fit(self, size: int) -> None:
        """Break off in the middle of a body that is shorter than was thought."""
        if self.break_after is not None and self.break_after >= size:
            self.break_after = size // 2

    async def write(
        self, request: web.Request, stream: web.StreamResponse, blocks: AsyncIterator[bytes]
    ) -> None:
        """Write a body, slowly or only partly if so told."""
        sent = 0
        async for block in blocks:
            if self.break_after is not None and sent + len(block) > self.break_after:
                await stream.write(block[: self.break_after - sent])
                self.broken = True
                hang_up(request)
                return
            sent += len(block)
            if self.trickle is None:
                await stream.write(block)
                continue
            step, pause = self.trickle
            for offset in range(0, len(block), step):
                await stream.write(block[offset : offset + step])
                await asyncio.sleep(pause)


def hang_up(request: web.Request, *, reset: bool = False) -> None:
    """Close the connection; with ``reset`` without sending what is still waiting."""
    if request.transport is not None:
        if reset:
            request.transport.abort()
        else:
            request.transport.close()


@dataclass(slots=True, kw_only=True)
class Call:
    """A request under the eyes of a fault."""

    request: web.Request
    entry: LoggedRequest
    delivery: Delivery
    #: How many requests this connection has carried before.
    earlier: int


class HungUpError(Exception):
    """The connection was closed on purpose; there is nothing to answer."""


class Fault:
    """One kind of misbehaviour. Does nothing by itself."""

    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        """Answer in place of the server, or before or after it."""
        return await proceed()

    def applies(self, call: Call) -> bool:
        """Tell whether this request can be hit at all; others are not counted."""
        return True


@dataclass(frozen=True, slots=True)
class Delay(Fault):
    """Answer late, by so many seconds."""

    seconds: float

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        await asyncio.sleep(self.seconds)
        return await proceed()


@dataclass(frozen=True, slots=True)
class Drop(Fault):
    """Close the connection: before any answer, in the headers, or in the body.

    ``after`` is the number of bytes of the body that still come, or half of a short one. With ``work`` the
    server does what was asked before it hangs up.
    """

    at: Literal["before", "headers", "body"] = "before"
    after: int = 20
    reset: bool = False
    work: bool = False

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        if self.at == "body":
            call.delivery.break_after = self.after
            return await proceed()
        if self.work:
            await proceed()
        if self.at == "headers" and call.request.transport is not None:
            call.request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: applicat")
        hang_up(call.request, reset=self.reset)
        raise HungUpError


@dataclass(frozen=True, slots=True)
class CloseReused(Fault):
    """Close a kept-alive connection just when it is used again."""

    @override
    def applies(self, call: Call) -> bool:
        return call.earlier > 0

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        hang_up(call.request, reset=True)
        raise HungUpError


@dataclass(frozen=True, slots=True)
class Status(Fault):
    """Answer with an error status: Immich's JSON, or a proxy's page with ``html``."""

    status: int
    message: str = "Injected fault"
    html: bool = False
    retry_after: str | int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        headers = dict(self.headers)
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if not self.html:
            return Answer(status=self.status, body={"message": self.message}, headers=headers)
        page = (
            f"<html>\r\n<head><title>{self.status} {self.message}</title></head>\r\n<body>\r\n"
            f"<center><h1>{self.status} {self.message}</h1></center>\r\n"
            "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        )
        return TextAnswer(
            content=page.encode(), content_type="text/html", status=self.status, headers=headers
        )


@dataclass(frozen=True, slots=True)
class LoginPage(Fault):
    """Answer 200 with the page of a proxy that wants a log-in."""

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        page = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>"
        return TextAnswer(content=page, content_type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Redirect(Fault):
    """Send the client elsewhere; without a location to the same place, for ever."""

    location: str | None = None
    status: int = 302

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        location = self.location if self.location is not None else call.request.path_qs
        return Answer(status=self.status, headers={"Location": location})


@dataclass(frozen=True, slots=True)
class Garble(Fault):
    """Spoil the JSON: keep only the first bytes, or put other text in its place."""

    keep: int | None = None
    text: bytes | None = None

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        def change(content: bytes) -> bytes:
            if self.text is not None:
                return self.text
            return content[: len(content) // 2 if self.keep is None else self.keep]

        call.delivery.text_changes.append(change)
        return await proceed()


@dataclass(frozen=True, slots=True)
class Trickle(Fault):
    """Send the body in small steps with a pause after each."""

    step: int = 1
    pause: float = 0.05

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        call.delivery.trickle = (self.step, self.pause)
        return await proceed()


@dataclass(frozen=True, slots=True)
class Change(Fault):
    """Change the JSON of the answer with a function, which may return a new value."""

    function: Callable[[Any], Any]

    @override
    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        answer = await proceed()
        if isinstance(answer, Answer):
            body = copy.deepcopy(answer.body)
            changed = self.function(body)
            answer.body = body if changed is None else changed
        return answer


def missing(*where: str | int) -> Change:
    """Leave a member out: ``missing("assets", "nextPage")``."""

    def function(body: Any) -> None:
        parent = _reach(body, where[:-1])
        del parent[where[-1]]

    return Change(function)


def replaced(value: Any, *where: str | int) -> Change:
    """Put another value (``None`` for null, a wrong type…) in a member's place."""

    def function(body: Any) -> Any:
        if not where:
            return json.loads(json.dumps(value))
        _reach(body, where[:-1])[where[-1]] = value
        return None

    return Change(function)


def _reach(body: Any, where: Where) -> Any:
    for step in where:
        body = body[step]
    return body


@dataclass(slots=True, kw_only=True)
class _Entry:
    route: str
    fault: Fault
    left: int | None
    skip: int


class Faults:
    """The faults that wait for their requests, in the order of adding."""

    def __init__(self) -> None:
        """Start without any."""
        self._entries: list[_Entry] = []
        self.hits = 0

    def add(self, route: str, fault: Fault, *, times: int | None = None, after: int = 0) -> None:
        """Let requests that fit ``route`` run into a fault.

        ``route`` is a pattern as in the request log: ``GET albums/{id}``, ``POST
        assets``, ``GET people/*``, ``*``. ``times`` limits how many are hit, ``after``
        lets that many pass first. Several faults on one request nest.
        """
        self._entries.append(_Entry(route=route, fault=fault, left=times, skip=after))

    def clear(self) -> None:
        """Behave again."""
        self._entries.clear()

    def take(self, call: Call) -> list[Fault]:
        """Return the faults for a request and count them down."""
        hit: list[Fault] = []
        for entry in list(self._entries):
            if not fits(entry.route, call.entry) or not entry.fault.applies(call):
                continue
            if entry.skip > 0:
                entry.skip -= 1
                continue
            if entry.left is not None:
                entry.left -= 1
                if entry.left == 0:
                    self._entries.remove(entry)
            hit.append(entry.fault)
        self.hits += len(hit)
        return hit

    async def run(self, call: Call, proceed: Proceed) -> AnyAnswer:
        """Take a request through its faults to the server."""
        for fault in reversed(self.take(call)):
            proceed = _wrap(fault, call, proceed)
        return await proceed()


def _wrap(fault: Fault, call: Call, inner: Proceed) -> Proceed:
    async def proceed() -> AnyAnswer:
        return await fault.around(call, inner)

    return proceed
