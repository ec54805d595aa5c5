"""The demo: an embedded Immich, a real Home Assistant, and the integration set up between them.

scripts/demo starts this. Its parts, from `run_demo` down, serve other programs as well.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
import hashlib
import json
from pathlib import Path
import shutil
import signal
import sys
import time
import webbrowser

from .account import account_entry, remove_accounts, set_up_account, set_up_camera
from .client import HomeAssistantClient
from .dashboard import save_dashboard
from .front_door import write_front_door
from .home_assistant import RunningHomeAssistant, media_folder, start_home_assistant
from .immich import Account, EmbeddedImmich, start_immich
from .paths import cache
from .services import DemoError, free_port, port_is_free
from .watched_album import watch_album

USER = "demo"
PASSWORD = "demo-immich"  # noqa: S105 - printed at each start; Home Assistant listens on this machine only
ALBUM = "Home Assistant"
HOME_ASSISTANT_PORT = 8123
IMMICH_PORT = 2283
CAMERA_SECONDS = 5.0
"""How often the door camera's picture changes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoOptions:
    """What the demo is started with; ports that are None are chosen."""

    account: Account | None = None
    port: int | None = None
    immich_port: int | None = None
    host: str = "127.0.0.1"
    assets: int | None = None
    immich_version: str | None = None
    reset: bool = False
    place: str = "demo"
    """The folder in the cache, so that two can run side by side."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """A demo that is ready to be looked at."""

    home_assistant: RunningHomeAssistant
    immich: EmbeddedImmich | None
    account: Account
    client: HomeAssistantClient
    dashboard: str
    """The dashboard's full address."""
    door_picture: Path
    """The file that the door camera shows."""


@asynccontextmanager
async def run_demo(options: DemoOptions) -> AsyncIterator[Demo]:
    """Start everything, and stop everything at the end, also when a step fails.

    Raises:
        DemoError: when a step fails; the text says which.
    """
    place = cache() / options.place
    folder = place / "config"
    if options.reset:
        shutil.rmtree(folder, ignore_errors=True)
    port = _port(options.port, HOME_ASSISTANT_PORT, options.host)
    immich: EmbeddedImmich | None = None
    door_picture = _door_picture(folder)
    home_assistant = await start_home_assistant(folder, port, options.host)
    try:
        # Both need some seconds to start, so they do it side by side.
        if options.account is None:
            immich = await start_immich(
                _port(options.immich_port, IMMICH_PORT),
                assets=options.assets,
                version=options.immich_version,
                log=place / "immich.log",
            )
        account = options.account or _admin(immich)
        async with HomeAssistantClient(home_assistant.url) as client:
            dashboard = await _prepare(
                client, home_assistant, account, door_picture, embedded=immich is not None
            )
            yield Demo(
                home_assistant=home_assistant,
                immich=immich,
                account=account,
                client=client,
                dashboard=f"{home_assistant.url}{dashboard}",
                door_picture=door_picture,
            )
    except DemoError as err:
        if not home_assistant.service.running:
            raise home_assistant.service.ended() from err
        raise
    finally:
        # Home Assistant first: it says goodbye to a server that is still there.
        await home_assistant.service.stop()
        if immich is not None:
            await immich.service.stop()


def _admin(immich: EmbeddedImmich | None) -> Account:
    if immich is None:
        raise DemoError("There is no Immich to use.")
    return immich.admin


def _port(wanted: int | None, usual: int, host: str = "127.0.0.1") -> int:
    """Give the port that was asked for, which must be free, or the first free one from the usual one on."""
    if wanted is None:
        return free_port(usual, host)
    if not port_is_free(wanted, host):
        raise DemoError(f"Port {wanted} is in use already.")
    return wanted


def _door_picture(folder: Path) -> Path:
    """Make the pictures that the dashboard's buttons upload; give the door camera's."""
    door = media_folder(folder) / "front_door.jpg"
    door.parent.mkdir(parents=True, exist_ok=True)
    write_front_door(door, datetime.now().astimezone())
    for file, moment in (
        (media_folder(folder) / "parcel.jpg", datetime(2026, 6, 1, 12, 0, 20).astimezone()),
        (folder / "www" / "visitor.jpg", datetime(2026, 6, 1, 21, 30, 40).astimezone()),
    ):
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_front_door(file, moment)
    return door


async def _prepare(
    client: HomeAssistantClient,
    home_assistant: RunningHomeAssistant,
    account: Account,
    door_picture: Path,
    *,
    embedded: bool,
) -> str:
    """Bring a started Home Assistant to the point where there is something to see; give the dashboard's path.

    Nothing is changed on a server of the user's own: only an embedded one gets an album.
    """
    await client.wait_until_up(lambda: home_assistant.service.running)
    await client.sign_in("Demo", USER, PASSWORD)
    await client.wait_until_running()
    await _set_up_account_once(client, account, home_assistant.folder)
    if embedded:
        await watch_album(client, ALBUM)
    camera = await set_up_camera(client, str(door_picture))
    texts = {
        "camera": camera,
        "album": ALBUM,
        "file": str(door_picture.with_name("parcel.jpg")),
        "address": f"{home_assistant.url}/local/visitor.jpg",
    }
    return await save_dashboard(client, texts)


