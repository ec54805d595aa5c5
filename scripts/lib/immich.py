"""Start the embedded Immich (tests/fake_immich) as a program of its own."""

from dataclasses import dataclass
import json
from pathlib import Path
import sys
from typing import Any

from .paths import cache
from .services import DemoError, Service

READY_SECONDS = 150.0
"""How long the first start may take: it draws and keeps all its sample pictures then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A way into an Immich: its address, and an API key."""

    url: str
    api_key: str
    verify_ssl: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbeddedImmich:
    """A running embedded Immich; `announcement` is what it printed when it was ready."""

    service: Service
    announcement: dict[str, Any]

    @property
    def admin(self) -> Account:
        """The administrator's account."""
        return self._account(is_admin=True)

    @property
    def user(self) -> Account:
        """The account of somebody who isn't administrator."""
        return self._account(is_admin=False)

    def _account(self, *, is_admin: bool) -> Account:
        for user in self.announcement["users"]:
            if user["is_admin"] == is_admin and user["api_key"]:
                return Account(url=self.announcement["url"], api_key=user["api_key"])
        raise DemoError("The embedded Immich told no fitting account.")


async def start_immich(
    port: int, *, assets: int | None = None, version: str | None = None, log: Path | None = None
) -> EmbeddedImmich:
    """Start an embedded Immich and wait until it answers.

    Args:
        port: where it listens, on this machine only.
        assets: how many photos and videos it pretends to have; None: its own choice.
        version: which Immich it speaks as, such as ``3.1.0``; None: its own choice.
        log: the file for what it complains about; None: one in the demo's folder.

    Raises:
        DemoError: when it doesn't come up.
    """
    folder = cache() / "fake_immich"
    command = [sys.executable, "-m", "tests.fake_immich", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--cache", str(folder)]
    if assets is not None:
        command += ["--assets", str(assets)]
    if version is not None:
        command += ["--version", version]
    service = await Service.start(
        "The embedded Immich", command, log or cache() / "demo" / "immich.log", announces=True
    )
    try:
        announcement = json.loads(await service.first_line(READY_SECONDS))
    except BaseException:
        await service.stop()
        raise
    return EmbeddedImmich(service=service, announcement=announcement)
