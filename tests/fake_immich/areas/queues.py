"""Job queues, in the old form (`jobs`) and the new one (`queues`), for admins."""

import asyncio
from itertools import islice
from typing import Any

from ..answers import Answer, bad_request, no_content
from ..context import Context
from ..memory_maker import make_memories
from ..models import Queue
from ..queue_names import queue_names
from ..routing import route
from ..rules import Boolean, Choice
from ..state import State
from ..validate import Array, Obj, optional

#: How long a started queue is busy, in seconds.
RUN_SECONDS = 0.3

COMMANDS = ["start", "pause", "resume", "empty", "clear-failed"]

#: Queues that a person may start.
STARTABLE = {
    "thumbnailGeneration",
    "metadataExtraction",
    "videoConversion",
    "faceDetection",
    "facialRecognition",
    "smartSearch",
    "duplicateDetection",
    "storageTemplateMigration",
    "migration",
    "sidecar",
    "library",
    "backupDatabase",
    "ocr",
}

MANUAL_JOBS = (
    "person-cleanup",
    "tag-cleanup",
    "user-cleanup",
    "memory-cleanup",
    "memory-create",
    "backup-database",
)
INTEGRITY_JOBS = tuple(
    f"integrity-{what}{step}"
    for step in ("", "-refresh", "-delete-all")
    for what in ("missing-files", "untracked-files", "checksum-mismatch")
)

#: The jobs that wait in a queue, by the queue's name.
JOB_NAMES = {
    "thumbnailGeneration": "AssetGenerateThumbnails",
    "metadataExtraction": "AssetExtractMetadata",
    "videoConversion": "AssetEncodeVideo",
    "smartSearch": "SmartSearch",
    "faceDetection": "AssetDetectFaces",
}


def find_queue(state: State, name: str) -> Queue:
    """Return a queue; one that nobody has touched is empty."""
    return state.queues.setdefault(name, Queue(name=name))


def _asked(ctx: Context) -> Queue:
    """Return the queue named in the path, or answer 400."""
    name = ctx.param("name", Choice(queue_names(ctx.dialect.version)))
    return find_queue(ctx.state, name)


def _counts(queue: Queue) -> dict[str, int]:
    return {
        "active": queue.active,
        "completed": queue.completed,
        "failed": queue.failed,
        "delayed": queue.delayed,
        "waiting": queue.waiting,
        "paused": queue.paused,
    }


def _legacy(queue: Queue) -> dict[str, Any]:
    return {
        "queueStatus": {"isPaused": queue.is_paused, "isActive": queue.active > 0},
        "jobCounts": _counts(queue),
    }


def _view(queue: Queue) -> dict[str, Any]:
    return {"name": queue.name, "isPaused": queue.is_paused, "statistics": _counts(queue)}


def pause(queue: Queue, *, paused: bool) -> None:
    """Pause or resume; a paused queue shows its work as paused, not as waiting."""
    queue.is_paused = paused
    if paused:
        queue.paused, queue.waiting = queue.paused + queue.waiting, 0
    else:
        queue.waiting, queue.paused = queue.waiting + queue.paused, 0


async def _run(state: State, queue: Queue) -> None:
    """Work off one job."""
    await asyncio.sleep(RUN_SECONDS)
    queue.active = max(0, queue.active - 1)
    if queue.name == "library":
        for library in state.libraries.values():
            library.refreshed_at = state.now()


def start(ctx: Context, queue: Queue) -> dict[str, Any]:
    """Start a queue and return how it looked right before it began to work."""
    if queue.active:
        raise bad_request("Job is already running")
    if queue.name not in STARTABLE:
        raise bad_request(f"Invalid job name: {queue.name}")
    if queue.is_paused:
        queue.paused += 1
        return _legacy(queue)
    queue.waiting += 1
    before = _legacy(queue)
    queue.waiting -= 1
    queue.active += 1
    ctx.fake.spawn(_run(ctx.state, queue))
    return before


@route("GET", "jobs", scope="job.read", admin=True)
async def list_jobs(ctx: Context) -> Any:
    """Show every queue in the old form: an object by name."""
    return {name: _legacy(find_queue(ctx.state, name)) for name in queue_names(ctx.dialect.version)}


@route("PUT", "jobs/{name}", scope="job.create", admin=True)
async def command(ctx: Context) -> Any:
    """Start, pause, resume or empty a queue."""
    queue = _asked(ctx)
    values = ctx.body(Obj({"command": Choice(COMMANDS), "force": optional(Boolean())}))
    match values["command"]:
        case "start":
            return start(ctx, queue)
        case "pause":
            pause(queue, paused=True)
        case "resume":
            pause(queue, paused=False)
        case "empty":
            queue.waiting = queue.paused = queue.delayed = 0
        case "clear-failed":
            queue.failed = 0
    return _legacy(queue)


@route("POST", "jobs", scope="job.create", admin=True)
async def create_job(ctx: Context) -> Any:
    """Run one of the nightly jobs now."""
    names = [*MANUAL_JOBS, *(INTEGRITY_JOBS if ctx.dialect.strict else ())]
    name = ctx.body(Obj({"name": Choice(names)}))["name"]
    if name == "memory-create":
        make_memories(ctx.state)
    # 1.137 still answered 201 here.
    return Answer(status=204 if ctx.dialect.version.at_least("1.138.0") else 201)


@route("GET", "queues", scope="queue.read", admin=True, since="2.4.0")
async def list_queues(ctx: Context) -> Any:
    """Show every queue in the new form: a list."""
    return [_view(find_queue(ctx.state, name)) for name in queue_names(ctx.dialect.version)]


@route("GET", "queues/{name}", scope="queue.read", admin=True, since="2.4.0")
async def get_queue(ctx: Context) -> Any:
    """Show one queue."""
    return _view(_asked(ctx))


@route("PUT", "queues/{name}", scope="queue.update", admin=True, since="2.4.0")
async def update_queue(ctx: Context) -> Any:
    """Pause or resume; unlike the old route this one refuses `backgroundTask`."""
    queue = _asked(ctx)
    wanted = ctx.body(Obj({"isPaused": optional(Boolean())})).get("isPaused")
    if wanted and queue.name == "backgroundTask":
        raise bad_request("The BackgroundTask queue cannot be paused")
    if wanted is not None:
        pause(queue, paused=wanted)
    return _view(queue)


@route("GET", "queues/{name}/jobs", scope="queueJob.read", admin=True, since="2.4.0")
async def queue_jobs(ctx: Context) -> Any:
    """List the jobs of a queue; `status` must be given at least twice, or not at all."""
    queue = _asked(ctx)
    states = ["active", "failed", "completed", "delayed", "waiting", "paused"]
    values = ctx.query(Obj({"status": optional(Array(Choice(states)))}))
    wanted = values.get("status", states)
    number = sum(getattr(queue, name) for name in states if name in wanted)
    now = ctx.state.now()
    return [
        {
            "id": str(each + 1),
            "name": JOB_NAMES.get(queue.name, "Job"),
            "timestamp": int(now.timestamp() * 1000),
            "data": {"source": "upload", "id": asset_id},
        }
        for each, asset_id in enumerate(islice(ctx.state.assets, number))
    ]


@route("DELETE", "queues/{name}/jobs", scope="queueJob.delete", admin=True, since="2.4.0")
async def empty_queue(ctx: Context) -> Any:
    """Drop what waits, and the failed ones when asked."""
    queue = _asked(ctx)
    values = ctx.body(Obj({"failed": optional(Boolean())}))
    queue.waiting = queue.paused = queue.delayed = 0
    if values.get("failed"):
        queue.failed = 0
    return no_content()
