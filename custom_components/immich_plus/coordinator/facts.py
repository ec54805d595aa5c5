"""The facts that coordinators read: each is the answer to one call and can fail alone."""

from enum import StrEnum
from typing import Final

from ..api import Immich
from ..api.permissions import Ability


class Fact(StrEnum):
    """What one call reads. The values are the words for it in logs and diagnostics."""

    ALBUMS = "albums"
    TIMELINE = "photos and videos"
    FAVORITES = "favorites"
    ARCHIVED = "archive"
    TRASHED = "trash"
    LAST_ADDED = "last addition"
    CHANGES = "changes"
    ALBUM_LIST = "list of albums"
    RECOGNITION = "photos of people"
    QUEUES = "queues"
    PEOPLE = "people"
    TAGS = "tags"
    MEMORIES = "memories"
    STORAGE = "disk"
    STATISTICS = "statistics of all users"
    RELEASE = "newest release"

    @property
    def ability(self) -> Ability:
        """What the key must be able to do."""
        return _ABILITIES[self]

    def is_readable(self, client: Immich) -> bool:
        """Whether the key may read it and the server's version has it, as far as is known."""
        if self is Fact.LAST_ADDED and not client.version.tells_when_added:
            return False
        return client.scopes.can(self.ability)


_ABILITIES: Final = {
    Fact.ALBUMS: Ability.ALBUM_COUNTS,
    Fact.TIMELINE: Ability.ASSET_COUNTS,
    Fact.FAVORITES: Ability.ASSET_COUNTS,
    Fact.ARCHIVED: Ability.ASSET_COUNTS,
    Fact.TRASHED: Ability.ASSET_COUNTS,
    Fact.LAST_ADDED: Ability.FIND_ASSETS,
    Fact.CHANGES: Ability.FIND_ASSETS,
    Fact.ALBUM_LIST: Ability.FIND_ALBUM,
    Fact.RECOGNITION: Ability.PEOPLE,
    Fact.QUEUES: Ability.QUEUES,
    Fact.PEOPLE: Ability.PEOPLE,
    Fact.TAGS: Ability.TAGS,
    Fact.MEMORIES: Ability.MEMORY_COUNTS,
    Fact.STORAGE: Ability.STORAGE,
    Fact.STATISTICS: Ability.STATISTICS,
    Fact.RELEASE: Ability.VERSION_CHECK,
}
