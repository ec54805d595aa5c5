"""People: who was recognised, their names, birthdays and pictures."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any, override

from .. import views
from ..answers import FileAnswer, bad_request, created, no_access, no_content, not_found
from ..context import IDS, Context
from ..dates import parse_day, parse_lenient
from ..models import Person, Visibility
from ..routing import route
from ..rules import Boolean, BooleanWord, Number, Text, Uuid
from ..state import State
from ..validate import Array, Obj, Path, Problems, Rule, optional

COLOR_PATTERN = r"#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})"

#: Unnamed people need so many faces to be listed (the server's default setting).
MIN_FACES = 3


class BirthDate(Rule):
    """A birthday: a day, or a moment that is cut to its day."""

    def __init__(self, today: date) -> None:
        """Refuse days after today."""
        self.today = today

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check; nonsense gets the complaint about the future, as on 3.1.0."""
        if not isinstance(value, str):
            problems.wrong_type(path, "string", value, "must be a date string")
            return None
        day = parse_day(value)
        if day is None and (moment := parse_lenient(value)) is not None:
            day = moment.date()
        if day is None or day > self.today:
            problems.custom(path, "Birth date cannot be in the future")
            return None
        return day


def _changes(ctx: Context) -> dict[str, Any]:
    """Return the rules of what may be said about a person."""
    return {
        "name": optional(Text()),
        "birthDate": optional(BirthDate(ctx.state.now().date()), nullable=True),
        "isHidden": optional(Boolean()),
        "isFavorite": optional(Boolean()),
        "color": optional(Text(pattern=COLOR_PATTERN), nullable=True),
    }


def own_person(ctx: Context, person_id: str, permission: str) -> Person:
    """Return the user's person with an id, or answer 400."""
    person = ctx.state.people.get(person_id)
    if person is None or person.owner_id != ctx.user.id:
        raise no_access(permission)
    return person


def face_counts(state: State, owner_id: str) -> Counter[str]:
    """Count each person's faces on assets that show in the timeline."""
    counts: Counter[str] = Counter()
    for face in state.faces.values():
        if face.person_id is None:
            continue
        asset = state.assets[face.asset_id]
        if (
            asset.owner_id == owner_id
            and asset.visibility is Visibility.TIMELINE
            and asset.trashed_at is None
        ):
            counts[face.person_id] += 1
    return counts


def _order(counts: Counter[str]) -> Callable[[Person], tuple[Any, ...]]:
    """Return the sort key of lists: visible, favourite, named, most often seen first."""
    return lambda person: (
        person.is_hidden,
        not person.is_favorite,
        not person.name,
        -counts[person.id],
        person.name,
        person.created_at,
    )


LIST = Obj(
    {
        "withHidden": optional(BooleanWord()),
        "closestPersonId": optional(Uuid()),
        "closestAssetId": optional(Uuid()),
        "page": optional(Number(minimum=1, whole=True, text=True), default=1),
        "size": optional(Number(minimum=1, maximum=1000, whole=True, text=True), default=500),
        "name": optional(Text()),
        "isFavorite": optional(BooleanWord()),
        "isHidden": optional(BooleanWord()),
    }
)


@route("GET", "people", scope="person.read")
async def list_people(ctx: Context) -> Any:
    """List those who have a face on some picture; a name alone is not enough."""
    values = ctx.query(LIST)
    counts = face_counts(ctx.state, ctx.user.id)
    seen = [
        person for person in ctx.state.people.values() if person.owner_id == ctx.user.id and counts[person.id]
    ]
    listed = [
        person
        for person in seen
        if (person.name or counts[person.id] >= MIN_FACES)
        and (values.get("withHidden") or not person.is_hidden)
    ]
    if ctx.dialect.version.at_least("3.3.0"):
        listed = [person for person in listed if _fits(person, values)]
    listed.sort(key=_order(counts))
    start = (values["page"] - 1) * values["size"]
    part = listed[start : start + values["size"]]
    return {
        "people": [views.person(ctx.dialect, person) for person in part],
        "hasNextPage": len(listed) > start + values["size"],
        "total": len(seen),
        "hidden": sum(person.is_hidden for person in seen),
    }


def _fits(person: Person, values: dict[str, Any]) -> bool:
    """Tell whether a person passes the filters of 3.3."""
    return (
        ("name" not in values or values["name"].casefold() in person.name.casefold())
        and values.get("isFavorite", person.is_favorite) == person.is_favorite
        and values.get("isHidden", person.is_hidden) == person.is_hidden
    )


@route("POST", "people", scope="person.create")
async def create_person(ctx: Context) -> Any:
    """Make a person without a face."""
    values = ctx.body(Obj(_changes(ctx)))
    now = ctx.state.now()
    person = Person(id=ctx.state.new_id(), owner_id=ctx.user.id, created_at=now, updated_at=now)
    _apply(ctx, person, values)
    ctx.state.people[person.id] = person
    return created(views.person(ctx.dialect, person))


@route("PUT", "people", scope="person.update")
async def update_people(ctx: Context) -> Any:
    """Change several people; each has its own result."""
    item = Obj({"id": Uuid(), **_changes(ctx), "featureFaceAssetId": optional(Uuid())})
    results: list[dict[str, Any]] = []
    for values in ctx.body(Obj({"people": Array(item)}))["people"]:
        person = ctx.state.people.get(values["id"])
        if person is None or person.owner_id != ctx.user.id:
            results.append({"id": values["id"], "success": False, "error": "unknown"})
            continue
        _apply(ctx, person, values)
        results.append({"id": person.id, "success": True})
    return results


