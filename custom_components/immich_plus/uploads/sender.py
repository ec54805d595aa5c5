"""Sending sources to the server: no byte of what it has, each file once, and nothing given up too early."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
import random
from typing import Final

from homeassistant.exceptions import HomeAssistantError

from ..api import Immich
from ..api.assets import Duplicate
from ..api.errors import ImmichAuthenticationError, ImmichBadAnswerError, ImmichConnectionError, ImmichError
from ..api.together import together
from ..api.upload_form import UploadFile
from ..const import UPLOAD_ATTEMPTS, UPLOADS_AT_ONCE
from ..errors import action_failed, failure
from .source import UploadSource

_BACKOFF_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 20.0


class Status(StrEnum):
    """What became of a source."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    RESTORED = "restored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The outcome for one source: an id unless it failed, an error if it did.

    `cause` is what the server or the way to it said. `part_of_photo`: it is the film of a live photo that came
    along, and shows in Immich only there.
    """

    status: Status
    asset_id: str | None = None
    error: HomeAssistantError | None = None
    cause: ImmichError | None = None
    part_of_photo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How new assets are to be registered; `sidecar` goes with those that have none of their own."""

    favorite: bool = False
    archived: bool = False
    restore_trashed: bool = True
    sidecar: bytes | None = None


async def async_send(client: Immich, sources: Mapping[int, UploadSource], wishes: Wishes) -> dict[int, Sent]:
    """Bring sources to the server and tell what became of each; the keys are the caller's.

    Sources of the same bytes are sent once. Raises ImmichError if none of them could be checked; else each
    outcome stands for itself.
    """
    films = {
        source.live_video.sha1
        for source in sources.values()
        # A film of the picture's own bytes is a misnamed copy.
        if source.live_video is not None and source.live_video.sha1 != source.sha1
    }
    wanted = {source.sha1 for source in sources.values()}
    known = await client.assets.find_duplicates({checksum: checksum for checksum in wanted | films})
    stills = [source for source in sources.values() if source.live_video and source.sha1 not in known]
    sending = _Sending(
        client=client,
        wishes=wishes,
        known=known,
        found=await _found(client, {key: known[key] for key in wanted & known.keys()}, wishes),
        films=films & {still.live_video.sha1 for still in stills if still.live_video},
    )
    async with together() as tasks:
        sending.tasks = tasks
        outcomes = {key: tasks.create_task(sending.bring(source)) for key, source in sources.items()}
    return {key: outcome.result() for key, outcome in outcomes.items()}


async def _found(client: Immich, duplicates: Mapping[str, Duplicate], wishes: Wishes) -> dict[str, Sent]:
    """Tell what becomes of what the server has, by checksum.

    What lies in the trash is brought back: Immich would purge it, though it calls it there. Where the key
    may not see whether it lies there, bringing it back does no harm.
    """
    result = {
        checksum: Sent(status=Status.DUPLICATE, asset_id=duplicate.asset_id)
        for checksum, duplicate in duplicates.items()
    }
    if not wishes.restore_trashed:
        return result
    lost = {key: duplicate for key, duplicate in duplicates.items() if duplicate.trashed is not False}
    trashed = [key for key, duplicate in lost.items() if duplicate.trashed]
    if not lost:
        return result
    try:
        changed = await client.assets.restore([duplicate.asset_id for duplicate in lost.values()])
        refused = changed.failed
    except ImmichError as error:
        refused = {duplicate.asset_id: error for duplicate in lost.values()}
    for key in trashed:
        if (cause := refused.get(lost[key].asset_id)) is None:
            result[key] = replace(result[key], status=Status.RESTORED)
        else:
            text = failure("restore_failed", reason=str(action_failed(cause)))
            result[key] = Sent(status=Status.FAILED, error=text, cause=cause)
    return result


