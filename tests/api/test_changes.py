"""What changed since a moment: everything that somebody may be told of, on every version, bounded."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.immich_plus.api import Immich, changes
from custom_components.immich_plus.api.query import Span
from tests.conftest import MakeImmich
from tests.fake_immich.answers import AnyAnswer
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Call, Fault, Proceed
from tests.fake_immich.models import Asset, Partner, User, Visibility

from .conftest import MakeClient

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at(immich: FakeImmich, seconds: float) -> datetime:
    """Set the server's clock, and return what it says."""
    moment = START + timedelta(seconds=seconds)
    immich.state.clock.set(moment)
    return moment


def upload(immich: FakeImmich, owner: User | None = None, **more: object) -> Asset:
    """Add a photo now."""
    state = immich.state
    return state.add_asset(owner or next(iter(state.users.values())), "a.jpg", taken=state.now(), **more)


@pytest.fixture
async def library(each: FakeImmich) -> FakeImmich:
    """Give a fake of each version whose photos are all older than `START`."""
    at(each, -3600)
    for asset in each.state.assets.values():
        each.state.update_asset(asset)
        asset.created_at = each.state.now()
    at(each, 0)
    return each


async def connected(make_client: MakeClient, immich: FakeImmich, key: str = "admin-key") -> Immich:
    """Give a client that knows version and user."""
    client = make_client(immich, key)
    await client.connect()
    return client


async def test_all_that_changed(library: FakeImmich, make_client: MakeClient) -> None:
    """Uploads, archived, trashed and changed photos and those of partners are found, hidden parts aren't."""
    state = library.state
    admin, other, *_ = state.users.values()
    state.partners.append(Partner(shared_by_id=other.id, shared_with_id=admin.id, in_timeline=True))
    old, *_ = (asset for asset in state.assets.values() if asset.owner_id == admin.id)
    new = upload(library)
    archived = upload(library, visibility=Visibility.ARCHIVE)
    trashed = upload(library, trashed_at=state.now())
    partners = upload(library, other)
    upload(library, visibility=Visibility.HIDDEN)
    upload(library, other, visibility=Visibility.ARCHIVE)
    at(library, 10)
    state.update_asset(old, is_favorite=not old.is_favorite)
    client = await connected(make_client, library)
    found = await client.changes.since(START)
    assert found.complete
    rows = {asset.id: asset for asset in found.assets}
    assert rows.keys() == {old.id, new.id, archived.id, trashed.id, partners.id}
    is_new = {each for each, asset in rows.items() if asset.added_at and asset.added_at >= START}
    assert is_new == rows.keys() - {old.id}
    assert {asset.id for asset in (await client.changes.added(START)).assets} == is_new
    assert rows[trashed.id].trashed


async def test_ends_are_included(library: FakeImmich, make_client: MakeClient) -> None:
    """What has the very moment is found, what is a millisecond older isn't."""
    asset = upload(library)
    client = await connected(make_client, library)
    assert [found.id for found in (await client.changes.since(START)).assets] == [asset.id]
    assert (await client.changes.since(START + timedelta(milliseconds=1))).assets == []


async def test_more_than_is_read(
    library: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit it is said that there is more; counting tells how much."""
    monkeypatch.setattr(changes, "MOST_FOUND", 5)
    for _ in range(7):
        upload(library)
        at(library, len(library.state.assets))
    client = await connected(make_client, library)
    found = await client.changes.since(START)
    assert (len(found.assets), found.complete) == (5, False)
    assert await client.changes.count(updated=Span(after=START)) == 7
    assert await client.changes.count(added=Span(after=START, before=START)) == 1


async def test_limit_exactly_met(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as the limit are all there are."""
    monkeypatch.setattr(changes, "MOST_FOUND", 3)
    at(immich, 0)
    for _ in range(3):
        upload(immich)
    client = await connected(make_client, immich)
    found = await client.changes.since(START + SECOND * 0)
    assert (len(found.assets), found.complete) == (3, True)


async def test_counts_leave_hidden_parts_out(library: FakeImmich, make_client: MakeClient) -> None:
    """A count is of what would be found, the trash included."""
    upload(library)
    upload(library, visibility=Visibility.ARCHIVE)
    upload(library, trashed_at=library.state.now())
    upload(library, visibility=Visibility.HIDDEN)
    client = await connected(make_client, library)
    assert await client.changes.count(added=Span(after=START)) == 3


async def test_key_that_may_not_count(library: FakeImmich, make_client: MakeClient) -> None:
    """Without `asset.statistics` nothing is counted, and nothing fails."""
    admin = next(iter(library.state.users.values()))
    library.state.add_api_key(admin, ["user.read", "asset.read"], secret="no-counts")
    client = await connected(make_client, library, "no-counts")
    upload(library)
    assert len((await client.changes.since(START)).assets) == 1
    assert await client.changes.count(added=Span(after=START)) is None


class _AfterFirstPage(Fault):
    """Deletes a photo of the first page as soon as that was read, so that numbered pages would shift."""

    def __init__(self, immich: FakeImmich, asset: Asset) -> None:
        self.immich = immich
        self.asset = asset

    async def around(self, call: Call, proceed: Proceed) -> AnyAnswer:
        answer = await proceed()
        self.immich.state.remove_asset(self.asset.id)
        return answer


async def test_pages_shift(make_immich: MakeImmich, make_client: MakeClient) -> None:
    """Deletions while pages are read make none of the others be missed."""
    immich = await make_immich(library=None)
    at(immich, 0)
    photos = []
    for number in range(1500):
        at(immich, number)
        photos.append(upload(immich))
    client = await connected(make_client, immich)
    immich.faults.add("POST search/metadata", _AfterFirstPage(immich, photos[-1]), times=1)
    found = await client.changes.since(START)
    assert {asset.id for asset in found.assets} >= {photo.id for photo in photos[:-1]}
    assert found.complete


async def test_imported_at_one_moment(make_immich: MakeImmich, make_client: MakeClient) -> None:
    """Thousands of one moment are all found, each once."""
    immich = await make_immich(library=None)
    at(immich, 0)
    photos = {upload(immich).id for _ in range(2300)}
    client = await connected(make_client, immich)
    found = await client.changes.since(START)
    assert len(found.assets) == 2300
    assert {asset.id for asset in found.assets} == photos
