"""Searches against a look at every asset there is: exactly what is meant, once each, in order, on all versions."""

from random import Random

import pytest

from custom_components.immich_plus.api import Immich
from custom_components.immich_plus.api.errors import ImmichBadRequestError, ImmichRouteMissingError
from custom_components.immich_plus.api.query import AssetQuery, Choice, Order, Shown
from custom_components.immich_plus.api.version import ServerVersion
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich

from .conftest import VERSIONS, MakeClient
from .searching import ALBUMS, BURST, EMPTY, SIZES, TAGS, any_query, expected, fill_search, listed

# Queries made by chance, for each version.
QUERIES = 30


@pytest.fixture(params=VERSIONS, name="server")
async def server_fixture(request: pytest.FixtureRequest, make_immich: MakeImmich) -> FakeImmich:
    return await make_immich(version=request.param, library=fill_search)


@pytest.fixture(name="client")
async def client_fixture(server: FakeImmich, make_client: MakeClient) -> Immich:
    client = make_client(server, "me-key")
    await client.connect()
    return client


@pytest.mark.parametrize("order", list(Order))
async def test_every_page_size(server: FakeImmich, client: Immich, order: Order) -> None:
    """All of it, a burst of one moment and partners' photos included."""
    query = AssetQuery(visibility=Shown.ANY)
    wanted = expected(server.state, query, str(client.version), order)
    assert len(wanted) > 70
    assert sum(server.state.assets[each].file_created_at == BURST for each in wanted) > max(SIZES[:4])
    for size in SIZES:
        assert await listed(client, query, order=order, size=size) == wanted


async def test_every_album(server: FakeImmich, client: Immich) -> None:
    """Everybody's photos, whoever shared the album."""
    for album in ALBUMS:
        query = AssetQuery(albums=Choice(ids=(album,)))
        wanted = expected(server.state, query, str(client.version))
        assert bool(wanted) == (album != EMPTY)
        for size in (2, 1000):
            assert await listed(client, query, size=size) == wanted


async def test_any_queries(server: FakeImmich, client: Immich) -> None:
    """Whatever is asked for, in whichever pages."""
    random = Random(11)
    found = 0
    for _ in range(QUERIES):
        query, size, order = any_query(random), random.choice(SIZES), random.choice(list(Order))
        try:
            asked = await listed(client, query, order=order, size=size)
        except ImmichBadRequestError as error:
            if error.status is not None:
                raise
            # Too many searches at once.
            continue
        assert asked == expected(server.state, query, str(client.version), order), query
        found += bool(asked)
    assert found > QUERIES // 3, "hardly any query found anything"


async def test_text_in_pictures(server: FakeImmich, client: Immich) -> None:
    """From 2.2 on; what can't be told isn't left out of the question."""
    query = AssetQuery(ocr="sortie", tags=Choice(excluded=TAGS[:1]))
    if client.version < ServerVersion(2, 2, 0):
        with pytest.raises(ImmichRouteMissingError):
            await client.search.page(query)
        assert server.requests.count("POST search/*") == 0
        return
    wanted = expected(server.state, query, str(client.version))
    assert wanted
    assert await listed(client, query, size=3) == wanted
