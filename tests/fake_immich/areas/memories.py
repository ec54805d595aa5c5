"""Memories: "on this day" in earlier years."""

from datetime import UTC, date, datetime, time
from typing import Any

from .. import views
from ..access import owned, readable
from ..answers import created, no_access, no_content
from ..context import IDS, Context
from ..dates import millis
from ..models import Memory, Visibility
from ..routing import route
from ..rules import Boolean, BooleanWord, Choice, Day, Moment, Number, Uuid
from ..validate import Array, Obj, Rule, optional


def _kinds(ctx: Context) -> Choice:
    """Return the types of memories that the release knows."""
    if ctx.dialect.version.at_least("3.3.0"):
        return Choice(["on_this_day", "birthday"])
    return Choice(["on_this_day"])


def _query(ctx: Context) -> dict[str, Any]:
    """Check the filter of lists and counts; `for` flips its form twice."""
    version = ctx.dialect.version
    day: Rule = Day() if version.at_least("3.0.3") else Moment()
    rules: dict[str, Any] = {
        "type": optional(_kinds(ctx)),
        "for": optional(day),
        "isTrashed": optional(BooleanWord()),
        "isSaved": optional(BooleanWord()),
    }
    if version.at_least("2.3.0"):
        rules["size"] = optional(Number(minimum=1, whole=True, text=True))
        rules["order"] = optional(Choice(["asc", "desc", "random"]))
    if version.at_least("3.2.0"):
        rules["page"] = optional(Number(minimum=1, whole=True, text=True), default=1)
        rules["id"] = optional(Uuid())
        rules["isUpcoming"] = optional(BooleanWord())
    return ctx.query(Obj(rules))


def _found(ctx: Context, values: dict[str, Any]) -> list[Memory]:
    """Return the user's memories that fit a filter, newest day first."""
    wanted: date | datetime | None = values.get("for")
    moment = None
    if wanted is not None:
        day = wanted.date() if isinstance(wanted, datetime) else wanted
        moment = datetime.combine(day, time(), UTC)
    fitting = [
        memory
        for memory in ctx.state.memories.values()
        if memory.owner_id == ctx.user.id
        and (memory.deleted_at is not None) == values.get("isTrashed", False)
        and values.get("isSaved", memory.is_saved) == memory.is_saved
        and values.get("type", memory.type) == memory.type
        and values.get("id", memory.id) == memory.id
        and (moment is None or _shows(memory, moment))
    ]
    if "isUpcoming" in values:
        now = ctx.state.now()
        fitting = [
            memory
            for memory in fitting
            if (memory.show_at is not None and memory.show_at > now) == values["isUpcoming"]
        ]
    match values.get("order", "desc"):
        case "random":
            ctx.state.random.shuffle(fitting)
        case order:
            fitting.sort(key=lambda memory: memory.memory_at, reverse=order == "desc")
    if "size" in values:
        # Before memories without assets are dropped: a size of 1 may give none.
        start = (values.get("page", 1) - 1) * values["size"]
        fitting = fitting[start : start + values["size"]]
    return fitting


def _shows(memory: Memory, moment: datetime) -> bool:
    """Tell whether a memory shows on a day; without a window it always does."""
    return (memory.show_at is None or memory.show_at <= moment) and (
        memory.hide_at is None or memory.hide_at >= moment
    )


def _memory(ctx: Context, memory: Memory) -> dict[str, Any]:
    """Write a memory; members that are not set are left out."""
    body: dict[str, Any] = {
        "id": memory.id,
        "createdAt": millis(memory.created_at),
        "updatedAt": millis(memory.updated_at),
        "memoryAt": millis(memory.memory_at),
    }
    for name, moment in (
        ("deletedAt", memory.deleted_at),
        ("seenAt", memory.seen_at),
        ("showAt", memory.show_at),
        ("hideAt", memory.hide_at),
    ):
        if moment is not None:
            body[name] = millis(moment)
    assets = [ctx.state.assets[asset_id] for asset_id in memory.asset_ids]
    return body | {
        "ownerId": memory.owner_id,
        "type": memory.type,
        "data": memory.data,
        "isSaved": memory.is_saved,
        "assets": [
            views.asset(ctx.dialect, ctx.state, asset, ctx.user.id, people="empty", nested_dates=True)
            for asset in sorted(assets, key=lambda asset: asset.local_date_time)
            if asset.visibility is Visibility.TIMELINE and not asset.is_trashed
        ],
    }


def _own(ctx: Context, memory_id: str, permission: str) -> Memory:
    memory = ctx.state.memories.get(memory_id)
    if memory is None or memory.owner_id != ctx.user.id:
        raise no_access(permission)
    return memory


@route("GET", "memories", scope="memory.read")
async def list_memories(ctx: Context) -> Any:
    """List memories, of one day or of all; those without assets are left out."""
    bodies = [_memory(ctx, memory) for memory in _found(ctx, _query(ctx))]
    return [body for body in bodies if body["assets"]]


