"""A large film through the action: memory and the event loop."""

import asyncio
import hashlib
from pathlib import Path
import time

from homeassistant.core import HomeAssistant
import pytest

from tests.conftest import AddAccount, MakeImmich
from tests.uploading import Uploading, folder_fixture, quick_fixture  # noqa: F401

SIZE = 300 * 1024 * 1024
STATM = Path("/proc/self/statm")
PAGE = 4096


def _resident() -> int:
    """Return how much memory the process has, in bytes."""
    return int(STATM.read_text().split()[1]) * PAGE


@pytest.mark.skipif(not STATM.exists(), reason="Linux tells how much memory a process has")
async def test_memory(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, folder: Path
) -> None:
    """A film of 300 MB is never held: the whole process, the fake server included, grows by less than 32 MB."""
    immich = await make_immich(keep_below=1)
    upload = Uploading(hass, immich, await add_account(immich), folder)
    await upload.one(path=upload.write("small.mp4", b"warm"))
    film = folder / "film.mp4"
    with film.open("wb") as file:
        file.truncate(SIZE)
        file.write(b"start")
    before = most = _resident()
    longest = 0.0
    call = asyncio.create_task(upload.one(path=str(film)))
    while not call.done():
        started = time.perf_counter()
        await asyncio.sleep(0.005)
        longest = max(longest, time.perf_counter() - started)
        most = max(most, _resident())
    stored = upload.asset(await call)
    with film.open("rb") as file:
        assert stored.checksum == hashlib.file_digest(file, "sha1").digest()
    assert most - before < 32 * 1024 * 1024
    # The fake server hashes on the same loop; measured apart from it, the stall is far smaller.
    assert longest < 1
