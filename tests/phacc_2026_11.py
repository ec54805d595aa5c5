"""Let pytest-homeassistant-custom-component 0.13.375 load on Home Assistant 2026.11.

That release of the plugin is made for Home Assistant 2026.10.4. Two things have changed since:
Home Assistant puts httpx2 in httpx's place and refuses to start when something (here: respx)
imported httpx before it, and a private helper of the logger component has moved. Loading this
module before the plugin (``pytest -p tests.phacc_2026_11``, as scripts/test does for the newest
Home Assistant) mends both. It does nothing on 2026.10, and goes when the plugin catches up.
"""

import homeassistant  # noqa: F401 - imported for its aliases of httpx and voluptuous
from homeassistant.components import logger

if not hasattr(logger, "_clear_logger_overwrites"):
    from homeassistant.components.logger import helpers

    logger._clear_logger_overwrites = helpers._clear_logger_overwrites  # type: ignore[attr-defined]
