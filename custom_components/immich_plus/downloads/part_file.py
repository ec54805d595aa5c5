"""A file that is not complete yet: hidden beside its future place, and never taken for a picture."""

from contextlib import suppress
import os
from pathlib import Path
import secrets
import threading
import time
from typing import IO, Final

PREFIX: Final = ".immich_plus-"
SUFFIX: Final = ".part"
# What was not written to for so long belongs to a Home Assistant that ended in the middle of it.
_LEFT_OVER_SECONDS: Final = 24 * 60 * 60


class PartFile:
    """A hidden file in a folder that becomes a file of another name in one step, or nothing. All calls block.

    The calls may come from any thread and in any order: what a cancelled call still writes after `discard` goes
    nowhere.
    """

    def __init__(self, folder: Path) -> None:
        """Choose a name; the file comes with the first piece."""
        self._path = folder / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._discarded = False

    def write(self, piece: bytes) -> None:
        """Add a piece; raises OSError."""
        with self._lock:
            if self._discarded:
                return
            if self._file is None:
                self._file = self._path.open("xb")
            self._file.write(piece)

    def publish(self, path: Path, *, overwrite: bool) -> None:
        """Let what was written appear as `path`, at once and complete even if the power fails; then `discard`.

        Raises FileExistsError if something has that name and may not be overwritten, and OSError.
        """
        with self._lock:
            if self._discarded or self._file is None:
                return
            self._file.flush()
            os.fsync(self._file.fileno())
            if overwrite:
                self._path.replace(path)
            else:
                _move_new(self._path, path)

    def discard(self) -> None:
        """Close the file and remove its hidden name; what was published stays. Raises nothing."""
        with self._lock:
            self._discarded = True
            if self._file is None:
                return
            # A full disk takes no more of it, and the folder may be gone meanwhile.
            with suppress(OSError):
                self._file.close()
            with suppress(OSError):
                self._path.unlink(missing_ok=True)


def remove_left_overs(folder: Path) -> None:
    """Remove what a Home Assistant that ended in the middle of a download left in a folder. Blocking."""
    oldest = time.time() - _LEFT_OVER_SECONDS
    for found in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):
            if found.lstat().st_mtime < oldest:
                found.unlink()


def _move_new(source: Path, target: Path) -> None:
    """Give a file a name that nothing has; raises FileExistsError if something has it."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:
        # No hard links there, as on many memory cards and network drives: reserve the name, then take it.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            source.replace(target)
        except OSError:
            target.unlink()
            raise
