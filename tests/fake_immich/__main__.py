"""Run a fake Immich from the command line."""

import argparse
import asyncio
from collections.abc import Callable
import json
from pathlib import Path
import signal
import sys
from typing import Any

from . import libraries
from .fake import FakeImmich
from .state import State
from .version import DEFAULT, SUPPORTED


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fake_immich",
        description="A small, faithful Immich with sample pictures, for trying things out.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=2283, help="port to listen on; 0 for any free one")
    parser.add_argument(
        "--version",
        default=DEFAULT,
        help=f"release to speak as; checked are {', '.join(SUPPORTED)} (default {DEFAULT})",
    )
    parser.add_argument(
        "--assets",
        type=int,
        metavar="N",
        help="instead of the sample pictures, N made-up assets without files",
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(".cache") / "fake-immich",
        help="folder where the sample pictures are kept, made on the first run",
    )
    parser.add_argument("--tls", action="store_true", help="serve https with a self-signed certificate")
    parser.add_argument("--sub-path", default="", help="serve below a path, such as /photos-app/immich")
    parser.add_argument("--rate", type=int, metavar="BYTES", help="take at most so many bytes a second")
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace) -> None:
    """Serve until the process is told to stop."""
    fill: Callable[[State], None]
    if options.assets is None:
        fill = await asyncio.to_thread(libraries.demo, options.cache)
    else:
        fill = await asyncio.to_thread(libraries.scale, options.assets, options.cache)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    immich = FakeImmich(
        version=options.version,
        library=fill,
        host=options.host,
        port=options.port,
        sub_path=options.sub_path,
        tls=options.tls,
        rate=options.rate,
    )
    async with immich:
        sys.stdout.write(json.dumps(describe(immich)) + "\n")
        sys.stdout.flush()
        await ended.wait()


def describe(immich: FakeImmich) -> dict[str, Any]:
    """Tell the address, and every user with a full key."""
    keys = {key.user_id: key.secret for key in immich.state.api_keys.values() if "all" in key.permissions}
    return {
        "url": immich.url,
        "version": str(immich.version),
        "users": [
            {"name": user.name, "email": user.email, "is_admin": user.is_admin, "api_key": keys.get(user.id)}
            for user in immich.state.users.values()
        ],
    }


def main() -> int:
    """Run; 0 after a stop on request, 1 if the port is taken."""
    try:
        asyncio.run(serve(parse(sys.argv[1:])))
    except OSError as error:
        sys.stderr.write(f"fake Immich: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
