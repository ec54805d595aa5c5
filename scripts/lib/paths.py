"""Where things are: the checkout, the cache, and the environments in it."""

import os
from pathlib import Path
import subprocess

PROJECT = Path(__file__).resolve().parents[2]
"""The checkout's top folder."""

INTEGRATION = PROJECT / "custom_components" / "immich_plus"
"""The integration's own folder."""


def cache() -> Path:
    """Tell the folder for all that the scripts fetch and make.

    Returns:
        What the environment variable ``IMMICH_PLUS_CACHE`` says, else ``.cache`` in the checkout.
    """
    return Path(os.environ.get("IMMICH_PLUS_CACHE") or PROJECT / ".cache").resolve()


def interpreter(environment: str) -> Path:
    """Make an environment ready if it isn't, and tell its Python.

    Args:
        environment: ``newest`` or ``floor``, as scripts/lib/bootstrap names them.

    Raises:
        subprocess.CalledProcessError: when it can't be made; the reason was printed already.
    """
    bootstrap = PROJECT / "scripts" / "lib" / "bootstrap"
    answer = subprocess.run([bootstrap, environment], check=True, stdout=subprocess.PIPE, text=True)
    return Path(answer.stdout.strip())
