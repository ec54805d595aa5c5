"""A running Home Assistant with the integration, and the fake Immich that it uses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import shutil
import sys

from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.libraries import tiny

from ..account import remove_accounts, set_up_account
from ..client import HomeAssistantClient
from ..home_assistant import write_configuration
from ..immich import Account
from ..loop_probe import add_loop_probe
from ..news_probe import add_news_probe
from ..paths import cache
from ..services import Service, free_port
from .built_in_library import library_folder

MEGABYTE = 1_000_000
SERVER_BYTES_PER_SECOND = 200 * MEGABYTE
"""What the server takes at most from an upload, as real ones do."""
STALL_LIMIT_MS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A running Home Assistant with the integration, and the fake Immich that it uses.

    `built_in`: Home Assistant's own Immich integration can run in it, too.
    """

    immich: FakeImmich
    client: HomeAssistantClient
    folder: Path
    process: int
    built_in: bool


@asynccontextmanager
async def run_home_assistant(*, built_in: bool) -> AsyncIterator[Bench]:
    """Start a fake Immich in this process and a real Home Assistant beside it, with one account.

    With `built_in` it gets what Home Assistant's own Immich integration needs, if that can be had.
    """
    folder = cache() / "bench" / "config"
    shutil.rmtree(folder, ignore_errors=True)
    port = free_port(18123)
    write_configuration(folder, port)
    add_loop_probe(folder)
    add_news_probe(folder)
    library = await asyncio.to_thread(library_folder) if built_in else None
    command: list[str | Path] = ["env", *([f"PYTHONPATH={library}"] if library else [])]
    command += [sys.executable, Path(sys.executable).with_name("hass"), "-c", folder, "--skip-pip"]
    async with FakeImmich(library=tiny(), rate=SERVER_BYTES_PER_SECOND, keep_below=0) as immich:
        service = await Service.start(
            "Home Assistant",
            command,
            cache() / "bench" / "home-assistant.log",
        )
        try:
            async with HomeAssistantClient(f"http://127.0.0.1:{port}") as client:
                await client.wait_until_up()
                await client.sign_in("Bench", "bench", "bench-immich")
                await client.wait_until_running()
                await remove_accounts(client)
                immich.requests.clear()
                await set_up_account(client, Account(url=immich.url, api_key="admin-key"))
                yield Bench(
                    immich=immich,
                    client=client,
                    folder=folder,
                    process=service.process.pid,
                    built_in=library is not None,
                )
        finally:
            await service.stop()
