"""What the recording did besides its recorded requests."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date
from hashlib import sha1
from typing import TYPE_CHECKING

from tests.fake_immich.media_types import mime_type
from tests.fake_immich.models import Asset, AssetType, Exif, Role, Visibility
from tests.fake_immich.processing import process_now
from tests.fake_immich.uploads import UploadedFile

from .files import content
from .recorded import ADMIN, USER, moment

if TYPE_CHECKING:
    from .replay import Replay

type Setup = Callable[[Replay], Awaitable[None]]

_TAKEN = "2024-03-10T09:15:00.000Z"

#: After these the next request was sent at once, before the jobs were done.
UNSETTLED = frozenset(
    {
        "assets-delete/14-delete-force",
        "assets-upload/47-live-photo-video",
        "assets-upload/48-live-photo-still",
        "assets-upload/49-live-photo-video-after",
        "assets-upload/63-name-percent-encoded",
        "assets-upload/65-name-utf8",
    }
)


def add(replay: Replay, name: str, asset_id: str | None = None, owner: str = ADMIN) -> Asset:
    """Put an asset with a file into the library, not processed yet."""
    state = replay.immich.state
    asset_id = asset_id or state.new_id()
    path = replay.recorder.folder / f"{asset_id}.jpg"
    path.write_bytes(content(name, asset_id, 8360))
    return state.add_asset(
        state.users[owner],
        name,
        id=asset_id,
        taken=moment(_TAKEN),
        mime_type=mime_type(name),
        exif=Exif(file_size=8360),
        processed=False,
        media=UploadedFile(path, AssetType.IMAGE),
    )


def process(*asset_ids: str) -> Setup:
    """Make the thumbnails of assets and read their metadata."""

    async def setup(replay: Replay) -> None:
        for asset_id in asset_ids:
            await process_now(replay.immich, replay.immich.state.assets[asset_id])

    return setup


def upload(name: str, asset_id: str) -> Setup:
    """Upload a file whose thumbnails are not made yet."""

    async def setup(replay: Replay) -> None:
        add(replay, name, asset_id)

    return setup


def trashed(asset_ids: Iterable[str | None]) -> Setup:
    """Upload pictures of the user and put them into the trash."""

    async def setup(replay: Replay) -> None:
        state = replay.immich.state
        for asset_id in asset_ids:
            asset = add(replay, "sample_trash.jpg", asset_id, USER)
            await process_now(replay.immich, asset)
            state.update_asset(asset, trashed_at=state.now())

    return setup


async def fill_quota(replay: Replay) -> None:
    """Give the user a quota of one byte."""
    replay.immich.state.users[USER].quota_size = 1


async def lift_quota(replay: Replay) -> None:
    """Take the quota away, and put the file of the next upload into the trash."""
    state = replay.immich.state
    state.users[USER].quota_size = None
    key = "assets-upload/59-duplicate-of-trashed"
    sample = next(each for each in replay.recorder.samples if each.key == key)
    (file,) = sample.request["body"]["multipart/form-data"]["files"]
    made = content(file["filename"], file["sha1Hex"], file["bytes"])
    state.add_asset(
        state.users[ADMIN],
        file["filename"],
        id=sample.response["body"]["id"],
        taken=moment(_TAKEN),
        checksum=sha1(made, usedforsecurity=False).digest(),
        trashed_at=state.now(),
    )


async def tidy_albums(replay: Replay) -> None:
    """Remove the two albums that were only made to try names."""
    state = replay.immich.state
    twins = [each for each in state.albums.values() if each.name == "Sample minimal"]
    nameless = [each for each in state.albums.values() if not each.name]
    for album in [*twins[1:], *nameless]:
        state.remove_album(album.id)


def lock(asset_id: str) -> Setup:
    """Put an asset into the locked folder."""

    async def setup(replay: Replay) -> None:
        state = replay.immich.state
        state.update_asset(state.assets[asset_id], visibility=Visibility.LOCKED)

    return setup


async def birthday_again(replay: Replay) -> None:
    """Give the person the birthday back."""
    person = replay.immich.state.people["47769788-4dac-443f-8dbd-75a9d7e3aeeb"]
    person.birth_date = date(1990, 5, 17)


def share(album_id: str) -> Setup:
    """Let the user into an album, and put some pictures into it."""

    async def setup(replay: Replay) -> None:
        state = replay.immich.state
        album = state.albums[album_id]
        album.members[USER] = Role.EDITOR
        for asset in list(state.assets.values()):
            if asset.original_file_name.startswith(("sample", "red")) and asset.owner_id == ADMIN:
                state.put_in_album(album, asset.id)

    return setup


def contents(album_id: str, *starts: str) -> Setup:
    """Put the assets with such names into an album."""

    async def setup(replay: Replay) -> None:
        state = replay.immich.state
        for asset in list(state.assets.values()):
            if asset.original_file_name.startswith(starts):
                state.put_in_album(state.albums[album_id], asset.id)

    return setup


BEFORE: dict[str, Setup] = {
    "people/21-update-favorite": birthday_again,
    "activities/01-create-comment": share("c4bd4e89-0130-4a9b-a3da-78c644227f59"),
    "shared-links/01-create-album": contents("d93aa572-3282-433c-9e1a-3e235f9a23ba", "sample_link"),
    "albums/12-list": tidy_albums,
    "assets-upload/58-quota-exceeded": fill_quota,
    "assets-upload/59-duplicate-of-trashed": lift_quota,
    "assets-read/02-get-after-processing": process("e8a7d73f-4b6d-44dd-821f-39ef4ca90fc8"),
    "locked/01-search-api-key": lock("a7117033-2b0a-4d4e-a4dd-c4943e536130"),
    "trash/01-statistics": trashed(["44dc385d-a75c-4d67-a1e9-71ee9070e59f", None, None]),
    "trash/05-timeline-buckets": trashed([None, None]),
    "assets-media/15-original-non-ascii-name": upload(
        "sample_Käse Höhle.jpg", "753a3298-d707-42d7-8d81-363c96934394"
    ),
    "assets-media/20-thumbnail-before-generation": upload(
        "sample_nothumb.jpg", "513a748f-efc0-42bf-9876-608080477758"
    ),
    "assets-media/23-thumbnail-after-generation": process("513a748f-efc0-42bf-9876-608080477758"),
}
