"""The folder that downloads go to: inside those that Home Assistant may use, wherever links lead."""

import errno
import os
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..errors import failure, mistake
from .part_file import PREFIX, remove_left_overs

# The disk is full, or the share of it that Home Assistant may use.
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


async def async_open_folder(hass: HomeAssistant, given: str) -> Path:
    """Return the real folder at `given` (relative paths start in the configuration folder), made if missing.

    Raises a translated error if it lies outside the allowed folders, is no folder or can't be made.
    """
    return await hass.async_add_executor_job(_open_folder, hass, given)


def folder_failed(error: OSError, folder: Path) -> HomeAssistantError:
    """Return what an action raises when nothing can be written to a folder."""
    if error.errno in FULL:
        return failure("no_space_folder", folder=str(folder))
    return failure("folder_unwritable", folder=str(folder), reason=error.strerror or type(error).__name__)


def _open_folder(hass: HomeAssistant, given: str) -> Path:
    """Check and make a folder, and clear what a crash left there. Blocking."""
    try:
        folder = Path(os.path.realpath(hass.config.path(given)))
    except ValueError as error:
        # A path can't hold such characters.
        raise mistake("not_a_folder", folder=repr(given)) from error
    # Of what doesn't exist Home Assistant looks at the folder: a file in ours stands for all.
    if not hass.config.is_allowed_path(str(folder / PREFIX)):
        raise mistake("folder_not_allowed", folder=str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise mistake("not_a_folder", folder=str(folder)) from error
    except OSError as error:
        raise folder_failed(error, folder) from error
    remove_left_overs(folder)
    return folder
