"""Workflows of the fake: what they send is what a real 3.1.0 sent, and when."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from tests.fake_immich import FakeImmich
from tests.fake_immich.libraries import tiny
from tests.fake_immich.workflow_runs import WEBHOOK

from .helpers import ask, jpeg, upload
from .shapes import differences

# As a picture's upload was sent, with other values.
SENT: dict[str, Any] = {
    "type": "AssetV1",
    "trigger": "AssetCreate",
    "data": {
        "asset": {
            "id": "5a2f5a0e-3a3c-4e55-8a4e-2f6a1f3b9d10",
            "ownerId": "6b2f5a0e-3a3c-4e55-8a4e-2f6a1f3b9d11",
            **dict.fromkeys(("stackId", "livePhotoVideoId", "libraryId", "duplicateId")),
            "createdAt": "2026-11-24T03:16:54.177Z",
            "updatedAt": "2026-11-24T03:16:54.177Z",
            "deletedAt": None,
            "fileCreatedAt": "2026-11-20T12:00:00.000Z",
            "fileModifiedAt": "2026-11-20T12:00:00.000Z",
            "localDateTime": "2026-11-20T12:00:00.000Z",
            "type": "IMAGE",
            "status": "active",
            "visibility": "timeline",
            "duration": None,
            "checksum": {"type": "Buffer", "data": [82, 182] * 10},
            "originalPath": "/data/upload/picture.jpg",
            "originalFileName": "picture.jpg",
            **dict.fromkeys(("isOffline", "isFavorite", "isExternal", "isEdited"), False),
            "exifInfo": {
                **dict.fromkeys(("make", "model", "orientation", "dateTimeOriginal", "modifyDate")),
                **dict.fromkeys(("exifImageWidth", "exifImageHeight", "lensModel", "fNumber", "focalLength")),
                **dict.fromkeys(("iso", "latitude", "longitude", "city", "state", "country", "fps")),
                **dict.fromkeys(("exposureTime", "livePhotoCID", "timeZone", "projectionType", "rating")),
                **dict.fromkeys(("profileDescription", "colorspace", "bitsPerSample", "autoStackId", "tags")),
                "fileSizeInByte": 34896,
                "description": "",
                "updatedAt": "2026-11-24T03:16:54.179305+00:00",
            },
        }
    },
}


@dataclass(slots=True)
class Listener:
    """Takes calls, and holds them up while it is told to."""

    url: str = ""
    calls: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0

    async def take(self, request: web.Request) -> web.Response:
        """Note a call."""
        text = await request.text()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.calls.append((request.method, headers, json.loads(text) if text else None))
        self.waiting += 1
        await self.go.wait()
        self.waiting -= 1
        if request.path == "/moved":
            raise web.HTTPFound("/hook")
        return web.Response(status=500)


@pytest.fixture(name="listener")
async def listener_fixture(socket_enabled: None) -> AsyncGenerator[Listener]:
    """Give somebody to call."""
    listener = Listener()
    listener.go.set()
    app = web.Application()
    app.router.add_route("*", "/{path}", listener.take)
    async with TestServer(app) as server:
        listener.url = str(server.make_url("/hook"))
        yield listener


@pytest.fixture(name="immich")
async def immich_fixture(socket_enabled: None) -> AsyncGenerator[FakeImmich]:
    """Give a fake whose pictures are ready at once."""
    async with FakeImmich(version="3.1.0", library=tiny()) as immich:
        immich.state.settings.processing_delay = 0
        yield immich


async def _make(immich: FakeImmich, trigger: str, *, key: str = "admin-key", **config: Any) -> str:
    body = {"trigger": trigger, "steps": [{"method": WEBHOOK, "config": config}]}
    status, made = await ask(immich, "POST", "workflows", body, key=key)
    assert status == 201
    workflow_id: str = made["id"]
    return workflow_id


async def test_the_body_is_that_of_the_real_one(immich: FakeImmich, listener: Listener) -> None:
    await _make(immich, "AssetCreate", url=listener.url, headerName="X-Token", headerValue="abc")
    await upload(immich, jpeg())
    ((method, headers, body),) = listener.calls
    assert method == "POST"
    assert list(differences(SENT, body)) == []
    assert headers["x-token"] == "abc"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == "immich-server/3.1.0"
    assert headers["accept"] == "*/*"


async def test_each_trigger_calls_when_its_time_comes(immich: FakeImmich, listener: Listener) -> None:
    await _make(immich, "AssetCreate", url=listener.url)
    await _make(immich, "AssetMetadataExtraction", url=listener.url, method="PUT")
    await upload(immich, jpeg())
    told = [(method, body["trigger"]) for method, _, body in listener.calls]
    assert sorted(told) == [("POST", "AssetCreate"), ("PUT", "AssetMetadataExtraction")]
    listener.calls.clear()
    # A duplicate is nothing new.
    await upload(immich, jpeg())
    assert listener.calls == []


async def test_only_the_owners_and_those_that_are_on(immich: FakeImmich, listener: Listener) -> None:
    await _make(immich, "AssetCreate", key="user-key", url=listener.url)
    off = await _make(immich, "AssetCreate", url=listener.url)
    assert (await ask(immich, "PATCH", f"workflows/{off}", {"enabled": False}))[0] == 200
    await upload(immich, jpeg())
    assert listener.calls == []


async def test_five_at_a_time(immich: FakeImmich, listener: Listener) -> None:
    listener.go.clear()
    for _ in range(7):
        await _make(immich, "AssetCreate", url=listener.url)
    task = asyncio.create_task(upload(immich, jpeg()))
    await asyncio.sleep(0.2)
    assert listener.waiting == 5
    listener.go.set()
    await task
    # What is answered is nobody's business.
    assert immich.state.workflow_calls == [500] * 7


@pytest.mark.parametrize(
    ("config", "outcome"),
    [
        ({}, "KeyError"),
        ({"url": ""}, "InvalidUrlClientError"),
        ({"url": "http://somebody:secret@127.0.0.1:9/hook"}, "ValueError"),
        ({"url": "http://127.0.0.1:9/hook"}, "ClientConnectorError"),
    ],
)
async def test_a_call_that_fails_is_made_once(immich: FakeImmich, config: Any, outcome: str) -> None:
    await _make(immich, "AssetCreate", **config)
    assert (await upload(immich, jpeg()))[0] == 201
    assert immich.state.workflow_calls == [outcome]


async def test_a_redirect_loses_the_body(immich: FakeImmich, listener: Listener) -> None:
    await _make(immich, "AssetCreate", url=listener.url.replace("/hook", "/moved"))
    await upload(immich, jpeg())
    assert [(method, body is None) for method, _, body in listener.calls] == [("POST", False), ("GET", True)]


async def test_what_a_user_may_do_with_workflows(immich: FakeImmich) -> None:
    made = await _make(immich, "AssetCreate", url="http://127.0.0.1:9/hook")
    steps = [{"method": WEBHOOK, "config": {"url": "http://127.0.0.1:9/hook"}, "enabled": True}]
    assert (await ask(immich, "GET", f"workflows/{made}"))[1]["steps"] == steps
    shared = (await ask(immich, "GET", f"workflows/{made}/share"))[1]
    assert shared["steps"] == [{key: value for key, value in steps[0].items() if key != "enabled"}]
    assert await ask(immich, "GET", f"workflows/{made}", key="user-key") == (
        400,
        {"message": "Not found or no workflow.read access"},
    )
    status, triggers = await ask(immich, "GET", "workflows/triggers")
    assert (status, [each["trigger"] for each in triggers]) == (
        200,
        ["AssetCreate", "AssetMetadataExtraction"],
    )
    immich.set_version("3.2.0")
    assert len((await ask(immich, "GET", "workflows/triggers"))[1]) == 3
    immich.set_version("2.7.5")
    assert await ask(immich, "GET", "workflows") == (200, [])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"trigger": "AssetTagged"}, "Validation failed"),
        ({"trigger": "AssetCreate", "steps": [{"method": WEBHOOK}]}, "Validation failed"),
        ({"trigger": "AssetCreate", "steps": [{"method": "a#b", "config": None}]}, "Unknown method a#b"),
    ],
)
async def test_what_is_wrong_is_refused(immich: FakeImmich, body: Any, message: str) -> None:
    status, said = await ask(immich, "POST", "workflows", body)
    assert (status, said["message"]) == (400, message)