@route("DELETE", "people", scope="person.delete")
async def delete_people(ctx: Context) -> Any:
    """Forget several people; one unknown id fails all."""
    ids = ctx.body(IDS)["ids"]
    for person in [own_person(ctx, person_id, "person.delete") for person_id in ids]:
        _forget(ctx.state, person)
    return no_content()


@route("GET", "people/{id}", scope="person.read")
async def get_person(ctx: Context) -> Any:
    """Describe one person."""
    return views.person(ctx.dialect, own_person(ctx, ctx.id(), "person.read"))


@route("PATCH", "people/{id}", scope="person.update", since="3.0.0")
@route("PUT", "people/{id}", scope="person.update")
async def update_person(ctx: Context) -> Any:
    """Change one person; a new feature face makes a new picture."""
    person_id = ctx.id()
    values = ctx.body(Obj({**_changes(ctx), "featureFaceAssetId": optional(Uuid())}))
    person = own_person(ctx, person_id, "person.update")
    if asset_id := values.get("featureFaceAssetId"):
        faces = ctx.state.faces_of_asset.get(asset_id, {}).values()
        if not any(face.person_id == person.id for face in faces):
            raise bad_request("Invalid assetId for feature face or asset is offline")
        person.feature_asset_id = asset_id
        ctx.state.emit("on_person_thumbnail", ctx.user.id, person.id)
    _apply(ctx, person, values)
    return views.person(ctx.dialect, person)


@route("DELETE", "people/{id}", scope="person.delete")
async def delete_person(ctx: Context) -> Any:
    """Forget one person. Immich 3.3 wants a JSON body, however empty."""
    person_id = ctx.id()
    if ctx.dialect.version.at_least("3.3.0"):
        ctx.body(Obj({"userId": optional(Uuid(), nullable=True)}))
    _forget(ctx.state, own_person(ctx, person_id, "person.delete"))
    return no_content()


@route("GET", "people/{id}/statistics", scope="person.statistics")
async def person_statistics(ctx: Context) -> Any:
    """Count the assets that somebody is on."""
    person = own_person(ctx, ctx.id(), "person.read")
    assets = {
        face.asset_id
        for face in ctx.state.faces.values()
        if face.person_id == person.id
        and ctx.state.assets[face.asset_id].visibility is Visibility.TIMELINE
        and not ctx.state.assets[face.asset_id].is_trashed
    }
    return {"assets": len(assets)}


@route("GET", "people/{id}/thumbnail", scope="person.read")
async def person_thumbnail(ctx: Context) -> Any:
    """Send the picture of a face; unknown people are 404 here, not 400."""
    person = ctx.state.people.get(ctx.id())
    if person is None or person.owner_id != ctx.user.id or person.thumbnail is None:
        raise not_found()
    source = person.thumbnail
    content = source if isinstance(source, bytes) else await asyncio.to_thread(source.thumbnail)
    if content is None:
        raise not_found()
    return FileAnswer(
        content=content,
        content_type="image/jpeg",
        modified=person.updated_at,
        cache_control="private, no-cache, no-transform",
    )


@route("POST", "people/{id}/merge", scope="person.merge")
async def merge_people(ctx: Context) -> Any:
    """Add the faces of others to a person; the others are gone afterwards."""
    person_id = ctx.id()
    ids = ctx.body(IDS)["ids"]
    return _merged(ctx, own_person(ctx, person_id, "person.update"), ids)


@route("POST", "people/merge", scope="person.merge", since="3.2.1")
async def merge_listed_people(ctx: Context) -> Any:
    """Merge people; the first of the list stays."""
    ids = ctx.body(Obj({"ids": Array(Uuid(), minimum=2)}))["ids"]
    return _merged(ctx, own_person(ctx, ids[0], "person.update"), ids[1:])


def _merged(ctx: Context, person: Person, ids: list[str]) -> Any:
    results: list[dict[str, Any]] = []
    for other_id in ids:
        other = ctx.state.people.get(other_id)
        if other is None or other.owner_id != ctx.user.id or other is person:
            results.append({"id": other_id, "success": False, "error": "no_permission"})
            continue
        for face in ctx.state.faces.values():
            if face.person_id == other_id:
                face.person_id = person.id
        person.name = person.name or other.name
        person.birth_date = person.birth_date or other.birth_date
        person.thumbnail = person.thumbnail or other.thumbnail
        del ctx.state.people[other_id]
        results.append({"id": other_id, "success": True})
    # 1.137 still answered 201 here.
    return results if ctx.dialect.version.at_least("1.138.0") else created(results)


@route("PUT", "people/{id}/reassign", scope="person.reassign")
async def reassign_faces(ctx: Context) -> Any:
    """Give faces of other people to this one."""
    person_id = ctx.id()
    item = Obj({"personId": Uuid(), "assetId": Uuid()})
    data = ctx.body(Obj({"data": Array(item)}))["data"]
    person = own_person(ctx, person_id, "person.update")
    for each in data:
        own_person(ctx, each["personId"], "person.update")
        for face in ctx.state.faces_of_asset.get(each["assetId"], {}).values():
            if face.person_id == each["personId"]:
                face.person_id = person.id
    return [views.person(ctx.dialect, person)]


def _apply(ctx: Context, person: Person, values: dict[str, Any]) -> None:
    """Take over what was said about a person."""
    fields = {
        "name": "name",
        "birthDate": "birth_date",
        "isHidden": "is_hidden",
        "isFavorite": "is_favorite",
        "color": "color",
    }
    for name, field in fields.items():
        if name in values:
            setattr(person, field, values[name])
    person.updated_at = ctx.state.now()


def _forget(state: State, person: Person) -> None:
    """Remove a person; the faces stay, without a name."""
    for face in state.faces.values():
        if face.person_id == person.id:
            face.person_id = None
    del state.people[person.id]