class _Sending:
    """One run of `async_send`."""

    tasks: asyncio.TaskGroup

    def __init__(
        self,
        *,
        client: Immich,
        wishes: Wishes,
        known: Mapping[str, Duplicate],
        found: Mapping[str, Sent],
        films: set[str],
    ) -> None:
        """Start with what the server is known to have; all by checksum."""
        self._client = client
        self._wishes = wishes
        self._known = known
        self._found = found
        self._films = films
        self._places = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._running: dict[str, asyncio.Task[Sent]] = {}
        self._refused: Sent | None = None
        self._attempts = UPLOAD_ATTEMPTS

    async def bring(self, source: UploadSource) -> Sent:
        """Tell what became of a source; of several with the same bytes, the first is sent."""
        if (found := self._found.get(source.sha1)) is not None:
            return replace(found, part_of_photo=source.sha1 in self._films)
        if (running := self._running.get(source.sha1)) is not None:
            first = await running
            return replace(first, status=Status.DUPLICATE) if first.asset_id else first
        task = self._running[source.sha1] = self.tasks.create_task(self._send(source))
        return await task

    async def _film_of(self, source: UploadSource) -> Sent | None:
        """Bring the film of a live photo: the still names it, which hides it from the timeline."""
        if source.live_video is None or source.live_video.sha1 not in self._films:
            return None
        if (known := self._known.get(source.live_video.sha1)) is not None:
            return Sent(status=Status.DUPLICATE, asset_id=known.asset_id)
        return await self.bring(source.live_video)

    async def _send(self, source: UploadSource) -> Sent:
        is_film = source.sha1 in self._films
        film = None if is_film else await self._film_of(source)
        if film is not None and film.asset_id is None:
            return film
        wishes = Wishes() if is_film else self._wishes
        file = _file_of(source, wishes, film.asset_id if film else None)
        async with self._places:
            if self._refused is not None:
                return self._refused
            sent = await self._deliver(file)
        return replace(sent, part_of_photo=is_film)

    async def _deliver(self, file: UploadFile) -> Sent:
        """Send a file, patiently until the server was found away once: then the others are tried once."""
        try:
            sent = await _deliver(self._client, file, self._attempts)
        except ImmichError as error:
            failed = Sent(status=Status.FAILED, error=action_failed(error), cause=error)
            if isinstance(error, ImmichConnectionError):
                self._attempts = 1
            elif isinstance(error, ImmichAuthenticationError):
                self._refused = failed
            return failed
        except HomeAssistantError as error:
            return Sent(status=Status.FAILED, error=error)
        self._attempts = UPLOAD_ATTEMPTS
        return sent


async def _deliver(client: Immich, file: UploadFile, attempts: int) -> Sent:
    """Send a file; after a broken connection or answer see whether it arrived before sending it again."""
    attempt = 1
    while True:
        try:
            uploaded = await client.assets.upload(file)
        except (ImmichConnectionError, ImmichBadAnswerError) as error:
            asked = getattr(error, "retry_after", None) or 0.0
            if asked > _LONGEST_PAUSE_SECONDS:
                raise
            pause = _BACKOFF_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (jitter)
            await asyncio.sleep(max(pause, asked))
            if (asset_id := await _arrived(client, file)) is not None:
                return Sent(status=Status.CREATED, asset_id=asset_id)
            if attempt >= attempts:
                raise
            attempt += 1
        else:
            # It was not there before: what a later attempt finds is what an earlier one brought.
            is_old = uploaded.duplicate and attempt == 1
            return Sent(status=Status.DUPLICATE if is_old else Status.CREATED, asset_id=uploaded.asset_id)


async def _arrived(client: Immich, file: UploadFile) -> str | None:
    """Return the id of a file that reached the server although its answer did not reach us."""
    try:
        found = await client.assets.find_duplicates({"file": file.sha1})
    except ImmichConnectionError, ImmichBadAnswerError:
        return None
    return found["file"].asset_id if found else None


def _file_of(source: UploadSource, wishes: Wishes, video_id: str | None) -> UploadFile:
    return UploadFile(
        filename=source.filename,
        size=source.size,
        sha1=source.sha1,
        created_at=source.created_at,
        modified_at=source.modified_at,
        open=source.open,
        favorite=wishes.favorite,
        archived=wishes.archived,
        sidecar=source.sidecar or wishes.sidecar,
        live_photo_video_id=video_id,
    )
