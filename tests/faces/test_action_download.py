"""The action `download_assets`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
import voluptuous as vol

from custom_components.immich_plus.const import DOMAIN, DOWNLOADS_PER_CALL
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.ids import stable_id
from tests.fake_immich.tiny import JPEG, WEBP
from tests.uploading import Uploading, folder_fixture, quick_fixture, upload_fixture  # noqa: F401

ACTION = "download_assets"
ORIGINAL = "GET assets/{id}/original"
PARTY, VIENNA, FILM = (stable_id(f"tiny {name}") for name in ("party.jpg", "vienna.jpg", "film.mp4"))
UNKNOWN = "12345678-1234-4234-8234-123456789012"


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _original(immich: FakeImmich, asset_id: str) -> bytes:
    media = immich.state.assets[asset_id].media
    content = media.original() if media else None
    assert isinstance(content, bytes)
    return content


async def test_originals(upload: Uploading) -> None:
    """Originals are saved under their own names, however the assets are named."""
    reference = f"media-source://immich_plus/{upload.account.unique_id}/asset/{FILM}"
    response = await upload.response(
        ACTION, assets=[PARTY.upper(), reference, PARTY], folder=str(upload.folder)
    )
    assert response == {
        "files": [
            {
                "id": asset_id,
                "status": "saved",
                "path": f"{upload.folder}/{name}",
                "bytes": len(_original(upload.immich, asset_id)),
                "error": None,
            }
            for asset_id, name in ((PARTY, "party.jpg"), (FILM, "film.mp4"))
        ]
    }
    for asset_id, name in ((PARTY, "party.jpg"), (FILM, "film.mp4")):
        assert (upload.folder / name).read_bytes() == _original(upload.immich, asset_id)


@pytest.mark.parametrize(
    ("version", "name", "content"), [("preview", "party.jpg", JPEG), ("thumbnail", "party.webp", WEBP)]
)
async def test_smaller_pictures(upload: Uploading, version: str, name: str, content: bytes) -> None:
    """Previews and thumbnails have the ending of what the server made."""
    await upload.response(ACTION, assets=PARTY, version=version, folder=str(upload.folder))
    assert _files(upload.folder) == [name]
    assert (upload.folder / name).read_bytes() == content


async def test_a_picture_for_a_tablet(upload: Uploading) -> None:
    """A fixed name with `overwrite` always shows the last picture."""
    for asset_id in (PARTY, VIENNA):
        await upload.response(
            ACTION,
            assets=asset_id,
            folder=f"{upload.folder}/tablet",
            filename="frame.jpg",
            overwrite=True,
        )
        assert (upload.folder / "tablet" / "frame.jpg").read_bytes() == _original(upload.immich, asset_id)
    assert _files(upload.folder / "tablet") == ["frame.jpg"]


async def test_once_more(upload: Uploading) -> None:
    """What was saved before counts as done, also if there is nothing else."""
    await upload.response(ACTION, assets=PARTY, folder=str(upload.folder))
    (file,) = (await upload.response(ACTION, assets=PARTY, folder=str(upload.folder)))["files"]
    assert (file["status"], file["path"]) == ("exists", f"{upload.folder}/party.jpg")
    assert file["bytes"] == len(_original(upload.immich, PARTY))
    assert upload.immich.requests.count(ORIGINAL) == 1


async def test_the_response_of_another_action(upload: Uploading) -> None:
    """What a search answers can be given on as it is, also if it found nothing."""
    found = await upload.response("search_assets", filename="party")
    assert len((await upload.response(ACTION, assets=found, folder=str(upload.folder)))["files"]) == 1
    found = await upload.response("search_assets", filename="no such file")
    assert await upload.response(ACTION, assets=found, folder=str(upload.folder)) == {"files": []}


async def test_part_of_it_fails(upload: Uploading, log_of: Callable[[], list[str]]) -> None:
    """One that can't be had tells why; the log counts, and names no file."""
    response = await upload.response(ACTION, assets=[UNKNOWN, PARTY], folder=str(upload.folder))
    assert response["files"][0] == {
        "id": UNKNOWN,
        "status": "failed",
        "path": None,
        "bytes": None,
        "error": "Immich doesn't find it: it was deleted, or belongs to another user",
    }
    assert response["files"][1]["status"] == "saved"
    assert log_of() == ["1 of 2 downloads failed: the action's response tells which and why"]


