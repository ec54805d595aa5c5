"""Albums, people, tags, users and places by name or id, as people write them.

A name counts as written, else in any letter case. One that fits nothing or several things is the caller's
mistake, and the error lists what there is.
"""

from collections.abc import Callable, Sequence
import difflib
from typing import Final

from homeassistant.exceptions import ServiceValidationError

from .api import Immich
from .api.album import Album
from .api.ids import as_id
from .api.people import Person
from .api.places import Suggestion
from .api.tags import Tag
from .api.users import User
from .errors import mistake

# Candidates that an error lists.
_CANDIDATES: Final = 5
# What is compared of a name that nothing has; comparing takes long for long texts.
_LONGEST_NAME: Final = 100


async def async_albums(client: Immich, names: Sequence[str]) -> list[Album]:
    """Return the albums that are meant (scope `album.read`)."""
    if not names:
        return []
    albums = await client.albums.list()
    return [album_named(albums, name) for name in names]


def album_named(albums: Sequence[Album], wanted: str) -> Album:
    """Return the one album that is meant."""
    found = find(albums, wanted, lambda album: album.id, lambda album: album.name)
    return only(
        found,
        lambda: mistake(
            "album_unknown", album=wanted, candidates=near(wanted, [each.name for each in albums])
        ),
        lambda: mistake("album_ambiguous", album=wanted, candidates=_ids(found, lambda each: each.name)),
    )


async def async_people(client: Immich, names: Sequence[str]) -> list[Person]:
    """Return the people that are meant, hidden ones as well (scope `person.read`)."""
    if not names:
        return []
    people = await client.people.list(hidden=True)
    return [_person_named(people, name) for name in names]


def _person_named(people: Sequence[Person], wanted: str) -> Person:
    found = find(people, wanted, lambda person: person.id, lambda person: person.name)
    return only(
        found,
        lambda: mistake(
            "person_unknown", person=wanted, candidates=near(wanted, [each.name for each in people])
        ),
        lambda: mistake("person_ambiguous", person=wanted, candidates=_ids(found, lambda each: each.name)),
    )


async def async_tags(client: Immich, names: Sequence[str]) -> list[Tag]:
    """Return the tags that are meant by their path, or by its last part (scope `tag.read`)."""
    if not names:
        return []
    tags = await client.tags.list()
    return [_tag_named(tags, name) for name in names]


def _tag_named(tags: Sequence[Tag], wanted: str) -> Tag:
    path = wanted.strip().strip("/")
    found = find(tags, path, lambda tag: tag.id, lambda tag: tag.value)
    found = found or find(tags, path, lambda tag: tag.id, lambda tag: tag.name)
    return only(
        found,
        lambda: mistake("tag_unknown", tag=wanted, candidates=near(path, [each.value for each in tags])),
        lambda: mistake("tag_ambiguous", tag=wanted, candidates=_ids(found, lambda each: each.value)),
    )


async def async_tag_paths(client: Immich, names_or_ids: Sequence[str]) -> list[str]:
    """Return the paths of tags, each once. A path may be of a tag that doesn't exist yet, an id may not.

    Asks the server only if there is an id among them (scope `tag.read`).
    """
    tags = await client.tags.list() if any(as_id(given) for given in names_or_ids) else []
    paths = [
        _tag_named(tags, given).value if as_id(given) else given.strip().strip("/") for given in names_or_ids
    ]
    return list(dict.fromkeys(path for path in paths if path))


async def async_users(client: Immich, names: Sequence[str]) -> list[User]:
    """Return the users that are meant, by name, id or e-mail address (scope `user.read`)."""
    if not names:
        return []
    users = await client.users.list()
    return [_user_named(users, name) for name in names]


def _user_named(users: Sequence[User], wanted: str) -> User:
    found = find(users, wanted, lambda user: user.id, lambda user: user.name)
    found = found or find(users, wanted, lambda user: user.id, lambda user: user.email)
    return only(
        found,
        # What was typed may be an e-mail address: it is not repeated.
        lambda: mistake("user_unknown", candidates=near(wanted, [each.name for each in users])),
        lambda: mistake("user_ambiguous", candidates=_ids(found, lambda each: each.name)),
    )


async def async_known_names(
    client: Immich, kind: Suggestion, names: Sequence[str], *, anything: bool = False
) -> list[str]:
    """Return names of places or cameras as Immich writes them: it compares letter by letter (scope `asset.read`).

    `anything`: also take what the account's own photos don't have, as in albums of others. Versions that
    can't tell the names (of lenses, before 2.2) get them as they are.
    """
    if not names:
        return []
    known = await client.places.suggestions(kind)
    if known is None:
        return list(names)
    return [name for wanted in names for name in _known(known, wanted.strip(), anything=anything)]


def _known(known: Sequence[str], wanted: str, *, anything: bool) -> list[str]:
    # Several spellings of one name are all meant.
    found = [name for name in known if name.casefold() == wanted.casefold()]
    if not found and not anything:
        raise mistake("name_unknown", name=wanted, candidates=near(wanted, known))
    return found or [wanted]


def find[T](
    things: Sequence[T], wanted: str, id_of: Callable[[T], str], name_of: Callable[[T], str]
) -> list[T]:
    """Return what an id means, else what has the name as written, else in any letter case."""
    wanted = wanted.strip()
    if (wanted_id := as_id(wanted)) is not None:
        return [thing for thing in things if id_of(thing) == wanted_id]
    if not wanted:
        return []
    return [thing for thing in things if name_of(thing) == wanted] or [
        thing for thing in things if name_of(thing).casefold() == wanted.casefold()
    ]


def only[T](
    found: Sequence[T],
    none: Callable[[], ServiceValidationError],
    several: Callable[[], ServiceValidationError],
) -> T:
    """Return the one thing that was found, or raise what says that there are none or several."""
    if not found:
        raise none()
    if len(found) > 1:
        raise several()
    return found[0]


def near(wanted: str, names: Sequence[str]) -> str:
    """Return the names nearest to what was wanted, else some of those there are; a dash if there are none."""
    some = sorted({name for name in names if name})
    close = (
        difflib.get_close_matches(wanted[:_LONGEST_NAME], some, n=_CANDIDATES, cutoff=0.4)
        or some[:_CANDIDATES]
    )
    return ", ".join(close) or "–"


def _ids[T: Album | Person | Tag | User](found: Sequence[T], name_of: Callable[[T], str]) -> str:
    return "; ".join(f"{name_of(each)}: {each.id}" for each in found[:_CANDIDATES])
