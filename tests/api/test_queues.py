"""Queues: read on every version; what is odd in one row leaves the others alone."""

import pytest

from custom_components.immich_plus.api import Immich
from custom_components.immich_plus.api.errors import ImmichPermissionError
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import replaced

from .conftest import MakeClient


async def test_every_version(each: FakeImmich, make_client: MakeClient) -> None:
    """Each version names its own queues; what waits in a paused one is told apart."""
    client = make_client(each)
    each.state.queues["thumbnailGeneration"].failed = 2
    queues = await client.queues.list()
    assert {"thumbnailGeneration", "metadataExtraction", "videoConversion"} <= queues.keys()
    assert queues["thumbnailGeneration"].failed == 2
    assert not queues["thumbnailGeneration"].is_paused


async def test_odd_rows(immich: FakeImmich, client: Immich) -> None:
    """A queue that can't be read is left out; counts that are missing are zero."""
    immich.faults.add(
        "GET jobs",
        replaced({"a": None, "b": {"jobCounts": {"failed": "3"}}, "c": {"jobCounts": [], "queueStatus": {}}}),
    )
    (queue,) = (await client.queues.list()).values()
    assert (queue.name, queue.failed, queue.active, queue.is_paused) == ("b", 3, 0, False)


async def test_plain_user(immich: FakeImmich, make_client: MakeClient) -> None:
    """Only administrators may look."""
    with pytest.raises(ImmichPermissionError):
        await make_client(immich, "user-key").queues.list()
