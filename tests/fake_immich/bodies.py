"""Reading request bodies the way Express does, before any route is looked at."""

import json
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from .answers import ApiError
from .validate import MISSING

#: JSON and form bodies beyond this are refused, with a 500 (seen on Immich 3.1.0).
BODY_LIMIT = 10 * 1024 * 1024


async def read_body(request: web.Request) -> tuple[Any, int]:
    """Return the parsed body and its size; ``MISSING`` for bodies of other types.

    Raises :class:`ApiError` for broken JSON and for bodies beyond the limit.
    """
    kind = request.content_type if "Content-Type" in request.headers else ""
    if kind not in ("application/json", "application/x-www-form-urlencoded"):
        return MISSING, 0
    content = bytearray()
    async for block in request.content.iter_any():
        if len(content) <= BODY_LIMIT:
            content += block
    if len(content) > BODY_LIMIT:
        raise ApiError(500, "Internal server error", before_routing=True)
    text = content.decode(errors="replace")
    if kind == "application/x-www-form-urlencoded":
        fields = parse_qs(text, keep_blank_values=True)
        return {n: v if len(v) > 1 else v[0] for n, v in fields.items()}, len(content)
    if not text.strip():
        return {}, len(content)
    if text.lstrip()[0] not in "{[":
        raise ApiError(
            400,
            f"Unexpected token '{text.lstrip()[0]}', \"{text}\" is not valid JSON",
            before_routing=True,
        )
    try:
        return json.loads(text, parse_constant=_refuse), len(content)
    except ValueError as error:
        raise ApiError(400, _complaint(text, error), before_routing=True) from None


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _complaint(text: str, error: ValueError) -> str:
    """Word a syntax error as V8 does, near enough for people to read."""
    if not isinstance(error, json.JSONDecodeError):
        return f"Unexpected token '{str(error)[0]}', \"{text}\" is not valid JSON"
    position = error.pos
    while position < len(text) and text[position] in " \t\r\n,":
        position += 1
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    where = f"in JSON at position {position} (line {line} column {column})"
    if "property name" in error.msg:
        return f"Expected double-quoted property name {where}"
    if position >= len(text):
        return "Unexpected end of JSON input"
    return f"Unexpected token '{text[position]}' {where}"
