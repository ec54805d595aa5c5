"""Filling a server with what the recordings take for granted, area by area.

The recording cleaned up behind itself: what was made for an area was gone in the
next. So things come when they are first mentioned, and go after their last mention.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
import json
from pathlib import Path
from typing import Any

from tests.fake_immich.models import Stack, Visibility
from tests.fake_immich.state import State

from .recorded import (
    ADMIN,
    BIG_ALBUM,
    LATER,
    UNKNOWN,
    USER,
    moment,
    put_album,
    put_asset,
    put_big_album,
    put_face,
    put_person,
    put_tag,
    put_unseen_asset,
    put_user,
)
from .samples import AREAS, UUID, Sample, events, objects

#: Names of things that were made for the recordings; others were there before and stay.
_PASSING = ("sample", "chunked")


def made_by_recordings(samples: Iterable[Sample]) -> set[str]:
    """Return the ids of what recorded requests made: those come about in the replay."""
    made: set[str] = set()
    known: set[str] = set()
    for sample in samples:
        known |= set(UUID.findall(json.dumps([sample.request["path"], sample.request["body"]])))
        body = sample.response["body"]
        makes = sample.response["status"] in (200, 201) and (
            sample.request["method"] == "POST" or sample.request["path"] == "/api/tags"
        )
        if makes and not sample.request["path"].startswith(("/api/search", "/api/download")):
            for each in body if isinstance(body, list) else [body]:
                if isinstance(each, dict):
                    found = {each.get("id", ""), each.get("apiKey", {}).get("id", "")}
                    made |= found - known
        known |= set(UUID.findall(json.dumps(body)))
    return made


class Recorder:
    """Knows what the recording server held, and when."""

    def __init__(self, samples: list[Sample], folder: Path) -> None:
        """Look through the recordings; files of assets go into ``folder``."""
        self.samples = samples
        self.folder = folder
        self.made = made_by_recordings(samples)
        bodies: list[Any] = [sample.response["body"] for sample in samples]
        self.seen = [
            each for body in [*bodies, events()] for each in objects(body) if isinstance(each.get("id"), str)
        ]
        self.first: dict[str, int] = {}
        self.last: dict[str, int] = {}
        for sample in samples:
            place = AREAS.index(sample.area)
            for each in UUID.findall(json.dumps([sample.request, sample.response["body"]])):
                self.first.setdefault(each, place)
                self.last[each] = place
        self._assets = self._richest_assets()
        self._faces = self._find_faces()
        self._tags = self._first_with("value", "name", "createdAt")
        self._albums = self._first_with("albumName", "albumUsers", "description")
        self._searches()

    def _first_with(self, *names: str) -> dict[str, dict[str, Any]]:
        """Return the first object by id that has all these members."""
        found: dict[str, dict[str, Any]] = {}
        for each in self.seen:
            if all(name in each for name in names) and each["id"] not in self.made:
                found.setdefault(each["id"], each)
        return found

    def _richest_assets(self) -> dict[str, dict[str, Any]]:
        """Return the first that is seen of each asset, with the EXIF from wherever it shows."""
        richest = self._first_with("originalFileName", "checksum", "ownerId", "originalPath")
        for each in self.seen:
            old = richest.get(each["id"])
            if old is not None and "exifInfo" in each and "exifInfo" not in old:
                richest[each["id"]] = {**each, **{n: old[n] for n in ("isTrashed", "visibility")}}
        return richest

    def _searches(self) -> None:
        """Learn from searches which assets lie in albums and carry tags that nothing else shows."""
        self._contents: dict[str, list[str]] = defaultdict(list)
        self._tagged: dict[str, list[str]] = defaultdict(list)
        for sample in self.samples:
            body, answer = sample.request["body"], sample.response["body"]
            if sample.area == "activities" and sample.response["status"] < 300:
                self._contents.setdefault((body or {}).get("albumId", UNKNOWN), [])
            if sample.request["path"] != "/api/search/metadata" or "assets" not in (answer or ()):
                continue
            found = [each["id"] for each in answer["assets"]["items"] if "id" in each]
            for name, target in (("albumIds", self._contents), ("tagIds", self._tagged)):
                for each in (body.get(name) or ()) if isinstance(body, dict) else ():
                    target[each] += [asset_id for asset_id in found if asset_id not in target[each]]

    def info(self, checksum: str) -> dict[str, Any] | None:
        """Return what an asset with this SHA-1 (base64) said of itself once it was processed."""
        for each in self.seen:
            if each.get("checksum") == checksum and each.get("exifInfo") and each["thumbhash"]:
                return each
        return None

    # -- coming and going

    def fill(self, state: State) -> None:
        """Put in what was there before the recording began."""
        state.settings.processing_delay = 0.03
        state.settings.deletion_delay = 0.1
        for user_id, each in self._first_with("email", "quotaSizeInBytes").items():
            if user_id in (ADMIN, USER):
                put_user(state, each)
        put_big_album(state)
        self._people(state)
        for asset_id, each in self._assets.items():
            if not each["originalFileName"].startswith(_PASSING):
                self._bring_asset(state, asset_id)
        for asset_id, each in self._first_with("lat", "lon", "city").items():
            if asset_id not in self._assets and self.first.get(asset_id) != self.last.get(asset_id):
                asset = put_unseen_asset(
                    state, self.folder, asset_id, ADMIN, name="seed.jpg", taken=moment("2024-06-01")
                )
                position = {"latitude": each["lat"], "longitude": each["lon"]}
                place = {name: each[name] for name in ("city", "state", "country")}
                state.update_exif(asset, **position, **place)

    def enter(self, state: State, area: str, names: Mapping[str, str]) -> None:
        """Take away what no later sample mentions, and bring what this area takes for granted.

        ``names`` maps recorded ids to those of the replay.
        """
        place = AREAS.index(area)
        self._leave(state, place, {ours: recorded for recorded, ours in names.items()})
        for asset_id in self._assets:
            if self.first.get(asset_id, 99) <= place <= self.last.get(asset_id, -1):
                self._bring_asset(state, asset_id)
        self._bring_buckets(state, area)
        self._bring_unseen(state, area)
        for tag_id, each in self._tags.items():
            if self.first.get(tag_id) == place:
                put_tag(state, each)
        self._bring_tagged(state, place)
        self._bring_stacks(state, place)

    def bring_album(self, state: State, album_id: str) -> None:
        """Put in an album that no request made, when it is first mentioned."""
        if album_id in state.albums or album_id == BIG_ALBUM:
            return
        each = self._albums.get(album_id)
        if each is None:
            each = {
                "id": album_id,
                "albumName": "Sample unseen",
                "description": "",
                "createdAt": None,
                "updatedAt": None,
                "albumUsers": [],
                "assetCount": 0,
            }
        put_album(state, each, self._contents.get(album_id, ()))

    def album_ids(self) -> set[str]:
        """Return the ids of the albums that recorded requests did not make."""
        return (self._albums.keys() | self._contents.keys()) - self.made - {UNKNOWN}

    def _bring_asset(self, state: State, asset_id: str) -> None:
        each = self._assets[asset_id]
        if asset_id in state.assets or asset_id in LATER or each["ownerId"] not in state.users:
            return
        put_asset(state, self.folder, each, self.info(each["checksum"]))
        for (shown, person_id), face in self._faces.items():
            if shown == asset_id and person_id in state.people:
                put_face(state, asset_id, person_id, face)

    def _leave(self, state: State, place: int, recorded: Mapping[str, str]) -> None:
        def gone(own: str) -> bool:
            return self.last.get(recorded.get(own, own), -1) < place

        for asset in list(state.assets.values()):
            if asset.original_file_name.lower().startswith(_PASSING) and gone(asset.id):
                state.remove_asset(asset.id)
        for album in list(state.albums.values()):
            if album.name.startswith("Sample") and gone(album.id):
                state.remove_album(album.id)
        for tag in list(state.tags.values()):
            if gone(tag.id):
                del state.tags[tag.id]
                for asset in state.assets.values():
                    if tag.id in asset.tag_ids:
                        asset.tag_ids.remove(tag.id)

    def _find_faces(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the faces by asset and person, with their boxes where an answer shows them."""
        faces: dict[tuple[str, str], dict[str, Any]] = {
            (each["id"], person["id"]): {}
            for each in self.seen
            for person in each.get("people") or ()
            if isinstance(person, dict) and "id" in person
        }
        for sample in self.samples:
            if sample.request["path"] == "/api/faces" and isinstance(sample.response["body"], list):
                asset_id = sample.request["query"].get("id", "")
                for face in sample.response["body"]:
                    if face.get("person"):
                        faces[asset_id, face["person"]["id"]] = face
        return faces

    def _people(self, state: State) -> None:
        for each in self._first_with("birthDate", "thumbnailPath", "isHidden").values():
            put_person(state, each)
        big = list(state.albums[BIG_ALBUM].assets)
        for number, person_id in enumerate(state.people):
            # People without names are listed from three faces on.
            for asset_id in big[10 * number : 10 * number + 4]:
                put_face(state, asset_id, person_id, {})

    def _bring_buckets(self, state: State, area: str) -> None:
        """Put in assets of which only the columns of a time bucket are known."""
        for sample in self.samples:
            body = sample.response["body"]
            if sample.area != area or not isinstance(body, dict) or "fileCreatedAt" not in body:
                continue
            for row, asset_id in enumerate(body["id"]) if isinstance(body["id"], list) else ():
                if asset_id in state.assets or not isinstance(asset_id, str):
                    continue
                asset = put_unseen_asset(
                    state,
                    self.folder,
                    asset_id,
                    body["ownerId"][row],
                    taken=moment(body["fileCreatedAt"][row]),
                    visibility=Visibility(body["visibility"][row]),
                    is_favorite=body["isFavorite"][row],
                )
                if body.get("city", [None] * (row + 1))[row] == "Vienna":
                    position = {"latitude": 48.2082, "longitude": 16.3738}
                    state.update_exif(asset, city="Vienna", country="Austria", **position)

    def _bring_unseen(self, state: State, area: str) -> None:
        """Put in assets that requests name and no answer shows."""
        for sample in self.samples:
            body = sample.request["body"]
            if sample.area != area or sample.response["status"] >= 300 or not isinstance(body, dict):
                continue
            named = {*(body.get("assetIds") or ()), body.get("assetId")} - {None}
            if sample.request["path"].startswith(("/api/albums", "/api/assets", "/api/tags")):
                named |= {*(body.get("ids") or ())}
            owner = USER if "non-admin" in sample.request["auth"] else ADMIN
            for asset_id in named - self.made - state.assets.keys() - LATER - {UNKNOWN}:
                put_unseen_asset(state, self.folder, asset_id, owner)

    def _bring_tagged(self, state: State, place: int) -> None:
        for tag_id, asset_ids in self._tagged.items():
            if self.first.get(tag_id) != place or tag_id in state.tags or not asset_ids:
                continue
            times = {"createdAt": None, "updatedAt": None}
            put_tag(state, {"id": tag_id, "value": f"sample {len(state.tags)}", **times})
            for asset_id in asset_ids:
                state.assets[asset_id].tag_ids.append(tag_id)

    def _bring_stacks(self, state: State, place: int) -> None:
        for stack_id, each in self._first_with("primaryAssetId", "assets").items():
            if self.first.get(stack_id) != place or stack_id in state.stacks:
                continue
            found = [asset["id"] for asset in each["assets"] if asset.get("id") in state.assets]
            state.stacks[stack_id] = Stack(
                id=stack_id,
                owner_id=ADMIN,
                primary_asset_id=each["primaryAssetId"],
                asset_ids=found,
            )
            for asset_id in found:
                state.assets[asset_id].stack_id = stack_id
