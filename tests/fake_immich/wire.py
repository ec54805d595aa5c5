"""Writing answers to the wire, with the headers that Immich sends."""

import asyncio
import base64
from collections.abc import AsyncIterator
from email.utils import format_datetime, parsedate_to_datetime
import gzip
from hashlib import sha1
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web

from .answers import Answer, AnyAnswer, FileAnswer, StreamAnswer, TextAnswer
from .faults import Delivery

JSON_TYPE = "application/json; charset=utf-8"
#: Marks answers that go without a Content-Type, which aiohttp would make up.
NO_TYPE = "no content type"

_CHUNK = 256 * 1024
_GZIP_FROM = 1024


def dump(body: Any) -> bytes:
    """Write JSON without spaces, as JavaScript does."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def strong_etag(content: bytes) -> str:
    """Return the ETag that Express computes: the length in hex and a SHA-1 in base64."""
    digest = base64.b64encode(sha1(content, usedforsecurity=False).digest()).decode()
    return f'"{len(content):x}-{digest[:27]}"'


async def strip(_request: web.Request, response: web.StreamResponse) -> None:
    """Take back the headers that aiohttp adds and Immich does not send."""
    response.headers.pop("Server", None)
    if response.get(NO_TYPE):
        response.headers.pop("Content-Type", None)


async def send(
    request: web.Request, answer: AnyAnswer, headers: dict[str, str], delivery: Delivery
) -> web.StreamResponse:
    """Send an answer; ``headers`` go with every answer, ``delivery`` carries faults."""
    match answer:
        case Answer():
            response = _json(request, answer, delivery)
        case TextAnswer():
            response = _text(request, answer)
        case FileAnswer():
            return await _send_file(request, answer, headers, delivery)
        case StreamAnswer():
            return await _send_stream(request, answer, headers)
    response.headers.update(headers)
    if delivery.plain:
        return response
    return await _send_oddly(request, response, delivery)


def _json(request: web.Request, answer: Answer, delivery: Delivery) -> web.Response:
    if answer.body is None:
        response = web.Response(status=answer.status, headers=answer.headers)
        response.headers.popall("Content-Type", None)
        if answer.status in (200, 201):
            # An empty body comes chunked, without length and type (seen on 3.1.0).
            response.enable_chunked_encoding()
            response[NO_TYPE] = True
    else:
        content = delivery.change_text(dump(answer.body))
        response = _with_etag(request, content, JSON_TYPE, answer.status)
        if not answer.early:
            response.headers.setdefault("Vary", "Accept-Encoding")
        for name, value in answer.headers.items():
            response.headers[name] = value
        if response.status == 304:
            response.headers.pop("Vary", None)
    for cookie in answer.cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


def _with_etag(request: web.Request, content: bytes, content_type: str, status: int) -> web.Response:
    etag = strong_etag(content)
    if status == 200 and request.method in ("GET", "HEAD"):
        known = request.headers.get("If-None-Match", "")
        if etag in (part.strip().removeprefix("W/") for part in known.split(",")) or known == "*":
            response = web.Response(status=304, headers={"ETag": etag})
            response.headers.popall("Content-Type", None)
            return response
    headers = {"Content-Type": content_type, "ETag": etag}
    offered = request.headers.get("Accept-Encoding", "")
    if len(content) >= _GZIP_FROM and "gzip" in offered and request.method != "HEAD":
        response = web.Response(
            body=gzip.compress(content, compresslevel=1),
            status=status,
            headers={**headers, "Content-Encoding": "gzip"},
        )
        response.enable_chunked_encoding()
        return response
    return web.Response(body=content, status=status, headers=headers)


def _text(request: web.Request, answer: TextAnswer) -> web.Response:
    if answer.strong_etag:
        response = _with_etag(request, answer.content, answer.content_type, answer.status)
    else:
        response = web.Response(
            body=answer.content,
            status=answer.status,
            headers={"Content-Type": answer.content_type},
        )
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response


async def _send_oddly(request: web.Request, response: web.Response, delivery: Delivery) -> web.StreamResponse:
    """Send a body slowly, or break off in its middle."""
    body = response.body if isinstance(response.body, bytes) else b""
    stream = web.StreamResponse(status=response.status, headers=response.headers)
    if "Content-Encoding" not in response.headers:
        stream.headers["Content-Length"] = str(len(body))
    await stream.prepare(request)
    delivery.fit(len(body))
    await delivery.write(request, stream, _slices(body))
    return stream


async def _slices(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _send_file(
    request: web.Request, answer: FileAnswer, headers: dict[str, str], delivery: Delivery
) -> web.StreamResponse:
    content = answer.content
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    modified = answer.modified
    etag = f'W/"{size:x}-{int(modified.timestamp() * 1000):x}"'
    out = {
        **headers,
        "Cache-Control": answer.cache_control,
        "Accept-Ranges": "bytes",
        "Last-Modified": format_datetime(modified, usegmt=True),
        "ETag": etag,
    }
    if answer.filename is not None:
        out["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(answer.filename, safe='')}"
    if _not_changed(request, etag, modified):
        response = web.Response(status=304, headers=out)
        response.headers.popall("Content-Type", None)
        return response
    out["Content-Type"] = answer.content_type
    start, end, status = 0, size, 200
    asked = _single_range(request, etag, modified, size)
    if asked is not None:
        if asked[0] >= asked[1]:
            # Immich says 404 with the media's own headers where 416 is due (seen on 3.1.0).
            out["Content-Range"] = f"bytes */{size}"
            out["Content-Type"] = f"{answer.content_type}; charset=utf-8"
            return web.Response(body=dump(answer.range_error), status=404, headers=out)
        start, end = asked
        status = 206
        out["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    out["Content-Length"] = str(end - start)
    stream = web.StreamResponse(status=status, headers=out)
    await stream.prepare(request)
    if request.method != "HEAD":
        delivery.fit(end - start)
        await delivery.write(request, stream, _part(content, start, end))
        if delivery.broken:
            return stream
    await stream.write_eof()
    return stream


def _not_changed(request: web.Request, etag: str, modified: Any) -> bool:
    if known := request.headers.get("If-None-Match"):
        opaque = etag.removeprefix("W/")
        return known.strip() == "*" or opaque in (
            part.strip().removeprefix("W/") for part in known.split(",")
        )
    if since := request.headers.get("If-Modified-Since"):
        try:
            return bool(parsedate_to_datetime(since) >= modified.replace(microsecond=0))
        except ValueError, TypeError:
            return False
    return False


def _single_range(request: web.Request, etag: str, modified: Any, size: int) -> tuple[int, int] | None:
    """Return the wanted slice, an empty one if impossible, ``None`` for the whole."""
    text = request.headers.get("Range", "")
    if not text.startswith("bytes=") or "," in text:
        return None
    if condition := request.headers.get("If-Range"):
        if condition.startswith(('"', "W/")):
            if condition != etag:
                return None
        elif parsedate_to_datetime(condition) < modified.replace(microsecond=0):
            return None
    first, dash, last = text.removeprefix("bytes=").strip().partition("-")
    if not dash or not (first or last) or not (first + last).isdigit():
        return (0, 0)
    if not first:
        return (max(0, size - int(last)), size)
    end = min(int(last) + 1, size) if last else size
    return (int(first), end) if int(first) < size else (0, 0)


async def _part(content: bytes | Path, start: int, end: int) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        for offset in range(start, end, _CHUNK):
            yield content[offset : min(offset + _CHUNK, end)]
        return
    with content.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0:
            block = await asyncio.to_thread(file.read, min(_CHUNK, left))
            if not block:
                return
            left -= len(block)
            yield block


async def _send_stream(
    request: web.Request, answer: StreamAnswer, headers: dict[str, str]
) -> web.StreamResponse:
    stream = web.StreamResponse(headers={**headers, **answer.headers, "Content-Type": answer.content_type})
    stream.enable_chunked_encoding()
    await stream.prepare(request)
    async for block in answer.chunks:
        await stream.write(block)
    await stream.write_eof()
    return stream
