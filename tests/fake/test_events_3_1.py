"""The fake sends the live events of the real 3.1.0: their recorded causes are played again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, DummyCookieJar
import pytest
import socketio

from tests.fake_immich import FakeImmich
from tests.fake_immich.state import State
from tests.fake_immich.system_settings import current

from . import samples
from .conftest import REPORT
from .recorded import ADMIN, USER
from .recorder import Recorder
from .replay import Replay
from .samples import FOLDER, Sample
from .setups import add
from .shapes import differences

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no recorded exchanges here")

#: Causes that are not played, and why.
SKIPPED = {
    "20-key-deleted-while-connected": "a socket of its own: see test_live.py",
    "21-session-logout": "a socket of its own: see test_live.py",
    "87-album-update-notification": "comes five minutes after its cause",
    "89-restart-into-maintenance": "a restart: see test_live.py",
    "91-restart-out-of-maintenance": "a restart: see test_live.py",
}

#: Nothing more is expected after so many seconds of silence.
SILENCE = 0.03

type Event = tuple[str, str, list[Any]]


@dataclass
class Result:
    """What became of the recordings."""

    compared: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def recordings() -> dict[str, dict[str, Any]]:
    """Return the recordings of a cause and its events, by name."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((FOLDER / "websocket").glob("*.json")):
        data = json.loads(path.read_text("utf-8"))
        if "cause" in data:
            found[path.stem] = data
    return found


@asynccontextmanager
async def socket(immich: FakeImmich, owner: str, name: str, log: list[Event]) -> AsyncGenerator[None]:
    """Listen with a full key of a user."""
    key = immich.state.add_api_key(immich.state.users[owner]).secret
    client = socketio.AsyncClient(reconnection=False)
    client.on("*", lambda event, *payload: log.append((name, event, list(payload))))
    await client.connect(
        immich.url, headers={"x-api-key": key}, transports=["websocket"], socketio_path="/api/socket.io"
    )
    try:
        yield
    finally:
        await client.disconnect()


async def silence(log: list[Event]) -> None:
    """Wait until nothing more comes."""
    seen = -1
    while seen != len(log):
        seen = len(log)
        await asyncio.sleep(SILENCE)


async def play(folder: Path) -> Result:
    """Play every cause and compare the events."""
    result = Result()
    recorder = Recorder(samples.load(), folder)
    state = State()
    recorder.fill(state)
    for asset in list(state.assets.values()):
        if asset.original_file_name.startswith("sample_"):
            state.remove_asset(asset.id)
    state.stacks.clear()
    log: list[Event] = []
    async with (
        FakeImmich(version="3.1.0", state=state) as immich,
        ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=False) as session,
        socket(immich, ADMIN, "admin", log),
        socket(immich, USER, "user", log),
    ):
        replay = Replay(immich, session, recorder)
        await silence(log)
        for name, data in recordings().items():
            if name in SKIPPED or not isinstance(data["cause"], list):
                result.skipped[name] = SKIPPED.get(name, "no request made it")
                continue
            await prepare(replay, name, data["cause"])
            await silence(log)
            log.clear()
            await cause(replay, name, data["cause"], result)
            await immich.settle()
            await silence(log)
            compare(name, data["events"], log, result)
            result.compared.append(name)
    return result


async def prepare(replay: Replay, name: str, steps: list[dict[str, Any]]) -> None:
    """Do what the recording did before, besides its recorded causes."""
    state = replay.immich.state
    match name:
        case "25-upload-duplicate":
            await cause(replay, name, steps, Result())
        case "66-trash-empty":
            for number in range(2):
                gone = add(replay, f"sample_gone_{number}.jpg", owner=USER)
                state.update_asset(gone, trashed_at=state.now())
        case "69-person-feature-face":
            asset = state.assets[replay._translate(steps[0]["body"]["featureFaceAssetId"])]
            state.add_face(asset, state.people["47769788-4dac-443f-8dbd-75a9d7e3aeeb"], (1, 1, 9, 9))
    await replay.immich.settle()


async def cause(replay: Replay, name: str, steps: list[dict[str, Any]], result: Result) -> None:
    """Send the requests that brought about the events."""
    for step in steps:
        body = step.get("body")
        if name == "84-config-update":
            body = current(replay.immich.state.settings, replay.immich.version)
        headers = {"x-api-key": "<key>"}
        if body is not None:
            upload = "multipart/form-data" in body
            headers["content-type"] = "multipart/form-data" if upload else "application/json"
        request = {**step, "headers": headers, "body": body, "query": step.get("query") or {}}
        sample = Sample("websocket", name, request, step["response"], "")
        received = await replay.send(sample)
        if received.status != step["response"]["status"]:
            result.problems.append(f"{name}: status {received.status}: {received.body}")
        replay._learn(step["response"]["body"], received.body)


def compare(name: str, recorded: list[dict[str, Any]], ours: list[Event], result: Result) -> None:
    """Compare who heard what, and the shapes of what was said."""
    expected = sorted((each["socket"], each["event"]) for each in recorded)
    heard = sorted((who, event) for who, event, _ in ours)
    if expected != heard:
        result.problems.append(f"{name}: {expected} recorded, {heard} here")
        return
    for each in recorded:
        payload = next(p for who, event, p in ours if (who, event) == (each["socket"], each["event"]))
        result.problems += [
            f"{name} {each['event']}: {problem}"
            for problem in differences(each["payload"], payload, among_others=True)
        ]


async def test_events(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    result = await play(tmp_path)
    lines = request.config.stash.setdefault(REPORT, [])
    lines.append(f"recorded live events: {len(result.compared)} compared, {len(result.skipped)} skipped")
    lines += [f"     1 websocket/{name}: {why}" for name, why in result.skipped.items()]
    assert not result.problems, "\n".join(result.problems)
    assert len(result.compared) > 60
