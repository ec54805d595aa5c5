"""What a search may ask for, and which assets answer it.

The flat filter fields of Immich 1.137 to 3.3: one table of rules for all
search routes, one function that turns the checked values into a test.
"""

from base64 import b64decode
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
import unicodedata

from .access import album_for
from .answers import bad_request
from .context import Context
from .models import Asset, AssetType, Visibility
from .rules import Boolean, Choice, Moment, Number, Text, Uuid
from .state import State
from .validate import Array, Member, Obj, optional

type Test = Callable[[Asset], bool]

_TYPES = [each.value for each in AssetType]
_VISIBILITIES = [each.value for each in Visibility]

#: Exact texts of the EXIF data; null asks for assets without any.
_EXACT = {
    "city": "city",
    "state": "state",
    "country": "country",
    "make": "make",
    "model": "model",
    "lensModel": "lens_model",
}

#: Pairs of ends, the moment they look at, both ends included (seen on 3.1.0).
_TIMES: dict[str, str] = {
    "taken": "file_created_at",
    "created": "created_at",
    "updated": "updated_at",
    "trashed": "trashed_at",
}


def filter_rules(*, strict: bool, names_files: bool = False) -> dict[str, Member]:
    """Return the rules of the filter fields, in the order of complaints.

    `names_files` adds what only `search/metadata` knows.
    """
    text = optional(Text(), nullable=True)
    rating = (
        Number(minimum=1, maximum=5, whole=True) if strict else Number(minimum=-1, maximum=5, convert=True)
    )
    rules: dict[str, Member] = {
        "libraryId": optional(Uuid(), nullable=True),
        "type": optional(Choice(_TYPES)),
        "isEncoded": optional(Boolean()),
        "isFavorite": optional(Boolean()),
        "isMotion": optional(Boolean()),
        "isOffline": optional(Boolean()),
        "isNotInAlbum": optional(Boolean()),
        "visibility": optional(Choice(_VISIBILITIES)),
        "createdBefore": optional(Moment()),
        "createdAfter": optional(Moment()),
        "updatedBefore": optional(Moment()),
        "updatedAfter": optional(Moment()),
        "trashedBefore": optional(Moment()),
        "trashedAfter": optional(Moment()),
        "takenBefore": optional(Moment()),
        "takenAfter": optional(Moment()),
        "city": text,
        "state": text,
        "country": text,
        "make": text if strict else optional(Text()),
        "model": text,
        "lensModel": text,
        "albumIds": optional(Array(Uuid())),
        "personIds": optional(Array(Uuid())),
        "tagIds": optional(Array(Uuid()), nullable=True),
        "rating": optional(rating, nullable=True),
        "ocr": optional(Text()),
        "withDeleted": optional(Boolean()),
        "withExif": optional(Boolean()),
        "withPeople": optional(Boolean()),
        "withStacked": optional(Boolean()),
        "description": optional(Text()),
        "size": optional(Number(minimum=1, maximum=1000, whole=True, convert=True)),
        "page": optional(Number(minimum=1, whole=True, convert=True)),
    }
    if not strict:
        rules["deviceId"] = optional(Text())
    if names_files:
        rules |= {
            "id": optional(Uuid()),
            "checksum": optional(Text()),
            "originalFileName": optional(Text()),
            "originalPath": optional(Text()),
            "previewPath": optional(Text()),
            "thumbnailPath": optional(Text()),
            "encodedVideoPath": optional(Text()),
            "order": optional(Choice(["asc", "desc"])),
        }
        if not strict:
            rules["deviceAssetId"] = optional(Text())
    return rules


def filter_body(
    ctx: Context, more: Mapping[str, Member] | None = None, *, names_files: bool = False
) -> dict[str, Any]:
    """Check the body of a search and return its fields; `more` are those of one route alone."""
    strict = ctx.dialect.strict
    structured = {"filter", "orderBy", "cursor"}
    if ctx.dialect.version.at_least("3.2.0") and isinstance(ctx.json, dict) and structured & ctx.json.keys():
        # Dropping them without a word would widen the search.
        raise bad_request("This server does not know structured searches")
    return ctx.body(Obj({**filter_rules(strict=strict, names_files=names_files), **(more or {})}))


