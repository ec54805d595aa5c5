"""The client as a whole: connecting, versions under way, scopes told and learnt."""

import asyncio

import pytest

from custom_components.immich_plus.api.errors import (
    ImmichAuthenticationError,
    ImmichConnectionError,
    ImmichError,
    ImmichPermissionError,
    ImmichServerError,
    ImmichTooOldError,
)
from custom_components.immich_plus.api.permissions import ALL, Ability
from custom_components.immich_plus.api.together import together
from custom_components.immich_plus.api.version import FLOOR
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Delay, Drop, Garble, LoginPage, Status, replaced
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient


async def test_connecting(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    assert client.version == FLOOR
    identity = await client.connect()
    assert identity.account.id == stable_id("tiny admin")
    assert identity.account.is_admin is client.is_admin is True
    assert identity.server_id
    assert str(client.version) == str(each.version)
    assert str(client.url).rstrip("/") == each.url
    told = client.version.tells_scopes
    assert client.scopes.told == (frozenset({ALL}) if told else None)
    assert each.requests.count() == (4 if told else 3)


async def test_connecting_takes_two_steps(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("*", Delay(0.15))
    await make_client(immich).connect()
    started = [entry.started for entry in immich.requests.entries]
    assert started[1] - started[0] >= 0.15
    assert max(started[1:]) - min(started[1:]) < 0.15


async def test_an_ordinary_user(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "user-key")
    identity = await client.connect()
    assert (identity.account.name, client.is_admin) == ("User", False)
    assert identity.account.quota_size == 10**9
    assert identity.account.quota_usage is not None


async def test_a_narrow_key(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "read-key")
    await client.connect()
    assert client.scopes.can(Ability.PEOPLE)
    assert client.scopes.can(Ability.UPLOAD) is not client.version.tells_scopes


async def test_a_bad_key(each: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichAuthenticationError):
        await make_client(each, "nobodys-key").connect()


async def test_a_key_that_may_not_say_whose_it_is(each: FakeImmich, make_client: MakeClient) -> None:
    with pytest.raises(ImmichPermissionError) as caught:
        await make_client(each, "album-key").connect()
    assert caught.value.scope == "user.read"


@pytest.mark.parametrize(
    "fault",
    [Status(403), Status(404), Status(400), Status(500), LoginPage(), Garble(text=b"{}"), Garble(text=b"[")],
)
async def test_scopes_that_cannot_be_read_are_learnt(
    immich: FakeImmich, make_client: MakeClient, fault: Status
) -> None:
    client = make_client(immich, "read-key")
    immich.faults.add("GET api-keys/me", fault)
    await client.connect()
    assert client.scopes.told is None
    assert client.scopes.can(Ability.UPLOAD)
    with pytest.raises(ImmichPermissionError) as caught:
        await client.tags.upsert(["x"])
    assert caught.value.scope is not None
    assert client.scopes.refuse(caught.value.scope) is True
    assert not client.scopes.can(Ability.TAG_ASSETS)


@pytest.mark.parametrize("fault", [Status(401, message="Invalid API key"), Status(502, html=True)])
async def test_what_concerns_everything_is_told(
    immich: FakeImmich, make_client: MakeClient, fault: Status
) -> None:
    immich.faults.add("GET api-keys/me", fault)
    with pytest.raises((ImmichAuthenticationError, ImmichConnectionError)):
        await make_client(immich).connect()


async def test_changes_of_scopes_are_noticed(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich, "read-key")
    await client.connect()
    assert await client.refresh_scopes() is False
    key = immich.state.key_by_secret("read-key")
    assert key is not None
    key.permissions = [*key.permissions, "asset.upload"]
    assert await client.refresh_scopes() is True
    assert client.scopes.can(Ability.UPLOAD)
    client.scopes.refuse("asset.upload")
    assert await client.refresh_scopes() is True, "it was given again"
    assert client.scopes.can(Ability.UPLOAD)
    client.scopes.refuse("tag.create")
    assert await client.refresh_scopes() is False, "it is still missing"
    assert not client.scopes.has("tag.create")


async def test_odd_scopes_are_left_out(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.connect()
    immich.faults.add("GET api-keys/me", replaced(["tag.read", 5, None, ["x"]], "permissions"))
    assert await client.api_keys.scopes() == ["tag.read"]


async def test_old_servers_are_not_asked_for_scopes(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.set_version("1.138.1")
    client = make_client(immich)
    await client.connect()
    assert await client.refresh_scopes() is False
    assert immich.requests.count("*api-keys*") == 0


async def test_what_1_137_wants_for_the_version_check(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.set_version("1.137.3")
    client = make_client(immich, "read-key")
    await client.connect()
    assert client.scopes.can(Ability.VERSION_CHECK)
    with pytest.raises(ImmichPermissionError) as caught:
        await client.server.version_check()
    assert caught.value.scope == ALL
    client.scopes.refuse(ALL)
    assert not client.scopes.can(Ability.VERSION_CHECK)
    assert client.scopes.can(Ability.TAGS)


async def test_the_version_is_read_once(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.connect()
    await asyncio.gather(*(client.ensure_version() for _ in range(5)))
    assert immich.requests.count("GET server/version") == 1


@pytest.mark.parametrize("fault", [Drop(), Drop(at="body"), Status(502, html=True), Status(503)])
async def test_the_version_is_read_again_after_the_server_was_lost(
    immich: FakeImmich, make_client: MakeClient, fault: Drop | Status
) -> None:
    client = make_client(immich)
    await client.connect()
    immich.faults.add("POST search/metadata", fault)
    with pytest.raises(ImmichConnectionError):
        await client.search.added()
    immich.set_version("3.3.5")
    assert [
        str(version) for version in await asyncio.gather(*(client.ensure_version() for _ in range(5)))
    ] == ["3.3.5"] * 5
    assert immich.requests.count("GET server/version") == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
async def test_a_refusal_is_no_loss(immich: FakeImmich, make_client: MakeClient, status: int) -> None:
    client = make_client(immich)
    await client.connect()
    immich.faults.add("GET users/me", Status(status))
    with pytest.raises(ImmichError):
        await client.users.me()
    await client.ensure_version()
    assert immich.requests.count("GET server/version") == 1


async def test_a_version_that_could_not_be_read_is_asked_for_again(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    client = make_client(immich)
    immich.faults.add("GET server/version", Status(500), times=1)
    with pytest.raises(ImmichServerError):
        await client.ensure_version()
    assert str(await client.ensure_version()) == "3.1.0"


async def test_a_version_that_could_not_be_read_again_is_not_trusted(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    client = make_client(immich)
    await client.connect()
    immich.faults.add("GET server/version", Status(500), times=1)
    with pytest.raises(ImmichServerError):
        await client.refresh_version()
    immich.set_version("3.3.5")
    assert str(await client.ensure_version()) == "3.3.5"


async def test_a_restart_as_another_version(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.connect()
    await immich.stop()
    with pytest.raises(ImmichConnectionError):
        await client.users.me()
    immich.set_version("1.136.0")
    await immich.start()
    with pytest.raises(ImmichTooOldError):
        await client.ensure_version()
    immich.set_version("3.3.5")
    assert str(await client.ensure_version()) == "3.3.5"
    assert (await client.users.me()).name == "Admin"


async def test_together_gives_the_first_error_bare() -> None:
    ended: list[str] = []

    async def _fail() -> None:
        await asyncio.sleep(0)
        raise ImmichServerError("first")

    async def _last() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            ended.append("last")

    async def _both() -> None:
        async with together() as tasks:
            tasks.create_task(_last())
            tasks.create_task(_fail())

    with pytest.raises(ImmichServerError, match="first"):
        await _both()
    assert ended == ["last"]
    async with together() as tasks:
        found = tasks.create_task(asyncio.sleep(0, "fine"))
    assert found.result() == "fine"
