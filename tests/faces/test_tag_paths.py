"""Tags as people name them in actions: by path or by id."""

from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.immich_plus.actions.tags import async_tag_paths
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id

TRIPS = stable_id("tiny tag trips")


async def test_paths_and_ids(account: MockConfigEntry) -> None:
    """Blanks and slashes around a path go, each tag counts once, an id in any letter case is found."""
    client = account.runtime_data.client
    paths = await async_tag_paths(client, [TRIPS.upper(), " new ", "/new/", "", " / ", "trips", "other/one"])
    assert paths == ["trips", "new", "other/one"]


async def test_paths_alone_ask_nothing(immich: FakeImmich, account: MockConfigEntry) -> None:
    """Only an id has to be looked up."""
    client = account.runtime_data.client
    immich.requests.clear()
    assert await async_tag_paths(client, ["new", "other"]) == ["new", "other"]
    assert await async_tag_paths(client, []) == []
    assert immich.requests.count() == 0


async def test_unknown_id(account: MockConfigEntry) -> None:
    """An id that no tag has is a mistake of the caller's, not the name of a new tag."""
    with pytest.raises(ServiceValidationError) as caught:
        await async_tag_paths(account.runtime_data.client, [stable_id("no tag")])
    assert caught.value.translation_key == "tag_unknown"
