"""Tags by path or id, as actions take them."""

from collections.abc import Sequence

from ..api import Immich
from ..api.ids import as_id
from ..errors import mistake


async def async_tag_paths(client: Immich, names_or_ids: Sequence[str]) -> list[str]:
    """Return the paths of tags, each once. A path may be of a tag that doesn't exist yet, an id may not.

    Asks the server only if there is an id among them (scope `tag.read`).
    """
    known: dict[str, str] = {}
    if any(as_id(given) for given in names_or_ids):
        known = {tag.id: tag.value for tag in await client.tags.list()}
    paths: list[str] = []
    for given in names_or_ids:
        if (tag_id := as_id(given)) is None:
            paths.append(given.strip().strip("/"))
        elif tag_id in known:
            paths.append(known[tag_id])
        else:
            raise mistake("tag_unknown", tag=given)
    return list(dict.fromkeys(path for path in paths if path))
