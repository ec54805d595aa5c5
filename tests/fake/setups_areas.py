"""What the recording did besides its recorded requests, in searches, people, tags and so on.

Each of these areas made its own sample pictures and removed them at the end: before an
area begins, the pictures of the others are put aside.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.fake_immich.models import Album, Asset, Face, Role, Stack, Tag, Visibility
from tests.fake_immich.places import REYKJAVIK, ROME, TOKYO, VIENNA, Place
from tests.fake_immich.state import State

from .recorded import ADMIN, USER, moment
from .samples import UUID
from .setups import Setup, add

if TYPE_CHECKING:
    from .replay import Replay

VIENNA_1 = "e49a9b65-337f-42f9-a9be-07218339730d"
VIENNA_2 = "ea3bde86-c4a0-44c1-93f6-ee67b678e3c4"
ROMAN = "d3e59a42-98ef-4a20-ab30-fab4bfea2b5d"
SEEN_ALWAYS = "7f9d84bf-c5d4-4cbb-bc12-a2f9b6fbc672"
STACK = "bdab35ea-bac0-4920-8242-10fb54799a1d"
STACKED = (
    "478ead2b-d43b-4867-acb3-87001f7500c0",
    "fc7b9546-30fd-482f-80a6-baa684679d9b",
    "fcee5ee7-fb32-494e-8b81-f2eca601695a",
)
FAVORITE = "287af9bf-b770-4363-8fde-743141933e21"
SAMPLE = "47769788-4dac-443f-8dbd-75a9d7e3aeeb"

#: So many of the latest uploads come up in the search.
LATEST = 14

#: After these the next request was sent at once, before the jobs were done.
UNSETTLED = frozenset({"jobs/07-start-force", "libraries/09-scan"})

#: Pictures that are put aside, by id; one set per replay.
_aside: dict[int, dict[str, tuple[Asset, list[Face]]]] = {}


def begin(*areas: str) -> Setup:
    """Leave of the sample pictures only those that come up in these areas."""

    async def setup(replay: Replay) -> None:
        wanted = {
            asset_id
            for sample in replay.recorder.samples
            if sample.area in areas
            for asset_id in UUID.findall(repr((sample.request, sample.response["body"])))
        }
        state = replay.immich.state
        aside = _aside.setdefault(id(state), {})
        for asset in list(state.assets.values()):
            name = asset.original_file_name
            if name.startswith("sample_") and name != "sample_unseen.jpg" and asset.id not in wanted:
                aside[asset.id] = asset, list(state.faces_of_asset.get(asset.id, {}).values())
                state.remove_asset(asset.id)
        for asset_id in wanted & aside.keys():
            asset, faces = aside.pop(asset_id)
            bring_back(state, asset)
            for face in faces:
                state.put_face(face)

    return setup


def bring_back(state: State, asset: Asset) -> None:
    """Put a removed asset in again as it was; it is in no album and no stack any more."""
    known = {"id", "owner_id", "original_file_name", "file_created_at", "stack_id"}
    values: dict[str, Any] = {
        each.name: getattr(asset, each.name) for each in fields(asset) if each.name not in known
    }
    state.add_asset(
        state.users[asset.owner_id],
        asset.original_file_name,
        id=asset.id,
        taken=asset.file_created_at,
        **values,
    )


def place(state: State, asset_id: str, where: Place) -> None:
    """Say where a picture was taken."""
    if asset_id in state.assets:
        state.update_exif(
            state.assets[asset_id],
            city=where.city,
            state=where.state,
            country=where.country,
            latitude=where.latitude,
            longitude=where.longitude,
        )


def album(state: State, album_id: str, assets: Iterable[str], *members: str) -> None:
    """Make an album of the admin with an id, some assets and editors, or fill a known one."""
    if album_id not in state.albums:
        state.add_album(state.users[ADMIN], "Sample", id=album_id)
    found: Album = state.albums[album_id]
    found.members |= dict.fromkeys(members, Role.EDITOR)
    for asset_id in list(found.assets):
        state.take_from_album(found, asset_id)
    for asset_id in assets:
        state.put_in_album(found, asset_id)
        found.thumbnail_asset_id = found.thumbnail_asset_id or asset_id


async def search(replay: Replay) -> None:
    """Tell where the pictures of the search were taken, and with what."""
    await begin("search")(replay)
    state = replay.immich.state
    place(state, ROMAN, ROME)
    place(state, SEEN_ALWAYS, REYKJAVIK)
    place(state, VIENNA_1, VIENNA)
    lone = next(asset for asset in state.assets.values() if asset.original_file_name == "big_0000.jpg")
    place(state, lone.id, TOKYO)
    state.update_exif(state.assets[ROMAN], make="SampleCam", model="S2", lens_model="50mm F1.8")
    group = state.new_id()
    for asset in sorted(state.assets.values(), key=lambda each: each.created_at)[-LATEST:]:
        # The latest uploads of the recording had been read and compared.
        asset.duplicate_id = group
        state.update_exif(
            asset,
            make="Canon",
            model="EOS R5",
            date_time_original=asset.file_created_at,
        )
    tag = Tag(
        id="d9f6c670-4345-4fb0-83cb-371ec0fc74a6",
        user_id=ADMIN,
        value="sample-search",
        created_at=state.now(),
        updated_at=state.now(),
    )
    state.tags[tag.id] = tag
    for asset_id in (VIENNA_1, VIENNA_2):
        state.assets[asset_id].tag_ids = [tag.id]
    album(state, "362c1e4d-c541-4749-918f-e35ca2fcf2e8", [ROMAN, VIENNA_1])
    album(state, "27fe9110-860f-4e7f-bbfe-36b1002d51dd", [VIENNA_1])


async def forget_memories(replay: Replay) -> None:
    """Remove the memories that were made by hand, and go to the day of the recordings: pictures are of that day."""
    replay.immich.state.memories.clear()
    replay.immich.state.clock.set(datetime(2026, 11, 23, 19, 44, tzinfo=UTC), frozen=False)


async def people(replay: Replay) -> None:
    """Let everybody be seen often enough to be listed."""
    await begin("people")(replay)
    state = replay.immich.state
    photos = [a for a in state.assets.values() if a.original_file_name.startswith("big_")]
    state.people[SAMPLE].name = ""
    for person in state.people.values():
        for asset in photos[:4]:
            if person.owner_id == ADMIN:
                state.add_face(asset, person, (1, 1, 9, 9))


def person(**changes: Any) -> Setup:
    """Change somebody."""

    async def setup(replay: Replay) -> None:
        for name, value in changes.items():
            setattr(replay.immich.state.people[SAMPLE], name, value)

    return setup


async def tags(replay: Replay) -> None:
    """Start without tags."""
    await begin("tags")(replay)
    replay.immich.state.tags.clear()
    for asset in replay.immich.state.assets.values():
        asset.tag_ids = []


async def timeline(replay: Replay) -> None:
    """Stack three pictures and archive a fourth."""
    await begin("timeline", "map", "stacks", "partners")(replay)
    state = replay.immich.state
    archived = add(replay, "sample_tl_arch.jpg", "5cd2bd45-f3b1-4a37-89f3-b6c197dd6f2d")
    when = moment("2018-08-01T10:00:00Z")
    state.update_asset(
        archived,
        file_created_at=when,
        local_date_time=when,
        visibility=Visibility.ARCHIVE,
        width=640,
        height=480,
        thumbhash="3mYCBYAEjTegfEWjKMtilCXCoN3z",
        processed=True,
    )
    state.stacks[STACK] = Stack(
        id=STACK, owner_id=ADMIN, primary_asset_id=STACKED[0], asset_ids=list(STACKED)
    )
    state.update_asset(state.assets[FAVORITE], is_favorite=True)
    for asset_id in STACKED:
        state.assets[asset_id].stack_id = STACK


async def links(replay: Replay) -> None:
    """Put two pictures into the album that is shared."""
    await begin("shared-links")(replay)
    album(
        replay.immich.state,
        "d93aa572-3282-433c-9e1a-3e235f9a23ba",
        ["3e031974-36f7-4809-97b5-ccddf9c1a6fa", "68ea329f-f610-4f31-ab14-c0dc8d37dc4c"],
    )


async def activities(replay: Replay) -> None:
    """Share an album for the comments."""
    await begin("activities")(replay)
    album(
        replay.immich.state,
        "c4bd4e89-0130-4a9b-a3da-78c644227f59",
        ["50465a10-4b57-4411-a438-7b4f15fffbff"],
        USER,
    )


def change(how: Callable[[State], None]) -> Setup:
    """Change the library."""

    async def setup(replay: Replay) -> None:
        how(replay.immich.state)

    return setup


def _no_comments(state: State) -> None:
    state.albums["c4bd4e89-0130-4a9b-a3da-78c644227f59"].is_activity_enabled = False


def _one_waits(state: State) -> None:
    state.queues["thumbnailGeneration"].paused = 1


BEFORE: dict[str, Setup] = {
    "search/01-metadata-empty": search,
    "search/118-person": person(name="Anna Sample"),
    "memories/01-list-empty": begin("memories"),
    "memories/30-generate-job": forget_memories,
    "people/01-list": people,
    "people/21-update-favorite": person(birth_date=moment("1990-05-17T00:00:00Z").date()),
    "tags/01-create": tags,
    "timeline/01-buckets": timeline,
    "shared-links/01-create-album": links,
    "activities/01-create-comment": activities,
    "activities/14-create-disabled": change(_no_comments),
    "queues/05-get-paused-with-work": change(_one_waits),
}
