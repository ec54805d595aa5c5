"""Sending recorded requests to the fake, and what comes back."""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
import gzip
from hashlib import sha1
import json
import re
from typing import Any

from aiohttp import ClientSession
from multidict import CIMultiDict
from yarl import URL

from tests.fake_immich import FakeImmich

from . import setups, setups_areas
from .files import content
from .recorded import ADMIN, USER
from .recorder import Recorder
from .samples import UUID, Sample
from .shapes import differences, equal
from .skips import LOOSE, reason_to_skip

_BEFORE = {**setups.BEFORE, **setups_areas.BEFORE}
_UNSETTLED = setups.UNSETTLED | setups_areas.UNSETTLED
_BOUNDARY = "----replay"
_COMPARED_HEADERS = (
    "content-type",
    "content-encoding",
    "content-range",
    "content-disposition",
    "cache-control",
    "accept-ranges",
    "location",
    "vary",
)
_PRESENT_HEADERS = ("last-modified", "x-correlation-id", "content-length", "etag")


@dataclass(slots=True)
class Outcome:
    """What became of one sample: skipped for a reason, or compared."""

    sample: Sample
    skipped: str | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Received:
    """An answer of the fake."""

    status: int
    headers: CIMultiDict[str]
    body: Any


class Replay:
    """Plays the samples in order against one server, translating ids on the way."""

    def __init__(self, immich: FakeImmich, session: ClientSession, recorder: Recorder) -> None:
        """Play against a running server that was filled by the recorder."""
        self.recorder = recorder
        self.albums = recorder.album_ids()
        self.immich = immich
        self.session = session
        #: Recorded texts (ids, hashes, keys) and what they are here.
        self.names: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.token = ""
        self.cookie = ""
        self.admin_token = ""
        self.config: dict[str, Any] = {}

    async def run(self, samples: list[Sample]) -> AsyncIterator[Outcome]:
        """Play everything."""
        await self._log_in_admin()
        area = ""
        for sample in samples:
            if sample.area != area:
                area = sample.area
                self.recorder.enter(self.immich.state, area, self.names)
            if (why := reason_to_skip(sample.key)) is not None:
                yield Outcome(sample, skipped=why)
                continue
            self._bring_albums(sample)
            if (before := _BEFORE.get(sample.key)) is not None:
                await before(self)
            outcome = Outcome(sample)
            try:
                received = await self.send(sample)
            except (TimeoutError, OSError) as error:
                outcome.problems.append(f"no answer: {error!r}")
            else:
                self._learn(sample.response["body"], received.body)
                loose = LOOSE.get(sample.key, ())
                outcome.problems = [
                    problem
                    for problem in self._compare(sample, received)
                    if not any(re.search(pattern, problem) for pattern in loose)
                ]
            yield outcome
            if sample.key not in _UNSETTLED:
                await self.immich.settle()

    def _bring_albums(self, sample: Sample) -> None:
        """Put in the albums that come up in a sample and that no request made."""
        text = json.dumps([sample.request, sample.response["body"]])
        for album_id in sorted(self.albums & set(UUID.findall(text))):
            self.recorder.bring_album(self.immich.state, album_id)
            self.albums.discard(album_id)

    # -- sending

    async def send(self, sample: Sample) -> Received:
        """Send one recorded request."""
        request = sample.request
        headers = CIMultiDict[str]()
        for name, value in request["headers"].items():
            if name not in ("content-type", "transfer-encoding"):
                headers[name] = self._header(name, value, request["auth"])
        url = self._url(request)
        data = self._data(sample, headers)
        if "if-none-match" in headers:
            headers["if-none-match"] = await self._current_etag(url, headers)
        async with self.session.request(
            request["method"], url, headers=headers, data=data, allow_redirects=False
        ) as response:
            raw = await response.read()
            received = Received(response.status, CIMultiDict(response.headers), None)
        received.body = _parse(received, raw)
        if "set-cookie" in received.headers:
            for cookie in received.headers.getall("set-cookie"):
                if cookie.startswith(("immich_maintenance_token", "immich_shared_link_token")):
                    self.cookie = cookie.partition("=")[2].partition(";")[0]
        if sample.key == "system-config/01-get":
            self.config = received.body
        if isinstance(received.body, dict) and "accessToken" in received.body:
            self.token = received.body["accessToken"]
        return received

    def _url(self, request: dict[str, Any]) -> URL:
        pairs = []
        for name, value in request["query"].items():
            for each in value if isinstance(value, list) else [value]:
                text = self._text(str(each), request["auth"])
                pairs.append((name, text))
        path = self._translate(request["path"])
        return URL(self.immich.url + path).with_query(pairs)

    def _header(self, name: str, value: str, auth: str) -> str:
        if name == "cookie":
            return f"{value.partition('=')[0]}={self._cookie(value)}"
        return self._text(value, auth)

    def _cookie(self, value: str) -> str:
        return self.token if value.startswith("immich_access_token") else self.cookie

    def _text(self, text: str, auth: str) -> str:
        if "<key>" in text:
            return text.replace("<key>", self._key(auth))
        if "<token>" in text:
            own = "of the admin user" not in auth
            return text.replace("<token>", self.token if own else self.admin_token)
        return str(self._translate(text))

    def _key(self, auth: str) -> str:
        """Return the secret of a key as the recording describes it, made when first needed."""
        if auth not in self.keys:
            state = self.immich.state
            owner = state.users[USER if "non-admin" in auth else ADMIN]
            match = re.search(r"permissions? ([\w., ]+?), (?:non-)?admin user", auth)
            scopes = match[1].split(", ") if match else ["all"]
            self.keys[auth] = state.add_api_key(owner, scopes, name=auth).secret
        return self.keys[auth]

    async def _log_in_admin(self) -> None:
        body = {"email": self.immich.state.users[ADMIN].email, "password": "<password>"}
        url = f"{self.immich.url}/api/auth/login"
        headers = {"content-type": "application/json"}
        async with self.session.post(url, json=body, headers=headers) as response:
            self.admin_token = (await response.json())["accessToken"]

    async def _current_etag(self, url: URL, headers: CIMultiDict[str]) -> str:
        """Ask for the ETag that this server gives: the recorded one is of other content."""
        plain = {name: value for name, value in headers.items() if name.lower() != "if-none-match"}
        async with self.session.get(url, headers=plain) as response:
            await response.read()
            return response.headers["ETag"]

    def _data(self, sample: Sample, headers: CIMultiDict[str]) -> Any:
        body = sample.request["body"]
        kind = sample.request["headers"].get("content-type")
        if kind is not None and "multipart" not in kind:
            headers["content-type"] = kind
        if body is None:
            return None
        if body == "JSON of 10.6 MB":
            return b'{"x":"' + b"x" * 10_600_000 + b'"}'
        if sample.key == "assets-upload/57-chunked":
            headers["content-type"] = f"multipart/form-data; boundary={_BOUNDARY}"
            return self._chunks(sample)
        if sample.key == "system-config/04-put":
            return json.dumps(self.config | {"trash": {**self.config["trash"], "days": 29}}).encode()
        if isinstance(body, dict) and set(body) == {"raw"}:
            return body["raw"].encode()
        if isinstance(body, dict) and "multipart/form-data" in body:
            headers["content-type"] = f"multipart/form-data; boundary={_BOUNDARY}"
            return self._form(sample, body["multipart/form-data"])
        return json.dumps(self._translate(body)).encode()

    def _form(self, sample: Sample, form: dict[str, Any]) -> bytes:
        fields = [
            self._part(f'name="{name}"', self._translate(value).encode())
            for each in form["fields"]
            for name, value in each.items()
        ]
        files = []
        for each in form["files"]:
            info = self.recorder.info(each["sha1Base64"])
            made = content(each["filename"], each["sha1Hex"], each["bytes"], info)
            if each["filename"].endswith(".xmp") and each["bytes"]:
                made = _XMP
            digest = sha1(made, usedforsecurity=False)
            self.names[each["sha1Hex"]] = digest.hexdigest()
            self.names[each["sha1Base64"]] = b64encode(digest.digest()).decode()
            name = each["filename"]
            if "percent-encoded" in sample.name:
                name = URL.build(path=name).raw_path
            head = f'name="{each["field"]}"; filename="{name}"'
            files.append(self._part(head, made, each["contentType"]))
        order = [*files, *fields] if "file-before-fields" in sample.name else [*fields, *files]
        if "filename-field-after-file" in sample.name:
            order = [*fields[:2], *files, *fields[2:]]
        return b"".join(order) + f"--{_BOUNDARY}--\r\n".encode()

    async def _chunks(self, sample: Sample) -> AsyncIterator[bytes]:
        dates = ("fileCreatedAt", "fileModifiedAt")
        file = {"field": "assetData", "filename": "chunked.jpg", "contentType": "image/jpeg"}
        form = {
            "fields": [{name: "2024-03-10T09:15:00.000Z"} for name in dates],
            "files": [{**file, "bytes": 9000, "sha1Hex": sample.key, "sha1Base64": sample.key}],
        }
        whole = self._form(sample, form)
        for offset in range(0, len(whole), 1000):
            yield whole[offset : offset + 1000]

    @staticmethod
    def _part(head: str, body: bytes, kind: str | None = None) -> bytes:
        lines = [f"--{_BOUNDARY}", f"Content-Disposition: form-data; {head}"]
        if kind is not None:
            lines.append(f"Content-Type: {kind}")
        return "\r\n".join([*lines, "", ""]).encode() + body + b"\r\n"

    # -- translating

    def _translate(self, value: Any) -> Any:
        """Put our own names in the place of recorded ones."""
        if isinstance(value, str):
            if value in self.names:
                return self.names[value]
            return UUID.sub(lambda match: self.names.get(match[0], match[0]), value)
        if isinstance(value, list):
            return [self._translate(each) for each in value]
        if isinstance(value, dict):
            return {name: self._translate(each) for name, each in value.items()}
        return value

    def _learn(self, recorded: Any, ours: Any) -> None:
        """Remember which of our ids and keys stand where recorded ones stood."""
        if isinstance(recorded, dict) and isinstance(ours, dict):
            for name in recorded.keys() & ours.keys():
                if name in ("key", "slug") and isinstance(recorded[name], str):
                    if isinstance(ours[name], str):
                        self.names.setdefault(recorded[name], ours[name])
                else:
                    self._learn(recorded[name], ours[name])
        elif isinstance(recorded, list) and isinstance(ours, list):
            for left, right in zip(self._aligned(recorded, ours), ours, strict=False):
                self._learn(left, right)
        elif (
            isinstance(recorded, str)
            and isinstance(ours, str)
            and UUID.fullmatch(recorded)
            and UUID.fullmatch(ours)
            and self._unknown(recorded)
        ):
            self.names[recorded] = ours

    def _aligned(self, recorded: list[Any], ours: list[Any]) -> Iterator[Any]:
        """Leave lists alone whose elements are not made by this very request."""
        if len(recorded) == len(ours):
            yield from recorded

    def _unknown(self, recorded: str) -> bool:
        state = self.immich.state
        places: tuple[dict[str, Any], ...] = (
            state.users,
            state.assets,
            state.albums,
            state.people,
            state.tags,
            state.faces,
        )
        return recorded not in self.names and not any(recorded in place for place in places)

    # -- comparing

    def _compare(self, sample: Sample, received: Received) -> Iterator[str]:
        expected = sample.response
        if expected["status"] != received.status:
            yield f"status {expected['status']} recorded, {received.status} here: {received.body}"
            return
        yield from self._headers(expected["headers"], received.headers)
        body = expected["body"]
        if isinstance(body, dict) and set(body) == {"bytes", "first16hex"}:
            if not isinstance(received.body, bytes):
                yield f"bytes recorded, {type(received.body)} here"
            return
        if isinstance(received.body, bytes):
            yield f"bytes here, {body!r} recorded"
        elif received.status >= 400:
            if not equal(wanted := self._translate(body), received.body):
                yield f"{wanted} recorded, {received.body} here"
        else:
            yield from differences(body, received.body)

    def _headers(self, recorded: dict[str, Any], ours: CIMultiDict[str]) -> Iterator[str]:
        for name in _COMPARED_HEADERS:
            wanted = recorded.get(name)
            wanted = self._translate(wanted) if wanted is not None else None
            if wanted != ours.get(name):
                yield f"header {name}: {wanted!r} recorded, {ours.get(name)!r} here"
        for name in _PRESENT_HEADERS:
            if (name in recorded) != (name in ours):
                yield f"header {name}: {recorded.get(name)!r} recorded, {ours.get(name)!r} here"
        weak, here = recorded.get("etag", "").startswith("W/"), ours.get("etag", "").startswith("W/")
        if weak != here:
            yield f"header etag: {recorded.get('etag')} recorded, {ours.get('etag')} here"
        cookies = [cookie.partition("=")[0] for cookie in recorded.get("set-cookie", ())]
        if cookies != [cookie.partition("=")[0] for cookie in ours.getall("set-cookie", ())]:
            yield f"cookies {cookies} recorded, {ours.getall('set-cookie', ())} here"


def _parse(received: Received, raw: bytes) -> Any:
    if not raw:
        return None
    kind = received.headers.get("content-type", "")
    if received.headers.get("content-encoding") == "gzip":
        raw = gzip.decompress(raw)
    if kind.startswith("application/json"):
        return json.loads(raw)
    if kind.startswith(("text/", "application/vnd.apple")) or received.status >= 400:
        return raw.decode()
    return raw


_XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
xmp:Rating="4"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">from the sidecar</rdf:li>
</rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"""
