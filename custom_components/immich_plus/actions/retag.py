"""Taking tags off assets and putting others on, in an order that Immich doesn't undo.

Immich writes an asset's tags into its sidecar after every change, reads that back a moment later, and then
takes the tags as they stood when the writing began: a second change in between is lost, and so may be other
things that go into the sidecar (seen on 3.1.0, in four of ten cases). So all that is put on goes at once, and
what has to follow a change waits until it was read back.
"""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Final

from ..api import Immich
from ..api.asset import Asset
from ..api.errors import ImmichError
from ..api.tags import Tag

_PAUSE_SECONDS: Final = 0.25
# How long reading back may take: for one asset, for each more, and at the most (0.6 s for 60 were seen).
_SECONDS: Final = 3.0
_SECONDS_PER_ASSET: Final = 0.03
_MOST_SECONDS: Final = 60.0


async def async_retag(
    client: Immich, asset_ids: Sequence[str], *, remove: Sequence[Tag], add: Sequence[Tag], wait: bool
) -> None:
    """Take tags off assets, then put on others; unknown assets are skipped without a word.

    `wait`: something else that goes into the sidecar will be changed as well, so also wait after the last step.
    """
    last = asset_ids[-1]
    for position, tag in enumerate(remove, 1):
        more = wait or bool(add) or position < len(remove)
        before = await _read(client, last) if more else None
        had = await client.tags.unassign(tag.id, asset_ids)
        changed = [asset_id for asset_id in asset_ids if had.get(asset_id)]
        if more and changed:
            if changed[-1] != last:
                before = await _read(client, changed[-1])
            await _wait_until_read_back(client, changed, before)
    if not add:
        return
    before = await _read(client, last) if wait else None
    await client.tags.assign([tag.id for tag in add], asset_ids)
    # Nothing tells which assets had them before; of one it is known.
    has_all = before is not None and all(tag.value in before.tags for tag in add)
    if wait and not (has_all and len(asset_ids) == 1):
        await _wait_until_read_back(client, asset_ids, before)


async def _wait_until_read_back(client: Immich, changed: Sequence[str], before: Asset | None) -> None:
    """Wait until the last of the assets is newer than `before`: its sidecar is the last to be read back."""
    seconds = min(_SECONDS + len(changed) * _SECONDS_PER_ASSET, _MOST_SECONDS)
    if before is None:
        await asyncio.sleep(seconds)
        return
    end = monotonic() + seconds
    while monotonic() < end:
        await asyncio.sleep(_PAUSE_SECONDS)
        now = await _read(client, changed[-1])
        if now is not None and now.updated_at != before.updated_at:
            # Those before it may take a little longer.
            await asyncio.sleep(_PAUSE_SECONDS)
            return


async def _read(client: Immich, asset_id: str) -> Asset | None:
    """Read an asset; None if the key may not, or if there is no such thing."""
    try:
        return await client.assets.get(asset_id)
    except ImmichError:
        return None