async def _set_up_account_once(client: HomeAssistantClient, account: Account, folder: Path) -> None:
    """Set the account up unless an earlier run has set up the very same one."""
    # A fingerprint, as the key itself has its place in Home Assistant's own store only.
    stamp = folder / ".demo_account"
    told = json.dumps([account.url, account.api_key, account.verify_ssl])
    fingerprint = hashlib.sha256(told.encode()).hexdigest()
    same = stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint
    if same and await account_entry(client):
        return
    await remove_accounts(client)
    await set_up_account(client, account)
    stamp.write_text(fingerprint, encoding="utf-8")


async def _serve(options: DemoOptions, *, open_browser: bool) -> None:
    """Run the demo until somebody stops it."""
    start = time.monotonic()
    print("Starting Immich Plus with a Home Assistant of its own ...", flush=True)
    async with run_demo(options) as demo:
        print(
            f"\n  Home Assistant  {demo.dashboard}\n"
            f"  User            {USER}\n"
            f"  Password        {PASSWORD}\n"
            f"  Immich          {demo.account.url}{' (embedded)' if demo.immich else ''}\n"
            f"  Logs            {cache() / 'demo'}\n\n"
            f"Ready after {time.monotonic() - start:.0f} s. Ctrl-C stops everything.",
            flush=True,
        )
        if open_browser:
            await asyncio.to_thread(webbrowser.open, demo.dashboard)
        services = [demo.home_assistant.service, *([demo.immich.service] if demo.immich else [])]
        while True:
            for service in services:
                if not service.running:
                    raise service.ended()
            await asyncio.to_thread(write_front_door, demo.door_picture, datetime.now().astimezone())
            await asyncio.sleep(CAMERA_SECONDS)


def _arguments(argv: Sequence[str] | None) -> tuple[DemoOptions, bool]:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Shows Immich Plus in a real Home Assistant, against an embedded Immich full of pictures or "
        "your own server. Everything it needs and makes is kept in .cache (or where IMMICH_PLUS_CACHE says).",
    )
    parser.add_argument(
        "--immich-url", metavar="URL", help="use this Immich server instead of the embedded one"
    )
    parser.add_argument("--api-key", metavar="KEY", help="an API key of that server")
    parser.add_argument("--no-verify-ssl", action="store_true", help="accept any certificate of that server")
    parser.add_argument(
        "--port", type=int, help=f"Home Assistant's port (from {HOME_ASSISTANT_PORT} on the first free)"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address Home Assistant listens on (this machine only: 127.0.0.1)",
    )
    parser.add_argument(
        "--immich-port", type=int, help=f"the embedded Immich's port (from {IMMICH_PORT} on the first free)"
    )
    parser.add_argument(
        "--immich-version", metavar="VERSION", help="the version the embedded Immich speaks, such as 2.7"
    )
    parser.add_argument(
        "--assets", type=int, metavar="N", help="how many photos and videos the embedded Immich has"
    )
    parser.add_argument("--reset", action="store_true", help="start with a new, empty Home Assistant")
    parser.add_argument(
        "--open", action="store_true", help="open the dashboard in a browser when it is ready"
    )
    parser.add_argument("--no-browser", action="store_true", help="don't open a browser (as is usual)")
    found = parser.parse_args(argv)
    if bool(found.immich_url) != bool(found.api_key):
        parser.error("--immich-url and --api-key go together.")
    account = None
    if found.immich_url:
        account = Account(url=found.immich_url, api_key=found.api_key, verify_ssl=not found.no_verify_ssl)
    options = DemoOptions(
        account=account,
        port=found.port,
        immich_port=found.immich_port,
        host=found.host,
        assets=found.assets,
        immich_version=found.immich_version,
        reset=found.reset,
    )
    return options, found.open and not found.no_browser


async def _until_stopped(options: DemoOptions, *, open_browser: bool) -> int:
    """Run the demo; a signal ends it in an orderly way."""
    task = asyncio.create_task(_serve(options, open_browser=open_browser))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _stop, task)
    try:
        await task
    except asyncio.CancelledError:
        print("Stopped.", flush=True)
    except DemoError as err:
        print(f"\n{err}\nLogs: {cache() / 'demo'}", file=sys.stderr, flush=True)
        return 1
    return 0


def _stop(task: asyncio.Task[None]) -> None:
    """Cancel the demo once; what it does to end isn't disturbed by a second signal."""
    if not task.cancelling():
        print("\nStopping ...", flush=True)
        task.cancel()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; give the exit status."""
    options, open_browser = _arguments(argv)
    return asyncio.run(_until_stopped(options, open_browser=open_browser))


if __name__ == "__main__":
    sys.exit(main())
