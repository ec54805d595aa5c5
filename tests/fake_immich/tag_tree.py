"""Tags by their paths: whoever makes one makes those above it, too."""

from .models import Tag
from .state import State


def new_tag(
    state: State, user_id: str, value: str, parent: Tag | None = None, *, color: str | None = None
) -> Tag:
    """Make a user's tag."""
    now = state.now()
    tag = Tag(
        id=state.new_id(),
        user_id=user_id,
        value=value,
        created_at=now,
        updated_at=now,
        parent_id=parent.id if parent else None,
        color=color,
    )
    state.tags[tag.id] = tag
    return tag


def tag_at(state: State, user_id: str, value: str) -> Tag | None:
    """Return a user's tag with a whole path, making it and its parents when missing; None for an empty path."""
    known = {tag.value: tag for tag in state.tags.values() if tag.user_id == user_id}
    parts = [part for part in value.split("/") if part]
    parent: Tag | None = None
    for depth in range(1, len(parts) + 1):
        path = "/".join(parts[:depth])
        parent = known.get(path) or new_tag(state, user_id, path, parent)
    return parent
