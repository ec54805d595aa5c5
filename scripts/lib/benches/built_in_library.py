"""The library of Home Assistant's own Immich integration, which is no part of Home Assistant itself."""

import importlib.util
import json
import os
from pathlib import Path
import subprocess
import sys

from ..paths import cache

# What the library needs and Home Assistant hasn't got by itself.
_NEEDS = {"aiofiles": "aiofiles==25.1.0"}


def library_folder() -> Path | None:
    """Return the folder from which Home Assistant can import the integration's library; None if it can't be had.

    It goes into the cache, in the version that the integration asks for, and not into the environment: nothing
    of ours may come to need it.
    """
    components = importlib.util.find_spec("homeassistant.components.immich")
    if components is None or components.origin is None:
        return None
    manifest = Path(components.origin).with_name("manifest.json").read_text(encoding="utf-8")
    wanted: dict[str, str] = {
        requirement.partition("==")[0]: requirement for requirement in json.loads(manifest)["requirements"]
    }
    wanted |= {name: what for name, what in _NEEDS.items() if importlib.util.find_spec(name) is None}
    place = cache() / "bench" / "_".join(wanted.values()).replace("==", "-")
    if not all((place / name).is_dir() for name in wanted):
        # Home Assistant brings uv along. The rest of what they need is in the environment.
        uv = Path(sys.executable).with_name("uv")
        command = [str(uv), "pip", "install", "--quiet", "--no-deps", "--python", sys.executable]
        settings = {"UV_CACHE_DIR": str(cache() / "uv"), "UV_SYSTEM_CERTS": "1"}
        try:
            subprocess.run(
                [*command, "--target", str(place), *wanted.values()],
                env=settings | os.environ,
                check=True,
                timeout=120,
            )
        except OSError, subprocess.SubprocessError:
            return None
    return place
