"""Shared links: making them for albums and for any number of assets, listing, deleting, and their address."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from yarl import URL

from custom_components.immich_plus.api import bulk
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichConnectionError,
    ImmichError,
    ImmichNotFoundError,
    ImmichPermissionError,
)
from custom_components.immich_plus.api.shared_links import SharedLink, address
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Drop, Garble, Status, missing, replaced
from tests.fake_immich.ids import stable_id
from tests.fake_immich.libraries import scale
from tests.fake_immich.models import SharedLink as KeptLink

from .conftest import VERSIONS, MakeClient

HOLIDAY = stable_id("tiny holiday")
THEIRS = stable_id("tiny theirs")
ASSETS = [stable_id(f"tiny {name}.jpg") for name in ("vienna", "rome", "paris", "party", "memory")]
FOREIGN = stable_id("tiny user1.jpg")
NOBODY = "00000000-0000-4000-8000-000000000000"
BASE = URL("http://192.0.2.7:2283")


@pytest.fixture
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let two assets fill a request."""
    monkeypatch.setattr(bulk, "ASSETS_PER_REQUEST", 2)
    return iter(())


def only(immich: FakeImmich) -> KeptLink:
    """Return the one link that the server has."""
    [link] = immich.state.shared_links.values()
    return link


def limited(immich: FakeImmich, *scopes: str) -> str:
    """Give a key of the administrator's that has some scopes only."""
    admin = immich.state.users[stable_id("tiny admin")]
    return immich.state.add_api_key(admin, scopes, secret="limited-key").secret


async def test_an_album(each: FakeImmich, make_client: MakeClient) -> None:
    link = await make_client(each).shared_links.create(album_id=HOLIDAY.upper())
    kept = only(each)
    assert (kept.type, kept.album_id, kept.password, kept.expires_at) == ("ALBUM", HOLIDAY, None, None)
    assert (kept.allow_upload, kept.allow_download, kept.show_metadata) == (False, True, True)
    assert link == SharedLink(
        id=kept.id,
        key=link.key,
        slug=None,
        type="album",
        album_id=HOLIDAY,
        expires_at=None,
        allow_download=True,
        allow_upload=False,
        show_metadata=True,
        has_password=False,
    )
    assert each.requests.by_route() == {"POST shared-links": 1}


async def test_everything_that_can_be_said(each: FakeImmich, make_client: MakeClient) -> None:
    zone = timezone(timedelta(hours=2))
    link = await make_client(each).shared_links.create(
        album_id=HOLIDAY,
        password="sesame & Ünïcödé",
        expires_at=datetime(2027, 1, 1, 1, 30, 0, 123456, tzinfo=zone),
        allow_download=False,
        allow_upload=True,
    )
    kept = only(each)
    assert kept.password == "sesame & Ünïcödé"
    assert kept.expires_at == link.expires_at == datetime(2026, 12, 31, 23, 30, 0, 123000, tzinfo=UTC)
    assert (link.allow_download, link.allow_upload, link.has_password) == (False, True, True)