def matching(
    ctx: Context,
    values: dict[str, Any],
    *,
    whole_albums: bool = False,
    ascending: bool = False,
) -> Iterator[Asset]:
    """Yield the assets that fit, newest first unless `ascending`.

    One's own and those of partners who show in the timeline. `whole_albums`
    opens the named albums with everybody's assets, as `search/metadata` does
    since 3.0; no access to one of them is a 400.
    """
    state = ctx.state
    album_ids = values.get("albumIds") or []
    if whole_albums and album_ids:
        albums = [album_for(ctx, album_id, "album.read") for album_id in album_ids]
        least = min(albums, key=lambda album: len(album.assets))
        pool: Iterable[Asset] = sorted(
            (state.assets[asset_id] for asset_id in least.assets),
            key=lambda asset: (asset.file_created_at, asset.id),
            reverse=not ascending,
        )
        tests: list[Test] = []
    else:
        by_date = state.assets_by_date()
        pool = reversed(by_date) if ascending else by_date
        owners = {ctx.user.id} | state.partners_of(ctx.user.id, in_timeline=True)
        me = ctx.user.id
        tests = [lambda asset: asset.owner_id == me or _shown(asset, owners)]
    tests += _tests(ctx, values)
    return (asset for asset in pool if all(test(asset) for test in tests))


def _shown(asset: Asset, owners: set[str]) -> bool:
    """Tell whether a partner's asset shows."""
    return asset.owner_id in owners and asset.visibility is Visibility.TIMELINE


def _tests(ctx: Context, values: dict[str, Any]) -> list[Test]:
    """Return one test per field that came."""
    state = ctx.state
    tests: list[Test] = [_visible(ctx, values)]
    with_trash = (
        values.get("withDeleted")
        or "trashedAfter" in values
        or "trashedBefore" in values
        or values.get("isOffline")
    )
    if not with_trash:
        tests.append(lambda asset: asset.trashed_at is None)
    tests += _time_tests(values)
    tests += _exif_tests(values, strict=ctx.dialect.strict)
    tests += _kind_tests(state, values)
    tests += _id_tests(state, values)
    tests += _file_tests(values)
    return tests


def _visible(ctx: Context, values: dict[str, Any]) -> Test:
    """Return the test of visibility; Immich 3 shows nearly everything unless asked."""
    if "visibility" in values:
        wanted = Visibility(values["visibility"])
        return lambda asset: asset.visibility is wanted
    if not ctx.dialect.strict:
        return lambda asset: asset.visibility is Visibility.TIMELINE
    if ctx.auth.elevated:
        return lambda asset: True
    return lambda asset: asset.visibility is not Visibility.LOCKED


def _time_tests(values: dict[str, Any]) -> list[Test]:
    tests: list[Test] = []
    for name, field in _TIMES.items():
        after, before = values.get(f"{name}After"), values.get(f"{name}Before")
        if after is not None:
            tests.append(_at_least(field, after))
        if before is not None:
            tests.append(_at_most(field, before))
    return tests


def _at_least(field: str, end: Any) -> Test:
    def test(asset: Asset) -> bool:
        value = getattr(asset, field)
        return value is not None and value >= end

    return test


def _at_most(field: str, end: Any) -> Test:
    def test(asset: Asset) -> bool:
        value = getattr(asset, field)
        return value is not None and value <= end

    return test


def _exif_tests(values: dict[str, Any], *, strict: bool) -> list[Test]:
    tests: list[Test] = []
    for name, field in _EXACT.items():
        if name in values:
            wanted = values[name]
            if wanted == "" and not strict and name != "make":
                # Before Immich 3 an empty text stood for null.
                wanted = None
            tests.append(_exif_equals(field, wanted))
    if "rating" in values:
        tests.append(_exif_equals("rating", values["rating"]))
    if description := values.get("description"):
        wanted = fold(description)
        tests.append(lambda asset: wanted in fold(asset.exif.description))
    return tests


def _exif_equals(field: str, wanted: Any) -> Test:
    return lambda asset: getattr(asset.exif, field) == wanted