async def test_all_of_it_fails(upload: Uploading, log_of: Callable[[], list[str]]) -> None:
    """A call of which nothing succeeds fails with the first reason."""
    assert await upload.refused(ACTION, assets=[UNKNOWN], folder=str(upload.folder)) == ("not_found", {})
    upload.immich.state.assets[PARTY].thumbhash = None
    assert await upload.refused(
        ACTION, assets=[PARTY, UNKNOWN], version="preview", folder=str(upload.folder)
    ) == ("picture_not_ready", {})
    assert _files(upload.folder) == []
    assert log_of() == []


@pytest.mark.parametrize(
    ("scope", "route", "version"),
    [
        ("asset.read", "GET assets/{id}", "original"),
        ("asset.download", ORIGINAL, "original"),
        ("asset.view", "GET assets/{id}/thumbnail", "preview"),
    ],
)
async def test_a_missing_scope(
    hass: HomeAssistant, upload: Uploading, scope: str, route: str, version: str
) -> None:
    """A scope that the key lacks is named in the error and becomes a repair."""
    upload.immich.faults.add(route, Status(403, f"Missing required permission: {scope}"))
    assert await upload.refused(
        ACTION, assets=[PARTY, VIENNA], version=version, folder=str(upload.folder)
    ) == ("missing_scope", {"scope": scope})
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"missing_scopes_{upload.account.entry_id}")
    assert issue is not None
    assert scope in (issue.translation_placeholders or {})["scopes"]


async def test_a_scope_for_originals_only(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, folder: Path
) -> None:
    """A key that may look can save previews, but no originals."""
    download = Uploading(hass, immich, await add_account(immich, key="read-key"), folder)
    await download.response(ACTION, assets=PARTY, version="preview", folder=str(folder))
    key, placeholders = await download.refused(ACTION, assets=VIENNA, folder=str(folder))
    assert (key, placeholders) == ("missing_scope", {"scope": "asset.download"})


async def test_settings_of_home_assistant_are_out_of_reach(
    hass: HomeAssistant, upload: Uploading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing writes to secrets.yaml: not the folder, not a name, not even where the folder is allowed."""
    config = tmp_path / "config"
    config.mkdir()
    secrets = config / "secrets.yaml"
    secrets.write_text("wifi: hunter2")
    monkeypatch.setattr(hass.config, "config_dir", str(config))
    upload.immich.state.update_asset(upload.immich.state.assets[PARTY], original_file_name="secrets.yaml")
    call: dict[str, Any] = {"assets": PARTY, "overwrite": True}
    for folder in (".", "", str(config), f"{upload.folder}/../config"):
        assert await upload.refused(ACTION, **call, folder=folder) == (
            "folder_not_allowed",
            {"folder": str(config)},
        )
    key, _ = await upload.refused(
        ACTION, **call, folder=str(upload.folder), filename="../config/secrets.yaml"
    )
    assert key == "filename_with_folder"
    hass.config.allowlist_external_dirs.add(str(config))
    for filename in ("{filename}", "secrets.yaml", "secrets.yaml.jpg"):
        await upload.response(ACTION, **call, folder=".", filename=filename)
    assert secrets.read_text() == "wifi: hunter2"
    assert _files(config) == ["secrets.yaml", "secrets.yaml.bin"]


async def test_mistakes(upload: Uploading) -> None:
    """A call that can't be right asks the server for nothing."""
    folder = str(upload.folder)
    many = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(DOWNLOADS_PER_CALL + 1)]
    assert await upload.refused(ACTION, assets=many, folder=folder) == (
        "too_many_downloads",
        {"most": str(DOWNLOADS_PER_CALL)},
    )
    key, _ = await upload.refused(ACTION, assets="party", folder=folder)
    assert key == "not_an_asset"
    key, _ = await upload.refused(ACTION, assets=PARTY, folder=folder, filename="{name}")
    assert key == "unknown_placeholder"
    for wrong in ({"version": "huge"}, {"folder": None}, {"overwrite": "perhaps"}, {"surprise": 1}):
        with pytest.raises(vol.Invalid):
            await upload.response(ACTION, **{"assets": PARTY, "folder": folder, **wrong})
    with pytest.raises(vol.Invalid):
        await upload.response(ACTION, assets=PARTY)
    assert upload.immich.requests.count("GET assets/*") == 0
