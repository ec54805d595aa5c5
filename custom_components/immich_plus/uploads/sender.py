"""Sending sources to the server: no byte of what it has, each file once, and nothing given up too early."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
import random

from homeassistant.exceptions import HomeAssistantError

from ..api import Immich
from ..api.assets import Duplicate
from ..api.errors import ImmichAuthenticationError, ImmichConnectionError, ImmichError
from ..api.together import together
from ..api.upload_form import UploadFile
from ..const import UPLOAD_ATTEMPTS, UPLOADS_AT_ONCE
from ..errors import action_failed, failure
from .source import UploadSource

_BACKOFF_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 20.0


class Status(StrEnum):
    """What became of a source."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    RESTORED = "restored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The outcome for one source: an id unless it failed, an error if it did."""

    status: Status
    asset_id: str | None = None
    error: HomeAssistantError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How new assets are to be registered."""

    favorite: bool = False
    archived: bool = False
    restore_trashed: bool = True


async def async_send(client: Immich, sources: Mapping[int, UploadSource], wishes: Wishes) -> dict[int, Sent]:
    """Bring sources to the server and tell what became of each; the keys are the caller's.

    Sources of the same bytes are sent once. Raises ImmichAuthenticationError if the key is refused, and
    whatever keeps all of them from being checked; else each outcome stands for itself.
    """
    by_checksum: dict[str, list[int]] = {}
    for key, source in sources.items():
        by_checksum.setdefault(source.sha1, []).append(key)
    known = await client.assets.find_duplicates({checksum: checksum for checksum in by_checksum})
    restored = await _restore(client, known.values()) if wishes.restore_trashed else {}
    places = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def _bring(checksum: str, keys: Sequence[int]) -> dict[int, Sent]:
        if (duplicate := known.get(checksum)) is not None:
            sent = restored.get(duplicate.asset_id) or Sent(
                status=Status.DUPLICATE, asset_id=duplicate.asset_id
            )
            return dict.fromkeys(keys, sent)
        async with places:
            sent = await _send_one(client, sources[keys[0]], wishes)
        later = Sent(status=Status.DUPLICATE, asset_id=sent.asset_id) if sent.asset_id else sent
        return {keys[0]: sent, **dict.fromkeys(keys[1:], later)}

    async with together() as tasks:
        outcomes = [tasks.create_task(_bring(*entry)) for entry in by_checksum.items()]
    return {key: sent for outcome in outcomes for key, sent in outcome.result().items()}


async def _restore(client: Immich, duplicates: Iterable[Duplicate]) -> dict[str, Sent]:
    """Bring duplicates back that lie in the trash: Immich would purge them, though it calls them there."""
    trashed = [duplicate.asset_id for duplicate in duplicates if duplicate.trashed]
    if not trashed:
        return {}
    try:
        await client.assets.restore(trashed)
    except ImmichAuthenticationError:
        raise
    except ImmichError as error:
        reason = str(action_failed(error))
        sent = failure("restore_failed", reason=reason)
        return {asset_id: Sent(status=Status.FAILED, error=sent) for asset_id in trashed}
    return {asset_id: Sent(status=Status.RESTORED, asset_id=asset_id) for asset_id in trashed}


async def _send_one(client: Immich, source: UploadSource, wishes: Wishes) -> Sent:
    try:
        video_id = None
        if source.live_video is not None:
            # The film first: the still names it, which hides it from the timeline.
            video_id = (await _deliver(client, _file_of(source.live_video, Wishes()))).asset_id
        return await _deliver(client, _file_of(source, wishes, video_id))
    except ImmichAuthenticationError:
        raise
    except ImmichError as error:
        return Sent(status=Status.FAILED, error=action_failed(error))
    except HomeAssistantError as error:
        return Sent(status=Status.FAILED, error=error)


async def _deliver(client: Immich, file: UploadFile) -> Sent:
    """Send a file; after a broken connection see whether it arrived before sending it again."""
    for attempt in range(1, UPLOAD_ATTEMPTS + 1):
        try:
            if attempt > 1 and (found := await client.assets.find_duplicates({"file": file.sha1})):
                return Sent(status=Status.CREATED, asset_id=found["file"].asset_id)
            uploaded = await client.assets.upload(file)
        except ImmichConnectionError as error:
            asked = getattr(error, "retry_after", None) or 0.0
            if attempt == UPLOAD_ATTEMPTS or asked > _LONGEST_PAUSE_SECONDS:
                raise
            pause = _BACKOFF_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (jitter)
            await asyncio.sleep(max(pause, asked))
        else:
            status = Status.DUPLICATE if uploaded.duplicate else Status.CREATED
            return Sent(status=status, asset_id=uploaded.asset_id)
    raise AssertionError("the last attempt returns or raises")


def _file_of(source: UploadSource, wishes: Wishes, video_id: str | None = None) -> UploadFile:
    return UploadFile(
        filename=source.filename,
        size=source.size,
        sha1=source.sha1,
        created_at=source.created_at,
        modified_at=source.modified_at,
        open=source.open,
        favorite=wishes.favorite,
        archived=wishes.archived,
        sidecar=source.sidecar,
        live_photo_video_id=video_id,
    )
