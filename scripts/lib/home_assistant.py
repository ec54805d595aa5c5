"""Start a real Home Assistant with the integration linked in, in a configuration folder of its own."""

from dataclasses import dataclass
from datetime import UTC, datetime
import json
from pathlib import Path
import sys
from typing import Any

from .paths import INTEGRATION
from .services import Service

# All that the demo's pages need; default_config would look for devices on the network.
_CONFIGURATION = """\
# Written by scripts/demo at each start. Your own additions go into automations.yaml and scripts.yaml.
homeassistant:
  name: Immich Plus demo
  country: DE
  currency: EUR
  unit_system: metric
  time_zone: {time_zone}{internal_url}
  media_dirs:
    local: {media}
  allowlist_external_dirs:
    - {media}
  allowlist_external_urls:
    - http://127.0.0.1:{port}/local/

api:
automation: !include automations.yaml
config:
diagnostics:
frontend:
history:
image:
logbook:
media_source:
person:
script: !include scripts.yaml
system_health:

logger:
  default: warning
  logs:
    custom_components.immich_plus: info
    # A camera picture is scaled without the system's libturbojpeg too, only slower.
    homeassistant.components.camera.img_util: critical
    # Where ffmpeg isn't installed; only cameras that stream need it.
    haffmpeg: critical
  filters:
    # Voice assistants need packages that exist for few systems; nothing here uses them.
    homeassistant.setup:
      - assist_pipeline
      - assist_satellite
"""

# Onboarding's other steps ask about home and habits, and set up services that need the internet.
_ONBOARDING = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics", "integration"]},
}


def _http_settings(host: str, port: int) -> dict[str, Any]:
    """Give Home Assistant's own record of where it listens, as if its user had confirmed it.

    Settings under ``http:`` in configuration.yaml are only tried by Home Assistant 2026.11: it restarts
    with its defaults, and on every address of the machine, when nobody confirms them for five minutes.
    """
    stable = {
        "server_host": [host],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    return {"version": 3, "minor_version": 1, "key": "http", "data": data}


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningHomeAssistant:
    """A started Home Assistant: its process, its address and its configuration folder."""

    service: Service
    url: str
    folder: Path


def media_folder(folder: Path) -> Path:
    """Tell where the files of a configuration folder's local media source are."""
    return folder / "media"


def _time_zone() -> str:
    """Guess this machine's time zone; UTC when it doesn't say."""
    _, found, name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    return name if found and name.count("/") == 1 else "UTC"


def write_configuration(folder: Path, port: int, host: str = "127.0.0.1") -> None:
    """Make a configuration folder, or bring an existing one up to date.

    Args:
        folder: where; what Home Assistant and its user keep there stays.
        port: the port to listen on.
        host: the address to listen on.
    """
    media = media_folder(folder)
    for needed in (media, folder / "www", folder / ".storage", folder / "custom_components"):
        needed.mkdir(parents=True, exist_ok=True)
    # What isn't heard in the network can't be reached under the address there, which Home Assistant would take.
    internal_url = f"\n  internal_url: http://{host}:{port}" if host == "127.0.0.1" else ""
    settings = _CONFIGURATION.format(
        port=port, media=json.dumps(str(media)), time_zone=_time_zone(), internal_url=internal_url
    )
    (folder / "configuration.yaml").write_text(settings, encoding="utf-8")
    for name, empty in (("automations.yaml", "[]\n"), ("scripts.yaml", "{}\n")):
        if not (folder / name).exists():
            (folder / name).write_text(empty, encoding="utf-8")
    (folder / ".storage" / "http").write_text(json.dumps(_http_settings(host, port)), encoding="utf-8")
    onboarding = folder / ".storage" / "onboarding"
    if not onboarding.exists():
        onboarding.write_text(json.dumps(_ONBOARDING), encoding="utf-8")
    link = folder / "custom_components" / INTEGRATION.name
    if link.is_symlink() and link.readlink() != INTEGRATION:
        link.unlink()
    if not link.is_symlink():
        link.symlink_to(INTEGRATION, target_is_directory=True)


async def start_home_assistant(folder: Path, port: int, host: str = "127.0.0.1") -> RunningHomeAssistant:
    """Start Home Assistant; it isn't ready yet when this returns, see `client.HomeAssistantClient`."""
    write_configuration(folder, port, host)
    hass = Path(sys.executable).with_name("hass")
    service = await Service.start(
        "Home Assistant",
        [sys.executable, hass, "-c", folder, "--skip-pip"],
        folder.parent / "home-assistant.log",
    )
    return RunningHomeAssistant(service=service, url=f"http://127.0.0.1:{port}", folder=folder)
