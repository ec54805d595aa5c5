"""The folder that downloads go to: where links lead, what a crash left, and the hidden files in it."""

from collections.abc import Callable
import os
from pathlib import Path
import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.immich_plus.downloads.folder import async_open_folder
from custom_components.immich_plus.downloads.part_file import PartFile
from tests.uploading import folder_fixture  # noqa: F401


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def test_work_that_comes_after_the_end(tmp_path: Path) -> None:
    """What a thread still does after a call was cancelled goes nowhere."""
    part = PartFile(tmp_path)
    part.discard()
    part.write(b"late")
    part.publish(tmp_path / "late.jpg", overwrite=False)
    assert list(tmp_path.iterdir()) == []


async def test_left_overs_of_a_crash(hass: HomeAssistant, folder: Path) -> None:
    """What a crash left is removed after a day; what is on its way, and everything of others, stays."""
    old = time.time() - 2 * 24 * 3600
    names = (".immich_plus-0123.part", ".immich_plus-4567.part", "other.part", ".immich_plus-folder.part")
    for name in names[:3]:
        (folder / name).write_bytes(b"half")
    (folder / names[3]).mkdir()
    for name in (names[0], names[2], names[3]):
        os.utime(folder / name, (old, old))
    assert await async_open_folder(hass, str(folder)) == folder
    assert {path.name for path in _entries(folder)} == set(names[1:])


@pytest.fixture(name="refused")
def refused_fixture(hass: HomeAssistant) -> Callable[[str], Any]:
    """Give a function that returns the key and placeholders for a folder that can't be used."""

    async def _refused(given: str) -> tuple[str | None, dict[str, str] | None]:
        with pytest.raises(HomeAssistantError) as info:
            await async_open_folder(hass, given)
        return info.value.translation_key, info.value.translation_placeholders

    return _refused


async def test_a_new_folder(
    hass: HomeAssistant, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder is made inside an allowed one, which may itself be missing yet."""
    monkeypatch.setattr(hass.config, "config_dir", str(tmp_path))
    assert await async_open_folder(hass, f"{folder}/tablet/tonight") == folder / "tablet" / "tonight"
    assert await async_open_folder(hass, "allowed/relative/") == folder / "relative"
    assert await async_open_folder(hass, f"{folder}/tablet/../other") == folder / "other"
    hass.config.allowlist_external_dirs.add(str(tmp_path / "www"))
    assert (await async_open_folder(hass, "www")).is_dir()


async def test_folders_outside(hass: HomeAssistant, folder: Path, tmp_path: Path, refused: Any) -> None:
    """Nothing is written or made outside, wherever dots and links lead."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "dangling").symlink_to(tmp_path / "nowhere")
    for given, real in (
        (str(outside), outside),
        (f"{folder}/link", outside),
        (f"{folder}/link/deeper/still", outside / "deeper" / "still"),
        (f"{folder}/dangling", tmp_path / "nowhere"),
        (f"{folder}/../evil", tmp_path / "evil"),
        (str(tmp_path), tmp_path),
        (f"{folder}x", tmp_path / "allowedx"),
        ("", Path(hass.config.config_dir)),
    ):
        assert await refused(given) == ("folder_not_allowed", {"folder": str(real)}), given
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "evil").exists()


async def test_what_is_no_folder(folder: Path, refused: Any) -> None:
    """A file in the way, and what no path can hold, are told."""
    (folder / "file").touch()
    assert await refused(f"{folder}/file") == ("not_a_folder", {"folder": f"{folder}/file"})
    assert await refused(f"{folder}/file/x") == ("not_a_folder", {"folder": f"{folder}/file/x"})
    assert await refused("a\0b") == ("not_a_folder", {"folder": "'a\\x00b'"})
    assert await refused("a\ud800b") == ("not_a_folder", {"folder": "'a\\ud800b'"})
    key, placeholders = await refused(f"{folder}/{'x' * 300}")
    assert key == "folder_unwritable"
    assert placeholders["reason"] == "File name too long"
