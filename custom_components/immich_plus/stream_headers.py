"""What HTTP says about passing a picture or film on: ranges, conditions, and headers that are safe to send.

Decided here and not left to the server, as proxies in front of it and its own versions differ: Immich 3.1 answers
an impossible range with 404, a proxy may ignore ranges and conditions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
import re
from typing import Final, Self, override
from urllib.parse import quote, unquote

import aiohttp
from aiohttp import web

from .api.errors import ImmichBadAnswerError, ImmichNotImmichError, ImmichRangeError
from .api.upload_form import safe_filename
from .uploads.content_types import is_picture_or_film

# Where somebody in front of Immich ignores ranges, so many bytes are thrown away to begin at a later one; for
# more of them the whole file is sent.
LARGEST_SKIP_BYTES: Final = 64 * 1024 * 1024
# Longer ones are no conditions that a browser got from us.
_LONGEST_CONDITION: Final = 2000
_LONGEST_NAME: Final = 200

_RANGE: Final = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)
_ETAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')
_NAME: Final = re.compile(r"filename\*=UTF-8''([^;\s]+)", re.IGNORECASE)

# What browsers show or save as pictures and films, and never run: the types that Immich gives to uploads by their
# names, those of raw photos at the end, without SVG.
_SAFE: Final = re.compile(
    r"""
    image/(?:avif|bmp|gif|heic|heif|hif|jp2|jpeg|jxl|mpo|png|tiff|webp
        |3fr|ari|arw|cap|cin|cr2|cr3|crw|dcr|dng|erf|fff|iiq|k25|kdc|mrw|nef|nrw|orf|ori|pef|psd|raf|raw|rw2|rwl
        |sr2|srf|srw|x3f)
    |video/(?:3gpp|avi|mp2t|mp4|mpeg|ogg|quicktime|webm|x-flv|x-m4v|x-matroska|x-ms-wmv|x-msvideo)
    """,
    re.VERBOSE,
)
_UNKNOWN: Final = "application/octet-stream"

# Whatever a file claims to be, it is no page, has no scripts and no place in Home Assistant's origin. The rest is
# what browsers need to show a picture in a tab of its own.
_POLICY: Final = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
# Chromium plays no film in a tab of its own without this (tried); scripts stay forbidden.
_FILM_POLICY: Final = f"{_POLICY} allow-same-origin"
SAFETY: Final[Mapping[str, str]] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Nobody needs to know what serves this.
    "Server": "",
}


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A range of bytes: from `first` to `last`, both included, or the `last` ones if `first` is None."""

    first: int | None
    last: int | None

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a `Range` header; None for anything but one proper range of bytes, which HTTP lets us ignore."""
        if not (match := _RANGE.fullmatch(text)):
            return None
        first, last = (int(number) if number else None for number in match.groups())
        if (first is None and last is None) or (first is not None and last is not None and last < first):
            return None
        return cls(first, last)

    @override
    def __str__(self) -> str:
        """Write the header."""
        return f"bytes={'' if self.first is None else self.first}-{'' if self.last is None else self.last}"

    def within(self, size: int) -> tuple[int, int] | None:
        """Return where the range begins and ends (not included) in a file, None if it lies outside."""
        if self.first is None:
            return (max(0, size - self.last), size) if self.last and size else None
        if self.first >= size:
            return None
        return self.first, size if self.last is None else min(self.last + 1, size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a browser asks for; headers that can't be right are None."""

    range: ByteRange | None
    if_range: str | None
    if_none_match: str | None
    if_modified_since: str | None

    @classmethod
    def of(cls, request: web.Request) -> Self:
        """Read a request. Ranges are for GET only."""
        wanted = ByteRange.parse(request.headers.get("Range", "")) if request.method == "GET" else None
        # A date doesn't count beside tags.
        tagged = "If-None-Match" in request.headers
        return cls(
            range=wanted,
            if_range=request.headers.get("If-Range") if wanted else None,
            if_none_match=_condition(request, "If-None-Match"),
            if_modified_since=None if tagged else _condition(request, "If-Modified-Since"),
        )

    def whole(self) -> Self:
        """Return the same without a range."""
        return replace(self, range=None, if_range=None)

    def headers(self) -> dict[str, str]:
        """Return what the server is asked. Whether a range still fits is seen by its answer."""
        asked = {
            "Range": str(self.range) if self.range else None,
            "If-None-Match": self.if_none_match,
            "If-Modified-Since": self.if_modified_since,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def knows(self, validators: Validators) -> bool:
        """Whether the browser has this already."""
        if self.if_none_match is not None:
            known = _ETAG.findall(self.if_none_match)
            return self.if_none_match.strip() == "*" or (
                validators.etag is not None
                and validators.etag.removeprefix("W/") in (tag.removeprefix("W/") for tag in known)
            )
        since = _moment(self.if_modified_since)
        return since is not None and validators.modified is not None and validators.modified <= since

    def range_fits(self, validators: Validators) -> bool:
        """Whether the range is one of what the browser has in part; a weak tag can't tell that."""
        if self.if_range is None:
            return True
        if self.if_range.endswith('"'):
            return not self.if_range.startswith("W/") and self.if_range == validators.etag
        since = _moment(self.if_range)
        return since is not None and since == validators.modified


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells one state of a file from another."""

    etag: str | None
    modified: datetime | None

    @classmethod
    def of(cls, upstream: aiohttp.ClientResponse) -> Self:
        """Read the server's, leaving out what is malformed."""
        etag = upstream.headers.get("ETag", "")
        return cls(etag if _ETAG.fullmatch(etag) else None, _moment(upstream.headers.get("Last-Modified")))

    def headers(self) -> dict[str, str]:
        """Write them for the browser."""
        headers = {} if self.etag is None else {"ETag": self.etag}
        if self.modified is not None:
            headers["Last-Modified"] = format_datetime(self.modified, usegmt=True)
        return headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the browser is told: `length` bytes of the body after the first `skip` (None: to its end)."""

    status: int
    headers: Mapping[str, str]
    skip: int = 0
    length: int | None = 0


def answer_to(asked: Asked, upstream: aiohttp.ClientResponse, cache: str, *, is_file: bool) -> Answer | None:
    """Turn the server's answer into ours; None if the whole must be asked for, as the range no longer fits.

    `cache` is the value of `Cache-Control`; `is_file`: it is what somebody uploaded, of whatever type, and not
    what Immich made of it. Raises ImmichRangeError and ImmichBadAnswerError.
    """
    validators = Validators.of(upstream)
    headers = {**SAFETY, "Cache-Control": cache, **validators.headers()}
    conditional = asked.if_none_match is not None or asked.if_modified_since is not None
    if (upstream.status == 304 and conditional) or (
        upstream.status in (200, 206) and asked.knows(validators)
    ):
        return Answer(status=304, headers=headers)
    if upstream.status not in (200, 206):
        raise ImmichBadAnswerError("an answer without a file", status=upstream.status)
    headers |= _content(upstream, is_file=is_file)
    if upstream.status == 206:
        part = _part(headers, *_served(asked, upstream))
        return part if asked.range_fits(validators) else None
    if (size := upstream.content_length) is None:
        return Answer(status=200, headers=headers, length=None)
    if asked.range is not None and asked.range_fits(validators):
        if (span := asked.range.within(size)) is None:
            raise ImmichRangeError("the range lies outside of the file", size=size)
        if span[0] <= LARGEST_SKIP_BYTES:
            return replace(_part(headers, *span, size), skip=span[0])
    headers |= {"Accept-Ranges": "bytes", "Content-Length": str(size)}
    return Answer(status=200, headers=headers, length=size)


def _part(headers: Mapping[str, str], start: int, end: int, size: int) -> Answer:
    told = {
        "Accept-Ranges": "bytes",
        "Content-Range": f"bytes {start}-{end - 1}/{size}",
        "Content-Length": str(end - start),
    }
    return Answer(status=206, headers={**headers, **told}, length=end - start)


def _served(asked: Asked, upstream: aiohttp.ClientResponse) -> tuple[int, int, int]:
    """Return where the server's part begins and ends (not included) and the whole size: it must be what was asked.

    It may end earlier, as HTTP allows that.
    """
    match = _CONTENT_RANGE.fullmatch(upstream.headers.get("Content-Range", ""))
    if match and asked.range is not None:
        start, end, size = int(match[1]), int(match[2]) + 1, int(match[3])
        span = asked.range.within(size)
        if (
            span is not None
            and span[0] == start < end <= span[1]
            and upstream.content_length in (None, end - start)
        ):
            return start, end, size
    raise ImmichBadAnswerError("another part of the file than was asked for", status=upstream.status)


def _content(upstream: aiohttp.ClientResponse, *, is_file: bool) -> dict[str, str]:
    """Name type, file name and what it may do; what isn't known to be harmless is only for saving."""
    kind = upstream.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not is_file and not is_picture_or_film(kind):
        raise ImmichNotImmichError("neither a picture nor a film", status=upstream.status)
    safe = _SAFE.fullmatch(kind) is not None
    shown = "inline" if safe else "attachment"
    if match := _NAME.search(upstream.headers.get("Content-Disposition", "")):
        name = safe_filename(unquote(match[1]))[-_LONGEST_NAME:]
        shown += f"; filename*=UTF-8''{quote(name, safe='')}"
    policy = _FILM_POLICY if safe and kind.startswith("video/") else _POLICY
    return {
        "Content-Type": kind if safe else _UNKNOWN,
        "Content-Disposition": shown,
        "Content-Security-Policy": policy,
    }


def _condition(request: web.Request, name: str) -> str | None:
    text = ", ".join(request.headers.getall(name, ()))
    return text if text.isascii() and text.isprintable() and 0 < len(text) <= _LONGEST_CONDITION else None


def _moment(text: str | None) -> datetime | None:
    """Read a date of HTTP, None for anything else."""
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.astimezone(UTC) if moment.tzinfo else None
    except ValueError, OverflowError:
        return None
