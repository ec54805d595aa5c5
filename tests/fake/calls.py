"""A tour through the server: one call of nearly everything that answers JSON."""

from typing import Any

from tests.fake_immich.models import AssetType, Role
from tests.fake_immich.state import State

#: A method, a path with placeholders, and the body or query.
type Call = tuple[str, str, dict[str, Any]]


def names(state: State) -> dict[str, str]:
    """Return the ids that stand for the placeholders of the tour."""
    admin = next(user for user in state.users.values() if user.is_admin)
    other = next(user for user in state.users.values() if not user.is_admin)
    album = next(each for each in state.albums.values() if each.owner_id == admin.id and each.assets)
    mine = [each for each in state.assets.values() if each.owner_id == admin.id]
    asset = next(each for each in mine if each.type is AssetType.IMAGE and not each.is_trashed)
    shared = next(
        (
            each
            for each in state.albums.values()
            if len(each.members) > 1 and each.members.get(admin.id) is Role.OWNER
        ),
        album,
    )
    return {
        "admin": admin.id,
        "user": other.id,
        "album": album.id,
        "shared": shared.id,
        "lonely": state.add_album(admin, "Lonely").id,
        "asset": asset.id,
        "second": next(each.id for each in mine if each is not asset and not each.is_trashed),
        "person": next(iter(state.people)),
        "tag": next(iter(state.tags)),
        "key": next(iter(state.api_keys)),
    }


#: Calls that change nothing; the third member is the query.
READS: tuple[Call, ...] = (
    ("GET", "server/ping", {}),
    ("GET", "server/version", {}),
    ("GET", "server/about", {}),
    ("GET", "server/config", {}),
    ("GET", "server/features", {}),
    ("GET", "server/storage", {}),
    ("GET", "server/statistics", {}),
    ("GET", "server/version-check", {}),
    ("GET", "server/version-history", {}),
    ("GET", "server/media-types", {}),
    ("GET", "server/apk-links", {}),
    ("GET", "system-metadata/admin-onboarding", {}),
    ("GET", "users", {}),
    ("GET", "users/me", {}),
    ("GET", "users/me/preferences", {}),
    ("GET", "users/me/onboarding", {}),
    ("GET", "users/{user}", {}),
    ("GET", "admin/users", {}),
    ("GET", "admin/users/{user}", {}),
    ("GET", "admin/users/{user}/preferences", {}),
    ("GET", "admin/users/{user}/statistics", {}),
    ("GET", "api-keys", {}),
    ("GET", "api-keys/{key}", {}),
    ("GET", "auth/status", {}),
    ("GET", "sessions", {}),
    ("GET", "albums", {}),
    ("GET", "albums/statistics", {}),
    ("GET", "albums/{album}", {}),
    ("GET", "albums/{shared}", {}),
    ("GET", "assets/statistics", {}),
    ("GET", "assets/{asset}", {}),
    ("GET", "people", {}),
    ("GET", "people/{person}", {}),
    ("GET", "people/{person}/statistics", {}),
    ("GET", "faces", {"id": "{asset}"}),
    ("GET", "tags", {}),
    ("GET", "tags/{tag}", {}),
    ("GET", "memories", {}),
    ("GET", "memories/statistics", {}),
    ("GET", "timeline/buckets", {}),
    ("GET", "map/markers", {}),
    ("GET", "search/cities", {}),
    ("GET", "search/explore", {}),
    ("GET", "search/suggestions", {"type": "city"}),
    ("GET", "search/places", {"name": "Vienna"}),
    ("GET", "search/person", {"name": "a"}),
    ("GET", "view/folder/unique-paths", {}),
    ("GET", "stacks", {}),
    ("GET", "duplicates", {}),
    ("GET", "partners", {"direction": "shared-by"}),
    ("GET", "shared-links", {}),
    ("GET", "notifications", {}),
    ("GET", "activities", {"albumId": "{album}"}),
    ("GET", "activities/statistics", {"albumId": "{album}"}),
    ("GET", "jobs", {}),
    ("GET", "libraries", {}),
    ("GET", "system-config", {}),
)

