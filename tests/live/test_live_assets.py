"""Every action that reads, changes, saves, trashes or deletes assets on a real server."""

from datetime import datetime
import hashlib
from pathlib import Path
from typing import Any

from .acting import UNKNOWN, Acting, moment
from .server import eventually


async def test_one_asset_with_all_that_is_known(act: Acting) -> None:
    (one,) = await act.pictures(moment(1), description="By a test", tags=[f"{act.server.mark}/one"])
    raw = await eventually(lambda: act.read(one), lambda asset: bool(asset["tags"]))
    asset = (await act("get_asset", asset=one.upper()))["asset"]
    assert asset["id"] == one
    assert datetime.fromisoformat(asset["taken_at"]) == moment(1)
    assert (asset["type"], asset["width"], asset["height"]) == ("image", 96, 64)
    assert (asset["description"], asset["tags"]) == ("By a test", [f"{act.server.mark}/one"])
    assert (asset["owned"], asset["favorite"], asset["archived"], asset["trashed"]) == (
        True,
        False,
        False,
        False,
    )
    assert (asset["rating"], asset["people"], asset["exif"]["latitude"]) == (None, [], None)
    if "createdAt" in raw:
        assert datetime.fromisoformat(asset["added_at"]) == datetime.fromisoformat(raw["createdAt"])
    assert asset["exif"]["file_size"] == raw["exifInfo"]["fileSizeInByte"]
    assert await act.refused("get_asset", asset=UNKNOWN) == "not_found"


async def test_every_change(act: Acting) -> None:
    one, two = await act.pictures(moment(1), moment(2))
    mark = act.server.mark
    answer = await act(
        "update_assets",
        assets=[one, UNKNOWN, two],
        favorite=True,
        archived=True,
        description="Changed",
        taken_at="1971-03-05 10:00",
        rating=4,
        latitude=52.52,
        longitude=13.405,
        tags_add=[f"{mark}/a", f"{mark}/b"],
    )
    assert [row["result"] for row in answer["assets"]] == ["updated", "not_found", "updated"]
    for asset_id in (one, two):
        raw = await eventually(
            lambda asset_id=asset_id: act.read(asset_id),  # type: ignore[misc]
            lambda asset: bool(
                asset["exifInfo"]["rating"] == 4
                and asset["exifInfo"]["city"]
                and asset["fileCreatedAt"].startswith("1971-03-05T10:00")
            ),
        )
        assert (raw["isFavorite"], raw["visibility"]) == (True, "archive")
        assert raw["exifInfo"]["description"] == "Changed"
        assert sorted(tag["value"] for tag in raw["tags"]) == [f"{mark}/a", f"{mark}/b"]
    told = (await act("get_asset", asset=one))["asset"]
    assert (told["favorite"], told["archived"], told["rating"]) == (True, True, 4)
    assert round(told["exif"]["latitude"], 2) == 52.52
    assert told["city"]

    await act("update_assets", assets=one, rating=0, favorite=False, archived=False, tags_remove=f"{mark}/a")
    await act("update_assets", assets=one, description="")

    def _back(asset: dict[str, Any]) -> bool:
        return (
            # Before 2.6 a rating that was taken away is -1.
            asset["exifInfo"]["rating"] in (None, -1)
            and not asset["exifInfo"]["description"]
            and [tag["value"] for tag in asset["tags"]] == [f"{mark}/b"]
        )

    raw = await eventually(lambda: act.read(one), _back)
    assert (raw["isFavorite"], raw["visibility"]) == (False, "timeline")
    # The sidecar is written and read again behind: what was taken away must not come back.
    await eventually(lambda: act.read(one), lambda asset: asset["thumbhash"] is not None)
    assert _back(await act.read(one))
    told = (await act("get_asset", asset=one))["asset"]
    assert (told["rating"], told["description"], told["tags"]) == (
        raw["exifInfo"]["rating"],
        None,
        [f"{mark}/b"],
    )
    assert await act.refused("update_assets", assets=one, tags_remove=f"{mark}/nothing") == "tag_unknown"
    assert await act.refused("update_assets", assets=UNKNOWN, favorite=True) == "not_found"
    assert (await act.read(two))["exifInfo"]["rating"] == 4


async def test_the_trash_and_back_and_the_end(act: Acting) -> None:
    one, two = await act.pictures(moment(1), moment(2))
    answer = await act("trash_assets", assets=[one, UNKNOWN])
    assert [row["result"] for row in answer["assets"]] == ["trashed", "not_found"]
    # What was answered is so at once.
    assert (await act("get_asset", asset=one))["asset"]["trashed"]
    span = {"taken_after": "1971-03-01", "taken_before": "1971-03-03"}
    assert await act.pages("search_assets", **span) == [two]
    assert await act.pages("search_assets", trashed=True, **span) == [one]
    found = await act("search_assets", trashed=True, **span)
    assert (found["total"], found["assets"][0]["trashed"]) == (1, True)

    answer = await act("restore_assets", assets=[one, two])
    assert [row["result"] for row in answer["assets"]] == ["restored", "restored"]
    assert not (await act("get_asset", asset=one))["asset"]["trashed"]
    assert await act.pages("search_assets", **span) == [two, one]
    assert await act.refused("restore_assets", assets=UNKNOWN) == "not_found"

    assert await act.refused("delete_assets", assets=one, permanent=False) == "permanent_required"
    answer = await act("delete_assets", assets=[one, UNKNOWN], permanent=True)
    assert [row["result"] for row in answer["assets"]] == ["deleted", "not_found"]
    assert await act.pages("search_assets", **span) == [two]

    async def _gone() -> bool:
        try:
            await act.read(one)
        except AssertionError:
            return True
        return False

    await eventually(_gone, bool)
    act.server.assets.discard(one)
    # Until it is gone, Immich finds it among what lies in the trash (seen on 3.1.0).
    assert await act.pages("search_assets", trashed=True, **span) == []
    assert await act.refused("get_asset", asset=one) == "not_found"
    assert await act.refused("delete_assets", assets=one, permanent=True) == "not_found"


async def test_files(act: Acting, tmp_path: Path) -> None:
    one, two = await act.pictures(moment(1), moment(2))
    folder = tmp_path / "saved"
    answer = await act("download_assets", assets=[one, UNKNOWN, two], folder=str(folder))
    assert [file["status"] for file in answer["files"]] == ["saved", "failed", "saved"]
    raw = await act.read(one)
    content = (folder / raw["originalFileName"]).read_bytes()
    assert answer["files"][0]["path"] == str(folder / raw["originalFileName"])
    assert answer["files"][0]["bytes"] == len(content) == raw["exifInfo"]["fileSizeInByte"]
    assert hashlib.sha1(content).hexdigest() == hashlib.sha1(
        (tmp_path / raw["originalFileName"]).read_bytes()
    ).hexdigest()  # fmt: skip
    for version in ("preview", "thumbnail"):
        (file,) = (
            await act(
                "download_assets",
                assets=one,
                folder=str(folder),
                version=version,
                filename=f"{version}-{{id}}",
            )
        )["files"]
        assert (file["status"], file["bytes"]) == ("saved", next(folder.glob(f"{version}-*")).stat().st_size)
    again = await act("download_assets", assets=one, folder=str(folder))
    assert again["files"][0]["status"] == "exists"
    assert await act.refused("download_assets", assets=UNKNOWN, folder=str(folder)) == "not_found"