@route("GET", "memories/statistics", scope="memory.statistics")
async def memory_statistics(ctx: Context) -> Any:
    """Count memories, those without assets included."""
    return {"total": len(_found(ctx, _query(ctx)))}


@route("POST", "memories", scope="memory.create")
async def create_memory(ctx: Context) -> Any:
    """Make a memory by hand."""
    data = Obj({"year": Number(minimum=1, whole=True)})
    rules: dict[str, Any] = {
        "type": _kinds(ctx),
        "data": data,
        "memoryAt": Moment(),
        "assetIds": optional(Array(Uuid())),
        "isSaved": optional(Boolean()),
        "seenAt": optional(Moment()),
    }
    if ctx.dialect.version.at_least("2.6.0"):
        rules["showAt"] = optional(Moment())
        rules["hideAt"] = optional(Moment())
    values = ctx.body(Obj(rules))
    now = ctx.state.now()
    memory = Memory(
        id=ctx.state.new_id(),
        owner_id=ctx.user.id,
        memory_at=values["memoryAt"],
        created_at=now,
        updated_at=now,
        data=values["data"],
        type=values["type"],
        is_saved=values.get("isSaved", False),
        seen_at=values.get("seenAt"),
        show_at=values.get("showAt"),
        hide_at=values.get("hideAt"),
    )
    for asset_id in values.get("assetIds", ()):
        asset = ctx.state.assets.get(asset_id)
        if asset is not None and owned(ctx.auth, asset):
            memory.asset_ids.append(asset_id)
    ctx.state.memories[memory.id] = memory
    return created(_memory(ctx, memory))


@route("GET", "memories/{id}", scope="memory.read")
async def get_memory(ctx: Context) -> Any:
    """Describe one memory, even one without assets."""
    return _memory(ctx, _own(ctx, ctx.id(), "memory.read"))


def _something(values: dict[str, Any]) -> str | None:
    """Complain about a change that changes nothing."""
    if values:
        return None
    return "At least one of the following fields is required: isSaved, seenAt, memoryAt"


UPDATE = {
    "isSaved": optional(Boolean()),
    "seenAt": optional(Moment()),
    "memoryAt": optional(Moment()),
}


@route("PATCH", "memories/{id}", scope="memory.update", since="3.0.0")
@route("PUT", "memories/{id}", scope="memory.update")
async def update_memory(ctx: Context) -> Any:
    """Save a memory, mark it as seen, or move it to another day."""
    memory_id = ctx.id()
    strict = (_something,) if ctx.dialect.strict else ()
    values = ctx.body(Obj(UPDATE, *strict))
    memory = _own(ctx, memory_id, "memory.update")
    memory.is_saved = values.get("isSaved", memory.is_saved)
    memory.seen_at = values.get("seenAt", memory.seen_at)
    memory.memory_at = values.get("memoryAt", memory.memory_at)
    memory.updated_at = ctx.state.now()
    return _memory(ctx, memory)


@route("DELETE", "memories/{id}", scope="memory.delete")
async def delete_memory(ctx: Context) -> Any:
    """Remove a memory; its assets stay."""
    memory = _own(ctx, ctx.id(), "memory.delete")
    del ctx.state.memories[memory.id]
    return no_content()


@route("PUT", "memories/{id}/assets", scope="memoryAsset.create")
async def add_assets(ctx: Context) -> Any:
    """Put assets into a memory."""
    memory_id = ctx.id()
    ids = ctx.body(IDS)["ids"]
    memory = _own(ctx, memory_id, "memory.read")
    results: list[dict[str, Any]] = []
    for asset_id in ids:
        asset = ctx.state.assets.get(asset_id)
        if asset_id in memory.asset_ids:
            results.append({"id": asset_id, "success": False, "error": "duplicate"})
        elif asset is None or not readable(ctx.state, ctx.auth, asset):
            results.append({"id": asset_id, "success": False, "error": "no_permission"})
        else:
            memory.asset_ids.append(asset_id)
            results.append({"id": asset_id, "success": True})
    memory.updated_at = ctx.state.now()
    return results


@route("DELETE", "memories/{id}/assets", scope="memoryAsset.delete")
async def remove_assets(ctx: Context) -> Any:
    """Take assets out of a memory."""
    memory_id = ctx.id()
    ids = ctx.body(IDS)["ids"]
    memory = _own(ctx, memory_id, "memory.update")
    results: list[dict[str, Any]] = []
    for asset_id in ids:
        if asset_id in memory.asset_ids:
            memory.asset_ids.remove(asset_id)
            results.append({"id": asset_id, "success": True})
        else:
            results.append({"id": asset_id, "success": False, "error": "not_found"})
    return results
