"""What a key may do, and which scopes each ability of ours needs.

Scopes are Immich's own permission names (`album.read`). A key has the list it was made with; `all` is everything.
From 1.139 on the server tells the list; before, refusals teach it, one by one.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

ALL: Final = "all"


class Ability(StrEnum):
    """Something the integration does that a key may be unable to do. The values are used in translations."""

    ACCOUNT = "account"
    ALBUM_COUNTS = "album_counts"
    ASSET_COUNTS = "asset_counts"
    FIND_ASSETS = "find_assets"
    VIEW_ASSETS = "view_assets"
    DOWNLOAD_ASSETS = "download_assets"
    BROWSE_FOLDERS = "browse_folders"
    PEOPLE = "people"
    TAGS = "tags"
    MEMORY_COUNTS = "memory_counts"
    MEMORIES = "memories"
    STORAGE = "storage"
    STATISTICS = "statistics"
    VERSION_CHECK = "version_check"
    QUEUES = "queues"
    UPLOAD = "upload"
    FIND_ALBUM = "find_album"
    CREATE_ALBUM = "create_album"
    ADD_TO_ALBUM = "add_to_album"
    REMOVE_FROM_ALBUM = "remove_from_album"
    UPDATE_ALBUM = "update_album"
    SHARE_ALBUM = "share_album"
    DELETE_ALBUM = "delete_album"
    CHANGE_ASSETS = "change_assets"
    DELETE_ASSETS = "delete_assets"
    TAG_ASSETS = "tag_assets"
    SHARE_LINKS = "share_links"
    WORKFLOWS = "workflows"


# Ability -> the scopes it needs, all of them (Immich API, 1.137 to 3.3).
SCOPES: Final[dict[Ability, tuple[str, ...]]] = {
    Ability.ACCOUNT: ("user.read",),
    Ability.ALBUM_COUNTS: ("album.statistics",),
    Ability.ASSET_COUNTS: ("asset.statistics",),
    Ability.FIND_ASSETS: ("asset.read",),
    Ability.VIEW_ASSETS: ("asset.view",),
    Ability.DOWNLOAD_ASSETS: ("asset.download",),
    # From 2.5 on; older servers want `all`.
    Ability.BROWSE_FOLDERS: ("folder.read",),
    Ability.PEOPLE: ("person.read",),
    Ability.TAGS: ("tag.read",),
    Ability.MEMORY_COUNTS: ("memory.statistics",),
    Ability.MEMORIES: ("memory.read",),
    Ability.STORAGE: ("server.storage",),
    Ability.STATISTICS: ("server.statistics",),
    Ability.VERSION_CHECK: ("server.versionCheck",),
    Ability.QUEUES: ("job.read",),
    Ability.UPLOAD: ("asset.upload",),
    Ability.FIND_ALBUM: ("album.read",),
    Ability.CREATE_ALBUM: ("album.create",),
    Ability.ADD_TO_ALBUM: ("albumAsset.create",),
    Ability.REMOVE_FROM_ALBUM: ("albumAsset.delete",),
    Ability.UPDATE_ALBUM: ("album.update",),
    Ability.SHARE_ALBUM: ("albumUser.create",),
    Ability.DELETE_ALBUM: ("album.delete",),
    Ability.CHANGE_ASSETS: ("asset.update",),
    Ability.DELETE_ASSETS: ("asset.delete",),
    Ability.TAG_ASSETS: ("tag.create", "tag.asset"),
    Ability.SHARE_LINKS: ("sharedLink.create", "sharedLink.read", "sharedLink.delete"),
    # From 2.3 on; what we make of them needs 3.0.
    Ability.WORKFLOWS: ("workflow.create", "workflow.read", "workflow.update", "workflow.delete"),
}

# Abilities that only an administrator's key can have, whatever its scopes.
ADMIN_ABILITIES: Final = frozenset({Ability.STATISTICS, Ability.QUEUES})


class KeyScopes:
    """The scopes of one key: told by the server, or learnt from refusals where it doesn't tell."""

    def __init__(self, told: Iterable[str] | None = None) -> None:
        """Start with the list that the server told, or with None where it tells nothing (before 1.139)."""
        self.told = None if told is None else frozenset(told)
        self.refused: set[str] = set()
        # Scope -> the one that this server's version wants in its place.
        self.instead: dict[str, str] = {}

    def has(self, scope: str) -> bool:
        """Whether calls that need `scope` are worth making: told so, or not refused so far."""
        if scope in self.refused:
            return False
        return self.told is None or ALL in self.told or scope in self.told

    def can(self, ability: Ability) -> bool:
        """Whether the key has all scopes that `ability` needs, as far as is known."""
        return all(self.has(scope) for scope in self._needed(ability))

    def refuse(self, scope: str) -> bool:
        """Note that the server refused `scope`; return whether that is news."""
        news = scope not in self.refused
        self.refused.add(scope)
        return news

    def missing(self, abilities: Iterable[Ability]) -> list[str]:
        """Return the scopes to add so that the key can do all of `abilities`, sorted."""
        return sorted(
            {scope for ability in abilities for scope in self._needed(ability) if not self.has(scope)}
        )

    def _needed(self, ability: Ability) -> Iterable[str]:
        return (self.instead.get(scope, scope) for scope in SCOPES[ability])
