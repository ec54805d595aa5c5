"""The JSON of users, assets, people and tags, release by release."""

from base64 import b64encode
from datetime import timedelta
from typing import Any, Literal

from .dates import day, micros, micros_or_none, millis, millis_or_none
from .dialect import Dialect
from .models import Asset, Exif, Person, Tag, User
from .state import State

type PeopleView = Literal["empty", "full"] | None


def number(value: float | None) -> float | int | None:
    """Drop the fraction of whole numbers, as JavaScript does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def user(each: User) -> dict[str, Any]:
    """Write a user as other users see it."""
    return _user(each, millis(each.profile_changed_at))


def user_nested(each: User) -> dict[str, Any]:
    """Write a user inside an album or asset: only the date is spelled otherwise."""
    return _user(each, micros(each.profile_changed_at))


def _user(each: User, changed: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "email": each.email,
        "name": each.name,
        "profileImagePath": each.profile_image_path,
        "avatarColor": each.avatar_color,
        "profileChangedAt": changed,
    }


def user_admin(state: State, each: User, dialect: Dialect) -> dict[str, Any]:
    """Write a user as that user or an administrator sees it, with the quota."""
    body = {
        **user(each),
        "storageLabel": each.storage_label,
        "shouldChangePassword": each.should_change_password,
        "isAdmin": each.is_admin,
        "createdAt": millis(each.created_at),
        "deletedAt": millis_or_none(each.deleted_at),
        "updatedAt": millis(each.updated_at),
        "oauthId": each.oauth_id,
        "quotaSizeInBytes": each.quota_size,
        "quotaUsageInBytes": state.usage(each.id),
        "status": each.status,
        "license": each.license,
    }
    if dialect.version.at_least("3.2.0"):
        body["clusterGroupId"] = each.cluster_group_id or each.id
    return body


def exif_info(values: Exif) -> dict[str, Any]:
    """Write the exifInfo of an asset."""
    return {
        "make": values.make,
        "model": values.model,
        "exifImageWidth": values.width,
        "exifImageHeight": values.height,
        "fileSizeInByte": values.file_size,
        "orientation": values.orientation,
        "dateTimeOriginal": micros_or_none(values.date_time_original),
        "modifyDate": micros_or_none(values.modify_date),
        "timeZone": values.time_zone,
        "lensModel": values.lens_model,
        "fNumber": number(values.f_number),
        "focalLength": number(values.focal_length),
        "iso": values.iso,
        "exposureTime": values.exposure_time,
        "latitude": number(values.latitude),
        "longitude": number(values.longitude),
        "city": values.city,
        "state": values.state,
        "country": values.country,
        "description": values.description,
        "projectionType": values.projection_type,
        "rating": values.rating,
    }


def duration(dialect: Dialect, each: Asset) -> int | str | None:
    """Write the length: milliseconds or null since 3.0, a text before."""
    if dialect.strict:
        return each.duration
    if each.duration is None:
        return "0:00:00.00000"
    seconds, rest = divmod(each.duration, 1000)
    return f"{timedelta(seconds=seconds)}.{rest:03d}00"


def person(dialect: Dialect, each: Person, *, nested: bool = False) -> dict[str, Any]:
    """Write a person; inside an asset the date is spelled by the database."""
    body: dict[str, Any] = {
        "id": each.id,
        "name": each.name,
        "birthDate": None if each.birth_date is None else day(each.birth_date),
        "thumbnailPath": person_thumbnail_path(each),
        "isHidden": each.is_hidden,
        "isFavorite": each.is_favorite,
        "updatedAt": (micros if nested else millis)(each.updated_at),
    }
    if each.color is not None:
        body["color"] = each.color
    if dialect.version.at_least("3.3.0"):
        body |= {"sharedBy": [], "sharedWith": [], "otherPeople": []}
    return body


def person_thumbnail_path(each: Person) -> str:
    """Return where the server keeps the picture of a face, empty if it has none."""
    if each.thumbnail is None:
        return ""
    return f"/data/thumbs/{each.owner_id}/{each.id[:2]}/{each.id[2:4]}/{each.id}.jpeg"


def tag(each: Tag, *, nested: bool = False) -> dict[str, Any]:
    """Write a tag; inside an asset the dates are spelled by the database."""
    spell = micros if nested else millis
    body: dict[str, Any] = {
        "id": each.id,
        "name": each.name,
        "value": each.value,
        "createdAt": spell(each.created_at),
        "updatedAt": spell(each.updated_at),
    }
    if each.parent_id is not None:
        body["parentId"] = each.parent_id
    if each.color is not None:
        body["color"] = each.color
    return body


def asset(
    dialect: Dialect,
    state: State,
    each: Asset,
    viewer_id: str | None,
    *,
    exif: bool = False,
    people: PeopleView = None,
    tags: bool = False,
    owner: bool = False,
    stack: bool = False,
    nested_dates: bool = False,
) -> dict[str, Any]:
    """Write an asset for a viewer.

    ``people`` is left out, an empty list, or filled; ``nested_dates`` spells dates as
    memories, stacks, duplicates and shared links do. Assets of other users show
    neither people nor favourites.
    """
    spell = micros if nested_dates else millis
    mine = each.owner_id == viewer_id
    body: dict[str, Any] = {"id": each.id}
    if dialect.version.at_least("1.140.0"):
        body["createdAt"] = spell(each.created_at)
    if not dialect.strict:
        body["deviceAssetId"] = each.device_asset_id or each.original_file_name
        body["deviceId"] = each.device_id or "WEB"
    body["ownerId"] = each.owner_id
    if owner:
        body["owner"] = user_nested(state.users[each.owner_id])
    body |= {
        "libraryId": each.library_id,
        "type": each.type.value,
        "originalPath": each.original_path,
        "originalFileName": each.original_file_name,
        "originalMimeType": each.mime_type,
        "thumbhash": each.thumbhash,
        "fileCreatedAt": spell(each.file_created_at),
        "fileModifiedAt": spell(each.file_modified_at),
        "localDateTime": spell(each.local_date_time),
        "updatedAt": spell(each.updated_at),
        "isFavorite": each.is_favorite and mine,
        "isArchived": each.visibility.value == "archive",
        "isTrashed": each.is_trashed,
        "visibility": each.visibility.value,
        "duration": duration(dialect, each),
    }
    if exif:
        body["exifInfo"] = exif_info(each.exif)
    body["livePhotoVideoId"] = each.live_photo_video_id
    if tags:
        body["tags"] = [tag(state.tags[tag_id], nested=True) for tag_id in each.tag_ids]
    if people is not None:
        body["people"] = _people(dialect, state, each) if people == "full" and mine else []
    if people == "full" and not dialect.strict:
        body["unassignedFaces"] = _faces(state, each, None) if mine else []
    body["checksum"] = b64(each.checksum)
    if stack:
        body["stack"] = _stack(state, each)
    body |= {
        "isOffline": each.is_offline,
        "hasMetadata": True,
        "duplicateId": each.duplicate_id,
        "resized": True,
    }
    if dialect.version.at_least("2.5.0"):
        body |= {"width": each.width, "height": each.height, "isEdited": each.is_edited}
    return body


def asset_without_metadata(dialect: Dialect, each: Asset) -> dict[str, Any]:
    """Write what a public link without metadata shows of an asset."""
    body: dict[str, Any] = {
        "id": each.id,
        "type": each.type.value,
        "originalMimeType": each.mime_type,
        "thumbhash": each.thumbhash,
        "localDateTime": millis(each.local_date_time),
        "duration": duration(dialect, each),
        "livePhotoVideoId": each.live_photo_video_id,
        "hasMetadata": False,
    }
    if dialect.version.at_least("2.5.0"):
        body |= {"width": each.width, "height": each.height}
    return body


def b64(value: bytes) -> str:
    """Write bytes in base64."""
    return b64encode(value).decode()


def _people(dialect: Dialect, state: State, each: Asset) -> list[dict[str, Any]]:
    people = []
    for who in state.people_of_asset(each.id):
        body = person(dialect, who, nested=True)
        if not dialect.strict:
            body["faces"] = _faces(state, each, who.id)
        people.append(body)
    return people


def _faces(state: State, each: Asset, person_id: str | None) -> list[dict[str, Any]]:
    return [
        {
            "id": face.id,
            "imageHeight": face.image_height,
            "imageWidth": face.image_width,
            "boundingBoxX1": face.x1,
            "boundingBoxX2": face.x2,
            "boundingBoxY1": face.y1,
            "boundingBoxY2": face.y2,
            "sourceType": face.source,
        }
        for face in state.faces_of_asset.get(each.id, {}).values()
        if face.person_id == person_id
    ]


def _stack(state: State, each: Asset) -> dict[str, Any] | None:
    if each.stack_id is None or each.stack_id not in state.stacks:
        return None
    found = state.stacks[each.stack_id]
    return {
        "id": found.id,
        "primaryAssetId": found.primary_asset_id,
        "assetCount": len(found.asset_ids),
    }