#: Calls that change something; the third member is the body.
WRITES: tuple[Call, ...] = (
    ("POST", "auth/validateToken", {}),
    ("POST", "albums", {"albumName": "New", "assetIds": ["{asset}"]}),
    ("PATCH", "albums/{album}", {"description": "changed"}),
    ("PUT", "albums/{album}/assets", {"ids": ["{asset}", "{second}"]}),
    ("DELETE", "albums/{album}/assets", {"ids": ["{second}"]}),
    ("PUT", "albums/{lonely}/users", {"albumUsers": [{"userId": "{user}", "role": "viewer"}]}),
    ("PUT", "albums/{lonely}/user/{user}", {"role": "editor"}),
    ("DELETE", "albums/{lonely}/user/{user}", {}),
    ("PUT", "assets/{asset}", {"isFavorite": True, "description": "x"}),
    ("PUT", "assets", {"ids": ["{asset}"], "isFavorite": False}),
    ("POST", "assets/bulk-upload-check", {"assets": [{"id": "a", "checksum": "0" * 40}]}),
    ("POST", "assets/jobs", {"assetIds": ["{asset}"], "name": "refresh-metadata"}),
    ("POST", "search/metadata", {"size": 5, "withExif": True, "withPeople": True}),
    ("POST", "search/random", {"size": 2}),
    ("POST", "search/statistics", {"visibility": "timeline"}),
    ("POST", "search/smart", {"query": "sea"}),
    ("PUT", "users/me", {"name": "Renamed"}),
    ("PUT", "admin/users/{user}", {"quotaSizeInBytes": 1000000}),
    ("POST", "api-keys", {"name": "n", "permissions": ["album.read"]}),
    ("PUT", "tags", {"tags": ["one/two"]}),
    ("PUT", "tags/assets", {"tagIds": ["{tag}"], "assetIds": ["{asset}"]}),
    ("PUT", "people/{person}", {"name": "Somebody"}),
    ("POST", "shared-links", {"type": "INDIVIDUAL", "assetIds": ["{asset}"], "allowUpload": False}),
    ("POST", "stacks", {"assetIds": ["{asset}", "{second}"]}),
    ("POST", "download/info", {"assetIds": ["{asset}"]}),
    ("POST", "activities", {"albumId": "{album}", "type": "like"}),
    ("POST", "partners/{user}", {}),
    ("POST", "jobs", {"name": "person-cleanup"}),
    ("DELETE", "assets", {"ids": ["{second}"], "force": False}),
    ("POST", "trash/restore/assets", {"ids": ["{second}"]}),
    ("POST", "trash/restore", {}),
    ("POST", "trash/empty", {}),
    ("DELETE", "albums/{album}", {}),
)

#: Calls that only later releases know, with the first of them.
LATER: tuple[tuple[str, Call], ...] = (
    ("1.139.0", ("GET", "api-keys/me", {})),
    ("1.139.0", ("PUT", "albums/assets", {"albumIds": ["{shared}"], "assetIds": ["{asset}"]})),
    ("1.140.0", ("GET", "assets/{asset}/metadata", {})),
    (
        "1.140.0",
        ("PUT", "assets/{asset}/metadata", {"items": [{"key": "mobile-app", "value": {"a": 1}}]}),
    ),
    ("2.2.0", ("GET", "assets/{asset}/ocr", {})),
    ("2.4.0", ("GET", "queues", {})),
    ("2.5.0", ("GET", "assets/{asset}/edits", {})),
    ("2.5.0", ("GET", "admin/maintenance/status", {})),
    ("3.0.0", ("GET", "users/me/calendar-heatmap", {})),
    ("3.0.0", ("GET", "albums/{shared}/map-markers", {})),
    ("3.0.0", ("PATCH", "assets/{asset}", {"isFavorite": True})),
    ("3.2.0", ("GET", "config", {})),
    ("3.2.0", ("GET", "public/config", {})),
    ("3.2.0", ("GET", "admin/config", {})),
    ("3.2.0", ("POST", "api-keys/{key}/rotate", {})),
)


def filled(value: Any, ids: dict[str, str]) -> Any:
    """Put ids in the place of placeholders."""
    if isinstance(value, str):
        return value.format(**ids) if "{" in value else value
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    if isinstance(value, dict):
        return {name: filled(each, ids) for name, each in value.items()}
    return value