async def test_nothing_that_opens_it_is_printed(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("POST shared-links", replaced("our-summer", "slug"))
    link = await make_client(immich).shared_links.create(album_id=HOLIDAY, password="sesame")
    assert link.slug == "our-summer"
    for secret in ("sesame", "our-summer", link.key):
        assert secret not in repr(link)


async def test_without_metadata_there_are_no_downloads(each: FakeImmich, make_client: MakeClient) -> None:
    link = await make_client(each).shared_links.create(asset_ids=ASSETS[:1], show_metadata=False)
    assert (link.show_metadata, link.allow_download) == (False, False)


async def test_single_assets(each: FakeImmich, make_client: MakeClient) -> None:
    link = await make_client(each).shared_links.create(asset_ids=[ASSETS[0], ASSETS[1], ASSETS[0].upper()])
    assert only(each).asset_ids == ASSETS[:2]
    assert (link.type, link.album_id, link.allow_upload) == ("individual", None, False)


@pytest.mark.usefixtures("pages_of_two")
async def test_more_than_a_page_of_assets(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    each.requests.clear()
    link = await client.shared_links.create(asset_ids=ASSETS)
    assert only(each).id == link.id
    assert only(each).asset_ids == ASSETS
    assert each.requests.by_route() == {"POST shared-links": 1, "PUT shared-links/{id}/assets": 2}


@pytest.mark.parametrize(("count", "requests"), [(1, 1), (1000, 1), (2500, 3)])
async def test_requests_grow_with_pages(
    make_immich: MakeImmich, make_client: MakeClient, count: int, requests: int
) -> None:
    immich = await make_immich(library=scale(count))
    await make_client(immich, "scale-key").shared_links.create(asset_ids=list(immich.state.assets))
    assert len(only(immich).asset_ids) == count
    assert immich.requests.count() == requests
    assert max(entry.body_size for entry in immich.requests.entries) < 50_000


@pytest.mark.usefixtures("pages_of_two")
async def test_a_key_that_may_not_add_puts_all_into_one_request(
    each: FakeImmich, make_client: MakeClient
) -> None:
    client = make_client(each, limited(each, "sharedLink.create", "user.read"))
    await client.connect()
    client.scopes.told = frozenset({"sharedLink.create", "user.read"})
    each.requests.clear()
    await client.shared_links.create(asset_ids=ASSETS)
    assert only(each).asset_ids == ASSETS
    assert each.requests.by_route() == {"POST shared-links": 1}


@pytest.mark.usefixtures("pages_of_two")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_refusal_is_learnt_where_scopes_are_not_told(
    make_immich: MakeImmich, make_client: MakeClient, version: str
) -> None:
    immich = await make_immich(version=version)
    client = make_client(immich, limited(immich, "sharedLink.create", "sharedLink.delete", "user.read"))
    await client.connect()
    client.scopes.told = None
    immich.requests.clear()
    await client.shared_links.create(asset_ids=ASSETS)
    assert only(immich).asset_ids == ASSETS
    assert immich.requests.by_route() == {
        "POST shared-links": 2,
        "PUT shared-links/{id}/assets": 1,
        "DELETE shared-links/{id}": 1,
    }
    assert client.version.add_to_link_scope in client.scopes.refused
    immich.requests.clear()
    await client.shared_links.create(asset_ids=ASSETS)
    assert immich.requests.by_route() == {"POST shared-links": 1}


@pytest.mark.usefixtures("pages_of_two")
@pytest.mark.parametrize("bad", [FOREIGN, NOBODY])
@pytest.mark.parametrize("position", [0, 2, 4])
async def test_an_unknown_asset_leaves_no_link(
    each: FakeImmich, make_client: MakeClient, bad: str, position: int
) -> None:
    client = make_client(each)
    await client.connect()
    ids = [*ASSETS[:position], bad, *ASSETS[position:]]
    with pytest.raises(ImmichNotFoundError, match=r"Not found or no asset\.share access"):
        await client.shared_links.create(asset_ids=ids)
    assert not each.state.shared_links


@pytest.mark.usefixtures("pages_of_two")
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Status(500, "Broken"), ImmichError),
        (Status(403, "Forbidden"), ImmichPermissionError),
        (Status(403, "Missing required permission: other.scope"), ImmichPermissionError),
        (Drop(), ImmichConnectionError),
        (Garble(text=b"{}"), ImmichBadAnswerError),
    ],
)
async def test_a_page_that_fails_takes_the_link_away(
    immich: FakeImmich, make_client: MakeClient, fault: Status | Drop | Garble, kind: type[ImmichError]
) -> None:
    immich.faults.add("PUT shared-links/{id}/assets", fault, after=1)
    with pytest.raises(kind):
        await make_client(immich).shared_links.create(asset_ids=ASSETS)
    assert not immich.state.shared_links
    assert immich.requests.count("POST shared-links") == 1


