"""A real Immich as the live tests use it: raw requests, and a list of what they made there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
import io
import os
from pathlib import Path
import secrets
from typing import Any
from uuid import uuid4

import aiohttp
from PIL import Image
import pytest

NARROW = ["user.read", "asset.upload", "album.read", "albumAsset.create", "album.statistics"]


@dataclass(slots=True, kw_only=True)
class LiveServer:
    """The server under test; only what is listed here as made by the tests is ever changed or removed."""

    session: aiohttp.ClientSession
    url: str
    key: str
    mark: str = field(default_factory=lambda: f"immich-plus-test-{secrets.token_hex(4)}")
    assets: set[str] = field(default_factory=set)
    albums: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    memories: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)

    async def ask(
        self, method: str, path: str, body: object = None, *, key: str | None = None, token: str | None = None
    ) -> Any:
        """Make a request of the tests' own, with their key, another or a token; return the JSON of its answer."""
        credentials = (
            {"x-api-key": key or self.key} if token is None else {"Authorization": f"Bearer {token}"}
        )
        headers = credentials | {"Accept": "application/json"}
        async with self.session.request(
            method, f"{self.url}/api/{path}", json=body, headers=headers
        ) as answer:
            if answer.status >= 400:
                raise AssertionError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json() if answer.content_type == "application/json" else None

    async def scopes(self) -> list[str] | None:
        """Return what the key may do; None from versions before 1.138, which don't tell."""
        try:
            permissions: list[str] = (await self.ask("GET", "api-keys/me"))["permissions"]
        except AssertionError:
            return None
        return permissions

    async def make_key(self, *permissions: str) -> tuple[str, str]:
        """Make a key and return its id and secret."""
        body = {"name": self.mark, "permissions": list(permissions)}
        made = await self.ask("POST", "api-keys", body)
        self.keys.add(made["apiKey"]["id"])
        return made["apiKey"]["id"], made["secret"]

    async def revoke(self, key_id: str) -> None:
        """Delete a key that the tests made."""
        assert key_id in self.keys
        await self.ask("DELETE", f"api-keys/{key_id}")
        self.keys.discard(key_id)

    async def make_user(self) -> tuple[str, str]:
        """Make a user and return its id and a key that may do everything; skips a test whose key can't."""
        if not (await self.ask("GET", "users/me"))["isAdmin"]:
            pytest.skip("the key is no administrator's, so the test can't make a second user")
        proof = {"email": f"{self.mark}@example.com", "password": secrets.token_urlsafe(24)}
        user_id: str = (await self.ask("POST", "admin/users", proof | {"name": self.mark}))["id"]
        self.users.add(user_id)
        token = (await self.ask("POST", "auth/login", proof))["accessToken"]
        body = {"name": self.mark, "permissions": ["all"]}
        return user_id, (await self.ask("POST", "api-keys", body, token=token))["secret"]

    async def send(self, filename: str, taken: datetime, *, key: str | None = None) -> str:
        """Upload a small picture that was taken at a moment, and return its id."""
        form = aiohttp.FormData()
        written = taken.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # The first two are for versions before 3.0.
        for name, value in {
            "deviceAssetId": filename,
            "deviceId": self.mark,
            "fileCreatedAt": written,
            "fileModifiedAt": written,
            "filename": filename,
        }.items():
            form.add_field(name, value)
        content = picture(taken=taken.astimezone(UTC).strftime("%Y:%m:%d %H:%M:%S"), zone="+00:00")
        form.add_field("assetData", content, filename=filename, content_type="image/jpeg")
        headers = {"x-api-key": key or self.key}
        async with self.session.post(f"{self.url}/api/assets", data=form, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            asset_id: str = (await answer.json())["id"]
        if key is None:
            # What is another user's goes with that user.
            self.assets.add(asset_id)
        return asset_id

    def note(self, response: dict[str, Any]) -> list[dict[str, Any]]:
        """Remember what an upload made, so that it is removed in the end, and return its assets."""
        for asset in response["assets"]:
            if asset["id"] and asset["status"] == "created":
                self.assets.add(asset["id"])
        if (album := response.get("album")) and album["created"]:
            self.albums.add(album["id"])
        return list(response["assets"])

    async def clean_up(self) -> None:
        """Remove what the tests made, and nothing else; what can't be removed keeps nothing else there."""
        waiting: list[tuple[str, object]] = [(f"shared-links/{link}", None) for link in self.links]
        waiting += [(f"memories/{memory}", None) for memory in self.memories]
        # Immich 3.3 wants a body to delete people.
        waiting += [(f"people/{person}", {}) for person in self.people]
        waiting += [(f"albums/{album}", None) for album in self.albums]
        if self.assets:
            waiting.append(("assets", {"ids": sorted(self.assets), "force": True}))
        waiting += (tags := await self._tags())
        left = await self._remove(waiting)
        if tags:
            # A sidecar that was still being read when its asset was deleted has made them once more.
            await asyncio.sleep(1.5)
            left += await self._remove(await self._tags())
        left += await self._remove([(f"admin/users/{user}", {"force": True}) for user in self.users])
        left += await self._remove([(f"api-keys/{key}", None) for key in self.keys])
        assert not left, left

    async def _tags(self) -> list[tuple[str, object]]:
        try:
            tags = await self.ask("GET", "tags")
        except AssertionError:
            # A key that may not read tags has made them by uploads only.
            if self.assets:
                raise
            return []
        return [
            (f"tags/{tag['id']}", None)
            for tag in tags
            if tag["value"].startswith(self.mark) and "/" not in tag["value"]
        ]

    async def _remove(self, waiting: list[tuple[str, object]]) -> list[str]:
        """Delete things, and return what was said to those that couldn't be."""
        left: list[str] = []
        for path, body in waiting:
            try:
                await self.ask("DELETE", path, body)
            except AssertionError as error:
                left.append(str(error))
        return left


def picture(*, taken: str | None = None, zone: str | None = None) -> bytes:
    """Return a JPEG that no server has seen, with a date in its EXIF if `taken` says one, in a `zone` as `+00:00`."""
    image = Image.frombytes("RGB", (96, 64), os.urandom(96 * 64 * 3))
    exif = image.getexif()
    exif[0x010E] = str(uuid4())
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken
    if zone is not None:
        exif.get_ifd(0x8769)[0x9011] = zone
    content = io.BytesIO()
    image.save(content, "JPEG", exif=exif)
    return content.getvalue()


def film(path: Path) -> None:
    """Write a film of a second that no server has seen and every browser plays."""
    av = pytest.importorskip("av", reason="no PyAV here to make a film")
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.time_base = Fraction(1, 10)
        for number in range(10):
            noise = Image.frombytes("RGB", (96, 64), os.urandom(96 * 64 * 3))
            frame = av.VideoFrame.from_image(noise)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


async def eventually[T](ask: Callable[[], Awaitable[T]], good: Callable[[T], bool], seconds: float = 30) -> T:
    """Ask until the answer is good: the server reads metadata a while after it took a file."""
    for _ in range(int(seconds * 2)):
        if good(found := await ask()):
            return found
        await asyncio.sleep(0.5)
    raise AssertionError(f"still not so after {seconds} s: {found}")
