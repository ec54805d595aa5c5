"""The fake from the command line."""

import asyncio
import json
from pathlib import Path
import signal
import sys

from aiohttp import ClientSession
import pytest

_ROOT = Path(__file__).resolve().parents[2]


async def start(*arguments: str) -> tuple[asyncio.subprocess.Process, dict[str, object]]:
    """Start the program and read the line that it prints when it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fake_immich",
        "--port",
        "0",
        *arguments,
        cwd=_ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 60)
    return process, json.loads(line)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_serves_until_it_is_told_to_stop(number: signal.Signals, tmp_path: Path) -> None:
    process, ready = await start(
        "--assets", "50", "--version", "2.7.5", "--sub-path", "/photos", "--cache", str(tmp_path)
    )
    assert ready["version"] == "2.7.5"
    assert str(ready["url"]).endswith("/photos")
    users = ready["users"]
    assert isinstance(users, list)
    headers = {"x-api-key": users[0]["api_key"]}
    async with (
        ClientSession(headers=headers) as session,
        session.get(f"{ready['url']}/api/users/me") as response,
    ):
        body = await response.json()
    assert (body["email"], body["isAdmin"]) == (users[0]["email"], users[0]["is_admin"])
    process.send_signal(number)
    assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    process, ready = await start("--assets", "1", "--cache", str(tmp_path))
    port = str(ready["url"]).rpartition(":")[2]
    second = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fake_immich",
        "--port",
        port,
        "--assets",
        "1",
        "--cache",
        str(tmp_path),
        cwd=_ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await asyncio.wait_for(second.communicate(), 60)
    assert second.returncode == 1
    assert complaint.decode().startswith("fake Immich: ")
    process.terminate()
    await process.wait()
