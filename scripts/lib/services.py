"""Start other programs, wait until they are ready, and stop them without leaving anything behind."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
import ctypes
import os
from pathlib import Path
import signal
import socket
import sys
from typing import Self

from .paths import PROJECT

STOP_SECONDS = 25.0
"""How long a program may take to end after SIGTERM before it is killed."""


class DemoError(Exception):
    """Something that ends the demo; the text is for the person who started it."""


def free_port(wanted: int, host: str = "127.0.0.1", tries: int = 50) -> int:
    """Find the first free port from ``wanted`` on.

    Raises:
        DemoError: when none of so many is free.
    """
    for port in range(wanted, wanted + tries):
        if port_is_free(port, host):
            return port
    raise DemoError(f"No port from {wanted} to {wanted + tries - 1} is free.")


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen there."""
    with socket.socket() as probe:
        # As servers do, so that a port whose last connections are just fading counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _die_with_parent() -> None:
    """Ask Linux to end this process when the one that started it is killed."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


class Service:
    """A running program whose output goes to a file.

    It has a session of its own, so that Ctrl-C in the terminal reaches only us, and we decide in which order
    programs stop.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        """Take over a started process; use `start`."""
        self.name = name
        self.process = process
        self.log = log

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str | Path], log: Path, *, announces: bool = False
    ) -> Self:
        """Start a program in the checkout.

        Args:
            name: what to call it in messages.
            command: the program and its arguments.
            log: the file for its output, written anew.
            announces: whether its standard output is read by `first_line` instead of going to the file.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=PROJECT,
                env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if announces else output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether the program still runs."""
        return self.process.returncode is None

    def ended(self) -> DemoError:
        """Give the error to raise when the program ended by itself, with the last it said."""
        with suppress(OSError):
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            return DemoError("\n".join([f"{self.name} ended unexpectedly. It said last:", *lines[-15:]]))
        return DemoError(f"{self.name} ended unexpectedly.")

    async def first_line(self, seconds: float) -> str:
        """Read the first line of standard output, which must come within so many seconds; drop the rest.

        Raises:
            DemoError: when the program ends or stays silent.
        """
        output = self.process.stdout
        if output is None:
            raise ValueError("This service doesn't announce itself.")
        try:
            line = await asyncio.wait_for(output.readline(), seconds)
        except TimeoutError:
            raise DemoError(f"{self.name} isn't ready after {seconds:.0f} s; see {self.log}.") from None
        if not line:
            await self.process.wait()
            raise self.ended()
        self._drain = asyncio.create_task(output.read(), name=f"output of {self.name}")
        return line.decode()

    async def stop(self) -> None:
        """End the program, gently at first, and everything that it has started."""
        if self.running:
            with suppress(ProcessLookupError):
                self.process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        # The group outlives its leader while a member is left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
