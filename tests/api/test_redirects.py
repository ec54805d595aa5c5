"""Redirects: followed on the same origin and for reads alone; the key never leaves."""

import asyncio

import pytest
from yarl import URL

from custom_components.immich_plus.api.errors import ImmichNotImmichError, ImmichRedirectError
from custom_components.immich_plus.api.transport import REDIRECTS
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import LoginPage, Redirect

from .conftest import MakeClient, MakeWire
from .wire import Head, WireServer, always, answer

STATUSES = (301, 302, 303, 307, 308)


@pytest.mark.parametrize("status", STATUSES)
async def test_another_origin_gets_nothing(
    immich: FakeImmich, make_client: MakeClient, stranger: WireServer, status: int
) -> None:
    immich.faults.add("*", Redirect(f"{stranger.url}/login?next=%2Fapi", status=status))
    client = make_client(immich)
    with pytest.raises(ImmichRedirectError) as caught:
        await client.users.me()
    assert caught.value.target == stranger.url
    assert caught.value.status == status
    with pytest.raises(ImmichRedirectError):
        await client.albums.create("x")
    with pytest.raises(ImmichRedirectError):
        async with client.assets.open_original("00000000-0000-4000-8000-000000000000"):
            pass
    assert stranger.connections == 0
    assert len([entry for entry in immich.requests.entries if entry.method == "POST"]) == 1


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1:{port}/",
        "http://localhost:{port}/api",
        "http://127.0.0.1:{other}/api",
        "//evil.example/api",
        "http://user:pass@evil.example/",
        "ftp://127.0.0.1:{port}/",
    ],
)
async def test_another_scheme_host_or_port_is_another_origin(
    immich: FakeImmich, make_client: MakeClient, location: str
) -> None:
    immich.faults.add("*", Redirect(location.format(port=immich.port, other=immich.port + 1)))
    with pytest.raises(ImmichRedirectError) as caught:
        await make_client(immich).users.me()
    assert "user" not in caught.value.target
    assert "pass" not in caught.value.target
    assert URL(caught.value.target).path in ("", "/")
    assert immich.requests.count() == 1


async def test_a_redirect_to_a_login_host_names_it(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("*", Redirect("https://auth.example.org/realms/x?client_id=secret#f"))
    with pytest.raises(ImmichRedirectError) as caught:
        await make_client(immich).connect()
    assert caught.value.target == "https://auth.example.org"
    assert "secret" not in f"{caught.value}{caught.value.target}"


async def test_a_login_page_after_a_redirect_on_the_same_origin(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    immich.faults.add("GET users/me", Redirect("/login?rd=x"))
    immich.faults.add("/login", LoginPage())
    with pytest.raises(ImmichNotImmichError, match="text/html"):
        await make_client(immich).users.me()


@pytest.mark.parametrize("status", STATUSES)
async def test_reads_follow_on_the_same_origin(
    immich: FakeImmich, make_client: MakeClient, status: int
) -> None:
    immich.faults.add("GET users/me", Redirect("/api/users/me/", status=status), times=1)
    client = make_client(immich)
    assert (await client.users.me()).name == "Admin"
    assert immich.requests.count() == 2
    assert all(entry.headers["x-api-key"] == "admin-key" for entry in immich.requests.entries)


async def test_relative_addresses_and_their_query_are_taken_as_they_are(
    make_client: MakeClient, make_wire: MakeWire
) -> None:
    answers = iter(
        [
            answer(b"", "Location: ../moved?b=2%26c", status="302 Found"),
            answer(b'{"total": 3}'),
        ]
    )

    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(next(answers))

    wire = await make_wire(_respond)
    assert await make_client(wire).transport.get("a/b", {"a": 1}) == {"total": 3}
    assert [head.first_line.split()[1] for head in wire.heads] == ["/api/a/b?a=1", "/api/moved?b=2%26c"]


async def test_loops_end(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET users/me", Redirect())
    with pytest.raises(ImmichNotImmichError, match="too many redirects"):
        await make_client(immich).users.me()
    assert immich.requests.count() == REDIRECTS + 1


@pytest.mark.parametrize("location", ["Location: http://[broken", "Location: mailto:me@x.org", "X-None: 1"])
async def test_a_redirect_to_nowhere(make_client: MakeClient, make_wire: MakeWire, location: str) -> None:
    wire = await make_wire(always(answer(b"", location, status="302 Found")))
    with pytest.raises(ImmichNotImmichError, match="without a usable address") as caught:
        await make_client(wire).users.me()
    assert not isinstance(caught.value, ImmichRedirectError)
    assert caught.value.status == 302
    assert len(wire.heads) == 1


@pytest.mark.parametrize("status", STATUSES)
async def test_changes_are_not_sent_again(immich: FakeImmich, make_client: MakeClient, status: int) -> None:
    immich.faults.add("*", Redirect("/api/elsewhere", status=status))
    client = make_client(immich)
    for call in (client.albums.create("x"), client.tags.upsert(["x"]), client.search.added()):
        with pytest.raises(ImmichNotImmichError, match="a change was answered with a redirect"):
            await call
    assert immich.requests.count("*elsewhere*") == 0
    assert immich.requests.count() == 3