def _kind_tests(state: State, values: dict[str, Any]) -> list[Test]:
    tests: list[Test] = []
    if "type" in values:
        kind = AssetType(values["type"])
        tests.append(lambda asset: asset.type is kind)
    if "isFavorite" in values:
        favorite = values["isFavorite"]
        tests.append(lambda asset: asset.is_favorite == favorite)
    if "isMotion" in values:
        motion = values["isMotion"]
        tests.append(lambda asset: (asset.live_photo_video_id is not None) == motion)
    if "isOffline" in values:
        offline = values["isOffline"]
        tests.append(lambda asset: asset.is_offline == offline)
    if "isEncoded" in values:
        encoded = values["isEncoded"]
        tests.append(lambda asset: _encoded(asset) == encoded)
    if values.get("isNotInAlbum") and not values.get("albumIds"):
        tests.append(lambda asset: not state.albums_of_asset.get(asset.id))
    if values.get("withStacked") is False:
        tests.append(lambda asset: asset.stack_id is None)
    return tests


def _encoded(asset: Asset) -> bool:
    """Tell whether there is a transcoded copy: only other containers than MP4 get one."""
    return asset.type is AssetType.VIDEO and asset.processed and asset.mime_type != "video/mp4"


def _id_tests(state: State, values: dict[str, Any]) -> list[Test]:
    tests: list[Test] = []
    tests += [_in_album(state, album_id) for album_id in values.get("albumIds") or []]
    tests += [_shows_person(state, person_id) for person_id in values.get("personIds") or []]
    if "tagIds" in values:
        if values["tagIds"] is None:
            tests.append(lambda asset: not asset.tag_ids)
        tests += [_carries_tag(state, tag_id) for tag_id in values["tagIds"] or []]
    if "libraryId" in values:
        library = values["libraryId"]
        tests.append(lambda asset: asset.library_id == library)
    if "id" in values:
        wanted = values["id"]
        tests.append(lambda asset: asset.id == wanted)
    return tests


def _in_album(state: State, album_id: str) -> Test:
    album = state.albums.get(album_id)
    members = album.assets if album is not None else {}
    return lambda asset: asset.id in members


def _carries_tag(state: State, tag_id: str) -> Test:
    family = tag_family(state, tag_id)
    return lambda asset: not family.isdisjoint(asset.tag_ids)


def _shows_person(state: State, person_id: str) -> Test:
    shown = {face.asset_id for face in state.faces.values() if face.person_id == person_id}
    return lambda asset: asset.id in shown


def tag_family(state: State, tag_id: str) -> set[str]:
    """Return the ids of a tag and of all tags below it; empty for an unknown one."""
    tag = state.tags.get(tag_id)
    if tag is None:
        return set()
    below = tag.value + "/"
    return {tag_id} | {
        each.id
        for each in state.tags.values()
        if each.user_id == tag.user_id and each.value.startswith(below)
    }


def _file_tests(values: dict[str, Any]) -> list[Test]:
    tests: list[Test] = []
    if "originalFileName" in values:
        name = fold(values["originalFileName"])
        tests.append(lambda asset: name in fold(asset.original_file_name))
    if "originalPath" in values:
        path = fold(values["originalPath"])
        tests.append(lambda asset: path in fold(asset.original_path))
    if "checksum" in values:
        wanted = checksum_bytes(values["checksum"])
        tests.append(lambda asset: asset.checksum == wanted)
    if ocr := values.get("ocr"):
        words = fold(ocr)
        tests.append(lambda asset: any(words in fold(line.get("text", "")) for line in asset.ocr))
    if device := values.get("deviceId"):
        tests.append(lambda asset: asset.device_id == device)
    if device_asset := values.get("deviceAssetId"):
        tests.append(lambda asset: asset.device_asset_id == device_asset)
    if {"previewPath", "thumbnailPath", "encodedVideoPath"} & values.keys():
        # Paths of generated files are never told, so nobody can know one.
        tests.append(lambda asset: False)
    return tests


def checksum_bytes(text: str) -> bytes:
    """Read a SHA-1 as Immich does: 28 characters are base64, anything else is hex."""
    try:
        return b64decode(text) if len(text) == 28 else bytes.fromhex(text)
    except ValueError, binascii.Error:
        return b""


def fold(text: str) -> str:
    """Drop case and accents, as the searches in names and texts do."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