@pytest.mark.usefixtures("pages_of_two")
async def test_the_first_error_is_told_even_if_the_half_link_stays(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    immich.faults.add("PUT shared-links/{id}/assets", Status(500, "Broken"))
    immich.faults.add("DELETE shared-links/{id}", Status(500, "Broken as well"))
    with pytest.raises(ImmichError, match=r"Broken$"):
        await make_client(immich).shared_links.create(asset_ids=ASSETS)
    assert only(immich).asset_ids == ASSETS[:2]


@pytest.mark.usefixtures("pages_of_two")
async def test_a_page_sent_twice_is_fine(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("PUT shared-links/{id}/assets", Drop(work=True), times=1)
    await make_client(immich).shared_links.create(asset_ids=ASSETS)
    assert only(immich).asset_ids == ASSETS
    assert immich.requests.count("PUT shared-links/{id}/assets") == 3


async def test_a_lost_answer_is_not_asked_for_again(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("POST shared-links", Drop(work=True))
    with pytest.raises(ImmichConnectionError):
        await make_client(immich).shared_links.create(album_id=HOLIDAY)
    assert len(immich.state.shared_links) == 1


@pytest.mark.parametrize("album", [NOBODY, THEIRS, "no id"])
async def test_an_album_that_is_not_mine(each: FakeImmich, make_client: MakeClient, album: str) -> None:
    with pytest.raises(ImmichNotFoundError):
        await make_client(each).shared_links.create(album_id=album)
    assert not each.state.shared_links


@pytest.mark.parametrize("ids", [None, []])
async def test_nothing_to_share(each: FakeImmich, make_client: MakeClient, ids: list[str] | None) -> None:
    with pytest.raises(ImmichBadRequestError, match="Invalid assetIds"):
        await make_client(each).shared_links.create(asset_ids=ids)


async def test_a_list_and_deleting(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    assert await client.shared_links.list() == []
    past = datetime(2020, 1, 1, tzinfo=UTC)
    album = await client.shared_links.create(album_id=HOLIDAY, password="sesame", expires_at=past)
    single = await client.shared_links.create(asset_ids=ASSETS)
    listed = {link.id: link for link in await client.shared_links.list()}
    assert listed == {album.id: album, single.id: single}
    await client.shared_links.delete(album.id)
    assert each.requests.entries[-1].status == (200 if str(each.version) == "1.137.3" else 204)
    assert [link.id for link in await client.shared_links.list()] == [single.id]
    for gone in (album.id, NOBODY, "no id"):
        with pytest.raises(ImmichNotFoundError):
            await client.shared_links.delete(gone)


async def test_narrow_keys(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "read-key")
    for call, scope in (
        (client.shared_links.list(), "sharedLink.read"),
        (client.shared_links.create(album_id=HOLIDAY), "sharedLink.create"),
        (client.shared_links.delete(NOBODY), "sharedLink.delete"),
    ):
        with pytest.raises(ImmichPermissionError) as caught:
            await call
        assert caught.value.scope == scope


async def test_odd_links_never_take_the_list_down(immich: FakeImmich, make_client: MakeClient) -> None:
    rows = b'[5,{"id":"a"},{"key":"k"},{"id":"b","key":"k"},{"id":"c","key":"k","album":{"id":"d"},"slug":"",'
    rows += b'"expiresAt":"soon","allowUpload":1,"password":7}]'
    immich.faults.add("GET shared-links", Garble(text=rows))
    first, second = await make_client(immich).shared_links.list()
    assert (first.id, first.type, first.album_id) == ("b", "individual", None)
    assert (second.id, second.type, second.album_id, second.slug) == ("c", "album", "d", None)
    assert (second.expires_at, second.allow_upload, second.has_password) == (None, False, False)
    immich.faults.clear()
    immich.faults.add("GET shared-links", Garble(text=b"{}"))
    with pytest.raises(ImmichBadAnswerError, match="shared-links: expected a list"):
        await make_client(immich).shared_links.list()


async def test_a_new_link_without_a_key_is_named(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("POST shared-links", missing("key"))
    with pytest.raises(ImmichBadAnswerError, match="shared-links: field key"):
        await make_client(immich).shared_links.create(album_id=HOLIDAY)


@pytest.mark.parametrize(
    ("slug", "external", "base", "expected"),
    [
        (None, "", BASE, "http://192.0.2.7:2283/share/a_b-C"),
        (None, "https://photos.example.org", BASE, "https://photos.example.org/share/a_b-C"),
        (None, " https://photos.example.org/ ", BASE, "https://photos.example.org/share/a_b-C"),
        ("summer", "https://example.org/immich/", BASE, "https://example.org/immich/s/summer"),
        ("a/b ü?", "", URL("https://example.org/sub"), "https://example.org/sub/s/a%2Fb%20%C3%BC%3F"),
        (None, "photos.example.org", BASE, "http://192.0.2.7:2283/share/a_b-C"),
        (None, "javascript:alert(1)", BASE, "http://192.0.2.7:2283/share/a_b-C"),
        (None, "https://", BASE, "http://192.0.2.7:2283/share/a_b-C"),
        (None, "http://[", BASE, "http://192.0.2.7:2283/share/a_b-C"),
    ],
)
def test_the_address_for_people(slug: str | None, external: str, base: URL, expected: str) -> None:
    link = SharedLink.from_json({"id": "a", "key": "a_b-C", "slug": slug})
    assert address(link, external, base) == expected
