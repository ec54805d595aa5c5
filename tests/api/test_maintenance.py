"""Maintenance mode, in which nearly all routes are 404: it must not look like "gone"."""

import asyncio

import pytest

from custom_components.immich_plus.api.errors import (
    ImmichMaintenanceError,
    ImmichNotFoundError,
    ImmichRouteMissingError,
)
from custom_components.immich_plus.api.transport import CALLS_AT_ONCE
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Garble, LoginPage, Status

from .conftest import MakeClient
from .files import upload_file

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(params=["2.7.5", "3.1.0", "3.3.5"])
async def resting(request: pytest.FixtureRequest, make_immich: MakeImmich) -> FakeImmich:
    immich = await make_immich(version=request.param)
    immich.maintenance = True
    return immich


async def test_every_call_says_so(resting: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(resting)
    assert await client.transport.in_maintenance() is True
    for call in (
        client.users.me(),
        client.albums.list(),
        client.albums.create("x"),
        client.assets.counts(),
        client.assets.upload(upload_file()),
        client.search.added(),
        client.server.storage(),
        client.server.id(),
        client.server.media_types(),
        client.connect(),
    ):
        with pytest.raises(ImmichMaintenanceError) as caught:
            await call
        assert caught.value.status == 404
    with pytest.raises(ImmichMaintenanceError):
        async with client.assets.open_original(NOBODY):
            pass


async def test_it_is_not_tried_again(resting: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichMaintenanceError):
        await make_client(resting).users.me()
    assert [entry.path for entry in resting.requests.entries] == ["/api/users/me", "/api/server/config"]


async def test_the_version_can_be_read(resting: FakeImmich, make_client: MakeClient) -> None:
    assert str(await make_client(resting).server.version()) == str(resting.version)


async def test_many_calls_at_once_do_not_wait_for_each_other(
    resting: FakeImmich, make_client: MakeClient
) -> None:
    client = make_client(resting)
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(
            *(client.users.me() for _ in range(CALLS_AT_ONCE * 2 + 4)), return_exceptions=True
        )
    assert all(isinstance(outcome, ImmichMaintenanceError) for outcome in outcomes)


async def test_the_version_is_read_again_afterwards(resting: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(resting)
    await client.ensure_version()
    with pytest.raises(ImmichMaintenanceError):
        await client.users.me()
    resting.maintenance = False
    resting.set_version("3.3.5")
    assert str(await client.ensure_version()) == "3.3.5"


async def test_a_route_that_is_missing_is_not_maintenance(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    with pytest.raises(ImmichRouteMissingError) as caught:
        await make_client(immich).transport.get("no-such/route")
    assert not isinstance(caught.value, ImmichMaintenanceError)
    assert immich.requests.count("GET server/config") == 1


async def test_a_thing_that_is_missing_is_not_maintenance(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    with pytest.raises(ImmichNotFoundError):
        await make_client(immich).assets.get(NOBODY)
    assert immich.requests.count("GET server/config") == 0


@pytest.mark.parametrize("fault", [Status(502, html=True), Status(404), LoginPage(), Garble(text=b"[true]")])
async def test_the_question_itself_may_fail(
    immich: FakeImmich, make_client: MakeClient, fault: Status | LoginPage | Garble
) -> None:
    immich.faults.add("GET server/config", fault)
    client = make_client(immich)
    assert await client.transport.in_maintenance() is False
    with pytest.raises(ImmichRouteMissingError):
        await client.transport.get("no-such/route")


@pytest.mark.parametrize("word", [b'{"maintenanceMode":"true"}', b'{"maintenanceMode":1}', b"{}", b"null"])
async def test_only_the_plain_word_counts(immich: FakeImmich, make_client: MakeClient, word: bytes) -> None:
    immich.faults.add("GET server/config", Garble(text=word))
    assert await make_client(immich).transport.in_maintenance() is False
